"""`koiwai check` on archives that are broken in one way each: a finding that says so, and never a trace."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any

import aiomysql
import asyncpg
import msgspec
import pytest

from app.check import Plan, Report, run
from app.demo.writers import WRITERS
from app.settings import AppSettings, BoardSettings, MediaSettings, Settings, SiteSettings
from tests.support.databases import Place, fresh_place
from tests.support.servers import Server
from tests.support.stage import NOON, Stage

# A file name whose time is that of the post, as boards with the clock UTC have it.
TIM = NOON * 1000


@pytest.fixture
def stage(database_kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Stage]:
    with fresh_place(database_kind, request, tmp_path) as place:
        (tmp_path / "media").mkdir()
        yield Stage(place, tmp_path / "media")


@pytest.fixture
def small_stage(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Stage]:
    """For what no database makes a difference to."""
    with fresh_place("sqlite", request, tmp_path) as place:
        (tmp_path / "media").mkdir()
        yield Stage(place, tmp_path / "media")


def settings_of(stage: Stage, **changes: Any) -> Settings:
    base = Settings(
        db=stage.place.settings(),
        app=AppSettings(state=stage.media.parent / "var"),
        boards=stage.boards,
        media=MediaSettings(root=stage.media),
    )
    return msgspec.structs.replace(base, **changes)


def checked(settings: Settings, plan: Plan | None = None) -> Report:
    report = asyncio.run(run(settings, plan))
    assert b"\\u0000" not in msgspec.json.encode(report)
    return report


def level(report: Report, code: str, board: str | None = None) -> str | None:
    levels = {finding.level for finding in report.findings if (finding.code, finding.board) == (code, board)}
    assert len(levels) <= 1
    return next(iter(levels), None)


def text(report: Report, code: str) -> str:
    return " ".join(finding.text for finding in report.findings if finding.code == code)


def with_posts(stage: Stage, **settings: Any) -> None:
    stage.board(**settings)
    stage.posts(*({"num": num, "thread_num": 1, "media_orig": f"{TIM + num * 1000}.jpg"} for num in range(1, 9)))
    stage.threads({"thread_num": 1, "nreplies": 8, "nimages": 0})


def test_nothing_amiss(stage: Stage) -> None:
    with_posts(stage)
    report = checked(settings_of(stage, media=MediaSettings(enabled=False)))
    amiss = {finding.code for finding in report.findings if finding.level in ("warning", "fault")}
    assert amiss == set() and not report.faulty
    assert level(report, "database") == "ok" and report.database is not None
    assert report.database.product in ("SQLite", "MariaDB", "MySQL", "PostgreSQL")
    assert [board.name for board in report.boards] == ["g"]


def test_an_empty_database(stage: Stage) -> None:
    report = checked(settings_of(stage, boards={}, discover_boards=True))
    assert level(report, "no-boards") == "fault" and report.faulty


def test_a_board_without_posts(small_stage: Stage) -> None:
    small_stage.board()
    report = checked(settings_of(small_stage))
    assert level(report, "board-empty", "g") == "warning"
    assert report.boards[0].conventions.clock is None


def test_boards_without_a_table_and_why(stage: Stage) -> None:
    for name in ("G", "ff_board_tg", "pol"):
        stage.board(name)
    stage.place.create("fuuka", {"id": "int", "parent": "int"})
    stage.place.create("other", {"a": "int"})
    boards = {name: BoardSettings() for name in ("tg", "poll", "fuuka", "other", "zzz")}
    if stage.place.kind != "mysql":  # whose table names may have no case, depending on the file system
        boards["g"] = BoardSettings()
    report = checked(settings_of(stage, boards=boards))
    said = {finding.board: finding.text for finding in report.findings if finding.code == "board-missing"}
    assert set(said) == set(boards)
    assert "There is ff_board_tg" in said["tg"]
    assert "Did you mean /pol/?" in said["poll"]
    assert "Fuuka" in said["fuuka"]
    assert "no column num and thread_num" in said["other"]
    assert "/G/, /ff_board_tg/, /pol/" in said["zzz"]
    assert "case-sensitive" in said.get("g", "case-sensitive")
    assert level(report, "board-missing", "zzz") == "fault"
    assert "/pol/" in text(report, "boards-unlisted")
    patient = settings_of(stage, boards=boards, app=AppSettings(validate_boards_db=False, state=stage.media))
    assert level(checked(patient), "board-missing", "zzz") == "warning"


def test_a_board_in_another_schema(stage: Stage, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    if stage.place.kind == "sqlite":
        pytest.skip("SQLite has no other schema")
    if stage.place.kind == "postgresql":
        stage.execute('CREATE SCHEMA "asagi"')
        stage.execute('CREATE TABLE "asagi"."po" (num int, thread_num int)')
        stage.execute('CREATE TABLE "asagi"."po_threads" (thread_num int)')
        empty = checked(settings_of(stage, boards={}, discover_boards=True))
        assert "in the schema asagi" in text(empty, "no-boards")
        other = "asagi"
        found = checked(settings_of(stage, boards={"po": BoardSettings()}))
    else:
        with fresh_place("mysql", request, tmp_path) as elsewhere:
            elsewhere.create("po", {"num": "int", "thread_num": "int"})
            other = elsewhere.name
            found = checked(settings_of(stage, boards={"po": BoardSettings()}))
    assert f"There is one in the {'schema' if other == 'asagi' else 'database'} {other}" in text(found, "board-missing")


def test_one_board_only(small_stage: Stage) -> None:
    with_posts(small_stage)
    small_stage.board("ck")
    seen: list[tuple[str, int, int]] = []
    plan = Plan(only="ck", progress=lambda *step: seen.append(step))
    report = checked(settings_of(small_stage), plan)
    assert [board.name for board in report.boards] == ["ck"] and seen == [("ck", 1, 1)]
    assert {finding.board for finding in report.findings} <= {"ck", None}


def test_missing_tables_columns_and_indexes(stage: Stage) -> None:
    stage.place.create("g", {"doc_id": "serial", "num": "int", "thread_num": "int", "media_hash": "short"})
    stage.place.insert("g", {"num": 1, "thread_num": 1}, {"num": 2, "thread_num": 1})
    report = checked(settings_of(stage, boards={"g": BoardSettings()}))
    board = report.boards[0]
    assert board.newest_num == 2 and board.posts in (2, None)
    assert level(report, "table-threads", "g") == "warning"
    assert level(report, "table-images", "g") == level(report, "table-deleted", "g") == "note"
    assert level(report, "column-comment", "g") == "warning" and level(report, "column-exif", "g") == "note"
    assert level(report, "index-num", "g") in ("note", "warning")
    assert level(report, "index-doc-id", "g") is None
    assert level(report, "clock-unknown", "g") == "warning"


def test_without_any_index_nothing_is_read(stage: Stage) -> None:
    stage.place.create("g", {"num": "int", "thread_num": "int"})
    stage.place.insert("g", {"num": 1, "thread_num": 1})
    report = checked(settings_of(stage, boards={"g": BoardSettings()}))
    assert level(report, "sample-skipped", "g") == "note" and report.boards[0].newest_num is None


def test_a_view_is_no_table(stage: Stage) -> None:
    with_posts(stage)
    stage.execute('CREATE VIEW "po" AS SELECT num, thread_num, comment FROM "g"')
    report = checked(settings_of(stage, boards={"po": BoardSettings()}))
    assert level(report, "board-view", "po") == "warning"
    assert level(report, "sample-skipped", "po") == "note"
    assert report.boards[0].posts is None


def test_garbage_in_every_column(small_stage: Stage) -> None:
    """Only SQLite takes anything anywhere."""
    small_stage.board("g", "ritual")
    small_stage.board("ck", "oldasagi")
    odd = ("NULL", "'text'", "x'ff00fe'", "1e400", "-5", "''", "99999999999999999999")
    columns = ("subnum", "thread_num", "timestamp", "media_id", "media_hash", "media_orig", "comment")
    for num, value in enumerate(odd, 10):
        values = ", ".join([value] * len(columns))
        small_stage.execute(f'INSERT INTO "ck" (num, {", ".join(columns)}) VALUES ({num}, {values})')
        small_stage.execute(
            f'INSERT INTO "ck_threads" (thread_num, nreplies, nimages) VALUES ({num}, {value}, {value})'
        )
    small_stage.execute('INSERT INTO "ck" (num, thread_num) VALUES (NULL, NULL)')
    small_stage.post(5, board="ck", comment="fine")
    report = checked(settings_of(small_stage))
    assert level(report, "num-garbage", "ck") == "warning"
    assert {board.name for board in report.boards} == {"g", "ck"}


def test_a_table_that_cannot_be_read_as_expected(
    postgresql_server: Server, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    """Only PostgreSQL refuses to compare a text with a number."""
    with fresh_place("postgresql", request, tmp_path) as place:
        stage = Stage(place, tmp_path)
        stage.execute(
            'CREATE TABLE "g" (doc_id int PRIMARY KEY, num text, thread_num text, media_orig text, comment int)'
        )
        stage.execute('CREATE INDEX "i" ON "g" (num)')
        stage.execute("INSERT INTO \"g\" VALUES (1, 'a', 'b', 'c.jpg', 5)")
        report = checked(settings_of(stage, boards={"g": BoardSettings()}))
        assert level(report, "num-garbage", "g") == level(report, "statement-failed", "g") == "warning"
        assert "substr" in text(report, "statement-failed") and report.boards[0].name == "g"


def test_what_is_set_against_what_is_found(small_stage: Stage) -> None:
    small_stage.board("g", clock="new_york", comments="html")
    small_stage.board("ck", clock="utc")
    for board in ("g", "ck"):
        rows = ({"num": num, "thread_num": 1, "media_orig": f"{(NOON + num) * 1000}.jpg"} for num in range(1, 9))
        small_stage.posts(*({**row, "comment": ">>1\n>text"} for row in rows), board=board)
    report = checked(settings_of(small_stage))
    assert level(report, "clock-differs", "g") == "warning" and level(report, "clock-differs", "ck") is None
    assert level(report, "comments-differ", "g") == "warning" and level(report, "comments-differ", "ck") is None
    clocks = {board.name: board.conventions.clock for board in report.boards}
    assert clocks == {"g": "new_york", "ck": "utc"}


def test_numbers_near_the_end_and_names_cut_off(small_stage: Stage) -> None:
    small_stage.board("g", msgspec.structs.replace(WRITERS["asagi"], dedup=False))
    small_stage.post(2_147_000_000, timestamp=NOON, media_orig="1658260989011151.web", media_hash="a" * 24)
    report = checked(settings_of(small_stage))
    assert level(report, "capacity-num", "g") == "warning" and level(report, "names-cut", "g") == "note"


@pytest.mark.parametrize(("part", "told"), [(0.89, False), (0.91, True)])
def test_numbers_that_run_out_are_told_in_time(small_stage: Stage, part: float, told: bool) -> None:
    small_stage.board()
    small_stage.post(int(2**31 * part), doc_id=int(2**31 * part))
    report = checked(settings_of(small_stage))
    assert level(report, "capacity-num", "g") == ("warning" if told else None)
    assert level(report, "capacity-doc-id", "g") == ("note" if told else None)


def test_counters_that_follow_no_rule(small_stage: Stage) -> None:
    small_stage.board()
    small_stage.posts(*({"num": num, "thread_num": num // 10 * 10} for num in range(10, 40)))
    small_stage.threads(*({"thread_num": num, "nreplies": 25, "nimages": 9} for num in (10, 20, 30)))
    report = checked(settings_of(small_stage))
    assert report.boards[0].conventions.nreplies == "mixed"
    assert level(report, "counters-wrong", "g") == "note"


def test_replies_counted_as_images(small_stage: Stage) -> None:
    """As the triggers of asagi-tables for SQLite do."""
    small_stage.board()
    small_stage.posts(*({"num": num, "thread_num": num // 10 * 10} for num in range(10, 40)))
    small_stage.threads(*({"thread_num": num, "nreplies": 9, "nimages": 9} for num in (10, 20, 30)))
    conventions = checked(settings_of(small_stage)).boards[0].conventions
    assert (conventions.nreplies, conventions.nimages) == ("without_op", "every_reply")


async def test_statements_that_take_too_long_are_findings(stage: Stage) -> None:
    with_posts(stage)
    settings = settings_of(stage, db=stage.place.settings(statement=0.2, acquire=0.3))
    async with locked(stage.place):
        report = await run(settings)
    if stage.place.kind == "sqlite":  # where a lock is held on all of it
        assert level(report, "database-away") == "fault"
    else:
        assert level(report, "statement-timeout", "g") == "warning" and not report.faulty


@asynccontextmanager
async def locked(place: Place) -> AsyncIterator[None]:
    """Nobody else can read the board /g/."""
    if place.file is not None:
        with closing(sqlite3.connect(place.file, isolation_level=None)) as connection:
            connection.execute("BEGIN EXCLUSIVE")
            yield
        return
    assert place.server is not None
    given = place.server.connect_kwargs(place.name)
    if place.kind == "mysql":
        async with aiomysql.connect(**given) as connection, connection.cursor() as cursor:
            await cursor.execute("LOCK TABLES g WRITE")
            yield
        return
    connection = await asyncpg.connect(**given)
    try:
        async with connection.transaction():
            await connection.execute("LOCK TABLE g IN ACCESS EXCLUSIVE MODE")
            yield
    finally:
        await connection.close()


def test_banner(small_stage: Stage) -> None:
    with_posts(small_stage)
    missing = settings_of(small_stage, site=SiteSettings(banner=small_stage.media / "no.png"))
    assert level(checked(missing), "banner-missing") == "warning"
