"""What statements really read: recorded while something runs, then run once more under a database's own counters."""

import asyncio
import json
import sqlite3
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import Any, TypeVar

import asyncpg
import pymysql
import pytest
from msgspec import Struct

from app.db.base import Sql
from app.db.mysql import MysqlDialect
from app.db.pooled import PooledDatabase
from app.db.postgresql import PostgresqlDialect
from tests.support.databases import Place

T = TypeVar("T")

STEPS_PER_ROW = 12
"""Instructions of SQLite's machine that a row of ten columns costs; it counts nothing else."""


class Cost(Struct, frozen=True):
    statement: Sql
    rows: int
    """Rows that the database read; of SQLite about as many, where rows are wide."""
    plan: str


class Recorder:
    """All statements that any database is asked while it is in use."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.statements: list[Sql] = []
        fetch = PooledDatabase.fetch

        async def recorded(database: PooledDatabase[Any], sql: Sql) -> list[tuple[Any, ...]]:
            self.statements.append(sql)
            return await fetch(database, sql)

        monkeypatch.setattr(PooledDatabase, "fetch", recorded)

    def costs(self, place: Place) -> list[Cost]:
        statements = list(dict.fromkeys(self.statements))
        if place.kind == "sqlite":
            return [_on_sqlite(place, sql) for sql in statements]
        assert place.server is not None
        given = place.server.connect_kwargs(place.name)
        if place.kind == "mysql":
            given["database"] = given.pop("db")
            with closing(pymysql.connect(**given, autocommit=True)) as connection:
                return [_on_mysql(connection, sql) for sql in statements]
        return _apart(_on_postgresql(given, statements))


def _apart(work: Coroutine[Any, Any, T]) -> T:
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result()


def _on_sqlite(place: Place, sql: Sql) -> Cost:
    assert place.file is not None
    steps, every = 0, 100

    def count() -> int:
        nonlocal steps
        steps += every
        return 0

    with closing(sqlite3.connect(place.file)) as connection:
        plan = [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {sql.text}", sql.args)]
        connection.set_progress_handler(count, every)
        connection.execute(sql.text, sql.args).fetchall()
    return Cost(sql, steps // STEPS_PER_ROW, "; ".join(plan))


def _on_mysql(connection: pymysql.Connection, sql: Sql) -> Cost:
    text, args = MysqlDialect().render(sql), sql.args or None
    explained = sql.text.startswith(("SELECT", "("))
    with connection.cursor() as cursor:
        plan: list[Any] = []
        if explained:
            cursor.execute(f"EXPLAIN {text}", args)
            plan = list(cursor.fetchall())
        cursor.execute("FLUSH STATUS")
        cursor.execute(text, args)
        cursor.fetchall()
        cursor.execute("SHOW SESSION STATUS LIKE 'Handler_read%'")
        read = sum(int(value) for _, value in cursor.fetchall())
    return Cost(sql, read, repr(plan))


async def _on_postgresql(given: dict[str, Any], statements: list[Sql]) -> list[Cost]:
    connection = await asyncpg.connect(**given)
    costs = []
    try:
        for sql in statements:
            if not sql.text.startswith(("SELECT", "(")):
                continue
            # Values, not arguments: a plan for any value is not what the database makes of these.
            text = PostgresqlDialect().render(sql)
            row = await connection.fetchval(f"EXPLAIN (ANALYZE, FORMAT JSON) {text}", *sql.args)
            plan = json.loads(row)[0]["Plan"]
            costs.append(Cost(sql, _rows_read(plan), json.dumps(plan)))
    finally:
        await connection.close()
    return costs


def _rows_read(node: dict[str, Any]) -> int:
    """What the scans at the bottom of a plan read, also of rows that they throw away."""
    below = node.get("Plans", [])
    if not below:
        thrown_away = node.get("Rows Removed by Filter", 0) + node.get("Rows Removed by Index Recheck", 0)
        return int((node["Actual Rows"] + thrown_away) * node["Actual Loops"])
    return sum(_rows_read(child) for child in below)
