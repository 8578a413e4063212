"""The order of a board's threads: read from `{board}_threads`, or kept in memory where that table is missing."""

from __future__ import annotations

import asyncio
import logging
import re
import time
from bisect import bisect_left, bisect_right, insort
from collections.abc import Collection
from typing import Any, Final, Protocol

from msgspec import Struct

from app.db.base import Database, StatementRefused
from app.db.queries import BoardQueries
from app.db.schema import Table
from app.db.thread_queries import Order, ThreadQueries
from app.errors import BadRequest, Unavailable
from app.model import LARGEST_NUMBER
from app.reading import flag, number

log = logging.getLogger("koiwai.threads")

_CURSOR = re.compile(r"([0-9]{1,10})-([0-9]{1,10})", re.ASCII)


class ThreadKey(Struct, frozen=True):
    """A thread's place in a list."""

    num: int
    value: int
    """What the list is sorted by, as stored: a time, or the thread's number."""
    bumped: int
    """Time of the last bump, as stored."""
    sticky: bool
    locked: bool

    @property
    def cursor(self) -> str:
        return f"{self.value}-{self.num}"


class Stretch(Struct, frozen=True):
    """Which part of a list is asked for. At most one of `before`, `after` and `offset` is given."""

    limit: int
    before: tuple[int, int] | None = None
    after: tuple[int, int] | None = None
    offset: int = 0


class ThreadList(Protocol):
    """A board's threads in one of three orders, newest first."""

    async def stretch(self, order: Order, stretch: Stretch, without: Collection[int] = ()) -> list[ThreadKey]:
        """The threads of a part of the list, without some of them."""

    async def count(self, order: Order) -> int: ...

    async def pinned(self, limit: int) -> list[ThreadKey]:
        """Threads that the live site or a moderator made sticky."""

    async def find(self, thread_num: int) -> ThreadKey | None:
        """The entry of one thread with its flags; None where the list has none."""

    async def numbers(self, start: int, limit: int) -> list[int]:
        """The numbers of the threads from `start` on, lowest first."""

    async def number_behind(self, start: int, count: int) -> int | None:
        """The number of the thread that follows the first `count` threads from `start` on; None where none does."""


def read_cursor(text: str, parameter: str) -> tuple[int, int]:
    """The (value, thread number) of a cursor out of an address. Raises BadRequest naming the parameter."""
    match = _CURSOR.fullmatch(text)
    if match is None or max(int(match[1]), int(match[2])) > LARGEST_NUMBER:
        raise BadRequest(f'The parameter "{parameter}" is not a place in this list.')
    return int(match[1]), int(match[2])


class TableThreads:
    """`{board}_threads`. An order whose column the table lacks has no threads."""

    def __init__(self, database: Database, table: Table) -> None:
        self._database = database
        self._queries = ThreadQueries(database.dialect, table)

    async def stretch(self, order: Order, stretch: Stretch, without: Collection[int] = ()) -> list[ThreadKey]:
        if not self._queries.offers(order):
            return []
        statement = self._queries.page(
            order,
            stretch.limit,
            older_than=stretch.before,
            newer_than=stretch.after,
            offset=stretch.offset,
            without=tuple(without),
        )
        keys = [_key(row) for row in await self._database.fetch(statement)]
        return keys[::-1] if stretch.after is not None else keys

    async def count(self, order: Order) -> int:
        if not self._queries.offers(order):
            return 0
        row = await self._database.fetch_one(self._queries.count(order))
        return number(row[0]) if row else 0

    async def pinned(self, limit: int) -> list[ThreadKey]:
        statement = self._queries.pinned(limit)
        return [] if statement is None else [_key(row) for row in await self._database.fetch(statement)]

    async def find(self, thread_num: int) -> ThreadKey | None:
        row = await self._database.fetch_one(self._queries.flags(thread_num))
        return None if row is None else _key(row)

    async def numbers(self, start: int, limit: int) -> list[int]:
        return [number(num) for (num,) in await self._database.fetch(self._queries.numbers(start, limit))]

    async def number_behind(self, start: int, count: int) -> int | None:
        row = await self._database.fetch_one(self._queries.number_behind(start, count))
        return None if row is None else number(row[0])


def _key(row: tuple[Any, ...]) -> ThreadKey:
    num, value, bumped, sticky, locked = row
    return ThreadKey(number(num), number(value), number(bumped), flag(sticky), flag(locked))


_ROWS_AT_ONCE: Final = 200_000
_SORTED_IN: Final = 2_000  # changed threads; more of them are sorted anew together with all others
_FEWEST_ROWS: Final = 1_000
_PAUSE: Final = 1.0  # seconds between two tries
_LOOK_AGAIN_AFTER: Final = 5.0  # seconds


