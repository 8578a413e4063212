"""Every row comes into an index, once and as it is, whatever its table is like; and nothing else is read."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from app.db.index_rows import IndexRows, place_column
from app.db.pieces import Stride
from app.demo.writers import WRITERS
from app.engines.tantivy.documents import NUMBERS, TEXTS
from app.model import PostId
from app.settings import BoardSettings
from tests.support.databases import POSTS, THREADS, Place, fresh_place
from tests.support.indexes import (
    app_of,
    archive_of,
    asked,
    command_folder,
    judged,
    kept_in,
    posts_in,
    updated,
    words_in,
)
from tests.support.process import ended
from tests.support.recorder import Recorder
from tests.support.servers import Server
from tests.support.stage import NOON, Stage, stage

__all__ = ["stage"]

on_mysql = pytest.mark.parametrize("database_kind", ["mysql"], indirect=True)
FORBIDDEN = re.compile(
    r"poster_ip|delpass|\b(insert|update|delete|replace|create|drop|alter|truncate|lock|set|begin)\b", re.IGNORECASE
)


def numbered(stage: Stage) -> None:
    """Takes the column doc_id away: what is left to go by is the number."""
    quote = stage.place.quote
    if stage.place.kind == "sqlite":
        columns = ", ".join(quote(column) for column in POSTS if column != "doc_id")
        stage.place.execute(
            f"CREATE TABLE bare AS SELECT {columns} FROM g", "DROP TABLE g", "ALTER TABLE bare RENAME TO g"
        )
        stage.place.execute("CREATE INDEX num_of_g ON g (num, subnum)")
    else:
        stage.place.execute(f"ALTER TABLE {quote('g')} DROP COLUMN doc_id")


@pytest.mark.parametrize("rows", [1, 2, 3, 7])
async def test_ghosts_under_one_number_at_the_end_of_a_piece(stage: Stage, tmp_path: Path, rows: int) -> None:
    """Also where a number has more posts than a piece has rows."""
    stage.board()
    there = [PostId(num, ghost) for num in range(1, 12) for ghost in range(num % 4 * 3 + 1)]
    stage.posts(*({"num": each.num, "subnum": each.subnum, "thread_num": 1} for each in there))
    numbered(stage)
    stride = Stride(rows=rows, most=rows, fewest=rows, pause=0)
    async with archive_of(stage, tmp_path) as archive:
        assert place_column(archive.board("g").tables) == "num"
        assert (await updated(archive, stride=stride))[0] == len(there)
        assert posts_in(tmp_path) == there
        assert kept_in(tmp_path).place == 11
        assert (await judged(archive)).right
        # A ghost post of a number that has been read comes with its thread.
        stage.posts({"num": 11, "subnum": 99, "thread_num": 1}, {"num": 12, "subnum": 0, "thread_num": 1})
        stage.threads({"thread_num": 1})
        added, changes = await updated(archive, stride=stride)
        assert (added, changes.added) == (1, 1)
        assert posts_in(tmp_path) == [*there, PostId(11, 99), PostId(12)]


@pytest.mark.parametrize(("rows", "gap"), [(1, 1), (4, 1), (50, 1), (1, 1_000_000), (4, 1_000_000)])
async def test_gaps_between_rows(stage: Stage, tmp_path: Path, rows: int, gap: int) -> None:
    stage.board()
    nums = [*range(1, 10), *range(9 + gap, 20 + gap)]
    stage.posts(*({"doc_id": num, "num": num, "thread_num": 1} for num in nums))
    async with archive_of(stage, tmp_path) as archive:
        await updated(archive, stride=Stride(rows=rows, most=rows, fewest=rows))
    assert [post.num for post in posts_in(tmp_path)] == nums
    assert kept_in(tmp_path).place == nums[-1]


@pytest.mark.parametrize("writer", WRITERS)
async def test_tables_of_every_writer(stage: Stage, tmp_path: Path, writer: str) -> None:
    stage.board(writer=writer, comments="html" if WRITERS[writer].html else "asagi")
    stage.posts(*({"num": num, "thread_num": 1, "comment": "router"} for num in range(1, 8)))
    async with archive_of(stage, tmp_path) as archive:
        await updated(archive)
        await updated(archive)
        assert (await judged(archive)).right
    assert words_in(tmp_path, "router") == list(range(1, 8))


@pytest.mark.parametrize("driver", ["doc_id", "num"])
async def test_texts_come_as_they_are(stage: Stage, tmp_path: Path, driver: str) -> None:
    """Signs that stand between packed values, that end a text elsewhere, that are no letters."""
    texts = [
        "a\x1fb",
        "\x1f",
        "\x1f\x1f\x1f",
        "a\x1eb",
        "\x1e",
        "\x1f\x1e",
        "a\nb",
        "猫\x1f猫",
        "\u2028x",
        "plain",
        "'quoted' \"twice\"",
        "\x7f\x01",
        "🐈",
    ]
    stage.board()
    stage.posts(
        *(
            {"num": num, "thread_num": 1, "comment": f"router {text}", "title": text, "media_filename": text}
            for num, text in enumerate(texts, 1)
        )
    )
    stage.threads({"thread_num": 1})
    if driver == "num":
        numbered(stage)
    async with archive_of(stage, tmp_path) as archive:
        board = archive.board("g")
        source = IndexRows(board.database, board.tables, NUMBERS, TEXTS)
        rows = await source.piece(0, Stride(rows=100))
        if len(rows) < len(texts):
            rows += await source.piece(int(rows[-1][0]), Stride(rows=100))
        columns = ("place", *NUMBERS, *TEXTS)
        found = [dict(zip(columns, row, strict=True)) for row in rows]
        for column, start in (("comment", "router "), ("title", ""), ("media_filename", "")):
            assert [row[column] for row in found] == [start + text for text in texts]
        await updated(archive)
        _, changes = await updated(archive)
        assert (changes.threads, changes.updated) == (1, 0)
        assert (await judged(archive)).right
    assert words_in(tmp_path, "router") == list(range(1, len(texts) + 1))
    assert words_in(tmp_path, "b") == [1, 4, 7]


@on_mysql
@pytest.mark.parametrize("charset", ["latin1", "utf8mb3", "utf8mb4", "cp1251", "ucs2"])
async def test_columns_of_mixed_character_sets(stage: Stage, tmp_path: Path, charset: str) -> None:
    stage.board()
    word = "Привет" if charset in ("cp1251", "ucs2", "utf8mb3") else "café"
    stage.execute(f'ALTER TABLE "g" MODIFY title varchar(100) CHARACTER SET {charset}')
    stage.execute('ALTER TABLE "g" MODIFY name varchar(100) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin')
    stage.execute('ALTER TABLE "g" MODIFY email varchar(100) CHARACTER SET latin1 COLLATE latin1_german2_ci')
    stage.execute('ALTER TABLE "g" MODIFY trip varbinary(25)')
    stage.execute('ALTER TABLE "g" MODIFY exif blob')
    for num in (1, 2):
        between = "\x1f" if num == 2 else ""
        stage.post(
            num, 1, title=f"{word}{between}", name="猫🐈", email="größe", trip="!é", exif="{}", comment=f"日本{between}"
        )
    async with archive_of(stage, tmp_path) as archive:
        await updated(archive)
        await updated(archive)
        assert (await judged(archive)).right
    async with app_of(stage, tmp_path, "tantivy") as running:
        for asking in (
            {"subject": word},
            {"username": "=猫🐈"},
            {"email": "größe"},
            {"tripcode": "!é"},
            {"text": "日本"},
        ):
            assert (await asked(running, "", **asking))["total"] == 2, asking


@on_mysql
async def test_what_is_read_does_not_depend_on_what_it_is_read_with(stage: Stage, tmp_path: Path) -> None:
    """A whole piece, a thread, one row: beside one that cannot be packed, and such as have NULL."""
    stage.board()
    stage.execute('ALTER TABLE "g" MODIFY media_w varchar(9), MODIFY trip varbinary(25)')
    between = {"comment": "a\x1fb", "trip": "!t"}
    stage.posts(*({"num": num, "thread_num": num % 2 + 1, **between} for num in range(1, 9)))
    async with archive_of(stage, tmp_path) as archive:
        board = archive.board("g")
        source, stride = IndexRows(board.database, board.tables, NUMBERS, TEXTS), Stride(rows=100)
        as_one = await source.piece(0, stride)
        assert sorted(await source.threads([1, 2], stride)) == as_one
        stage.execute("""UPDATE "g" SET media_w = 'wide' WHERE num = 8""")
        as_one = as_one[:-1]
        assert [row for row in await source.piece(0, stride) if row[1] < 8] == as_one
        assert sorted(row for row in await source.threads([1, 2], stride) if row[1] < 8) == as_one


@on_mysql
async def test_rows_that_a_server_cuts_off_are_read_one_by_one(
    stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Wherever the cut is: in a row, between two, behind all of them."""
    stage.board()
    stage.posts(*({"num": num, "thread_num": 1, "comment": f"word {num}"} for num in range(1, 6)))
    for longest in range(4, 420, 3):
        monkeypatch.setattr("app.db.mysql._LONGEST_JOINED", longest)
        async with archive_of(stage, tmp_path) as archive:
            board = archive.board("g")
            recorder = Recorder(monkeypatch)
            rows = await IndexRows(board.database, board.tables, NUMBERS, TEXTS).piece(0, Stride(rows=5))
        assert [(row[1], row[1 + len(NUMBERS)]) for row in rows] == [(num, f"word {num}") for num in range(1, 6)]
        at_once = len(recorder.statements) == 1
    assert at_once, "they are never read at once"


