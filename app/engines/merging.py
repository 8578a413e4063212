"""A search through several boards at once: their matches in one order, by time, as far as that order is certain."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from app.compat import timeout
from app.db.base import Database, Sql
from app.engines import Found, Hit
from app.engines.cursor import Cursor
from app.engines.matching import Match
from app.engines.walk import Walk
from app.errors import Unavailable
from app.model import PostId
from app.reading import number
from app.search import Query

if TYPE_CHECKING:
    from app.board import Board


class Pace(Struct, frozen=True):
    """How long a search may take, in seconds."""

    budget: float = 4.0
    """Until it stops with what it has."""
    counting: float = 0.05
    """After which it stops once the page is full; until then it goes on, to say how many there are."""


class _TimeUp(Exception):
    pass


class Merge:
    """One search, from where an earlier page ended. Its time runs from the moment it is made.

    While `others_wait` it counts no posts beyond its page.
    """

    def __init__(
        self, query: Query, boards: Sequence[Board], begins: Cursor, pace: Pace, *, others_wait: Callable[[], bool]
    ) -> None:
        self._query = query
        self._begins = begins
        self._pace = pace
        self._others_wait = others_wait
        self._started = time.monotonic()
        self._walks = [
            Walk(board, query, partial(self._fetch, board.database), begins.places.get(board.name))
            for board in boards
            if begins.places.get(board.name, PostId(0)) is not None
        ]
        self._merged: list[tuple[Walk, Match]] = []

    async def run(self, limit: int, *, skipped: int) -> Found:
        stopped = False
        try:
            for walk in self._walks:
                await walk.begin()
            # One more than the page holds tells whether there is another page.
            while (behind := self._farthest_behind()) is not None and not self._enough(skipped + limit + 1):
                await behind.step()
                self._take()
        except _TimeUp:
            stopped = True
        self._take()
        shown = self._merged[skipped : skipped + limit]
        rest = self._merged[skipped + limit :]
        if stopped and not self._merged and all(walk.next == self._began(walk) for walk in self._walks):
            raise Unavailable("The database is too slow to search in at the moment.", retry_after=30)
        seen = self._begins.seen
        behind = self._farthest_behind()
        return Found(
            hits=await self._hits(shown),
            total=seen + len(self._merged) + sum(len(walk.pending) for walk in self._walks),
            exact=behind is None,
            cursor=self._cursor(seen + min(skipped + limit, len(self._merged)), rest) if behind or rest else None,
            stopped=stopped and len(shown) < limit,
            reached=behind.horizon if behind is not None else None,
        )

    def _began(self, walk: Walk) -> PostId | None:
        return self._begins.places.get(walk.board.name)

    async def _fetch(self, database: Database, sql: Sql) -> list[tuple[Any, ...]]:
        left = self._started + self._pace.budget - time.monotonic()
        if left <= 0:
            raise _TimeUp
        try:
            async with timeout(left):
                return await database.fetch(sql)
        except asyncio.TimeoutError:
            raise _TimeUp from None

    def _enough(self, wanted: int) -> bool:
        if len(self._merged) < wanted:
            return False
        return self._others_wait() or time.monotonic() - self._started >= self._pace.counting

    def _farthest_behind(self) -> Walk | None:
        """The unfinished walk that stands at the newest time (oldest first: the oldest), None when all are done."""
        unfinished = [walk for walk in self._walks if not walk.done]
        return min(unfinished, key=self._standing, default=None)

    def _standing(self, walk: Walk) -> tuple[bool, int]:
        return walk.horizon is not None, self._key(walk.horizon or 0)

    def _key(self, moment: int) -> int:
        return moment if self._query.oldest_first else -moment

    def _take(self) -> None:
        """Moves matches into the merged list while no walk can come up with one that belongs before them."""
        while True:
            waiting = [walk for walk in self._walks if walk.pending]
            if not waiting:
                return
            best = min(waiting, key=lambda walk: self._key(walk.pending[0].time))
            key = self._key(best.pending[0].time)
            for walk in self._walks:
                if walk is best or walk.done or walk.pending:
                    continue
                if walk.horizon is None or self._key(walk.horizon) <= key:
                    return
            self._merged.append((best, best.pending.popleft()))

    async def _hits(self, shown: Sequence[tuple[Walk, Match]]) -> tuple[Hit, ...]:
        if not self._query.by_thread:
            return tuple(Hit(walk.board.name, match.id) for walk, match in shown)
        opened: set[tuple[str, int]] = set()
        for walk in self._walks:
            nums = sorted({match.thread_num for each, match in shown if each is walk})
            if nums:
                # The answer is known; this last look is worth a moment more.
                rows = await walk.board.database.fetch(walk.board.queries.threads_of(nums))
                opened |= {(walk.board.name, number(num)) for num, subnum, _ in rows if not number(subnum)}
        return tuple(
            Hit(walk.board.name, PostId(match.thread_num))
            if (walk.board.name, match.thread_num) in opened
            and not walk.board.moderation.is_removed(PostId(match.thread_num))
            else Hit(walk.board.name, match.id)
            for walk, match in shown
        )

    def _cursor(self, seen: int, rest: Sequence[tuple[Walk, Match]]) -> str:
        places: dict[str, PostId | None] = {name: None for name, place in self._begins.places.items() if place is None}
        for walk in self._walks:
            following = [match.id for each, match in rest if each is walk]
            if following:
                places[walk.board.name] = following[0]
            elif walk.pending:
                places[walk.board.name] = walk.pending[0].id
            elif walk.done or walk.next is not None:
                places[walk.board.name] = walk.next
        return str(Cursor(seen, places))
