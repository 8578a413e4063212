"""Long statements, busy pools and readers who go away: an answer in time, and nothing left running."""

import asyncio
import random
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.compat import timeout
from app.db import database_for
from app.db.base import Database, Sql
from app.errors import Unavailable
from tests.support.databases import KINDS, SLOW, Place, eventually, fresh_place, outcome, threads_end

SERVERS = tuple(kind for kind in KINDS if kind != "sqlite")


@pytest.fixture(params=KINDS)
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    with fresh_place(request.param, request, tmp_path) as place:
        yield place


@pytest.fixture(params=SERVERS)
def server_place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    with fresh_place(request.param, request, tmp_path) as place:
        yield place


async def everybody(database: Database) -> None:
    """All places of the pool can be used at the same time."""
    async with timeout(10):
        await asyncio.gather(*(database.ping() for _ in range(database.stats().largest)))
    assert database.stats().size <= database.stats().largest


async def test_a_long_statement_is_ended_and_the_next_one_works(place: Place, caplog: pytest.LogCaptureFixture) -> None:
    database = database_for(place.settings(statement=0.2, largest=1))
    await database.open()
    async with timeout(2):
        error = await outcome(database.fetch(Sql(SLOW[place.kind])))
    assert isinstance(error, Unavailable)
    assert error.retry_after == 30
    assert SLOW[place.kind] not in error.message
    assert f"a statement was ended after 0.2 s: {SLOW[place.kind]}" in caplog.text
    await everybody(database)
    await database.close()


async def test_mariadb_ends_a_statement_that_computes(request: pytest.FixtureRequest, tmp_path: Path) -> None:
    statement = "SELECT COUNT(*) FROM a a, a b, a c, a d, a e, a f"
    with fresh_place("mysql", request, tmp_path) as place:
        place.create("a", {"n": "int"})
        place.execute("INSERT INTO a SELECT seq FROM seq_1_to_1000")
        database = database_for(place.settings(statement=0.2, largest=1))
        await database.open()
        async with timeout(2):
            assert isinstance(await outcome(database.fetch(Sql(statement))), Unavailable)
        assert place.running(statement) == 0
        await database.ping()
        await database.close()


async def test_a_cancelled_reader_leaves_no_statement_running(server_place: Place) -> None:
    place, slow = server_place, SLOW[server_place.kind]
    if place.kind == "mysql":  # a SLEEP ends with its client; one that computes goes on until it is told
        place.create("a", {"n": "int"})
        place.execute("INSERT INTO a SELECT seq FROM seq_1_to_1000")
        slow = "SELECT COUNT(*) FROM a a, a b, a c, a d, a e, a f"
    database = database_for(place.settings(statement=50, largest=1))
    await database.open()
    reader = asyncio.ensure_future(database.fetch(Sql(slow)))
    assert await eventually(lambda: place.running(slow) == 1)
    reader.cancel()
    assert isinstance(await outcome(reader), asyncio.CancelledError)
    assert await eventually(lambda: place.running(slow) == 0)
    await everybody(database)
    await database.close()


async def test_a_cancelled_reader_of_a_file_ends_its_statement_even_before_it_began(
    request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    threads = threading.enumerate()
    with fresh_place("sqlite", request, tmp_path) as place:
        database = database_for(place.settings(statement=50))
        await database.open()
        for turns in (1, 2, 3, 5, 50):
            reader = asyncio.ensure_future(database.fetch(Sql(SLOW["sqlite"])))
            for _ in range(turns):
                await asyncio.sleep(0)
            reader.cancel()
            async with timeout(5):
                assert isinstance(await outcome(reader), asyncio.CancelledError)
        await everybody(database)
        async with timeout(5):
            await database.close()
    assert await threads_end(threads)


async def test_a_busy_pool_answers_in_time(place: Place) -> None:
    database = database_for(place.settings(acquire=0.2, statement=50, largest=1))
    await database.open()
    readers = [asyncio.ensure_future(database.fetch(Sql(SLOW[place.kind]))) for _ in range(database.stats().largest)]
    assert await eventually(lambda: database.stats().size - database.stats().idle == len(readers))
    async with timeout(2):
        error = await outcome(database.ping())
    assert isinstance(error, Unavailable)
    assert error.retry_after == 5
    for reader in readers:
        reader.cancel()
    await asyncio.wait(readers)
    await everybody(database)
    await database.close()


async def test_closing_ends_after_readers_have_gone(place: Place) -> None:
    database = database_for(place.settings(statement=0.3))
    await database.open()
    reader = asyncio.ensure_future(database.fetch(Sql(SLOW[place.kind])))
    assert await eventually(lambda: database.stats().idle == 0)
    async with timeout(5):
        await database.close()
    assert isinstance(await outcome(reader), Unavailable)
    assert database.stats().size == 0


async def test_a_crowd_of_which_many_go_away_loses_no_place(place: Place) -> None:
    dice = random.Random(7)
    database = database_for(place.settings(acquire=5, statement=0.2, largest=3))
    await database.open()
    short = Sql("SELECT 1 WHERE 1 = ?", (1,))
    readers = []
    for _ in range(120):
        slow = dice.random() < 0.05
        readers.append(asyncio.ensure_future(database.fetch(Sql(SLOW[place.kind]) if slow else short)))
        for _ in range(dice.randrange(30)):
            await asyncio.sleep(0)
        if dice.random() < 0.5:
            dice.choice(readers).cancel()
    ends = await asyncio.gather(*readers, return_exceptions=True)
    kinds = {type(end) for end in ends}
    assert kinds <= {list, asyncio.CancelledError, Unavailable}
    assert {list, asyncio.CancelledError} <= kinds
    stats = database.stats()
    assert stats.size == stats.idle <= stats.largest
    await everybody(database)
    await database.close()
