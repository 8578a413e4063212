"""Threads and lists in 4chan's interface: what stands where, what agrees with what, and what is not there."""

from __future__ import annotations

from typing import Any

import pytest

from app import thread_parts
from app.api.fourchan import threads as threads_module
from app.api.fourchan.routes import is_fourchan
from tests.support.asgi import ask
from tests.support.stage import NOON, Running, Stage, stage

__all__ = ["stage"]

on_sqlite = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
"""For what no database does another way."""

THREADS = range(1000, 1023)
STICKY = 1004
GHOSTLY = 1010
LOST = 1015
"""Threads with a ghost post after each reply, and without an opening post."""


def fill(stage: Stage) -> None:
    """23 threads of ten posts each; later threads were bumped earlier."""
    stage.board("g")
    for thread in THREADS:
        nums = [thread, *(2000 + (thread - 1000) * 10 + place for place in range(1, 10))]
        rows = [{"num": num, "thread_num": thread, **file_of(num)} for num in nums if num != LOST]
        if thread == GHOSTLY:
            rows += [{**row, **file_of(1), "subnum": sub} for row in rows for sub in (1, 2)]
        stage.posts(*({"subnum": 0, **row} for row in rows))
    stage.threads(
        *(
            {
                "thread_num": thread,
                "time_bump": NOON + 9000 - thread,
                "time_ghost_bump": NOON if thread == GHOSTLY else None,
                "sticky": int(thread == STICKY),
                "locked": int(thread == STICKY),
            }
            for thread in THREADS
        )
    )


def file_of(num: int) -> dict[str, str | None]:
    """Every second post has one."""
    if num % 2:
        return {"media_hash": None, "media_orig": None}
    return {"media_hash": f"{num:022}==", "media_orig": f"16576272{num:05}.jpg"}


async def get(running: Running, address: str) -> Any:
    return (await running.ask(address)).json


async def test_lists_tell_the_same(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threads_module, "_READ_AT_ONCE", 7)
    fill(stage)
    order = [STICKY, *(thread for thread in THREADS if thread != STICKY)]
    async with stage.running() as running:
        short, catalog = await get(running, "/g/threads.json"), await get(running, "/g/catalog.json")
        pages = [(await get(running, f"/g/{page}.json"))["threads"] for page in (1, 2, 3)]
        threads = {num: (await get(running, f"/g/thread/{num}.json"))["posts"] for num in THREADS}
        assert await get(running, "/g/res/1000.json") == {"posts": threads[1000]}
        archive = await get(running, "/g/archive.json")
        for page in (0, 4, 99999, 2**31, "9" * 5000):
            await running.ask(f"/g/{page}.json", 404)

    assert [page["page"] for page in short] == [page["page"] for page in catalog] == [1, 2, 3]
    assert [[each["no"] for each in page["threads"]] for page in short] == [order[:10], order[10:20], order[20:]]
    assert archive == sorted(THREADS)
    listed = [each for page in short for each in page["threads"]]
    openings = [each for page in catalog for each in page["threads"]]
    previews = [each["posts"] for page in pages for each in page]
    for num, brief, opening, preview in zip(order, listed, openings, previews, strict=True):
        whole = threads[num]
        assert list(brief) == ["no", "last_modified", "replies"]
        replies, images = len(whole) - 1, sum("tim" in post for post in whole[1:])
        in_lists = {"omitted_posts": replies - 5, "omitted_images": images - sum("tim" in post for post in whole[-5:])}
        counts = {"replies": replies, "images": images}
        assert {key: whole[0][key] for key in counts} == counts
        in_lists |= {"last_modified": brief["last_modified"]}
        assert preview == [{**whole[0], **in_lists}, *whole[-5:]]
        assert opening == {**whole[0], **in_lists, "last_replies": whole[-5:]}
        assert brief["replies"] == replies
        assert brief["last_modified"] == NOON + 9000 - num
    assert [each["no"] for each in openings if "sticky" in each or "closed" in each] == [STICKY]


