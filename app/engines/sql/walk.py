"""One board's matches in the order of their numbers, looked for piece by piece."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from msgspec.structs import replace

from app.db.base import Sql
from app.db.search_queries import SearchQueries, Stretch
from app.engines import BoardWalk
from app.engines.matching import Match, following, matches_in, place_in, time_of
from app.engines.sql.dates import SLACK, numbers_between
from app.engines.sql.in_place import rows_in_place
from app.engines.sql.opened_with import OpenedWith
from app.engines.threads import first_seen
from app.engines.walking import Task
from app.model import LARGEST_NUMBER, PostId
from app.reading import number
from app.search import Filter
from app.search.candidate import Candidate
from app.search.dates import WALL

if TYPE_CHECKING:
    from app.board import Board

RARE: Final = 5_000
"""Posts with one value that are still fetched by the value's index and sorted; of more, some are soon met on a walk.
That holds for up to ten million posts; for each ten millions more, as many again, up to four times as many: a disk that
is cold has to find each by itself."""

_FIRST_PIECE: Final = 2_000  # numbers that the first statement looks through
_SMALLEST_PIECE: Final = 500
_LARGEST_PIECE: Final = 1_000_000
_QUICK: Final = 0.1  # seconds; a piece that takes longer is not followed by a larger one
_SLOW: Final = 0.4
_LATEST: Final = 2**31 - 1  # the latest time that fits into PostgreSQL's columns
_FEWEST_ROWS: Final = 100
_THREADS_AT_ONCE: Final = 10
_LARGEST_THREADS: Final = 50_000  # posts that so many threads are taken to have at most
_MOST_ROWS: Final = 500  # a comment may have 64 kB


async def by_tables(board: Board, task: Task) -> BoardWalk:
    """The `Walker` that any board can do with."""
    return Walk(board, task)


class Walk:
    """A `BoardWalk` by statements to the archive's database."""

    def __init__(self, board: Board, task: Task) -> None:
        query, first = task.query, task.first

        async def fetch(sql: Sql) -> list[tuple[Any, ...]]:
            return await task.limit.within(lambda: board.database.fetch(sql))

        self.board = board
        self.pending: deque[Match] = deque()
        self.done = False
        self.next = first
        self.horizon: int | None = None
        self.total: int | None = None
        self.counts_by_looking = True
        self._query = query
        self._queries = SearchQueries(board.database.dialect, board.tables)
        self._fetch = fetch
        self._filters = tuple(each for each in query.filters if each.field.key != "op")
        self._opened_with = OpenedWith(board, query, self._queries, fetch)
        self._began_at = first
        self._threads: set[int] = set()
        self._stretches: deque[Stretch] = deque()
        self._piece: Stretch | None = None
        self._threads_in_piece: list[int] | None = None
        self._times: tuple[int, int] | None = None
        self._numbers = LARGEST_NUMBER if board.small else _FIRST_PIECE
        self._rows = _FEWEST_ROWS
        self._rows_in_piece = 0
        self._took = 0.0
        self._sparse = False

    async def begin(self) -> None:
        """Also finds out by which index matches are found."""
        if not self._possible():
            self.done = True
            return
        ends = (1, LARGEST_NUMBER)
        if not self.board.small:
            ((low, high),) = await self._fetch(self._queries.ends())
            ends = (number(low), number(high))
        for each in self._filters:
            if each.field.key == "num":
                ends = (
                    max(ends[0], each.value.number) if each.value.sign != "<=" else ends[0],
                    min(ends[1], each.value.number) if each.value.sign != ">=" else ends[1],
                )
        whole = Stretch(*ends)
        rare = None if self.board.small else await self._rare_value()
        self._times = self._stored_times()
        thread = self._query.get("tnum")
        if thread is not None:
            stretches = [replace(whole, by_num=False, thread=thread.number)]
        elif rare is not None:
            stretches = [replace(whole, by_num=False, value=rare)]
        elif self._query.get("ghost") == "only":
            stretches = [replace(whole, by_num=not self._queries.finds_ghosts, ghosts=True)]
        elif self._times is not None and not self.board.small:
            stretches = await self._around(self._times, whole)
        else:
            stretches = [whole]
        self._stretches.extend(stretches if self._query.oldest_first else reversed(stretches))
        self._skip_to_first()

    def _possible(self) -> bool:
        """Whether a board without some of the columns can have matches at all."""
        have = self.board.tables.posts.columns
        nothing = Candidate({}, self.board.settings.comments)
        return all(
            WALL in each.field.columns or have.intersection(each.field.columns) or each.matches(nothing)
            for each in self._filters
        )

    def _stored_times(self) -> tuple[int, int] | None:
        """Stored times between which all posts lie that are looked for; None where any will do."""
        start, end = self._query.get("start"), self._query.get("end")
        if start is None and end is None:
            return None
        first, last = max(0, (start or 0) - SLACK), _LATEST if end is None else end + SLACK
        return min(first, _LATEST), min(last, _LATEST)

    async def _rare_value(self) -> Filter | None:
        """A filter whose value an index finds in few posts."""
        for each in self._filters:
            if self._queries.finds(each):
                most = RARE * min(max(1, self.board.facts.posts // 10_000_000), 4)
                ((count,),) = await self._fetch(self._queries.how_many(each, most + 1))
                if number(count) <= most:
                    return each
        return None

    async def _around(self, times: tuple[int, int], whole: Stretch) -> list[Stretch]:
        """The numbers of a stretch of time. Elsewhere only ghost posts can be of that time, if an index finds them."""
        bounds = await numbers_between(self._fetch, self._queries, times, (whole.low, whole.high))
        low, high = (whole.high + 1, whole.high) if bounds is None else bounds
        inside = replace(whole, low=max(low, whole.low), high=min(high, whole.high))
        parts = [inside]
        if self._queries.finds_ghosts and self._query.get("ghost") != "none":
            ghosts = replace(whole, by_num=False, ghosts=True)
            parts = [replace(ghosts, high=inside.low - 1), inside, replace(ghosts, low=inside.high + 1)]
        return [part for part in parts if part.low <= part.high]

    def _skip_to_first(self) -> None:
        """Leaves out what earlier pages looked at."""
        first, up = self.next, self._query.oldest_first
        while self._stretches:
            stretch = self._stretches[0]
            if first is not None and (stretch.high < first.num if up else stretch.low > first.num):
                self._stretches.popleft()
                continue
            if first is not None and stretch.low <= first.num <= stretch.high:
                self._stretches[0] = replace(stretch, first=first)
            return
        self.done, self.next = True, None

    async def step(self) -> None:
        """Looks through a piece, or goes on in one: as many numbers as is wise at this speed, and as many rows as is
        wise in memory."""
        if self._piece is None:
            piece = self._next_piece()
            self._threads_in_piece = await self._opened_with.threads_in(piece)
            self._piece = piece
        piece, up = self._piece, self._query.oldest_first
        began = time.monotonic()
        rows = [] if self._threads_in_piece == [] else await self._candidates(piece)
        self._took += time.monotonic() - began
        self._rows_in_piece += len(rows)
        await self._take(rows)
        if len(rows) == self._rows:
            self.next = following(place_in(rows[-1]), up)
            self._piece = replace(piece, first=self.next)
            self.horizon = time_of(self.board, rows[-1])
            self._rows = min(self._rows * 2, _MOST_ROWS)
            return
        self._piece = None
        edge = piece.high if up else piece.low
        self.next = PostId(edge + 1) if up else PostId(edge - 1, LARGEST_NUMBER)
        self._skip_to_first()
        if not self.done:
            await self._look_around(edge, empty=not rows)
        self._learn(piece)

    async def _candidates(self, piece: Stretch) -> list[tuple[Any, ...]]:
        if self._sparse and piece.by_num and not piece.ghosts and self._queries.reads_in_place:
            rows = await rows_in_place(
                self._fetch,
                self._queries,
                self._query,
                piece,
                self._rows,
                times=self._times,
                threads=self._threads_in_piece,
            )
            if rows is not None:
                return rows
            self._sparse = False
        return await self._fetch(
            self._queries.candidates(self._query, piece, self._rows, times=self._times, threads=self._threads_in_piece)
        )

    def _learn(self, piece: Stretch) -> None:
        """How large the next piece is to be, and whether it can be expected to hold few candidates."""
        if self._took > _SLOW:
            self._numbers = max(self._numbers // 4, _SMALLEST_PIECE)
        elif self._took < _QUICK and self._rows_in_piece < self._rows:
            # A piece that is read in several goes may be sorted anew for each.
            self._numbers = max(self._numbers, min(self._numbers * 4, _LARGEST_PIECE))
        self._sparse = 2 * self._rows_in_piece * self._numbers < self._rows * (piece.high - piece.low + 1)
        self._rows_in_piece, self._took = 0, 0.0

    def _next_piece(self) -> Stretch:
        """The part of the stretch that comes next; all of it where an index leads to the posts."""
        stretch, up = self._stretches[0], self._query.oldest_first
        if not stretch.by_num:
            return stretch
        near = stretch.first.num if stretch.first is not None else (stretch.low if up else stretch.high)
        if up:
            return replace(stretch, low=near, high=min(stretch.high, near + self._numbers - 1))
        return replace(stretch, low=max(stretch.low, near - self._numbers + 1), high=near)

    async def _take(self, rows: Sequence[tuple[Any, ...]]) -> None:
        found = await matches_in(self.board, rows, self._queries.columns(self._filters), self._filters)
        found = [match for match in found if self._opened_with.allows(match)]
        if self._query.by_thread:
            found = await first_seen(found, self._threads, self._began_at, self._earlier)
        self.pending.extend(found)

    async def _earlier(self, threads: Sequence[int], first: PostId) -> set[int]:
        """Those of these threads that have matches which earlier pages have met: before `first`."""
        up = self._query.oldest_first
        before = Stretch(1, first.num) if up else Stretch(first.num, LARGEST_NUMBER)
        rows: list[tuple[Any, ...]] = []
        for start in range(0, len(threads), _THREADS_AT_ONCE):
            some = threads[start : start + _THREADS_AT_ONCE]
            rows += await self._fetch(
                self._queries.candidates(self._query, before, _LARGEST_THREADS, times=self._times, threads=some)
            )
        found = await matches_in(self.board, rows, self._queries.columns(self._filters), self._filters)
        return {
            match.thread_num
            for match in found
            if (match.id < first if up else match.id > first) and self._opened_with.allows(match)
        }

    async def _look_around(self, edge: int, *, empty: bool) -> None:
        """Leaps over numbers that nobody has, and finds out what time it is where the walk stands."""
        up = self._query.oldest_first
        if empty:
            ((num,),) = await self._fetch(self._queries.beyond(edge, oldest_first=up))
            if num is None:
                self._stretches.clear()
            else:
                self.next = PostId(number(num)) if up else PostId(number(num), LARGEST_NUMBER)
            self._skip_to_first()
            if self.done:
                return
        assert self.next is not None
        for _, stored in await self._fetch(self._queries.moment(self.next.num, upwards=up)):
            self.horizon = self.board.clock.to_utc(number(stored), self.next.num)
