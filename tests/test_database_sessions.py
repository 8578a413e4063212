"""What the servers are told about each session, and that a pooler's other clients are not touched by it."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from app.db import database_for
from app.db.base import Database, Sql
from app.errors import Unavailable
from tests.support.databases import POSTS, SLOW, Place, fresh_place, outcome


@pytest.fixture
async def mysql(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[tuple[Place, Database]]:
    with fresh_place("mysql", request, tmp_path) as place:
        database = database_for(place.settings(statement=7))
        await database.open()
        yield place, database
        await database.close()


@pytest.fixture
async def postgresql(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[tuple[Place, Database]]:
    with fresh_place("postgresql", request, tmp_path) as place:
        database = database_for(place.settings(statement=7))
        await database.open()
        yield place, database
        await database.close()


@pytest.fixture
async def pooled(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[tuple[Place, Database]]:
    with fresh_place("pgbouncer", request, tmp_path) as place:
        database = database_for(place.settings(statement=7, largest=10))
        await database.open()
        yield place, database
        await database.close()


async def value(database: Database, statement: str) -> Any:
    row = await database.fetch_one(Sql(statement))
    assert row is not None
    return row[0]


async def test_a_mariadb_session(mysql: tuple[Place, Database]) -> None:
    _, database = mysql
    assert await value(database, "SELECT @@session.time_zone") == "+00:00"
    assert await value(database, "SELECT @@session.tx_isolation") == "READ-COMMITTED"
    assert await value(database, "SELECT @@session.tx_read_only") == 1
    assert float(await value(database, "SELECT @@session.max_statement_time")) == 7
    for name in ("client", "connection", "results"):
        assert await value(database, f"SELECT @@session.character_set_{name}") == "utf8mb4"
    assert await value(database, "SELECT FROM_UNIXTIME(0) = '1970-01-01 00:00:00'") == 1


async def test_mariadb_tables_of_two_and_of_four_byte_characters(mysql: tuple[Place, Database]) -> None:
    place, database = mysql
    text = "a \U0001f600 λ ﷽"
    place.execute("CREATE TABLE a (comment text) CHARACTER SET utf8mb4")
    place.execute("CREATE TABLE a_images (media_hash varchar(25), media varchar(90)) CHARACTER SET utf8mb3")
    place.put("a", text)
    place.put("a_images", "AbC=", "λ é 日本.jpg")
    assert await database.fetch(Sql("SELECT comment FROM a WHERE comment = ?", (text,))) == [(text,)]
    statement = "SELECT media FROM a_images WHERE media = ?"
    assert await database.fetch(Sql(statement, ("λ é 日本.jpg",))) == [("λ é 日本.jpg",)]
    condition = database.dialect.equals("media_hash")
    asked = Sql(f"SELECT media FROM a_images WHERE {condition}", ("abc=",) * condition.count("?"))
    assert await database.fetch(asked) == []


async def test_readers_of_mariadb_see_what_was_committed_since(mysql: tuple[Place, Database]) -> None:
    place, database = mysql
    place.create("a", {"num": "int"})
    for count in range(3):
        assert await value(database, "SELECT COUNT(*) FROM a") == count
        place.insert("a", {"num": count})


async def test_a_postgresql_session(postgresql: tuple[Place, Database]) -> None:
    _, database = postgresql
    assert await value(database, "SHOW transaction_read_only") == "on"
    assert await value(database, "SHOW statement_timeout") == "7s"
    assert await value(database, "SHOW jit") == "off"


async def test_pgbouncer_is_noticed_and_a_server_is_not_taken_for_it(
    postgresql: tuple[Place, Database], pooled: tuple[Place, Database]
) -> None:
    pooler = pooled[1]
    assert await value(pooler, "SHOW transaction_read_only") == "on"
    assert await value(pooler, "SHOW default_transaction_read_only") == "off"
    assert await value(postgresql[1], "SHOW default_transaction_read_only") == "on"
    assert await value(pooler, "SHOW statement_timeout") == "7s"


async def test_nothing_of_a_session_reaches_other_clients_of_the_pooler(pooled: tuple[Place, Database]) -> None:
    place, database = pooled
    place.create("a", {"num": "int"})
    await outcome(database.fetch(Sql("SELECT 1 / ?", (0,))))
    pids = {await value(database, "SELECT pg_backend_pid()") for _ in range(5)}
    connection = await asyncpg.connect(**place.table, statement_cache_size=0)
    try:
        assert await connection.fetchval("SELECT pg_backend_pid()") in pids
        assert await connection.fetchval("SHOW default_transaction_read_only") == "off"
        assert await connection.fetchval("SHOW transaction_read_only") == "off"
        assert await connection.fetchval("SHOW statement_timeout") == "0"
        await connection.execute("INSERT INTO a VALUES (1)")
    finally:
        await connection.close()
    assert await database.fetch(Sql("SELECT num FROM a")) == [(1,)]


async def test_many_readers_at_once_through_the_pooler(pooled: tuple[Place, Database]) -> None:
    place, database = pooled
    place.create("a", POSTS)
    place.insert("a", *({"num": number, "thread_num": 1, "comment": f"no. {number}"} for number in range(1, 21)))

    async def read(number: int) -> None:
        statement = Sql("SELECT num, comment, deleted FROM a WHERE num = ? AND comment <> ?", (number, "x"))
        assert await database.fetch(statement) == [(number, f"no. {number}", False)]

    await asyncio.gather(*(read(1 + number % 20) for number in range(300)))
    assert database.stats().size <= 10


async def test_a_statement_ended_by_its_timeout_leaves_the_pooler_whole(
    request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    with fresh_place("pgbouncer", request, tmp_path) as place:
        database = database_for(place.settings(statement=0.2, largest=2))
        await database.open()
        ends = await asyncio.gather(*(outcome(database.fetch(Sql(SLOW["pgbouncer"]))) for _ in range(4)))
        assert {type(end) for end in ends} == {Unavailable}
        assert place.running(SLOW["pgbouncer"]) == 0
        await asyncio.gather(*(database.ping() for _ in range(20)))
        connection = await asyncpg.connect(**place.table, statement_cache_size=0)
        assert await connection.fetchval("SHOW statement_timeout") == "0"
        await connection.close()
        await database.close()


@pytest.mark.parametrize("kind", ["mysql", "postgresql"])
async def test_a_unix_socket_in_place_of_a_host(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    with fresh_place(kind, request, tmp_path) as place:
        assert place.server is not None
        if place.server.socket is None:
            pytest.skip("the given server is only known by its TCP address")
        # The TCP address leads nowhere, so that only the socket can have answered.
        path = str(place.server.socket)
        way = {"unix_socket": path, "port": 1} if kind == "mysql" else {"host": path}
        database = database_for(place.settings(**way))
        await database.open()
        local = "USER() LIKE '%@localhost'" if kind == "mysql" else "inet_client_addr() IS NULL"
        assert await value(database, f"SELECT {local}")
        await database.close()
