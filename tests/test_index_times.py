"""Times in searches by the index: compared one by one, looked up in all, or by days; and where a search stands."""

from pathlib import Path

import pytest

from app.engines.tantivy.plan import Plan
from app.engines.tantivy.shelf import current_index, folder_of
from app.engines.tantivy.snapshot import Snapshot, open_index
from app.engines.tantivy.windows import Cell, Windows, from_the_far_end
from app.model import PostId
from app.search import read_query
from tests.support.indexes import app_of, archive_of, asked, numbers_found, updated
from tests.support.stage import Stage, stage

__all__ = ["stage"]

DAY = 86_400
FIRST = 1_600_041_600  # 2020-09-14, midnight
HOURS = range(0, 72, 3)

# How few posts must be left for their times to be fetched, and for days to be left out.
WAYS = {"one by one": (1_000, 20_000), "in all": (0, 20_000), "by days": (0, 0)}


@pytest.fixture(params=WAYS.values(), ids=WAYS)
async def state(request: pytest.FixtureRequest, stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Posts with numbers of hours since 2020-09-14 (and 1), each in one of four threads."""
    for name, value in zip(("_VERY_FEW", "_FEW"), request.param, strict=True):
        monkeypatch.setattr(f"app.engines.tantivy.plan.{name}", value)
    stage.board()
    stage.posts(
        *(
            {"num": hour + 1, "thread_num": hour % 4 * 3 + 1, "timestamp": FIRST + hour * 3600, "comment": "word"}
            for hour in HOURS
        )
    )
    async with archive_of(stage, tmp_path) as archive:
        await updated(archive, "g")
    return tmp_path


ASKED = [
    ("2020-09-15", "2020-09-15", range(24, 48)),
    ("2020-09-15", "2020-09-16", range(24, 72)),
    ("2020-09-15 06:00", "2020-09-16", range(30, 72)),
    ("2020-09-15", "2020-09-16 12:00", range(24, 61)),
    ("2020-09-15 06:00:01", "2020-09-15 17:59:59", range(31, 42)),
    ("2020-09-16", "", range(48, 72)),
    ("", "2020-09-14 15:00", range(16)),
    ("2021", "2022", range(0)),
]
"""From, to, and the hours between."""


async def test_from_one_time_to_another(stage: Stage, state: Path) -> None:
    async with app_of(stage, state, "tantivy") as running:
        for start, end, hours in ASKED:
            expected = [hour + 1 for hour in HOURS if hour in hours]
            times = {name: value for name, value in (("start", start), ("end", end)) if value}
            for words in ("word", ""):
                assert await numbers_found(running, words, **times) == expected, (start, end)
                answer = await asked(running, words, limit="3", **times)
                assert (answer["total"], answer["exact"]) == (len(expected), True), (start, end)
                assert [hit["post"]["num"] for hit in answer["hits"]] == expected[::-1][:3], (start, end)


async def test_threads_of_a_time_come_once(stage: Stage, state: Path) -> None:
    """From page to page, whichever posts of theirs the pages before have met."""
    asking = {"start": "2020-09-15", "end": "2020-09-16", "results": "thread", "limit": "1"}
    async with app_of(stage, state, "tantivy") as running:
        answer = await asked(running, "word", **asking)
        seen = [hit["post"]["num"] for hit in answer["hits"]]
        while answer["cursor"] is not None:
            answer = await asked(running, "word", **asking, cursor=answer["cursor"])
            seen += [hit["post"]["num"] for hit in answer["hits"]]
    assert sorted(seen) == [1, 4, 7, 10]


@pytest.mark.parametrize("up", [False, True])
async def test_the_post_that_a_search_meets_last(stage: Stage, tmp_path: Path, up: bool) -> None:
    """Not a ghost post, whose time is another; across cells, some of which have nothing."""
    numbers = (5, 9, 4_100, 70_000, 140_000, 140_007)
    stage.board()
    stage.posts(
        *({"num": num, "thread_num": 5, "timestamp": FIRST + num} for num in numbers),
        *({"num": num, "subnum": 1, "thread_num": 5, "timestamp": FIRST} for num in (3, 140_009)),
    )
    async with archive_of(stage, tmp_path) as archive:
        await updated(archive, "g")
        query = read_query({"text": "post", "order": "asc" if up else "desc"}.items(), archive.boards, "g").query
        path = current_index(folder_of(tmp_path, "g"))
        assert path is not None
        snapshot = Snapshot(open_index(path))
        plan = Plan(snapshot, query, frozenset())
        cells = Windows(snapshot.searcher, snapshot.cells, 0, 2**31, oldest_first=up).take(10)
        last = plan.far_end(cells)
        assert last is not None and last.id == PostId(140_007 if up else 5)
        assert (last.thread_num, last.time) == (5, FIRST + last.id.num)
        only_a_ghost = [Cell("x", 3 << 12, (4 << 12) - 1, 1)]
        assert plan.far_end(only_a_ghost) is None


@pytest.mark.parametrize(("up", "numbers"), [(False, (0, 1, 3)), (True, (3, 1, 0))])
def test_small_cells_from_the_far_end(up: bool, numbers: tuple[int, ...]) -> None:
    cells = [Cell("a", 0, 8_191, 1), Cell("b", 12_288, 16_383, 1)]
    found = list(from_the_far_end(cells if up else cells[::-1], oldest_first=up))
    assert found == [f"2{number:05x}" for number in numbers]