async def test_a_server_that_sends_little_at_a_time(own_mysql_server: Server, tmp_path: Path) -> None:
    server = own_mysql_server
    with server.fresh_database() as name:
        place = Place(server.kind, dict(server.settings_table(name)), server=server, name=name)
        stage = Stage(place, tmp_path / "media")
        stage.board()
        stage.posts(*({"num": num, "thread_num": 1, "comment": "x" * 1_000} for num in range(1, 101)))
        place.execute("SET GLOBAL max_allowed_packet = 16384")
        try:
            async with archive_of(stage, tmp_path) as archive:
                assert (await updated(archive))[0] == 100
                assert (await judged(archive)).right
        finally:
            place.execute("SET GLOBAL max_allowed_packet = DEFAULT")


@on_mysql
async def test_columns_of_types_of_their_own(stage: Stage, tmp_path: Path) -> None:
    stage.board()
    stage.execute('ALTER TABLE "g" MODIFY media_w varchar(9), MODIFY media_h decimal(9, 2), MODIFY spoiler char(1)')
    stage.posts(
        *(
            {
                "num": num,
                "thread_num": 1,
                "comment": "router",
                "media_hash": f"h{num}",
                "media_w": width,
                "media_h": 5.5,
            }
            for num, width in enumerate(("9", "wide", None, "12"), 1)
        )
    )
    async with archive_of(stage, tmp_path) as archive:
        assert (await updated(archive))[0] == 4
        _, changes = await updated(archive)
        assert (changes.updated, (await judged(archive)).right) == (0, True)
    assert words_in(tmp_path, "router") == [1, 2, 3, 4]


