"""Random searches over random archives find by every engine, on every database, what a plain filter finds, in order.

What an index finds otherwise stands in `tests/support/search_engines.py`, and the filter applies it.
"""

import random
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import pytest
from msgspec import Struct

from app.archive import Archive
from app.engines import Engine
from app.engines.pacing import Pace
from app.search import FIELDS, read_query
from app.settings import BoardSettings, Settings
from tests.support.databases import Place, fresh_place
from tests.support.search_archives import PLANS, invent, settings_of
from tests.support.search_asking import MAKERS, Search, search_with
from tests.support.search_engines import DIFFERENCES, PLACES, SearchEngine, engine_on, words_of
from tests.support.search_model import Everywhere, Id, find, merged
from tests.support.search_tables import load
from tests.support.sphinx import Sphinx

SEED = 4
BOARDS = {plan.name: invent(plan, SEED) for plan in PLANS}
EACH = 6
"""Searches for each field, the first of them a telling one. Of the first two, "make test" has both in the second way,
which is the one of small steps, and one of them in the others."""
ALL = pytest.mark.parametrize("all_of_them", [False, pytest.param(True, marks=pytest.mark.full)], ids=["some", "all"])
MOST_WAYS = 4
"""That an engine has."""


@pytest.fixture(scope="module", params=PLACES, ids="-".join)
def stage(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    sphinx: Callable[..., Sphinx],
) -> Iterator[tuple[SearchEngine, Place]]:
    """An engine over the invented boards."""
    name, kind = request.param
    with fresh_place(kind, request, tmp_path_factory.mktemp("searched")) as place:
        load(place, PLANS, list(BOARDS.values()))
        yield engine_on(name, place, _settings(), sphinx, tmp_path_factory.mktemp("settings")), place


def _settings() -> dict[str, BoardSettings]:
    return {plan.name: settings_of(plan, BOARDS[plan.name]) for plan in PLANS}


def test_every_field_is_searched_for() -> None:
    assert MAKERS.keys() == {field.key for field in FIELDS}


@pytest.mark.parametrize("nth", range(MOST_WAYS))
@ALL
async def test_finds_what_a_plain_filter_finds(
    stage: tuple[SearchEngine, Place], nth: int, all_of_them: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine, place = stage
    assert len(engine.ways) <= MOST_WAYS
    if nth >= len(engine.ways):
        return
    way = list(engine.ways)[nth]
    for name, value in engine.ways[way].items():
        monkeypatch.setattr(f"app.engines.{name}", value)
    async with _opened(engine, place, way) as searcher:
        for row, key in enumerate(MAKERS):
            for each in range(EACH) if all_of_them else (0, 1) if nth == 1 else ((row + nth) % 2,):
                await searcher.check(_search(engine, f"{way} {key} {each}", key, telling=each == 0))


OTHERS = sorted(MAKERS.keys() - {"text", "subject", "op", "username", "tripcode", "email", "uid", "country"})


WORDS = ("cat", "foo", "a*", "猫", "2021")


@ALL
async def test_words_together_with_every_other_field(stage: tuple[SearchEngine, Place], all_of_them: bool) -> None:
    """An engine that is asked for words may be asked for more at the same time."""
    engine, place = stage
    async with _opened(engine, place, "at once") as searcher:
        for row, key in enumerate(OTHERS):
            rng = random.Random(f"{SEED} {key}")
            for word in WORDS if all_of_them else (WORDS[row % len(WORDS)],):
                search = search_with(key, rng, [BOARDS[name] for name in engine.boards], plainly=True)
                search.asked["text"] = word
                search.boards = engine.boards
                await searcher.check(search)


@pytest.mark.parametrize("key", ["username", "email", "tripcode"])
async def test_values_for_which_a_column_has_no_room(stage: tuple[SearchEngine, Place], key: str) -> None:
    engine, place = stage
    async with _opened(engine, place, "in steps") as searcher:
        for value in ("Bob🐈", "🐈", "x" * 100):
            asked = {key: value if key == "tripcode" else f"={value}"}
            await searcher.check(Search(asked, engine.boards, False, False, 10, False, False))


BESIDE_OTHERS = [
    {"filename": "off"},
    {"username": "b"},
    {"username": "bob*"},
    {"text": "a"},
    {"subject": "cat"},
    {"subject": "猫"},
]


async def test_words_beside_what_an_index_may_take_for_letters(stage: tuple[SearchEngine, Place]) -> None:
    engine, place = stage
    async with _opened(engine, place, "in steps") as searcher:
        for asked in BESIDE_OTHERS:
            await searcher.check(Search(asked, engine.boards, False, False, 10, False, False))


def test_differences_are_not_idle() -> None:
    for name, words in DIFFERENCES.items():
        boards = [BOARDS[plan.name] for plan in PLANS if not plan.lacking]
        usual, different = (
            [find(boards, asked, oldest_first=True, by_thread=False, words=each) for asked in BESIDE_OTHERS]
            for each in (Everywhere(), words)
        )
        assert (usual == different) == isinstance(words, Everywhere), name


@asynccontextmanager
async def _opened(engine: SearchEngine, place: Place, way: str) -> AsyncIterator["Searcher"]:
    archive = Archive(Settings(db=place.settings(), boards=_settings()))
    # Time is never up; a search that does not count stops as soon as its page is full.
    engines = {counting: engine.make(way, Pace(60.0, counting=60.0 if counting else 0.0)) for counting in (True, False)}
    await archive.open()
    try:
        for name in BOARDS:
            archive.board(name).small = way == "at once"
        yield Searcher(archive, engines, engine.name)
    finally:
        for each in engines.values():
            await each.close()
        await archive.close()


def _search(engine: SearchEngine, seed: str, key: str, *, telling: bool) -> Search:
    """A search with a field; a telling one has nothing else and finds some posts, but not all."""
    rng, boards = random.Random(f"{SEED} {seed}"), [BOARDS[name] for name in engine.boards]
    for _ in range(100):
        search = search_with(key, rng, boards, plainly=telling)
        words = words_of(engine.name, search.asked)
        chosen = [BOARDS[name] for name in search.boards]
        found = find(chosen, search.asked, oldest_first=True, by_thread=False, words=words)
        if not telling or 0 < sum(map(len, found.values())) < sum(len(board.posts) for board in chosen):
            return search
    raise AssertionError(f"no search with the field {key} tells anything")


class Searcher(Struct):
    """An archive that is searched by one engine, in one way."""

    archive: Archive
    engines: Mapping[bool, Engine]
    """With counting, and without."""
    engine: str

    async def check(self, search: Search) -> None:
        """Walks through all pages of a search."""
        boards = [BOARDS[name] for name in search.boards]
        ways: dict[str, Any] = {"oldest_first": search.oldest_first, "by_thread": search.by_thread}
        ways["words"] = words_of(self.engine, search.asked)
        expected = find(boards, search.asked, **ways)
        total = sum(map(len, expected.values()))
        search.limit = max(search.limit, total // 4)
        query = read_query(search.pairs(), BOARDS).query
        self.archive._engine = self.engines[search.counting]
        found: list[Id] = []
        where: dict[str, Any] = {}
        for page in range(2, total // search.limit + 4):
            result = await self.archive.search(query, limit=search.limit, **where)
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
        in_order = merged(boards, search.asked, **ways)
        if in_order is not None:
            assert found == in_order, search
