"""Servers that go away, come back, freeze or were never there: quick answers, and whole again by itself."""

import asyncio
import logging
import os
import signal
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from app.boards import Boards, Pace
from app.compat import timeout
from app.db import database_for
from app.db.base import CannotOpen, Database, Sql
from app.errors import SettingsError, Unavailable
from app.settings import AppSettings, BoardSettings, DbSettings, Settings
from tests.support.daemon import free_port
from tests.support.databases import POSTS, Place, eventually, fresh_place, outcome
from tests.support.servers import PostgresqlServer, Server, start_pgbouncer

QUICK = Pace(patience=30, pause=0.05)


@pytest.fixture
def own_place(own_server: Server) -> Iterator[Place]:
    """A database with a board on a server that the test may stop and kill."""
    with own_server.fresh_database() as name:
        place = Place(own_server.kind, dict(own_server.settings_table(name)), server=own_server, name=name)
        place.create("a", POSTS)
        place.insert("a", {"num": 1, "thread_num": 1, "timestamp": 1_700_000_000})
        yield place


def settings(db: DbSettings) -> Settings:
    return Settings(db=db, app=AppSettings(), boards={"a": BoardSettings(clock="utc")})


async def back(database: Database) -> bool:
    """Whether the database answers again; no second attempt is needed once its server does."""
    return await outcome(database.ping()) is None


async def test_a_server_that_comes_and_goes(own_place: Place, caplog: pytest.LogCaptureFixture) -> None:
    """One server, one story: away at start, restarted, killed, restarted again."""
    place = own_place
    assert place.server is not None
    place.server.stop()
    caplog.set_level(logging.INFO, "koiwai")
    boards = Boards(settings(place.settings()), database_for(place.settings()), QUICK)
    opening = asyncio.ensure_future(boards.open())
    assert await eventually(lambda: "waiting for the database" in caplog.text)
    await asyncio.to_thread(place.server.start)
    await asyncio.wait_for(opening, 10)
    assert boards.is_served("a")

    database = boards.database
    place.server.stop()
    await asyncio.to_thread(place.server.start)
    caplog.clear()
    assert await database.fetch(Sql("SELECT num FROM a")) == [(1,)]
    assert caplog.text == ""

    place.server.kill()
    for _ in range(3):
        async with timeout(2):
            error = await outcome(database.ping())
        assert isinstance(error, Unavailable)
        assert error.retry_after == 5
        assert str(place.table["port"]) not in error.message
    assert caplog.text.count("the database is away") == 1
    crowd = await asyncio.gather(*(outcome(database.ping()) for _ in range(100)))
    assert {type(error) for error in crowd} == {Unavailable}
    await asyncio.to_thread(place.server.start)
    assert await back(database)
    assert caplog.text.count("the database is back") == 1
    await asyncio.gather(*(database.ping() for _ in range(100)))
    await boards.close()
    assert database.stats().size == 0


async def test_a_statement_cut_off_by_a_killed_server_is_a_503(own_place: Place) -> None:
    place = own_place
    assert place.server is not None
    slow = {"mysql": "SELECT SLEEP(60)", "postgresql": "SELECT pg_sleep(60)"}[place.kind]
    database = database_for(place.settings(statement=50))
    await database.open()
    reader = asyncio.ensure_future(database.fetch(Sql(slow)))
    assert await eventually(lambda: place.running(slow) == 1)
    await asyncio.to_thread(place.server.kill)
    error = await asyncio.wait_for(outcome(reader), 5)
    assert isinstance(error, Unavailable)
    await asyncio.to_thread(place.server.start)
    assert await back(database)
    await database.close()


def _is_frozen(process: int) -> bool:
    """With all its threads, as the kernel sees them."""
    states = (stat.read_text().rpartition(")")[2].split()[0] for stat in Path(f"/proc/{process}/task").glob("*/stat"))
    return set(states) <= {"T"}


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # a driver cut short in its log-in
async def test_a_frozen_server_is_given_up_in_time(own_place: Place, caplog: pytest.LogCaptureFixture) -> None:
    place = own_place
    assert place.server is not None and place.server.daemon is not None
    folder = place.server.daemon.folder
    database = database_for(place.settings(acquire=0.3, statement=0.3, largest=2))
    await database.open()
    if place.kind == "mysql":
        processes = [int((folder / "pid").read_text())]
    else:
        processes = [int((folder / "data" / "postmaster.pid").read_text().splitlines()[0])]
        processes += [pid for (pid,) in place.execute("SELECT pid FROM pg_stat_activity WHERE client_port > 0")]
    frozen = []
    for process in processes:
        with suppress(ProcessLookupError):  # the connection that asked for the others
            os.kill(process, signal.SIGSTOP)
            frozen.append(process)
    try:
        assert await eventually(lambda: all(map(_is_frozen, frozen)))  # a thread may answer once more before it stops
        for _ in range(2):
            async with timeout(5):
                assert isinstance(await outcome(database.ping()), Unavailable)
        assert "the database is away" in caplog.text
    finally:
        for process in frozen:
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGCONT)
    async with timeout(10):
        while not await back(database):
            pass
    await database.close()


