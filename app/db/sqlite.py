"""SQLite: several read-only connections to one file, each with a thread of its own (aiosqlite)."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from pathlib import Path
from typing import Any
from urllib.parse import quote as percent_encode

import aiosqlite

from app.db.base import CannotOpen, Database, Sql
from app.db.pooled import ConnectionLost, PooledDatabase, StatementTimeout
from app.settings import DbSettings

log = logging.getLogger("koiwai.db")

CONNECTIONS = 4
"""Statements of one process that may run at the same time; more would only wait for the same disk."""

_HEADER_MAGIC = b"SQLite format 3\x00"
_VERSION_OF_WAL = 2  # bytes 18 and 19 of the file's header; 1 stands for a rollback journal


class SqliteDialect:
    name = "sqlite"
    columns = Sql(
        "SELECT t.name, c.name, t.type = 'table' FROM sqlite_master AS t, pragma_table_xinfo(t.name) AS c "
        "WHERE t.type IN ('table', 'view') AND t.name NOT LIKE 'sqlite_%' ORDER BY t.name, c.cid"
    )
    # The primary key of a rowid table is not in index_list; it counts as an index here.
    indexes = Sql(
        "SELECT owner, label, part FROM ("
        "SELECT t.name AS owner, '' AS label, c.name AS part, c.pk AS place "
        "FROM sqlite_master AS t, pragma_table_xinfo(t.name) AS c WHERE t.type = 'table' AND c.pk > 0 "
        "UNION ALL "
        "SELECT t.name, i.name, c.name, c.seqno "
        "FROM sqlite_master AS t, pragma_index_list(t.name) AS i, pragma_index_info(i.name) AS c "
        "WHERE t.type = 'table' AND i.partial = 0) ORDER BY owner, label, place"
    )

    def quote(self, identifier: str) -> str:
        return '"' + identifier.replace('"', '""') + '"'

    def render(self, sql: Sql) -> str:
        return sql.text

    def equals(self, column: str) -> str:
        return f"{column} = ?"

    def estimate(self, table: str) -> Sql:
        """The highest rowid: SQLite keeps no statistics of its own, and rows are hardly ever deleted."""
        return Sql(f"SELECT max(rowid) FROM {self.quote(table)}")


class SqliteDatabase(PooledDatabase[aiosqlite.Connection]):
    """Opened with `mode=ro`: a missing file is an error and is never made, and every write is refused."""

    def __init__(self, settings: DbSettings) -> None:
        super().__init__(
            smallest=1,
            largest=CONNECTIONS,
            acquire_timeout=settings.pool.acquire_timeout,
            statement_timeout=settings.pool.statement_timeout,
            echo=settings.echo,
        )
        self.dialect = SqliteDialect()
        self._file = settings.sqlite.database
        self._options = settings.sqlite.options
        self._immutable = False

    async def _probe(self) -> None:
        unwritten = await asyncio.to_thread(_is_wal_without_writer, self._file)
        connection = await self._connect()
        try:
            await connection.execute_fetchall("SELECT count(*) FROM sqlite_master")
        except sqlite3.OperationalError as error:
            if not unwritten:
                raise CannotOpen(f"SQLite cannot read {self._file}: {error}.") from error
            # Reading a WAL database needs a shared-memory file beside it. Where the folder may not be written to
            # and no writer is at work, SQLite reads the file as one that does not change.
            self._immutable = True
            log.warning("%s cannot be locked in its folder: it is read as a file that never changes", self._file)
        except sqlite3.DatabaseError as error:
            raise CannotOpen(f"{self._file} is not a SQLite database: {error}.") from error
        finally:
            await connection.close()

    async def _connect(self) -> aiosqlite.Connection:
        address = f"file:{percent_encode(str(self._file))}?mode=ro" + ("&immutable=1" if self._immutable else "")
        try:
            connection = await aiosqlite.connect(address, uri=True, isolation_level=None, **self._options)
        except sqlite3.OperationalError as error:
            raise ConnectionLost(f"{self._file}: {error}") from error
        return connection

    async def _disconnect(self, connection: aiosqlite.Connection) -> None:
        await connection.close()

    async def _run(self, connection: aiosqlite.Connection, text: str, args: tuple[Any, ...]) -> list[tuple[Any, ...]]:
        try:
            return await self._within_time(connection, text, args)
        except sqlite3.OperationalError as error:
            if "decode to UTF-8" in str(error):
                return await self._run_tolerantly(connection, text, args)
            if _file_is_gone(error):
                raise ConnectionLost(f"{self._file}: {error}") from error
            raise

    async def _within_time(
        self, connection: aiosqlite.Connection, text: str, args: tuple[Any, ...]
    ) -> list[tuple[Any, ...]]:
        """The statement is interrupted when its time is up or nobody waits for it any more.

        The connection's thread must be free again before the connection is handed on, so an interrupted
        statement is waited for; SQLite ends it at once.
        """
        work = asyncio.ensure_future(connection.execute_fetchall(text, args))
        try:
            await asyncio.wait({work}, timeout=self._statement_timeout)
        finally:
            in_time = work.done()
            if not in_time:
                await connection.interrupt()
                await asyncio.wait({work})
        if in_time:
            return work.result()  # type: ignore[return-value]  # sqlite3 gives plain tuples without a row factory
        if (error := work.exception()) is not None and not isinstance(error, sqlite3.OperationalError):
            raise error
        raise StatementTimeout

    async def _run_tolerantly(
        self, connection: aiosqlite.Connection, text: str, args: tuple[Any, ...]
    ) -> list[tuple[Any, ...]]:
        """Text that is not UTF-8 (halves of surrogate pairs, cut characters) is read with U+FFFD in its place."""
        connection.text_factory = _decode
        try:
            return await self._within_time(connection, text, args)
        finally:
            connection.text_factory = str


def connect(settings: DbSettings) -> Database:
    return SqliteDatabase(settings)


def _is_wal_without_writer(file: Path) -> bool:
    """Whether the file wants a write-ahead log beside it and has none. Raises CannotOpen for what is no archive."""
    try:
        with file.open("rb") as handle:
            header = handle.read(20)
    except FileNotFoundError:
        raise CannotOpen(f"There is no SQLite archive at {file}.") from None
    except OSError as error:
        raise CannotOpen(f"The SQLite archive {file} cannot be read: {error.strerror}.") from error
    if not header.startswith(_HEADER_MAGIC):
        raise CannotOpen(f"{file} is not a SQLite database.")
    return header[18] == _VERSION_OF_WAL and not Path(f"{file}-wal").exists()


def _file_is_gone(error: sqlite3.OperationalError) -> bool:
    return error.sqlite_errorcode in {sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_BUSY}


def _decode(raw: bytes) -> str:
    return raw.decode("utf-8", "replace")