@on_sqlite
async def test_ghost_posts_are_left_out(stage: Stage) -> None:
    fill(stage)
    stage.post(5000, 5000, subnum=1)
    # A ghost post and another one that moderators removed and a scraper brought back.
    removed = {"thread_num": GHOSTLY, "timestamp": 1, "timestamp_expired": 0, "op": 0}
    stage.add("g_deleted", *({"num": num, "subnum": subnum, **removed} for num, subnum in ((2101, 1), (2109, 0))))
    async with stage.running() as running:
        posts = (await get(running, f"/g/thread/{GHOSTLY}.json"))["posts"]
        lists = await get(running, "/g/threads.json")
        await running.ask("/g/thread/5000.json", 404)
    assert [post["no"] for post in posts] == [GHOSTLY, *range(2101, 2109)]
    (listed,) = [each for page in lists for each in page["threads"] if each["no"] == GHOSTLY]
    assert posts[0]["replies"] == listed["replies"] == 8


@on_sqlite
async def test_a_thread_without_its_opening_post(stage: Stage) -> None:
    fill(stage)
    async with stage.running() as running:
        posts = (await get(running, f"/g/thread/{LOST}.json"))["posts"]
        assert (await get(running, f"/g/thread/{posts[0]['no']}.json"))["posts"] == posts
        await running.ask(f"/g/thread/{posts[1]['no']}.json", 404)
        listed = [each["no"] for page in await get(running, "/g/catalog.json") for each in page["threads"]]
        for num in listed:
            assert (await get(running, f"/g/thread/{num}.json"))["posts"][0]["no"] == num
    assert posts[0]["no"] in listed
    assert [post["no"] for post in posts] == list(range(2151, 2160))
    assert {post["resto"] for post in posts} == {LOST}
    assert (posts[0]["replies"], posts[0]["images"]) == (8, 4)


