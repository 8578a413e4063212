"""PostgreSQL, through asyncpg; directly or behind a pooler that hands out servers per transaction."""

from __future__ import annotations

import asyncio
import logging
import re
import time
from collections.abc import Callable, Sequence
from functools import lru_cache
from itertools import count
from typing import TYPE_CHECKING, Any, TypeAlias

import asyncpg

from app.compat import timeout
from app.db.base import CannotOpen, Database, Packing, Sql
from app.db.patterns import is_plain, like_pattern, regular_pattern
from app.db.pooled import (
    ConnectionLost,
    Full,
    PooledDatabase,
    Refused,
    Silent,
    StatementTimeout,
    TableMissing,
    name_on_server,
    without_values,
)
from app.db.tls import TlsFault, Way, fault, first_that_works, ways
from app.settings import DbSettings

if TYPE_CHECKING:
    Connection: TypeAlias = asyncpg.Connection[asyncpg.Record]
else:
    Connection = asyncpg.Connection  # generic only for type checkers

log = logging.getLogger("koiwai.db")

_GRACE = 2.0  # seconds a server may be late in ending a statement itself
_FAREWELL = 5.0  # seconds until a connection is given up whose statement the server does not end
_LOST = (
    OSError,
    asyncpg.PostgresConnectionError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.CannotConnectNowError,
    asyncpg.DatabaseDroppedError,
    asyncpg.IdleSessionTimeoutError,
    asyncpg.ProtocolViolationError,
    asyncpg.InternalClientError,  # of a connection on which the server has given notice, and that is not closed yet
)
_REFUSED = (
    asyncpg.InvalidAuthorizationSpecificationError,
    asyncpg.InvalidCatalogNameError,
    asyncpg.InsufficientPrivilegeError,
)
# PgBouncer says all it has to say with one error code.
_NO_TLS = re.compile("rejected SSL upgrade")  # what the driver says when the server says no
_POOLER_FULL = re.compile("no more connections allowed")
_POOLER_REFUSES = re.compile("authentication failed|does not exist|no such|unsupported startup parameter")


class PostgresqlDialect:
    name = "postgresql"
    rows_lie_by_key = False
    ping = Sql("SELECT 1")
    columns = Sql(
        "SELECT c.relname, a.attname, c.relkind IN ('r', 'p', 'f') "
        "FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid "
        "WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p', 'f', 'v', 'm') "
        "AND a.attnum > 0 AND NOT a.attisdropped AND has_column_privilege(c.oid, a.attnum, 'SELECT') "
        "ORDER BY c.relname, a.attnum"
    )
    doubtful: Sql | None = None  # the catalog tells of a view without looking where it leads
    indexes = Sql(
        "SELECT t.relname, i.relname, a.attname "
        "FROM pg_index AS x JOIN pg_class AS t ON t.oid = x.indrelid JOIN pg_class AS i ON i.oid = x.indexrelid "
        "JOIN pg_am AS m ON m.oid = i.relam "
        "CROSS JOIN LATERAL unnest(x.indkey) WITH ORDINALITY AS k(attnum, place) "
        "JOIN pg_attribute AS a ON a.attrelid = t.oid AND a.attnum = k.attnum "
        "WHERE t.relnamespace = current_schema()::regnamespace AND x.indpred IS NULL AND x.indisvalid "
        # Only a B-tree has an order. What DESC NULLS LAST (1) or ASC NULLS FIRST (2) would give, nobody asks for.
        "AND m.amname = 'btree' AND 1 <> ALL (x.indoption) AND 2 <> ALL (x.indoption) "
        "AND 0 <> ALL (x.indkey) AND k.place <= x.indnkeyatts ORDER BY t.relname, i.relname, k.place"
    )

    def quote(self, identifier: str) -> str:
        return '"' + identifier.replace('"', '""') + '"'

    def render(self, sql: Sql) -> str:
        return _numbered(sql.text)

    def columns_of(self, name: str) -> Sql:
        return Sql(f"SELECT '', '', false FROM {self.quote(name)} LIMIT 0")

    def equals(self, column: str) -> str:
        return f"{column} = ?"

    def equals_by_index(self, column: str) -> str:
        return self.equals(column)

    def equals_by_reading(self, column: str) -> str:
        return f"({column} || '') = ?"

    def contains(self, column: str, parts: Sequence[str]) -> Sql:
        # What ILIKE folds depends on the locale, and it is slow.
        if is_plain(parts):
            return Sql(f"lower({column} COLLATE \"C\") LIKE ? ESCAPE '!'", (like_pattern(parts),))
        return Sql(f'({column} COLLATE "C") ~ ?', (regular_pattern(parts),))

    def length(self, column: str) -> tuple[str, str]:
        return (f"char_length({column})",) * 2

    def packing(self, numbers: Sequence[str], texts: Sequence[str]) -> Packing | None:
        return None

    def estimate(self, table: str) -> Sql:
        return Sql(
            "SELECT reltuples::bigint FROM pg_class "
            "WHERE relname = ? AND relnamespace = current_schema()::regnamespace",
            (table,),
        )


@lru_cache(maxsize=1000)
def _numbered(text: str) -> str:
    numbers = count(1)
    return re.sub(r"\?", lambda _: f"${next(numbers)}", text)


