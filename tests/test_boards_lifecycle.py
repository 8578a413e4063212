"""Which boards are served: checked at start, found by themselves, and appearing when their tables do."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from app import create_app
from app.board import Board
from app.boards import Boards, Pace
from app.compat import timeout
from app.db import database_for
from app.errors import NotFound, SettingsError, Unavailable
from app.settings import AppSettings, BoardSettings, Settings
from tests.support.databases import POSTS, THREADS, Place, eventually, fresh_place, outcome
from tests.support.reader import Reader

QUICK = Pace(look=0.01, refresh=60)


@pytest.fixture(params=["sqlite", "mysql", "postgresql"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    with fresh_place(request.param, request, tmp_path) as place:
        yield place


def settings(place: Place, *names: str, validate: bool = True, discover: bool = False) -> Settings:
    return Settings(
        db=place.settings(),
        app=AppSettings(validate_boards_db=validate),
        boards={name: BoardSettings(clock="utc", title=f"Board {name}") for name in names},
        discover_boards=discover,
    )


@asynccontextmanager
async def opened(given: Settings, pace: Pace = QUICK) -> AsyncIterator[Boards]:
    boards = Boards(given, database_for(given.db), pace)
    await boards.open()
    try:
        yield boards
    finally:
        await boards.close()


def board(place: Place, name: str, **columns: str) -> None:
    """A board with one thread of one post."""
    place.create(name, columns or POSTS)
    place.insert(name, {"num": 1, "thread_num": 1})


async def test_missing_boards_stop_the_start_with_all_names_in_one_line(place: Place) -> None:
    for name in ("c", "λ", "3"):
        board(place, name)
    place.create("c_threads", THREADS)
    place.create("other", {"num": "int"})
    given = settings(place, "a", "c", "b")
    boards = Boards(given, database_for(given.db))
    error = await outcome(boards.open())
    assert isinstance(error, SettingsError)
    assert "no table for /a/, /b/. Boards it has: /3/, /c/, /λ/." in str(error)
    assert "\n" not in str(error)
    assert boards.database.stats().size == 0


async def test_a_board_appears_when_its_table_does(place: Place, caplog: pytest.LogCaptureFixture) -> None:
    board(place, "a")
    async with opened(settings(place, "a", "b", validate=False)) as boards:
        assert "not available yet, having no table: /b/" in caplog.text
        assert list(boards.summaries()) == ["a", "b"]
        assert [summary.available for summary in boards.summaries().values()] == [True, False]
        assert boards.summaries()["b"].title == "Board b"
        with pytest.raises(Unavailable) as missing:
            boards.get("b")
        assert missing.value.retry_after == 30
        with pytest.raises(NotFound):
            boards.get("c")
        board(place, "b")

        def there() -> bool:
            try:
                return boards.get("b").facts.posts == 1
            except Unavailable:
                return False

        assert await eventually(there)
        assert boards.summaries()["b"].available


async def test_a_missing_board_is_a_503_with_retry_after(place: Place) -> None:
    board(place, "a")
    async with create_app(settings(place, "a", "b", validate=False)).test_app() as running:
        reader = Reader(running.test_client())
        listed = (await reader.json("/api/v1/boards"))["boards"]
        assert [(each["name"], each["available"]) for each in listed] == [("a", True), ("b", False)]
        for path in ("/b/", "/b/thread/1/", "/api/v1/boards/b/threads"):
            answer = await running.test_client().get(path)
            assert (answer.status_code, answer.headers["Retry-After"]) == (503, "30"), path
        await reader.html("/c/", 404)
        await reader.html("/")
        await reader.html("/a/")


async def test_boards_are_discovered(place: Place) -> None:
    for name in ("b", "λ", "3", "a-b"):
        board(place, name)
    place.create("b_threads", THREADS)
    place.create("b_deleted", POSTS)
    place.create("a_users", {"num": "int", "thread_num": "int"})
    place.create("words", {"num": "int", "word": "text"})
    place.create("with space", {"num": "int", "thread_num": "int"})
    for reserved in ("api", "_", "static"):
        place.create(reserved, {"num": "int", "thread_num": "int"})
    async with opened(settings(place, discover=True)) as boards:
        assert list(boards.summaries()) == ["3", "a-b", "b", "λ"]
        assert all(summary.available and summary.posts == 1 for summary in boards.summaries().values())


async def test_a_database_without_boards_is_told(place: Place) -> None:
    place.create("words", {"num": "int", "word": "text"})
    given = settings(place, discover=True)
    error = await outcome(Boards(given, database_for(given.db)).open())
    assert isinstance(error, SettingsError)
    assert "holds no board" in str(error)


async def test_what_changes_is_looked_at_again(place: Place) -> None:
    board(place, "a")
    async with opened(settings(place, "a"), Pace(refresh=0.05, look=0.01)) as boards:
        assert boards.summaries()["a"].posts == 1
        place.insert("a", {"num": 2, "thread_num": 1}, {"num": 3, "thread_num": 1})
        assert await eventually(lambda: boards.summaries()["a"].posts == 3)


async def test_a_board_whose_table_goes_is_given_up_and_comes_back(place: Place) -> None:
    board(place, "a")
    async with opened(settings(place, "a"), Pace(refresh=0.02, look=0.01)) as boards:
        place.execute(f"ALTER TABLE {place.quote('a')} RENAME TO {place.quote('hidden')}")
        assert await eventually(lambda: not boards.summaries()["a"].available)
        assert isinstance(await outcome(_get(boards, "a")), Unavailable)
        place.execute(f"ALTER TABLE {place.quote('hidden')} RENAME TO {place.quote('a')}")
        place.insert("a", {"num": 2, "thread_num": 1})
        assert await eventually(lambda: boards.summaries()["a"].posts == 2)


async def _get(boards: Boards, name: str) -> Any:
    return boards.get(name)


async def test_one_slow_board_keeps_no_other_from_being_brought_up_to_date(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("a", "b"):
        board(place, name)
    refresh = Board.refresh

    async def slow(self: Board) -> None:
        if self.name == "a":
            raise Unavailable("too slow")
        await refresh(self)

    async with opened(settings(place, "a", "b"), Pace(refresh=0.02, look=0.01)) as boards:
        monkeypatch.setattr(Board, "refresh", slow)
        place.insert("b", {"num": 2, "thread_num": 1})
        assert await eventually(lambda: boards.summaries()["b"].posts == 2)
        assert boards.summaries()["a"].available


async def test_a_board_that_is_too_slow_to_open_is_left_for_later(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("a", "b"):
        board(place, name)
    load = Board.load
    slow = {"a"}

    async def sometimes(name: str, *rest: Any) -> Board:
        if name in slow:
            raise Unavailable("too slow")
        return await load(name, *rest)

    monkeypatch.setattr(Board, "load", sometimes)
    async with opened(settings(place, "a", "b")) as boards:
        assert [summary.available for summary in boards.summaries().values()] == [False, True]
        slow.clear()
        assert isinstance(await outcome(_get(boards, "a")), Unavailable)
        assert await eventually(lambda: boards.summaries()["a"].available)
    slow |= {"a", "b"}
    assert isinstance(await outcome(_open(settings(place, "a", "b"))), SettingsError)


async def _open(given: Settings) -> None:
    async with opened(given):
        pass


async def test_looking_goes_on_after_a_failure(
    place: Place, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    board(place, "a")
    async with opened(settings(place, "a"), Pace(refresh=0.02, look=0.01)) as boards:

        async def fails(_: Boards | Board) -> None:
            raise RuntimeError("a fault of ours")

        with monkeypatch.context() as patched:
            patched.setattr(Board, "refresh", fails)
            said = "/a/ could not be brought up to date: RuntimeError: a fault of ours"
            assert await eventually(lambda: said in caplog.text)
        with monkeypatch.context() as patched:
            patched.setattr(Boards, "refresh", fails)
            assert await eventually(lambda: "looking for changes failed" in caplog.text)
        place.insert("a", {"num": 2, "thread_num": 1})
        assert await eventually(lambda: boards.summaries()["a"].posts == 2)


async def test_closing_twice_and_closing_what_was_never_opened(place: Place) -> None:
    board(place, "a")
    given = settings(place, "a")
    boards = Boards(given, database_for(given.db))
    await boards.close()
    async with opened(given) as others:
        await others.close()
        assert others.database.stats().size == 0


async def test_an_opening_cut_short_leaves_nothing_open(place: Place) -> None:
    board(place, "a")
    given = settings(place, "a")
    for turns in range(0, 300, 9):
        boards = Boards(given, database_for(given.db))
        opening = asyncio.ensure_future(boards.open())
        for _ in range(turns):
            await asyncio.sleep(0)
        opening.cancel()
        await outcome(opening)
        await boards.close()
        assert boards.database.stats().size == 0


async def test_closing_at_the_very_moment_a_look_is_due(place: Place) -> None:
    """On Python 3.10 the end of a time limit hides a cancellation that comes in the same turn of the loop."""
    board(place, "a")
    given = settings(place, "a")
    for _ in range(10):
        boards = Boards(given, database_for(given.db), Pace(refresh=0.02, look=0))
        await boards.open()
        await asyncio.sleep(0)  # the first wait for a look begins
        closing = asyncio.create_task(boards.close())
        time.sleep(0.03)  # noqa: ASYNC251 - both are due when the loop goes on
        async with timeout(5):
            await closing
