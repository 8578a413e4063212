"""What the address of a search page says: keys and values, in its query string or in its path.

The query string is the form that pages link to. FoolFuuka's form, `/g/search/text/cat/page/2/`, means the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final
from urllib.parse import parse_qsl, unquote_to_bytes

from msgspec import Struct
from msgspec.structs import replace

from app.errors import BadRequest, NotFound
from app.model import BoardSummary, listed
from app.search import Asked, Query, read_query
from app.urls import Links

Pairs = Sequence[tuple[str, str]]

_KEPT: Final = ("language", "theme")
"""Keys that other parts of the site read, and that a redirect must not lose."""


class Place(Struct, frozen=True):
    """Which part of what was found a page shows, and how. At most one of `cursor` and `page` is given."""

    cursor: str | None = None
    page: int | None = None
    """From 2; the first page needs no number."""
    gallery: bool = False

    def pairs(self) -> list[tuple[str, str]]:
        given = (("cursor", self.cursor), ("page", self.page), ("view", "gallery" if self.gallery else None))
        return [(key, str(value)) for key, value in given if value is not None]


class Asking(Struct, frozen=True):
    """A search page that an address asks for."""

    query: Query
    place: Place
    ignored: tuple[str, ...]
    """Keys that mean nothing here."""
    board: str | None
    """The board whose search page it is."""
    by_path: bool = False
    """Whether it is asked for in FoolFuuka's form, as old links and programs do."""

    def pairs(self) -> list[tuple[str, str]]:
        """Keys and values of its address, the one to link to."""
        return [*self.query.pairs(boards=self.board is None), *self.place.pairs()]


def search_address(links: Links, board: str | None, query: Query, place: Place | None = None) -> str:
    """The address of a search, on the page of `board` or, without one, on that of all boards."""
    return links.search(board, [*query.pairs(boards=board is None), *([] if place is None else place.pairs())])


def read_asking(pairs: Pairs, boards: Mapping[str, BoardSummary], board: str | None) -> Asking:
    """Raises InvalidSearch, or BadRequest for a place that is none."""
    asked: Asked = read_query(pairs, boards, board)
    query = asked.query
    if len(query.boards) > 1 and set(query.boards) == {each.name for each in listed(boards)}:
        query = replace(query, boards=())
    return Asking(query, _place(pairs, query), asked.ignored, board)


def is_canonical(pairs: Pairs, asking: Asking) -> bool:
    """Whether an address with these pairs is the one to link to."""
    return [pair for pair in pairs if pair[0] not in _KEPT] == asking.pairs()


def kept_pairs(pairs: Pairs) -> list[tuple[str, str]]:
    """What of an address is not the search's own, and stays when it is written anew."""
    return [(key, value) for key, value in pairs if key in _KEPT and value]


def query_pairs(query_string: bytes) -> list[tuple[str, str]]:
    """Keys and values of a query string, empty values included."""
    return parse_qsl(
        query_string.decode("utf-8", "replace"), keep_blank_values=True, encoding="utf-8", errors="replace"
    )


def path_pairs(raw_path: bytes, root_path: str) -> list[tuple[str, str]]:
    """Keys and values of a path such as `/g/search/text/cat%2Fdog/order/asc/`, each decoded once.

    The path is taken as it was sent, because an escaped slash is part of a value. A key at the end that has no
    value says nothing. Raises NotFound for a path whose slashes are not where they seem to be.
    """
    above = root_path.rstrip("/").count("/")
    _, _, folder, *parts = [_decoded(part) for part in raw_path.split(b"/")[above:]]
    if folder != "search":
        raise NotFound("There is no page at this address.")
    if parts and not parts[-1]:
        parts.pop()
    return list(zip(parts[::2], parts[1::2], strict=False))


def _decoded(part: bytes) -> str:
    return unquote_to_bytes(part).decode("utf-8", "replace")


def _place(pairs: Pairs, query: Query) -> Place:
    given: dict[str, str] = {}
    for key, value in pairs:
        if value.strip():
            given.setdefault(key.strip().lower(), value.strip())
    page = given.get("page", "1")
    if not (page.isascii() and page.isdigit() and len(page) <= 9 and int(page) >= 1):
        raise BadRequest('The parameter "page" must be a whole number, from 1 on.')
    if "cursor" in given and int(page) > 1:
        raise BadRequest('The parameters "cursor" and "page" cannot be used together.')
    return Place(
        cursor=given.get("cursor"),
        page=int(page) if int(page) > 1 else None,
        gallery=given.get("view") == "gallery" and query.get("file") != "without",
    )
