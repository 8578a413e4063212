"""A search whose time is up, whose database hangs, or for which there is no room."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from app.archive import Archive
from app.db.base import Sql
from app.db.pooled import PooledDatabase
from app.engines import Hit
from app.engines.choosing import by_tables
from app.engines.matching import matches_in
from app.engines.pacing import Pace
from app.engines.walking import MOST_PAGES, WalkingEngine
from app.errors import BadRequest, Unavailable
from app.settings import DbSettings, SearchSettings, Settings
from app.settings.database import PoolSettings
from tests.support.databases import POSTS, SLOW, Place, eventually, fresh_place
from tests.support.recorder import Recorder
from tests.support.walked import SIZES, asked, day_of, everything, ids, opened, walked

__all__ = ["walked"]

WINDOW = {"start": day_of(4_000), "end": day_of(14_000)}
# A search with how many posts, or threads, it means.
SEARCHES = {
    "rare": (asked(boards="g", text="rare"), 11),
    "rare, oldest first": (asked(boards="g", text="rare", order="asc"), 11),
    "two boards": (asked(boards="g.po", text="rare"), 12),
    "two boards, oldest first": (asked(boards="g.po", text="rare", order="asc"), 12),
    "most posts": (asked(boards="po", text="-rare"), 2_007),
    "most posts, oldest first": (asked(boards="po", text="-rare", order="asc"), 2_007),
    "by an index": (asked(boards="g.po", username="=Bob"), 220),
    "a word of ghost posts": (asked(boards="g", text="boo"), 80),
    "ghost posts": (asked(boards="g.po", ghost="only"), 88),
    "dates": (asked(boards="g", text="rare", **WINDOW), 6),
    "dates with ghost posts": (asked(boards="g", text="boo", start=day_of(20_001)), 80),
    "threads": (asked(boards="g.po", username="=Bob", results="thread"), 220),
    "threads of a common word": (asked(boards="po", text="common", results="thread"), 40),
    "replies by what opened the thread": (asked(boards="g", op="routers"), 980),
}


class Clock:
    """Stands in for the module `time` where it is asked: each look at it takes so many seconds."""

    def __init__(self, each: float) -> None:
        self.now = 0.0
        self.each = each

    def monotonic(self) -> float:
        self.now += self.each
        return self.now


@pytest.mark.parametrize("search", SEARCHES)
async def test_pages_that_stop_early_make_up_the_whole(
    walked: Place, search: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, numbers in (("walk._FIRST_PIECE", 200), ("walk._LARGEST_PIECE", 1_000), ("in_place._MOST_GHOSTS", 3)):
        monkeypatch.setattr(f"app.engines.sql.{name}", numbers)
    query, total = SEARCHES[search]
    async with opened(walked, Pace(300, counting=0)) as archive:
        boards = [archive.board(name) for name in query.boards]
        whole = await everything(archive, query)
        assert len(set(ids(whole))) == len(whole) == total

        limit = max(7, total // 20)
        monkeypatch.setattr("app.engines.pacing.time", Clock(1.0))
        engine = WalkingEngine(by_tables, Pace(budget=30.0, counting=0), at_once=1)
        found: list[Hit] = []
        cursor, stops, seen, horizon = None, 0, 0, None
        while True:
            page = await engine.search(query, boards, limit=limit, cursor=cursor)
            found += page.hits
            if not page.stopped:
                assert len(page.hits) == limit or page.cursor is None
            else:
                stops += 1
                assert len(page.hits) < limit and page.cursor is not None
            assert seen + len(page.hits) <= page.total <= total
            if page.cursor is None:
                break
            assert page.cursor != cursor
            if page.stopped and page.reached is not None:
                if horizon is not None:
                    assert page.reached >= horizon if query.oldest_first else page.reached <= horizon
                horizon = page.reached
            cursor, seen = page.cursor, seen + len(page.hits)
        assert ids(found) == ids(whole)
        if "rare" in search:
            assert stops > 0


async def test_others_get_their_turn_while_long_comments_are_compared(
    walked: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    turns = 0

    async def count_turns() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    columns = ("num", "subnum", "thread_num", "timestamp", "comment")
    rows = [(num, 0, 1, 1_600_000_000, "a common word") for num in range(1, 101)]
    async with opened(walked, Pace(300)) as archive:
        others = asyncio.create_task(count_turns())
        monkeypatch.setattr("app.engines.matching.time", Clock(1.0))
        found = await matches_in(archive.board("g"), rows, columns, asked(text="common").filters)
        others.cancel()
    assert len(found) == len(rows) <= turns + 1


async def test_without_any_progress_the_engine_is_away(walked: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    async with opened(walked, Pace(2.0, counting=0)) as archive:
        monkeypatch.setattr("app.engines.pacing.time", Clock(1.5))
        with pytest.raises(Unavailable, match="takes too long"):
            await archive.search(asked(boards="g", text="rare"))


async def test_a_statement_that_hangs_is_cut(walked: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    fetch = PooledDatabase.fetch
    asked_for = 0

    async def hanging(database: PooledDatabase[Any], sql: Sql) -> list[tuple[Any, ...]]:
        nonlocal asked_for
        asked_for += "LIKE" in sql.text or " ~ " in sql.text
        return await fetch(database, Sql(SLOW[walked.kind]) if asked_for == 2 else sql)

    async with opened(walked, Pace(1.5, counting=300)) as archive:
        with monkeypatch.context() as patch:
            patch.setattr(PooledDatabase, "fetch", hanging)
            query = asked(boards="g", text="common")
            boards = [archive.board("g")]
            found = await asyncio.wait_for(archive._engine.search(query, boards, limit=250), 60)
        assert found.stopped and found.cursor is not None and found.reached is not None
        assert 0 < len(found.hits) < 250
        database = boards[0].database
        assert await eventually(lambda: database.stats().idle == database.stats().size, 30)
        archive._engine = WalkingEngine(by_tables, Pace(300, counting=0), at_once=1)
        following = await archive._engine.search(query, boards, limit=5, cursor=found.cursor)
        assert len(following.hits) == 5 and not following.stopped
        assert following.hits[0].id < found.hits[-1].id


async def test_searches_wait_for_room(walked: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    fetch, arrived, goes_on = PooledDatabase.fetch, asyncio.Event(), asyncio.Event()

    async def held(database: PooledDatabase[Any], sql: Sql) -> list[tuple[Any, ...]]:
        arrived.set()
        await goes_on.wait()
        return await fetch(database, sql)

    async with opened(walked, Pace(300, counting=0)) as archive:
        engine, boards, query = archive._engine, [archive.board("g")], asked(boards="g", text="common")
        with monkeypatch.context() as patch:
            patch.setattr(PooledDatabase, "fetch", held)
            first = asyncio.create_task(engine.search(query, boards, limit=5))
            await arrived.wait()
            second = asyncio.create_task(engine.search(query, boards, limit=5))
            await asyncio.sleep(0)  # now it waits
            engine._pace = Pace(0.05)
            with pytest.raises(Unavailable, match="Too many searches"):
                await engine.search(query, boards, limit=5)
            engine._pace = Pace(300, counting=0)
            assert not first.done() and not second.done()
            goes_on.set()
            assert (await first).hits == (await second).hits != ()


async def test_a_full_page_is_not_called_stopped(walked: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    async with opened(walked, Pace(300)) as archive:
        monkeypatch.setattr("app.engines.pacing.time", Clock(1.0))
        engine = WalkingEngine(by_tables, Pace(budget=10.0, counting=300), at_once=1)
        found = await engine.search(asked(boards="g", text="common"), [archive.board("g")], limit=5)
        assert len(found.hits) == 5 < found.total and not found.exact and not found.stopped
        assert found.cursor is not None


async def test_nobody_counts_on_while_others_wait(walked: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    fetch, goes_on = PooledDatabase.fetch, asyncio.Event()

    async def held(database: PooledDatabase[Any], sql: Sql) -> list[tuple[Any, ...]]:
        await goes_on.wait()
        return await fetch(database, sql)

    async with opened(walked, Pace(300, counting=300)) as archive:
        boards, query = [archive.board("g")], asked(boards="g", text="common")
        with monkeypatch.context() as patch:
            patch.setattr(PooledDatabase, "fetch", held)
            first, second = (asyncio.create_task(archive._engine.search(query, boards, limit=5)) for _ in range(2))
            await asyncio.sleep(0)
            goes_on.set()
            assert not (await first).exact
            assert (await second).exact


async def test_pages_by_number(walked: Place) -> None:
    async with opened(walked, Pace(300, counting=0)) as archive:
        query = asked(boards="g.po", username="=Bob")
        boards = [archive.board(name) for name in query.boards]
        whole = await everything(archive, query)
        pages = [await archive._engine.search(query, boards, limit=50, page=number) for number in range(1, 7)]
        assert [len(page.hits) for page in pages] == [50, 50, 50, 50, 20, 0]
        assert [hit for page in pages for hit in page.hits] == whole
        assert [page.cursor is None for page in pages] == [False] * 4 + [True] * 2
        for wrong in (0, -1, MOST_PAGES + 1):
            with pytest.raises(BadRequest, match="page"):
                await archive._engine.search(query, boards, limit=50, page=wrong)


@pytest.mark.parametrize(
    ("seconds", "word", "sizes"),
    [(0.0, "absent", [100, 400, 800, 700]), (0.0, "common", [100] * 20), (1.0, "absent", [100, *[50] * 38])],
    ids=["quick", "quick but full", "slow"],
)
async def test_pieces_grow_and_shrink(
    walked: Place, seconds: float, word: str, sizes: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    pace = {"_FIRST_PIECE": 100, "_SMALLEST_PIECE": 50, "_LARGEST_PIECE": 800, "_FEWEST_ROWS": 20, "_MOST_ROWS": 20}
    for name, number in pace.items():
        monkeypatch.setattr(f"app.engines.sql.walk.{name}", number)
    monkeypatch.setattr("app.engines.sql.walk.time", Clock(seconds))
    async with opened(walked, Pace(300, counting=0)) as archive:
        recorder = Recorder(monkeypatch)
        query = asked(boards="po", text=word)
        await archive._engine.search(query, [archive.board("po")], limit=1_000)
    # One that goes on in a piece ends where that ends.
    highest: dict[int, int] = {}
    for sql in recorder.statements:
        if "LIKE" in sql.text:
            highest.setdefault(sql.args[0], sql.args[1])
    pieces = list(highest.items())
    assert pieces[0][1] == SIZES["po"] and pieces[-1][0] == 1
    assert [high - low + 1 for low, high in pieces] == sizes


async def test_a_post_that_has_two_rows_is_found_once(request: pytest.FixtureRequest, tmp_path: Path) -> None:
    """A page that ended between the two would lead to itself."""
    with fresh_place("sqlite", request, tmp_path) as place:
        for board in SIZES:
            place.create(board, POSTS)
        place.execute(
            *(
                f"INSERT INTO g (num, subnum, thread_num, timestamp, comment) VALUES ({num}, 0, 1, {num}, '{comment}')"
                for num, comment in ((1, "word"), (5, "word"), (5, "word again"), (9, "word"))
            )
        )
        async with opened(place, Pace(300)) as archive:
            boards, query = [archive.board("g")], asked(boards="g", text="word")
            found: list[int] = []
            cursor = None
            for _ in range(3):
                page = await archive._engine.search(query, boards, limit=1, cursor=cursor)
                found += [hit.id.num for hit in page.hits]
                cursor = page.cursor
            assert found == [9, 5, 1] and cursor is None


@pytest.mark.parametrize(("wanted", "statement", "budget"), [(4.0, 10.0, 4.0), (9.0, 10.0, 8.0), (4.0, 1.0, 0.8)])
def test_a_search_ends_before_the_database_ends_a_statement(wanted: float, statement: float, budget: float) -> None:
    """Else what was found until then would be lost in an error."""
    settings = Settings(
        db=DbSettings(pool=PoolSettings(statement_timeout=statement)), search=SearchSettings(time_budget=wanted)
    )
    engine = Archive(settings)._engine
    assert isinstance(engine, WalkingEngine) and engine._pace.budget == pytest.approx(budget)
