"""Which boards are served, and the life of the archive's database: opening, watching, closing."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Sequence

from msgspec import Struct

from app.board import Board
from app.compat import timeout
from app.db.base import CannotOpen, Database, SchemaChanged, reason
from app.db.schema import Schema, read_schema
from app.errors import NotFound, SettingsError, Unavailable
from app.model import BoardSummary
from app.settings import RESERVED_BOARDS, BoardSettings, Settings

log = logging.getLogger("koiwai.boards")


class Pace(Struct, frozen=True):
    """How long things are waited for, in seconds."""

    patience: float = 30.0
    """How long the start waits for a database that is away."""
    pause: float = 1.0
    """Between two attempts of the start."""
    refresh: float = 60.0
    """Between two looks at what changes seldom."""
    look: float = 2.0
    """At least, between two looks for a board whose table is missing."""


class Boards:
    """The boards of boards.toml (or, without that file, all there are), loaded as far as their tables exist."""

    def __init__(self, settings: Settings, database: Database, pace: Pace | None = None) -> None:
        self.database = database
        self._pace = pace or Pace()
        self._settings = settings
        self._wanted: dict[str, BoardSettings] = dict(settings.boards)
        self._loaded: dict[str, Board] = {}
        self._said: dict[str, str] = {}
        self._edition = database.edition
        self._look_now = asyncio.Event()
        self._watch: asyncio.Task[None] | None = None
        self._closing = False

    def is_served(self, name: str) -> bool:
        """Whether posts of this board can be read now."""
        return name in self._loaded

    def get(self, name: str) -> Board:
        if name not in self._wanted:
            raise NotFound("There is no such board in this archive.")
        if self.database.edition == self._edition and (board := self._loaded.get(name)) is not None:
            return board
        self._look_now.set()
        raise Unavailable("This board is not available yet.", retry_after=30)

    def summaries(self) -> dict[str, BoardSummary]:
        return {name: self._summary(name, settings) for name, settings in self._wanted.items()}

    def _summary(self, name: str, settings: BoardSettings) -> BoardSummary:
        board = self._loaded.get(name)
        facts = None if board is None else board.facts
        return BoardSummary(
            name,
            settings.title or name,
            available=facts is not None,
            posts=None if facts is None else facts.posts,
            threads=None if facts is None else facts.threads,
            newest=None if facts is None else facts.newest,
            description=settings.description or None,
            nsfw=settings.nsfw,
            hidden=settings.hidden,
            new_york=None if board is None else board.clock.wall_is_new_york,
            oldest=None if facts is None else facts.oldest,
            latest=() if facts is None else facts.latest,
        )

    async def open(self) -> None:
        """Connects, compares the boards with the tables there are, and starts to watch for changes."""
        try:
            await self._wait_for_database()
            schema = await read_schema(self.database)
            self._check(schema)
            await self._load(schema)
            self._check_loaded()
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
        self._closing = True
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
                if waited >= self._pace.patience:
                    raise
                log.warning("waiting for the database (%.0f of %.0f s): %s", waited, self._pace.patience, error.message)
            await asyncio.sleep(self._pace.pause)

    def _check(self, schema: Schema) -> None:
        """A board without a table is a fault, unless the operator said that tables may come later."""
        present = schema.boards()
        if self._settings.discover_boards:
            self._wanted = {name: BoardSettings() for name in present if name not in RESERVED_BOARDS}
            if not self._wanted:
                raise SettingsError("The database holds no board: no table has the columns num and thread_num.")
        missing = [name for name in self._wanted if schema.board(name) is None and name not in schema.broken]
        if missing and self._settings.app.validate_boards_db:
            raise SettingsError(
                f"boards.toml: the database has no table for {_listed(missing)}. "
                f"Boards it has: {_listed(present) or 'none'}. "
                "(With [app] validate_boards_db = false Koiwai starts all the same.)"
            )
        if missing:
            log.warning("not available yet, having no table: %s", _listed(missing))

    async def _load(self, schema: Schema) -> None:
        """Loads what is not loaded yet. A board that cannot be read keeps no other from being served."""
        for name, why in schema.broken.items():
            self._say(name, f"the view {name} cannot be read: {why}")
        for name, settings in self._wanted.items():
            tables = schema.board(name)
            if tables is not None and name not in self._loaded:
                try:
                    self._loaded[name] = await Board.load(name, settings, self.database, tables)
                    self._share_bans()
                    self._said.pop(name, None)
                except Exception as error:  # somebody else's database: anything may stand in it
                    self._say(name, f"/{name}/ could not be opened: {reason(error)}", error)

    def _check_loaded(self) -> None:
        """That no board at all can be read is a fault, unless the operator said that tables may come later."""
        failed = [self._said[name] for name in self._wanted if name in self._said]
        if failed and not self._loaded and self._settings.app.validate_boards_db:
            raise SettingsError(f"The archive cannot be opened: {'; '.join(failed)}.")

    def _say(self, name: str, complaint: str, error: Exception | None = None) -> None:
        """Warns of a board once, until something else is to be said of it: it is tried again and again."""
        if self._said.get(name) != complaint:
            self._said[name] = complaint
            log.warning("%s", complaint)
            log.debug("why /%s/ failed", name, exc_info=error)

    async def _watch_for_changes(self) -> None:
        refreshed = time.monotonic()
        while not self._closing:  # on Python 3.10 a time limit that ends just now hides the cancellation
            try:
                async with timeout(self._pace.refresh):
                    await self._look_now.wait()
            except asyncio.TimeoutError:
                pass
            try:
                if self.database.edition != self._edition:
                    self._edition = self.database.edition
                    for name in list(self._loaded):
                        await self._unload(name)
                if len(self._loaded) < len(self._wanted):
                    await self._load(await read_schema(self.database))
                if time.monotonic() - refreshed >= self._pace.refresh:
                    await self.refresh()
                    refreshed = time.monotonic()
            except Unavailable:
                pass  # the database has said so in the log; there is a next time
            except Exception:
                log.exception("looking for changes failed")
            await asyncio.sleep(self._pace.look)
            self._look_now.clear()

    async def refresh(self) -> None:
        """Brings up to date what is not read on each request; a board whose tables are gone is given up for now."""
        for name, board in list(self._loaded.items()):
            try:
                await board.refresh()
                self._share_bans()
                self._said.pop(name, None)
            except SchemaChanged:
                log.warning("/%s/ is not available any more: its tables have changed", name)
                await self._unload(name)
            except Exception as error:  # one board must not keep the others from what their moderators did
                self._say(name, f"/{name}/ could not be brought up to date: {reason(error)}", error)

    def _share_bans(self) -> None:
        """In the layout sutra a picture is one file for all boards: what one of them has banned, none may show."""
        if self._settings.media.layout == "sutra":
            boards = self._loaded.values()
            union = frozenset[str]().union(*(board.moderation.banned_hashes for board in boards))
            for board in boards:
                board.shared_bans = union

    async def _unload(self, name: str) -> None:
        await self._loaded.pop(name).close()


def _listed(names: Sequence[str]) -> str:
    return ", ".join(f"/{name}/" for name in names)
