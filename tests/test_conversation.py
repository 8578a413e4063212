"""What quotes lead to: looked up at once, within bounds, on every board the archive has."""

from typing import Any

import lxml.html
import pytest

from app import archive as archive_module
from app.db.base import Sql
from app.model import PostId
from tests.support.stage import Running, Stage, stage

__all__ = ["stage"]


def _states(post: dict[str, Any]) -> list[tuple[str | None, int, int, str, int | None]]:
    return [
        (quote["board"], quote["num"], quote["subnum"], quote["state"], quote["thread_num"])
        for quote in post["rendered"]["quotes"]
    ]


async def _post(app: Running, place: str, target: str = "/threads/100") -> dict[str, Any]:
    num, _, subnum = place.partition("_")
    thread = await app.json(f"{target}?rendered=1")
    (post,) = [p for p in thread["posts"] if (p["num"], p["subnum"]) == (int(num), int(subnum or 0))]
    found: dict[str, Any] = post
    return found


async def test_quotes_of_every_kind(stage: Stage) -> None:
    stage.board()
    stage.board("b")
    stage.post(100, 100, board="b")
    stage.post(555, 500, board="b")
    stage.post(100)
    stage.post(101, 100, comment=">>100\n>>101 >>102 >>102,1 >>102,2\n>>102_1")
    stage.post(102, 100, comment=">>90\n>>90,1 >>7 >>>/g/90 >>>/b/555 >>>/b/100,1 >>>/b/101 >>>/x/1")
    stage.post(102, 100, subnum=1, comment=">>102\n>>101")
    stage.post(90)
    stage.post(90, 90, subnum=1)
    stage.threads({"thread_num": 100}, {"thread_num": 90})
    async with stage.running() as app:
        first, second = await _post(app, "101"), await _post(app, "102")
        assert _states(first) == [
            (None, 100, 0, "here", 100),
            (None, 101, 0, "here", 100),
            (None, 102, 0, "here", 100),
            (None, 102, 1, "here", 100),
            (None, 102, 2, "dead", None),
        ]
        assert _states(second) == [
            (None, 90, 0, "thread", 90),
            (None, 90, 1, "thread", 90),
            (None, 7, 0, "dead", None),
            ("g", 90, 0, "thread", 90),
            ("b", 555, 0, "board", 500),
            ("b", 100, 1, "dead", None),
            ("b", 101, 0, "dead", None),
            ("x", 1, 0, "elsewhere", None),
        ]
        # A post is not among its own quoters; a ghost post is a quoter like others.
        assert first["rendered"]["backlinks"] == ["102_1"]
        assert second["rendered"]["backlinks"] == ["101", "102_1"]
        assert (await _post(app, "102_1"))["rendered"]["backlinks"] == ["101"]
        assert (await _post(app, "100"))["rendered"]["backlinks"] == ["101"]
        # Alone, a post's quotes lead to where its neighbours are; nothing beside it can quote it.
        alone = await app.json("/posts/101?rendered=1")
        assert [quote[3] for quote in _states(alone)] == ["thread", "here", "thread", "thread", "dead"]
        assert alone["rendered"]["backlinks"] == []


async def test_links_on_the_page(stage: Stage) -> None:
    stage.board()
    stage.board("b")
    stage.post(555, 500, board="b")
    stage.post(100)
    stage.post(90)
    stage.post(101, 100, comment=">>100 >>90 >>7 >>>/b/555 >>>/x/1")
    stage.threads({"thread_num": 100}, {"thread_num": 90})
    async with stage.running() as app:
        page = lxml.html.fromstring(await app.text("/g/thread/100/"))
        (text,) = page.xpath("//article[@id='101']//div[@class='text']")
        assert [(link.text.strip(), link.get("href")) for link in text.iter("a")] == [
            (">>100", "/g/thread/100/#100"),
            (">>90", "/g/thread/90/#90"),
            (">>>/b/555", "/b/thread/500/#555"),
        ]


