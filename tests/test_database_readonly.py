"""Nothing can be written through Koiwai's connections, whatever rights its account has."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.db import database_for
from app.db.base import Sql, StatementRefused, reason
from tests.support.databases import KINDS, Place, fresh_place, outcome

WRITES = (
    "INSERT INTO kept VALUES (2)",
    "UPDATE kept SET number = 3",
    "DELETE FROM kept",
    "CREATE TABLE made (number int)",
    "CREATE INDEX made ON kept (number)",
    "ALTER TABLE kept ADD COLUMN made int",
    "DROP TABLE kept",
)


@pytest.fixture(params=KINDS)
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    with fresh_place(request.param, request, tmp_path) as place:
        place.create("kept", {"number": "int"})
        place.insert("kept", {"number": 1})
        yield place


async def test_every_write_is_refused_and_nothing_changes(place: Place) -> None:
    database = database_for(place.settings())
    await database.open()
    for statement in WRITES:
        error = await outcome(database.fetch(Sql(statement)))

        assert isinstance(error, StatementRefused), statement
        words = ("read-only", "readonly", "READ ONLY")
        assert any(word in reason(error) for word in words), (statement, reason(error))
    assert await database.fetch(Sql("SELECT number FROM kept")) == [(1,)]
    await database.close()
    assert place.execute("SELECT number FROM kept") == [(1,)]
    # The account itself may write: it is the connection that may not.
    place.execute("UPDATE kept SET number = 4")


async def test_a_session_leaves_an_archive_file_as_it_was(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    with fresh_place("sqlite", request, tmp_path) as place:
        assert place.file is not None
        place.create("kept", {"number": "int"})
        os.utime(place.file, ns=(10**18, 10**18))
        before = place.file.read_bytes()
        database = database_for(place.settings())
        await database.open()
        await database.fetch(Sql("SELECT number FROM kept ORDER BY number"))
        await outcome(database.fetch(Sql("INSERT INTO kept VALUES (1)")))
        await outcome(database.fetch(Sql("PRAGMA journal_mode = WAL")))
        await database.close()
        assert place.file.read_bytes() == before
        assert place.file.stat().st_mtime_ns == 10**18
        assert [path.name for path in place.file.parent.glob("*")] == ["archive.db"]


async def test_no_other_file_can_be_written_through_a_sqlite_archive(
    tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    (tmp_path / "other").mkdir()
    with (
        fresh_place("sqlite", request, tmp_path) as place,
        fresh_place("sqlite", request, tmp_path / "other") as other,
    ):
        assert other.file is not None
        other.create("kept", {"number": "int"})
        before = other.file.read_bytes()
        database = database_for(place.settings())
        await database.open()
        for statement in ("INSERT INTO other.kept VALUES (1)", "DROP TABLE other.kept", "CREATE TABLE other.made (n)"):
            # The connection of a refused statement is thrown away, and what was attached to it.
            assert await outcome(database.fetch(Sql("ATTACH DATABASE ? AS other", (str(other.file),)))) is None
            error = await outcome(database.fetch(Sql(statement)))
            assert isinstance(error, StatementRefused) and "readonly" in reason(error), statement
        await database.close()
        assert other.file.read_bytes() == before
