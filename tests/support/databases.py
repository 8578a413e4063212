"""An empty database of each kind for a test: the settings that lead to it, and statements with all rights."""

import asyncio
import sqlite3
import threading
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import asyncpg
import msgspec
import pymysql
import pytest

from app.compat import timeout
from app.db.mysql import MysqlDialect
from app.db.postgresql import PostgresqlDialect
from app.db.sqlite import SqliteDialect
from app.settings import DbSettings, MysqlSettings, PoolSettings, PostgresqlSettings, SqliteSettings
from tests.support.servers import Server

KINDS = ("sqlite", "mysql", "postgresql", "pgbouncer")

SLOW = {
    "sqlite": "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c) SELECT max(n) FROM c",
    "mysql": "SELECT SLEEP(60)",
    "postgresql": "SELECT pg_sleep(60)",
    "pgbouncer": "SELECT pg_sleep(60)",
}
"""A statement of each kind that takes a minute or for ever."""

# Types of columns: SQLite, MariaDB, PostgreSQL.
_TYPES = {
    "int": ("integer", "int unsigned not null default 0", "integer not null default 0"),
    "flag": ("integer", "tinyint not null default 0", "boolean not null default false"),
    "text": ("text", "text", "text"),
    "short": ("text", "varchar(60)", "varchar(60)"),
    "serial": (
        "integer primary key autoincrement",
        "int unsigned not null auto_increment primary key",
        "serial primary key",
    ),
}
POSTS: Mapping[str, str] = {
    "doc_id": "serial",
    "media_id": "int",
    "poster_ip": "int",
    "num": "int",
    "subnum": "int",
    "thread_num": "int",
    "op": "flag",
    "timestamp": "int",
    "timestamp_expired": "int",
    "preview_orig": "short",
    "preview_w": "int",
    "preview_h": "int",
    "media_filename": "text",
    "media_w": "int",
    "media_h": "int",
    "media_size": "int",
    "media_hash": "short",
    "media_orig": "short",
    "spoiler": "flag",
    "deleted": "flag",
    "capcode": "short",
    "email": "short",
    "name": "short",
    "trip": "short",
    "title": "short",
    "comment": "text",
    "delpass": "text",
    "sticky": "flag",
    "locked": "flag",
    "poster_hash": "short",
    "poster_country": "short",
    "exif": "text",
}
"""Columns of a board's table and their kinds (Asagi schema notes, section 1.1)."""

THREADS: Mapping[str, str] = {
    "thread_num": "int",
    "time_op": "int",
    "time_last": "int",
    "time_bump": "int",
    "time_ghost": "int",
    "time_ghost_bump": "int",
    "nreplies": "int",
    "nimages": "int",
    "sticky": "flag",
    "locked": "flag",
}


