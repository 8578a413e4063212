"""Addresses of pages: what each answers, and what all pages have in common."""

from __future__ import annotations

import itertools
import re

import pytest
from quart import Quart

from app.errors import Unavailable
from app.model import PostId
from app.settings import AppSettings, Settings
from app.web.file_menu import SERVICES
from tests.support.asgi import ask
from tests.support.pages import (
    GHOST,
    HASH,
    POSTS,
    REPLY,
    SHOWN,
    TITLE,
    FakeArchive,
    app_of,
    document,
    having,
    is_own_script,
    one,
    page,
    text,
)

PAGES = (
    "/",
    "/g/",
    "/g/page/2/",
    "/g/ghost/",
    "/g/catalog/",
    "/g/gallery/",
    "/g/thread/100/",
    "/g/last/50/100/",
    "/g/deleted/100/",
    "/g/image/_b-d_f_hijklmnopqrstu_/",
    "/g/post/101/",
)


@pytest.fixture
def archive() -> FakeArchive:
    return FakeArchive()


@pytest.fixture
def app(archive: FakeArchive) -> Quart:
    return app_of(archive)


@pytest.mark.parametrize("address", [*PAGES, "/nowhere/", "/g/?order=x"])
async def test_every_page_is_whole_safe_and_described(app: Quart, address: str) -> None:
    answer = await ask(app, address)
    root = document(answer)
    assert root.get("lang") == "en"
    assert text(next(root.iter("title"))).endswith("Koiwai")
    assert len(list(root.iter("h1"))) == 1
    assert {element.get("role") for element in root.iter() if element.get("id") == "main"} == {"main"}
    assert not {"style", "iframe", "object"} & {element.tag for element in root.iter()}
    assert [is_own_script(element) for element in root.iter("script")] == [True, True]
    for element in root.iter():
        assert not [name for name in element.attrib if str(name).startswith(("on", "style"))]
        for name in ("href", "src"):
            target = element.get(name)
            live = str(target).startswith("https://boards.4chan.org/g/")
            service = any(str(target).startswith(known.format("http")) for known in SERVICES.values())
            own = element.get("rel") == "canonical" and str(target).startswith("http://archive.example/")
            assert target is None or target.startswith(("/", "#main")) or live or own or service
    levels = [int(element.tag[1]) for element in root.iter() if re.fullmatch("h[1-6]", str(element.tag))]
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels))
    ids = [element.get("id") for element in root.iter() if element.get("id")]
    assert len(ids) == len(set(ids))
    assert answer.headers["content-security-policy"].startswith("default-src 'none'; img-src 'self'")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "same-origin"
    assert answer.headers["cache-control"] == "no-cache"


@pytest.mark.parametrize("address", PAGES)
async def test_slash_head_and_validators(app: Quart, address: str) -> None:
    whole = await ask(app, address)
    assert (await ask(app, address.rstrip("/") or "/")).body == whole.body
    head = await ask(app, address, method="HEAD")
    assert (head.status, head.body, head.headers) == (200, b"", whole.headers)
    again = await ask(app, address, headers={"If-None-Match": whole.headers["etag"]})
    assert (again.status, again.body) == (304, b"")


async def test_index_front_page_and_nothing_of_posts_outside_them(app: Quart) -> None:
    root = await page(app, "/g/")
    assert text(one(root, "omitted_posts")) == "77"
    assert text(one(root, "omitted_images")) == "2"
    controls = having(root, "post_controls")[0]
    assert [link.get("href") for link in controls] == ["/g/thread/100/", "/g/last/50/100/"]
    pages = one(root, "paginate")
    assert [text(item) for item in pages.iter("li")] == ["← Newer", "1", "2", "3", "…", "9", "Older →"]
    assert [link.get("href") for link in pages.iter("a")][-1] == "/g/?before=old%26er"
    assert text(one(pages, "active")) == "1"
    for address in PAGES:
        whole = await page(app, address)
        inside = {element for article in whole.iter("article") for element in article.iter()}
        for element in whole.iter():
            marked = element.get("class") in ("post_title", "post_author") or element.tag == "time"
            assert element in inside or not marked


async def test_front_page_lists_boards_as_programs_expect(app: Quart) -> None:
    root = await page(app, "/")
    elements = list(root.iter())
    heading, following, *_ = (n for n, element in enumerate(elements) if element.tag == "h2")
    assert text(elements[heading]) == "Archives"
    links = [element for element in elements[heading:following] if element.tag == "a"]
    assert [link.get("href") for link in links] == ["/g/", "/%CE%BB/", "/late/"]
    assert text(links[0]) == f"/g/ {TITLE}"
    facts = [text(element) for element in having(root, "board_facts")]
    assert facts == [
        "about 1,234,567 posts · newest post 24 Apr 2013 17:50 UTC",
        "no posts",
        "not available yet",
    ]


async def test_walls(app: Quart, archive: FakeArchive) -> None:
    root = await page(app, "/g/catalog/")
    assert text(one(root, "tile_counts")) == "79 replies / 3 images sticky"
    assert text(one(root, "tile_subject")).startswith(SHOWN)
    assert one(root, "tile_image").get("width") == "250"
    root = await page(app, "/g/gallery/2/")
    assert not having(root, "tile_subject")
    assert [(asked["limit"], asked.get("page")) for asked in archive.asked] == [(150, None), (100, 2)]


