"""Lists of threads: the same threads in the same order however one walks, and plain answers at their edges."""

from collections.abc import Callable, Iterable
from typing import Any

import lxml.html
import pytest

from app import threads as threads_module
from tests.support.stage import NOON, Stage, stage

__all__ = ["stage"]

ORDERS = ("bump", "creation", "ghost")
THREADS = 37


def _fill(stage: Stage, writer: str) -> None:
    """Threads 101.. of which many were bumped at the same second; each third has a ghost post."""
    stage.board(writer=writer)
    nums = range(101, 101 + THREADS)
    stage.posts(*({"num": num, "thread_num": num, "timestamp": _bumped(num)} for num in nums))
    ghosts = [num for num in nums if num % 3 == 0]
    stage.posts(*({"num": num, "thread_num": num, "subnum": 1, "timestamp": _ghosted(num)} for num in ghosts))
    if writer != "bare":
        stage.threads(
            *(
                {
                    "thread_num": num,
                    "time_bump": _bumped(num),
                    "time_ghost_bump": _ghosted(num) if num in ghosts else None,
                }
                for num in nums
            )
        )


def _bumped(num: int) -> int:
    return NOON + (5000 if num % 4 else num % 7)


def _ghosted(num: int) -> int:
    return NOON + 90_000 + num % 2


def _in_order(order: str) -> list[int]:
    nums: Iterable[int] = range(101, 101 + THREADS)
    if order == "ghost":
        nums = [num for num in nums if num % 3 == 0]
    keys: dict[str, Callable[[int], int]] = {"bump": _bumped, "creation": int, "ghost": _ghosted}
    return sorted(nums, key=lambda num: (keys[order](num), num), reverse=True)


def _nums(page: Any) -> list[int]:
    return [thread["num"] for thread in page["threads"]]


