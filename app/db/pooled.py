"""What the three backends share: a pool, one retry after a lost connection, and words for failures."""

from __future__ import annotations

import asyncio
import logging
import re
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any, Generic, TypeVar

from app.compat import timeout
from app.db.base import CannotOpen, DatabaseStats, Dialect, SchemaChanged, Sql, StatementRefused
from app.db.complaints import Complaints
from app.db.pool import Pool
from app.errors import Unavailable
from app.settings import DbSettings
from app.settings.database import ServerSection

log = logging.getLogger("koiwai.db")
statements = logging.getLogger("koiwai.sql")

Connection = TypeVar("Connection")

_SIGN_OF_LIFE = 2.0  # seconds a connection has to answer before it is taken for dead


class ConnectionLost(Exception):
    """The server cannot be reached, or went away under a statement."""


class Full(Exception):
    """The server has no connection left for us; those that we have are as good as before."""


class Silent(Exception):
    """The server has said nothing for longer than a statement may take."""


class Locked(Exception):
    """Somebody else keeps the database locked; trying again at once would only wait for as long again."""


class TableMissing(Exception):
    """The statement names a table or column that does not exist."""


class Refused(Exception):
    """The server refuses the statement. The text is what it says, without values of rows or arguments."""


class StatementTimeout(Exception):
    """The statement was ended because it took too long."""


class PooledDatabase(ABC, Generic[Connection]):
    """A database whose connections come from a pool; a backend says how to connect, run and part."""

    dialect: Dialect

    def __init__(
        self, settings: DbSettings, *, smallest: int, largest: int, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """`clock` gives the ages of connections, in seconds."""
        pool = settings.pool
        self._statement_timeout = pool.statement_timeout
        self._slow_statement = settings.slow_statement
        self._echo = settings.echo
        self._away = False
        self._full = False
        self._complaints = Complaints(log)  # a board that cannot be read is tried again and again
        self.edition = 0
        self.pooler = False
        self._pool: Pool[Connection] = Pool(
            self._connect_unless_full,
            self._disconnect,
            smallest=smallest,
            largest=largest,
            acquire_timeout=pool.acquire_timeout,
            idle_timeout=pool.idle_timeout,
            max_lifetime=pool.max_lifetime,
            is_alive=self._is_alive if pool.test_before_acquire else None,
            clock=clock,
        )

    @abstractmethod
    async def _probe(self) -> None:
        """Finds out what server this is. Raises CannotOpen, ConnectionLost or Full."""

    @abstractmethod
    async def _connect(self) -> Connection:
        """A connection that can only read, with the statement timeout set. Raises ConnectionLost or Full, in time."""

    @abstractmethod
    async def _disconnect(self, connection: Connection) -> None:
        """Ends a connection in whatever state it is, and returns when the server has it no more, or never answers."""

    @abstractmethod
    async def _run(self, connection: Connection, text: str, args: tuple[Any, ...]) -> list[tuple[Any, ...]]:
        """All rows of a statement. Raises ConnectionLost, Silent, Locked, TableMissing, Refused or StatementTimeout."""

    async def open(self) -> None:
        try:
            await self._pool.to_the_end(self._probe())
            await self._pool.fill()
        except (ConnectionLost, Full, Silent) as error:
            raise Unavailable(str(error), retry_after=5) from error

    async def close(self) -> None:
        await self._pool.close()

    async def fetch(self, sql: Sql) -> list[tuple[Any, ...]]:
        text = self.dialect.render(sql)
        if self._echo:
            statements.info("%s %r", text, sql.args)
        try:
            rows = await self._pool.use(lambda connection: self._run_timed(connection, text, sql.args), ConnectionLost)
        except (ConnectionLost, CannotOpen, Silent) as error:
            self._pool.forget_all()
            if not self._away:
                self._away = True
                log.warning("the database is away: %s", error)
            raise Unavailable("The archive's database cannot be reached right now.", retry_after=5) from error
        except Full as error:
            raise Unavailable("The archive's database is busy right now.", retry_after=5) from error
        except Locked as error:
            log.warning("the database is locked: %s", error)
            raise Unavailable("The archive's database is busy right now.", retry_after=5) from error
        except TableMissing as error:
            self._complaints.tell(f"the tables have changed: {error}")
            raise SchemaChanged(retry_after=30) from error
        except Refused as error:
            self._complaints.tell(f"a statement was refused: {error}: {text}")
            raise StatementRefused(retry_after=30) from error
        except StatementTimeout as error:
            log.warning("a statement was ended after %g s: %s", self._statement_timeout, text)
            raise Unavailable("The archive's database took too long to answer.", retry_after=30) from error
        if self._away:
            self._away = False
            log.warning("the database is back")
        return rows

    async def _connect_unless_full(self) -> Connection:
        """Says once that the server is full, until it is not."""
        try:
            connection = await self._connect()
        except Full as error:
            if not self._full:
                self._full = True
                log.warning("the database server has no connection left for us: %s", error)
            raise
        if self._full:
            self._full = False
            log.warning("the database server has connections for us again")
        return connection

    async def _run_timed(self, connection: Connection, text: str, args: tuple[Any, ...]) -> list[tuple[Any, ...]]:
        """Tells of a slow statement without its values, which may be what somebody searched for."""
        began = time.monotonic()
        rows = await self._run(connection, text, args)
        seconds = time.monotonic() - began
        if seconds >= self._slow_statement:
            facts = {"seconds": round(seconds, 3), "rows": len(rows), "statement": text}
            statements.warning("slow statement", extra={"facts": facts})
        return rows

    async def _is_alive(self, connection: Connection) -> bool:
        try:
            async with timeout(_SIGN_OF_LIFE):
                await self._run(connection, self.dialect.render(self.dialect.ping), ())
        except (ConnectionLost, Silent, StatementTimeout, asyncio.TimeoutError):
            log.debug("a connection that had died was replaced")
            return False
        except (Locked, Refused):  # which the statement itself will be told
            pass
        return True

    async def fetch_one(self, sql: Sql) -> tuple[Any, ...] | None:
        rows = await self.fetch(sql)
        return rows[0] if rows else None

    async def ping(self) -> None:
        await self.fetch(self.dialect.ping)

    def stats(self) -> DatabaseStats:
        return DatabaseStats(self._pool.size, self._pool.idle, self._pool.largest)


def without_values(said: str) -> str:
    """What a server says, without what it quotes."""
    return re.sub(r"""(['"]).*\1""", r"\1…\1", said, flags=re.DOTALL)


def name_on_server(settings: ServerSection) -> str:
    """What we call ourselves there, cut to the 63 bytes that a server keeps."""
    return settings.application_name.encode()[:63].decode(errors="ignore")
