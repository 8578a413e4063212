"""Search pages: what they say of each outcome, what they show, and where their links lead."""

from __future__ import annotations

import pytest

from app.engines import Found
from app.errors import Unavailable
from tests.support.asgi import ask
from tests.support.pages import document, having, one, text
from tests.support.searching import (
    HASH,
    alert,
    articles,
    fields,
    filled,
    is_open,
    link,
    link_texts,
    page_of,
    places,
    sqlite_stage,
    summary,
)
from tests.support.stage import NOON, Running, Stage, stage

__all__ = ["sqlite_stage", "stage"]

EVERY = [("g", str(num)) for num in range(100, 160)] + [("g", "100_1"), ("g", "159_2"), ("po", "100")]


async def test_a_page_says_what_was_searched_how_many_were_found_and_how_far(stage: Stage) -> None:
    async with filled(stage) as running:
        found = await page_of(running, "/g/search/?text=my&username=bob&start=2022-07-12")
        assert summary(found) == [
            "Posts on /g/ - Technology with “my” in the comment, by “bob”, from 2022-07-12 on (New York time)",
            "2 posts found. All of it was searched.",
        ]
        assert places(found) == [("g", "150"), ("g", "110")]
        (shown, _) = articles(found)
        assert having(shown, "post_controls")
        assert link(shown, "View") == "/g/thread/100/#150"
        assert link(shown, "Thread 100") == "/g/thread/100/"
        assert not is_open(found)
        assert fields(found) == {"text": "my", "username": "bob", "start": "2022-07-12"}
        assert text(next(found.iter("title"))).startswith("Posts on /g/ - Technology with “my”")
        everywhere = await page_of(running, "/_/search/?text=paper")
        assert summary(everywhere)[0] == "Posts on all boards with “paper” in the comment"
        assert places(everywhere) == [("po", "101"), ("po", "100")]


async def test_pages_go_on_to_the_end_and_hold_each_post_once(stage: Stage) -> None:
    async with filled(stage) as running:
        for address, ends in (
            ("/_/search/?text=router", ("159", "100")),
            ("/_/search/?text=router&order=asc", ("100", "159_2")),
        ):
            seen = await _to_the_end(running, address)
            assert len(seen) == len(set(seen)) and sorted(seen) == sorted(EVERY)
            assert {seen[0][1].split("_")[0], seen[-1][1].split("_")[0]} == {end.split("_")[0] for end in ends}
            numbered = [await page_of(running, f"{address}&page={number}") for number in (2, 3)]
            assert seen[25:] == [place for found in numbered for place in places(found)]


async def _to_the_end(running: Running, address: str) -> list[tuple[str, str]]:
    seen: list[tuple[str, str]] = []
    following: str | None = address
    while following is not None:
        found = await page_of(running, following)
        assert "63 posts found" in summary(found)[1] or "More than" in summary(found)[1]
        seen += places(found)
        going_on = [each.get("href") for each in found.iter("a") if each.get("rel") == "next"]
        following = going_on[0] if going_on else None
    return seen


async def test_pages_by_number_lead_to_their_neighbours(sqlite_stage: Stage) -> None:
    async with filled(sqlite_stage) as running:
        second = await page_of(running, "/g/search/text/router/page/2/")
        assert link_texts(one(second, "paginate")) == ["← Previous", "1", "2", "3", "Next →"]
        assert link(second, "3") == "/g/search/text/router/page/3/"
        assert link(second, "← Previous") == "/g/search/?text=router"
        assert link(second, "Next →") == "/g/search/?text=router&page=3"
        assert text(one(one(second, "paginate"), "active")) == "2"
        behind = await page_of(running, "/g/search/?text=router&page=9")
        assert (places(behind), link(behind, "← Previous")) == ([], "/g/search/?text=router&page=8")
        assert text(one(behind, "search_note")) == "There are no more pages of it."
        assert not having(behind, "search_advice")
        by_cursor = await page_of(running, link(await page_of(running, "/g/search/?text=router"), "Older →"))
        assert link(by_cursor, "← Newest") == "/g/search/?text=router"


async def test_threads_and_pictures(sqlite_stage: Stage) -> None:
    async with filled(sqlite_stage) as running:
        threads = await page_of(running, "/g/search/?text=router&results=thread")
        assert places(threads) == [("g", "140"), ("g", "100")]
        assert summary(threads)[1].startswith("2 threads found")
        inside = await page_of(running, link(threads, "Posts found in it"))
        assert set(places(inside)) <= {("g", str(num)) for num in range(140, 160)} | {("g", "159_2")}
        assert len(places(inside)) > 1
        listed = await page_of(running, "/g/search/?text=router")
        gallery = await page_of(running, link(one(listed, "search_controls"), "Gallery"))
        assert not articles(gallery)
        tiles = having(gallery, "tile_link")
        assert [tile.get("aria-label") for tile in tiles] == [f"/g/ No. {num}" for num in (150, 140, 110, 100)]
        assert tiles[0].get("href") == "/g/thread/100/#150"
        assert tiles[1].get("href") == "/g/thread/140/"
        assert summary(gallery)[0].endswith("in the comment, with a file")
        assert link(gallery, "List") == "/g/search/?text=router"
        assert fields(gallery) == {"text": "router", "view": "gallery"}
        no_pictures = await page_of(running, "/g/search/?text=haunted&view=gallery")
        assert not having(no_pictures, "tile_link")
        assert len(places(await page_of(running, link(no_pictures, "List")))) == 1
        without = await page_of(running, "/g/search/?text=router&file=without")
        assert "Gallery" not in link_texts(one(without, "search_controls"))


