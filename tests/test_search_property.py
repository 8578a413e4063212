"""Random searches over random archives find by every engine, on every database, what a plain filter finds."""

import random
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from msgspec import Struct

from app.archive import Archive
from app.engines.choosing import by_tables
from app.engines.pacing import Pace
from app.engines.tantivy.indexes import Indexes
from app.engines.walking import Walker, WalkingEngine
from app.search import FIELDS, read_query
from app.settings import AppSettings, Settings
from tests.support import search_tokens
from tests.support.databases import Place, fresh_place
from tests.support.indexes import index_boards
from tests.support.search_archives import PLANS, invent, settings_of
from tests.support.search_asking import MAKERS, Search, search_with
from tests.support.search_model import HasWords, Id, find, has_words, merged
from tests.support.search_tables import load

SEED = 4
BOARDS = {plan.name: invent(plan, SEED) for plan in PLANS}
SEARCHES_PER_FIELD = 6


class Way(Struct, frozen=True):
    """An engine, and how it is made to take few posts for many."""

    engine: str
    bounds: dict[str, int] = {}
    small: bool = False
    """Whether boards may be read through at once."""


WORDS: dict[str, HasWords] = {"sql": has_words, "tantivy": search_tokens.has_words}
"""All in which the engines differ: whether texts have what was typed."""

WAYS = {
    # A board that is read through at once; one that is walked in small steps; one whose indexes lead to the posts.
    "at once": Way("sql", small=True),
    "in steps": Way(
        "sql",
        {
            "walk._FIRST_PIECE": 16,
            "walk._SMALLEST_PIECE": 4,
            "walk._FEWEST_ROWS": 5,
            "walk._MOST_ROWS": 11,
            "walk.RARE": -1,
            "dates._NEAREST": 9,
        },
    ),
    "by index": Way("sql", {"walk._FEWEST_ROWS": 5, "walk._MOST_ROWS": 11}),
    # All matches at once; in small windows, counted or not.
    "index at once": Way("tantivy"),
    "index in windows": Way(
        "tantivy",
        {
            "walk.FEW": 0,
            "walk.FEW_OPENERS": 0,
            "walk._SMALLEST_WINDOW": 4,
            "walk._LARGEST_FIRST_WINDOW": 9,
            "conditions.MOST_EXPANDED": 0,
        },
    ),
    "index uncounted": Way(
        "tantivy", {"walk.FEW": 5, "walk.COUNTED": 0, "walk.FEW_OPENERS": 3, "walk._SMALLEST_WINDOW": 7}
    ),
}


@pytest.fixture(scope="module", params=["sqlite", "mysql", "postgresql"])
def place(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    with fresh_place(request.param, request, tmp_path_factory.mktemp("searched")) as place:
        load(place, PLANS, list(BOARDS.values()))
        yield place


def test_every_field_is_searched_for() -> None:
    assert MAKERS.keys() == {field.key for field in FIELDS}


@pytest.fixture(scope="module")
def state(place: Place, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with the indexes of the boards."""
    state = tmp_path_factory.mktemp("state")
    index_boards(_settings(place, state))
    return state


@pytest.mark.parametrize("name", WAYS)
async def test_finds_what_a_plain_filter_finds(
    place: Place, state: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    way = WAYS[name]
    for bound, value in way.bounds.items():
        monkeypatch.setattr(f"app.engines.{way.engine}.{bound}", value)
    async with _opened(place, state, way) as (archive, walker):
        for key in MAKERS:
            for nth in range(SEARCHES_PER_FIELD):
                search = _search(f"{name} {key} {nth}", key, WORDS[way.engine], telling=nth == 0)
                await _check(archive, walker, search, WORDS[way.engine])


@pytest.mark.parametrize("engine", WORDS)
@pytest.mark.parametrize("key", ["username", "email", "tripcode"])
async def test_values_for_which_a_column_has_no_room(place: Place, state: Path, engine: str, key: str) -> None:
    async with _opened(place, state, Way(engine)) as (archive, walker):
        for value in ("Bob🐈", "🐈", "x" * 100):
            asked = {key: value if key == "tripcode" else f"={value}"}
            await _check(archive, walker, Search(asked, tuple(BOARDS), False, False, 10, False, False), WORDS[engine])


def _settings(place: Place, state: Path) -> Settings:
    boards = {plan.name: settings_of(plan, BOARDS[plan.name]) for plan in PLANS}
    return Settings(db=place.settings(), boards=boards, app=AppSettings(state=state))


@asynccontextmanager
async def _opened(place: Place, state: Path, way: Way) -> AsyncIterator[tuple[Archive, Walker]]:
    archive = Archive(_settings(place, state))
    indexes = Indexes(state, otherwise=None)
    await archive.open()
    try:
        for name in BOARDS:
            archive.board(name).small = way.small
        yield archive, {"sql": by_tables, "tantivy": indexes.walk}[way.engine]
    finally:
        await indexes.close()
        await archive.close()


def _search(seed: str, key: str, words: HasWords, *, telling: bool) -> Search:
    """A search with a field; a telling one has nothing else and finds some posts, but not all."""
    rng = random.Random(f"{SEED} {seed}")
    for _ in range(100):
        search = search_with(key, rng, list(BOARDS.values()), plainly=telling)
        boards = [BOARDS[name] for name in search.boards]
        found = find(boards, search.asked, oldest_first=True, by_thread=False, words=words)
        if not telling or 0 < sum(map(len, found.values())) < sum(len(BOARDS[name].posts) for name in search.boards):
            return search
    raise AssertionError(f"no search with the field {key} tells anything")


async def _check(archive: Archive, walker: Walker, search: Search, words: HasWords) -> None:
    """Walks through all pages of a search."""
    boards = [BOARDS[name] for name in search.boards]
    how: dict[str, Any] = {"oldest_first": search.oldest_first, "by_thread": search.by_thread, "words": words}
    expected = find(boards, search.asked, **how)
    total = sum(map(len, expected.values()))
    search.limit = max(search.limit, total // 4)
    query = read_query(search.pairs(), BOARDS).query
    # Time is never up; a search that does not count stops as soon as its page is full.
    archive._engine = WalkingEngine(walker, Pace(60.0, counting=60.0 if search.counting else 0.0), at_once=1)
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
    in_order = merged(boards, search.asked, **how)
    if in_order is not None:
        assert found == in_order, search
