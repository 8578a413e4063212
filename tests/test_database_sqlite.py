"""SQLite alone: files that are none, write-ahead logs with and without a writer, and text that is not UTF-8."""

import asyncio
import json
import os
import shutil
import signal
import sqlite3
import tempfile
import threading
from collections.abc import Callable, Coroutine, Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import pytest

from app.compat import timeout
from app.db import database_for
from app.db.base import CannotOpen, Database, Sql
from app.db.sqlite import SqliteDatabase
from app.errors import Unavailable
from app.settings import DbSettings, PoolSettings, SqliteSettings
from tests.support.databases import SLOW, eventually, outcome, threads_end

NOBODY = 65534


def sqlite(file: Path) -> Database:
    return database_for(DbSettings(db_type="sqlite", sqlite=SqliteSettings(database=file), pool=PoolSettings()))


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that every user may enter, which pytest's own are not."""
    folder = Path(tempfile.mkdtemp(prefix="koiwai-sqlite-"))
    folder.chmod(0o755)
    yield folder
    folder.chmod(0o755)
    shutil.rmtree(folder)


def archive(file: Path, *, wal: bool = False) -> Path:
    with closing(sqlite3.connect(file)) as connection:
        if wal:
            connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("CREATE TABLE a (num integer, comment text)")
        connection.execute("INSERT INTO a VALUES (1, 'first')")
        connection.commit()
    return file


def beside(file: Path) -> list[str]:
    return sorted(path.name for path in file.parent.iterdir() if path != file)


async def opening(file: Path) -> str:
    """The one line that the operator gets."""
    database = sqlite(file)
    error = await outcome(database.open())
    await database.close()
    assert isinstance(error, CannotOpen), repr(error)
    assert "\n" not in str(error)
    return str(error)


async def numbers(file: Path) -> list[Any]:
    """All the numbers of a file, opened and closed for them."""
    database = sqlite(file)
    try:
        await database.open()
        return [row[0] for row in await database.fetch(Sql("SELECT num FROM a ORDER BY num"))]
    finally:
        await database.close()


def as_another_user(work: Callable[[], Coroutine[Any, Any, Any]]) -> Any:
    """What `work` gives in a child process without our rights, or the words of its exception."""
    receiving, sending = os.pipe()
    child = os.fork()
    if child == 0:  # pragma: no cover - another process
        try:
            signal.signal(signal.SIGALRM, signal.SIG_DFL)
            signal.alarm(60)  # what was locked by a thread that is not here stays locked
            if os.geteuid() == 0:
                os.setgroups([])
                os.setgid(NOBODY)
                os.setuid(NOBODY)
            answer = asyncio.run(work())
        except BaseException as error:
            answer = f"{type(error).__name__}: {error}"
        os.write(sending, json.dumps(answer).encode())
        os._exit(0)
    os.close(sending)
    with os.fdopen(receiving) as answers:
        text = answers.read()
    os.waitpid(child, 0)
    return json.loads(text)


