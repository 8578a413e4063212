"""Which boards are served, and the life of the archive's database: opening, watching, closing."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Sequence
from typing import Final

from app.board import Board
from app.db.base import CannotOpen, Database
from app.db.schema import Schema, read_schema
from app.errors import NotFound, SettingsError, Unavailable
from app.model import BoardSummary
from app.settings import BoardSettings, Settings

log = logging.getLogger("koiwai.boards")

PATIENCE: Final = 30.0
"""Seconds that the start waits for a database that is away."""

_PAUSE: Final = 1.0  # seconds between two attempts
_REFRESH_EVERY: Final = 60.0  # seconds between two looks at what changes seldom
_LOOK_EVERY: Final = 2.0  # seconds, at least, between two looks for a board whose table is missing


class Boards:
    """The boards of boards.toml (or, without that file, all there are), loaded as far as their tables exist."""

    def __init__(self, settings: Settings, database: Database) -> None:
        self.database = database
        self._settings = settings
        self._wanted: dict[str, BoardSettings] = dict(settings.boards)
        self._loaded: dict[str, Board] = {}
        self._look_now = asyncio.Event()
        self._watch: asyncio.Task[None] | None = None

    def is_served(self, name: str) -> bool:
        """Whether posts of this board can be read now."""
        return name in self._loaded

    def get(self, name: str) -> Board:
        if (board := self._loaded.get(name)) is not None:
            return board
        if name not in self._wanted:
            raise NotFound("There is no such board in this archive.")
        self._look_now.set()
        raise Unavailable("This board is not available yet.", retry_after=30)

    def summaries(self) -> dict[str, BoardSummary]:
        return {name: self._summary(name, settings) for name, settings in self._wanted.items()}

    def _summary(self, name: str, settings: BoardSettings) -> BoardSummary:
        title, board = settings.title or name, self._loaded.get(name)
        if board is None:
            return BoardSummary(name, title, available=False, posts=None, threads=None, newest=None)
        facts = board.facts
        return BoardSummary(name, title, available=True, posts=facts.posts, threads=facts.threads, newest=facts.newest)

    async def open(self) -> None:
        """Connects, compares the boards with the tables there are, and starts to watch for changes."""
        try:
            await self._wait_for_database()
            schema = await read_schema(self.database)
            self._check(schema)
            await self._load(schema)
        except CannotOpen as error:
            await self.close()
            raise SettingsError(str(error)) from error
        except Unavailable as error:
            await self.close()
            raise SettingsError(f"The archive cannot be opened: {error.message}") from error
        except BaseException:
            await self.close()
            raise
        self._watch = asyncio.create_task(self._watch_for_changes())

    async def close(self) -> None:
        if self._watch is not None:
            self._watch.cancel()
            await asyncio.wait({self._watch})
        for board in self._loaded.values():
            await board.close()
        await self.database.close()

    async def _wait_for_database(self) -> None:
        started = time.monotonic()
        while True:
            try:
                await self.database.open()
                return
            except Unavailable as error:
                waited = time.monotonic() - started
                if waited >= PATIENCE:
                    raise
                log.warning("waiting for the database (%.0f of %.0f s): %s", waited, PATIENCE, error.message)
            await asyncio.sleep(_PAUSE)

    def _check(self, schema: Schema) -> None:
        """A board without a table is a fault, unless the operator said that tables may come later."""
        present = schema.boards()
        if self._settings.discover_boards:
            self._wanted = {name: BoardSettings() for name in present}
            if not present:
                raise SettingsError("The database holds no board: no table has the columns num and thread_num.")
        missing = [name for name in self._wanted if schema.board(name) is None]
        if missing and self._settings.app.validate_boards_db:
            raise SettingsError(
                f"boards.toml: the database has no table for {_listed(missing)}. "
                f"Boards it has: {_listed(present) or 'none'}. "
                "(With [app] validate_boards_db = false Koiwai starts all the same.)"
            )
        if missing:
            log.warning("not available yet, having no table: %s", _listed(missing))

    async def _load(self, schema: Schema) -> None:
        for name, settings in self._wanted.items():
            tables = schema.board(name)
            if tables is not None and name not in self._loaded:
                self._loaded[name] = await Board.load(name, settings, self.database, tables)

    async def _watch_for_changes(self) -> None:
        refreshed = time.monotonic()
        while True:
            try:
                async with asyncio.timeout(_REFRESH_EVERY):
                    await self._look_now.wait()
            except TimeoutError:
                pass
            try:
                if len(self._loaded) < len(self._wanted):
                    await self._load(await read_schema(self.database))
                if time.monotonic() - refreshed >= _REFRESH_EVERY:
                    await self.refresh()
                    refreshed = time.monotonic()
            except Unavailable:
                pass  # the database has said so in the log; there is a next time
            except Exception:
                log.exception("looking for changes failed")
            await asyncio.sleep(_LOOK_EVERY)
            self._look_now.clear()

    async def refresh(self) -> None:
        """Brings up to date what is not read on each request."""
        for board in list(self._loaded.values()):
            await board.refresh()


def _listed(names: Sequence[str]) -> str:
    return ", ".join(f"/{name}/" for name in names)
