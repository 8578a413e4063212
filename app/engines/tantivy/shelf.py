"""The indexes that there are, and which of a board's is the current one.

Below the folder `[app] state` each board has a folder of its own, `index/{board}/`. In it the file `current` names the
folder of the index that is searched; another one beside it is being made. Servers look for changes before searches.
"""

from __future__ import annotations

import asyncio
import logging
import os
import re
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

import tantivy

from app.engines.tantivy.snapshot import NoIndex, Snapshot, basis_of, open_index
from app.looks import state_of

if TYPE_CHECKING:
    from app.board import Board

log = logging.getLogger("koiwai.index")

CURRENT: Final = "current"
GENERATION: Final = re.compile(r"g([0-9]{6})", re.ASCII)
"""What the folders of indexes are called."""

_LOOK_EVERY: Final = 1.0  # seconds between two looks for a change
_PATIENCE: Final = 0.5  # seconds in which a look for a newer state is waited for


def folder_of(state: Path, board: str) -> Path:
    """Where the indexes of a board are kept, below the folder `[app] state`."""
    return state / "index" / board


def current_index(folder: Path) -> Path | None:
    """The folder of the index that is searched, None where there is none."""
    try:
        name = (folder / CURRENT).read_text("utf-8").strip()
    except FileNotFoundError:
        return None
    except (OSError, ValueError):
        name = ""
    return folder / (name if GENERATION.fullmatch(name) else "?")


def make_current(index: Path) -> None:
    """From now on an index is the one that is searched. Who looks meanwhile finds the old one or the new one."""
    pointer = index.parent / CURRENT
    new = pointer.with_name(f"{CURRENT}.new")
    with new.open("w", encoding="utf-8") as handle:
        handle.write(f"{index.name}\n")
        handle.flush()
        os.fsync(handle.fileno())
    new.replace(pointer)


class _Entry:
    """What is known of a board."""

    def __init__(self) -> None:
        self.looking: asyncio.Task[None] | None = None
        self.looked = float("-inf")
        self.seen: tuple[object, ...] = ()
        self.path: Path | None = None
        self.index: tantivy.Index | None = None
        self.snapshot: Snapshot | None = None
        self.fault = ""


class Shelf:
    """For all boards of an archive, as one process sees them."""

    def __init__(self, state: Path) -> None:
        self._state = state
        self._entries: dict[str, _Entry] = {}

    async def snapshot(self, board: Board) -> Snapshot | None:
        """The newest state of a board's index; None where there is none that can be searched.

        While somebody looks for a newer one, which others may hold up, the one before does.
        """
        entry = self._entries.setdefault(board.name, _Entry())
        if entry.looking is None and time.monotonic() - entry.looked >= _LOOK_EVERY:
            entry.looking = asyncio.create_task(self._look_apart(board.name, entry))
        if entry.looking is not None:
            await asyncio.wait({entry.looking}, timeout=None if entry.snapshot is None else _PATIENCE)
        snapshot = entry.snapshot
        if snapshot is not None and snapshot.kept.basis != basis_of(board):
            self._complain(board.name, entry, 'it was made with other settings; "koiwai index" makes it anew')
            return None
        return snapshot

    async def close(self) -> None:
        for entry in self._entries.values():
            if entry.looking is not None:
                entry.looking.cancel()
                await asyncio.wait({entry.looking})

    async def _look_apart(self, board: str, entry: _Entry) -> None:
        try:
            await asyncio.to_thread(self._look, board, entry)
        finally:
            entry.looked, entry.looking = time.monotonic(), None

    def _look(self, board: str, entry: _Entry) -> None:
        path = current_index(folder_of(self._state, board))
        seen = () if path is None else (path, *state_of(path / "meta.json"))
        if seen == entry.seen:
            return
        if path is None:
            entry.seen, entry.index, entry.snapshot, entry.fault = seen, None, None, ""
            return
        try:
            if entry.index is None or entry.path != path:
                entry.index, entry.path, entry.snapshot = open_index(path), path, None
            entry.snapshot, entry.fault, entry.seen = Snapshot(entry.index), "", seen
        except NoIndex as error:
            # It may be better the next time. Until then a state of the same index that could be read will do.
            if entry.snapshot is None or not state_of(path / "meta.json"):
                entry.index, entry.snapshot, entry.seen = None, None, ()
            if current_index(folder_of(self._state, board)) != path:  # another one took its place just now
                self._look(board, entry)
            else:
                self._complain(board, entry, str(error))

    def _complain(self, board: str, entry: _Entry, fault: str) -> None:
        """Once, until something else is to be said."""
        if entry.fault != fault:
            entry.fault = fault
            log.warning("the search index of /%s/ is of no use: %s", board, fault)
