"""The command `koiwai stats`: what it prints, how it ends, and that no end of it spoils what was counted."""

import fcntl
import json
import os
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from app.cli import main
from app.commands.progress import Progress, _duration
from app.demo.make import make_demo
from app.stats.computing import Place
from tests.support.daemon import free_port
from tests.support.process import ended

BOARDS = ("g", "ck", "3", "λ")

KILLED = """
import os, signal
from app.cli import main
from app.db.ledger import Ledger
from app.stats import computing

class Small(computing.Stride):
    rows: int = 50
    most: int = 50

calls, write = 0, Ledger._many

def write_or_die(ledger, statement, rows):
    global calls
    calls += 1
    if calls == {at}:
        os.kill(os.getpid(), signal.SIGKILL)
    write(ledger, statement, rows)

computing.Stride, Ledger._many = Small, write_or_die
main()
"""


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the demo archive's settings."""
    return make_demo(tmp_path_factory.mktemp("counted") / "var", lambda line: None).config.parent


@pytest.fixture
def state(demo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of statistics, still missing; the demo's settings hold."""
    monkeypatch.chdir(demo)
    monkeypatch.setenv("KOIWAI_APP__STATE", str(tmp_path))
    return tmp_path / "statistics"


def stats(*arguments: str) -> Result:
    result = CliRunner().invoke(main, ["stats", *arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def found(folder: Path, board: str = "g") -> dict[str, Any]:
    told: dict[str, Any] = json.loads((folder / f"{board}.json").read_text("utf-8"))
    del told["made"]
    return told


def test_all_boards_are_counted(state: Path) -> None:
    result = stats()
    assert result.exit_code == 0 and result.stdout == ""
    lines = result.stderr.splitlines()
    assert [line.split()[0] for line in lines] == [f"/{name}/:" for name in BOARDS]
    assert lines[0] == f"/g/: {found(state)['posts']} posts counted."
    first = {name: found(state, name) for name in BOARDS}
    assert stats().exit_code == 0
    assert {name: found(state, name) for name in BOARDS} == first
    assert stats("--rebuild", "--board", "g").exit_code == 0 and found(state) == first["g"]


def test_one_board(state: Path) -> None:
    assert stats("--board", "ck").exit_code == 0
    assert sorted(file.name for file in state.glob("*.json")) == ["ck.json"]
    result = stats("--board", "nope")
    assert (result.exit_code, result.stderr) == (1, "Error: There is no board nope in boards.toml.\n")


def test_what_was_counted_is_told(state: Path) -> None:
    assert stats("--status").stdout == "".join(f"/{name}/: not counted yet\n" for name in BOARDS)
    assert not state.exists()
    stats("--board", "ck")
    (line,) = stats("--status", "--board", "ck").stdout.splitlines()
    assert line.startswith(f"/ck/: {found(state, 'ck')['posts']} posts counted, up to row ")
    assert "; finished at " in line
    (state / "ck.json").unlink()
    assert stats("--status", "--board", "ck").stdout.endswith("; not finished yet\n")
    (state / "ck.sqlite").write_bytes(b"something else " * 99)
    assert "ck.sqlite cannot be used: file is not a database." in stats("--status", "--board", "ck").stdout


def test_killed_at_any_moment_it_goes_on(demo: Path, state: Path) -> None:
    # In the middle of the third piece, at the last statement of the fourth that follows it.
    for at in (13, 20):
        status, _ = ended(
            demo, "stats", "--board", "g", program=KILLED.format(at=at), KOIWAI_APP__STATE=str(state.parent)
        )
        assert status == -9 and not (state / "g.json").exists()
        assert "not finished yet" in stats("--status", "--board", "g").stdout
    assert stats("--board", "g").exit_code == 0
    in_pieces = found(state)
    assert stats("--board", "g", "--rebuild").exit_code == 0
    assert found(state) == in_pieces


def test_two_do_not_meet(state: Path) -> None:
    state.mkdir(parents=True)
    descriptor = os.open(state / "lock", os.O_RDWR | os.O_CREAT)
    fcntl.flock(descriptor, fcntl.LOCK_SH)
    result = stats()
    assert (result.exit_code, result.stderr) == (75, f"Error: Another koiwai stats is at work in {state}.\n")
    assert "not counted yet" in stats("--status").stdout
    os.close(descriptor)
    assert stats("--board", "3").exit_code == 0


def test_a_file_that_is_none_of_ours_is_named(state: Path) -> None:
    state.mkdir(parents=True)
    (state / "g.sqlite").write_bytes(b"something else " * 99)
    result = stats()
    assert result.exit_code == 1 and "Traceback" not in result.stderr
    assert result.stderr.splitlines()[0] == (
        f"/g/: {state / 'g.sqlite'} cannot be used: file is not a database. "
        "Start anew with: koiwai stats --rebuild --board g"
    )
    assert (state / "ck.json").exists()  # the others are counted all the same
    (state / "g.json").write_text("{")
    assert stats("--rebuild", "--board", "g").exit_code == 0
    assert found(state)["board"] == "g"


def test_sums_that_may_still_be_good_are_not_to_be_thrown_away(state: Path) -> None:
    (state / "g.sqlite").mkdir(parents=True)
    result = stats("--board", "g")
    assert (result.exit_code, result.stderr) == (
        1,
        f"/g/: {state / 'g.sqlite'} cannot be opened: unable to open database file. What was counted before is kept.\n",
    )


def test_a_folder_that_cannot_be_one(state: Path) -> None:
    state.parent.joinpath("statistics").write_text("")
    result = stats()
    assert result.exit_code == 1
    assert result.stderr == f"Error: The folder {state} cannot be used: File exists.\n"


def test_without_a_database(state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", f"postgresql://koiwai@127.0.0.1:{free_port()}/a")
    result = stats()
    assert result.exit_code == 75 and result.stderr.startswith("Error: The archive cannot be opened: ")
    monkeypatch.setenv("KOIWAI_DB__DB_TYPE", "oracle")
    assert stats().exit_code == 1


@pytest.mark.parametrize("watched", [False, True])
def test_progress(watched: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    now = 100.0
    monkeypatch.setattr("sys.stderr.isatty", lambda: watched)
    monkeypatch.setattr("time.monotonic", lambda: now)
    progress = Progress()
    for place in (1_000, 50_000, 100_000):
        now += 100
        progress(Place("g", place, 200_000, place))
    shown = capsys.readouterr().err
    last = "/g/ [############            ]  50% 100,000 posts, 495/s, 3:22 left"
    assert shown.splitlines()[-1].strip("\r") == last
    assert shown.count("\r") == (3 if watched else 0) and shown.count("\n") == (0 if watched else 3)
    assert progress.pace() == ", 495 posts/s"
    progress.end()
    assert capsys.readouterr().err == ("\r" + " " * len(last) + "\r" if watched else "")


def test_durations() -> None:
    assert [_duration(seconds) for seconds in (0, 59.9, 61, 3_600, 100_000)] == [
        "0:00", "0:59", "1:01", "1:00:00", "27:46:40",
    ]  # fmt: skip