async def test_pgbouncer_before_a_killed_server(own_postgresql_server: PostgresqlServer) -> None:
    server = own_postgresql_server
    front = start_pgbouncer(server)
    try:
        place = Place("pgbouncer", dict(front.settings_table("postgres")), server=server, name="postgres")
        database = database_for(place.settings(statement=0.5, acquire=0.5))
        await database.open()
        server.kill()
        for _ in range(2):
            async with timeout(5):
                assert isinstance(await outcome(database.ping()), Unavailable)
        await asyncio.to_thread(server.start)
        # The pooler waits up to 15 seconds (server_login_retry) before it tries the server again.
        front.stop()
        await asyncio.to_thread(front.start)
        assert await back(database)
        await database.close()
    finally:
        front.close()


@pytest.mark.parametrize("kind", ["mysql", "postgresql"])
async def test_a_server_that_stays_away_ends_the_start_with_one_line(
    kind: str, caplog: pytest.LogCaptureFixture
) -> None:
    port = free_port()
    db = Place(kind, {"host": "127.0.0.1", "port": port, "password": "S3cret"}).settings()
    boards = Boards(settings(db), database_for(db), Pace(patience=0.2, pause=0.05))
    async with timeout(5):
        error = await outcome(boards.open())
    assert isinstance(error, SettingsError)
    assert "\n" not in str(error) and f"127.0.0.1:{port}" in str(error)
    waiting = [record.getMessage() for record in caplog.records if "waiting" in record.getMessage()]
    assert len(waiting) >= 2
    assert "of 0 s" in waiting[0] and f"127.0.0.1:{port}" in waiting[0]
    assert "S3cret" not in caplog.text + str(error)


WRONG: tuple[dict[str, Any], ...] = ({"password": "S3cret"}, {"user": "nobody_here"}, {"database": "no_such_database"})


@pytest.mark.parametrize("kind", ["mysql", "postgresql", "pgbouncer"])
@pytest.mark.parametrize("wrong", WRONG, ids=lambda wrong: next(iter(wrong)))
async def test_what_waiting_will_not_mend_stops_the_start_at_once(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    kind: str,
    wrong: dict[str, Any],
    caplog: pytest.LogCaptureFixture,
) -> None:
    with fresh_place(kind, request, tmp_path) as place:
        if kind == "mysql" and "database" in wrong:
            wrong = {"db": wrong["database"]}
        db = place.settings(**wrong)
        async with timeout(5):
            error = await outcome(Boards(settings(db), database_for(db)).open())
    assert isinstance(error, SettingsError)
    text = str(error)
    assert f"{place.table['host']}:{place.table['port']}" in text
    assert "\n" not in text and text.endswith(".") and not text.endswith("..")
    assert "S3cret" not in text + caplog.text and str(place.table["password"]) not in text + caplog.text
    assert "waiting" not in caplog.text


async def test_a_pooler_that_refuses_a_driver_key_is_told_at_once(
    request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    with fresh_place("pgbouncer", request, tmp_path) as place:
        db = place.settings(options={"server_settings": {"work_mem": "8MB"}})
        error = await outcome(database_for(db).open())
        assert isinstance(error, CannotOpen)
        assert "work_mem" in str(error) and "\n" not in str(error)


async def test_a_connection_that_the_server_has_given_notice_on_is_replaced(
    request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    """A PostgreSQL that goes away says so on idle connections, a moment before it closes them."""
    clients: list[asyncio.StreamWriter] = []

    async def copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while data := await reader.read(65536):
                writer.write(data)
        writer.close()

    async def relay(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        answers, questions = await asyncio.open_connection(place.table["host"], place.table["port"])
        clients.append(writer)
        await asyncio.gather(copy(reader, questions), copy(answers, writer))

    with fresh_place("postgresql", request, tmp_path) as place:
        async with await asyncio.start_server(relay, "127.0.0.1", 0) as front:
            database = database_for(place.settings(port=front.sockets[0].getsockname()[1], sslmode="disable"))
            await database.open()
            before = len(clients)
            notice = b"SFATAL\0VFATAL\0C57P01\0Mterminating connection\0\0"
            clients[-1].write(b"E" + (len(notice) + 4).to_bytes(4, "big") + notice)
            place.execute("SELECT 1")  # by then it has arrived
            for _ in range(3):
                await asyncio.sleep(0)
            error = await outcome(database.ping())
            await database.close()
            assert error is None
            assert len(clients) == before + 1
            assert await eventually(lambda: all(client.is_closing() for client in clients))
