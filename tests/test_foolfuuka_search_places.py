"""Pages of a search by number: each goes on where the one before ended, and a search out of time gets further."""

from __future__ import annotations

from typing import Any

import pytest

from app.api.foolfuuka import search_places
from app.api.foolfuuka.search_places import SearchPlaces
from app.archive import Archive
from app.search import Query
from app.search.outcome import SearchResult
from tests.support.foolfuuka import address
from tests.support.stage import NOON, Running, Stage, stage

__all__ = ["stage"]


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str | None, int]]:
    """The cursor and the page number of each search that the archive was asked for."""
    calls: list[tuple[str | None, int]] = []
    search = Archive.search

    async def noted(self: Archive, query: Query, **wanted: Any) -> SearchResult:
        calls.append((wanted["cursor"], wanted["page"]))
        return await search(self, query, **wanted)

    monkeypatch.setattr(Archive, "search", noted)
    return calls


async def nums(app: Running, page: int, **more: object) -> list[int]:
    answer = (await app.ask(address("search", text="cats", page=page, **more))).json
    return [int(post["num"]) for post in answer["0"]["posts"]] if "0" in answer else []


async def test_pages_go_on_where_the_one_before_ended(stage: Stage, asked: list[tuple[str | None, int]]) -> None:
    stage.board()
    stage.posts(*({"num": num, "thread_num": 1, "comment": "cats"} for num in range(1, 61)))
    async with stage.running() as app:
        assert await nums(app, 2) == list(range(35, 10, -1)), "counted, as no page was asked for before"
        assert await nums(app, 1) == list(range(60, 35, -1))
        stage.post(61, 1, comment="cats")
        assert await nums(app, 2, boards="nowhere.else") == list(range(35, 10, -1)), "nothing twice"
        assert await nums(app, 3) == list(range(10, 0, -1))
        assert await nums(app, 4) == []
        assert [cursor is not None for cursor, _ in asked] == [False, False, True, True, False]
        assert [page for _, page in asked] == [2, 1, 1, 1, 4]
        # Another search, or another order, has places of its own.
        assert await nums(app, 2, order="asc") == list(range(26, 51))
        assert asked[-1] == (None, 2)


async def test_a_search_out_of_time_gets_further_when_it_is_asked_again(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage.board()
    stage.post(5, 5, comment="cats")
    cursors = []

    async def slow(self: Archive, query: Query, **wanted: Any) -> SearchResult:
        cursors.append(wanted["cursor"])
        if wanted["cursor"] != "0~g.6":
            return SearchResult(query, ("g",), "stopped early", (), 0, False, f"0~g.{8 - len(cursors)}", NOON)
        posts = tuple((await self.thread(self.board("g"), 5)).posts)
        return SearchResult(query, ("g",), "stopped early", posts, 1, False, "1~g.3", NOON)

    async with stage.running() as app:
        monkeypatch.setattr(Archive, "search", slow)
        assert [await nums(app, 1) for _ in range(4)] == [[], [], [5], [5]]
        assert cursors == [None, "0~g.7", "0~g.6", "0~g.6"]
        assert await nums(app, 2) == []
        assert cursors[-1] == "1~g.3"


def test_places_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    class Time:
        now = 1000.0

        @classmethod
        def monotonic(cls) -> float:
            return cls.now

    monkeypatch.setattr(search_places, "time", Time)
    monkeypatch.setattr(search_places, "MOST", 2)
    places = SearchPlaces()
    assert places.get(("a", 1)) is None
    for name in "abab":
        places.put((name, 1), name)
    places.put(("c", 1), "c")
    assert [places.get((name, 1)) for name in "abc"] == [None, "b", "c"]
    Time.now += search_places.LONGEST_KEPT
    assert places.get(("c", 1)) is None