class PostgresqlDatabase(PooledDatabase[Connection]):
    """Talking to a server directly, the session is made read-only once. Behind a transaction pooler a session
    belongs to somebody else a moment later, so there each statement has a read-only transaction of its own."""

    def __init__(self, settings: DbSettings, *, clock: Callable[[], float] = time.monotonic) -> None:
        postgresql = settings.postgresql
        super().__init__(settings, smallest=postgresql.min_size, largest=postgresql.max_size, clock=clock)
        self.dialect = PostgresqlDialect()
        self._settings = postgresql
        self._where = f"{postgresql.host}:{postgresql.port}"
        self._ways: tuple[Way, ...] = ()
        self._limit = f"statement_timeout = {round(self._statement_timeout * 1000)}"

    async def _probe(self) -> None:
        """A pooler makes up the process number it gives at log-in; the server tells its own."""
        local = self._settings.host.startswith("/")
        self._ways = await asyncio.to_thread(ways, self._settings, "db.postgresql", local=local, protocol="postgresql")
        connection = await self._dial(statement_cache_size=0)
        try:
            self.pooler = await connection.fetchval("SELECT pg_backend_pid()") != connection.get_server_pid()
        finally:
            await connection.close()
        if self.pooler:
            log.info("%s is a connection pooler: each statement gets a transaction of its own", self._where)

    async def _connect(self) -> Connection:
        if self.pooler:
            return await self._dial(statement_cache_size=0)
        connection = await self._dial()
        try:
            async with timeout(self._settings.connect_timeout):
                await connection.execute(
                    f"SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY; SET {self._limit}; SET jit = off"
                )
        except asyncio.TimeoutError as error:
            connection.terminate()
            raise ConnectionLost(f"{self._where}: the server does not answer") from error
        except _LOST as error:
            connection.terminate()
            raise ConnectionLost(f"{self._where}: {_message(error)}") from error
        except BaseException:
            connection.terminate()
            raise
        return connection

    async def _dial(self, **overrides: Any) -> Connection:
        async def log_in(way: Way) -> Connection:
            return await self._log_in(way, overrides)

        try:
            async with timeout(self._settings.connect_timeout):
                return await first_that_works(self._ways, log_in)
        except asyncio.TimeoutError as error:
            raise ConnectionLost(f"{self._where}: the server does not answer") from error

    async def _log_in(self, way: Way, overrides: dict[str, Any]) -> Connection:
        postgresql = self._settings
        arguments: dict[str, Any] = {**postgresql.options, **overrides}
        session = {**arguments.pop("server_settings", {}), "application_name": name_on_server(postgresql)}
        try:
            return await asyncpg.connect(
                host=postgresql.host,
                port=postgresql.port,
                user=postgresql.user,
                password=postgresql.password or None,
                database=postgresql.database,
                ssl=way.context or False,  # with None the driver would look at its environment variables
                timeout=None,
                server_settings=session,
                **arguments,
            )
        except _REFUSED as error:
            raise CannotOpen(
                f"The database server at {self._where} refuses: {_message(error)} (see [db.postgresql])."
            ) from error
        except asyncpg.ClientConfigurationError as error:
            raise CannotOpen(f"Cannot connect to the database server at {self._where}: {_message(error)}.") from error
        except asyncpg.TooManyConnectionsError as error:
            raise Full(f"{self._where}: {_message(error)}") from error
        except (*_LOST, asyncpg.InterfaceError) as error:
            reason = "it offers none" if _NO_TLS.search(str(error)) else fault(error, postgresql.host)
            if reason is not None:
                raise TlsFault(
                    f"There is no TLS with the database server at {self._where}: {reason} "
                    f'([db.postgresql] sslmode is "{postgresql.sslmode}").'
                ) from error
            if _POOLER_FULL.search(str(error)):
                raise Full(f"{self._where}: {_message(error)}") from error
            if isinstance(error, asyncpg.ProtocolViolationError) and _POOLER_REFUSES.search(str(error)):
                raise CannotOpen(f"The connection pooler at {self._where} refuses: {_message(error)}.") from error
            raise ConnectionLost(f"{self._where}: {_message(error)}") from error

    async def _disconnect(self, connection: Connection) -> None:
        """Sees to it that the server has ended a statement for which nobody waits any more."""
        async with timeout(_FAREWELL):  # the driver's own limit is only for the last word
            await connection.close(timeout=_GRACE)

    async def _run(self, connection: Connection, text: str, args: tuple[Any, ...]) -> list[tuple[Any, ...]]:
        try:
            async with timeout(self._statement_timeout + _GRACE):
                if not self.pooler:
                    return [tuple(row) for row in await connection.fetch(text, *args)]
                await connection.execute(f"BEGIN READ ONLY; SET LOCAL {self._limit}")
                rows = await connection.fetch(text, *args)
                await connection.execute("COMMIT")
                return [tuple(row) for row in rows]
        except asyncpg.QueryCanceledError:
            raise StatementTimeout from None
        except asyncio.TimeoutError:
            raise Silent(f"{self._where}: the server does not answer") from None
        except (asyncpg.UndefinedTableError, asyncpg.UndefinedColumnError) as error:
            raise TableMissing(_message(error)) from error
        except _LOST as error:
            raise ConnectionLost(f"{self._where}: {_message(error)}") from error
        except asyncpg.PostgresError as error:
            raise Refused(_complaint(error)) from error
        except asyncpg.InterfaceError as error:
            # The driver says this of a closed connection, and also of arguments that do not fit.
            if not connection.is_closed():
                raise
            raise ConnectionLost(f"{self._where}: {_message(error)}") from error


def connect(settings: DbSettings) -> Database:
    return PostgresqlDatabase(settings)


def _complaint(error: asyncpg.PostgresError) -> str:
    """What the server says, without values: it quotes them in errors about data. Of arguments only the driver speaks,
    in errors that came from no server."""
    if getattr(error, "severity", None) is None:
        return "an argument does not fit the type of its column"
    said = _message(error)
    return f"({error.sqlstate}) {without_values(said) if isinstance(error, asyncpg.DataError) else said}"


def _message(error: BaseException) -> str:
    """The first line: details and hints of the server follow on further ones."""
    return (str(error).splitlines() or [type(error).__name__])[0].rstrip(".")
