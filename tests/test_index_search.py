"""Searches by the index, wherever they are asked: which boards have one, and indexes that change meanwhile."""

from __future__ import annotations

import asyncio
import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from app.engines.sql.walk import Walk
from app.engines.tantivy import shelf
from app.engines.tantivy.plan import Plan
from app.engines.tantivy.shelf import folder_of
from app.engines.tantivy.walk import IndexWalk
from tests.support.indexes import (
    app_of,
    archive_of,
    asked,
    command_folder,
    koiwai,
    posts_in,
    updated,
)
from tests.support.pages import text
from tests.support.process import ended
from tests.support.searching import alert, fill, page_of, places, summary
from tests.support.stage import NOON, Stage, stage

__all__ = ["stage"]

on_one_database = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)


@pytest.fixture(autouse=True)
def looks_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.engines.tantivy.shelf._LOOK_EVERY", 0)


@pytest.fixture
def walked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """By what boards are searched: `index g`, `tables po`."""
    said: list[str] = []
    for walk, how in ((IndexWalk, "index"), (Walk, "tables")):

        async def noted(self: Any, *, how: str = how, begin: Any = walk.begin) -> None:
            said.append(f"{how} {self.board.name}")
            await begin(self)

        monkeypatch.setattr(walk, "begin", noted)
    return said


async def index(stage: Stage, state: Path, *names: str, rebuild: bool = False) -> None:
    async with archive_of(stage, state) as archive:
        for name in names or stage.boards:
            await updated(archive, name, rebuild=rebuild)


# where searches are asked


async def test_each_way_of_asking_is_answered_by_the_index(stage: Stage, tmp_path: Path, walked: list[str]) -> None:
    fill(stage)
    await index(stage, tmp_path)
    async with app_of(stage, tmp_path, "tantivy") as running:
        page = await page_of(running, "/g/search/?text=router&username=Bob")
        assert places(page) == [("g", "150"), ("g", "110")]
        assert summary(page)[1] == "2 posts found. All of it was searched."
        everywhere = await page_of(running, "/_/search/?text=paper")
        assert places(everywhere) == [("po", "101"), ("po", "100")]
        answer = await asked(running, "router", boards="g,po")
        assert (answer["total"], answer["exact"]) == (63, True)
        chan = (await running.ask("/_/api/chan/search/?text=router&boards=g&results=post")).json
        assert chan["meta"]["total_found"] == 62
    assert set(walked) == {"index g", "index po"}


async def test_the_command(stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, walked: list[str]) -> None:
    fill(stage)
    folder = command_folder(stage, tmp_path / "here")
    monkeypatch.chdir(folder)
    await index(stage, folder / "var")
    found = await asyncio.to_thread(koiwai, "search", "--board", "g", "haunted")
    assert found.exit_code == 0 and found.stdout.startswith("/g/100_1 ")
    assert walked == ["index g"]


async def test_boards_without_an_index_are_searched_by_their_tables(
    stage: Stage, tmp_path: Path, walked: list[str]
) -> None:
    fill(stage)
    await index(stage, tmp_path, "g")
    async with app_of(stage, tmp_path) as running:
        answer = await asked(running, "router", boards="g,po", order="asc", limit="3")
        assert [(hit["post"]["board"], hit["post"]["num"]) for hit in answer["hits"]] == [
            ("po", 100),
            ("g", 100),
            ("g", 100),
        ]
        assert set(walked) == {"index g", "tables po"}
        # All pages, one after another, have each post once.
        cursor, seen = "", []
        while cursor is not None:
            where = {"cursor": cursor} if cursor else {}
            answer = await asked(running, "router", boards="g,po", limit="7", **where)
            seen += [(hit["post"]["board"], hit["post"]["num"], hit["post"]["subnum"]) for hit in answer["hits"]]
            cursor = answer["cursor"]
        assert len(seen) == len(set(seen)) == 63
        walked.clear()
        await index(stage, tmp_path, "po")
        await asked(running, "router", boards="g,po")
        assert set(walked) == {"index g", "index po"}


async def test_without_an_index_searches_say_so_and_all_else_works(stage: Stage, tmp_path: Path) -> None:
    fill(stage)
    stage.threads({"thread_num": 100}, {"thread_num": 140})
    async with app_of(stage, tmp_path, "tantivy") as running:
        for address in ("/g/search/?text=router", "/_/search/?text=router"):
            page = await page_of(running, address, 503)
            assert "cannot be searched" in text(page) or alert(page)
        answer = await running.ask("/api/v1/search?text=router&boards=g", 503)
        assert answer.json["error"]["message"] == "The search index of /g/ is not there at the moment."
        assert answer.headers["retry-after"] == "60"
        told = (await running.ask("/_/api/chan/search/?text=router&boards=g", 503)).json
        assert told == {"error": "The search index of /g/ is not there at the moment."}
        for address in ("/", "/g/", "/g/thread/100/", "/g/catalog/", "/g/statistics/", "/healthz"):
            await running.ask(address)
        assert (await running.json("/threads/100"))["posts"]
        await index(stage, tmp_path, "g")
        assert (await asked(running, "router"))["total"] == 62
        await asked(running, "router", 503, boards="g,po")