async def test_what_is_no_number_and_what_is_too_large(stage: Stage, tmp_path: Path) -> None:
    """As far as a database takes it."""
    stage.board()
    stage.post(1, comment="router")
    if stage.place.kind == "sqlite":
        stage.execute(
            """UPDATE "g" SET media_w = 1e300, media_h = -5, media_size = 9223372036854775807, timestamp = 'soon', """
            """spoiler = 'x', media_hash = 'h', name = 7, title = X'00FF'"""
        )
        stage.post(2**40, 1, comment="router")
        stage.posts({"num": -3, "thread_num": 1, "subnum": -1, "comment": "router"})
    else:
        stage.execute('UPDATE "g" SET media_size = 2147483647, timestamp = 2147483647')
    async with archive_of(stage, tmp_path) as archive:
        added, _ = await updated(archive)
        await updated(archive)
        assert (await judged(archive)).right
    # What has no address cannot be shown, and is not found.
    assert len(words_in(tmp_path, "router")) == added == 1


async def test_rows_of_one_post_in_a_table_that_does_not_forbid_them(stage: Stage, tmp_path: Path) -> None:
    stage.place.create("g", POSTS)
    stage.place.create("g_threads", THREADS)
    stage.boards["g"] = BoardSettings(clock="utc")
    row = {"num": 1, "thread_num": 1, "subnum": 0, "timestamp": NOON, "comment": "router"}
    stage.place.insert("g", row, row, {**row, "comment": "router again"}, {**row, "num": 2})
    async with archive_of(stage, tmp_path) as archive:
        await updated(archive)
    async with app_of(stage, tmp_path, "tantivy") as running:
        answer = await asked(running, "router")
        assert [hit["post"]["num"] for hit in answer["hits"]] == [2, 1]