@on_sqlite
async def test_long_threads_are_whole(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(thread_parts, "THREAD_SLICE", 3)
    fill(stage)
    async with stage.running() as running:
        posts = (await get(running, "/g/thread/1000.json"))["posts"]
    assert [post["no"] for post in posts] == [1000, *range(2001, 2010)]
    assert posts[0]["replies"] == 9


@on_sqlite
async def test_lists_end_somewhere(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.api.fourchan.threads._LARGEST_ARCHIVE", 3)
    stage.board("g")
    stage.posts(*({"num": num, "thread_num": num} for num in range(1, 162)))
    stage.threads(*({"thread_num": num} for num in range(1, 162)))
    async with stage.running() as running:
        for name in ("threads", "catalog"):
            pages = await get(running, f"/g/{name}.json")
            assert [(page["page"], len(page["threads"])) for page in pages] == [(page, 10) for page in range(1, 16)]
        assert [thread["posts"][0]["no"] for thread in (await get(running, "/g/17.json"))["threads"]] == [1]
        assert await get(running, "/g/archive.json") == [159, 160, 161]


@on_sqlite
async def test_an_empty_board(stage: Stage) -> None:
    stage.board("g")
    async with stage.running() as running:
        assert await get(running, "/g/threads.json") == []
        assert await get(running, "/g/catalog.json") == []
        assert await get(running, "/g/archive.json") == []
        assert await get(running, "/g/1.json") == {"threads": []}
        await running.ask("/g/2.json", 404)


@on_sqlite
async def test_the_forms_of_an_answer(stage: Stage) -> None:
    fill(stage)
    addresses = ("/boards.json", *(f"/g/{name}.json" for name in ("threads", "catalog", "archive", "2", "thread/1001")))
    async with stage.running() as running:
        for address in addresses:
            whole = await running.ask(address)
            assert whole.headers["content-type"] == "application/json"
            assert whole.headers["access-control-allow-origin"] == "*"
            date = {"If-Modified-Since": whole.headers["last-modified"]}
            head = await ask(running.app, address, method="HEAD")
            assert (head.status, head.body) == (200, b"")
            assert head.headers["last-modified"] == whole.headers["last-modified"]
            for headers in (date, {"If-None-Match": whole.headers["etag"]}):
                same = await ask(running.app, address, headers=headers)
                assert (same.status, same.body) == (304, b""), address
                assert same.headers["access-control-allow-origin"] == "*"
            options = await ask(running.app, address, method="OPTIONS")
            assert (options.status, options.headers["allow"]) == (204, "GET, HEAD, OPTIONS")
            assert "If-Modified-Since" in options.headers["access-control-allow-headers"]
            refused = await ask(running.app, address, method="POST")
            assert (refused.status, refused.headers["allow"]) == (405, "GET, HEAD, OPTIONS")
            assert refused.headers["access-control-allow-origin"] == "*"
            assert list(refused.json) == ["error"]
            assert (await ask(running.app, f"{address}/")).body == whole.body
        thread = await running.ask("/g/thread/1001.json")
        assert thread.headers["last-modified"] == "Tue, 12 Jul 2022 12:33:39 GMT"
        date = {"If-Modified-Since": thread.headers["last-modified"]}
        stage.execute("UPDATE \"g\" SET deleted = '1', comment = 'Changed.' WHERE num = 2015")
        assert (await ask(running.app, "/g/thread/1001.json", headers=date)).status == 200


@on_sqlite
async def test_what_is_not_there(stage: Stage) -> None:
    fill(stage)
    missing = (
        "/x/threads.json",
        "/x/1.json",
        "/x/thread/1000.json",
        "/_/threads.json",
        "/g/thread/2001.json",
        "/g/thread/999.json",
        "/g/thread/0.json",
        "/g/thread/-1.json",
        "/g/thread/1000x.json",
        "/g/thread/1000_1.json",
        "/g/thread/2147483648.json",
        f"/g/thread/{'9' * 5000}.json",
        "/g/res/2001.json",
        "/%F0%9F%92%A9/threads.json",
    )
    async with stage.running() as running:
        for address in missing:
            answer = await running.ask(address, 404)
            assert list(answer.json) == ["error"], address
            assert answer.headers["access-control-allow-origin"] == "*"
            assert "etag" not in answer.headers
            head = await ask(running.app, address, method="HEAD")
            assert (head.status, head.body) == (404, b"")
        for address in ("/g/other.json", "/g/thread/1000.jsonx", "/other.json"):
            assert b"<html" in (await running.ask(address, 404)).body


@on_sqlite
async def test_lists_cost_few_statements(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """Bounded by the pages that are listed, not by threads or posts."""
    fill(stage)
    async with stage.running() as running:
        asked: list[object] = []
        database = running.board().database
        fetch = database.fetch

        async def counting(statement: Any) -> Any:
            asked.append(statement)
            return await fetch(statement)

        monkeypatch.setattr(database, "fetch", counting)
        await running.ask("/g/archive.json")
        assert len(asked) == 1
        asked.clear()
        await running.ask("/g/catalog.json")
        assert len(asked) <= 6


@pytest.mark.parametrize(
    ("path", "known"),
    [
        ("/boards.json", True),
        ("/g/threads.json", True),
        ("/g/catalog.json", True),
        ("/λ/archive.json", True),
        ("/a b%/12.json", True),
        ("/g/thread/12.json", True),
        ("/g/res/x.json", True),
        ("/g/threads.json/", True),
        ("/threads.json", False),
        ("/g/boards.json", False),
        ("/g/\u0661.json", False),
        ("/g/x.json", False),
        ("/g/thread/1/2.json", False),
        ("/g/post/12.json", False),
        ("/g/thread/12", False),
        ("/api/openapi.json", False),
        ("/boards.json\n", False),
    ],
)
def test_which_addresses_are_meant(path: str, known: bool) -> None:
    assert is_fourchan(path) == known
