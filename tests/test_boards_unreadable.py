"""Boards that the database does not let us read: told once and answered with 503, while all others are served."""

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from app import create_app
from app.boards import Boards, Pace
from app.db import database_for
from app.db.schema import read_schema
from app.errors import SettingsError
from app.settings import AppSettings, BoardSettings, Settings
from tests.support.broken_views import broken_views
from tests.support.databases import POSTS, Place, eventually, fresh_place, outcome
from tests.support.reader import Reader


@pytest.fixture
def place(database_kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    with fresh_place(database_kind, request, tmp_path) as place:
        yield place


@pytest.fixture
def broken(place: Place) -> Iterator[dict[str, str]]:
    """Besides a board a, which is in order."""
    place.create("a", POSTS)
    place.insert("a", {"num": 1, "thread_num": 1})
    with broken_views(place) as broken:
        yield broken


def settings(place: Place, *names: str, validate: bool = True) -> Settings:
    return Settings(
        db=place.settings(),
        app=AppSettings(validate_boards_db=validate),
        boards={name: BoardSettings() for name in names},
        discover_boards=not names,
    )


def lines(caplog: pytest.LogCaptureFixture, name: str) -> list[str]:
    """What was said of a board, by the module that knows of boards."""
    return [
        record.getMessage()
        for record in caplog.records
        if record.name == "koiwai.boards" and name in record.getMessage() and record.levelno >= logging.WARNING
    ]


@pytest.mark.parametrize("listed", [True, False])
async def test_others_are_served(
    place: Place, broken: dict[str, str], listed: bool, caplog: pytest.LogCaptureFixture
) -> None:
    given = settings(place, "a", *broken) if listed else settings(place)
    async with create_app(given).test_app() as running:
        reader = Reader(running.test_client())
        await reader.html("/a/")
        boards = (await reader.json("/api/v1/boards"))["boards"]
        available = {each["name"] for each in boards if each["available"]}
        assert available == ({"a"} if listed else {"a", "t"})
        for name in broken if listed else ():
            answer = await running.test_client().get(f"/{name}/")
            assert (answer.status_code, answer.headers["Retry-After"]) == (503, "30")
        assert not any(said in text for said in broken.values() for text in reader.said)
    for name, said in broken.items():
        (line,) = lines(caplog, name)
        assert said in line and "\n" not in line
    assert "Traceback" not in caplog.text


async def test_nothing_but_unreadable_boards_stops_the_start(place: Place, broken: dict[str, str]) -> None:
    given = settings(place, *broken)
    error = await outcome(Boards(given, database_for(given.db)).open())
    assert isinstance(error, SettingsError) and "\n" not in str(error)
    assert all(said in str(error) for said in broken.values())
    patient = settings(place, *broken, validate=False)
    boards = Boards(patient, database_for(patient.db))
    await boards.open()
    assert not any(summary.available for summary in boards.summaries().values())
    await boards.close()


async def test_it_is_told_once_and_served_when_it_is_mended(
    place: Place, broken: dict[str, str], caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks = 0

    async def counted(*arguments: object) -> object:
        nonlocal looks
        looks += 1
        return await read_schema(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr("app.boards.read_schema", counted)
    name = next(iter(broken))
    given = settings(place, "a", name)
    boards = Boards(given, database_for(given.db), Pace(look=0.01, refresh=0.01))
    await boards.open()
    assert await eventually(lambda: looks > 5)
    assert len(lines(caplog, name)) == 1
    assert len([record for record in caplog.records if name in record.getMessage()]) <= 2
    place.execute(f"DROP VIEW {name}", f"CREATE VIEW {name} AS SELECT num, thread_num FROM t")
    assert await eventually(lambda: boards.is_served(name))
    await boards.close()


async def test_a_served_board_that_becomes_unreadable(place: Place, caplog: pytest.LogCaptureFixture) -> None:
    """What is asked of it is answered with 503, in words of ours, and the others are brought up to date."""
    for name in ("a", "b"):
        place.create(name, POSTS)
        place.insert(name, {"num": 1, "thread_num": 1})
    place.execute("CREATE VIEW v AS SELECT num, thread_num FROM a")
    place.insert("a", {"num": 2, "thread_num": 1})
    bad = {
        "sqlite": "abs(num - num - 9223372036854775807 - 1)",
        "mysql": "(SELECT num FROM a)",
        "postgresql": "num / (num - num)",
    }[place.kind]
    async with create_app(settings(place, "v", "b")).test_app() as running:
        reader = Reader(running.test_client())
        await reader.html("/v/thread/1/")
        place.execute("DROP VIEW v", f"CREATE VIEW v AS SELECT {bad} AS num, thread_num FROM a")
        answer = await running.test_client().get("/api/v1/boards/v/threads/1")
        text = await answer.get_data(as_text=True)
        assert answer.status_code == 503 and "cannot be read at the moment" in text
        assert "a statement was refused" in caplog.text and "Traceback" not in caplog.text
        await reader.html("/b/thread/1/")


async def test_a_stale_view_hides_no_table(place: Place, broken: dict[str, str]) -> None:
    database = database_for(place.settings())
    await database.open()
    schema = await read_schema(database)
    await database.close()
    assert {"a", "t"} <= set(schema.boards())
    assert schema.board("a") is not None
    stale = {name: said for name, said in broken.items() if name == "stale"}
    assert set(schema.broken) == set(stale)
    assert all(said in schema.broken[name] for name, said in stale.items())


async def test_a_table_of_an_absent_extension_hides_no_other(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    with fresh_place("sqlite", request, tmp_path) as place:
        place.create("a", POSTS)
        place.execute("CREATE VIRTUAL TABLE words USING fts4(word)")
        place.execute(
            "PRAGMA writable_schema = 1",
            "UPDATE sqlite_master SET sql = 'CREATE VIRTUAL TABLE words USING nosuch(word)' WHERE name = 'words'",
        )
        database = database_for(place.settings())
        await database.open()
        schema = await read_schema(database)
        await database.close()
        assert schema.boards() == ["a"] and "no such module" in schema.broken["words"]
