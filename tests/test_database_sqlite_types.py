"""SQLite alone: values of other types than their columns say, and a lock that is no reason to connect anew."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import aiosqlite
import msgspec
import pytest

from app.board import Board
from app.db.schema import read_schema
from app.db.sqlite import SqliteDatabase
from app.errors import Unavailable
from app.settings import BoardSettings, DbSettings, PoolSettings, SqliteSettings
from tests.support.databases import POSTS, Place, fresh_place, outcome


@pytest.fixture
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    with fresh_place("sqlite", request, tmp_path) as place:
        place.create("a", POSTS)
        yield place


@pytest.mark.parametrize("name", [1_700_000_000_123, b"1700000000123.jpg", 1.5])
@pytest.mark.parametrize("clock", ["auto", "new_york"])
async def test_a_file_name_that_is_no_text(place: Place, name: object, clock: str) -> None:
    """A column of the type BLOB or without any keeps what it is given."""
    assert place.file is not None
    with closing(sqlite3.connect(place.file)) as connection:
        connection.execute("ALTER TABLE a DROP COLUMN media_orig")
        connection.execute("ALTER TABLE a ADD COLUMN media_orig")
        connection.execute(
            "INSERT INTO a (num, subnum, thread_num, op, timestamp, media_orig) VALUES (1, 0, 1, 1, ?, ?)",
            (1_700_000_000, name),
        )
        connection.commit()
    database = SqliteDatabase(place.settings())
    await database.open()
    tables = (await read_schema(database)).board("a")
    assert tables is not None
    board = await Board.load("a", msgspec.convert({"clock": clock}, BoardSettings), database, tables)
    assert board.clock.new_york is (clock == "new_york" or isinstance(name, float))
    await board.close()
    await database.close()


async def test_a_connection_that_meets_a_lock_when_it_is_tested_is_not_dead(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert place.file is not None
    made = 0
    settings = DbSettings(
        db_type="sqlite",
        sqlite=SqliteSettings(database=place.file, options={"timeout": 0.05}),
        pool=PoolSettings(test_before_acquire=True),
    )
    database = SqliteDatabase(settings)
    connect = database._connect

    async def connect_and_count() -> aiosqlite.Connection:
        nonlocal made
        made += 1
        return await connect()

    await database.open()
    monkeypatch.setattr(database, "_connect", connect_and_count)
    with closing(sqlite3.connect(place.file, isolation_level=None)) as writer:
        writer.execute("BEGIN EXCLUSIVE")
        error = await outcome(database.ping())
        assert isinstance(error, Unavailable)
        assert "busy" in error.message
        writer.execute("COMMIT")
    assert made == 0
    await database.ping()
    await database.close()
