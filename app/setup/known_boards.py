"""What 4chan calls its boards, and which of them it marks as not safe for work: a start for boards.toml."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

_WORKSAFE: Final = """
3 3DCG; a Anime & Manga; adv Advice; an Animals & Nature; biz Business & Finance; c Anime/Cute; cgl Cosplay & EGL;
ck Food & Cooking; cm Cute/Male; co Comics & Cartoons; diy Do It Yourself; fa Fashion; fit Fitness;
g Technology; gd Graphic Design; his History & Humanities; int International; jp Otaku Culture; k Weapons; lgbt LGBT;
lit Literature; m Mecha; mlp Pony; mu Music; n Transportation; news Current News; o Auto; out Outdoors; p Photography;
po Papercraft & Origami; pw Professional Wrestling; qa Question & Answer; qst Quests; sci Science & Math; sp Sports;
tg Traditional Games; toy Toys; trv Travel; tv Television & Film; v Video Games; vg Video Game Generals;
vip Very Important Posts; vm Video Games/Multiplayer; vmg Video Games/Mobile; vp Pokémon; vr Retro Games;
vrpg Video Games/RPG; vst Video Games/Strategy; vt Virtual YouTubers; w Anime/Wallpapers; wsg Worksafe GIF;
wsr Worksafe Requests; x Paranormal; xs Extreme Sports
"""
_ADULT: Final = """
aco Adult Cartoons; b Random; bant International/Random; d Hentai/Alternative; e Ecchi; f Flash; gif Adult GIF;
h Hentai; hc Hardcore; hm Handsome Men; hr High Resolution; i Oekaki; ic Artwork/Critique; pol Politically Incorrect;
r Adult Requests; r9k ROBOT9001; s Sexy Beautiful Women; s4s Shit 4chan Says; soc Cams & Meetups; t Torrents;
trash Off-Topic; u Yuri; wg Wallpapers/General; y Yaoi
"""


def _table(text: str) -> dict[str, str]:
    entries = " ".join(text.split()).split("; ")
    return {name: title for name, _, title in (entry.partition(" ") for entry in entries)}


TITLES: Final = MappingProxyType({**_table(_WORKSAFE), **_table(_ADULT)})
"""Board name -> title."""

ADULT: Final = frozenset(_table(_ADULT))
"""Names of the boards that are not safe for work."""