async def test_the_same_search_otherwise(sqlite_stage: Stage) -> None:
    async with filled(sqlite_stage) as running:
        found = await page_of(running, "/_/search/?text=router&order=asc")
        controls = one(found, "search_controls")
        current = [text(each) for each in controls.iter("a") if each.get("aria-current")]
        assert current == ["Oldest first", "Posts", "List"]
        assert link(controls, "Newest first") == "/_/search/?text=router"
        assert link(controls, "Threads") == "/_/search/?text=router&results=thread&order=asc"
        assert link(controls, "Permalink") == "/_/search/?text=router&order=asc"
        assert link(controls, "Feed") == "/_/search/feed.atom?text=router"
        only = link(controls, "Only /g/")
        assert only == "/g/search/?text=router&order=asc"
        links = {each.get("rel"): each.get("href") for each in found.iter("link")}
        assert links["canonical"] == "http://archive.example/_/search/?text=router&order=asc"
        assert links["alternate"] == "/_/search/feed.atom?text=router"
        assert [each.get("content") for each in found.iter("meta") if each.get("name") == "robots"] == ["noindex"]
        of_one = await page_of(running, only)
        assert link(one(of_one, "search_controls"), "Search all boards") == "/_/search/?text=router&order=asc"


ADVICE = {
    "/g/search/?text=rout": ("Words that begin like this: rout*", True),
    "/g/search/?text=%22router%20which%22": ("The same words, not in a row: router which", True),
    "/g/search/?text=router%20modem": ("One of these words is enough: router | modem", True),
    "/g/search/?text=router%7Cmodem": ("One of these words is enough: router | modem", True),
    "/g/search/?text=%3E%3E101": ("Posts with this number", True),
    "/g/search/?text=router%20-router": ("Whatever other words there are: router", True),
    "/g/search/?username=anonymo": ("Words that begin like this: anonymo* (Name)", False),
    "/g/search/?tripcode=Ep8pui8Vw2": ("With its exclamation mark: !Ep8pui8Vw2 (Tripcode)", False),
    "/g/search/?text=paper": ("Search all boards", True),
    "/g/search/?text=router&username=nobody": ("Without this: by “nobody”", True),
    "/g/search/?username=%3Dnobody&capcode=mod": ("Without this: by a moderator", False),
}
"""Searches that find nothing, one thing that is advised, and whether that finds something."""


async def test_advice_where_nothing_is_found(sqlite_stage: Stage) -> None:
    async with filled(sqlite_stage) as running:
        for asked, (advised, works) in ADVICE.items():
            found = await page_of(running, asked)
            assert summary(found)[1] == "No posts found. All of it was searched."
            assert not places(found) and not having(found, "search_controls")
            advice = one(found, "search_advice")
            assert 1 <= len(link_texts(advice)) <= 6
            wider = await page_of(running, link(advice, advised))
            assert bool(places(wider)) == works, asked


async def test_what_may_explain_that_nothing_is_found(sqlite_stage: Stage) -> None:
    async with filled(sqlite_stage) as running:
        found = await page_of(running, "/_/search/?tripcode=%21x&image=CdsWDPNH2-bTYx8Uhpv0Sg")
        assert [text(each).partition(" ")[0] for each in having(found, "search_note")] == ["Tripcodes", "Only"]
        assert not having(await page_of(running, f"/_/search/?image={HASH[:22]}"), "search_note")


class _Stub:
    """An engine that gives one answer."""

    name = "stub"

    def __init__(self, answer: Found | Exception) -> None:
        self.answer = answer

    async def search(self, *asked: object, **place: object) -> Found:
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer

    async def close(self) -> None:
        pass


def _engine(running: Running, answer: Found | Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running.archive, "_engine", _Stub(answer))


