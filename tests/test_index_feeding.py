"""Much to index is read by other processes: the index is the same, and no end of any of them does harm."""

import os
import re
import signal
from pathlib import Path

import pytest

from tests.support.indexes import command_folder, koiwai, posts_in
from tests.support.process import ended, running
from tests.support.stage import Stage, stage

__all__ = ["stage"]

FED = """
import os, signal, sys
from app.cli import main
from app.commands.progress import Progress
from app.indexing import building, feeding

Stride = building.Stride
building.Stride = lambda most: Stride(rows=20, most=20, fewest=20)
feeding.WORTH_STARTING = feeding.WORTH_ASKING = 0
building.COMMIT_EVERY = 60
feeding.ROWS = 50
feeding.os.cpu_count = lambda: 2
"""
PLAINLY = FED + "main()\n"
TOLD = (
    FED
    + """
feed = feeding.Readers.feed

def told(readers, *arguments):
    batches = feed(readers, *arguments)
    pids = (reader._process.pid for reader in readers._readers)
    print("readers", *pids, "are at work", file=sys.stderr, flush=True)
    return batches

feeding.Readers.feed = told
Progress.__call__ = lambda self, place: print("at", place.place, file=sys.stderr, flush=True)
main()
"""
)
# From the fourth on, stretches never reach their readers.
WAITING = TOLD.replace(
    "main()\n",
    """
give = feeding._Reader.give
given = []

def lost(reader, stretch):
    given.append(stretch)
    if len(given) < 4:
        give(reader, stretch)

feeding._Reader.give = lost
main()
""",
)
# What has begun would take a minute, as on a disk that is away; no test waits for it.
BUSY = (
    FED
    + """
import time

def add(build, posts):
    print("adding", file=sys.stderr, flush=True)
    time.sleep(60)

building.Build.add = add
main()
"""
)


