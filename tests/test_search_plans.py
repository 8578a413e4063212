"""What searches read: whichever way leads to the posts, no database reads much more than that way needs."""

import pytest

from app.engines.pacing import Pace
from app.search import Query
from tests.support.databases import Place
from tests.support.recorder import Recorder
from tests.support.walked import SIZES, asked, day_of, hash_of, opened, walked

__all__ = ["walked"]

ALL = SIZES["g"]
# A search with the rows that it may read. Each look by number reads a row or two; 26 hits fill a page.
SEARCHES = {
    "common word": (asked(boards="g", text="common"), 2_500),
    "oldest first": (asked(boards="g", text="common", order="asc"), 2_500),
    "rare word": (asked(boards="g", text="rare"), 3 * ALL),
    "absent word": (asked(boards="g", text="absent"), 3 * ALL),
    "absent, oldest first": (asked(boards="g", text="absent", order="asc"), 3 * ALL),
    "rare name": (asked(boards="g", username="=Bob"), 1_500),
    "common name": (asked(boards="g", username="=Anonymous"), 9_000),
    "absent name": (asked(boards="g", username="=Nobody"), 50),
    "tripcode": (asked(boards="g", tripcode="!trip"), 500),
    "hash": (asked(boards="g", image=hash_of(9_000)), 50),
    "one day": (asked(boards="g", start=day_of(8_000), end=day_of(8_000)), 1_500),
    "one day, absent word": (asked(boards="g", text="absent", start=day_of(8_000), end=day_of(8_000)), 1_500),
    "ghost posts": (asked(boards="g", ghost="only"), 500),
    "thread": (asked(boards="g", tnum="5001"), 250),
    "op": (asked(boards="g", op="routers"), 4 * ALL),
    "op, rare name": (asked(boards="g", op="routers", username="=Bob"), 2_500),
    "threads": (asked(boards="g", text="common", results="thread"), 12_000),
    "two boards": (asked(boards="g.po", text="common"), 5_000),
}


@pytest.fixture(autouse=True)
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """Many pieces, so that one that reads what lies beyond it is noticed."""
    for name, numbers in (("_FIRST_PIECE", 500), ("_SMALLEST_PIECE", 500), ("_LARGEST_PIECE", 1_000), ("RARE", 1_000)):
        monkeypatch.setattr(f"app.engines.sql.walk.{name}", numbers)


async def rows_read(place: Place, query: Query, cursor: str | None = None) -> tuple[int, str | None, str]:
    """How many rows a search reads, where its next page begins, and what each statement reads, to be shown."""
    async with opened(place, Pace(300, counting=0)) as archive:
        with pytest.MonkeyPatch.context() as patch:
            recorder = Recorder(patch)
            found = await archive._engine.search(
                query, [archive.board(name) for name in query.boards], limit=25, cursor=cursor
            )
        costs = recorder.costs(place)
    shown = "\n".join(f"{cost.rows} {cost.statement.text} {cost.statement.args}\n    {cost.plan}" for cost in costs)
    return sum(cost.rows for cost in costs), found.cursor, shown


@pytest.mark.parametrize("search", SEARCHES)
async def test_a_search_reads_what_it_needs(walked: Place, search: str) -> None:
    query, most = SEARCHES[search]
    rows, _, shown = await rows_read(walked, query)
    assert rows <= most, shown[:20_000]


async def test_a_later_page_reads_no_more_than_the_first(walked: Place) -> None:
    query, most = SEARCHES["common word"]
    later = "1000~g.1000"
    rows, cursor, shown = await rows_read(walked, query, later)
    assert cursor is not None and rows <= most, shown[:20_000]


async def test_numbers_that_nobody_has_are_leapt_over(walked: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    for direction in ("asc", "desc"):
        async with opened(walked, Pace(300, counting=0)) as archive:
            recorder = Recorder(monkeypatch)
            query = asked(boards="g", text="absent", order=direction)
            await archive._engine.search(query, [archive.board("g")], limit=25)
            assert len(recorder.statements) < 200


async def test_going_on_in_a_piece_reads_on(walked: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, number in (("_FIRST_PIECE", 10_000), ("_FEWEST_ROWS", 50), ("_MOST_ROWS", 50)):
        monkeypatch.setattr(f"app.engines.sql.walk.{name}", number)
    # PostgreSQL sorts what is left of a piece each time: that is why pieces of many matches do not grow.
    most = 300_000 if walked.kind == "postgresql" else 30_000
    for order in ("asc", "desc"):
        query = asked(boards="g", text="common", order=order)
        async with opened(walked, Pace(300, counting=0)) as archive:
            with pytest.MonkeyPatch.context() as patch:
                recorder = Recorder(patch)
                await archive._engine.search(query, [archive.board("g")], limit=1_900)
            costs = recorder.costs(walked)
        assert len(costs) > 30
        assert sum(cost.rows for cost in costs) <= most, costs[-1]


async def test_whether_a_name_is_rare_is_soon_known(walked: Place) -> None:
    """Also on databases whose index has it among names that many have, in another letter case."""
    async with opened(walked, Pace(300, counting=0)) as archive:
        with pytest.MonkeyPatch.context() as patch:
            recorder = Recorder(patch)
            query = asked(boards="g", username="=anonymous")
            await archive._engine.search(query, [archive.board("g")], limit=25)
        (counting,) = (cost for cost in recorder.costs(walked) if "SELECT COUNT(*) FROM (" in cost.statement.text)
    assert counting.rows <= 2_500, counting