# indexes that change while the app runs


async def test_an_index_that_goes_away_and_comes_back(
    stage: Stage, tmp_path: Path, caplog: pytest.LogCaptureFixture, walked: list[str]
) -> None:
    fill(stage)
    await index(stage, tmp_path)
    state, aside = folder_of(tmp_path, "g"), tmp_path / "aside"
    async with app_of(stage, tmp_path) as running, app_of(stage, tmp_path, "tantivy") as strict:
        assert (await asked(strict, "router"))["total"] == (await asked(running, "router"))["total"] == 62
        for part in (state, state / "g000001", state / "current"):
            walked.clear()
            part.rename(aside)
            assert (await asked(running, "router"))["total"] == 62
            assert walked == ["tables g"]
            await asked(strict, "router", 503)
            aside.rename(part)
            assert (await asked(strict, "router"))["total"] == 62
        shutil.rmtree(tmp_path / "index")
        await asked(strict, "router", 503)
        assert (await asked(running, "router"))["total"] == 62
        await index(stage, tmp_path)
        assert (await asked(strict, "router"))["total"] == 62
    assert "Traceback" not in caplog.text


async def test_updates_are_seen_within_the_interval(
    stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 1_000.0
    monkeypatch.setattr("app.engines.tantivy.shelf._LOOK_EVERY", 1.0)
    monkeypatch.setattr("app.engines.tantivy.shelf.time.monotonic", lambda: now)
    fill(stage)
    await index(stage, tmp_path)
    async with app_of(stage, tmp_path, "tantivy") as running:
        assert (await asked(running, "router"))["total"] == 62
        stage.post(200, 140, comment="router")
        await index(stage, tmp_path)
        now += 0.9
        assert (await asked(running, "router"))["total"] == 62
        now += 0.2
        assert (await asked(running, "router"))["total"] == 63
        await index(stage, tmp_path, rebuild=True)
        assert not (folder_of(tmp_path, "g") / "g000001").exists()
        # The old one has been removed from under a server that has it open.
        assert (await asked(running, "router"))["total"] == 63
        now += 1
        assert (await asked(running, "router"))["total"] == 63


async def test_one_that_takes_over_just_when_the_old_one_is_opened(
    stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    fill(stage)
    await index(stage, tmp_path)
    open_index, folder = shelf.open_index, folder_of(tmp_path, "g")

    def opened(path: Path) -> Any:
        if path.name == "g000001":
            path.rename(folder / "g000002")
            shelf.make_current(folder / "g000002")
        return open_index(path)

    monkeypatch.setattr(shelf, "open_index", opened)
    async with app_of(stage, tmp_path, "tantivy") as running:
        assert (await asked(running, "router"))["total"] == 62
    assert "of no use" not in caplog.text


async def test_pages_go_on_across_an_update(stage: Stage, tmp_path: Path) -> None:
    """Each post that was there from first to last is shown once, whatever has come, gone and changed meanwhile."""
    stage.board()
    stage.posts(*({"num": num, "thread_num": 1, "comment": "router"} for num in range(1, 31)))
    stage.threads({"thread_num": 1})
    await index(stage, tmp_path)
    for order, first in (("desc", list(range(30, 20, -1))), ("asc", [1, 2, 3, 4, *range(6, 12)])):
        async with app_of(stage, tmp_path, "tantivy") as running:
            page = await asked(running, "router", order=order, limit="10")
            seen = [hit["post"]["num"] for hit in page["hits"]]
            assert seen == first
            stage.execute('DELETE FROM "g" WHERE num IN (5, 15, 25)')
            stage.posts({"num": 40 if order == "desc" else 41, "thread_num": 1, "comment": "router"})
            await index(stage, tmp_path, rebuild=order == "asc")
            while page["cursor"] is not None:
                page = await asked(running, "router", order=order, limit="10", cursor=page["cursor"])
                seen += [hit["post"]["num"] for hit in page["hits"]]
        assert len(seen) == len(set(seen)) and set(range(1, 31)) - {5, 15, 25} <= set(seen)


async def test_pages_go_on_when_an_index_appears_and_goes(stage: Stage, tmp_path: Path, walked: list[str]) -> None:
    fill(stage)
    async with app_of(stage, tmp_path) as running:
        page = await asked(running, "router", boards="g,po", limit="20")
        seen = [(hit["post"]["board"], hit["post"]["num"], hit["post"]["subnum"]) for hit in page["hits"]]
        while page["cursor"] is not None:
            if (tmp_path / "index").exists():
                shutil.rmtree(tmp_path / "index")
            else:
                await index(stage, tmp_path)
            page = await asked(running, "router", boards="g,po", limit="20", cursor=page["cursor"])
            seen += [(hit["post"]["board"], hit["post"]["num"], hit["post"]["subnum"]) for hit in page["hits"]]
    assert {how.split()[0] for how in walked} == {"index", "tables"}
    assert len(seen) == len(set(seen)) == 63


async def test_totals_are_right_when_posts_are_removed_after_indexing(stage: Stage, tmp_path: Path) -> None:
    stage.board()
    stage.posts(*({"num": num, "thread_num": 1, "comment": "router"} for num in range(1, 31)))
    stage.threads({"thread_num": 1})
    await index(stage, tmp_path)
    removed = {"subnum": 0, "thread_num": 1, "timestamp": NOON, "timestamp_expired": 0}
    async with app_of(stage, tmp_path, "tantivy") as running:
        answer = await asked(running, "router", limit="5")
        assert (answer["total"], answer["exact"]) == (30, True)
        stage.add("g_deleted", *({"num": num, **removed} for num in (2, 29, 30, 77)))
        await running.board().refresh()
        for limit in ("5", "27", "100"):
            answer = await asked(running, "router", limit=limit)
            assert (answer["total"], answer["exact"]) == (27, True)
            nums = [hit["post"]["num"] for hit in answer["hits"]]
            assert nums == [num for num in range(28, 0, -1) if num != 2][: int(limit)]
        page = await page_of(running, "/g/search/?text=router")
        assert summary(page)[1].startswith("27 posts found.")
        # Of some of them, without words.
        assert (await asked(running, "", num="29"))["total"] == 0
        stage.execute('DELETE FROM "g_deleted" WHERE num = 30')
        await running.board().refresh()
        assert (await asked(running, "router", limit="5"))["total"] == 28


async def test_a_damaged_index_is_told_of(stage: Stage, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """What comes to light only when it is searched in."""
    fill(stage)
    await index(stage, tmp_path)
    async with app_of(stage, tmp_path, "tantivy") as running:

        def broken(*_: object) -> None:
            raise ValueError("Data corrupted")

        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(Plan, "find", broken)
            answer = await running.ask("/api/v1/search?text=router&boards=g", 503)
            assert answer.json["error"]["message"] == "The search index of /g/ is damaged."
        assert (await asked(running, "router"))["total"] == 62
    assert "the search index of /g/ cannot be searched: Data corrupted" in caplog.text


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
@on_one_database
async def test_an_index_of_another_user_is_told_to_be_that(stage: Stage, tmp_path: Path) -> None:
    fill(stage)
    await index(stage, tmp_path)
    for path in (tmp_path, *tmp_path.parents, *(tmp_path / "index").rglob("*")):
        if path.is_dir() and path != Path("/"):
            path.chmod(path.stat().st_mode | 0o055)
    program = (
        "import os, sys\n"
        "from pathlib import Path\n"
        "from app.engines.tantivy.snapshot import NoIndex, Snapshot, open_index\n"
        "os.setgid(65534); os.setuid(65534)\n"
        "try:\n"
        "    Snapshot(open_index(Path(sys.argv[1])))\n"
        "except NoIndex as error:\n"
        "    print(error, file=sys.stderr)"
    )
    path = folder_of(tmp_path, "po") / "g000001"
    assert await asyncio.to_thread(lambda: ended(tmp_path, str(path), program=program)) == (
        0,
        [
            "it cannot be opened: it belongs to another user; "
            '"koiwai index" must run as the user that the server runs as'
        ],
    )


async def test_an_index_of_several_processes(stage: Stage, tmp_path: Path) -> None:
    """What another process writes is seen by one that has been searching for long."""
    fill(stage)
    folder = command_folder(stage, tmp_path / "here")
    assert await asyncio.to_thread(lambda: ended(folder, "index")[0]) == 0
    async with app_of(stage, folder / "var", "tantivy") as running:
        assert (await asked(running, "router"))["total"] == 62
        for nth in range(3):
            stage.post(200 + nth, 140, comment="router")
            assert await asyncio.to_thread(lambda: ended(folder, "index", "--board", "g")[0]) == 0
            assert (await asked(running, "router"))["total"] == 63 + nth
        assert await asyncio.to_thread(lambda: ended(folder, "index", "--rebuild")[0]) == 0
        assert (await asked(running, "router"))["total"] == 65
    assert len(posts_in(folder / "var")) == 65
