"""Who walks a board that may have an index."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

from app.engines import BoardWalk
from app.engines.tantivy.shelf import Shelf
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
        self._threads = ThreadPoolExecutor(os.cpu_count() or 1, thread_name_prefix="search")

    async def walk(self, board: Board, task: Task) -> BoardWalk:
        """Raises Unavailable for a board that cannot be searched."""
        snapshot = await self._shelf.snapshot(board)
        if snapshot is not None:
            return IndexWalk(board, task, snapshot, self._threads)
        if self._otherwise is None:
            raise Unavailable(f"The search index of /{board.name}/ is not there at the moment.", retry_after=60)
        return await self._otherwise(board, task)

    async def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)
