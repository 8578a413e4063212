"""FoolFuuka's threads: whole, newer, deleted, in the index, in the gallery."""

from __future__ import annotations

import asyncio
from email.utils import formatdate
from typing import Any

import pytest

from app import thread_parts
from app.api.foolfuuka import posts as shaping
from tests.support.asgi import ask
from tests.support.foolfuuka import address, check_post, check_thread, posts_of
from tests.support.stage import NOON, Running, Stage, stage

__all__ = ["stage"]

HASH = "ABCDEFGHIJKLMNOPQRSTUV=="
FILE = {"media_hash": HASH, "media_orig": "1657627203000.jpg", "preview_orig": "1657627203000s.jpg"}


def places(thread: Any) -> list[str]:
    """The posts of a thread as `123` or `123_1`, those in `posts` by their keys."""
    replies = thread.get("posts", {})
    return [thread["op"]["num"] if "op" in thread else "", *replies]


async def told(running: Running, method: str, **parameters: object) -> Any:
    return (await running.ask(address(method, board="g", **parameters))).json


async def test_a_whole_thread(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    stage.board()
    stage.posts(*({"num": num, "thread_num": 10} for num in (10, 11, 20, 21, 22)))
    stage.post(11, 10, subnum=1)
    stage.post(12)
    stage.post(31, 30)  # the opening post of 30 is missing
    stage.post(32, 30)
    async with stage.running() as running:
        monkeypatch.setattr(thread_parts, "THREAD_SLICE", 2)
        answer = await told(running, "thread", num=10, last_limit=2)
        assert list(answer) == ["10"]
        assert list(answer["10"]) == ["op", "posts"]
        assert places(check_thread(answer)) == ["10", "11", "11_1", "20", "21", "22"]
        alone = await told(running, "thread", num=12)
        assert places(check_thread(alone)) == ["12"]
        assert alone["12"]["posts"] == {}
        headless = check_thread(await told(running, "thread", num=30))
        assert places(headless) == ["31", "32"]
        assert (headless["op"]["op"], headless["op"]["thread_num"]) == ("0", "30")
        for num in (11, 99, 2**31 - 1, 2**31, "9" * 5_000):
            assert await told(running, "thread", num=num) == {"error": "Thread not found."}


async def test_what_is_newer_than_a_row(stage: Stage) -> None:
    stage.board()
    stage.posts(*({"num": num, "thread_num": 10} for num in (10, 12, 11)))
    stage.post(12, 10, subnum=1)
    stage.post(13)
    highest = 2_000_000_000 if stage.place.kind == "postgresql" else 4_000_000_000
    stage.post(21, 20, doc_id=highest)
    async with stage.running() as running:
        whole = check_thread(await told(running, "thread", num=10))
        rows = {post["num"]: post["doc_id"] for post in posts_of(whole) if post["subnum"] == "0"}
        newer = await running.ask(address("thread", board="g", num=10, latest_doc_id=rows["12"]))
        assert list(newer.json["10"]) == ["posts"]
        assert places(check_thread(newer.json)) == ["", "11", "12_1"]
        assert "last-modified" not in newer.headers
        ghost = whole["posts"]["12_1"]["doc_id"]
        for num, row in ((10, ghost), (10, 2**31), (10, "9" * 5_000), (20, highest), (99, 1), (2**31 - 1, 1)):
            nothing = await running.ask(address("thread", board="g", num=num, latest_doc_id=row), 204)
            assert (nothing.body, nothing.headers["access-control-allow-origin"]) == (b"", "*")
            assert not nothing.headers.keys() & {"last-modified", "content-type", "content-length"}
        for row in (0, -1, "", -(10**30)):
            assert check_thread(await told(running, "thread", num=10, latest_doc_id=row)) == whole
        latest = await told(running, "thread", num=20, latest_doc_id=highest - 1)
        assert places(check_thread(latest)) == ["", "21"]


async def test_rows_that_are_not_numbered(stage: Stage) -> None:
    stage.board("h")
    stage.posts(*({"num": num, "thread_num": 10} for num in (10, 11, 12)), board="h")
    columns = ", ".join(f'"{name}"' for name in ("num", "subnum", "thread_num", "op", "timestamp", "comment"))
    stage.execute(f'CREATE TABLE "g" AS SELECT {columns} FROM "h"')
    stage.boards["g"] = stage.boards["h"]
    async with stage.running() as running:
        whole = check_thread(await told(running, "thread", num=10))
        row = whole["posts"]["11"]["doc_id"]
        assert places(check_thread(await told(running, "thread", num=10, latest_doc_id=row))) == ["", "12"]


async def test_what_was_deleted(stage: Stage) -> None:
    stage.board()
    stage.posts(*({"num": num, "thread_num": 10, "deleted": int(num in (11, 13))} for num in (10, 11, 12, 13)))
    stage.posts(*({"num": num, "thread_num": 20, "deleted": int(num == 20)} for num in (20, 21)))
    stage.post(30)
    async with stage.running() as running:
        assert places(check_thread(await told(running, "deleted", num=10))) == ["", "11", "13"]
        vanished = check_thread(await told(running, "deleted", num=20))
        assert (places(vanished), vanished["posts"]) == (["20"], {})
        for num in (30, 11, 99, 2**31):
            assert await told(running, "deleted", num=num) == {"error": "Thread not found."}


async def test_dates_and_304(stage: Stage) -> None:
    stage.board()
    stage.posts(
        {"num": 10, "thread_num": 10, "timestamp_expired": 0},
        {"num": 11, "thread_num": 10, "timestamp_expired": NOON + 500},
    )
    stage.post(20, deleted=1, timestamp_expired=NOON + 700)
    async with stage.running() as running:
        for method, num, modified in (
            ("thread", 10, NOON + 500),
            ("deleted", 20, NOON + 700),
            ("post", 10, NOON + 10),
            ("post", 11, NOON + 500),
        ):
            target = address(method, board="g", num=num)
            date = (await running.ask(target)).headers["last-modified"]
            assert date == formatdate(modified, usegmt=True)
            again = await ask(running.app, target, headers={"If-Modified-Since": date})
            assert (again.status, again.body, again.headers["access-control-allow-origin"]) == (304, b"", "*")
            older = {"If-Modified-Since": formatdate(modified - 1, usegmt=True)}
            assert (await ask(running.app, target, headers=older)).status == 200
        stage.execute("UPDATE \"g\" SET comment = 'Another.' WHERE num = 11")
        changed = await ask(running.app, target, headers={"If-Modified-Since": date})
        assert (changed.status, changed.json["comment"]) == (200, "Another.")


async def test_the_index(stage: Stage) -> None:
    stage.board()
    bumps = {num: num * (-1 if num % 2 else 1) for num in range(1, 13)}
    stage.posts(*({"num": num, "thread_num": num} for num in bumps))
    stage.posts(*({"num": num, "thread_num": 12} for num in range(100, 108)))
    stage.posts(*({"num": num, "thread_num": 12, **FILE} for num in range(108, 111)))
    stage.posts({"num": 107, "thread_num": 12, "subnum": 1, **FILE})
    stage.threads(
        *(
            {
                "thread_num": num,
                "time_bump": NOON + bump,
                "time_ghost_bump": NOON + num if num in (12, 2) else None,
                "sticky": int(num == 3),
            }
            for num, bump in bumps.items()
        )
    )
    newest = ["3", *(str(num) for num in range(12, 0, -1) if num != 3)]
    bumped = ["3", *(str(num) for num in sorted(bumps, key=lambda num: bumps[num], reverse=True) if num != 3)]
    async with stage.running() as running:
        first = await told(running, "index", page=1)
        assert list(first) == newest[:10]
        assert list(first["12"]) == ["omitted", "images_omitted", "op", "posts"]
        assert (first["12"]["omitted"], first["12"]["images_omitted"]) == (7, 0)
        assert [post["num"] for post in first["12"]["posts"]] == ["107", "107", "108", "109", "110"]
        assert [post["subnum"] for post in first["12"]["posts"]] == ["0", "1", "0", "0", "0"]
        assert list(first["11"].items())[:2] == [("omitted", 0), ("images_omitted", 0)]
        assert list(first["11"]) == ["omitted", "images_omitted", "op"]
        for thread in first.values():
            for post in posts_of(thread):
                check_post(post)
        assert list(await told(running, "index", page=2)) == newest[10:]
        for order, threads in (("by_thread", newest), ("nonsense", newest), ("by_post", bumped)):
            pages = [await told(running, "index", page=page, order=order) for page in (1, 2)]
            assert [num for page in pages for num in page] == threads, order
        assert list(await told(running, "index", page=1, order="ghost")) == ["12", "2"]
        for page in (3, 2**31, 10**30):
            assert (await running.ask(address("index", board="g", page=page))).body == b"[]"
        assert (await running.ask(address("index", board="g", page=2, order="ghost"))).body == b"[]"


async def test_the_gallery_and_an_empty_board(stage: Stage) -> None:
    stage.board()
    stage.board("empty")
    stage.posts(*({"num": num, "thread_num": num} for num in range(1, 103)))
    stage.posts({"num": 200, "thread_num": 101, **FILE}, {"num": 201, "thread_num": 101, **FILE})
    stage.threads(
        *({"thread_num": num, "sticky": int(num == 1), "time_bump": NOON - num} for num in range(1, 103)),
    )
    async with stage.running() as running:
        first, second = [await told(running, "gallery", page=page) for page in (1, 2)]
        assert [post["num"] for post in first + second] == [str(num) for num in range(102, 0, -1)]
        assert len(first) == 100
        for post in first:
            check_post(post, listed=True)
        assert [(post["nreplies"], post["nimages"]) for post in first[:2]] == [("1", "0"), ("3", "2")]
        for target in (
            address("gallery", board="g", page=3),
            address("gallery", board="empty", page=1),
            address("index", board="empty", page=1),
        ):
            assert (await running.ask(target)).body == b"[]"


async def test_others_get_their_turn_while_a_huge_thread_is_shaped(stage: Stage) -> None:
    stage.board()
    length = 5 * shaping.TURN
    stage.posts(*({"num": num, "thread_num": 1} for num in range(1, length + 1)))
    turns = 0

    async def other() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    async with stage.running() as running, running.app.test_request_context("/"):
        found = await running.archive.whole_thread(running.board(), 1)
        task = asyncio.create_task(other())
        await asyncio.sleep(0)
        before = turns
        assert len(await shaping.shaped(found.posts)) == length
        assert turns - before >= 5
        task.cancel()