@pytest.fixture
def here(stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the settings of a stage: /g/ of 300 posts, some of them removed by moderators."""
    stage.board()
    stage.posts(
        *({"num": num, "thread_num": num // 10 * 10 or 1, "comment": f"word {num} 猫"} for num in range(1, 301))
    )
    removed = {"thread_num": 1, "subnum": 0, "op": 0, "timestamp": 1, "timestamp_expired": 0}
    stage.add("g_deleted", *({"num": num, **removed} for num in (7, 77)))
    folder = command_folder(stage, tmp_path / "here")
    monkeypatch.chdir(folder)
    return folder


def is_right() -> None:
    verified = koiwai("index", "--verify")
    assert verified.exit_code == 0, verified.stderr


def told(here: Path) -> tuple[int, list[str]]:
    """Status, and what is told of the board. Under load Python itself complains of slow starts."""
    status, lines = ended(here, "index", program=PLAINLY)
    return status, [re.sub(", [0-9,]+ posts/s", "", line) for line in lines if line.startswith("/g/")]


def test_the_index_is_the_same(here: Path) -> None:
    assert told(here) == (0, ["/g/: 298 posts added."])
    assert len(posts_in(here / "var")) == 298
    is_right()
    assert told(here) == (0, ["/g/: 0 posts added."])


def test_readers_go_on_with_the_next_board(stage: Stage, here: Path) -> None:
    """Also with one that has another clock."""
    stage.board("b", clock="new_york")
    stage.posts(*({"num": num, "thread_num": 1, "comment": f"other {num}"} for num in range(1, 201)), board="b")
    command_folder(stage, here)
    status, lines = ended(here, "index", program=TOLD)
    assert status == 0
    first, second = (line for line in lines if line.startswith("readers"))
    assert first == second
    assert {board: len(posts_in(here / "var", board)) for board in "gb"} == {"g": 298, "b": 200}
    is_right()


def test_a_reader_that_ends_between_boards(stage: Stage, here: Path) -> None:
    """Others take its place."""
    stage.board("b")
    stage.posts(*({"num": num, "thread_num": 1, "comment": f"other {num}"} for num in range(1, 201)), board="b")
    command_folder(stage, here)
    kills = FED.replace("feeding.ROWS = 50", "feeding.ROWS = 50\nclose = feeding.FedBatches.close") + (
        "def kill(batches):\n    close(batches)\n    batches._readers[1]._process.kill()\n"
        "    batches._readers[1]._process.join()\n"
        "feeding.FedBatches.close = kill\nmain()\n"
    )
    status, lines = ended(here, "index", program=kills)
    assert (status, [line for line in lines if "has ended" in line]) == (0, [])
    assert len(posts_in(here / "var", "b")) == 200
    is_right()


def test_a_reader_that_cannot_read_a_board(stage: Stage, here: Path) -> None:
    """What it says of one board is not told of the next one."""
    stage.board("b")
    stage.posts(*({"num": num, "thread_num": 1, "comment": f"other {num}"} for num in range(1, 201)), board="b")
    command_folder(stage, here)
    changes = FED + (
        "from app.commands import index\nTask = index.Task\n"
        "index.Task = lambda settings, name, basis: Task(settings, name, basis if name == 'b' else 'another')\n"
        "main()\n"
    )
    status, lines = ended(here, "index", program=changes)
    assert status == 75
    assert [line for line in lines if "changed" in line and not line.startswith("/g/: /g/ has changed just now")] == []
    assert any("/b/: 200 posts added" in line for line in lines)


def test_readers_of_the_next_round(stage: Stage, here: Path) -> None:
    """Who follows an archive keeps no readers while there is nothing to do."""
    with running(here, "index", "--follow", "1", program=TOLD) as process:
        first = process.until(re.compile(r"readers ([0-9]+ [0-9]+) are at work\n"))[1]
        process.until(re.compile(r"/g/: 298 posts added"))
        process.said = ""
        stage.posts(*({"num": num, "thread_num": 300, "comment": f"late {num}"} for num in range(301, 401)))
        second = process.until(re.compile(r"readers ([0-9]+ [0-9]+) are at work\n"))[1]
        assert not set(first.split()) & set(second.split())
        process.until(re.compile(r"/g/: 100 posts added"))
        assert process.end(signal.SIGTERM) == 0
    assert len(posts_in(here / "var")) == 398
    is_right()


@pytest.mark.parametrize("which", [0, 1])
def test_an_end_of_a_reader(here: Path, which: int) -> None:
    with running(here, "index", program=TOLD) as process:
        readers = process.until(re.compile(r"readers ([0-9]+) ([0-9]+) are at work\n"))
        os.kill(int(readers[1 + which]), signal.SIGKILL)
        assert process.process.wait() == 1
        process.until(re.compile("/g/: A process that reads the archive has ended before its time"))
    assert ended(here, "index", program=PLAINLY)[0] == 0
    is_right()


def test_an_end_of_the_writer(here: Path) -> None:
    """Nothing is lost, nothing is twice, and no reader is left behind."""
    with running(here, "index", program=TOLD) as process:
        process.until(re.compile("at 1[0-9]+\n"))
        process.process.kill()
        process.process.communicate(timeout=30)  # which ends with the last process that can write there
    assert ended(here, "index", program=PLAINLY)[0] == 0
    assert len(posts_in(here / "var")) == 298
    is_right()


def test_an_interrupt_on_a_terminal(here: Path) -> None:
    """It reaches all of them; the one that writes waits for nobody, and none says more than that."""
    with running(here, "index", program=WAITING) as process:
        process.until(re.compile("at 150\n"))
        match = re.search("readers ([0-9]+) ([0-9]+) are at work", process.said)
        assert match is not None and all(in_mask(int(pid), "SigBlk", signal.SIGINT) for pid in match.groups())
        os.killpg(process.process.pid, signal.SIGINT)
        said, status = process.said, process.ended()
        assert (status, process.said.removeprefix(said)) == (1, "Aborted!\n")
    assert told(here)[0] == 0
    is_right()


def test_a_second_interrupt_ends_it_at_once(here: Path) -> None:
    with running(here, "index", program=BUSY) as process:
        process.until(re.compile("adding\n"))
        process.process.send_signal(signal.SIGINT)
        while in_mask(process.process.pid, "SigCgt", signal.SIGINT):  # until it has taken notice of the first
            pass
        assert process.end(signal.SIGINT) == -signal.SIGINT
    assert told(here)[0] == 0
    is_right()


def in_mask(pid: int, mask: str, number: signal.Signals) -> bool:
    """Whether a signal is in one of a process's masks: SigBlk, those that wait; SigCgt, those that it acts on."""
    found = re.search(rf"^{mask}:\s*([0-9a-f]+)$", Path(f"/proc/{pid}/status").read_text(), re.MULTILINE)
    assert found is not None
    return bool(int(found[1], 16) >> (number - 1) & 1)
