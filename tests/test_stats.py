"""`koiwai stats` counts what is there: on every database, for every clock, in pieces of any size, in several runs."""

import random
import sqlite3
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any

import pytest

from app.archive import Archive
from app.board import Board
from app.db.ledger import Ledger, LedgerError, Sums
from app.errors import Unavailable
from app.settings import AppSettings, BoardSettings, Settings
from app.stats.computing import CannotCompute, Place, Stride, compute
from app.stats.model import BoardStatistics
from app.stats.results import ledger_file, read_results, results_file
from tests.support.counting import counted, told
from tests.support.stage import NOON, Stage, stage

__all__ = ["stage"]

NAMES = (None, "Anonymous", "Anonymous", "Bob", "bob", "Ünïcode", "<script>alert(1)</script>", "'; DROP TABLE g; --")
SMALL = Stride(rows=7, most=7, fewest=1, pause=0)

on_one_database = pytest.mark.parametrize("database_kind", ["sqlite"])


def media_hash(number: int) -> str:
    return f"{number:022}=="


def invented(posts: int, first: int = 1_000, seed: int = 5) -> list[dict[str, Any]]:
    """Posts of all kinds, as `Stage.posts` takes them; no time is in an hour that New York has twice."""
    rng = random.Random(seed)
    rows: list[dict[str, Any]] = []
    for place in range(posts):
        num = first + place
        trip = rng.choice((None, None, None, "!aaaaaaaaaa", "!!bbbbbbbbbbb", "!AAAAAAAAAA"))
        file = rng.randrange(25) if place % 3 == 0 else None
        rows.append(
            {
                "num": num,
                "thread_num": first + place // 9 * 9,
                "subnum": 0,
                "timestamp": NOON + place * 3_000 + 86_400 * (place // 20),
                "name": rng.choice(NAMES),
                "trip": trip,
                "email": rng.choice((None, "sage", "noko", "sageru")),
                "poster_country": rng.choice((None, "DE", "fi", "XX")),
                "media_hash": None if file is None else media_hash(file),
                "media_orig": None if file is None else f"{1_600_000_000_000 + num}.jpg",
                "title": f"Thread {num} <b>" if place % 9 == 0 and place % 2 else None,
            }
        )
        if place % 11 == 0:
            rows.append({**rows[-1], "subnum": 1, "media_hash": None, "media_orig": None})
    return rows


@asynccontextmanager
async def opened(stage: Stage, folder: Path) -> AsyncIterator[Archive]:
    settings = Settings(db=stage.place.settings(), app=AppSettings(state=folder), boards=stage.boards)
    archive = Archive(settings)
    await archive.open()
    try:
        yield archive
    finally:
        await archive.close()


def made(folder: Path) -> Path:
    folder.mkdir(exist_ok=True)
    return folder


async def computed(stage: Stage, folder: Path, board: str = "g", stride: Stride = SMALL) -> BoardStatistics:
    async with opened(stage, made(folder)) as archive:
        return await compute(archive.board(board), folder, "Anonymous", now=lambda: 99, stride=stride)


@pytest.mark.parametrize("clock", ["utc", "new_york"])
async def test_sums_are_those_of_a_plain_count(stage: Stage, tmp_path: Path, clock: str) -> None:
    stage.board(clock=clock)
    rows = invented(120)
    removed = (1_010, 1_050)
    stage.posts(*rows)
    stage.add("g_deleted", *({**_required(1_010 + 40 * place, 1_009 + 36 * place)} for place in range(2)))
    found = await computed(stage, tmp_path / "s")
    assert told(found) == counted(rows, clock, removed)
    assert (found.source, found.board, found.made, found.sampled) == ("computed", "g", 99, ())
    assert [day.day for day in found.days] == sorted(day.day for day in found.days)
    for figures in (
        [posts for _, posts in found.countries],
        [thread.posts for thread in found.threads],
        [image.total for image in found.images],
        [poster.posts for poster in found.posters],
    ):
        assert len(figures) > 2 and figures == sorted(figures, reverse=True)
    subjects = {thread.num: thread.subject for thread in found.threads}
    assert (subjects[1_009], subjects[1_000]) == ("Thread 1009 <b>", "Post 1000.")
    by_num = {row["num"]: row for row in rows if not row["subnum"]}
    assert all(by_num[image.num]["media_hash"] == image.media_hash for image in found.images)
    assert read_results(results_file(tmp_path / "s", "g"), "g") == found


def _required(num: int, thread_num: int) -> Mapping[str, Any]:
    return {"num": num, "subnum": 0, "thread_num": thread_num, "timestamp": NOON, "timestamp_expired": 0}


async def test_later_runs_add_what_is_new(stage: Stage, tmp_path: Path) -> None:
    stage.board()
    rows = invented(100)
    stage.posts(*rows[:40])
    await computed(stage, tmp_path / "s")
    # Rows that come late have lower numbers than some that are counted.
    stage.posts(*rows[70:])
    await computed(stage, tmp_path / "s")
    stage.posts(*rows[40:70])
    in_pieces = await computed(stage, tmp_path / "s")
    assert in_pieces == await computed(stage, tmp_path / "s")  # nothing is counted twice
    assert told(in_pieces) == counted([*rows[:40], *rows[70:], *rows[40:70]], "utc")
    at_once = await computed(stage, tmp_path / "other", stride=Stride())
    assert at_once == in_pieces


async def test_tables_that_lack_much(stage: Stage, tmp_path: Path) -> None:
    """The old schema has neither the table of pictures nor one of removed posts; columns go missing too."""
    stage.board(writer="oldasagi")
    rows = invented(30)
    stage.posts(*rows)
    for column in ("poster_country", "email"):
        stage.execute(f'ALTER TABLE "g" DROP COLUMN "{column}"')
    expected = counted([{**row, "poster_country": None, "email": None} for row in rows], "utc")
    assert told(await computed(stage, tmp_path / "s")) == expected


async def test_an_empty_board_and_times_that_are_none(stage: Stage, tmp_path: Path) -> None:
    stage.board()
    found = await computed(stage, tmp_path / "s")
    assert (found.posts, found.since, found.until, found.days, found.threads) == (0, 0, 0, (), ())
    stage.post(5, timestamp=0)
    found = await computed(stage, tmp_path / "s")
    assert (found.posts, found.since, found.until, found.days) == (1, 0, 0, ())
    stage.post(6)
    found = await computed(stage, tmp_path / "s")
    assert (found.posts, found.since, found.until, len(found.days)) == (2, NOON + 6, NOON + 6, 1)


async def test_what_may_not_be_seen_is_in_no_list(stage: Stage, tmp_path: Path) -> None:
    stage.board()
    stage.posts(*({"num": num, "thread_num": 1, "media_hash": media_hash(num % 2)} for num in range(1, 5)))
    stage.post(9)
    stage.posts({"num": 10, "thread_num": 9})
    stage.add("g_images", {"media_hash": media_hash(0), "total": 2, "banned": 1})
    ids = dict(stage.place.execute("SELECT media_hash, media_id FROM g_images"))
    stage.execute(f"UPDATE \"g\" SET media_id = {ids[media_hash(0)]} WHERE media_hash = '{media_hash(0)}'")
    found = await computed(stage, tmp_path / "s")
    assert [image.media_hash for image in found.images] == [media_hash(1)]
    assert [thread.num for thread in found.threads] == [1, 9]
    stage.add("g_deleted", _required(9, 9), _required(10, 9))
    stage.execute('DELETE FROM "g" WHERE thread_num = 9')
    assert [thread.num for thread in (await computed(stage, tmp_path / "s")).threads] == [1]


async def test_progress_is_told(stage: Stage, tmp_path: Path) -> None:
    stage.board()
    stage.posts(*({"num": num, "thread_num": 1} for num in range(1, 21)))
    places: list[Place] = []
    async with opened(stage, tmp_path) as archive:
        await compute(archive.board("g"), tmp_path, "Anonymous", tell=places.append, stride=Stride(rows=8, most=8))
    assert [(place.place, place.last, place.posts) for place in places] == [(8, 20, 8), (16, 20, 16), (20, 20, 20)]


class Failing:
    """Stands before a board's database; statements that ask for many rows fail, as if they took too long."""

    def __init__(self, board: Board, most: int) -> None:
        self._fetch = board.database.fetch
        self.most = most
        self.refused = 0

    async def __call__(self, sql: Any) -> list[tuple[Any, ...]]:
        if "LIMIT" in sql.text and sql.args and sql.args[-1] > self.most and "num" in sql.text:
            self.refused += 1
            raise Unavailable("The database took too long.")
        return await self._fetch(sql)


@on_one_database
async def test_statements_become_as_short_as_they_must(
    stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage.board()
    rows = invented(60)
    stage.posts(*rows)
    async with opened(stage, tmp_path) as archive:
        board = archive.board("g")
        failing = Failing(board, 12)
        monkeypatch.setattr(board.database, "fetch", failing)
        stride = Stride(rows=64, fewest=1, most=12, pause=0)
        found = await compute(board, tmp_path, "Anonymous", stride=stride)
        assert failing.refused == 3 and told(found) == counted(rows, "utc")
        stage.post(5_000)
        failing.most = 0
        with pytest.raises(Unavailable):
            await compute(board, tmp_path, "Anonymous", stride=stride)
        failing.most = 12
        assert (await compute(board, tmp_path, "Anonymous", stride=stride)).posts == found.posts + 1


def test_strides_fit_the_time_they_take() -> None:
    stride = Stride(rows=1_000, fewest=100, most=3_000)
    sizes = []
    for seconds in (0.01, 0.01, 0.4, 5, 5, 5, 5, 5, 5):
        stride.took(seconds)
        sizes.append(stride.rows)
    assert sizes == [2_000, 3_000, 3_000, 1_500, 750, 375, 187, 100, 100]


@on_one_database
async def test_sums_that_rest_on_other_settings_are_made_anew(stage: Stage, tmp_path: Path) -> None:
    stage.board()
    rows = invented(30)
    stage.posts(*rows)
    await computed(stage, tmp_path / "s")
    stage.boards["g"] = BoardSettings(clock="new_york")
    assert told(await computed(stage, tmp_path / "s")) == counted(rows, "new_york")
    async with opened(stage, tmp_path / "s") as archive:
        found = await compute(archive.board("g"), tmp_path / "s", "Bob")
    assert {poster.name for poster in found.posters} >= {"Anonymous"}
    assert "Bob" not in {poster.name for poster in found.posters}


@on_one_database
async def test_another_archive_is_noticed(stage: Stage, tmp_path: Path) -> None:
    stage.board()
    stage.posts(*({"num": num, "thread_num": 1} for num in range(1, 21)))
    await computed(stage, tmp_path / "s")
    with closing(sqlite3.connect(ledger_file(tmp_path / "s", "g"))) as connection:
        connection.execute("UPDATE progress SET place = 20000")
        connection.commit()
    with pytest.raises(CannotCompute, match=r"doc_id ends at 20, not at 20000\).*--rebuild"):
        await computed(stage, tmp_path / "s")


@on_one_database
async def test_tables_without_an_index_to_read_by(stage: Stage, tmp_path: Path) -> None:
    numbers = ("num", "subnum", "thread_num", "timestamp")
    texts = ("name", "trip", "email", "poster_country", "title", "comment", "media_hash", "media_orig")
    stage.place.create("g", {**dict.fromkeys(numbers, "int"), **dict.fromkeys(texts, "text")})
    stage.boards["g"] = BoardSettings(clock="utc")
    rows = invented(30)
    stage.add("g", *rows)
    expected = counted(rows, "utc")
    for _ in range(2):
        assert told(await computed(stage, tmp_path / "s")) == expected
    async with opened(stage, tmp_path / "s") as archive:
        board = archive.board("g")
        board.small = False
        with pytest.raises(CannotCompute, match="no index on doc_id or num"):
            await compute(board, tmp_path / "s", "Anonymous")


@on_one_database
async def test_numbers_that_no_column_holds(stage: Stage, tmp_path: Path) -> None:
    """SQLite keeps any value in any column."""
    stage.board(writer="oldasagi")
    stage.post(7)
    stage.execute('INSERT INTO "g" (num, subnum, thread_num, timestamp) VALUES (99999999999, 0, 7, -5)')
    stage.execute('INSERT INTO "g" (num, subnum, thread_num, timestamp) VALUES (8, 0, 7, 9999999999999)')
    stage.execute("INSERT INTO \"g\" (num, subnum, thread_num, timestamp, name) VALUES (9, 0, 7, 'x', x'ff00')")
    found = await computed(stage, tmp_path / "s")
    assert (found.posts, [day.posts for day in found.days]) == (3, [1])
    assert found.threads[0].posts == 3


def test_files_that_are_no_ledgers(tmp_path: Path) -> None:
    file = ledger_file(tmp_path, "g")
    file.write_text("something else, of more than a few bytes" * 50)
    with pytest.raises(LedgerError, match="cannot be used") as damaged:
        Ledger(file)
    file.unlink()
    file.mkdir()
    with pytest.raises(LedgerError, match="cannot be opened") as closed:
        Ledger(file)
    assert (damaged.value.lost, closed.value.lost) == (True, False)


def test_a_full_disk_is_no_damage(tmp_path: Path) -> None:
    """Months of counting shall not be thrown away for it."""
    with Ledger(ledger_file(tmp_path, "g")) as ledger:
        ledger.add(Sums(posts=1), (), 1)
        ledger._execute("PRAGMA max_page_count = 1")  # the smallest that SQLite takes: as many as there are
        with pytest.raises(LedgerError, match="full") as full:
            ledger.add(Sums(posts=9, threads={num: [1, 0] for num in range(9_999)}), (), 2)
        assert not full.value.lost
        assert ledger.progress == (1, 1, 0, 0)
