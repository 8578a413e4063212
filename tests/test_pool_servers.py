"""What `[db.pool]`, `connect_timeout` and `slow_statement` do to real servers."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from app.compat import timeout
from app.db import database_for
from app.db.base import Sql
from app.db.mysql import MysqlDatabase
from app.db.pooled import PooledDatabase
from app.db.postgresql import PostgresqlDatabase
from app.errors import Unavailable
from tests.support.databases import KINDS, SLOW, Place, eventually, fresh_place, outcome
from tests.support.pool_driver import LIFETIME, Clock

WHO = {"mysql": "SELECT CONNECTION_ID()", "postgresql": "SELECT pg_backend_pid()"}
A_MOMENT = {"mysql": "SELECT SLEEP(0.2)", "postgresql": "SELECT 1 FROM pg_sleep(0.2)"}
KILL = {"mysql": "KILL {}", "postgresql": "SELECT pg_terminate_backend({})"}


@pytest.fixture(params=WHO)
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    with fresh_place(request.param, request, tmp_path) as place:
        yield place


@asynccontextmanager
async def opened(place: Place, clock: Callable[[], float], **changes: Any) -> AsyncIterator[PooledDatabase[Any]]:
    backend = MysqlDatabase if place.kind == "mysql" else PostgresqlDatabase
    database: PooledDatabase[Any] = backend(place.settings(**changes), clock=clock)
    await database.open()
    try:
        yield database
    finally:
        await database.close()


def connections(place: Place) -> set[int]:
    """Who is connected to the test's database, as the server sees it, the asking connection left out."""
    if place.kind == "mysql":
        statement = "SELECT id FROM information_schema.processlist WHERE db = DATABASE() AND id <> CONNECTION_ID()"
    else:
        statement = (
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() "
            "AND application_name = 'koiwai'"
        )
    return {int(who) for (who,) in place.execute(statement)}


async def number(database: PooledDatabase[Any]) -> int:
    row = await database.fetch_one(Sql(WHO[database.dialect.name]))
    assert row is not None
    return int(row[0])


async def test_idle_timeout_gives_connections_back_to_the_server(place: Place) -> None:
    clock = Clock()
    async with opened(place, clock, pool={"idle_timeout": 60.0}) as database:
        await asyncio.gather(*(database.fetch(Sql(A_MOMENT[place.kind])) for _ in range(5)))
        assert len(connections(place)) == database.stats().size == 5
        clock.now += 61
        stays = await number(database)
        assert await eventually(lambda: connections(place) == {stays})
        assert database.stats().size == 1


async def test_max_lifetime_replaces_a_connection(place: Place) -> None:
    clock = Clock()
    async with opened(place, clock, pool={"max_lifetime": LIFETIME}) as database:
        first = await number(database)
        clock.now += 0.89 * LIFETIME
        assert await number(database) == first
        clock.now += 0.11 * LIFETIME
        second = await number(database)
        assert second != first
        assert await eventually(lambda: connections(place) == {second})


@pytest.mark.parametrize("tested", [True, False])
async def test_test_before_acquire_finds_a_dead_connection_before_the_statement_does(
    place: Place, tested: bool, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    sent: list[str] = []
    statement = Sql("SELECT 'hello'")
    async with opened(place, Clock(), pool={"test_before_acquire": tested}) as database:
        run = database._run

        async def run_and_tell(connection: Any, text: str, args: tuple[Any, ...]) -> list[tuple[Any, ...]]:
            sent.append(text)
            return await run(connection, text, args)

        monkeypatch.setattr(database, "_run", run_and_tell)
        place.execute(KILL[place.kind].format(await number(database)))
        assert await eventually(lambda: connections(place) == set())
        assert await database.fetch(statement) == [("hello",)]
        assert sent.count(statement.text) == (1 if tested else 2)
        assert sent.count("SELECT 1") == (2 if tested else 0)
    assert caplog.text == ""


@pytest.mark.parametrize("kind", ["mysql", "postgresql"])
@pytest.mark.parametrize("first_word", [b"", b"S"], ids=["from the start", "when TLS begins"])
async def test_connect_timeout_ends_with_a_server_that_accepts_and_is_silent(kind: str, first_word: bytes) -> None:
    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if await reader.read(8):
            writer.write(first_word)
            await reader.read()
        writer.close()

    server = await asyncio.start_server(accept, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        place = Place(kind, {"host": "127.0.0.1", "port": port, "connect_timeout": 0.1, "sslmode": "require"})
        database = database_for(place.settings())
        async with timeout(5):
            error = await outcome(database.open())
        assert isinstance(error, Unavailable)
        assert str(error) == f"127.0.0.1:{port}: the server does not answer"
        await database.close()


@pytest.fixture(params=KINDS)
def any_place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    with fresh_place(request.param, request, tmp_path) as place:
        yield place


async def test_a_slow_statement_is_told_without_its_values(any_place: Place, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "koiwai")
    statement = Sql("SELECT 1 WHERE 'what somebody searched' <> ?", ("S3cret",))
    for slow, expected in ((0.000_001, 1), (60.0, 0)):
        caplog.clear()
        database = database_for(any_place.settings(slow=slow))
        await database.open()
        await database.fetch(statement)
        await database.close()
        told = [record for record in caplog.records if record.name == "koiwai.sql"]
        assert len(told) == expected
        for record in told:
            assert record.levelno == logging.WARNING
            facts = record.facts  # type: ignore[attr-defined]
            assert facts["statement"] == database.dialect.render(statement)
            assert facts["rows"] == 1
            assert facts["seconds"] >= 0
            assert "S3cret" not in repr(record.__dict__)


async def test_a_statement_that_is_too_slow_to_end_is_told_too(
    any_place: Place, caplog: pytest.LogCaptureFixture
) -> None:
    database = database_for(any_place.settings(statement=0.1, slow=0.01))
    await database.open()
    assert isinstance(await outcome(database.fetch(Sql(SLOW[any_place.kind]))), Unavailable)
    await database.close()
    assert caplog.text.count(SLOW[any_place.kind]) == 1


async def test_test_before_acquire_lets_living_connections_be_used_again(any_place: Place) -> None:
    database = database_for(any_place.settings(pool={"test_before_acquire": True}))
    await database.open()
    for _ in range(3):
        assert await database.fetch(Sql("SELECT 'hello'")) == [("hello",)]
        assert (database.stats().size, database.stats().idle) == (1, 1)
    await database.close()
