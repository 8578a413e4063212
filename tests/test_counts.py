"""Sizes of threads are those of the rows there are, however they came, and slices of long threads lose nothing."""

import asyncio
from typing import Any

import lxml.html
import pytest

from app import counts as counts_module
from app import thread_parts
from tests.support.stage import Running, Stage, stage

__all__ = ["stage"]


class Time:
    """Stands in for the clock of the count cache."""

    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> Time:
    injected = Time()
    monkeypatch.setattr(counts_module, "time", injected)
    return injected


def _thread(num: int, replies: int, **columns: Any) -> list[dict[str, Any]]:
    return [{"num": num + place, "thread_num": num, **columns} for place in range(replies + 1)]


async def _listed(app: Running, num: int = 100, replies: int = 0) -> tuple[int, int]:
    threads = (await app.json(f"/threads?limit=50&replies={replies}"))["threads"]
    (thread,) = [thread for thread in threads if thread["num"] == num]
    return thread["posts"], thread["images"]


async def _asked(app: Running, num: int = 100) -> tuple[int, int]:
    thread = await app.json(f"/threads/{num}")
    return thread["posts_count"], thread["images_count"]


def _stage_thread(stage: Stage) -> None:
    stage.board()
    stage.posts(*_thread(100, 4))
    stage.post(110, 100, media_hash="a" * 22 + "==", media_orig="1366825828123.jpg", deleted=1)
    stage.post(110, 100, subnum=1)
    # What the table of threads claims is not looked at.
    stage.threads({"thread_num": 100, "nreplies": 77, "nimages": 66})


async def test_all_rows_of_a_thread_count(stage: Stage, time: Time) -> None:
    _stage_thread(stage)
    async with stage.running() as app:
        assert await _listed(app) == await _asked(app) == (7, 1)


async def test_new_posts_count_at_the_next_look(stage: Stage, time: Time) -> None:
    _stage_thread(stage)
    async with stage.running() as app:
        assert await _listed(app) == (7, 1)
        stage.post(120, 100)
        stage.post(121, 100, media_orig="1366825828124.jpg")
        stage.post(122, 122)
        assert await _asked(app) == (9, 2)  # a thread's own page counts its own rows
        time.now += 0.5
        assert await _listed(app) == (7, 1)
        time.now += 1
        assert await _listed(app) == (9, 2)
        stage.threads({"thread_num": 122})
        assert await _listed(app, 122) == (1, 0)
        stage.post(123, 122)
        time.now += 2
        assert await _listed(app, 122) == (2, 0)
        assert await _listed(app) == (9, 2)


async def test_a_thread_first_asked_for_between_two_looks_counts_once(stage: Stage, time: Time) -> None:
    _stage_thread(stage)
    stage.posts(*_thread(200, 2))
    stage.threads({"thread_num": 200})
    async with stage.running() as app:
        assert [thread["num"] for thread in (await app.json("/threads?limit=1"))["threads"]] == [200]
        stage.post(111, 100)
        time.now += 0.5
        assert await _listed(app) == (7, 1)
        time.now += 1
        assert await _listed(app) == (8, 1)


async def test_rows_that_vanish_are_noticed_when_the_entry_is_old(stage: Stage, time: Time) -> None:
    _stage_thread(stage)
    async with stage.running() as app:
        assert await _listed(app) == (7, 1)
        stage.execute('DELETE FROM "g" WHERE num = 110 AND subnum = 0')
        stage.execute('DELETE FROM "g" WHERE num = 102')
        assert await _asked(app) == (5, 0)
        time.now += 300
        assert await _listed(app) == (7, 1)
        time.now += 400
        assert await _listed(app) == (5, 0)


async def test_the_newest_row_vanishing_starts_anew(stage: Stage, time: Time) -> None:
    _stage_thread(stage)
    async with stage.running() as app:
        assert await _listed(app) == (7, 1)
        stage.execute('DELETE FROM "g" WHERE subnum = 1')
        time.now += 2
        assert await _listed(app) == (6, 1)
        stage.post(120, 100)
        time.now += 2
        assert await _listed(app) == (7, 1)


