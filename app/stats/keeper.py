"""The statistics that a running server has at hand: what `koiwai stats` has left, else what can soon be known."""

from __future__ import annotations

import asyncio
import logging
import time
from pathlib import Path
from typing import Final

from app.board import Board
from app.looks import state_of
from app.stats.glance import glance, recent
from app.stats.kept import Kept
from app.stats.lists import gated
from app.stats.model import BoardStatistics, Recent
from app.stats.results import ResultsError, folder_of, read_results, results_file

log = logging.getLogger("koiwai.statistics")

_LOOK_EVERY: Final = 2.0  # seconds between two looks for a new file
_GLANCE_GOOD_FOR: Final = 900.0
_RECENT_GOOD_FOR: Final = 60.0
_AT_ONCE: Final = 2
"""Boards that are looked at at the same time: requests shall find the database's connections free."""


class _Entry:
    """What is known of a board."""

    def __init__(self, board: Board, glance: Kept[BoardStatistics], recent: Kept[Recent | None]) -> None:
        self.board = board
        self.glance = glance
        self.recent = recent
        self.reading = asyncio.Lock()
        self.looked = float("-inf")
        self.seen: tuple[int, ...] = ()
        self.computed: BoardStatistics | None = None


class StatisticsKeeper:
    """For all boards of an archive."""

    def __init__(self, state: Path, anonymous: str) -> None:
        """`state`: the folder `[app] state`; `anonymous`: the name of the nameless."""
        self._folder = folder_of(state)
        self._anonymous = anonymous
        self._entries: dict[str, _Entry] = {}
        self._turn = asyncio.Semaphore(_AT_ONCE)

    async def of(self, board: Board, patience: float) -> BoardStatistics | None:
        """The board's statistics, without what moderators have taken away since they were made.

        Those that must be made first are waited for at most `patience` seconds; None until then.
        """
        entry = await self._entry(board)
        await self._read_computed(entry)
        statistics = entry.computed or await entry.glance.get(patience)
        return None if statistics is None else gated(board, statistics)

    async def recent(self, board: Board, patience: float) -> Recent | None:
        """The last 24 hours, at most some minutes old; None where they cannot be known."""
        return await (await self._entry(board)).recent.get(patience)

    async def close(self) -> None:
        for entry in self._entries.values():
            await entry.glance.close()
            await entry.recent.close()
        self._entries.clear()

    async def _entry(self, board: Board) -> _Entry:
        entry = self._entries.get(board.name)
        if entry is not None and entry.board is board:
            return entry
        fresh = self._entries[board.name] = _Entry(
            board,
            Kept(f"statistics of /{board.name}/", lambda: self._glance(board), _GLANCE_GOOD_FOR),
            Kept(f"the last hours of /{board.name}/", lambda: self._recent(board), _RECENT_GOOD_FOR),
        )
        if entry is not None:  # of tables that have been replaced
            await entry.glance.close()
            await entry.recent.close()
        return fresh

    async def _glance(self, board: Board) -> BoardStatistics:
        async with self._turn:
            return await glance(board, self._anonymous, int(time.time()))

    async def _recent(self, board: Board) -> Recent | None:
        async with self._turn:
            return await recent(board, int(time.time()))

    async def _read_computed(self, entry: _Entry) -> None:
        """Reads the file of results where there is a new one. A file that is none is told of in the log, once."""
        if time.monotonic() - entry.looked < _LOOK_EVERY:
            return
        async with entry.reading:
            if time.monotonic() - entry.looked < _LOOK_EVERY:
                return
            file = results_file(self._folder, entry.board.name)
            seen = state_of(file)
            if seen != entry.seen:
                try:
                    entry.computed = await asyncio.to_thread(read_results, file, entry.board.name)
                except FileNotFoundError:
                    entry.computed = None
                except ResultsError as error:
                    entry.computed = None
                    log.warning("%s", error)
                entry.seen = seen
            entry.looked = time.monotonic()