async def test_a_thread_without_its_first_post_and_a_thread_in_parts(app: Quart, archive: FakeArchive) -> None:
    archive.posts, archive.next = (REPLY, GHOST), PostId(101, 1)
    root = await page(app, "/g/thread/100/")
    assert [article.get("id") for article in root.iter("article")] == ["100", "101", "101_1"]
    assert "not in the archive" in text(one(root, "missing_op"))
    assert [place[0].get("href") for place in having(root, "continue")] == ["/g/thread/100/?after=101_1"] * 2
    assert [article.get("id") for article in (await page(app, "/g/")).iter("article")] == [
        "100",
        "101",
        "101_1",
    ]
    archive.posts = POSTS
    root = await page(app, "/g/thread/100/?after=100")
    assert "Continued after No. 100" in text(one(root, "omitted_text"))
    assert "[2 replies" in text(having(root, "thread_counts")[0])


@pytest.mark.parametrize(
    ("address", "target"),
    [
        ("/g/thread/101/", "/g/thread/100/#101"),
        ("/g/last/9/101/", "/g/thread/100/#101"),
        ("/g/deleted/101", "/g/thread/100/#101"),
        ("/g/last50/100/", "/g/last/50/100/"),
    ],
)
async def test_redirects(app: Quart, address: str, target: str) -> None:
    answer = await ask(app, address)
    assert (answer.status, answer.headers["location"]) == (302, target)
    assert (await ask(app, address, root_path="/x")).headers["location"] == f"/x{target}"


async def test_post_page_is_the_one_clients_read(app: Quart, archive: FakeArchive) -> None:
    for number, target in (("100", ""), ("101", "#101"), ("101_1", "#101_1"), ("101,1", "#101_1")):
        html = (await ask(app, f"/g/post/{number}/")).body.decode()
        assert f'<meta http-equiv="Refresh" content="0; url=http://archive.example/g/thread/100/{target}">' in html
        assert f"You are being redirected to http://archive.example/g/thread/100/{target}." in html
        assert f'<a href="/g/thread/100/{target}">' in html
    archive.settings = Settings(app=AppSettings(url="https://a.example/x"))
    html = (await ask(app, "/g/post/101/", root_path="/x")).body.decode()
    assert "You are being redirected to https://a.example/x/g/thread/100/#101." in html
    assert 'href="/x/static/koiwai.css?v=' in html


@pytest.mark.parametrize("written", [HASH, HASH[:22], HASH.replace("/", "%2F"), "_b-d_f_hijklmnopqrstu_"])
async def test_hash_in_every_spelling(app: Quart, archive: FakeArchive, written: str) -> None:
    for ending in ("", "/"):
        root = await page(app, f"/g/image/{written}{ending}")
        assert [article.get("id") for article in root.iter("article")] == [None, "101", "100"]
    assert set(archive.asked) <= {HASH[:22], "_b-d_f_hijklmnopqrstu_"}
    assert having(root, "next")[0][0].get("href") == "/g/image/_b-d_f_hijklmnopqrstu_/?before=100"
    assert text(having(root, "post_show_board")[0]) == "/g/"


async def test_a_hash_that_looks_like_a_media_file_is_a_hash(app: Quart, archive: FakeArchive) -> None:
    await page(app, "/g/image/abcd/ef/ghijklmnopqrst")
    assert archive.asked == ["abcd/ef/ghijklmnopqrst"]
    await page(app, "/g/image/1366/82/1366825828123.png", 404)
    assert len(archive.asked) == 1


@pytest.mark.parametrize(
    ("address", "status", "words"),
    [
        ("/nope/", 404, "no such board"),
        ("/g/nope/", 404, "no page at this address"),
        ("/g/thread/555/", 404, "thread is not in the archive"),
        ("/g/thread/300/", 404, "thread is not in the archive"),
        ("/g/thread/0/", 404, "number"),
        ("/g/thread/2147483648/", 404, "number"),
        ("/g/thread/%D9%A1/", 404, "number"),
        ("/g/thread/1x/", 404, "number"),
        ("/g/post/99/", 404, "post is not in the archive"),
        ("/g/page/0/", 404, "no page"),
        ("/g/page/x/", 404, "no page"),
        ("/g/last/0/100/", 404, "last posts"),
        ("/g/?order=newest", 400, '"order"'),
        ("/g/?before=a&after=b", 400, '"after"'),
        ("/g/page/2/?before=a", 400, '"before"'),
        ("/g/thread/100/?after=x", 400, '"after"'),
        ("/g/image/tooshort/", 400, "MD5"),
    ],
)
async def test_errors(app: Quart, address: str, status: int, words: str) -> None:
    root = await page(app, address, status)
    assert words in text(one(root, "alert"))
    assert having(root, "alert-heading")
    links = [link.get("href") for link in one(root, "ways_on").iter("a")]
    ours = [href for href in links if href and href.startswith("/") and not href.startswith("/_/random/")]
    assert ours == (["/g/", "/"] if address.startswith("/g/") else ["/"])


async def test_faults_are_honest_and_silent(app: Quart, archive: FakeArchive, caplog: pytest.LogCaptureFixture) -> None:
    archive.fault = Unavailable("Busy.", retry_after=7)
    answer = await ask(app, "/g/")
    assert (answer.status, answer.headers["retry-after"]) == (503, "7")
    assert "Busy." in text(document(answer))
    archive.fault = RuntimeError("SELECT secret")
    answer = await ask(app, "/g/")
    assert answer.status == 500
    assert b"secret" not in answer.body
    assert "SELECT secret" in caplog.text
    answer = await ask(app, "/g/", method="POST")
    assert answer.status == 405
    assert "GET" in answer.headers["allow"]


async def test_the_last_posts_have_a_limit(app: Quart, archive: FakeArchive) -> None:
    root = await page(app, "/g/last/2000000000/100/")
    assert archive.asked == [1000]
    assert text(one(root, "omitted_posts")) == "12"
