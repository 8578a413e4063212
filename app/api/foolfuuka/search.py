"""Searches as FoolFuuka answers them (FoolFuuka notes, sections 1 and 2).

It takes nothing amiss: what it does not know it ignores, and what cannot be found is "No results found.".
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from types import MappingProxyType
from typing import Final

from quart import Response

from app.api.answering import answer
from app.api.foolfuuka.asking import pairs
from app.api.foolfuuka.errors import NoPage, Told
from app.api.foolfuuka.posts import shaped
from app.api.foolfuuka.search_places import current_places
from app.api.foolfuuka.search_title import search_title
from app.api.foolfuuka.shapes import FoolFound, FoolSearch, FoolSearchMeta
from app.context import current_archive
from app.search import InvalidSearch, Query, read_query

PAGE: Final = 25
REACHABLE: Final = 5_000
"""Posts of a search that can be had, page by page."""

NOTHING: Final = "No results found."
AWAY: Final = "The search backend is currently unavailable."

_NUMBERS: Final = MappingProxyType(
    {"tnum": "Thread number", "height": "Image height", "width": "Image width", "since4pass": "Since4pass"}
)
"""Keys whose value must be a number, with what they are called, in the order in which they are looked at."""

_CHOICES: Final = ("capcode", "deleted", "ghost", "type", "filter", "start", "end")
"""Keys that are ignored when their value makes no sense."""

_WORDS: Final = ("subject", "username", "email", "filename")
"""Keys whose words are only words; in `text` some signs between them mean something."""

_OTHERS: Final = ("text", "tripcode", "uid", "country", "image")
_KEYS: Final = (*_NUMBERS, *_CHOICES, *_WORDS, *_OTHERS)

_BAR: Final = re.compile(r'"[^"]*"?|\|')
"""A `|` between words, which need no spaces around it; what is quoted is passed over."""

_NUMERIC: Final = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?", re.ASCII)
_PAGE: Final = re.compile(r"[0-9]+", re.ASCII)
_MOST_DIGITS: Final = 9


async def search() -> Response:
    """Raises Told, NoPage; Unavailable while the database cannot be searched."""
    archive = current_archive()
    given = {key: text for key, value in pairs() if (text := value.strip())}  # of several values the last one counts
    query = _query(given, archive.boards)
    page = _page(given.get("page", ""))
    if page > REACHABLE // PAGE:
        raise Told(NOTHING)
    places, name = current_places(), (tuple(query.pairs()), query.boards or tuple(archive.boards))
    cursor = places.get((name, page))
    result = await archive.search(query, limit=PAGE, cursor=cursor, page=page if cursor is None else 1)
    if result.cursor is not None:
        # Whoever asks for a page again whose time was up before anything was found gets further than before.
        places.put((name, page + 1 if result.posts else page), result.cursor)
    if not result.posts:
        raise Told(AWAY if result.outcome == "stopped early" else NOTHING)
    meta = FoolSearchMeta(result.total, str(REACHABLE), search_title(query, given))
    return answer(FoolSearch(FoolFound(await shaped(result.posts)), meta))


def _query(given: Mapping[str, str], known: Collection[str]) -> Query:
    for key, name in _NUMBERS.items():
        if key in given and _NUMERIC.fullmatch(given[key]) is None:
            raise Told(f"{name} you inserted is not a valid number.")
    boards = [name for name in re.split(r"[.,\s]+", given.get("boards") or given.get("board", "")) if name in known]
    wanted = [("boards", ".".join(boards)), ("order", "asc" if given.get("order") == "asc" else "")]
    wanted.append(("results", "thread" if given.get("results") == "thread" else ""))
    for key in _KEYS:
        if key in given:
            pair = key, _as_meant(key, given[key])
            try:
                read_query([pair], known)
                wanted.append(pair)
            except InvalidSearch:
                if key not in _CHOICES:
                    raise Told(NOTHING) from None
    try:
        return read_query(wanted, known).query
    except InvalidSearch:  # each is right by itself, so some contradict each other: dates in the wrong order
        raise Told(NOTHING) from None


def _as_meant(key: str, value: str) -> str:
    """A value in our grammar that means there what it means to FoolFuuka."""
    if key == "text":
        apart = _BAR.sub(lambda found: " | " if found[0] == "|" else found[0], value)
        return f"| {apart}" if apart.startswith("=") else apart  # which else would ask for the whole text
    if key in _WORDS:
        return " ".join(map(_plain, value.replace('"', " ").split()))
    if key == "image":
        return value.replace(" ", "+")  # a plus sign that was not encoded
    return value


def _plain(word: str) -> str:
    return f'"{word}"' if word.startswith(("-", "=")) or word == "|" else word


def _page(text: str) -> int:
    """Raises NoPage. Digits count up to the first character that is none; absent or 0 is the first page."""
    found = _PAGE.match(text or "0")
    if found is None:
        raise NoPage
    return max(1, int(found[0][:_MOST_DIGITS]))
