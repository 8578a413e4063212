"""Tables for invented boards, as bare as tables of real archives may be, in each kind of database."""

import asyncio
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from typing import Any, Final

import asyncpg
import pymysql

from tests.support.databases import Place
from tests.support.search_archives import Plan
from tests.support.search_model import ModelBoard

# Columns: type in SQLite, MariaDB, PostgreSQL.
_TYPES: Final = {
    "key": ("integer primary key", "int unsigned primary key", "integer primary key"),
    "int": ("integer", "int unsigned", "integer"),
    "flag": ("integer", "tinyint", "boolean"),
    "text": ("text", "text", "text"),
    "short": ("text", "varchar(100)", "varchar(100)"),
    "letter": ("text", "varchar(1)", "character(1)"),
}
COLUMNS: Final = {
    "doc_id": "key",
    "num": "int",
    "subnum": "int",
    "thread_num": "int",
    "timestamp": "int",
    "media_filename": "text",
    "media_w": "int",
    "media_h": "int",
    "media_size": "int",
    "media_hash": "short",
    "media_orig": "short",
    "spoiler": "flag",
    "deleted": "flag",
    "capcode": "letter",
    "email": "short",
    "name": "short",
    "trip": "short",
    "title": "short",
    "comment": "text",
    "sticky": "flag",
    "poster_hash": "short",
    "poster_country": "short",
    "exif": "text",
}


def load(place: Place, plans: Sequence[Plan], boards: Sequence[ModelBoard]) -> None:
    """Writes the boards into an empty database: tables, indexes, rows, and what moderators removed."""
    statements: list[tuple[str, list[tuple[Any, ...]]]] = []
    for plan, board in zip(plans, boards, strict=True):
        columns = [column for column in COLUMNS if column not in plan.lacking]
        charset = f" default charset={plan.mysql}" if place.kind == "mysql" else ""
        for suffix in ("", "_deleted"):
            table = place.quote(board.name + suffix)
            parts = ", ".join(f"{place.quote(name)} {_TYPES[COLUMNS[name]][place.column]}" for name in columns)
            statements.append((f"CREATE TABLE {table} ({parts}){charset}", []))
            posts = [post for post in board.posts if not suffix or post.removed]
            marks = ", ".join(("?", "%s", f"${nth}")[place.column] for nth in range(1, len(columns) + 1))
            rows = [tuple(_bound(place, name, post.row[name]) for name in columns) for post in posts]
            if rows:
                statements.append((f"INSERT INTO {table} VALUES ({marks})", rows))
        table = place.quote(board.name)
        for index in ("num", *(each for each in plan.indexes if each in columns)):
            together = {"num": "num, subnum" if "subnum" in columns else "num", "name": "name, trip"}.get(index, index)
            name = place.quote(f"{board.name}_{index}")
            statements.append((f"CREATE INDEX {name} ON {table} ({together})", []))
    if place.file is not None:
        with closing(sqlite3.connect(place.file)) as connection:
            for statement, rows in statements:
                connection.executemany(statement, rows) if rows else connection.execute(statement)
            connection.commit()
    elif place.kind == "mysql":
        assert place.server is not None
        given = place.server.connect_kwargs(place.name)
        with closing(pymysql.connect(database=given.pop("db"), **given)) as connection, connection.cursor() as cursor:
            for statement, rows in statements:
                cursor.executemany(statement, rows) if rows else cursor.execute(statement)
            connection.commit()
    else:
        asyncio.run(_load_postgresql(place, statements))


async def _load_postgresql(place: Place, statements: Sequence[tuple[str, list[tuple[Any, ...]]]]) -> None:
    assert place.server is not None
    connection = await asyncpg.connect(**place.server.connect_kwargs(place.name))
    try:
        for statement, rows in statements:
            await (connection.executemany(statement, rows) if rows else connection.execute(statement))
    finally:
        await connection.close()


def _bound(place: Place, column: str, value: Any) -> Any:
    if place.kind == "postgresql" and COLUMNS[column] == "flag" and value is not None:
        return bool(value)
    return value