class DerivedThreads:
    """Threads put together from the posts, read once in pieces by doc_id and kept up with from there."""

    def __init__(self, database: Database, board: str, queries: BoardQueries) -> None:
        self._database = database
        self._board = board
        self._queries = queries
        self._times: dict[int, tuple[int, int]] = {}
        self._sorted: dict[Order, list[tuple[int, int]]] = {}
        self._up_to = 0
        self._looked = float("-inf")
        self.progress = 0.0
        """Share of the posts read so far; 1.0 when the list can be used."""

    async def stretch(self, order: Order, stretch: Stretch, without: Collection[int] = ()) -> list[ThreadKey]:
        entries = await self._entries(order)
        room = stretch.limit + len(without)
        if stretch.after is not None:
            start = bisect_right(entries, stretch.after)
            near = [entry for entry in entries[start : start + room] if entry[1] not in without]
            chosen = near[: stretch.limit][::-1]
        else:
            end = len(entries) if stretch.before is None else bisect_left(entries, stretch.before)
            end = max(0, end - stretch.offset)
            near = [entry for entry in entries[max(0, end - room) : end] if entry[1] not in without]
            chosen = near[::-1][: stretch.limit]
        return [ThreadKey(num, value, self._times[num][0], sticky=False, locked=False) for value, num in chosen]

    async def count(self, order: Order) -> int:
        return len(await self._entries(order))

    async def pinned(self, limit: int) -> list[ThreadKey]:
        return []

    async def find(self, thread_num: int) -> ThreadKey | None:
        return None  # posts alone do not tell what the list would add

    async def numbers(self, start: int, limit: int) -> list[int]:
        entries = await self._entries("creation")
        first = bisect_left(entries, (start, start))
        return [num for num, _ in entries[first : first + limit]]

    async def number_behind(self, start: int, count: int) -> int | None:
        entries = await self._entries("creation")
        place = bisect_left(entries, (start, start)) + count
        return entries[place][0] if place < len(entries) else None

    async def load(self) -> None:
        """Reads all posts there are, however long that takes; afterwards `progress` is 1.

        Raises StatementRefused when not even the first of them can be read.
        """
        piece = _ROWS_AT_ONCE
        while self.progress < 1.0:
            try:
                await self._load_piece(piece)
            except Unavailable as error:  # the database is away, or the piece took too long
                if isinstance(error, StatementRefused) and not self._up_to:
                    raise
                piece = max(piece // 2, _FEWEST_ROWS)
                await asyncio.sleep(_PAUSE)

    async def _load_piece(self, rows: int) -> None:
        row = await self._database.fetch_one(self._queries.last_doc_id())
        newest = number(row[0]) if row else 0
        if self._up_to < newest:
            await self._read(self._up_to, min(self._up_to + rows, newest))
        self._looked = time.monotonic()
        self.progress = self._up_to / newest if newest else 1.0
        log.info("/%s/ has no table of threads: %.0f %% of its posts read", self._board, self.progress * 100)

    async def _entries(self, order: Order) -> list[tuple[int, int]]:
        """(value, thread number), oldest first."""
        await self._catch_up()
        if order not in self._sorted:
            entries = [_entry(order, num, times) for num, times in self._times.items()]
            self._sorted[order] = sorted(entry for entry in entries if entry is not None)
        return self._sorted[order]

    async def _catch_up(self) -> None:
        if self.progress < 1.0:
            raise Unavailable(f"The list of threads is being put together ({self.progress:.0%} done).", retry_after=10)
        if time.monotonic() - self._looked < _LOOK_AGAIN_AFTER:
            return
        self._looked = time.monotonic()
        row = await self._database.fetch_one(self._queries.last_doc_id())
        newest = number(row[0]) if row else 0
        if newest > self._up_to:
            await self._read(self._up_to, newest)

    async def _read(self, after: int, up_to: int) -> None:
        rows = await self._database.fetch(self._queries.threads_between(after, up_to))
        if len(rows) > _SORTED_IN:
            self._sorted.clear()
        for thread_num, bumped, ghost in rows:
            num = number(thread_num)
            known = self._times.get(num)
            old = known or (0, 0)
            new = (max(old[0], number(bumped)), max(old[1], number(ghost)))
            self._times[num] = new
            for order, entries in self._sorted.items():
                _move(entries, None if known is None else _entry(order, num, known), _entry(order, num, new))
        self._up_to = up_to


def _entry(order: Order, num: int, times: tuple[int, int]) -> tuple[int, int] | None:
    """The (value, thread number) of a thread in a list; None where it is not in that list."""
    if order == "creation":
        return (num, num)
    value = times[0] if order == "bump" else times[1]
    return None if order == "ghost" and not value else (value, num)


def _move(entries: list[tuple[int, int]], old: tuple[int, int] | None, new: tuple[int, int] | None) -> None:
    """Puts a thread where it belongs now."""
    if old == new:
        return
    if old is not None:
        del entries[bisect_left(entries, old)]
    if new is not None:
        insort(entries, new)
