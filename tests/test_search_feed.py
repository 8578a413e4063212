"""A search as an Atom feed: valid for strict readers whatever posts hold, absolute in all its addresses."""

from __future__ import annotations

from collections.abc import AsyncIterator

import lxml.html
import msgspec
import pytest
from quart import Quart

from app import create_app
from app.demo.make import make_demo
from app.errors import Unavailable
from app.search import Query
from app.search.outcome import SearchResult
from app.settings import AppSettings, Settings
from app.settings.file import load_settings
from tests.support.asgi import ask
from tests.support.feeds import ATOM, HOST, ids, links, parsed
from tests.support.pages import EVIL, OP, REPLY, SHOWN, FakeArchive, app_of, document, text


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    config = make_demo(tmp_path_factory.mktemp("demo"), lambda line: None).config
    files = {"KOIWAI_CONFIG": str(config), "KOIWAI_BOARDS": str(config.with_name("boards.toml"))}
    return load_settings(files, config.parent)


@pytest.fixture
async def app(demo: Settings) -> AsyncIterator[Quart]:
    app = create_app(demo)
    async with app.test_app():
        yield app


@pytest.mark.parametrize(
    ("board", "asked"),
    [
        ("g", "text=alert"),
        ("g", "text=demo"),
        ("g", "text=control"),
        ("g", "text=entities"),
        ("g", "text=spoiler"),
        ("g", "filename=alert"),
        ("g", "file=with&type=op"),
        ("g", "ghost=only"),
        ("%CE%BB", "type=reply"),
        ("3", "file=with"),
        ("_", "type=op&boards=g.3"),
        ("_", "text=%22hidden%20and%20lost%20for%20good%22"),
    ],
)
async def test_feeds_of_the_demo_are_valid(app: Quart, board: str, asked: str) -> None:
    root = parsed(await ask(app, f"/{board}/search/feed.atom?{asked}"))
    assert ids(root) or "lost" in asked
    assert len(ids(root)) <= 25
    assert links(root)["alternate"].startswith(f"{HOST}/{board}/search/?")
    for entry in root.findall(f"{ATOM}entry")[:3]:
        for address in (entry.findtext(f"{ATOM}id"), links(entry)["alternate"]):
            assert (await ask(app, address.removeprefix(HOST).partition("#")[0])).status == 200


async def test_a_feed_says_what_its_search_page_says(app: Quart) -> None:
    answer = await ask(app, "/g/search/feed.atom?type=op&order=asc&page=7")
    root = parsed(answer)
    times = [entry.findtext(f"{ATOM}published") for entry in root.findall(f"{ATOM}entry")]
    assert times == sorted(times, reverse=True)
    assert links(root) == {
        "self": f"{HOST}/g/search/feed.atom?type=op",
        "alternate": f"{HOST}/g/search/?type=op",
    }
    shown = document(await ask(app, "/g/search/?type=op"))
    articles = [found.get("id") for found in shown.iter("article") if found.get("data-doc-id")]
    assert ids(root) == [f"{HOST}/g/post/{num}/" for num in articles]
    (alternate,) = (link for link in shown.iter("link") if link.get("type") == "application/atom+xml")
    own = await ask(app, alternate.get("href", "").removeprefix(HOST))
    assert own.body == answer.body


async def test_an_unchanged_feed_is_not_sent_again(app: Quart) -> None:
    whole = await ask(app, "/3/search/feed.atom?file=with")
    again = await ask(app, "/3/search/feed.atom?file=with", headers={"If-None-Match": whole.headers["etag"]})
    assert (again.status, again.body) == (304, b"")
    assert "Rating" not in (await ask(app, "/g/search/feed.atom?file=with")).headers
    assert whole.headers["rating"].startswith("RTA-")
    assert whole.headers["x-content-type-options"] == "nosniff"
    head = await ask(app, "/3/search/feed.atom?file=with", method="HEAD")
    assert (head.status, head.body, head.headers["etag"]) == (200, b"", whole.headers["etag"])