async def test_nothing_private_is_read_and_nothing_written(
    stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage.board()
    stage.posts(*({"num": num, "thread_num": 1, "comment": "a\x1fb"} for num in range(1, 9)))
    stage.threads({"thread_num": 1})
    async with archive_of(stage, tmp_path) as archive:
        recorder = Recorder(monkeypatch)
        await updated(archive)
        stage.execute("""UPDATE "g" SET comment = 'another'""")
        await updated(archive)
        await updated(archive, rebuild=True)
        await judged(archive)
    assert len(recorder.statements) > 6
    for sql in recorder.statements:
        assert sql.text.startswith("SELECT ") and not FORBIDDEN.search(sql.text), sql.text
        assert "*" not in sql.text.replace("COUNT(*)", ""), sql.text


async def test_rows_are_read_in_the_order_of_an_index(
    stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No piece reads more rows than it brings."""
    stage.board()
    stage.posts(*({"num": num, "thread_num": num // 50 * 50, "comment": "x" * 30} for num in range(50, 4_050)))
    if stage.place.kind == "postgresql":
        stage.execute("ANALYZE")  # as it does by itself before long
    async with archive_of(stage, tmp_path) as archive:
        recorder = Recorder(monkeypatch)
        await updated(archive, stride=Stride(rows=500, most=500))
    pieces = [cost for cost in recorder.costs(stage.place) if re.search("LIMIT|GROUP_CONCAT", cost.statement.text)]
    assert len(pieces) == 8
    # Columns are many here, and SQLite's counter counts them.
    assert all(cost.rows < 500 * (8 if stage.place.kind == "sqlite" else 1.1) for cost in pieces), pieces


MEASURED = """
import resource, sys
from app.cli import main
from app.indexing import building

building.HEAP, building.COMMIT_EVERY = 30_000_000, 10_000
try:
    main()
finally:
    print("most", resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, file=sys.stderr)
"""
ROWS = 40_000


@pytest.mark.skipif(not Path("/proc/self/status").is_file(), reason="memory is counted in KiB on Linux")
def test_memory_is_bounded(request: pytest.FixtureRequest, tmp_path: Path) -> None:
    """Of a board of 80 MB not much more is held than of a tenth of it."""
    with fresh_place("sqlite", request, tmp_path) as place:
        stage = Stage(place, tmp_path / "media")
        for name, rows in (("small", ROWS // 10), ("large", ROWS)):
            stage.board(name)
            _many(place, name, rows)
        folder = command_folder(stage, tmp_path / "here")
        most = {}
        for name in stage.boards:
            status, lines = ended(folder, "index", "--board", name, program=MEASURED)
            assert status == 0, lines
            most[name] = int(lines[-1].removeprefix("most "))
    assert len(posts_in(folder / "var", "large")) == ROWS
    assert most["large"] < most["small"] + 60_000, most


def _many(place: Place, board: str, rows: int) -> None:
    place.execute(
        f"INSERT INTO {board} (doc_id, num, subnum, thread_num, op, timestamp, timestamp_expired, comment) "
        f"WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < {rows}) "
        f"SELECT n, n, 0, n - n % 100 + 1, 0, {NOON} + n, 0, "
        "'post ' || n || replace(hex(zeroblob(200)), '0', ' word') FROM s"
    )
