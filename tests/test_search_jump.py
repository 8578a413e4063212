"""The search box of every page: what it offers, and that a number or an address leads to what it names."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import lxml.etree
import pytest

from app.archive import Archive
from app.errors import Unavailable
from app.model import Post
from app.settings import AppSettings, Settings, SiteSettings
from app.web.jump import jump
from tests.support.asgi import ask
from tests.support.pages import EVIL, FakeArchive, app_of, page
from tests.support.stage import Running, Stage, stage

__all__ = ["stage"]

THREAD, REPLY, GHOST = "/g/thread/100/", "/g/thread/100/#101", "/g/thread/100/#101_1"

ON_A_BOARD = {
    "100": THREAD,
    " >>100 ": THREAD,
    ">>101": REPLY,
    "No.101": REPLY,
    "no. 101": REPLY,
    "101_1": GHOST,
    "101,1": GHOST,
    ">>101,1": GHOST,
    "#q101_1": GHOST,
    "999": None,
    "100_1": None,
    "2147483648": None,
    "99999999999999999999": None,
    "101,9999999999": None,
    "100 101": None,
    "0": None,
    "\uff11\uff10\uff10": None,
}
"""What is typed on /g/, and where it leads; None: nowhere, words to search for."""

ANYWHERE = {
    ">>>/g/100": THREAD,
    ">>>/g/101,1": GHOST,
    "/g/101": REPLY,
    "/g/101/": REPLY,
    ">>>/λ/200": "/%CE%BB/thread/200/",
    ">>>/hid/100": "/hid/thread/100/",
    ">>>/g/": "/g/",
    ">>>/g": "/g/",
    "/g/": "/g/",
    "/g": "/g/",
    "/late/": "/late/",
    "/late/100": None,
    ">>>/g/999": None,
    ">>>/g/4294967396": None,
    ">>>/x/100": None,
    "/x/": None,
    "g/100": None,
    "/g/thread/100": THREAD,
    "/g/thread/101/": REPLY,
    "https://boards.4chan.org/g/thread/100": THREAD,
    "https://boards.4chan.org/g/thread/100/old-computers#p101": REPLY,
    "http://boards.4chan.org/g/res/100#101": REPLY,
    "boards.4chan.org/g/thread/100#pc101": REPLY,
    "//a.4cdn.org/g/thread/100.json": THREAD,
    "zip.example:8080/g/res/100.html#q101": REPLY,
    "HTTP://[::1]:80/g/thread/100/#101_1": GHOST,
    "https://archive.example/g/thread/S100#p101": REPLY,
    "https://archive.example/g/post/101/": REPLY,
    "archive.example/sub/path/g/post/101,1": GHOST,
    "localhost:9001/g/last/50/100/#q101": REPLY,
    "/g/deleted/100/?theme=dark#101": REPLY,
    "https://archive.example/%CE%BB/thread/200/": "/%CE%BB/thread/200/",
    "https://archive.example/g/thread/100/#999": THREAD,
    "https://archive.example/g/thread/100/#p": THREAD,
    "https://archive.example/g/": "/g/",
    "boards.4chan.org/λ": "/%CE%BB/",
    "https://archive.example/x/thread/100/": None,
    "https://archive.example/g/thread/999/": None,
    "https://archive.example/g/thread/9999999999/": None,
    "https://archive.example/": None,
    "https://archive.example/g/thread/": None,
    "read/g": None,
    "see /g/thread/100": None,
    "/g/thread/100 now": None,
    "/": None,
    "#": None,
    "": None,
    "cat": None,
    "\x00": None,
    "\ud800": None,
    ">>>/g/" + "1" * 5000: None,
    "/a" * 2500: None,
    "a." * 240 + "/": None,
}

BETWEEN_BOARDS = {
    "101_1": GHOST,
    "200": "/%CE%BB/thread/200/",
    "100": THREAD,  # the hidden board has one too
    "101": "/_/search/?num=101",  # on two boards
    "999": None,
}


@asynccontextmanager
async def built(stage: Stage) -> AsyncIterator[Running]:
    stage.board("g")
    stage.posts({"num": 100, "thread_num": 100}, {"num": 101, "thread_num": 100})
    stage.post(101, 100, subnum=1)
    stage.board("λ")
    stage.posts({"num": 200, "thread_num": 200}, {"num": 101, "thread_num": 200}, board="λ")
    stage.board("hid", hidden=True)
    stage.post(100, board="hid")
    stage.board("late")
    for table in ("late", "late_threads", "late_images"):
        stage.execute(f'DROP TABLE "{table}"')
    async with stage.running(validate_boards_db=False) as running:
        yield running


async def test_numbers_and_addresses_lead_to_what_they_name(stage: Stage) -> None:
    async with built(stage) as running, running.app.test_request_context("/"):
        assert {text: await jump(text, "g") for text in ON_A_BOARD} == ON_A_BOARD
        assert {text: await jump(text, "g") for text in ANYWHERE} == ANYWHERE
        assert {text: await jump(text, None) for text in ANYWHERE} == ANYWHERE
        assert {text: await jump(text, None) for text in BETWEEN_BOARDS} == BETWEEN_BOARDS
        assert await jump("100", "late") is None
        assert await jump("100", "x") is None


@pytest.mark.parametrize("database_kind", ["sqlite"])
async def test_a_database_that_is_away_is_waited_for_once(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = 0

    async def away(*_: object) -> Post:
        nonlocal asked
        asked += 1
        raise Unavailable("The archive's database cannot be reached right now.")

    async with built(stage) as running, running.app.test_request_context("/"):
        monkeypatch.setattr(Archive, "post", away)
        assert await jump("101", None) is None
        assert asked == 1


@pytest.mark.parametrize("database_kind", ["sqlite"])
async def test_the_search_box_leads_there_or_searches(stage: Stage) -> None:
    async with built(stage) as running:
        for typed, target in (("%3E%3E101", REPLY), ("999", "/g/search/?text=999"), ("cat%20", "/g/search/?text=cat")):
            answer = await running.ask(f"/g/search/?q={typed}", 302)
            assert answer.headers["location"] == target
        answer = await running.ask("/_/search/?q=101", 302)
        assert answer.headers["location"] == "/_/search/?num=101"
        async with running.app.test_request_context("/", root_path="/archive"):
            assert await jump("101", "g") == f"/archive{REPLY}"
            assert await jump("/g/", None) == "/archive/g/"


@pytest.mark.parametrize(
    ("address", "status", "action", "everywhere"),
    [
        ("/", 200, "/_/search/", None),
        ("/nowhere/", 404, "/_/search/", None),
        ("/g/", 200, "/g/search/", "/_/search/"),
        ("/g/catalog/", 200, "/g/search/", "/_/search/"),
        ("/g/thread/100/", 200, "/g/search/", "/_/search/"),
        ("/g/thread/999/", 404, "/g/search/", "/_/search/"),
    ],
)
async def test_every_page_has_a_search_box(address: str, status: int, action: str, everywhere: str | None) -> None:
    root = await page(app_of(FakeArchive()), address, status)
    (form,) = (form for form in root.iter("form") if form.get("role") == "search")
    assert (form.get("class"), form.get("method"), form.get("action")) == ("search_box", "get", action)
    (label,), (field,) = form.iter("label"), form.iter("input")
    assert label.get("for") == field.get("id")
    assert (field.get("name"), field.get("type"), field.get("maxlength"), field.get("value")) == (
        "q",
        "search",
        "500",
        "",
    )
    assert [button.get("formaction") for button in form.iter("button")][1:] == ([everywhere] if everywhere else [])
    (search,) = (link for link in root.iter("link") if link.get("rel") == "search")
    assert (search.get("type"), search.get("href")) == ("application/opensearchdescription+xml", "/_/opensearch/")


async def test_browsers_learn_to_search_here() -> None:
    archive = FakeArchive()
    for url, base in (("", "http://archive.example"), ("https://a.example/sub", "https://a.example/sub")):
        archive.settings = Settings(app=AppSettings(url=url), site=SiteSettings(name=EVIL + " archive"))
        answer = await ask(app_of(archive), "/_/opensearch")
        assert answer.status == 200
        assert answer.headers["content-type"] == "application/opensearchdescription+xml; charset=utf-8"
        root = lxml.etree.fromstring(answer.body)
        space = "{http://a9.com/-/spec/opensearch/1.1/}"
        assert root.tag == f"{space}OpenSearchDescription"
        assert 0 < len(root.findtext(f"{space}ShortName")) <= 16
        assert EVIL[:30] in root.findtext(f"{space}Description")
        templates = {url.get("type"): url.get("template") for url in root.iter(f"{space}Url")}
        assert templates["text/html"] == f"{base}/_/search/?q={{searchTerms}}"
        assert templates["application/atom+xml"] == f"{base}/_/search/feed.atom?text={{searchTerms}}"
        assert (await ask(app_of(archive), "/_/opensearch/")).body == answer.body