async def test_more_new_posts_than_are_caught_up_with(
    stage: Stage, time: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(counts_module, "_LARGEST_CATCH_UP", 10)
    _stage_thread(stage)
    async with stage.running() as app:
        for new in (9, 10, 11, 40):
            before = await _listed(app)
            first = 1000 + 100 * new
            stage.posts(*({"num": first + place, "thread_num": 100} for place in range(new)))
            time.now += 2
            assert await _listed(app) == (before[0] + new, 1)


async def test_full_caches_start_anew(stage: Stage, time: Time, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counts_module, "_LARGEST_CACHE", 3)
    stage.board()
    for num in (100, 200, 300, 400, 500):
        stage.posts(*_thread(num, num // 100))
        stage.threads({"thread_num": num})
    async with stage.running() as app:
        for order in ("bump", "creation", "bump"):
            for page in (1, 2, 3):
                answer = await app.json(f"/threads?order={order}&limit=2&page={page}")
                assert all(thread["posts"] == thread["num"] // 100 + 1 for thread in answer["threads"])
        # Some of these threads are in the cache, and there is no room for the others.
        answer = await app.json("/threads?limit=4")
        assert [thread["posts"] for thread in answer["threads"]] == [6, 5, 4, 3]


async def test_counts_are_exact_after_many_requests_at_once(stage: Stage, time: Time) -> None:
    stage.board()
    nums = [100, 200, 300, 400]
    for num in nums:
        stage.posts(*_thread(num, 2))
        stage.threads({"thread_num": num})
    async with stage.running() as app:

        async def read() -> None:
            for _ in range(5):
                time.now += 0.4
                await app.json("/threads?limit=50&replies=1")

        def write() -> None:
            for turn in range(6):
                stage.posts(*({"num": num + 10 + turn, "thread_num": num} for num in nums))

        await asyncio.gather(asyncio.to_thread(write), *(read() for _ in range(12)))
        time.now += 2
        for num in nums:
            assert await _listed(app, num) == (9, 0)
        thread = (await app.json("/threads?limit=1&replies=2"))["threads"][0]
        assert (thread["omitted"], len(thread["replies"])) == (6, 2)


async def test_slices_of_a_long_thread_hold_every_post_once(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    _stage_thread(stage)
    stage.post(110, 100, subnum=2)
    every = ["100", "101", "102", "103", "104", "110", "110_1", "110_2"]
    async with stage.running() as app:
        for length in (1, 2, 3, 7, 8, 9):
            monkeypatch.setattr(thread_parts, "THREAD_SLICE", length)
            seen, slices, following = [], 0, ""
            while True:
                thread = await app.json(f"/threads/100{following}")
                assert (thread["posts_count"], thread["images_count"]) == (8, 1)
                page = lxml.html.fromstring(await app.text(f"/g/thread/100/{following}"))
                ids = [_id(post) for post in thread["posts"]]
                assert page.xpath("//article/@id") == ids
                seen += ids
                slices += 1
                assert slices <= 8, "the thread goes on for ever"
                if thread["next"] is None:
                    assert not page.xpath("//a[@rel='next']")
                    break
                following = f"?after={thread['next']}"
                assert {*page.xpath("//a[@rel='next']/@href")} == {f"/g/thread/100/{following}"}
            assert seen == every
            assert slices == -(-8 // length)
        await app.json("/threads/100?after=110_2", 404)
        assert [_id(post) for post in (await app.json("/threads/100?after=110"))["posts"]] == every[6:]
        assert [_id(post) for post in (await app.json("/threads/100?after=105"))["posts"]] == every[5:]


async def test_last_posts_and_what_they_omit(stage: Stage) -> None:
    _stage_thread(stage)
    async with stage.running() as app:
        for count, shown, omitted in (
            (1, ["100", "110_1"], 5),
            (3, ["100", "104", "110", "110_1"], 3),
            (6, ["100", "101", "102", "103", "104", "110", "110_1"], 0),
            (50, ["100", "101", "102", "103", "104", "110", "110_1"], 0),
        ):
            thread = await app.archive.last_posts(app.board(), 100, count)
            assert [str(post.id) for post in thread.posts] == shown
            assert (thread.older_omitted, thread.counts.posts) == (omitted, 7)
            page = lxml.html.fromstring(await app.text(f"/g/last/{count}/100/"))
            assert page.xpath("//article/@id") == shown
            assert [text.text for text in page.find_class("omitted_posts")] == ([str(omitted)] if omitted else [])
        await app.ask("/g/last/5/999/", 404)


async def test_deleted_posts_of_a_thread(stage: Stage) -> None:
    _stage_thread(stage)
    async with stage.running() as app:
        thread = await app.archive.deleted_posts(app.board(), 100)
        assert [str(post.id) for post in thread.posts] == ["100", "110"]
        assert thread.counts.posts == 7
        page = lxml.html.fromstring(await app.text("/g/deleted/100/"))
        assert page.xpath("//article/@id") == ["100", "110"]
        answer = await app.ask("/g/deleted/102/", 302)
        assert answer.headers["location"] == "/g/thread/100/#102"


def _id(post: dict[str, Any]) -> str:
    return f"{post['num']}_{post['subnum']}" if post["subnum"] else str(post["num"])