@pytest.mark.parametrize(
    ("address", "status", "said"),
    [
        ("/g/search/feed.atom", 400, "needs something to search for"),
        ("/_/search/feed.atom?boards=g&q=cat", 400, "needs something to search for"),
        ("/g/search/feed.atom?start=never", 400, "(From) must be a date"),
        ("/_/search/feed.atom?text=cat&boards=x", 400, "does not have"),
        ("/x/search/feed.atom?text=cat", 404, "no such board"),
    ],
)
async def test_what_is_wrong_is_said_in_words(app: Quart, address: str, status: int, said: str) -> None:
    answer = await ask(app, address)
    assert answer.status == status
    assert said in text(document(answer))


class Finder(FakeArchive):
    """An archive whose every search finds the same posts."""

    async def search(self, query: Query, *, limit: int) -> SearchResult:
        if self.fault is not None:
            raise self.fault
        return SearchResult(query, ("g",), "found", tuple(self.posts[:limit]), 2, True, None, None)


async def test_posts_that_hold_anything_at_all() -> None:
    archive = Finder()
    worst = EVIL + "]]>\ufffe\uffff\x0b\x7f\x85\u2028 <![CDATA[ &#0; <?xml?> \U0001fffe"
    changes = dict.fromkeys(("subject", "name", "trip", "comment"), worst)
    nothing = msgspec.structs.replace(REPLY, subject=None, name=" \u2028", comment=None, media=None, time=-5, num=5)
    archive.posts = (msgspec.structs.replace(OP, **changes), REPLY, nothing)
    archive.settings = Settings(app=AppSettings(url="https://a.example/sub"))
    root = parsed(await ask(app_of(archive), "/g/search/feed.atom?text=%3Cscript%3E]]%3E"))
    op, reply, empty = root.findall(f"{ATOM}entry")
    assert op.findtext(f"{ATOM}title").startswith(SHOWN[:20])
    assert op.findtext(f"{ATOM}title").endswith(" - /g/ No. 100")
    assert SHOWN[:20] in lxml.html.fromstring(op.findtext(f"{ATOM}content")).text_content()
    (picture,) = lxml.html.fromstring(op.findtext(f"{ATOM}content")).iter("img")
    assert picture.get("src") == "https://a.example/sub/g/thumb/1366/82/1366825828123s.jpg"
    (link,) = (
        link
        for link in lxml.html.fromstring(reply.findtext(f"{ATOM}content")).iter("a")
        if link.get("class") == "backlink op"
    )
    assert link.get("href") == "https://a.example/sub/g/thread/100/#100"
    assert reply.findtext(f"{ATOM}id") == "https://a.example/sub/g/post/101/"
    assert links(reply)["alternate"] == "https://a.example/sub/g/thread/100/#101"
    assert empty.findtext(f"{ATOM}title") == "/g/ No. 5"
    assert empty.findtext(f"{ATOM}author/{ATOM}name") == "/g/ No. 5"
    assert empty.findtext(f"{ATOM}published") == "1970-01-01T00:00:00+00:00"


async def test_a_hidden_picture_is_not_in_the_feed() -> None:
    archive = Finder()
    assert OP.media is not None
    for changes in ({"spoiler": True}, {"banned": True}, {"thumb": None}):
        archive.posts = (msgspec.structs.replace(OP, media=msgspec.structs.replace(OP.media, **changes)),)
        answer = await ask(app_of(archive), "/g/search/feed.atom?file=with")
        assert ids(parsed(answer)) and b"img" not in answer.body


async def test_nothing_found_is_a_feed_too() -> None:
    archive = Finder()
    archive.posts = ()
    root = parsed(await ask(app_of(archive), "/g/search/feed.atom?text=cat"))
    assert (ids(root), root.findtext(f"{ATOM}updated")) == ([], "1970-01-01T00:00:00+00:00")


async def test_an_engine_that_is_away_is_told_to_come_back_later() -> None:
    archive = Finder()
    archive.fault = Unavailable("The database is away.", retry_after=7)
    answer = await ask(app_of(archive), "/g/search/feed.atom?text=cat")
    assert (answer.status, answer.headers["retry-after"]) == (503, "7")