async def test_boards_whose_table_is_not_there(stage: Stage) -> None:
    """They are known by name, so their posts may exist: nothing is said about them, and nothing fails."""
    stage.board()
    stage.post(100, comment=">>>/late/5 >>100")
    stage.threads({"thread_num": 100})
    stage.boards["late"] = stage.boards["g"]
    async with stage.running(validate_boards_db=False) as app:
        assert _states(await _post(app, "100")) == [("late", 5, 0, "unknown", None), (None, 100, 0, "here", 100)]
        page = lxml.html.fromstring(await app.text("/g/thread/100/"))
        (text,) = page.xpath("//article[@id='100']//div[@class='text']")
        assert [link.get("href") for link in text.iter("a")] == ["/late/post/5/", "/g/thread/100/#100"]
        await app.ask("/late/post/5/", 503)


async def test_thousands_of_quotes_are_one_bounded_look_up(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    stage.board()
    stage.board("b")
    stage.post(1_000_000)
    # 60 kB of a comment hold some seven thousand quotes; two of them, fifteen thousand.
    numbers = range(1_000, 8_500)
    for num, first in ((1_000_001, 0), (1_000_002, 20_000)):
        stage.post(num, 1_000_000, comment="\n".join(f">>{number + first}" for number in numbers)[:60_000])
    stage.posts(*({"num": number, "thread_num": 1_000} for number in range(1_000, 1_003)))
    stage.threads({"thread_num": 1_000_000})
    async with stage.running() as app:
        asked: list[Sql] = []
        database = app.board().database
        fetch = database.fetch

        async def counted(sql: Sql) -> Any:
            asked.append(sql)
            return await fetch(sql)

        monkeypatch.setattr(database, "fetch", counted)
        posts = (await app.archive.thread(app.board(), 1_000_000)).posts
        asked.clear()
        conversation = await app.archive.conversation(posts)
        (look_up,) = asked
        assert len(look_up.args) == archive_module._QUOTES_LOOKED_UP
        known = {post_id.num: thread for (_, post_id), thread in conversation.threads.items()}
        assert known[1_000] == known[1_002] == 1_000
        assert known[1_003] is None
        (last,) = [post for post in posts if post.num == 1_000_002]
        quote = conversation.comments["g", PostId(1_000_002)].quotes[-1]
        assert conversation.target(last, quote).kind == "unknown"
        page = await app.text("/g/thread/1000000/")
        assert page.count('href="/g/post/') > 10_000
        assert len((await app.json("/threads/1000000?rendered=1"))["posts"]) == 3


async def test_each_board_is_asked_once(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    stage.board()
    for name in ("b", "c"):
        stage.board(name)
        stage.post(5, board=name)
    stage.post(100, comment=">>>/b/5 >>>/c/5 >>50")
    stage.post(101, 100, comment=">>>/b/5 >>>/b/6 >>51 >>50")
    stage.threads({"thread_num": 100})
    async with stage.running() as app:
        posts = (await app.archive.thread(app.board(), 100)).posts
        asked: list[Sql] = []
        database = app.board().database
        fetch = database.fetch

        async def counted(sql: Sql) -> Any:
            asked.append(sql)
            return await fetch(sql)

        monkeypatch.setattr(database, "fetch", counted)
        conversation = await app.archive.conversation(posts)
        assert sorted(sql.args for sql in asked) == [(5,), (5, 6), (50, 51)]
        assert conversation.threads["b", PostId(5)] == 5
        assert conversation.threads["b", PostId(6)] is None
        asked.clear()
        await app.archive.conversation(posts[:0])
        assert asked == []


async def test_ghost_quotes_find_the_right_of_two_posts(stage: Stage) -> None:
    """A ghost post shares its number with a post that may stand in another thread's place."""
    stage.board()
    stage.post(100)
    stage.post(100, 100, subnum=1)
    stage.post(200, comment=">>100,1 >>100 >>100,2")
    stage.threads({"thread_num": 200})
    async with stage.running() as app:
        assert [quote[3:] for quote in _states(await _post(app, "200", "/threads/200"))] == [
            ("thread", 100),
            ("thread", 100),
            ("dead", None),
        ]
        page = lxml.html.fromstring(await app.text("/g/thread/200/"))
        (text,) = page.xpath("//article[@id='200']//div[@class='text']")
        assert [link.get("href") for link in text.iter("a")] == ["/g/thread/100/#100_1", "/g/thread/100/#100"]
