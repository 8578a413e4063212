"""MariaDB and MySQL, through aiomysql."""

from __future__ import annotations

import asyncio
from typing import Any

import aiomysql
import pymysql

from app.db.base import CannotOpen, Database, Sql
from app.db.pooled import ConnectionLost, PooledDatabase, Silent, StatementTimeout, TableMissing
from app.settings import DbSettings

# Error numbers of the servers and of the client library.
_TIMEOUTS = frozenset({1969, 3024})  # MariaDB's max_statement_time, MySQL's max_execution_time
_LOST = frozenset({1040, 1053, 1077, 1129, 1152, 1158, 1159, 1160, 1161, 1203, 1927, 2003, 2006, 2013, 2014})
_MISSING = frozenset({1054, 1146})  # column, table
_REFUSED = frozenset({1044, 1045, 1049, 1130, 1698, 2054, 2059})

_CIPHER = "SHOW SESSION STATUS LIKE 'Ssl_cipher'"
_CONNECT_TIMEOUT = 10  # seconds
_GRACE = 2.0  # seconds a server may be late in ending a statement itself


class MysqlDialect:
    name = "mysql"
    ping = Sql("SELECT 1")
    columns = Sql(
        "SELECT c.table_name, c.column_name, t.table_type = 'BASE TABLE' "
        "FROM information_schema.columns AS c "
        "JOIN information_schema.tables AS t ON t.table_schema = c.table_schema AND t.table_name = c.table_name "
        "WHERE c.table_schema = DATABASE() AND FIND_IN_SET('select', c.privileges) > 0 "
        "ORDER BY c.table_name, c.ordinal_position"
    )
    indexes = Sql(
        "SELECT table_name, index_name, column_name FROM information_schema.statistics "
        "WHERE table_schema = DATABASE() ORDER BY table_name, index_name, seq_in_index"
    )

    def quote(self, identifier: str) -> str:
        return "`" + identifier.replace("`", "``") + "`"

    def render(self, sql: Sql) -> str:
        return sql.text.replace("%", "%%").replace("?", "%s") if sql.args else sql.text

    def equals(self, column: str) -> str:
        # The comparison by collation finds the index entries, the one by bytes tells letter cases apart.
        return f"({column} = ? AND BINARY {column} = ?)"

    def estimate(self, table: str) -> Sql:
        return Sql(
            "SELECT table_rows FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name = ?",
            (table,),
        )


class MysqlDatabase(PooledDatabase[aiomysql.Connection]):
    """Sessions are read-only, in UTC, at READ COMMITTED, with the server itself ending long statements."""

    def __init__(self, settings: DbSettings) -> None:
        mysql = settings.mysql
        super().__init__(
            smallest=mysql.minsize,
            largest=mysql.maxsize,
            acquire_timeout=settings.pool.acquire_timeout,
            statement_timeout=settings.pool.statement_timeout,
            echo=settings.echo,
        )
        self.dialect = MysqlDialect()
        self._settings = mysql
        self._where = mysql.unix_socket or f"{mysql.host}:{mysql.port}"
        self._abandoned: set[aiomysql.Connection] = set()

    async def _probe(self) -> None:
        connection = await self._connect()
        connection.close()

    async def _connect(self) -> aiomysql.Connection:
        mysql = self._settings
        connection = await self._dial()
        try:
            for statement in self._session(connection.get_server_info()):
                await _rows(connection, statement, ())
            if mysql.options.get("ssl") and not (await _rows(connection, _CIPHER, ()))[0][1]:
                # The driver itself goes on in plain text where the server does not offer TLS.
                raise CannotOpen(f"The database server at {self._where} offers no TLS, which ssl = true asks for.")
        except BaseException:
            connection.close()
            raise
        return connection

    async def _dial(self) -> aiomysql.Connection:
        mysql = self._settings
        arguments: dict[str, Any] = {"charset": "utf8mb4", "connect_timeout": _CONNECT_TIMEOUT, **mysql.options}
        try:
            # The driver's own patience ends with the TCP connection; a server may be silent after that.
            async with asyncio.timeout(arguments["connect_timeout"]):
                return await aiomysql.connect(
                    host=mysql.host,
                    port=mysql.port,
                    unix_socket=mysql.unix_socket or None,
                    user=mysql.user,
                    password=mysql.password,
                    db=mysql.db,
                    autocommit=True,
                    **arguments,
                )
        except TimeoutError as error:
            raise ConnectionLost(f"{self._where}: the server does not answer") from error
        except (pymysql.err.MySQLError, OSError, asyncio.IncompleteReadError) as error:
            if _number(error) in _REFUSED:
                raise CannotOpen(
                    f"The database server at {self._where} refuses: {_message(error)} (see [db.mysql])."
                ) from error
            raise ConnectionLost(f"{self._where}: {_message(error)}") from error
        except RuntimeError as error:  # a way to log in that needs a package which is not installed
            raise CannotOpen(f"Cannot log in to the database server at {self._where}: {_message(error)}.") from error

    def _session(self, version: str) -> tuple[str, ...]:
        """What a fresh connection is told. Both servers have a statement timeout, under two names and units."""
        seconds = self._statement_timeout
        limit = (
            f"max_statement_time = {seconds:.3f}"
            if "mariadb" in version.lower()
            else f"max_execution_time = {round(seconds * 1000)}"
        )
        return (
            f"SET SESSION time_zone = '+00:00', sql_mode = '', {limit}",
            "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED, READ ONLY",
        )

    async def _disconnect(self, connection: aiomysql.Connection) -> None:
        """The server does not notice that nobody waits for a statement any more: it has to be told."""
        number = connection.thread_id()
        connection.close()
        if connection in self._abandoned:
            self._abandoned.discard(connection)
            messenger = await self._dial()
            try:
                async with asyncio.timeout(_GRACE):
                    await _rows(messenger, f"KILL {number:d}", ())
            finally:
                messenger.close()

    async def _run(self, connection: aiomysql.Connection, text: str, args: tuple[Any, ...]) -> list[tuple[Any, ...]]:
        try:
            async with asyncio.timeout(self._statement_timeout + _GRACE):
                return await _rows(connection, text, args)
        except TimeoutError:
            self._abandoned.add(connection)
            raise Silent(f"{self._where}: the server does not answer") from None
        except asyncio.CancelledError:
            self._abandoned.add(connection)
            raise
        except (pymysql.err.MySQLError, OSError, asyncio.IncompleteReadError) as error:
            number = _number(error)
            if number in _TIMEOUTS:
                raise StatementTimeout from error
            if number in _MISSING:
                raise TableMissing(_message(error)) from error
            if number is None or number in _LOST:
                raise ConnectionLost(f"{self._where}: {_message(error)}") from error
            raise


def connect(settings: DbSettings) -> Database:
    return MysqlDatabase(settings)


async def _rows(connection: aiomysql.Connection, text: str, args: tuple[Any, ...]) -> list[tuple[Any, ...]]:
    async with connection.cursor() as cursor:
        await cursor.execute(text, args or None)
        return list(await cursor.fetchall())


def _number(error: BaseException) -> int | None:
    """The error number, or None for a broken connection that never got so far as to have one."""
    if isinstance(error, pymysql.err.MySQLError) and error.args and isinstance(error.args[0], int):
        return error.args[0]
    return None


def _message(error: BaseException) -> str:
    return str(error.args[-1] if error.args else error).rstrip(".")