async def test_an_engine_that_is_away(sqlite_stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    async with filled(sqlite_stage) as running:
        _engine(running, Unavailable("The engine rests.", retry_after=7), monkeypatch)
        answer = await ask(running.app, "/g/search/?text=router&order=asc")
        assert (answer.status, answer.headers["retry-after"]) == (503, "7")
        found = document(answer)
        assert alert(found) == "The engine rests."
        assert fields(found) == {"text": "router", "order": "asc"} and is_open(found)
        _engine(running, Unavailable(), monkeypatch)
        assert "retry-after" not in (await ask(running.app, "/g/search/?text=router")).headers


async def test_a_search_that_stopped_early(sqlite_stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    async with filled(sqlite_stage) as running:
        place = "0~g.150"
        _engine(running, Found((), 0, False, place, stopped=True, reached=NOON), monkeypatch)
        found = await page_of(running, "/g/search/?text=router")
        assert summary(found)[1] == ("No posts found so far. Searched back to 2022-07-12 12:00 UTC. Go on from there")
        assert link(found, "Go on from there") == link(found, "Older →") == "/g/search/?text=router&cursor=0~g.150"
        assert text(one(found, "search_note")).startswith("Time was up") and not having(found, "search_advice")
        _engine(running, Found((), 25, False, place, stopped=True, reached=NOON), monkeypatch)
        later = await page_of(running, "/g/search/?text=router&cursor=25~g.155")
        assert text(one(later, "search_note")).startswith("Time was up")


@pytest.mark.parametrize("place", ["cursor=nonsense", "page=0", "page=201", "page=2&cursor=0~g.150"])
async def test_a_place_that_is_none_keeps_the_search(sqlite_stage: Stage, place: str) -> None:
    async with filled(sqlite_stage) as running:
        found = await page_of(running, f"/g/search/?text=my&order=asc&{place}", 400)
        assert place.partition("=")[0] in alert(found)
        assert fields(found) == {"text": "my", "order": "asc"} and is_open(found)
        assert [each.get("value") for each in found.iter("input") if each.get("name") == "q"] == ["my"]
        assert link(one(found, "alert"), "Begin at the first page") == "/g/search/?text=my&order=asc"


async def test_boards_for_adults_on_the_page_of_all(sqlite_stage: Stage) -> None:
    sqlite_stage.board("b", nsfw=True)
    sqlite_stage.post(1, board="b", comment="bare router")
    async with filled(sqlite_stage) as running:
        adult = await running.ask("/_/search/?text=bare")
        assert adult.headers["rating"].startswith("RTA-")
        assert [each.get("name") for each in document(adult).iter("meta")].count("rating") == 1
        assert having(document(adult), "unveil")
        assert "rating" not in (await running.ask("/_/search/?text=paper")).headers
        of_board = document(await running.ask("/b/search/?text=bare"))
        assert [each.get("name") for each in of_board.iter("meta")].count("rating") == 1


async def test_posts_of_several_boards_share_no_id(sqlite_stage: Stage) -> None:
    async with filled(sqlite_stage) as running:
        found = await page_of(running, "/_/search/?num=100")
        assert sorted(places(found)) == [("g", "100"), ("g", "100_1"), ("po", "100")]
        ids = [each.get("id") for each in found.iter() if each.get("id")]
        assert len(ids) == len(set(ids))


async def test_ignored_keys_are_named_and_the_box_keeps_the_words(sqlite_stage: Stage) -> None:
    async with filled(sqlite_stage) as running:
        found = await page_of(running, "/g/search/?text=router&%3Cb%3E=1&troll_country=x")
        assert text(one(found, "search_note")) == "Left out, because it means nothing here: “<b>”, “troll_country”."
        assert len(places(found)) == 25
        (box,) = (each for each in found.iter("input") if each.get("name") == "q")
        assert box.get("value") == "router"


async def test_threads_of_posts_that_name_none(sqlite_stage: Stage) -> None:
    """Some writers leave 0 for the thread."""
    sqlite_stage.board("g")
    sqlite_stage.posts({"num": 5, "thread_num": 0, "comment": "router"})
    async with sqlite_stage.running() as running:
        page = await page_of(running, "/g/search/?text=router&results=thread")
        assert places(page) == [("g", "5")]
        assert "Posts found in it" not in link_texts(page)


async def test_threads_without_their_first_post(sqlite_stage: Stage) -> None:
    """What was found stands for such a thread, also where a ghost post has the number of the first post."""
    sqlite_stage.board("g")
    sqlite_stage.posts(
        {"num": 100, "thread_num": 100, "subnum": 1},
        {"num": 101, "thread_num": 100, "subnum": 0, "comment": "router"},
    )
    async with sqlite_stage.running() as running:
        assert places(await page_of(running, "/g/search/?text=router&results=thread")) == [("g", "101")]


async def test_ghost_posts_are_merged_by_their_true_time(sqlite_stage: Stage) -> None:
    """They are stored in New York time, four hours behind, whatever clock the board has."""
    sqlite_stage.board("g")
    sqlite_stage.board("po")
    sqlite_stage.posts({"num": 100, "thread_num": 100, "subnum": 1, "comment": "router", "timestamp": NOON})
    sqlite_stage.post(100, board="po", comment="router", timestamp=NOON + 2 * 3600)
    async with sqlite_stage.running() as running:
        assert places(await page_of(running, "/_/search/?text=router")) == [("g", "100_1"), ("po", "100")]


async def test_hidden_boards_are_searched_only_by_name(sqlite_stage: Stage) -> None:
    for board, hidden in (("g", False), ("h", True)):
        sqlite_stage.board(board, hidden=hidden)
        sqlite_stage.post(100, board=board, comment="router")
    async with sqlite_stage.running() as running:
        assert places(await page_of(running, "/_/search/?text=router")) == [("g", "100")]
        assert places(await page_of(running, "/h/search/?text=router")) == [("h", "100")]
