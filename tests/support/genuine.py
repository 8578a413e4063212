"""The genuine archives of ../shared: each in its own database, and carried over into the other two kinds."""

import gzip
import io
import re
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import aiomysql
import asyncpg
import pymysql
from msgspec import Struct

from app.demo.tables import SUFFIXES, bind, columns, create_statements, insert_statement
from app.demo.writers import WRITERS, Writer
from tests.support.servers import MysqlServer, PostgresqlServer

BATCH = 500
_COPY = re.compile(rb'COPY public\."?(?P<table>\w+)"? \((?P<columns>[^)]*)\) FROM stdin;\n')
READ_BY_US = tuple(suffix for suffix in SUFFIXES if suffix not in {"_users", "_daily"})


class Genuine(Struct, frozen=True):
    """An archive file, the kind of database it was made for, and the writer whose conventions it follows."""

    name: str
    file: str
    kind: str
    writer: str


GENUINE = (
    Genuine("neofuuka-mariadb", "neofuuka-mariadb.sql.gz", "mysql", "neofuuka"),
    Genuine("ritual-sqlite", "ritual-sqlite.db.gz", "sqlite", "ritual"),
    Genuine("asagi-postgresql", "asagi-postgresql.sql.gz", "postgresql", "asagi"),
    Genuine("vichan-sqlite", "vichan-sqlite.db.gz", "sqlite", "vichan"),
    Genuine("oldasagi-sqlite", "oldasagi-sqlite.db.gz", "sqlite", "oldasagi"),
)


class Contents(Struct, frozen=True):
    """A table's rows, whatever database they come from."""

    columns: tuple[str, ...]
    rows: list[tuple[Any, ...]]


def unpack_sqlite(archive: Path, target: Path) -> None:
    """The SQLite file of an archive, as it was packed."""
    with gzip.open(archive, "rb") as packed, target.open("wb") as plain:
        shutil.copyfileobj(packed, plain)


def load_dump_mysql(archive: Path, server: MysqlServer, database: str) -> None:
    """A MariaDB dump into a database, statement by statement as its own client sends them."""
    with pymysql.connect(**_sync(server.connect_kwargs(database))) as connection:
        with connection.cursor() as cursor:
            for statement in _statements(archive):
                cursor.execute(statement)
        connection.commit()


async def load_dump_postgresql(archive: Path, server: PostgresqlServer, database: str) -> None:
    """A PostgreSQL dump into a database: statements as they are, COPY blocks by the driver's own copying."""
    connection = await asyncpg.connect(**server.connect_kwargs(database))
    try:
        statements: list[bytes] = []
        with gzip.open(archive) as lines:
            for line in lines:
                copying = _COPY.fullmatch(line)
                if copying is None:
                    if line.strip() and not line.startswith(b"--"):
                        statements.append(line)
                    continue
                if statements:
                    await connection.execute(b"".join(statements).decode())
                    statements.clear()
                await connection.copy_to_table(
                    copying["table"].decode(),
                    schema_name="public",
                    columns=[name.strip('" ') for name in copying["columns"].decode().split(",")],
                    source=io.BytesIO(b"".join(iter(lines.readline, b"\\.\n"))),
                )
        await connection.execute(b"".join(statements).decode())
    finally:
        await connection.close()


def read_sqlite(path: Path) -> dict[str, Contents]:
    with sqlite3.connect(path) as connection:
        names = [
            row[0]
            for row in connection.execute(
                "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
            )
        ]
        found = {}
        for name in names:
            cursor = connection.execute(f'SELECT * FROM "{name}"')
            found[name] = Contents(tuple(column[0] for column in cursor.description), cursor.fetchall())
    connection.close()
    return found


def read_mysql(server: MysqlServer, database: str) -> dict[str, Contents]:
    with (
        pymysql.connect(**_sync(server.connect_kwargs(database))) as connection,
        connection.cursor() as cursor,
    ):
        cursor.execute("SHOW TABLES")
        found = {}
        for (name,) in cursor.fetchall():
            cursor.execute(f"SELECT * FROM `{name}`")
            found[name] = Contents(tuple(column[0] for column in cursor.description), list(cursor.fetchall()))
    return found


