"""How many connections servers see: never more than the pool may have, and none that they have no place for."""

import asyncio
import random
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from app.compat import timeout
from app.db import database_for
from app.db.base import Sql
from app.errors import Unavailable
from tests.support.databases import SLOW, Place, eventually, fresh_place, outcome
from tests.support.servers import PostgresqlServer, Server, start_mysql, start_pgbouncer, start_postgresql

ACCOUNT, PASSWORD = "koiwai_full", "S3cret"
COUNTED = {
    "mysql": f"SELECT id FROM information_schema.processlist WHERE user = '{ACCOUNT}'",
    "postgresql": f"SELECT pid FROM pg_stat_activity WHERE usename = '{ACCOUNT}'",
}


@contextmanager
def account(place: Place, most: int = 0) -> Iterator[Place]:
    """The same database for an account without any special right; `most` connections if not 0."""
    if place.kind == "mysql":
        limit = f" WITH MAX_USER_CONNECTIONS {most}" if most else ""
        place.execute(
            f"CREATE USER {ACCOUNT} IDENTIFIED BY '{PASSWORD}'{limit}", f"GRANT SELECT ON `{place.name}`.* TO {ACCOUNT}"
        )
    else:
        place.execute(f"CREATE ROLE {ACCOUNT} LOGIN PASSWORD '{PASSWORD}' CONNECTION LIMIT {most or -1}")
    try:
        table = {**place.table, "user": ACCOUNT, "password": PASSWORD}
        yield Place(place.kind, table, server=place.server, name=place.name)
    finally:
        place.execute(f"DROP {'USER' if place.kind == 'mysql' else 'ROLE'} {ACCOUNT}")


@pytest.fixture(params=["mysql", "postgresql"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    with fresh_place(request.param, request, tmp_path) as place:
        yield place


@pytest.fixture(params=["mysql", "postgresql"])
def small_server(request: pytest.FixtureRequest) -> Iterator[Server]:
    """A private server that has ten connections for all accounts without special rights."""
    kind: str = request.param
    request.getfixturevalue(f"{kind}_server")  # or this test is skipped as all others are
    if kind == "mysql":
        server: Server = start_mysql(prepare=lambda *_: ["--max-connections=10"])
    else:
        server = start_postgresql(
            prepare=lambda *_: ["-c", "max_connections=12", "-c", "superuser_reserved_connections=2"]
        )
    yield server
    server.close()


def connections(place: Place) -> set[int]:
    """Who of our account is connected, as the server sees it."""
    return {int(who) for (who,) in place.execute(COUNTED[place.kind])}


async def test_readers_who_go_away_never_make_more_connections_than_allowed(
    place: Place, caplog: pytest.LogCaptureFixture
) -> None:
    """The server itself watches, at every moment."""
    dice = random.Random(7)
    # MariaDB is told to end statements by one more connection.
    with account(place, 3 if place.kind == "mysql" else 2) as limited:
        database = database_for(limited.settings(largest=2))
        await database.open()
        for _ in range(8):
            readers = [asyncio.ensure_future(database.fetch(Sql(SLOW[place.kind]))) for _ in range(8)]
            for reader in readers:
                await asyncio.sleep(dice.choice([0, 0.002, 0.01]))  # so that they leave at many different moments
                reader.cancel()
            await asyncio.wait(readers)
        async with timeout(10):
            await asyncio.gather(*(database.ping() for _ in range(10)))
        # PostgreSQL takes no notice of a cancellation that overtakes its statement, which then ends by its time-out.
        assert await eventually(lambda: place.running(SLOW[place.kind]) == 0, seconds=20)
        await database.close()
        assert await eventually(lambda: connections(place) == set())
    assert caplog.text == ""


async def test_a_full_server_is_told_once_and_costs_no_healthy_connection(
    small_server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    with small_server.fresh_database() as name, ExitStack() as stack:
        whole = Place(small_server.kind, dict(small_server.settings_table(name)), server=small_server, name=name)
        place = stack.enter_context(account(whole))
        database = database_for(place.settings())
        await database.open()
        for wanted in (4, 8):
            others = [database_for(place.settings())]
            while await outcome(others[-1].open()) is None:
                others.append(database_for(place.settings()))
            before = connections(whole)
            caplog.clear()
            crowd = await asyncio.gather(*(outcome(database.ping()) for _ in range(30)))
            refused = [error for error in crowd if error is not None]
            assert refused
            assert all(isinstance(error, Unavailable) and error.retry_after == 5 for error in refused)
            assert await eventually(lambda before=before: connections(whole) == before)  # type: ignore[misc]
            await database.ping()
            assert "away" not in caplog.text
            assert caplog.text.count("no connection left for us") == 1
            for other in others:
                await other.close()
            await asyncio.gather(*(database.ping() for _ in range(wanted)))
            assert caplog.text.count("connections for us again") == 1
        await database.close()
        assert await eventually(lambda: connections(whole) == set())


async def test_a_start_waits_for_a_server_that_is_full(place: Place) -> None:
    with account(place, 1) as limited:
        first, second = database_for(limited.settings()), database_for(limited.settings())
        await first.open()
        error = await outcome(second.open())
        assert isinstance(error, Unavailable)
        assert error.retry_after == 5 and "\n" not in error.message and limited.table["host"] in error.message
        await first.close()
        await second.open()
        await second.close()


async def test_a_full_pooler_is_like_a_full_server(request: pytest.FixtureRequest, tmp_path: Path) -> None:
    with fresh_place("postgresql", request, tmp_path) as place:
        assert isinstance(place.server, PostgresqlServer)
        front = start_pgbouncer(place.server, prepare=lambda *_: ["max_client_conn = 1"])
        try:
            behind = Place("pgbouncer", dict(front.settings_table(place.name)), server=place.server, name=place.name)
            first, second = database_for(behind.settings()), database_for(behind.settings())
            async with timeout(5):
                while await outcome(first.open()) is not None:  # the pooler may still be counting who has just left
                    pass
            assert isinstance(await outcome(second.open()), Unavailable)
            crowd = await asyncio.gather(*(outcome(first.ping()) for _ in range(10)))
            assert None in crowd
            await first.ping()
            assert first.stats().idle == 1
            await first.close()
        finally:
            front.close()
