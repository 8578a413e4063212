"""`koiwai index --follow` as a process beside a running app: what happens in the archive appears in searches."""

from __future__ import annotations

import asyncio
import re
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.databases import Place
from tests.support.indexes import app_of, asked, command_folder, koiwai, numbers_found, posts_in
from tests.support.process import Running as Process
from tests.support.process import running
from tests.support.servers import Server
from tests.support.stage import NOON, Stage, stage

__all__ = ["stage"]

SMALL = """
import sys
from app.cli import main
from app.commands.progress import Progress
from app.indexing import building

Stride = building.Stride
building.Stride = lambda most: Stride(rows=20, most=20, fewest=20, pause=0, attempts=2)
building.COMMIT_EVERY = 40
Progress.__call__ = lambda self, place: print("at", place.place, file=sys.stderr, flush=True)
main()
"""
# However quick a machine is, it is not done before somebody ends it.
SLOW = (
    """
import asyncio
from app.indexing.batches import OwnBatches

quick = OwnBatches.next

async def slow(self):
    if self._place == 220:
        await asyncio.sleep(60)
    return await quick(self)

OwnBatches.next = slow
"""
    + SMALL
)
FILE = {"media_hash": "A" * 22 + "==", "media_orig": "1657627200000.png", "media_filename": "a.png", "media_w": 9}


@pytest.fixture(autouse=True)
def looks_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.engines.tantivy.shelf._LOOK_EVERY", 0)


@pytest.fixture
def here(stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the settings of a stage: /g/ of two threads, /po/ of nothing."""
    fill(stage)
    folder = command_folder(stage, tmp_path / "here")
    monkeypatch.chdir(folder)
    return folder


def fill(stage: Stage) -> None:
    stage.board()
    stage.board("po")
    stage.posts(*({"num": num, "thread_num": num // 10 * 10, "comment": f"router {num}"} for num in range(10, 30)))
    stage.execute("""UPDATE "g" SET media_hash = NULL""")
    stage.threads({"thread_num": 10}, {"thread_num": 20})


async def until(process: Process, words: str) -> None:
    """Waits until it has said something more."""
    await asyncio.to_thread(process.until, re.compile(words))
    process.said = ""


@pytest.fixture
def following(here: Path) -> Iterator[Process]:
    with running(here, "index", "--follow", "1") as process:
        process.until(re.compile("/g/: 20 posts added"))
        process.said = ""
        yield process
        assert process.end(signal.SIGTERM) == 0
        assert not re.search("Traceback|Warning|Error", process.said)


async def test_what_happens_in_the_archive_appears_in_searches(stage: Stage, here: Path, following: Process) -> None:
    async with app_of(stage, here / "var", "tantivy") as app:
        assert (await asked(app, "router"))["total"] == 20
        stage.post(30, 20, comment="router 30", **FILE)
        await until(following, "/g/: 1 posts added")
        assert (await asked(app, "router"))["total"] == 21

        stage.execute("""UPDATE "g" SET comment = 'a modem' WHERE num = 12""")
        await until(following, r"/g/: 0 posts added; of \d recent threads 1 brought up to date\.")
        assert await numbers_found(app, "modem") == [12]
        assert await numbers_found(app, '"router 12"') == []

        assert await numbers_found(app, "", deleted="deleted") == []
        stage.execute("""UPDATE "g" SET deleted = '1' WHERE num = 13""")
        stage.execute("""UPDATE "g" SET sticky = '1' WHERE num = 10""")
        stage.execute("""UPDATE "g" SET spoiler = '1' WHERE num = 30""")
        while not await numbers_found(app, "", spoiler="spoiler"):  # they may be found one after another
            await until(following, "brought up to date")
        assert await numbers_found(app, "", deleted="deleted") == [13]
        assert await numbers_found(app, "", sticky="sticky") == [10]
        assert await numbers_found(app, "", spoiler="spoiler") == [30]

        row = {"num": 14, "subnum": 0, "thread_num": 10, "timestamp": NOON, "timestamp_expired": 0}
        stage.add("g_deleted", row)
        stage.execute('DELETE FROM "g" WHERE num = 14')
        await until(following, "1 taken out")
        assert 14 not in await numbers_found(app, "router")

        stage.posts({"num": 29, "thread_num": 20, "subnum": 1, "comment": "haunted"})
        await until(following, "/g/: 1 posts added")
        assert await numbers_found(app, "haunted", ghost="only") == [29]

        stage.post(5, board="po", comment="a paper router")
        await until(following, "/po/: 1 posts added")
        assert (await asked(app, "router", boards="g,po"))["total"] == 20
    assert len(posts_in(here / "var")) == 21


async def test_a_rebuild_is_done_once(stage: Stage, here: Path) -> None:
    await asyncio.to_thread(koiwai, "index")
    with running(here, "index", "--follow", "1", "--rebuild", "--board", "g") as process:
        await until(process, "/g/: 20 posts added")
        stage.post(30, 20)
        await until(process, "/g/: 1 posts added")
        assert [path.name for path in (here / "var" / "index" / "g").glob("g0*")] == ["g000002"]
        assert process.end(signal.SIGTERM) == 0


@pytest.mark.parametrize(
    ("options", "number", "status"),
    [(("--follow", "9"), signal.SIGTERM, 0), (("--follow", "9"), signal.SIGINT, 0), ((), signal.SIGINT, 1)],
)
def test_it_can_be_ended_in_the_middle(
    stage: Stage, here: Path, options: tuple[str, ...], number: signal.Signals, status: int
) -> None:
    stage.posts(*({"num": num, "thread_num": num // 10 * 10} for num in range(30, 1_000)))
    with running(here, "index", "--board", "g", *options, program=SLOW) as process:
        process.until(re.compile("at 220\n"))
        assert process.end(number) == status
        assert not re.search("Traceback|Warning|posts added", process.said), process.said
    done = koiwai("index", "--board", "g")
    added = int(re.findall(r"/g/: ([0-9,]+) posts added", done.stderr)[0].replace(",", ""))
    assert done.exit_code == 0 and added == 990 - 200
    assert [post.num for post in posts_in(here / "var")] == list(range(10, 1_000))
    assert koiwai("index", "--verify", "--board", "g").exit_code == 0


async def test_a_database_that_goes_away_and_comes_back(
    own_server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with own_server.fresh_database() as name:
        place = Place(own_server.kind, dict(own_server.settings_table(name)), server=own_server, name=name)
        stage = Stage(place, tmp_path / "media")
        fill(stage)
        folder = command_folder(stage, tmp_path / "here")
        with running(folder, "index", "--follow", "1", "--board", "g", program=SMALL) as process:
            await until(process, "/g/: 20 posts added")
            own_server.stop()
            await until(process, "/g/: .*What was indexed is kept; start the command again")
            await asyncio.to_thread(own_server.start)
            stage.post(30, 20, comment="router 30")
            await until(process, "/g/: 1 posts added")
            own_server.kill()
            await until(process, "/g/: .*What was indexed is kept; start the command again")
            await asyncio.to_thread(own_server.start)
            stage.post(31, 20, comment="router 31")
            await until(process, "/g/: 1 posts added")
            assert process.end(signal.SIGTERM) == 0
            assert "Traceback" not in process.said
        # Not every server has written out everything when it is killed.
        there = [int(row[0]) for row in place.execute("SELECT num FROM g ORDER BY num")]
        assert [post.num for post in posts_in(folder / "var")] == there
        assert there[:20] == list(range(10, 30)) and there[-1] == 31
