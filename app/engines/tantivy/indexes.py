"""Who walks a board that may have an index."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from app.engines import BoardWalk
from app.engines.pacing import TimeUp
from app.engines.sql.walk import by_tables
from app.engines.tantivy.conditions import asks_for_short_beginnings
from app.engines.tantivy.shelf import Shelf
from app.engines.tantivy.threads import SearchThreads
from app.engines.tantivy.walk import IndexWalk
from app.engines.walking import Task, Walker
from app.errors import Unavailable

if TYPE_CHECKING:
    from app.board import Board


class Indexes:
    """Those in the folder `[app] state`, for all searches of a process."""

    def __init__(self, state: Path, *, otherwise: Walker | None) -> None:
        """`otherwise` walks boards without an index; without it they cannot be searched."""
        self._shelf = Shelf(state)
        self._otherwise = otherwise
        self._threads = SearchThreads()

    async def walk(self, board: Board, task: Task) -> BoardWalk:
        """Raises Unavailable for a board that cannot be searched."""
        if asks_for_short_beginnings(task.query):
            return await by_tables(board, task)
        try:
            snapshot = await task.limit.within(lambda: self._shelf.snapshot(board))
        except TimeUp:
            raise Unavailable("Searching takes too long at the moment.", retry_after=30) from None
        if snapshot is not None:
            return IndexWalk(board, task, snapshot, self._threads)
        if self._otherwise is None:
            raise Unavailable(f"The search index of /{board.name}/ is not there at the moment.", retry_after=60)
        return await self._otherwise(board, task)

    async def close(self) -> None:
        await self._shelf.close()
        self._threads.close()