async def read_postgresql(server: PostgresqlServer, database: str) -> dict[str, Contents]:
    connection = await asyncpg.connect(**server.connect_kwargs(database))
    try:
        names = await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        found = {}
        for (name,) in names:
            statement = await connection.prepare(f'SELECT * FROM "{name}"')
            head = tuple(attribute.name for attribute in statement.get_attributes())
            found[name] = Contents(head, [tuple(row) for row in await statement.fetch()])
        return found
    finally:
        await connection.close()


def _transfers(
    contents: dict[str, Contents], dialect: Any, writer: Writer
) -> Iterator[tuple[list[str], str, list[Any]]]:
    """(statements, insert, rows) for each board, and each of its tables, in an order foreign keys allow."""
    boards = [name for name in contents if not name.endswith(("_threads", "_images", "_deleted", "_users", "_daily"))]
    for board in boards:
        # One hostile hash is longer than any real one; SQLite took it, so the others get room for it.
        statements = create_statements(dialect, writer, board)
        yield [text.replace("varchar(25)", "varchar(40)") for text in statements], "", []
        for suffix in READ_BY_US:
            table = contents.get(f"{board}{suffix}")
            if table is None or suffix not in writer.suffixes:
                continue
            names = columns(writer, suffix)
            places = [table.columns.index(name) if name in table.columns else None for name in names]
            rows = [
                bind(dialect, writer, suffix, tuple(None if place is None else row[place] for place in places))
                for row in map(_with_numbers(table.columns, writer), table.rows)
            ]
            yield [], insert_statement(dialect, writer, board, suffix), rows


def _with_numbers(names: tuple[str, ...], writer: Writer) -> Callable[[tuple[Any, ...]], tuple[Any, ...]]:
    """PostgreSQL says NULL for "no picture"; where NULL may not stand, the others say 0."""
    if writer.loose or "media_id" not in names:
        return lambda row: row
    place = names.index("media_id")
    return lambda row: (*row[:place], row[place] or 0, *row[place + 1 :])


def write_sqlite(path: Path, contents: dict[str, Contents], writer: str) -> None:
    connection = sqlite3.connect(path)
    for statements, insert, rows in _transfers(contents, "sqlite", WRITERS[writer]):
        for statement in statements:
            connection.execute(statement)
        if rows:
            connection.executemany(insert, rows)
    connection.commit()
    connection.close()


async def write_mysql(server: MysqlServer, database: str, contents: dict[str, Contents], writer: str) -> None:
    connection = await aiomysql.connect(**server.connect_kwargs(database))
    try:
        async with connection.cursor() as cursor:
            for statements, insert, rows in _transfers(contents, "mysql", WRITERS[writer]):
                for statement in statements:
                    await cursor.execute(statement)
                for start in range(0, len(rows), BATCH):
                    await cursor.executemany(insert, rows[start : start + BATCH])
        await connection.commit()
    finally:
        connection.close()


async def write_postgresql(server: PostgresqlServer, database: str, contents: dict[str, Contents], writer: str) -> None:
    connection = await asyncpg.connect(**server.connect_kwargs(database))
    try:
        for statements, insert, rows in _transfers(contents, "postgresql", WRITERS[writer]):
            for statement in statements:
                await connection.execute(statement)
            if rows:
                await connection.executemany(insert, rows)
    finally:
        await connection.close()


def _statements(archive: Path) -> Iterator[str]:
    """Statements of a dump: those end with a semicolon at the end of a line, and texts hold no raw newline."""
    statement: list[str] = []
    with gzip.open(archive, "rt", encoding="utf-8", newline="\n") as lines:
        for line in lines:
            if not statement and (not line.strip() or line.startswith("--")):
                continue
            statement.append(line)
            if line.endswith(";\n"):
                yield "".join(statement).rstrip(";\n")
                statement = []


def _sync(given: dict[str, Any]) -> dict[str, Any]:
    return {("database" if key == "db" else key): value for key, value in given.items()}
