"""A thread by chance: every thread may come, nothing else does, and no list is walked for it."""

from __future__ import annotations

import random

import pytest

from app import random_thread as random_module
from app import thread_maps
from app.random_thread import random_thread
from app.settings import BoardSettings
from tests.support.asgi import ask
from tests.support.recorder import Recorder
from tests.support.stage import Stage, stage

__all__ = ["stage"]


@pytest.fixture(autouse=True)
def chance(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same chance in each run."""
    monkeypatch.setattr(random_module, "_chance", random.Random(7))


def _fill(stage: Stage, writer: str, nums: list[int], board: str = "g") -> None:
    stage.posts(*({"num": num, "thread_num": num} for num in nums), board=board)
    if writer != "bare":
        stage.threads(*({"thread_num": num} for num in nums), board=board)


@pytest.mark.parametrize("writer", ["asagi", "bare"])
async def test_every_thread_comes_about_as_often(stage: Stage, writer: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(thread_maps, "PART", 5)
    nums = [5, 6, 7, *range(1_000_000, 1_000_006), 400_000_000]
    stage.board(writer=writer)
    _fill(stage, writer, nums)
    async with stage.running() as app:
        board = app.board()
        assert [await board.maps.at(place) for place in range(11)] == [*nums, None]
        drawn = []
        for _ in range(60):
            found = await random_thread([board])
            assert found is not None
            drawn.append(found[1])
        # Drawn by number alone it would be one and the same nearly always.
        assert all(1 <= drawn.count(num) <= 20 for num in nums)


async def test_it_is_a_redirect_that_nobody_keeps(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    stage.board()
    _fill(stage, "asagi", [100, 200])
    stage.board("λ", hidden=True, nsfw=True)
    _fill(stage, "asagi", [300], "λ")
    stage.board("empty")
    async with stage.running() as app:
        recorder = Recorder(monkeypatch)
        seen = set()
        for _ in range(20):
            answer = await app.ask("/_/random/", 302)
            assert answer.headers["cache-control"] == "no-store"
            seen.add(answer.headers["location"])
        assert seen == {"/g/thread/100/", "/g/thread/200/"}
        assert not [sql for sql in recorder.statements if "LIMIT" not in sql.text]
        named = await app.ask("/_/random?board=%CE%BB", 302)
        assert named.headers["location"] == "/%CE%BB/thread/300/"
        assert named.headers["rating"].startswith("RTA-") and named.headers["x-robots-tag"] == "noindex"
        assert (await ask(app.app, "/_/random/", root_path="/x")).headers["location"].startswith("/x/g/thread/")
        assert "no threads on /empty/ yet" in await app.text("/_/random/?board=empty", 404)
        assert "&#34;board&#34; must be" in await app.text("/_/random/?board=%3Cb%3E", 400)


async def test_what_cannot_be_shown_never_comes(stage: Stage) -> None:
    """A thread whose every post was removed, and a thread that only the list knows."""
    stage.board()
    stage.posts(*({"num": num, "thread_num": num} for num in (100, 200)))
    stage.threads(*({"thread_num": num} for num in (100, 200, 300)))
    stage.add(
        "g_deleted", {"num": 200, "subnum": 0, "thread_num": 200, "op": 1, "timestamp": 1, "timestamp_expired": 0}
    )
    stage.boards["late"] = BoardSettings()  # its table may come later
    async with stage.running(validate_boards_db=False) as app:
        for _ in range(12):
            assert (await app.ask("/_/random/", 302)).headers["location"] == "/g/thread/100/"
        await app.ask("/_/random/?board=late", 503)


@pytest.mark.parametrize("away", ["g", "λ"])
async def test_a_board_without_anything_to_show_gives_way_to_others(stage: Stage, away: str) -> None:
    for board in ("g", "λ"):
        stage.board(board)
        _fill(stage, "asagi", [100], board)
    stage.execute(f'DELETE FROM "{away}"')
    async with stage.running() as app:
        boards = [app.board("g"), app.board("λ")]
        found = [await random_thread(boards) for _ in range(8)]
    assert {board.name for board, _ in filter(None, found)} == {"g", "λ"} - {away}
    assert None not in found


async def test_an_empty_archive_says_so(stage: Stage) -> None:
    stage.board()
    async with stage.running() as app:
        assert "no threads in this archive yet" in await app.text("/_/random/", 404)
