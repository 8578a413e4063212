"""`/_/api/chan/search`: what it takes, in the forms of its clients, and what it answers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

import pytest

from app.archive import Archive
from app.errors import Unavailable
from app.search import Query
from app.search.outcome import SearchResult
from tests.support.asgi import ask
from tests.support.foolfuuka import API, address, check_post
from tests.support.stage import NOON, Running, Stage, stage

__all__ = ["stage"]

SEARCH = f"{API}/search/"
HASH = "x7ij+bQ4xZmz/zGp6dFrQw=="
FILE = {"media_hash": HASH, "media_orig": "1657627200123.jpg", "media_filename": "My Cat.jpg"}
NOTHING = "No results found."
AWAY = "The search backend is currently unavailable."
DAY = 86_400

SPECIAL: tuple[dict[str, Any], ...] = (
    {"title": "Kitchen <general>", "sticky": 1},
    {"comment": "one router\nand >>1", "name": "Bob", "trip": "!Ep8pui8Vw2"},
    {"comment": "=3 a router | a switch", "name": "=w=", "email": "sage"},
    {"comment": 'café & "tea"', "capcode": "M", "poster_hash": "Abcd1234"},
    {**FILE, "media_w": 640, "media_h": 480, "poster_country": "NL"},
    {**FILE, "media_w": 640, "media_h": 600, "spoiler": 1, "exif": '{"since4pass":2016}'},
    {"deleted": 1, "name": "-Bob"},
    {"subnum": 1, "name": "Ghost"},
    {"timestamp": NOON + DAY, "comment": "50% off"},
)
"""The posts 1 to 9 of thread 1; the eighth is ghost post 8,1."""


def fill(stage: Stage) -> None:
    stage.board("g", title="Technology")
    stage.board("h")
    stage.board("secret", hidden=True)
    for num, row in enumerate(SPECIAL, 1):
        stage.post(num, 1, **row)
    stage.post(20, board="h", comment="a router on another board", timestamp=NOON + 100)
    stage.post(30, board="secret", comment="a hidden router")


async def found(running: Running, query: str) -> list[str]:
    """Posts of a search, in order."""
    answer = (await running.ask(f"{SEARCH}?{query}")).json
    assert list(answer) == ["0", "meta"], query
    assert list(answer["0"]) == ["posts"]
    meta = answer["meta"]
    assert {key: type(value) for key, value in meta.items()} == {
        "total_found": int,
        "max_results": str,
        "search_title": str,
    }
    posts = answer["0"]["posts"]
    for post in posts:
        check_post(post)
    assert (meta["total_found"] >= len(posts), meta["max_results"]) == (True, "5000")
    return [
        f"{post['board']['shortname']}{post['num']}" + (f"_{post['subnum']}" if post["subnum"] != "0" else "")
        for post in posts
    ]


async def told(running: Running, query: str, status: int = 200) -> str:
    """What is said instead of posts."""
    answer = await running.ask(f"{SEARCH}?{query}", status)
    assert list(answer.json) == ["error"], query
    assert answer.headers["access-control-allow-origin"] == "*"
    return str(answer.json["error"])


ALL = ["g9", "g8_1", "g7", "g6", "g5", "g4", "g3", "g2", "g1"]
BY_KEY: Sequence[tuple[str, list[str]]] = (
    ("text=router", ["g3", "g2"]),
    ("text=%22a+router%22", ["g3"]),
    ("text=router+-switch", ["g2"]),
    ("text=switch+%7C+tea", ["g4", "g3"]),
    ("text=switch%7Ctea", ["g4", "g3"]),
    ("text=rout*", ["g3", "g2"]),
    ("text=+router+", ["g3", "g2"]),
    ("text=%22one+router", ["g2"]),
    ("text==3", ["g3"]),
    ("text=50%25", ["g9"]),
    ("text=caf%25C3%25A9", ["g4"]),
    ("subject=general", ["g1"]),
    ("subject=%3Cgeneral%3E", ["g1"]),
    ("username=bob", ["g7", "g2"]),
    ("username=-Bob", ["g7"]),
    ("username==w=", ["g3"]),
    ("username=%22Bob", ["g7", "g2"]),
    ("subject=%22kitchen+general%22", ["g1"]),
    ("tripcode=!Ep8pui8Vw2", ["g2"]),
    ("email=sage", ["g3"]),
    ("filename=cat.jpg", ["g6", "g5"]),
    ("capcode=mod", ["g4"]),
    ("uid=Abcd1234", ["g4"]),
    ("country=nl", ["g5"]),
    (f"image={quote(HASH)}", ["g6", "g5"]),
    (f"image={quote(quote(HASH, safe=''))}", ["g6", "g5"]),
    (f"image={HASH}", ["g6", "g5"]),
    ("image=x7ij-bQ4xZmz_zGp6dFrQw", ["g6", "g5"]),
    ("deleted=deleted", ["g7"]),
    ("deleted=not-deleted&ghost=only", ["g8_1"]),
    ("ghost=none&username=ghost", []),
    ("type=sticky", ["g1"]),
    ("type=op", ["g1"]),
    ("type=posts&text=router", ["g3", "g2"]),
    ("filter=text", ["g6", "g5"]),
    ("filter=image&text=router", ["g3", "g2"]),
    ("filter=spoiler", ["g6"]),
    ("filter=not-spoiler", ["g5"]),
    ("filter=spoiler&filter=text", ["g6", "g5"]),
    ("start=2022-07-13", ["g9"]),
    ("start=2022-7-13", ["g9"]),
    ("end=2022-07-12", ALL[1:]),
    ("start=2022-07-12&end=2022-07-13", ALL),
    ("results=thread&text=router", ["g1"]),
    ("text=router&order=asc", ["g2", "g3"]),
    ("text=router&order=up", ["g3", "g2"]),
    ("tnum=1&text=router", ["g3", "g2"]),
    ("width=640", ["g6", "g5"]),
    ("height=480", ["g5"]),
    ("since4pass=2016", ["g6"]),
    ("", ALL),
    ("order=asc", ALL[::-1]),
    # Nothing is taken amiss.
    ("text=router&capcode=janitor&deleted=maybe&ghost=some&type=any&filter=all", ["g3", "g2"]),
    ("text=router&start=yesterday&end=2022-02-30", ["g3", "g2"]),
    ("text=router&op=Kitchen&size=1&num=99&q=x&_=1&theme=", ["g3", "g2"]),
    ("text=&username=&page=&text=router", ["g3", "g2"]),
    ("text=switch&text=router", ["g3", "g2"]),
    ("text=router&page=0", ["g3", "g2"]),
    ("text=router&page=1st", ["g3", "g2"]),
)


BOTH = ["h20", "g3", "g2"]
BY_BOARDS: Sequence[tuple[str, list[str]]] = (
    ("text=router", BOTH),
    ("text=router&boards=g.h", BOTH),
    ("text=router&boards=h.g.zz", BOTH),
    ("text=router&boards=zz", BOTH),
    ("text=router&boards=&board=", BOTH),
    ("text=router&boards=g", ["g3", "g2"]),
    ("text=router&board=h", ["h20"]),
    ("text=router&boards=g&board=h", ["g3", "g2"]),
    ("text=router&boards=secret", ["secret30"]),
    # gallery-dl puts pieces of addresses as they are into the query.
    ("text=caf%25C3%25A9%2520tea&boards=g&page=1&filter=image", ["g4"]),
    ("image=x7ij-bQ4xZmz_zGp6dFrQw&boards=_&page=1&filter=text", ["g6", "g5"]),
    ("text=router&boards=g&page=1&filter=text", []),
    # The MCP server, Hayden, Chance.
    ("boards=g.h&text=router&order=desc&page=1", BOTH),
    ("boards=g&text=Post&type=op&order=asc", ["g1"]),
    ("text=router&page=1&boards=h&filter=image&type=op&start=2022-7-1&end=2022-7-31&deleted=not-deleted", ["h20"]),
)


async def test_what_is_found(stage: Stage) -> None:
    fill(stage)
    async with stage.running() as running:
        for query, expected in (*((f"boards=g&{query}", places) for query, places in BY_KEY), *BY_BOARDS):
            if expected:
                assert await found(running, query) == expected, query
            else:
                assert await told(running, query) == NOTHING, query


TITLES = (
    ("text=rust+borrow+checker", "Searching for posts that contain &lsquo;rust borrow checker&rsquo;."),
    ("boards=g", "Displaying all posts with no filters applied."),
    (
        "text=%22%C3%A9%22+%26+<b>",
        "Searching for posts that contain &lsquo;&quot;&eacute;&quot; &amp; &lt;b&gt;&rsquo;.",
    ),
    (
        "username=-Bob&filter=image&text=50%25&type=posts",
        "Searching for posts that contain &lsquo;50%&rsquo; and by &lsquo;-Bob&rsquo; and without a file and that are "
        "replies.",
    ),
    (
        "text=a&order=asc&results=thread",
        "Searching for threads that have posts that contain &lsquo;a&rsquo;, oldest first.",
    ),
    (
        "tnum=007&width=640",
        "Searching for posts with a file &lsquo;640&rsquo; pixels wide and in thread &lsquo;007&rsquo;.",
    ),
    ("start=2022-7-1&capcode=nobody", "Searching for posts from &lsquo;2022-7-1&rsquo; on."),
    (
        "text={}&subject=%7B%7D",
        "Searching for posts that contain &lsquo;{}&rsquo; and with &lsquo;{}&rsquo; in the subject.",
    ),
    ("text=a%E2%80%AEb", "Searching for posts that contain &lsquo;a\u202eb\u202c&rsquo;."),
)


@pytest.mark.parametrize("database_kind", ["sqlite"])
async def test_titles(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(stage)
    async with stage.running() as running:
        first = await running.archive.search(Query())

        async def anything(*_: Any, **__: Any) -> SearchResult:
            return first

        monkeypatch.setattr(running.archive, "search", anything)
        for query, title in TITLES:
            assert (await running.ask(f"{SEARCH}?{query}")).json["meta"]["search_title"] == title, query


MISTAKES = (
    ("tnum=abc", "Thread number you inserted is not a valid number."),
    ("tnum=%3E5", "Thread number you inserted is not a valid number."),
    ("width=wide", "Image width you inserted is not a valid number."),
    ("height=5px", "Image height you inserted is not a valid number."),
    ("since4pass=MMXVI", "Since4pass you inserted is not a valid number."),
    ("width=٣", "Image width you inserted is not a valid number."),
    ("tnum=x&page=-1", "Thread number you inserted is not a valid number."),
    *((query, NOTHING) for query in (
        "text=nobody-wrote-this", "tnum=-5", "tnum=1e9", "tnum=0", "width=640.5", "since4pass=1999",
        f"height={'9' * 5000}", "start=2022-07-13&end=2022-07-12", "image=tooshort", "image=***", "country=NL|DE",
        "text=" + "a" * 501, "text=" + "a+" * 31, "text=a%00b", "text=%ff%00", "text=a+|+-b", "text=-", "text=%22%22",
        "uid=" + "a" * 101, "tripcode=%0a!x%0ay", "username=|", "text=router&page=2", "text=router&page=200",
        "text=router&page=201", "page=" + "9" * 5000,
    )),
)  # fmt: skip


async def test_what_cannot_be_found(stage: Stage) -> None:
    fill(stage)
    async with stage.running() as running:
        for query, said in MISTAKES:
            assert await told(running, f"boards=g&{quote(query, safe='%&=+*|')}") == said, query[:100]


async def test_pages(stage: Stage, caplog: pytest.LogCaptureFixture) -> None:
    stage.board("g")
    stage.posts(*({"num": num, "thread_num": 1} for num in range(1, 61)))
    async with stage.running() as running:
        pages = [await found(running, f"text=post&page={page}") for page in (1, 2, 3)]
        assert [place for page in pages for place in page] == [f"g{num}" for num in range(60, 0, -1)]
        assert [len(page) for page in pages] == [25, 25, 10]
        assert await told(running, "text=post&page=4") == NOTHING
        assert (await running.ask(address("search", text="post"))).json["meta"]["total_found"] == 60
        assert await found(running, "page=3&order=asc") == [f"g{num}" for num in range(51, 61)]
        for page in ("-1", "x", "%2B1", "٣", "-0"):
            assert (
                await told(running, f"text=post&page={quote(page, safe='%')}", 500) == "The page number is not valid."
            )
        assert "failed" not in caplog.text


@pytest.mark.parametrize("database_kind", ["sqlite"])
async def test_when_it_cannot_search(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(stage)
    async with stage.running() as running:
        whole = await running.archive.search(Query())
        outcomes = iter([(), whole.posts[:2]])

        async def stopped(self: Archive, query: Query, **_: Any) -> SearchResult:
            return SearchResult(query, ("g",), "stopped early", next(outcomes), 7, False, "2~g.1", NOON)

        async def away(*_: Any, **__: Any) -> SearchResult:
            raise Unavailable("Too many searches are running at the moment.", retry_after=5)

        monkeypatch.setattr(Archive, "search", stopped)
        assert await told(running, "text=router") == AWAY
        assert await found(running, "text=router") == ["g9", "g8_1"]
        monkeypatch.setattr(Archive, "search", away)
        answer = await running.ask(f"{SEARCH}?text=router", 503)
        assert answer.json == {"error": "Too many searches are running at the moment."}
        assert answer.headers["retry-after"] == "5"


@pytest.mark.parametrize("database_kind", ["sqlite"])
async def test_it_is_answered_like_the_rest(stage: Stage) -> None:
    fill(stage)
    async with stage.running() as running:
        target = f"{SEARCH}?text=router&boards=g"
        whole = await running.ask(target)
        assert whole.headers["content-type"] == "application/json"
        assert (await running.ask(target.replace("/?", "?"))).body == whole.body
        assert (await ask(running.app, target, method="HEAD")).body == b""
        assert (await ask(running.app, target, headers={"If-None-Match": whole.headers["etag"]})).status == 304
        assert (await ask(running.app, target, method="OPTIONS")).status == 204
        first = (await running.ask(f"{target}&theme=foolz/foolfuuka-theme-foolfuuka")).json["0"]["posts"][0]
        assert 'id="3"' in first["formatted"]
        # A quoted post that was not found itself is named by its own address.
        assert "/g/post/1/" in (await running.ask(target)).json["0"]["posts"][1]["comment_processed"]
