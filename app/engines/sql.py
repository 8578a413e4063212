"""The engine that needs nothing but the archive's own database.

It walks each board from the newest post on and stops when the page is full or its time is up, so an answer comes in
time whatever the size of the archive; what it did not reach is said, and the next page goes on from there.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from app.compat import timeout
from app.engines import Found
from app.engines.cursor import Cursor, read_cursor
from app.engines.merging import Merge, Pace
from app.errors import BadRequest, Unavailable
from app.search import Query

if TYPE_CHECKING:
    from app.board import Board

MOST_PAGES: Final = 200
"""Pages that can be asked for by number."""


class SqlEngine:
    """At most `at_once` searches of a process ask the database at once, so that pages keep their connections."""

    name = "sql"

    def __init__(self, pace: Pace, *, at_once: int) -> None:
        self._pace = pace
        self._room = asyncio.Semaphore(at_once)
        self._waiting = 0

    async def search(
        self, query: Query, boards: Sequence[Board], *, limit: int, cursor: str | None = None, page: int = 1
    ) -> Found:
        if not 1 <= page <= MOST_PAGES:
            raise BadRequest(f'The parameter "page" must be a whole number from 1 to {MOST_PAGES}.')
        begins = Cursor() if cursor is None else read_cursor(cursor, {board.name for board in boards})
        search = Merge(query, boards, begins, self._pace, others_wait=lambda: self._waiting > 0)
        try:
            self._waiting += 1
            async with timeout(self._pace.budget):
                await self._room.acquire()
        except asyncio.TimeoutError:
            raise Unavailable("Too many searches are running at the moment.", retry_after=5) from None
        finally:
            self._waiting -= 1
        try:
            return await search.run(limit, skipped=(page - 1) * limit)
        finally:
            self._room.release()
