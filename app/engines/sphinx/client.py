"""The connections to the search server: SphinxQL in MySQL's protocol, through aiomysql."""

from __future__ import annotations

import asyncio
import logging
import re
from typing import Any, Final

import aiomysql
import pymysql

from app.compat import timeout
from app.db.complaints import Complaints
from app.db.mysql_login import CarefulConnection
from app.db.pool import Pool
from app.errors import Unavailable
from app.settings.search import SphinxSettings

log = logging.getLogger("koiwai.search")

Rows = list[tuple[Any, ...]]

_IDLE: Final = 60.0  # seconds; searchd hangs up on clients that are silent for minutes
_LIFETIME: Final = 600.0
_SYNTAX: Final = 1064  # what it numbers all its complaints with
_MAX_QUERY_TIME: Final = "max_query_time"
_MOST_MATCHES: Final = re.compile(r"max_matches=\d+ out of bounds \(per-server (?:limit|max_matches)\D*([0-9]+)\)")


class _Lost(Exception):
    """The server cannot be reached, or went away under a statement."""


class _Refused(Exception):
    """The server answers, but not this statement, or not all of it."""


class OutOfTime(Exception):
    """The server had to stop before it had looked at all that has the words."""


class SphinxClient:
    """At most `largest` connections. They are opened when they are needed and tell the server no secret: it asks for
    no login."""

    def __init__(self, settings: SphinxSettings, *, largest: int) -> None:
        self._settings = settings
        self._where = settings.unix_socket or f"{settings.host}:{settings.port}"
        self._away = False
        self._complaints = Complaints(log)
        self.max_matches = settings.max_matches
        """Posts to ask for in one go: what is set, or what the server grants where that is less."""
        self._pool: Pool[CarefulConnection] = Pool(
            self._connect,
            self._part,
            smallest=0,
            largest=largest,
            # Connecting has a time limit of its own, which tells better what is wrong.
            acquire_timeout=2 * settings.connect_timeout + 1,
            idle_timeout=_IDLE,
            max_lifetime=_LIFETIME,
        )

    async def close(self) -> None:
        await self._pool.close()

    async def fetch(self, statement: str) -> Rows:
        """All rows. Raises Unavailable when the server is away or has no whole answer, and OutOfTime when that took too
        long: half an answer looks like one, and would leave out posts."""
        try:
            rows = await self._pool.use(lambda connection: _run(connection, statement), _Lost)
        except _Lost as error:
            self._pool.forget_all()
            if not self._away:
                self._away = True
                log.warning("the search server is away: %s", error)
            raise Unavailable("Search is not available at the moment.", retry_after=5) from error
        except _Refused as error:
            self._complaints.tell(f"the search server has no whole answer: {_without_values(str(error))}")
            raise Unavailable("Search is not available at the moment.", retry_after=30) from error
        if self._away:
            self._away = False
            log.warning("the search server is back")
        return rows

    def grants_less(self, error: Unavailable) -> bool:
        """Whether a statement failed because the server grants fewer matches than were asked for; `max_matches` then
        is what it grants."""
        granted = _MOST_MATCHES.search(str(error.__cause__))
        if granted is None or not 0 < int(granted[1]) < self.max_matches:
            return False
        self.max_matches = int(granted[1])
        log.warning("the search server grants only max_matches = %d", self.max_matches)
        return True

    async def _connect(self) -> CarefulConnection:
        settings = self._settings
        connection = CarefulConnection(
            tls_is_optional=True,
            host=settings.host,
            port=settings.port,
            unix_socket=settings.unix_socket or None,
            user="koiwai",
            charset="utf8mb4",
            autocommit=None,
        )
        try:
            # The driver's own patience ends with the TCP connection; a server may be silent after that.
            async with timeout(settings.connect_timeout):
                await connection.open()
        except asyncio.TimeoutError as error:
            raise _Lost(f"{self._where}: the server does not answer") from error
        except (pymysql.err.MySQLError, OSError, asyncio.IncompleteReadError) as error:
            raise _Lost(f"{self._where}: {_message(error)}") from error
        return connection

    async def _part(self, connection: CarefulConnection) -> None:
        # One under a statement is hung up on: the server would read no farewell before its end.
        connection.close()


class _QuietCursor(aiomysql.Cursor):  # type: ignore[misc]  # the driver has no types
    """By itself the driver asks for warnings and prints them."""

    async def _show_warnings(self, connection: aiomysql.Connection) -> None:
        pass


async def _run(connection: CarefulConnection, statement: str) -> Rows:
    try:
        async with connection.cursor(_QuietCursor) as cursor:
            await cursor.execute(statement)
            rows: Rows = list(await cursor.fetchall())
            warned = bool(cursor._result is not None and cursor._result.warning_count)
            if warned:
                await cursor.execute("SHOW WARNINGS")
                said = "; ".join(str(row[-1]) for row in await cursor.fetchall())
    except (pymysql.err.MySQLError, OSError, asyncio.IncompleteReadError) as error:
        if isinstance(error, pymysql.err.MySQLError) and error.args and error.args[0] == _SYNTAX:
            raise _Refused(_message(error)) from error
        raise _Lost(_message(error)) from error
    if warned:
        if _MAX_QUERY_TIME in said:
            raise OutOfTime
        raise _Refused(said)
    return rows


def _message(error: BaseException) -> str:
    said = str(error.args[-1] if error.args else error).rstrip("\0. ")
    cause = str(error.__cause__) if isinstance(error.__cause__, OSError) else ""
    return said if cause in said else f"{said}: {cause}"


def _without_values(said: str) -> str:
    """What the server says, without the piece of the statement that it quotes at the end."""
    return re.sub(r"near '.*", "near ...", said, flags=re.DOTALL)
