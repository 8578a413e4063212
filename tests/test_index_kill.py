"""`koiwai index` killed at any moment: nothing is lost, nothing is there twice, and what was searched still is."""

import random
import re
import signal
from collections.abc import Iterable
from pathlib import Path

import pytest

from app.engines.tantivy.shelf import current_index, folder_of
from app.model import PostId
from tests.support.indexes import command_folder, kept_in, koiwai, posts_in, words_in
from tests.support.process import ended, running
from tests.support.stage import NOON, Stage, stage

__all__ = ["stage"]

POSTS = 400
DAY = 86_400
FIRST = NOON - POSTS * DAY
"""Days lie between posts, so that hardly any of them is read again: what is lost stays lost."""
IN_PIECES = """
import os, re, signal, sys
from app.cli import main
from app.commands.progress import Progress
from app.engines.tantivy import shelf
from app.indexing import building, generations, rereading

Stride = building.Stride
building.Stride = lambda most: Stride(rows=30, most=30, fewest=30)
building.COMMIT_EVERY = 60
rereading._THREADS_AT_ONCE = 2
"""
KILLED = (
    IN_PIECES
    + """
owner, name, at, late = {owner}, {name!r}, {at}, {late}
calls, work = 0, getattr(owner, name)

def work_or_die(*arguments, **named):
    global calls
    calls += 1
    if calls == at and not late:
        os.kill(os.getpid(), signal.SIGKILL)
    done = work(*arguments, **named)
    if calls == at:
        os.kill(os.getpid(), signal.SIGKILL)
    return done

setattr(owner, name, work_or_die)
main()
"""
)
TOLD = (
    IN_PIECES
    + """
Progress.__call__ = lambda self, place: print("at", place.place, file=sys.stderr, flush=True)
main()
"""
)

# Where it is killed: the owner of a function, its name, at which call, and whether after that has done its work.
BUILDING = (
    ("generations", "create", 1, False),
    ("generations", "create", 1, True),
    ("building.Build", "add", 2, False),
    ("building.Build", "add", 2, True),
    ("building.Build", "commit", 1, False),
    ("building.Build", "commit", 1, True),
    ("building.Build", "add", 4, True),
    ("building.Build", "commit", 2, True),
    ("building.Build", "close", 1, False),
    ("building.Build", "close", 1, True),
    ("generations", "make_current", 1, False),
    ("generations", "make_current", 1, True),
)
REREADING = (
    ("rereading", "_compare", 1, True),
    ("rereading", "_compare", 4, False),
    ("building.Build", "take_out", 3, True),
    ("building.Build", "commit", 1, False),
    ("building.Build", "commit", 1, True),
)


