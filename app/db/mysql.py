"""MariaDB and MySQL, through aiomysql."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from typing import Any

import aiomysql
import pymysql

from app.compat import timeout
from app.db.base import PACKED_BETWEEN, CannotOpen, Database, Packing, Sql
from app.db.mysql_login import NO_TLS, UNKNOWN_METHOD, CarefulConnection
from app.db.patterns import mysql_pattern
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

# Error numbers of the servers and of the client library.
_TIMEOUTS = frozenset({1969, 3024})  # MariaDB's max_statement_time, MySQL's max_execution_time
_LOST = frozenset({1053, 1077, 1129, 1152, 1158, 1159, 1160, 1161, 1927, 2003, 2006, 2013, 2014, 4031})
_FULL = frozenset({1040, 1203, 1226})  # for everybody, for our user, by a limit of our account
_MISSING = frozenset({1054, 1146})  # column, table
_REFUSED = frozenset({1044, 1045, 1049, 1130, 1698, 2054, UNKNOWN_METHOD, 3159})  # 3159: only with TLS

# Of these the message quotes values or the statement, into which the driver has written its arguments.
_QUOTING = frozenset({1064, 1105, 1264, 1265, 1292, 1366, 1367, 1411, 1690})

_NO_SUCH_SESSION = 1094

_GRACE = 2.0  # seconds a server may be late in ending a statement itself
_PAUSE = 0.01  # seconds between two looks whether it has
_LONGEST_JOINED = 8 * 2**20  # bytes of rows that are read as one: half of what servers send at the most
_FAREWELL = 5.0  # seconds until a connection is given up whose statement the server does not end


class MysqlDialect:
    name = "mysql"
    rows_lie_by_key = True
    ping = Sql("SELECT 1")
    columns = Sql(
        "SELECT c.table_name, c.column_name, t.table_type = 'BASE TABLE' "
        "FROM information_schema.columns AS c "
        "JOIN information_schema.tables AS t ON t.table_schema = c.table_schema AND t.table_name = c.table_name "
        "WHERE c.table_schema = DATABASE() AND FIND_IN_SET('select', c.privileges) > 0 "
        "ORDER BY c.table_name, c.ordinal_position"
    )
    # A view that leads to what is not there any more is listed without its columns.
    doubtful: Sql | None = Sql(
        "SELECT table_name FROM information_schema.tables "
        "WHERE table_schema = DATABASE() AND table_type = 'VIEW' ORDER BY table_name"
    )
    indexes = Sql(
        "SELECT table_name, index_name, column_name FROM information_schema.statistics "
        "WHERE table_schema = DATABASE() AND index_type = 'BTREE' "
        # An index may be switched off: MariaDB from 10.6 reads the first of these, MySQL from 8.0 the second.
        "/*M!100600 AND ignored = 'NO' */ /*!80000 AND is_visible = 'YES' */ "
        "ORDER BY table_name, index_name, seq_in_index"
    )

    def quote(self, identifier: str) -> str:
        return "`" + identifier.replace("`", "``") + "`"

    def render(self, sql: Sql) -> str:
        return sql.text.replace("%", "%%").replace("?", "%s") if sql.args else sql.text

    def columns_of(self, name: str) -> Sql:
        return Sql(f"SELECT '', '', 0 FROM {self.quote(name)} LIMIT 0")

    def equals(self, column: str) -> str:
        # The comparison by collation finds the index entries, the one by bytes tells letter cases apart.
        return f"({column} = ? AND BINARY {column} = ?)"

    def equals_by_index(self, column: str) -> str:
        return f"{column} = ?"

    def equals_by_reading(self, column: str) -> str:
        return f"BINARY {column} = ?"

    def contains(self, column: str, parts: Sequence[str]) -> Sql:
        # Columns have collations of all kinds, of which some tell cases apart; and 4-byte letters do not fit into all.
        text = f"CONVERT({column} USING utf8mb4) COLLATE utf8mb4_general_ci"
        return Sql(f"{text} LIKE ? ESCAPE '!'", (mysql_pattern(parts),))

    def length(self, column: str) -> tuple[str, str]:
        return (f"CHAR_LENGTH({column})",) * 2

    def packing(self, numbers: Sequence[str], texts: Sequence[str]) -> Packing | None:
        # Columns may have collations that do not go together.
        of_numbers = [f"IFNULL({column}, 0)" for column in numbers]
        plain = (f"IFNULL(CONVERT({column} USING utf8mb4), '') COLLATE utf8mb4_bin" for column in texts)
        row = f"CONCAT_WS(CHAR({ord(PACKED_BETWEEN)} USING utf8mb4), {', '.join((*of_numbers, *plain))})"
        quoted = (
            f"IF({column} IS NULL, '\"\"', JSON_QUOTE(CONVERT({column} USING utf8mb4))) COLLATE utf8mb4_bin"
            for column in texts
        )
        listed = f"CONCAT_WS(',', {', '.join((*of_numbers, *quoted))})"
        return Packing(f"CAST({row} AS BINARY)", f"GROUP_CONCAT('[', CAST({listed} AS BINARY), ']')")

    def estimate(self, table: str) -> Sql:
        return Sql(
            "SELECT table_rows FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name = ?",
            (table,),
        )


class MysqlDatabase(PooledDatabase[CarefulConnection]):
    """Sessions are read-only, in UTC, at READ COMMITTED, with the server itself ending long statements."""

    def __init__(self, settings: DbSettings, *, clock: Callable[[], float] = time.monotonic) -> None:
        mysql = settings.mysql
        super().__init__(settings, smallest=mysql.minsize, largest=mysql.maxsize, clock=clock)
        self.dialect = MysqlDialect()
        self._settings = mysql
        self._where = mysql.unix_socket or f"{mysql.host}:{mysql.port}"
        self._ways: tuple[Way, ...] = ()
        self._abandoned: set[CarefulConnection] = set()
        self._doomed: set[int] = set()  # what the server calls those of them that it is to end
        self._errand = asyncio.Lock()

    async def _probe(self) -> None:
        self._ways = await asyncio.to_thread(ways, self._settings, "db.mysql", local=bool(self._settings.unix_socket))
        await (await self._connect()).part()

    async def _connect(self) -> CarefulConnection:
        connection = await self._dial()
        try:
            for statement in self._session(connection.get_server_info()):
                await self._run(connection, statement, ())
        except BaseException as error:
            self._abandoned.discard(connection)
            connection.close()
            if isinstance(error, Refused):
                raise CannotOpen(f"The database server at {self._where} refuses its session: {error}.") from error
            raise
        return connection

    async def _dial(self) -> CarefulConnection:
        try:
            # The driver's own patience ends with the TCP connection; a server may be silent after that.
            async with timeout(self._settings.connect_timeout):
                return await first_that_works(self._ways, self._log_in)
        except asyncio.TimeoutError as error:
            raise ConnectionLost(f"{self._where}: the server does not answer") from error

    async def _log_in(self, way: Way) -> CarefulConnection:
        mysql = self._settings
        arguments: dict[str, Any] = {"charset": "utf8mb4", **mysql.options}
        connection = CarefulConnection(
            tls_is_optional=way.optional,
            host=mysql.host,
            port=mysql.port,
            unix_socket=mysql.unix_socket or None,
            user=mysql.user,
            # The driver sends it as Latin-1, but what servers keep is a digest of UTF-8.
            password=mysql.password.encode().decode("latin1"),
            db=mysql.db,
            autocommit=True,
            ssl=way.context,
            program_name=name_on_server(mysql),
            **arguments,
        )
        try:
            await connection.open()
        except (pymysql.err.MySQLError, OSError, asyncio.IncompleteReadError) as error:
            reason = "it offers none" if _number(error) == NO_TLS else fault(error, mysql.host)
            if reason is not None:
                raise TlsFault(
                    f"There is no TLS with the database server at {self._where}: {reason} "
                    f'([db.mysql] sslmode is "{mysql.sslmode}").'
                ) from error
            if _number(error) in _FULL:
                raise Full(f"{self._where}: {_message(error)}") from error
            if _number(error) in _REFUSED:
                raise CannotOpen(
                    f"The database server at {self._where} refuses: {_message(error)} (see [db.mysql])."
                ) from error
            raise ConnectionLost(f"{self._where}: {_message(error)}") from error
        except RuntimeError as error:  # a way to log in that needs a package which is not installed
            raise CannotOpen(f"Cannot log in to the database server at {self._where}: {_message(error)}.") from error
        return connection

    def _session(self, version: str) -> tuple[str, ...]:
        """What a fresh connection is told. Both servers have a statement timeout, under two names and units."""
        seconds = self._statement_timeout
        limit = (
            f"max_statement_time = {seconds:.3f}"
            if "mariadb" in version.lower()
            else f"max_execution_time = {round(seconds * 1000)}"
        )
        return (
            f"SET SESSION time_zone = '+00:00', sql_mode = '', group_concat_max_len = {_LONGEST_JOINED}, {limit}",
            "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED, READ ONLY",
        )

    async def _disconnect(self, connection: CarefulConnection) -> None:
        """The server does not notice that nobody waits for a statement any more: it has to be told."""
        if connection not in self._abandoned:
            await connection.part()
            return
        self._abandoned.discard(connection)
        number = connection.thread_id()
        connection.close()
        self._doomed.add(number)
        try:
            async with timeout(_FAREWELL), self._errand:
                if number in self._doomed:
                    await self._end_doomed()
        finally:
            self._doomed.discard(number)

    async def _end_doomed(self) -> None:
        """One messenger at a time, for all that wait for one: they come in addition to the pool's connections."""
        messenger = await self._dial()
        try:
            while self._doomed:
                number = self._doomed.pop()
                try:
                    await _rows(messenger, f"KILL {number:d}", ())
                except pymysql.err.MySQLError as error:
                    if _number(error) != _NO_SUCH_SESSION:
                        raise
                # The server hangs up at once, but it counts the session until the statement has ended.
                session = f"SELECT 1 FROM information_schema.processlist WHERE id = {number:d}"
                while await _rows(messenger, session, ()):  # noqa: ASYNC110 - nothing here could tell us
                    await asyncio.sleep(_PAUSE)
        finally:
            await messenger.part()

    async def _run(self, connection: CarefulConnection, text: str, args: tuple[Any, ...]) -> list[tuple[Any, ...]]:
        try:
            async with timeout(self._statement_timeout + _GRACE):
                return await _rows(connection, text, args)
        except asyncio.TimeoutError:
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
            said = without_values(_message(error)) if number in _QUOTING else _message(error)
            raise Refused(f"({number}) {said}") from error


class _QuietCursor(aiomysql.Cursor):  # type: ignore[misc]  # the driver has no types
    """By itself the driver asks for the server's warnings, which hold values of rows, and prints them."""

    async def _show_warnings(self, connection: aiomysql.Connection) -> None:
        pass


def connect(settings: DbSettings) -> Database:
    return MysqlDatabase(settings)


async def _rows(connection: CarefulConnection, text: str, args: tuple[Any, ...]) -> list[tuple[Any, ...]]:
    async with connection.cursor(_QuietCursor) as cursor:
        await cursor.execute(text, args or None)
        return list(await cursor.fetchall())


def _number(error: BaseException) -> int | None:
    """The error number, or None for a broken connection that never got so far as to have one."""
    if isinstance(error, pymysql.err.MySQLError) and error.args and isinstance(error.args[0], int):
        return error.args[0]
    return None


def _message(error: BaseException) -> str:
    """What the server or the driver says; of a connection that could not be made, also what the system says."""
    said = str(error.args[-1] if error.args else error).rstrip(".")
    cause = str(error.__cause__) if isinstance(error.__cause__, OSError) else ""
    return said if cause in said else f"{said}: {cause}"
