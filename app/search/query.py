"""A search as one value, read from an address: the pairs of its path or of its query string, the same either way."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from types import MappingProxyType
from typing import Any, Final

from msgspec import Struct

from app.errors import BadRequest
from app.search.candidate import Candidate
from app.search.fields import BY_KEY, FIELDS, Field

ELSEWHERE: Final = frozenset({"page", "cursor", "limit", "view", "fields", "rendered", "q", "language", "theme"})
"""Keys that mean something beside a search; they are for others to read."""

_BOARD_NAME = re.compile(r"\w[\w-]*")
_ORDERS: Final = MappingProxyType(
    {"newest": False, "desc": False, "new": False, "oldest": True, "asc": True, "old": True}
)
_GROUPS: Final = MappingProxyType({"posts": False, "post": False, "thread": True, "threads": True})

# What FoolFuuka calls things. `filter` names what is filtered out: `text` leaves posts with a file.
_KEYS: Final = MappingProxyType(
    {"board": "boards", "trip": "tripcode", "name": "username", "hash": "image", "md5": "image"}
)
_PAIRS: Final[MappingProxyType[tuple[str, str], tuple[tuple[str, str], ...]]] = MappingProxyType(
    {
        ("filter", "text"): (("file", "with"),),
        ("filter", "image"): (("file", "without"),),
        ("filter", "spoiler"): (("spoiler", "spoiler"),),
        ("filter", "not-spoiler"): (("spoiler", "not-spoiler"),),
        ("type", "posts"): (("type", "reply"),),
        ("type", "sticky"): (("sticky", "sticky"),),
    }
)


class InvalidSearch(BadRequest):
    """A search that cannot be made sense of. `key` names the field at fault."""

    def __init__(self, key: str, why: str) -> None:
        self.key = key
        label = BY_KEY[key].label if key in BY_KEY else ""
        name = f'"{key}"' + (f" ({label})" if label else "")
        super().__init__(f"The search field {name} {why}.")


class Filter(Struct, frozen=True):
    """A field with the value that it must have."""

    field: Field
    value: Any

    @property
    def text(self) -> str:
        """The value as it stands in an address."""
        return self.field.kind.write(self.value)

    @property
    def says(self) -> str:
        return self.field.says(self.value)

    def matches(self, post: Candidate) -> bool:
        return self.field.matches(self.value, post)


class Query(Struct, frozen=True):
    """What is searched for. All filters must hold; equal searches are equal values."""

    filters: tuple[Filter, ...] = ()
    """In the order of FIELDS, each field once."""
    boards: tuple[str, ...] = ()
    """Names of the boards, each once; none stands for all that are not hidden."""
    by_thread: bool = False
    """Whether each thread is shown once, by its opening post."""
    oldest_first: bool = False

    def get(self, key: str) -> Any:
        """The value of a field, None where it is not asked for."""
        return next((each.value for each in self.filters if each.field.key == key), None)

    def pairs(self, *, boards: bool = True) -> list[tuple[str, str]]:
        """Keys and values of its canonical address; without `boards` that of a search page of one board."""
        found = [("boards", ".".join(self.boards))] if boards and self.boards else []
        found += [(each.field.key, each.text) for each in self.filters]
        if self.by_thread:
            found.append(("results", "thread"))
        if self.oldest_first:
            found.append(("order", "asc"))
        return found

    def without(self, key: str) -> Query:
        """The same search without one field."""
        kept = tuple(each for each in self.filters if each.field.key != key)
        return Query(kept, self.boards, self.by_thread, self.oldest_first)

    def with_(self, key: str, text: str) -> Query:
        """The same search with one field more, or another value for it."""
        field = BY_KEY[key]
        fresh = Filter(field, field.kind.read(text))
        return Query(_ordered([*self.without(key).filters, fresh]), self.boards, self.by_thread, self.oldest_first)

    @property
    def words(self) -> str:
        """What of posts is searched for, as the rest of a sentence: "with “cat” in the comment, by “Bob”"."""
        return ", ".join(each.says for each in self.filters)


class Asked(Struct, frozen=True):
    """What an address asks for."""

    query: Query
    ignored: tuple[str, ...] = ()
    """Keys that mean nothing here."""


def read_query(pairs: Iterable[tuple[str, str]], known_boards: Collection[str], board: str | None = None) -> Asked:
    """The search that keys and values describe; empty values count as not given. Raises InvalidSearch.

    `board` is the one whose search page it is; `boards` then says nothing new and is left out.
    """
    boards: dict[str, None] = {} if board is None else {board: None}
    given: dict[str, str] = {}
    ignored: dict[str, None] = {}
    for key, value in translated(pairs):
        if key == "filter":
            raise InvalidSearch("filter", "must be text, image, spoiler or not-spoiler")
        if key == "boards":
            if board is None:
                boards |= dict.fromkeys(_boards(value, known_boards))
        elif key in BY_KEY or key in ("order", "results"):
            if given.setdefault(key, value) != value:
                raise InvalidSearch(key, "is given twice")
        elif key not in ELSEWHERE:
            ignored[key[:50]] = None
    oldest_first, by_thread = _choice(given, "order", _ORDERS), _choice(given, "results", _GROUPS)
    filters = _ordered([_filter(BY_KEY[key], value) for key, value in given.items() if key in BY_KEY])
    query = Query(filters, tuple(boards), by_thread, oldest_first)
    _check(query)
    return Asked(query, tuple(ignored))


def translated(pairs: Iterable[tuple[str, str]]) -> Iterable[tuple[str, str]]:
    """The pairs that are not empty, with the keys of FIELDS for what has other names too."""
    for raw_key, raw_value in pairs:
        key, value = raw_key.strip().lower(), raw_value.strip()
        key = "boards" if key == "boards[]" else _KEYS.get(key, key)
        if not value:
            continue
        yield from _PAIRS.get((key, value.lower()), ((key, value),))


def _boards(value: str, known: Collection[str]) -> list[str]:
    names = [name for name in re.split(r"[.,\s]+", value) if name]
    for name in names:
        if name not in known:
            shown = f' "{name[:50]}"' if _BOARD_NAME.fullmatch(name) else ""
            raise InvalidSearch("boards", f"names a board{shown} that this archive does not have")
    return names


def _choice(given: dict[str, str], key: str, choices: MappingProxyType[str, bool]) -> bool:
    value = given.get(key)
    if value is None:
        return False
    if (found := choices.get(value.lower())) is None:
        raise InvalidSearch(key, f"must be {' or '.join(choices)}")
    return found


def _filter(field: Field, text: str) -> Filter:
    try:
        return Filter(field, field.kind.read(text))
    except ValueError as error:
        raise InvalidSearch(field.key, str(error)) from None


def _ordered(filters: Iterable[Filter]) -> tuple[Filter, ...]:
    by_key = {each.field.key: each for each in filters}
    return tuple(by_key[field.key] for field in FIELDS if field.key in by_key)


def _check(query: Query) -> None:
    start, end = query.get("start"), query.get("end")
    if start is not None and end is not None and start > end:
        raise InvalidSearch("start", "lies after the end")
    if query.get("op") is not None and query.get("type") == "op":
        raise InvalidSearch("op", 'finds replies, so it cannot go together with "type" = op')
