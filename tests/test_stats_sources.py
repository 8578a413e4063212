"""Where a server's statistics come from: the file of `koiwai stats`, the archive's own tables, its newest posts."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from app.db.schema import BoardTables, Table
from app.db.sqlite import SqliteDialect
from app.db.statistics_queries import StatisticsQueries
from app.engines.pacing import Pace
from app.errors import Unavailable
from app.stats import keeper
from app.stats.glance import SAMPLE, glance, recent
from app.stats.kept import Kept
from app.stats.model import BoardStatistics, Day, LargeThread, RepostedImage
from app.stats.results import folder_of, results_file, write_results
from tests.support.counting import DAY, counted, told, true_time
from tests.support.databases import Place
from tests.support.recorder import Recorder
from tests.support.stage import NOON, Stage, stage
from tests.support.walked import opened as walked_archive
from tests.support.walked import walked
from tests.test_stats import invented, media_hash, on_one_database, opened

__all__ = ["stage", "walked"]

MADE = BoardStatistics(
    board="g",
    source="computed",
    made=NOON,
    posts=7,
    since=NOON,
    until=NOON + 9,
    days=(Day(19_185, 7, 1, 0, 0, 0, 7),),
    threads=(LargeThread(1, 5, 1, NOON, "<b>"), LargeThread(9, 2, 0, NOON, "")),
    images=(RepostedImage(media_hash(1), 3, 1), RepostedImage(media_hash(2), 2, 9)),
)


@pytest.fixture(autouse=True)
def looks_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeper, "_LOOK_EVERY", 0)


def written(state: Path, statistics: BoardStatistics) -> Path:
    folder_of(state).mkdir(parents=True, exist_ok=True)
    file = results_file(folder_of(state), statistics.board)
    write_results(file, statistics)
    return file


@pytest.mark.parametrize("clock", ["utc", "new_york"])
async def test_the_newest_posts(stage: Stage, tmp_path: Path, clock: str) -> None:
    """Where there are few posts, these are all."""
    stage.board(clock=clock, writer="bare")  # whose list of threads knows of ghost posts without a table
    rows = invented(150)
    stage.posts(*rows)
    async with opened(stage, tmp_path) as archive:
        found = await glance(archive.board("g"), "Anonymous", 77)
    wanted = counted(rows, clock)
    largest = dict(sorted(wanted.threads.items(), key=lambda item: (-item[1][0], item[0]))[:20])
    assert told(found) == msgspec.structs.replace(wanted, threads=largest)
    assert (found.source, found.made) == ("sample", 77)
    assert set(found.sampled) == {"countries", "threads", "images", "posters"}


async def test_the_tables_of_days_posters_and_pictures(stage: Stage, tmp_path: Path) -> None:
    stage.board(clock="new_york")
    stage.posts({"num": 5, "thread_num": 5, "media_hash": media_hash(3), "poster_country": "DE"})
    days = {"posts": 10, "images": 4, "sage": 1, "anons": 7, "trips": 2, "names": 1}
    stage.add("g_daily", {"day": 17_000 * DAY, **days}, {"day": 17_002 * DAY, **days}, {"day": 17_001 * DAY, **days})
    stage.add(
        "g_users",
        {"name": "Anonymous", "trip": "", "firstseen": 0, "postcount": 900},
        {"name": "Bob", "trip": "!trip", "firstseen": NOON, "postcount": 5},
        {"name": "<i>", "trip": "", "firstseen": NOON, "postcount": 50},
    )
    stage.add(
        "g_images",
        *({"media_hash": media_hash(n), "total": n, "banned": int(n == 4)} for n in range(1, 6)),
    )
    async with opened(stage, tmp_path) as archive:
        found = await glance(archive.board("g"), "Anonymous", NOON * 2)
        assert (found.source, found.posts, found.sampled) == ("tables", 30, ("countries", "threads"))
        assert found.days == tuple(Day(day, 10, 4, 1, 1, 2, 7) for day in (17_000, 17_001, 17_002))
        assert found.since == true_time(17_000 * DAY, "new_york")
        assert found.until == true_time(17_003 * DAY - 1, "new_york")
        first = true_time(NOON, "new_york")
        assert [(each.name, each.trip, each.posts, each.first, each.last) for each in found.posters] == [
            ("<i>", "", 50, first, 0),
            ("Bob", "!trip", 5, first, 0),
        ]
        assert [(each.media_hash, each.total, each.num) for each in found.images] == [
            (media_hash(5), 5, 0),
            (media_hash(3), 3, 5),
            (media_hash(2), 2, 0),
        ]
        assert (found.countries, [thread.num for thread in found.threads]) == ((("DE", 1),), [5])
        stage.execute('DROP TABLE "g_daily"')
        again = await glance(archive.board("g"), "Anonymous", NOON * 2)
        assert (again.source, again.posts, again.posters) == ("sample", 1, ())


async def test_days_that_cannot_be_and_counters_that_have_drifted(stage: Stage, tmp_path: Path) -> None:
    """A post without a time has been counted on the first day there was; what triggers count drifts."""
    stage.board()
    stage.posts({"num": 5, "thread_num": 5})
    days = {"posts": 10, "images": 40, "sage": 1, "anons": 7, "trips": 2, "names": 1}
    stage.add("g_daily", *({"day": day * DAY, **days} for day in (0, 17_000, 17_002, 24_000)))
    async with opened(stage, tmp_path) as archive:
        found = await glance(archive.board("g"), "Anonymous", 17_010 * DAY)
    assert (found.since, found.until) == (17_000 * DAY, 17_003 * DAY - 1)
    assert found.days == tuple(Day(day, 10, 10, 1, 1, 2, 7) for day in (0, 17_000, 17_002, 24_000))


async def test_the_file_of_koiwai_stats_comes_first(stage: Stage, tmp_path: Path) -> None:
    stage.board()
    stage.posts({"num": 1, "thread_num": 1})
    async with opened(stage, tmp_path) as archive:
        board = archive.board("g")
        first = await archive.statistics(board)
        assert first is not None and (first.source, first.posts) == ("sample", 1)
        file = written(tmp_path, MADE)
        assert await archive.statistics(board) == MADE
        written(tmp_path, msgspec.structs.replace(MADE, posts=8))
        later = await archive.statistics(board)
        assert later is not None and later.posts == 8
        file.unlink()
        assert await archive.statistics(board) == first


async def test_what_moderators_took_away_since_is_left_out(stage: Stage, tmp_path: Path) -> None:
    stage.board()
    stage.posts({"num": 1, "thread_num": 1})
    written(tmp_path, MADE)
    async with opened(stage, tmp_path) as archive:
        board = archive.board("g")
        assert await archive.statistics(board) == MADE
        board.shared_bans = frozenset({media_hash(1)})  # another board has banned what all boards share
        elsewhere = await archive.statistics(board)
        assert elsewhere is not None and elsewhere.images == MADE.images[1:]
        board.shared_bans = frozenset()
        stage.add("g_images", {"media_hash": media_hash(1), "total": 3, "banned": 1})
        stage.add("g_deleted", {"num": 9, "subnum": 0, "thread_num": 9, "timestamp": NOON, "timestamp_expired": 0})
        await board.refresh()
        found = await archive.statistics(board)
        assert found is not None
        assert ([thread.num for thread in found.threads], found.images) == ([1], ())


@on_one_database
@pytest.mark.parametrize(
    "contents",
    [
        b"",
        b"\xff\xfe",
        b"[]",
        b'{"board": "g"}',
        b'{"board": 5',
        msgspec.json.encode(msgspec.structs.replace(MADE, board="b")),
    ],
)
async def test_files_that_hold_no_statistics(
    stage: Stage, tmp_path: Path, contents: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    stage.board()
    stage.post(1)
    file = written(tmp_path, MADE)
    file.write_bytes(contents)
    async with opened(stage, tmp_path) as archive:
        for _ in range(2):
            found = await archive.statistics(archive.board("g"))
            assert found is not None and found.source == "sample"
    (line,) = [record.getMessage() for record in caplog.records if record.name == "koiwai.statistics"]
    assert line.startswith(str(file)) and line.endswith("koiwai stats makes it anew.")


async def test_all_who_ask_share_one_look(stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stage.board()
    stage.posts(*invented(30))
    async with opened(stage, tmp_path) as archive:
        board = archive.board("g")
        recorder = Recorder(monkeypatch)
        found = await asyncio.gather(*(archive.statistics(board) for _ in range(20)))
        asked = len(recorder.statements)
        assert asked and found[0] is not None and all(each is found[0] for each in found)
        assert await archive.statistics(board) is found[0]
        assert len(recorder.statements) == asked
        assert asked < 12


@on_one_database
async def test_a_database_that_fails_leaves_the_old_ones(stage: Stage, tmp_path: Path) -> None:
    outcomes: Iterator[Any] = iter([1, Unavailable("away"), ValueError("odd"), 2])

    async def make() -> int:
        outcome = next(outcomes)
        if isinstance(outcome, Exception):
            raise outcome
        return int(outcome)

    kept = Kept("numbers", make, good_for=0)
    found = []
    for _ in range(5):
        found.append(await kept.get(5))
        await asyncio.sleep(0)
        kept._due = float("-inf")
        await asyncio.sleep(0)
    assert found[0] == 1 and set(found) <= {1, 2}
    await kept.close()


async def test_nobody_waits_longer_than_he_likes() -> None:
    never = asyncio.Event()
    made: list[int] = []

    async def make() -> int:
        await never.wait()
        made.append(1)
        return 5

    kept = Kept("numbers", make, good_for=100)
    assert await kept.get(0) is None
    never.set()
    assert await kept.get(5) == 5
    assert await kept.get(0) == 5 and made == [1]
    waiting = Kept("numbers", asyncio.Event().wait, good_for=100)
    assert await waiting.get(0) is None
    await waiting.close()  # leaves no task behind


@pytest.mark.parametrize("clock", ["utc", "new_york"])
async def test_the_last_hours(stage: Stage, tmp_path: Path, clock: str) -> None:
    stage.board(clock=clock)
    now = true_time(NOON, clock) + 10
    ghost = true_time(NOON, "new_york") - true_time(NOON, clock)
    stage.posts(
        {"num": 1, "thread_num": 1, "timestamp": NOON - DAY - 60, "email": None},
        {"num": 2, "thread_num": 1, "timestamp": NOON - 7_200, "email": "sage"},
        {"num": 3, "thread_num": 1, "timestamp": NOON - 7_100, "email": None},
        {"num": 4, "thread_num": 1, "timestamp": NOON, "email": None},
        {"num": 5, "thread_num": 1, "timestamp": NOON + 5 * 86_400, "email": None},
    )
    stage.posts({"num": 4, "thread_num": 1, "subnum": 1, "timestamp": NOON - ghost, "email": "sage"})
    async with opened(stage, tmp_path) as archive:
        found = await recent(archive.board("g"), now)
    assert found is not None
    assert [(moment.posts, moment.sage) for moment in found.posts] == [(2, 1), (1, 0)]
    assert all(moment.time % 300 == 0 for moment in found.posts)
    assert [(moment.posts, moment.sage) for moment in found.ghosts] == [(1, 1)]
    assert (found.last_hour, found.last_hour_ghosts) == (1, 1)


async def test_without_an_index_by_time_the_last_hours_are_not_known(stage: Stage, tmp_path: Path) -> None:
    stage.board(writer="oldasagi")
    stage.post(1)
    async with opened(stage, tmp_path) as archive:
        assert await archive.recent(archive.board("g")) is None


async def test_no_request_reads_through_a_board(walked: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of 20,000 posts."""
    async with walked_archive(walked, Pace(1)) as archive:
        board = archive.board("g")
        with monkeypatch.context() as patch:
            recorder = Recorder(patch)
            found = await glance(board, "Anonymous", NOON)
            await recent(board, 1_600_000_000 + 600 * 20_000)
        costs = recorder.costs(walked)
    assert found.posts > SAMPLE - 50 and len(found.threads) == 20
    shown = "\n".join(f"{cost.rows} {cost.statement.text}\n    {cost.plan}" for cost in costs)
    assert all(cost.rows <= 2_500 for cost in costs), shown
    assert sum(cost.rows for cost in costs) <= 20_000, shown


def test_what_has_no_index_is_not_asked_for() -> None:
    bare = Table("g", frozenset({"num", "thread_num", "timestamp"}), (), is_table=True)
    beside = {
        "daily": Table("g_daily", frozenset({"day", "posts"}), (), is_table=True),
        "users": Table("g_users", frozenset({"name", "trip", "postcount"}), (), is_table=True),
    }
    images = Table("g_images", frozenset({"media_id", "media_hash", "total"}), (), is_table=True)
    queries = StatisticsQueries(SqliteDialect(), BoardTables(bare, None, images, None, None, **beside))
    assert queries.place is None
    asked = (
        queries.last_place(),
        queries.newest(None, 9, small=False),
        queries.since(0, 9),
        queries.days(),
        queries.posters(9),
        queries.most_posted(9),
    )
    assert asked == (None,) * 6
    assert queries.newest(None, 9, small=True) is not None
