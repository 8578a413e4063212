"""A search through boards that are walked, whoever finds the posts of each: so many searches at once, page by page."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from app.compat import timeout
from app.engines import BoardWalk, Found
from app.engines.cursor import Cursor, read_cursor
from app.engines.merging import Merge
from app.engines.pacing import Pace, TimeLimit
from app.errors import BadRequest, Unavailable
from app.model import PostId
from app.search import Query

if TYPE_CHECKING:
    from app.board import Board

MOST_PAGES: Final = 200
"""Pages that can be asked for by number."""


class Task(Struct, frozen=True):
    """What a walk is asked for."""

    query: Query
    first: PostId | None
    """Where to begin; None: at the end of the board that is looked at first."""
    wanted: int
    """Matches that the page needs at most."""
    limit: TimeLimit


Walker = Callable[["Board", Task], BoardWalk]


class WalkingEngine:
    """At most `at_once` searches of a process run at once, so that pages keep their connections."""

    def __init__(
        self, walker: Walker, pace: Pace, *, at_once: int, close: Callable[[], Awaitable[None]] | None = None
    ) -> None:
        """`close` lets go of what the walks share."""
        self._walker = walker
        self._close = close
        self._pace = pace
        self._room = asyncio.Semaphore(at_once)
        self._waiting = 0

    async def search(
        self, query: Query, boards: Sequence[Board], *, limit: int, cursor: str | None = None, page: int = 1
    ) -> Found:
        if not 1 <= page <= MOST_PAGES:
            raise BadRequest(f'The parameter "page" must be a whole number from 1 to {MOST_PAGES}.')
        begins = Cursor() if cursor is None else read_cursor(cursor, {board.name for board in boards})
        time, skipped = TimeLimit(self._pace), (page - 1) * limit
        walks = [
            # One more than the page holds tells whether there is another page.
            self._walker(board, Task(query, begins.places.get(board.name), skipped + limit + 1, time))
            for board in boards
            if not begins.is_done(board.name)
        ]
        search = Merge(query, walks, begins, time, others_wait=lambda: self._waiting > 0)
        try:
            self._waiting += 1
            async with timeout(self._pace.budget):
                await self._room.acquire()
        except asyncio.TimeoutError:
            raise Unavailable("Too many searches are running at the moment.", retry_after=5) from None
        finally:
            self._waiting -= 1
        try:
            return await search.run(limit, skipped=skipped)
        finally:
            self._room.release()

    async def close(self) -> None:
        if self._close is not None:
            await self._close()
