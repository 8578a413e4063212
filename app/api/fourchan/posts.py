"""Posts as 4chan's interface answers them (FoolFuuka notes, section 8)."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from functools import partial
from types import MappingProxyType
from typing import Final

from msgspec import UNSET, UnsetType

from app.api.fourchan.files import file_keys
from app.api.fourchan.quotes import Quotes
from app.api.fourchan.shapes import FileKeys, FourchanPost
from app.context import current_archive
from app.countries import country_of
from app.exif import read_exif
from app.markup import escape_site, to_fourchan
from app.markup.clean import clean
from app.model import Post
from app.times import site_now

TURN: Final = 100
"""Posts shaped in one go before other requests get their turn."""

_CAPCODES: Final = MappingProxyType(
    {"M": "mod", "A": "admin", "D": "developer", "V": "verified", "F": "founder", "G": "manager"}
)


async def shaped(posts: Sequence[Post]) -> dict[int, FourchanPost]:
    """The shapes of posts of one board, none of them ghost posts, by number; without what only first posts have."""
    archive = current_archive()
    conversation = await archive.conversation(posts)
    quotes = Quotes(archive, conversation)
    anonymous = html_text(archive.settings.site.anonymous_name)
    shapes = {}
    for place, post in enumerate(posts, 1):
        comment = to_fourchan(conversation.comments[post.board, post.id], partial(quotes.link, post), quotes.board)
        shapes[post.num] = post_shape(post, comment, anonymous)
        if place % TURN == 0:
            await asyncio.sleep(0)
    return shapes


def post_shape(post: Post, comment: str, anonymous: str) -> FourchanPost:
    """`comment` and `anonymous`, the name of those who gave none, are HTML."""
    exif = read_exif(post.exif)
    code, country = (UNSET, UNSET) if post.country is None else _country(post.country)
    flag, flag_name = (UNSET, UNSET) if exif.flag is None else map(html_text, exif.flag)
    file = FileKeys() if post.media is None else file_keys(post.media, exif.tim)
    return FourchanPost(
        no=post.num,
        now=site_now(post.time),
        name=html_text(post.name) if post.name else anonymous,
        trip=_optional(post.trip),
        id=_optional(post.poster_hash),
        capcode=_CAPCODES.get(post.capcode or "", UNSET),
        country=code,
        country_name=country,
        board_flag=flag,
        flag_name=flag_name,
        sub=_optional(post.subject),
        com=comment or UNSET,
        time=post.time,
        resto=0 if post.op else post.thread_num,
        since4pass=UNSET if exif.since4pass is None else exif.since4pass,
        **file,
    )


def html_text(text: str) -> str:
    """Stored text as 4chan's interface gives it: escaped, with only characters that HTML allows."""
    return escape_site(clean(text))


def _optional(text: str | None) -> str | UnsetType:
    return html_text(text) if text else UNSET


def _country(stored: str) -> tuple[str, str]:
    """Code, always of two characters, and name. 4chan says XX and "Unknown" of what it does not know."""
    code, name = country_of(stored)
    if len(code) == 2 and code.isascii() and code.isalnum():
        return code, html_text(name or "Unknown")
    return "XX", html_text(stored)