@pytest.mark.parametrize("writer", ["asagi", "bare"])
async def test_every_way_through_a_list_is_the_same(stage: Stage, writer: str) -> None:
    _fill(stage, writer)
    async with stage.running() as app:
        for order in ORDERS:
            expected = _in_order(order)
            for limit in (1, 4, 50):
                start = f"/threads?order={order}&limit={limit}&replies=0"
                pages = [await app.json(start)]
                assert pages[0]["newer"] is None
                while (older := pages[-1]["older"]) is not None:
                    pages.append(await app.json(f"{start}&before={older}"))
                    assert len(pages) <= THREADS, "the list goes on for ever"
                assert [num for page in pages for num in _nums(page)] == expected
                assert len(pages) == pages[0]["pages"] == -(-len(expected) // limit)
                for number, page in enumerate(pages, 1):
                    by_number = await app.json(f"{start}&page={number}")
                    assert _nums(by_number) == _nums(page)
                    assert by_number["older"] == page["older"]
                    assert by_number["newer"] == page["newer"]
                page = pages[-1]
                back = [_nums(page)]
                while (newer := page["newer"]) is not None:
                    page = await app.json(f"{start}&after={newer}")
                    back.append(_nums(page))
                    assert len(back) <= len(pages)
                assert back[::-1] == [_nums(page) for page in pages]
                await app.json(f"{start}&page={len(pages) + 1}", 404)


async def test_any_thread_is_a_place_to_go_on_from(stage: Stage) -> None:
    _fill(stage, "asagi")
    async with stage.running() as app:
        for order in ORDERS:
            expected = _in_order(order)
            listed = (await app.json(f"/threads?order={order}&limit=50&replies=0"))["threads"]
            for place in (0, 5, len(expected) - 2):
                cursor = listed[place]["cursor"]
                before = await app.json(f"/threads?order={order}&limit=3&replies=0&before={cursor}")
                assert _nums(before) == expected[place + 1 : place + 4]
                after = await app.json(f"/threads?order={order}&limit=3&replies=0&after={cursor}")
                # Where nothing or little is newer, the first page is shown whole.
                assert _nums(after) == expected[max(0, place - 3) :][:3]


async def test_new_threads_do_not_shift_a_walk(stage: Stage) -> None:
    _fill(stage, "asagi")
    async with stage.running() as app:
        first = await app.json("/threads?limit=10&replies=0")
        stage.post(900)
        stage.threads({"thread_num": 900, "time_bump": NOON + 9000})
        second = await app.json(f"/threads?limit=10&replies=0&before={first['older']}")
        assert _nums(first) + _nums(second) == _in_order("bump")[:20]
        assert _nums(await app.json("/threads?limit=10&replies=0"))[0] == 900


def _shown(html: str) -> list[int]:
    threads = lxml.html.fromstring(html).xpath("//article[contains(@class, 'thread')]/@id")
    return [int(num) for num in threads]


async def test_stickies_stand_first_on_page_one_and_nowhere_else(stage: Stage) -> None:
    _fill(stage, "asagi")
    pinned = [137, 103, 110]
    stage.execute(f"UPDATE \"g_threads\" SET sticky = '1' WHERE thread_num IN ({', '.join(map(str, pinned))})")
    expected = _in_order("bump")
    others = [num for num in expected if num not in pinned]
    ordered = [num for num in expected if num in pinned] + others
    async with stage.running() as app:
        seen = []
        for number in range(1, 5):
            page = await app.text(f"/g/page/{number}/")
            assert _shown(page) == ordered[(number - 1) * 10 : number * 10]
            seen += _shown(page)
        assert seen == ordered
        assert _shown(await app.text("/g/")) == ordered[:10]
        first = await app.archive.threads(app.board(), pinned=True, limit=10)
        second = await app.archive.threads(app.board(), pinned=True, limit=10, before=first.older)
        assert [thread.num for thread in second.threads] == ordered[10:20]
        back = await app.archive.threads(app.board(), pinned=True, limit=10, after=second.newer)
        assert [thread.num for thread in back.threads] == ordered[:10]
        assert _shown(await app.text("/g/?order=creation")) == _in_order("creation")[:10]
        # For programs a sticky thread keeps its place and says what it is.
        listed = await app.json("/threads?limit=50")
        assert _nums(listed) == expected
        assert [thread["num"] for thread in listed["threads"] if thread["sticky"]] == ordered[:3]
        await app.ask("/g/page/5/", 404)


async def test_more_stickies_than_a_page_holds(stage: Stage) -> None:
    _fill(stage, "asagi")
    stage.execute("UPDATE \"g_threads\" SET sticky = '1' WHERE thread_num < 125")
    async with stage.running() as app:
        seen: list[int] = []
        page = await app.archive.threads(app.board(), pinned=True, limit=10)
        pinned = [thread.num for thread in page.threads][:9]
        assert pinned == [num for num in _in_order("bump") if num < 125][:9]
        while True:
            seen += [thread.num for thread in page.threads]
            assert len(seen) <= THREADS
            if page.older is None:
                break
            page = await app.archive.threads(app.board(), pinned=True, limit=10, before=page.older)
        assert seen == pinned + [num for num in _in_order("bump") if num not in pinned]
        numbered = [thread for number in range(1, 5) for thread in _shown(await app.text(f"/g/page/{number}/"))]
        assert numbered == seen


@pytest.mark.parametrize("writer", ["asagi", "bare"])
async def test_an_empty_board(stage: Stage, writer: str) -> None:
    stage.board(writer=writer)
    async with stage.running() as app:
        for order in ORDERS:
            page = await app.json(f"/threads?order={order}")
            assert (page["threads"], page["pages"], page["older"], page["newer"]) == ([], 1, None, None)
            assert (await app.json(f"/threads?order={order}&page=1"))["threads"] == []
            await app.json(f"/threads?order={order}&page=2", 404)
            await app.json(f"/threads?order={order}&before=5-5", 404)
            assert (await app.json(f"/threads?order={order}&after=5-5"))["threads"] == []
        assert (await app.json("/catalog"))["threads"] == []
        for address in ("/g/", "/g/ghost/", "/g/catalog/", "/g/gallery/", "/"):
            await app.ask(address)
        board = (await app.ask("/api/v1/boards")).json["boards"][0]
        assert (board["posts"], board["threads"], board["newest"]) == (0, 0, None)
        await app.json("/threads/1", 404)


@pytest.mark.parametrize("writer", ["asagi", "bare"])
async def test_a_board_with_one_thread(stage: Stage, writer: str) -> None:
    stage.board(writer=writer)
    stage.post(7)
    if writer == "asagi":
        stage.threads({"thread_num": 7})
    async with stage.running() as app:
        for order in ("bump", "creation"):
            page = await app.json(f"/threads?order={order}")
            assert (_nums(page), page["pages"], page["older"], page["newer"]) == ([7], 1, None, None)
            cursor = page["threads"][0]["cursor"]
            await app.json(f"/threads?order={order}&before={cursor}", 404)
            assert _nums(await app.json(f"/threads?order={order}&after={cursor}")) == [7]
        assert (await app.json("/threads?order=ghost"))["threads"] == []


@pytest.mark.parametrize("writer", ["asagi", "bare"])
async def test_a_list_without_posts_does_not_break_a_page(stage: Stage, writer: str) -> None:
    """Rows of threads whose posts are gone, and threads whose first post is missing."""
    _fill(stage, writer)
    if writer == "asagi":
        stage.threads({"thread_num": 950, "time_bump": NOON + 9000})
    stage.post(961, 960)
    stage.post(962, 960)
    if writer == "asagi":
        stage.threads({"thread_num": 960, "time_bump": NOON + 8000})
    async with stage.running() as app:
        page = await app.json("/threads?limit=5&replies=1")
        bumped = 960 in _nums(page)
        assert bumped == (writer == "asagi")  # without a table, the posts' own times decide
        listed = (await app.json("/threads?limit=50&replies=1"))["threads"]
        assert 950 not in [thread["num"] for thread in listed]
        (headless,) = [thread for thread in listed if thread["num"] == 960]
        assert headless["op"]["op"] is False
        assert (headless["op"]["num"], [post["num"] for post in headless["replies"]]) == (961, [962])
        assert (headless["posts"], headless["omitted"]) == (2, 0)
        assert {960} < {thread["num"] for thread in (await app.json("/catalog"))["threads"]}


BAD_CURSORS = ("x", "5", "5-", "-5-5", "5-5-5", "+5-5", "5-5%00", "1e3-5", "%D9%A1-%D9%A1", f"{2**32}-1", f"5-{10**20}")


@pytest.mark.parametrize("writer", ["asagi", "bare"])
async def test_bad_cursors_and_numbers(stage: Stage, writer: str) -> None:
    _fill(stage, writer)
    bad_numbers = ("0", str(2**31), str(10**20), "-1", "%D9%A1", "1e3", "1.0", "+1", "%20101", "0x65", "x")
    async with stage.running() as app:
        for cursor in BAD_CURSORS:
            for name in ("before", "after"):
                error = await app.json(f"/threads?{name}={cursor}", 400)
                assert f'"{name}"' in error["error"]["message"]
                await app.ask(f"/g/?{name}={cursor}", 400)
                await app.ask(f"/g/catalog/?{name}={cursor}", 400)
        largest = 2**31 - 1
        assert len(_nums(await app.json(f"/threads?before={largest}-{largest}"))) == 10
        await app.json("/threads?before=0-0", 404)
        assert _nums(await app.json(f"/threads?after={largest}-{largest}")) == _in_order("bump")[:10]
        for number in bad_numbers:
            for address in ("page", "ghost", "gallery", "thread", "deleted", "last/5"):
                await app.ask(f"/g/{address}/{number}/", 404)
            await app.ask(f"/g/last/{number}/101/", 404)
            await app.json(f"/threads/{number}", 404)
            await app.json(f"/posts/{number}", 404)
        for number in ("0", str(2**31), str(10**20), "%D9%A1", "x"):  # what has a number in it leads there
            await app.ask(f"/g/post/{number}/", 404)
        for beyond in (5, largest):
            await app.ask(f"/g/page/{beyond}/", 404)
            await app.ask(f"/g/ghost/{beyond}/", 404)
            await app.ask(f"/g/gallery/{beyond}/", 404)
            await app.json(f"/threads?page={beyond}", 404)
        await app.json(f"/threads/{largest}", 404)
        await app.json(f"/posts/{largest}_{largest}", 404)
        await app.json("/threads/101", 200)


async def test_a_derived_list_follows_new_posts(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    _fill(stage, "bare")
    now = [1000.0]
    monkeypatch.setattr(threads_module, "time", type("Time", (), {"monotonic": lambda: now[0]}))
    async with stage.running() as app:
        before = _nums(await app.json("/threads?limit=50"))
        stage.post(801, 105, timestamp=NOON + 7000)
        stage.post(802, timestamp=NOON + 8000)
        stage.post(802, 802, subnum=1, timestamp=NOON + 99_000)
        now[0] += 1
        assert _nums(await app.json("/threads?limit=50")) == before
        now[0] += 60
        assert _nums(await app.json("/threads?limit=50")) == [802, 105, *(num for num in before if num != 105)]
        assert _nums(await app.json("/threads?order=creation&limit=1")) == [802]
        assert _nums(await app.json("/threads?order=ghost&limit=1")) == [802]


async def test_a_ghost_bump_of_zero_is_none(stage: Stage) -> None:
    """Torako writes 0 where others leave the time of the last ghost post out."""
    stage.board()
    for num in (101, 102, 103):
        stage.post(num)
    stage.threads(
        {"thread_num": 101, "time_ghost_bump": 0},
        {"thread_num": 102, "time_ghost_bump": NOON},
        {"thread_num": 103, "time_ghost_bump": None},
    )
    async with stage.running() as app:
        listed = (await app.json("/threads?order=ghost"))["threads"]
        assert [thread["num"] for thread in listed] == [102]
        assert "102" in await app.text("/g/ghost/")
        assert (await app.json(f"/threads?order=ghost&after={NOON - 1}-1"))["threads"][0]["num"] == 102


async def test_a_large_board_is_counted_once_and_estimated_from_then_on(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.board._COUNTED_UP_TO", 3)
    stage.board()
    stage.posts(*({"num": num, "thread_num": 101} for num in range(101, 106)))
    stage.threads({"thread_num": 101})
    async with stage.running() as app:
        board = app.board()
        assert board.facts.posts >= 3
        assert not board.small

        def counts(limit: int) -> Any:
            raise AssertionError("counted again")

        monkeypatch.setattr(board.queries, "count_up_to", counts)
        await board.refresh()
        assert board.facts.posts >= 3
