"""The command `koiwai index`: what it prints, how it ends, and what it makes of what lies in its folder."""

import asyncio
import fcntl
import os
import re
import shutil
import threading
from pathlib import Path

import pytest
from tantivy import Document, Query

from app.commands.progress import Progress
from app.db.pieces import Stride
from app.engines.tantivy.shelf import current_index, folder_of
from app.indexing.building import Build, Place
from tests.support.daemon import free_port
from tests.support.indexes import (
    app_of,
    asked,
    command_folder,
    kept_in,
    koiwai,
    on_another_basis,
    opened_index,
    posts_in,
    words_in,
    write_kept,
)
from tests.support.process import ended
from tests.support.stage import Stage, stage

__all__ = ["stage"]

LOGGED = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+Z [A-Z]+ koiwai")

on_one_database = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)


@pytest.fixture
def here(stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the settings of a stage: /g/ of three posts and /po/ of one."""
    stage.board()
    stage.board("po")
    stage.threads({"thread_num": 10}, {"thread_num": 12})
    stage.posts(
        *({"num": num, "thread_num": 12 if num > 11 else 10, "comment": f"router {num}"} for num in range(10, 13))
    )
    stage.post(5, board="po", comment="paper router")
    stage.threads({"thread_num": 5}, board="po")
    folder = command_folder(stage, tmp_path / "here")
    monkeypatch.chdir(folder)
    return folder


def index(*arguments: str) -> tuple[int, list[str]]:
    """Status and lines on standard error; nothing may stand on standard output."""
    result = koiwai("index", *arguments)
    assert result.stdout == ""
    return result.exit_code, said(result.stderr)


def said(lines: str) -> list[str]:
    """What the command says: an app of this process, or of an earlier test in it, may write its log in between."""
    return [line for line in lines.splitlines() if not LOGGED.match(line)]


def status(*arguments: str) -> list[str]:
    result = koiwai("index", "--status", *arguments)
    assert (result.exit_code, said(result.stderr)) == (0, [])
    return result.stdout.splitlines()


def numbers(here: Path, board: str = "g") -> list[int]:
    return [post.num for post in posts_in(here / "var", board)]


def test_what_is_new_is_added(stage: Stage, here: Path) -> None:
    assert index() == (0, ["/g/: 3 posts added.", "/po/: 1 posts added."])
    assert (numbers(here), numbers(here, "po")) == ([10, 11, 12], [5])
    stage.posts({"num": 13, "thread_num": 12}, {"num": 13, "thread_num": 12, "subnum": 1})
    assert index() == (0, ["/g/: 2 posts added.", "/po/: 0 posts added."])
    assert numbers(here) == [10, 11, 12, 13, 13]
    assert kept_in(here / "var").place == 5 and kept_in(here / "var").complete


def test_only_new_rows_and_recent_threads_are_read(stage: Stage, here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    index()
    added: list[int] = []
    add = Build.add

    def counted(build: Build, rows: list[tuple[object, ...]]) -> int:
        added.append(len(rows))
        return add(build, rows)

    monkeypatch.setattr(Build, "add", counted)
    stage.post(13, 12)
    assert index("--board", "g")[0] == 0
    assert sum(added) == 1


def test_one_board(here: Path) -> None:
    assert index("--board", "po", "--board", "po") == (0, ["/po/: 1 posts added."])
    assert not folder_of(here / "var", "g").exists()
    assert index("--board", "nope") == (1, ["Error: There is no board nope in boards.toml."])


def test_what_was_indexed_is_told(here: Path) -> None:
    assert status() == ["/g/: not indexed yet", "/po/: not indexed yet"]
    assert not (here / "var").exists()
    index("--board", "g")
    told = status()
    assert re.fullmatch(r"/g/: 3 posts, up to row 3, 0\.[0-9] MiB", told[0]) and told[1] == "/po/: not indexed yet"
    assert status("--board", "g") == told[:1]
    shutil.copytree(folder_of(here / "var", "g") / "g000001", folder_of(here / "var", "g") / "g000002")
    assert re.fullmatch(r"/g/: 3 posts, .* MiB; being made: 3 posts, .* MiB", status("--board", "g")[0])
    (folder_of(here / "var", "g") / "g000001" / "meta.json").write_text("{")
    assert status("--board", "g")[0].startswith("/g/: of no use: it cannot be opened: ")


@pytest.mark.parametrize(
    "options",
    [
        ("--status", "--verify"),
        ("--follow", "1", "--verify"),
        ("--follow", "1", "--status"),
        ("--rebuild", "--verify"),
        ("--rebuild", "--status"),
    ],
)
@on_one_database
def test_options_that_do_not_go_together(here: Path, options: tuple[str, ...]) -> None:
    code, lines = index(*options)
    assert code == 2 and "do not go together" in lines[-1]
    assert index("--follow", "0")[0] == 2


def test_verifying(stage: Stage, here: Path) -> None:
    assert index("--verify", "--board", "g") == (1, ["/g/: There is no index yet."])
    index()
    assert index("--verify") == (
        0,
        ["/g/: 3 posts compared: all are right.", "/po/: 1 posts compared: all are right."],
    )
    stage.execute("""UPDATE "g" SET comment = 'another' WHERE num = 11""")
    stage.execute("""DELETE FROM "g" WHERE num = 10""")
    stage.post(13, 12)
    state = here / "var"
    opened = opened_index(state)[0]
    tampered = opened.writer(15_000_000, 1)
    tampered.delete_documents_by_query(Query.term_query(opened.schema, "place", 12 << 31))
    tampered.commit()
    tampered.wait_merging_threads()
    assert index("--verify", "--board", "g") == (
        1,
        [
            "/g/: 2 posts compared: 1 missing in the index, 1 other than in the archive, 1 not in the archive; "
            "1 have come since."
        ],
    )
    assert numbers(here) == [10, 11]  # nothing was changed
    assert index("--board", "g") == (
        0,
        ["/g/: 1 posts added; of 2 recent threads 1 brought up to date, 1 added late, 1 taken out."],
    )
    assert index("--verify")[0] == 0


def test_posts_that_are_in_the_index_twice_are_told_and_put_right(here: Path) -> None:
    index("--board", "g")
    state = here / "var"
    writer = opened_index(state)[0].writer(15_000_000, 1)
    again = Document()
    again.add_unsigned("place", 11 << 31)
    again.add_unsigned("thread", 10)
    writer.add_document(again)
    writer.commit()
    writer.wait_merging_threads()
    assert numbers(here) == [10, 11, 11, 12]
    code, lines = index("--verify", "--board", "g")
    assert code == 1 and "1 twice in the index" in lines[0]
    assert index("--board", "g") == (0, ["/g/: 0 posts added; of 2 recent threads 1 brought up to date."])
    assert numbers(here) == [10, 11, 12]


def test_an_index_made_with_other_settings_is_not_compared(here: Path) -> None:
    index("--board", "g")
    on_another_basis(folder_of(here / "var", "g") / "g000001")
    assert index("--verify", "--board", "g") == (
        1,
        ['/g/: The index was made with other settings; "koiwai index" makes it anew.'],
    )


async def test_the_old_index_is_searched_until_the_new_one_is_whole(
    stage: Stage, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And a run that was ended meanwhile is gone on with, by whatever run comes next."""
    monkeypatch.setattr("app.engines.tantivy.shelf._LOOK_EVERY", 0)
    state, catch_up = here / "var", Build.catch_up
    await asyncio.to_thread(index)
    stage.post(13, 12, comment="router 13")
    reached, go_on = threading.Event(), threading.Event()

    async def waiting(build: Build, *arguments: object) -> int:
        reached.set()
        assert await asyncio.to_thread(go_on.wait, 20)
        return await catch_up(build, *arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(Build, "catch_up", waiting)
    async with app_of(stage, state, "tantivy") as running:
        rebuilding = asyncio.ensure_future(asyncio.to_thread(index, "--rebuild", "--board", "g"))
        assert await asyncio.to_thread(reached.wait, 20)
        assert sorted(path.name for path in folder_of(state, "g").glob("g0*")) == ["g000001", "g000002"]
        assert (await asked(running, "router"))["total"] == 3
        go_on.set()
        assert await rebuilding == (0, ["/g/: 4 posts added."])
        assert (await asked(running, "router"))["total"] == 4
    assert [path.name for path in folder_of(state, "g").glob("g0*")] == ["g000002"]


def test_a_rebuild_that_did_not_end_is_gone_on_with(stage: Stage, here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    index("--board", "g")
    catch_up = Build.catch_up

    async def ending(build: Build, *arguments: object) -> int:
        raise ValueError("no room left")

    monkeypatch.setattr(Build, "catch_up", ending)
    assert index("--rebuild", "--board", "g") == (1, ["/g/: no room left"])
    folder = folder_of(here / "var", "g")
    assert current_index(folder) == folder / "g000001" and (folder / "g000002").is_dir()
    monkeypatch.setattr(Build, "catch_up", catch_up)
    assert index("--board", "g") == (0, ["/g/: 3 posts added."])
    assert current_index(folder) == folder / "g000002" and not (folder / "g000001").exists()
    # A second --rebuild begins from the start, whatever the first left.
    monkeypatch.setattr(Build, "catch_up", ending)
    index("--rebuild", "--board", "g")
    write_kept(folder / "g000003", kept_in(here / "var"))
    monkeypatch.setattr(Build, "catch_up", catch_up)
    assert index("--rebuild", "--board", "g") == (0, ["/g/: 3 posts added."])
    assert numbers(here) == [10, 11, 12]


@on_one_database
def test_two_do_not_meet(here: Path) -> None:
    folder = here / "var" / "index"
    folder.mkdir(parents=True)
    descriptor = os.open(folder / "lock", os.O_RDWR | os.O_CREAT)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    for options in ((), ("--rebuild",), ("--follow", "1")):
        assert index(*options) == (75, [f"Error: Another koiwai index is at work in {folder}."])
    process = ended(here, "index")
    assert process == (75, [f"Error: Another koiwai index is at work in {folder}."])
    assert status() == ["/g/: not indexed yet", "/po/: not indexed yet"]
    os.close(descriptor)
    assert index()[0] == 0
    descriptor = os.open(folder / "lock", os.O_RDWR)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    assert index("--verify")[0] == 0  # which writes nothing
    os.close(descriptor)


@on_one_database
def test_a_folder_that_cannot_be_used(here: Path) -> None:
    (here / "var").write_text("")
    code, lines = index()
    assert (code, lines) == (1, [f"Error: The folder {here}/var/index cannot be used: Not a directory."])
    (here / "var").unlink()
    (here / "var" / "index").mkdir(parents=True)
    (here / "var" / "index" / "g").write_text("")
    assert index("--board", "g") == (1, [f"Error: The folder {here}/var/index cannot be used: File exists."])


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
@on_one_database
def test_a_folder_that_may_not_be_written_to(here: Path, tmp_path: Path) -> None:
    # Nobody may not be able to read modules that are not loaded yet.
    as_nobody = (
        "import os, encodings.utf_8_sig, app.commands.index, app.server; from app.cli import main; "
        "os.setgid(65534); os.setuid(65534); main()"
    )
    for folder in (here, *here.parents):
        if folder.stat().st_uid == 0 and folder != Path("/"):
            folder.chmod(folder.stat().st_mode | 0o055)
    code, lines = ended(here, "index", program=as_nobody)
    assert (code, lines[-1]) == (1, f"Error: The folder {here}/var/index cannot be used: Permission denied.")
    assert index()[0] == 0


@on_one_database
def test_without_a_database(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    index()
    monkeypatch.setenv("DATABASE_URL", f"postgresql://koiwai@127.0.0.1:{free_port()}/a")
    code, lines = index()
    assert code == 75 and lines[0].startswith("Error: The archive cannot be opened: ")
    assert numbers(here) == [10, 11, 12]


def test_a_database_that_goes_away_meanwhile(stage: Stage, here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was indexed is kept, and the next run goes on from there. The other boards are tried all the same."""
    monkeypatch.setattr("app.indexing.building.COMMIT_EVERY", 1)
    monkeypatch.setattr("app.indexing.building.MOST_AT_ONCE", 2)
    monkeypatch.setattr("app.indexing.building.Stride", lambda most: Stride(rows=2, most=2, pause=0, attempts=1))
    add, table, pieces = Build.add, stage.place.quote("g"), 0

    def going(build: Build, rows: list[tuple[object, ...]]) -> int:
        nonlocal pieces
        pieces += 1
        if pieces == 1:
            stage.place.execute(f"ALTER TABLE {table} RENAME TO {stage.place.quote('elsewhere')}")
        return add(build, rows)

    # The next piece is asked for while this one is added: it may still be read.
    stage.posts(*({"num": num, "thread_num": 12} for num in range(13, 40)))
    monkeypatch.setattr(Build, "add", going)
    code, lines = index()
    assert code == 75
    assert lines[0].startswith("/g/: ") and lines[0].endswith("What was indexed is kept; start the command again.")
    assert lines[1:] == ["/po/: 1 posts added."]
    stage.place.execute(f"ALTER TABLE {stage.place.quote('elsewhere')} RENAME TO {table}")
    (made,) = status("--board", "g")
    kept = int(re.findall(r"being made: ([0-9]+) posts", made)[0])
    assert 2 <= kept < 30
    code, lines = index("--board", "g")
    assert code == 0 and lines[0].startswith(f"/g/: {30 - kept} posts added")
    assert numbers(here) == list(range(10, 40))


def test_another_archive_in_its_place(stage: Stage, here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.indexing.building.TAKEN_AWAY", 1)
    index("--board", "g")
    stage.execute('DELETE FROM "g" WHERE num > 10')
    assert index("--board", "g") == (
        1,
        [
            "/g/: /g/ has fewer rows than its index (doc_id ends at 1, not at 3): another archive seems to have taken "
            "its place. Index it anew with --rebuild."
        ],
    )
    assert numbers(here) == [10, 11, 12]
    assert index("--rebuild", "--board", "g") == (0, ["/g/: 1 posts added."])
    assert numbers(here) == [10]


def test_a_large_board_without_an_index_to_go_by(stage: Stage, here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for table in ("g", "po"):
        stage.execute(f'CREATE TABLE "bare" AS SELECT * FROM "{table}"')
        stage.execute(f'DROP TABLE "{table}"')
        stage.execute(f'ALTER TABLE "bare" RENAME TO "{table}"')
    assert index("--board", "g") == (0, ["/g/: 3 posts added."])
    assert index("--board", "g") == (0, ["/g/: 0 posts added."])
    stage.execute("""UPDATE "g" SET comment = 'another' WHERE num = 11""")
    assert index("--board", "g") == (0, ["/g/: 3 posts added."])
    assert (words_in(here / "var", "another"), numbers(here)) == ([11], [10, 11, 12])
    assert index("--verify", "--board", "g")[0] == 0
    monkeypatch.setattr("app.board._COUNTED_UP_TO", 2)
    assert index() == (
        1,
        [
            "/g/: /g/ has no index on doc_id or num, so it cannot be read piece by piece.",
            "/po/: 1 posts added.",
        ],
    )


@pytest.mark.parametrize("watched", [False, True])
def test_progress(
    watched: bool, stage: Stage, here: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A bar, the pace and the time that is left."""
    now, told = 100.0, []
    monkeypatch.setattr("sys.stderr.isatty", lambda: watched)
    monkeypatch.setattr("app.commands.progress.time.monotonic", lambda: now)
    progress = Progress()
    for place in (100, 5_000, 10_000):
        now += 100
        progress(Place("g", place, 20_000, place // 2))
        told.append(capsys.readouterr().err)
    assert told[-1].strip("\r\n") == "/g/ [############            ]  50% 5,000 posts, 25/s, 3:22 left"


def test_progress_is_told_of_each_piece(stage: Stage, here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[Place] = []
    monkeypatch.setattr("app.commands.progress.Progress.__call__", lambda _, place: told.append(place))
    monkeypatch.setattr("app.indexing.building.Stride", lambda most: Stride(rows=1, most=1))
    index("--board", "g")
    assert told == [Place("g", place, 3, place) for place in (1, 2, 3)]