class Place(msgspec.Struct, frozen=True):
    """A database of a test's own. `server` is where statements with all rights go."""

    kind: str
    table: dict[str, Any]
    """What stands in the `[db.…]` table of the kind."""
    file: Path | None = None
    server: Server | None = None
    name: str = ""

    @property
    def column(self) -> int:
        return {"sqlite": 0, "mysql": 1}.get(self.kind, 2)

    def quote(self, name: str) -> str:
        return (SqliteDialect(), MysqlDialect(), PostgresqlDialect())[self.column].quote(name)

    def settings(
        self,
        *,
        acquire: float = 5.0,
        statement: float = 10.0,
        largest: int | None = None,
        pool: Mapping[str, Any] | None = None,
        echo: bool = False,
        slow: float = 60.0,
        **changes: Any,
    ) -> DbSettings:
        """`largest` bounds the pool (not SQLite's, which is fixed), `pool` holds further keys of its table; other
        names are keys of the kind's table."""
        whole = DbSettings(
            pool=PoolSettings(acquire_timeout=acquire, statement_timeout=statement, **(pool or {})),
            echo=echo,
            slow_statement=slow,
        )
        table = {**self.table, **changes}
        if self.kind == "sqlite":
            sqlite = msgspec.convert(table, SqliteSettings)
            return msgspec.structs.replace(whole, db_type="sqlite", sqlite=sqlite)
        if self.kind == "mysql":
            sizes = {} if largest is None else {"maxsize": largest}
            mysql = msgspec.convert({**table, **sizes}, MysqlSettings)
            return msgspec.structs.replace(whole, db_type="mysql", mysql=mysql)
        sizes = {} if largest is None else {"max_size": largest}
        postgresql = msgspec.convert({**table, **sizes}, PostgresqlSettings)
        return msgspec.structs.replace(whole, db_type="postgresql", postgresql=postgresql)

    def execute(self, *statements: str, args: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Runs statements with all rights, directly on the server; gives the rows of the last one.

        `args` are for the marks of the driver: `?`, `%s` or `$1`.
        """
        if self.file is not None:
            with closing(sqlite3.connect(self.file)) as connection:
                rows: list[tuple[Any, ...]] = []
                for statement in statements:
                    rows = connection.execute(statement, args).fetchall()
                connection.commit()
                return rows
        assert self.server is not None
        given = self.server.connect_kwargs(self.name)
        if self.kind == "mysql":
            given["database"] = given.pop("db")
            with closing(pymysql.connect(**given, autocommit=True)) as connection, connection.cursor() as cursor:
                for statement in statements:
                    cursor.execute(statement, args or None)
                return list(cursor.fetchall())
        with ThreadPoolExecutor(1) as thread:
            return thread.submit(asyncio.run, _on_postgresql(given, statements, args)).result()

    def create(self, name: str, columns: Mapping[str, str]) -> None:
        """A table without any index but that of a serial column."""
        parts = ", ".join(f"{self.quote(column)} {_TYPES[kind][self.column]}" for column, kind in columns.items())
        self.execute(f"CREATE TABLE {self.quote(name)} ({parts})")

    def insert(self, name: str, *rows: Mapping[str, int | str]) -> None:
        """Rows whose values need no escaping; the database turns '1' into a number or true."""
        self.execute(
            *(
                f"INSERT INTO {self.quote(name)} ({', '.join(map(self.quote, row))}) "
                f"VALUES ({', '.join(repr(str(value)) for value in row.values())})"
                for row in rows
            )
        )

    def put(self, name: str, *row: Any) -> None:
        """One row through the driver's arguments, which takes any text."""
        marks = ", ".join(("?", "%s", f"${place}")[self.column] for place in range(1, len(row) + 1))
        self.execute(f"INSERT INTO {self.quote(name)} VALUES ({marks})", args=row)

    def running(self, text: str) -> int:
        """How many statements with this text the server is working on."""
        if self.kind == "mysql":
            statement = f"SELECT COUNT(*) FROM information_schema.processlist WHERE info = '{text}'"
        else:
            statement = (
                "SELECT COUNT(*) FROM pg_stat_activity "
                f"WHERE state = 'active' AND query = '{text}' AND pid <> pg_backend_pid()"
            )
        return int(self.execute(statement)[0][0])


async def _on_postgresql(
    given: dict[str, Any], statements: Sequence[str], args: Sequence[Any]
) -> list[tuple[Any, ...]]:
    connection = await asyncpg.connect(**given)
    try:
        rows: list[Any] = []
        for statement in statements:
            rows = await connection.fetch(statement, *args)
        return [tuple(row) for row in rows]
    finally:
        await connection.close()


@contextmanager
def fresh_place(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    """A new database of a kind of `KINDS`, on the shared server of that kind."""
    if kind == "sqlite":
        file = tmp_path / "archive.db"
        with closing(sqlite3.connect(file)) as connection:
            connection.execute("CREATE TABLE made (n)")
            connection.execute("DROP TABLE made")
            connection.commit()
        yield Place(kind, {"database": file}, file=file)
        return
    server: Server = request.getfixturevalue("mysql_server" if kind == "mysql" else "postgresql_server")
    front: Server = request.getfixturevalue("pgbouncer_server") if kind == "pgbouncer" else server
    with server.fresh_database() as name:
        yield Place(kind, dict(front.settings_table(name)), server=server, name=name)


async def eventually(check: Callable[[], bool], seconds: float = 5.0) -> bool:
    """Whether the check comes true in time; for what happens in another thread or process."""
    try:
        async with timeout(seconds):
            while not check():  # noqa: ASYNC110 - nothing here could tell us
                await asyncio.sleep(0.02)
    except asyncio.TimeoutError:
        return False
    return True


async def outcome(work: Awaitable[Any]) -> BaseException | None:
    """The exception that an awaitable ended with."""
    try:
        await work
    except BaseException as error:
        return error
    return None


async def threads_end(before: Iterable[threading.Thread]) -> bool:
    """Whether no threads are left but those of before and those that the event loop keeps for itself."""
    kept = set(before)

    def gone() -> bool:
        return {thread for thread in threading.enumerate() if not thread.name.startswith("asyncio_")} <= kept

    return await eventually(gone)
