"""Random searches over random archives find on every database what a plain filter finds, in its order."""

import random
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from app.archive import Archive
from app.engines.choosing import by_tables
from app.engines.pacing import Pace
from app.engines.walking import WalkingEngine
from app.search import FIELDS, read_query
from app.settings import Settings
from tests.support.databases import Place, fresh_place
from tests.support.search_archives import PLANS, invent, settings_of
from tests.support.search_asking import MAKERS, Search, search_with
from tests.support.search_model import Id, find, merged
from tests.support.search_tables import load

SEED = 4
BOARDS = {plan.name: invent(plan, SEED) for plan in PLANS}
SEARCHES_PER_FIELD = 6

WAYS = {
    # A board that is read through at once; one that is walked in small steps; one whose indexes lead to the posts.
    "at once": {},
    "in steps": {
        "walk._FIRST_PIECE": 16,
        "walk._SMALLEST_PIECE": 4,
        "walk._FEWEST_ROWS": 5,
        "walk._MOST_ROWS": 11,
        "walk.RARE": -1,
        "dates._NEAREST": 9,
    },
    "by index": {"walk._FEWEST_ROWS": 5, "walk._MOST_ROWS": 11},
}


@pytest.fixture(scope="module", params=["sqlite", "mysql", "postgresql"])
def place(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    with fresh_place(request.param, request, tmp_path_factory.mktemp("searched")) as place:
        load(place, PLANS, list(BOARDS.values()))
        yield place


def test_every_field_is_searched_for() -> None:
    assert MAKERS.keys() == {field.key for field in FIELDS}


@pytest.mark.parametrize("way", WAYS)
async def test_finds_what_a_plain_filter_finds(place: Place, way: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in WAYS[way].items():
        monkeypatch.setattr(f"app.engines.sql.{name}", value)
    async with _opened(place, small=way == "at once") as archive:
        for key in MAKERS:
            for nth in range(SEARCHES_PER_FIELD):
                await _check(archive, _search(f"{way} {key} {nth}", key, telling=nth == 0))


@pytest.mark.parametrize("key", ["username", "email", "tripcode"])
async def test_values_for_which_a_column_has_no_room(place: Place, key: str) -> None:
    async with _opened(place, small=False) as archive:
        for value in ("Bob🐈", "🐈", "x" * 100):
            asked = {key: value if key == "tripcode" else f"={value}"}
            await _check(archive, Search(asked, tuple(BOARDS), False, False, 10, False, False))


@asynccontextmanager
async def _opened(place: Place, *, small: bool) -> AsyncIterator[Archive]:
    boards = {plan.name: settings_of(plan, BOARDS[plan.name]) for plan in PLANS}
    archive = Archive(Settings(db=place.settings(), boards=boards))
    await archive.open()
    try:
        for name in BOARDS:
            archive.board(name).small = small
        yield archive
    finally:
        await archive.close()


def _search(seed: str, key: str, *, telling: bool) -> Search:
    """A search with a field; a telling one has nothing else and finds some posts, but not all."""
    rng, boards = random.Random(f"{SEED} {seed}"), list(BOARDS.values())
    for _ in range(100):
        search = search_with(key, rng, boards, plainly=telling)
        found = find([BOARDS[name] for name in search.boards], search.asked, oldest_first=True, by_thread=False)
        if not telling or 0 < sum(map(len, found.values())) < sum(len(BOARDS[name].posts) for name in search.boards):
            return search
    raise AssertionError(f"no search with the field {key} tells anything")


async def _check(archive: Archive, search: Search) -> None:
    """Walks through all pages of a search."""
    boards = [BOARDS[name] for name in search.boards]
    expected = find(boards, search.asked, oldest_first=search.oldest_first, by_thread=search.by_thread)
    total = sum(map(len, expected.values()))
    search.limit = max(search.limit, total // 4)
    query = read_query(search.pairs(), BOARDS).query
    # Time is never up; a search that does not count stops as soon as its page is full.
    archive._engine = WalkingEngine(by_tables, Pace(60.0, counting=60.0 if search.counting else 0.0), at_once=1)
    found: list[Id] = []
    where: dict[str, Any] = {}
    for page in range(2, total // search.limit + 4):
        result = await archive.search(query, limit=search.limit, **where)
        found += [(post.board, post.num, post.subnum) for post in result.posts]
        assert result.total == total if result.exact else len(found) <= result.total <= total, search
        assert result.outcome == ("found" if result.posts else "nothing found"), search
        if result.cursor is None:
            assert result.exact, search
            assert result.reached is None, search
            break
        assert len(result.posts) == search.limit, search
        where = {"page": page} if search.by_number else {"cursor": result.cursor}
    else:
        pytest.fail(f"there is always another page: {search}")
    for name, ids in expected.items():
        assert [each[1:] for each in found if each[0] == name] == ids, search
    in_order = merged(boards, search.asked, oldest_first=search.oldest_first, by_thread=search.by_thread)
    if in_order is not None:
        assert found == in_order, search