async def test_a_missing_file_is_named_and_not_made(tmp_path: Path) -> None:
    file = tmp_path / "no such 100%?.db"
    assert await opening(file) == f"There is no SQLite archive at {file}, where [db.sqlite] database leads."
    assert beside(file) == []


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 not a database", b"SQLite format 3", b"\n" * 5000])
async def test_a_file_that_is_no_database(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "archive.db"
    file.write_bytes(content)
    assert await opening(file) == f"{file} is not a SQLite database."
    assert file.read_bytes() == content
    assert beside(file) == []


async def test_a_folder_is_no_archive(tmp_path: Path) -> None:
    assert await opening(tmp_path) == f"The SQLite archive {tmp_path} cannot be read: Is a directory."


def test_a_file_we_may_not_read(folder: Path) -> None:
    file = archive(folder / "archive.db")
    file.chmod(0)
    assert as_another_user(lambda: opening(file)) == f"The SQLite archive {file} cannot be read: Permission denied."


async def test_a_damaged_file_is_a_503_with_its_name_in_the_log(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file = archive(tmp_path / "archive.db")
    content = bytearray(file.read_bytes())
    content[4096:] = b"\xff" * len(content[4096:])
    file.write_bytes(content)
    database = sqlite(file)
    await database.open()
    error = await outcome(database.fetch(Sql("SELECT num FROM a")))
    await database.close()
    assert isinstance(error, Unavailable)
    assert str(file) not in error.message
    assert f"{file}: database disk image is malformed" in caplog.text


@pytest.mark.parametrize("name", ["arch?ive.db", "100%25.db", "a#b.db", "λ \U0001f600.db", os.fsdecode(b"\xff\xfe.db")])
async def test_any_file_name(tmp_path: Path, name: str) -> None:
    file = archive(tmp_path / name)
    assert await numbers(file) == [1]
    assert beside(file) == []


async def test_a_live_writer_is_seen_and_not_held_up(tmp_path: Path) -> None:
    file = archive(tmp_path / "archive.db", wal=True)
    with closing(sqlite3.connect(file, timeout=0, isolation_level=None)) as writer:
        writer.execute("INSERT INTO a VALUES (2, 'second')")
        database = sqlite(file)
        await database.open()
        for number in range(3, 10):
            writer.execute("BEGIN IMMEDIATE")
            writer.execute("INSERT INTO a VALUES (?, '')", (number,))
            newest = Sql("SELECT MAX(num) FROM a")
            assert await database.fetch(newest) == [(number - 1,)]
            writer.execute("COMMIT")
            assert await database.fetch(newest) == [(number,)]
        assert writer.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0] == 0
        assert await database.fetch(newest) == [(9,)]
        await database.close()
        writer.execute("INSERT INTO a VALUES (10, '')")
    assert beside(file) == []  # the last writer has tidied up, as it does without readers


async def test_a_reader_leaves_an_empty_log_beside_a_wal_file_and_nothing_beside_others(tmp_path: Path) -> None:
    file = archive(tmp_path / "archive.db", wal=True)
    before = file.read_bytes()
    assert beside(file) == []
    assert await numbers(file) == [1]
    assert beside(file) == ["archive.db-shm", "archive.db-wal"]
    assert (tmp_path / "archive.db-wal").stat().st_size == 0
    assert file.read_bytes() == before
    # Neither is in the way of a writer, which takes both along when it ends.
    with closing(sqlite3.connect(file)) as writer:
        writer.execute("INSERT INTO a VALUES (2, 'second')")
        writer.commit()
    assert beside(file) == []


def test_a_wal_file_in_a_folder_that_may_not_be_written_to(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    file = archive(folder / "archive.db", wal=True)
    file.chmod(0o444)
    folder.chmod(0o555)

    async def read() -> list[Any]:
        found = await numbers(file)
        return [found, [record.getMessage() for record in caplog.records if record.levelname == "WARNING"]]

    found, warned = as_another_user(read)
    assert found == [1]
    assert warned == [f"{file} cannot be locked in its folder: it is read as a file that never changes"]
    assert beside(file) == []


def test_a_wal_file_whose_writer_is_at_work_is_read_without_rights_to_its_folder(folder: Path) -> None:
    file = archive(folder / "archive.db", wal=True)
    with closing(sqlite3.connect(file, isolation_level=None)) as writer:
        writer.execute("INSERT INTO a VALUES (2, 'second')")
        for path in folder.iterdir():
            path.chmod(0o644)
        assert as_another_user(lambda: numbers(file)) == [1, 2]
        writer.execute("INSERT INTO a VALUES (3, 'third')")
        assert as_another_user(lambda: numbers(file)) == [1, 2, 3]


async def test_text_that_is_not_utf8_has_marks_where_it_is_broken(tmp_path: Path) -> None:
    file = archive(tmp_path / "archive.db")
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("UPDATE a SET comment = CAST(x'61ff62eda0bd63' AS TEXT)")
        connection.execute("INSERT INTO a VALUES (2, 'λ')")
        connection.commit()
    database = sqlite(file)
    await database.open()
    for _ in range(2):
        rows = await database.fetch(Sql("SELECT num, comment FROM a ORDER BY num"))
        assert [row[0] for row in rows] == [1, 2]
        assert rows[0][1].replace("\ufffd", "") == "abc"
        assert rows[0][1].startswith("a\ufffdb\ufffd") and rows[0][1].endswith("\ufffdc")
        assert rows[1][1] == "λ"
        assert await database.fetch(Sql("SELECT comment FROM a WHERE num = ?", (2,))) == [("λ",)]
    assert database.stats().size == 1
    await database.close()


async def test_a_write_locked_file_is_a_503_and_is_read_again_afterwards(tmp_path: Path) -> None:
    file = archive(tmp_path / "archive.db")
    database = database_for(
        DbSettings(db_type="sqlite", sqlite=SqliteSettings(database=file, options={"timeout": 0.05}))
    )
    await database.open()
    with closing(sqlite3.connect(file, isolation_level=None)) as writer:
        writer.execute("BEGIN EXCLUSIVE")
        assert isinstance(await outcome(_read(database)), Unavailable)
        writer.execute("COMMIT")
    assert await _read(database) == [(1,)]
    await database.close()


async def test_a_lock_is_waited_for_once_and_at_the_start_as_long_as_for_a_server(tmp_path: Path) -> None:
    file = archive(tmp_path / "archive.db")
    given = DbSettings(db_type="sqlite", sqlite=SqliteSettings(database=file), pool=PoolSettings(acquire_timeout=0.3))
    database = database_for(given)
    with closing(sqlite3.connect(file, isolation_level=None)) as writer:
        writer.execute("BEGIN EXCLUSIVE")
        assert isinstance(await outcome(database.open()), Unavailable)
        writer.execute("COMMIT")
        await database.open()
        writer.execute("BEGIN EXCLUSIVE")
        for asking in (_read(database), database.ping()):
            error = await outcome(asking)
            assert isinstance(error, Unavailable)
            assert "busy" in error.message
        assert database.stats().size <= 1
    await database.close()


async def test_another_file_in_its_place_is_read_instead(tmp_path: Path) -> None:
    file = archive(tmp_path / "archive.db")
    database = SqliteDatabase(DbSettings(db_type="sqlite", sqlite=SqliteSettings(database=file)), look_every=0)
    await database.open()
    await asyncio.gather(*(_read(database) for _ in range(4)))
    new = archive(tmp_path / "new.db")
    with closing(sqlite3.connect(new)) as writer:
        writer.execute("UPDATE a SET num = 2")
        writer.commit()
    assert database.edition == 0
    new.replace(file)
    assert await asyncio.gather(*(_read(database) for _ in range(4))) == [[(2,)]] * 4
    assert database.edition == 1
    file.rename(tmp_path / "away.db")
    for asking in (_read(database), database.ping()):
        assert isinstance(await outcome(asking), Unavailable)
    file.write_bytes(b"not a database")
    assert isinstance(await outcome(_read(database)), Unavailable)
    (tmp_path / "away.db").replace(file)
    assert await _read(database) == [(2,)]
    await database.close()


def test_a_file_read_as_unchanging_is_opened_anew_when_a_writer_comes(folder: Path) -> None:
    file = archive(folder / "archive.db", wal=True)
    file.chmod(0o644)
    folder.chmod(0o555)
    signals = Path(tempfile.mkdtemp(prefix="koiwai-signal-"))
    signals.chmod(0o777)

    async def read() -> list[Any]:
        database = SqliteDatabase(DbSettings(db_type="sqlite", sqlite=SqliteSettings(database=file)), look_every=0)
        await database.open()
        found = [await _read(database)]
        (signals / "opened").touch()
        async with timeout(10):
            while len(rows := await read_at_last(database)) == 1:  # each reading is a turn for the loop
                pass
        found.append(rows)
        await database.close()
        return found

    async def read_at_last(database: Database) -> list[tuple[Any, ...]]:
        """While the writer has made only one of its two files, nobody can read."""
        while True:
            with suppress(Unavailable):
                return await _read(database)

    def write() -> None:
        while not (signals / "opened").exists() and not seen.wait(0.02):
            pass
        folder.chmod(0o755)
        with closing(sqlite3.connect(file, isolation_level=None)) as writer:
            writer.execute("INSERT INTO a VALUES (2, 'second')")
            seen.wait(timeout=10)

    seen = threading.Event()
    writing = threading.Thread(target=write)
    writing.start()
    try:
        assert as_another_user(read) == [[[1]], [[1], [2]]]
    finally:
        seen.set()
        (signals / "opened").touch()
        writing.join()
        shutil.rmtree(signals)


async def _read(database: Database) -> list[tuple[Any, ...]]:
    return await database.fetch(Sql("SELECT num FROM a"))


@pytest.mark.parametrize("newer", [False, True])
@pytest.mark.parametrize("odd", [None, b"\x00\xff", b"Gerda", 1.5, 0.1 + 0.2, 9e999, "computed"])
async def test_wide_rows_are_read_as_one_and_are_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, odd: Any, *, newer: bool
) -> None:
    """Whatever a writer has put into them; what JSON has no words for, or others, comes row by row."""
    if newer:
        monkeypatch.setattr("app.db.wide_rows._TAKES_BYTES_FOR_JSON", newer)
    file = tmp_path / "archive.db"
    computed = " GENERATED ALWAYS AS (json_object('n', num)) VIRTUAL" if odd == "computed" else ""
    with closing(sqlite3.connect(file, isolation_level=None)) as writer:
        writer.execute(f"CREATE TABLE a (num, comment, exif{computed})")
        for value in (None, 7, -(2**63), "", "null", '["x"]', 'a "b" \\ \x00\x1f\u2028\U0001f600', "\t\r\n"):
            writer.execute("INSERT INTO a (num, comment) VALUES (1 + (SELECT count(*) FROM a), ?)", (value,))
        writer.execute("INSERT INTO a (num, comment) VALUES (90, CAST(x'ff41e3812241' AS TEXT))")
        writer.execute("INSERT INTO a (num, comment) VALUES (91, ?)", (odd,))
    database = sqlite(file)
    await database.open()
    names = ("num", "comment", "exif")
    for text in (
        "SELECT num, comment, exif FROM a ORDER BY num DESC",
        "SELECT num, comment, exif FROM a ORDER BY num + 0 LIMIT 3",
        "SELECT num, comment, exif FROM a WHERE num >= 90",
        "SELECT num, comment, exif FROM a WHERE num < 0",
    ):
        plain = await database.fetch(Sql(text))
        assert repr(await database.fetch(Sql(text, columns=names))) == repr(plain)
    monkeypatch.setattr("app.db.wide_rows.unpacked", lambda packed: [(packed.count("["),)])
    as_one = await database.fetch(Sql("SELECT num, comment FROM a WHERE num < 4", columns=("num", "comment")))
    assert as_one == [(4,)]  # all in one list, a list each
    await database.close()


async def test_threads_end_with_the_database_even_under_a_long_statement(tmp_path: Path) -> None:
    before = set(threading.enumerate())
    database = sqlite(archive(tmp_path / "archive.db"))
    await database.open()
    readers = [asyncio.ensure_future(database.fetch(Sql(SLOW["sqlite"]))) for _ in range(4)]
    assert await eventually(lambda: database.stats().size - database.stats().idle == 4)
    for reader in readers:
        reader.cancel()
    async with timeout(5):
        await asyncio.wait(readers)
        await database.close()
    assert await threads_end(before)
