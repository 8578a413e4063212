"""The page of help: what the keys of the keyboard do, and how to search. The script shows its tables of keys too."""

from __future__ import annotations

from typing import Final

from msgspec import Struct
from quart import Blueprint, Response

from app.context import absolute_links, page_links
from app.web.render import Card, render


class Key(Struct, frozen=True):
    """What happens when a key is pressed."""

    keys: tuple[str, ...]
    """Any one of them."""
    meaning: str
    where: str
    """The pages on which it does."""


_EVERYWHERE: Final = "Everywhere"
_POSTS: Final = "Where there are posts"
_PICTURES: Final = "Pictures and videos"

KEYS: Final = (
    Key(("?",), "show these keys", _EVERYWHERE),
    Key(("s", "/"), "go to the search box", _EVERYWHERE),
    Key(("i",), "go to the threads of the board", _EVERYWHERE),
    Key(("c",), "go to its catalog", _EVERYWHERE),
    Key(("g",), "go to its gallery", _EVERYWHERE),
    Key(("n",), "go to the next page; in a list of threads, to the next thread", _EVERYWHERE),
    Key(("p",), "go to the page or the thread before", _EVERYWHERE),
    Key(("t",), "go to the top of the page", _EVERYWHERE),
    Key(("b",), "go to its bottom", _EVERYWHERE),
    Key(("Escape",), "close what is open: a preview, a picture, a video, these keys", _EVERYWHERE),
    Key(("j",), "go to the next post", _POSTS),
    Key(("k",), "go to the post before", _POSTS),
    Key(("o",), "open the thread of this post", _POSTS),
    Key(("Shift+Enter",), "on a quote: show the quoted post in place, or hide it again", _POSTS),
    Key(("Enter", "Space"), "on a spoiler: show it, or hide it again", _POSTS),
    Key(("Enter",), "on a thumbnail: show the whole file in place, or the thumbnail again", _PICTURES),
    Key(("e",), "show all pictures of a thread whole, or as thumbnails again", _PICTURES),
    Key(("←", "→"), "the picture before or after, with a picture over the page", _PICTURES),
    Key(("Home", "End"), "the first or the last picture, with a picture over the page", _PICTURES),
)
"""Every key that the script knows."""


class KeyTable(Struct, frozen=True):
    where: str
    keys: tuple[Key, ...]


def add_routes(blueprint: Blueprint) -> None:
    blueprint.add_url_rule("/_/help/", view_func=help_page, strict_slashes=False)


async def help_page() -> Response:
    places = dict.fromkeys(key.where for key in KEYS)
    return render(
        "help.html",
        title="Help",
        card=Card(absolute_links().help(), description="What the keys of the keyboard do here, and how to search."),
        tables=[KeyTable(place, tuple(key for key in KEYS if key.where == place)) for place in places],
        search_href=page_links().search(),
    )