@pytest.fixture
def here(stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the settings of a stage: /g/ of 40 threads, with ghosts and gaps."""
    stage.board()
    stage.posts(*rows(range(1, POSTS + 1)))
    stage.threads(*({"thread_num": num, "time_bump": FIRST + num * DAY} for num in range(1, POSTS + 1, 10)))
    stage.execute('DELETE FROM "g" WHERE num % 37 = 0')
    folder = command_folder(stage, tmp_path / "here")
    monkeypatch.chdir(folder)
    return folder


def recently(stage: Stage) -> None:
    """Has all threads been bumped on one day."""
    stage.execute(f'UPDATE "g" SET timestamp = {NOON}')
    stage.execute(f'UPDATE "g_threads" SET time_bump = {NOON}')


def rows(numbers: Iterable[int]) -> list[dict[str, object]]:
    return [
        {
            "num": num,
            "thread_num": (num - 1) // 10 * 10 + 1,
            "subnum": ghost,
            "comment": f"router {num}",
            "timestamp": FIRST + num * DAY,
        }
        for num in numbers
        for ghost in range(2 if num % 11 == 0 else 1)
    ]


def archived(stage: Stage) -> list[PostId]:
    return sorted(PostId(*map(int, row)) for row in stage.place.execute("SELECT num, subnum FROM g"))


def killed(here: Path, where: tuple[str, str, int, bool], *options: str) -> None:
    owner, name, at, late = where
    status, lines = ended(here, "index", *options, program=KILLED.format(owner=owner, name=name, at=at, late=late))
    assert status == -signal.SIGKILL, (where, status, lines)
    told = koiwai("index", "--status")
    assert told.exit_code == 0 and "of no use" not in told.stdout.replace("being made: of no use", ""), told.stdout


def whole(stage: Stage, here: Path) -> None:
    """Runs to the end, and asserts that everything is there, once."""
    done = koiwai("index")
    assert done.exit_code == 0, done.stderr
    assert posts_in(here / "var") == archived(stage)
    assert kept_in(here / "var").complete
    verified = koiwai("index", "--verify")
    assert verified.exit_code == 0, verified.stderr


def test_killed_at_any_place_while_it_builds(stage: Stage, here: Path) -> None:
    folder, kept = folder_of(here / "var", "g"), 0
    for nth, where in enumerate(BUILDING):
        killed(here, where)
        made = koiwai("index", "--status").stdout
        posts = max([0, *(int(word) for word in made.split() if word.isdigit())])
        # What was once written stays.
        assert posts >= kept, (where, made)
        kept = posts
        # A new index is no index before it is whole.
        assert (current_index(folder) is not None) == (nth == len(BUILDING) - 1), where
        stage.posts(*rows([POSTS + 1 + nth]))
    assert posts_in(here / "var") != archived(stage)
    whole(stage, here)


@pytest.mark.full
def test_killed_from_outside_at_random_moments(stage: Stage, here: Path) -> None:
    rng = random.Random(7)
    for _ in range(5):
        after = rng.randrange(30, 200)
        with running(here, "index", program=TOLD) as process:
            while int(process.until(re.compile(r"at ([0-9]+)\n(?!.*at [0-9]+\n)", re.DOTALL))[1]) < after:
                if process.process.poll() is not None:
                    break
                process.said = ""
            process.process.kill()
            process.process.wait()
    whole(stage, here)


@pytest.mark.full
def test_killed_while_it_is_made_anew(stage: Stage, here: Path) -> None:
    """The old index is the one that is searched, and as good as before, until the new one is whole."""
    whole(stage, here)
    folder, before = folder_of(here / "var", "g"), archived(stage)
    stage.posts(*rows([POSTS + 1]))
    for nth, where in enumerate(BUILDING):
        killed(here, where, *(("--rebuild",) if nth in (0, 1, 2, 5) else ()))
        current = current_index(folder)
        assert current is not None
        if nth < len(BUILDING) - 1:
            assert (current.name, posts_in(here / "var")) == ("g000001", before), where
    assert posts_in(here / "var") == archived(stage)  # the new one has taken over; the old one still lies there
    assert len(list(folder.glob("g0*"))) == 2
    whole(stage, here)
    assert len(list(folder.glob("g0*"))) == 1


def test_killed_while_it_reads_again(stage: Stage, here: Path) -> None:
    recently(stage)
    whole(stage, here)
    stage.execute("""UPDATE "g" SET comment = 'edited' WHERE num % 7 = 0""")
    stage.execute('DELETE FROM "g" WHERE num % 13 = 0')
    there = {int(row[0]) for row in stage.place.execute("SELECT doc_id FROM g")}
    stage.posts(
        {
            **rows([37])[0],
            "comment": "late",
            "timestamp": NOON,
            "doc_id": next(each for each in range(1, 999) if each not in there),
        }
    )
    edited = {int(row[0]) for row in stage.place.execute("SELECT num FROM g WHERE comment = 'edited'")}
    for where in REREADING:
        before = posts_in(here / "var")
        killed(here, where)
        # All of it, or nothing.
        done = where == REREADING[-1]
        assert posts_in(here / "var") == (archived(stage) if done else before), where
        assert set(words_in(here / "var", "edited")) == (edited if done else set()), where
    whole(stage, here)
    assert set(words_in(here / "var", "edited")) == edited and words_in(here / "var", "late") == [37]
