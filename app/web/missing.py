"""What a page that is not there offers in its place: what the archive does hold, a search, the live site."""

from __future__ import annotations

import re
from time import time
from typing import Final

from msgspec import Struct

from app.context import live_links, page_links
from app.model import LARGEST_NUMBER, BoardSummary
from app.times import month
from app.web.text import fit, one_line

_RECENT: Final = 2 * 86_400
"""Seconds: a board with a post as new as that is still being archived."""

_LONGEST: Final = 100
"""Characters of a path that are offered as words to search for."""

_POST: Final = re.compile(
    r"/[^/]+/(?P<kind>thread|res|last50|last/[0-9]+|deleted|post)/[^0-9/]{0,3}"
    r"(?P<post>(?P<num>[0-9]{1,10})(?P<ghost>[_,][0-9]{1,10})?)(?:[./#].*)?",
    re.ASCII,
)
_WORDS: Final = re.compile(r"/[^/]+/([^/]+)/?")


class WaysOn(Struct, frozen=True):
    """For `error.html`; "" and None print nothing."""

    coverage: str
    search_action: str
    search_place: str
    words: str
    """What may have been looked for: a number, or words."""
    live_href: str | None
    live_name: str
    random_href: str


def ways_on(path: str, board: BoardSummary | None) -> WaysOn:
    """Ways on from an address where nothing is, by its path; `board` is the board that it lies below."""
    links, live = page_links(), live_links()
    name = None if board is None else board.name
    found = _POST.fullmatch(path)
    there = None
    if found is not None and name is not None and found["kind"] != "post" and not found["ghost"]:
        num = int(found["num"])
        there = live.thread(name, num) if 1 <= num <= LARGEST_NUMBER else None
    return WaysOn(
        coverage="" if board is None else _coverage(board),
        search_action=links.search(name),
        search_place="all boards" if name is None else f"/{name}/",
        words=found["post"] if found is not None else "" if board is None else _words(path),
        live_href=there,
        live_name=fit(live.site.name),
        random_href=links.random(name or ""),
    )


def _coverage(board: BoardSummary) -> str:
    if board.oldest is None or board.newest is None:
        return ""
    until = "today" if time() - board.newest < _RECENT else month(board.newest)
    return f"This archive holds /{board.name}/ from {month(board.oldest)} to {until}."


def _words(path: str) -> str:
    """The only part of a path below its board as words: what somebody may have typed or shortened."""
    found = _WORDS.fullmatch(path)
    return "" if found is None else one_line(re.sub(r"[-_+.]+", " ", found[1]), _LONGEST)
