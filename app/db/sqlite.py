"""SQLite: several read-only connections to one file, each with a thread of its own (aiosqlite)."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote as percent_encode

import aiosqlite
import msgspec

from app.compat import timeout
from app.db import wide_rows
from app.db.base import CannotOpen, Database, Packing, Sql
from app.db.patterns import glob_pattern, is_plain, like_pattern, like_patterns
from app.db.pooled import ConnectionLost, Locked, PooledDatabase, Refused, StatementTimeout, TableMissing
from app.errors import Unavailable
from app.settings import DbSettings

log = logging.getLogger("koiwai.db")

CONNECTIONS = 4
"""Statements of one process that may run at the same time; more would only wait for the same disk."""

_HEADER_MAGIC = b"SQLite format 3\x00"

# SQLite's numbers for what went wrong, and its words: Python 3.10 passes on only these.
_ERROR, _BUSY, _READONLY, _IOERR, _CORRUPT, _CANTOPEN, _PROTOCOL, _NOTADB = 1, 5, 8, 10, 11, 14, 15, 26
_CODES = {
    "database is locked": _BUSY,
    "attempt to write a readonly database": _READONLY,
    "disk I/O error": _IOERR,
    "database disk image is malformed": _CORRUPT,
    "unable to open database file": _CANTOPEN,
    "locking protocol": _PROTOCOL,
    "file is not a database": _NOTADB,
}
_UNUSABLE = frozenset({_IOERR, _CORRUPT, _CANTOPEN, _PROTOCOL, _NOTADB})
_VERSION_OF_WAL = 2  # bytes 18 and 19 of the file's header; 1 stands for a rollback journal
_PLAIN = "t.name NOT LIKE 'sqlite_%' AND t.sql NOT LIKE 'CREATE VIRTUAL%'"


class SqliteDialect:
    name = "sqlite"
    rows_lie_by_key = False  # they do, but finding out which ones takes as long as is won
    ping = Sql("SELECT 1 FROM sqlite_master LIMIT 1")  # without a table SQLite would not touch the file
    # Describing a view, or a table of an extension, may fail: that must not be part of describing all others.
    columns = Sql(
        "SELECT t.name, c.name, 1 FROM sqlite_master AS t, pragma_table_xinfo(t.name) AS c "
        f"WHERE t.type = 'table' AND {_PLAIN} ORDER BY t.name, c.cid"
    )
    doubtful: Sql | None = Sql(
        "SELECT name FROM sqlite_master AS t WHERE t.type = 'view' "
        f"OR (t.type = 'table' AND NOT ({_PLAIN}) AND t.name NOT LIKE 'sqlite_%') ORDER BY name"
    )
    # The primary key of a rowid table is not in index_list; it counts as an index here.
    indexes = Sql(
        "SELECT owner, label, part FROM ("
        "SELECT t.name AS owner, '' AS label, c.name AS part, c.pk AS place "
        "FROM sqlite_master AS t, pragma_table_xinfo(t.name) AS c "
        f"WHERE t.type = 'table' AND {_PLAIN} AND c.pk > 0 "
        "UNION ALL "
        "SELECT t.name, i.name, c.name, c.seqno "
        "FROM sqlite_master AS t, pragma_index_list(t.name) AS i, pragma_index_info(i.name) AS c "
        f"WHERE t.type = 'table' AND {_PLAIN} AND i.partial = 0) ORDER BY owner, label, place"
    )

    def quote(self, identifier: str) -> str:
        return '"' + identifier.replace('"', '""') + '"'

    def render(self, sql: Sql) -> str:
        return wide_rows.as_one(sql) if sql.columns else sql.text

    def columns_of(self, name: str) -> Sql:
        return Sql(
            "SELECT t.name, c.name, t.type = 'table' FROM sqlite_master AS t, pragma_table_xinfo(t.name) AS c "
            "WHERE t.name = ? AND t.type IN ('table', 'view') ORDER BY c.cid",
            (name,),
        )

    def equals(self, column: str) -> str:
        return f"{column} = ?"

    def equals_by_index(self, column: str) -> str:
        return self.equals(column)

    def equals_by_reading(self, column: str) -> str:
        return f"+{column} = ?"

    def contains(self, column: str, parts: Sequence[str]) -> Sql:
        if is_plain(parts):
            return Sql(f"{column} LIKE ? ESCAPE '!'", (like_pattern(parts),))
        # LIKE folds only ASCII, and GLOB is ten times slower: it looks only at what has the first letters.
        likely = like_patterns(parts)
        text = " OR ".join([f"{column} LIKE ? ESCAPE '!'"] * len(likely))
        return Sql(f"(({text}) AND {column} GLOB ?)", (*likely, glob_pattern(parts)))

    def length(self, column: str) -> tuple[str, str]:
        return f"length({column})", f"length(CAST({column} AS BLOB))"  # the first stops at a NUL

    def packing(self, numbers: Sequence[str], texts: Sequence[str]) -> Packing | None:
        return None

    def estimate(self, table: str) -> Sql:
        """The highest rowid: SQLite keeps no statistics of its own, and rows are hardly ever deleted."""
        return Sql(f"SELECT max(rowid) FROM {self.quote(table)}")


class SqliteDatabase(PooledDatabase[aiosqlite.Connection]):
    """Opened with `mode=ro`: a missing file is an error and is never made, and every write is refused."""

    def __init__(self, settings: DbSettings, *, look_every: float = 1.0) -> None:
        super().__init__(settings, smallest=1, largest=CONNECTIONS)
        self.dialect = SqliteDialect()
        self._file = settings.sqlite.database
        # A lock is waited for as long as a connection would be.
        self._arguments: dict[str, Any] = {"timeout": settings.pool.acquire_timeout, **settings.sqlite.options}
        self._immutable = False
        self._state: tuple[object, ...] = ()
        self._look_every = look_every  # seconds between two looks at which file it is
        self._looked = float("-inf")
        self._reopening = asyncio.Lock()

    async def fetch(self, sql: Sql) -> list[tuple[Any, ...]]:
        """As everywhere; first of all, a file that has taken the place of the one that was opened is noticed."""
        if time.monotonic() - self._looked >= self._look_every:
            async with self._reopening:
                self._looked = time.monotonic()
                if self._state_of_file() != self._state:
                    await self._reopen()
        return await super().fetch(sql)

    async def _reopen(self) -> None:
        self._pool.forget_all()
        try:
            await self._probe()
        except (CannotOpen, ConnectionLost) as error:
            self._looked = float("-inf")
            log.warning("the archive was replaced and cannot be read: %s", error)
            raise Unavailable("The archive's database cannot be reached right now.", retry_after=5) from error
        self.edition += 1
        log.info("%s is another file now, or may be written to: it was opened anew", self._file)

    def _state_of_file(self) -> tuple[object, ...]:
        """What changes when another file takes this one's place; for one read as unchanging, when it is written to."""
        try:
            found = self._file.stat()
        except OSError:
            return ()
        if not self._immutable:
            return (found.st_dev, found.st_ino)
        return (found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, _log_of(self._file).exists())

    async def _probe(self) -> None:
        self._immutable = False
        unwritten = await asyncio.to_thread(_is_wal_without_writer, self._file)
        connection = await self._connect()
        try:
            await connection.execute_fetchall("SELECT count(*) FROM sqlite_master")
        except sqlite3.OperationalError as error:
            if _code(error) & 0xFF == _BUSY:
                raise ConnectionLost(f"{self._file}: {error}") from error
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
        self._state = self._state_of_file()

    async def _connect(self) -> aiosqlite.Connection:
        address = f"file:{percent_encode(bytes(self._file))}?mode=ro" + ("&immutable=1" if self._immutable else "")
        try:
            connection = await aiosqlite.connect(address, uri=True, isolation_level=None, **self._arguments)
        except sqlite3.OperationalError as error:
            raise ConnectionLost(f"{self._file}: {error}") from error
        # `mode=ro` holds for this file only; the pragma also for any that a statement might attach.
        try:
            await connection.execute_fetchall("PRAGMA query_only = ON")
        except BaseException:
            connection.stop()  # its thread would outlive us
            raise
        return connection

    async def _disconnect(self, connection: aiosqlite.Connection) -> None:
        """Interrupts what still runs, again and again: a statement that has not begun yet takes no notice."""
        closing = asyncio.ensure_future(connection.close())
        while not closing.done():
            with suppress(ValueError, sqlite3.ProgrammingError):  # it has just been closed
                await connection.interrupt()
            await asyncio.wait({closing}, timeout=0.05)
        closing.result()

    async def _run(self, connection: aiosqlite.Connection, text: str, args: tuple[Any, ...]) -> list[tuple[Any, ...]]:
        try:
            return await self._rows(connection, text, args)
        except sqlite3.DatabaseError as error:
            if "decode to UTF-8" in str(error):
                return await self._run_tolerantly(connection, text, args)
            if _code(error) & 0xFF == _BUSY:
                raise Locked(f"{self._file}: {error}") from error
            if str(error).startswith(("no such table", "no such column")):
                raise TableMissing(str(error)) from error
            if _file_is_unusable(error):
                raise ConnectionLost(f"{self._file}: {error}") from error
            raise Refused(str(error)) from error
        except OverflowError as error:
            raise Refused("an argument is larger than any number of SQLite") from error

    async def _rows(self, connection: aiosqlite.Connection, text: str, args: tuple[Any, ...]) -> list[tuple[Any, ...]]:
        if not wide_rows.are_one(text):
            return await self._within_time(connection, text, args)
        try:
            ((packed, odd),) = await self._within_time(connection, text, args)
            if not odd:
                return wide_rows.unpacked(packed)
        except sqlite3.DatabaseError as error:
            if not wide_rows.are_refused(error):
                raise
        except msgspec.MsgspecError:
            pass
        return await self._within_time(connection, wide_rows.one_by_one(text), args)

    async def _within_time(
        self, connection: aiosqlite.Connection, text: str, args: tuple[Any, ...]
    ) -> list[tuple[Any, ...]]:
        """A statement whose time is up, or for which nobody waits any more, ends as its connection is closed."""
        try:
            async with timeout(self._statement_timeout):
                rows = await connection.execute_fetchall(text, args)
        except asyncio.TimeoutError:
            raise StatementTimeout from None
        return rows  # type: ignore[return-value]  # sqlite3 gives plain tuples without a row factory

    async def _run_tolerantly(
        self, connection: aiosqlite.Connection, text: str, args: tuple[Any, ...]
    ) -> list[tuple[Any, ...]]:
        """Text that is not UTF-8 (halves of surrogate pairs, cut characters) is read with U+FFFD in its place."""
        connection.text_factory = _decode
        try:
            return await self._rows(connection, text, args)
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
        raise CannotOpen(f"There is no SQLite archive at {file}, where [db.sqlite] database leads.") from None
    except OSError as error:
        raise CannotOpen(f"The SQLite archive {file} cannot be read: {error.strerror}.") from error
    if not header.startswith(_HEADER_MAGIC):
        raise CannotOpen(f"{file} is not a SQLite database.")
    return header[18] == _VERSION_OF_WAL and not _log_of(file).exists()


def _log_of(file: Path) -> Path:
    """Where the write-ahead log of a database lies."""
    return file.with_name(f"{file.name}-wal")


def _code(error: sqlite3.DatabaseError) -> int:
    """The error code with its details in the higher bits; what Python raises itself has none."""
    code: int = getattr(error, "sqlite_errorcode", _CODES.get(str(error), _ERROR))
    return code


def _file_is_unusable(error: sqlite3.DatabaseError) -> bool:
    """Whether the file, not the statement, is at fault: gone, damaged, or locked by somebody."""
    code = _code(error)
    if code & 0xFF == _READONLY:
        return code != _READONLY  # a refused write has the plain code
    return code & 0xFF in _UNUSABLE


def _decode(raw: bytes) -> str:
    return raw.decode("utf-8", "replace")
