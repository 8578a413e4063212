"""What stands around every page, and the site's own pages: the way to it, what others are told of it, what helps."""

from __future__ import annotations

import re
from io import BytesIO
from time import time
from typing import Any
from urllib.robotparser import RobotFileParser
from xml.etree.ElementTree import Element, fromstring

import msgspec
import pytest
from PIL import Image
from quart import Quart

from app.resources import resource
from app.settings import AppSettings, BoardSettings, Settings, SiteSettings
from app.web.help import KEYS
from tests.support.asgi import ask
from tests.support.pages import EVIL, SHOWN, FakeArchive, app_of, document, having, one, page, text

HERE = "http://archive.example"
MAY_2014, MARCH_2019 = 1_400_000_000, 1_552_000_000


@pytest.fixture
def archive() -> FakeArchive:
    return FakeArchive()


@pytest.fixture
def app(archive: FakeArchive) -> Quart:
    return app_of(archive)


def given(archive: FakeArchive, name: str = "g", **facts: Any) -> None:
    archive.boards[name] = msgspec.structs.replace(archive.boards[name], **facts)


def way(root: Element) -> list[tuple[str, str | None]]:
    (nav,) = having(root, "crumbs")
    assert nav.get("aria-label") == "Breadcrumb"
    steps = [step[0] for step in nav.iter("li")]
    assert [step.get("aria-current") for step in steps] == [None] * (len(steps) - 1) + ["page"]
    return [(text(step), step.get("href")) for step in steps]


def told(root: Element) -> dict[str, str | None]:
    named = ((meta.get("property") or meta.get("name"), meta.get("content")) for meta in root.iter("meta"))
    return {name: value for name, value in named if name and name.startswith(("og:", "twitter:", "desc"))}


def canonical(root: Element) -> list[str | None]:
    return [link.get("href") for link in root.iter("link") if link.get("rel") == "canonical"]


@pytest.mark.parametrize(
    ("address", "steps"),
    [
        ("/g/", [("/g/ - Things & \"<stuff>\"", None)]),
        ("/g/catalog/", [("/g/ - Things & \"<stuff>\"", "/g/"), ("Catalog", None)]),
        ("/%CE%BB/ghost/", [("/λ/", "/%CE%BB/"), ("Ghost posts", None)]),
        ("/g/thread/100/", [("/g/ - Things & \"<stuff>\"", "/g/"), ("Thread No. 100", None)]),
        ("/g/nope/", [("/g/ - Things & \"<stuff>\"", "/g/"), ("Not found", None)]),
        ("/nope/", [("Not found", None)]),
        ("/_/search/", [("Search", None)]),
        ("/_/about/", [("About", None)]),
        ("/_/help/", [("Help", None)]),
    ],
)  # fmt: skip
async def test_pages_say_how_one_got_there(app: Quart, address: str, steps: list[tuple[str, str | None]]) -> None:
    root = await page(app, address, 404 if "nope" in address else 200)
    assert way(root) == [("Koiwai", "/"), *steps]
    assert len(list(root.iter("h1"))) == 1
    (main,) = (element for element in root.iter() if element.get("id") == "main")
    assert not having(main, "crumbs")  # programs take what is in there for posts


async def test_the_front_page_leads_from_nowhere(app: Quart) -> None:
    assert not having(await page(app, "/"), "crumbs")


@pytest.mark.parametrize(
    ("address", "one_address"),
    [
        ("/", "/"),
        ("/g", "/g/"),
        ("/g/?theme=dark&before=b", "/g/"),
        ("/g/page/3/", "/g/"),
        ("/g/?order=creation&after=b", "/g/?order=creation"),
        ("/%CE%BB/ghost/2/", "/%CE%BB/ghost/"),
        ("/g/catalog/?theme=light", "/g/catalog/"),
        ("/g/gallery/2/", "/g/gallery/"),
        ("/g/image/_b-d_f_hijklmnopqrstu_?before=9", "/g/image/_b-d_f_hijklmnopqrstu_/"),
        ("/_/about", "/_/about/"),
        ("/_/help/?x=1", "/_/help/"),
    ],
)
async def test_every_page_has_one_address(app: Quart, archive: FakeArchive, address: str, one_address: str) -> None:
    root = await page(app, address)
    assert canonical(root) == [HERE + one_address]
    assert told(root)["og:url"] == HERE + one_address
    archive.settings = Settings(app=AppSettings(url="https://a.example/sub"))
    assert canonical(await page(app, address)) == [f"https://a.example/sub{one_address}"]


async def test_what_is_not_there_has_none(app: Quart) -> None:
    for address in ("/nope/", "/g/thread/555/"):
        root = await page(app, address, 404)
        assert canonical(root) == []
        assert not [name for name in told(root) if name != "description"]


async def test_others_are_told_what_a_page_is(app: Quart, archive: FakeArchive) -> None:
    given(archive, description="Phones & such.")
    assert told(await page(app, "/g/catalog/")) == {
        "description": "Phones & such.",
        "og:site_name": "Koiwai",
        "og:type": "website",
        "og:url": f"{HERE}/g/catalog/",
        "og:title": '/g/ - Things & "<stuff>" - Catalog',
        "og:description": "Phones & such.",
        "twitter:card": "summary",
    }


async def test_no_picture_of_a_board_not_safe_for_work_is_told(app: Quart, archive: FakeArchive) -> None:
    archive.posts = archive.posts[:1]
    for nsfw, pictures in ((False, 1), (True, 0)):
        given(archive, nsfw=nsfw)
        archive.settings = Settings(boards={"g": BoardSettings(nsfw=nsfw)})
        root = await page(app, "/g/thread/100/")
        assert [name for name in told(root) if name == "og:image"] == ["og:image"] * pictures
        assert all((value or "").startswith(HERE) for name, value in told(root).items() if name == "og:image")


async def test_few_boards_are_a_line_and_many_are_folded_behind_a_box(app: Quart, archive: FakeArchive) -> None:
    root = await page(app, "/g/")
    assert not having(root, "unfold")
    for number in range(80):
        archive.boards[f"b{number}"] = msgspec.structs.replace(archive.boards["late"], name=f"b{number}")
    nav = one(await page(app, "/g/"), "board_list many")
    box, label, boards = nav
    assert (box.get("type"), box.get("id"), "checked" in box.attrib) == ("checkbox", label.get("for"), False)
    assert text(label) == "All 83 boards"
    assert [link.get("href") for link in boards.iter("a")][:4] == ["/g/", "/%CE%BB/", "/late/", "/b0/"]
    assert not having(await page(app, "/"), "board_list many")


async def test_the_site_s_picture_is_its_own(app: Quart) -> None:
    icons = [link.get("href") for link in (await page(app, "/")).iter("link") if link.get("rel") == "icon"]
    assert icons == ["/favicon.ico", "/static/favicon.svg"]
    answer = await ask(app, "/favicon.ico")
    assert (answer.status, answer.headers["content-type"]) == (200, "image/vnd.microsoft.icon")
    with Image.open(BytesIO(answer.body)) as icon:
        assert icon.info["sizes"] == {(16, 16), (32, 32)}
        for size in sorted(icon.info["sizes"]):
            count, commonest = max(icon.ico.getimage(size).convert("RGBA").getcolors(1024))
            assert (commonest, count > size[0] * size[1] // 3) == ((0x2A, 0x35, 0x96, 255), True)
    assert fromstring((resource("static") / "favicon.svg").read_text("utf-8")).get("viewBox") == "0 0 32 32"


async def rules(app: Quart, **asked: Any) -> tuple[str, RobotFileParser]:
    answer = await ask(app, "/robots.txt", **asked)
    assert (answer.status, answer.headers["content-type"]) == (200, "text/plain; charset=utf-8")
    parser = RobotFileParser()
    parser.parse(answer.body.decode().splitlines())
    return answer.body.decode(), parser


async def test_robots_are_asked_to_leave_searches_and_the_api_alone(app: Quart, archive: FakeArchive) -> None:
    given(archive, "late", hidden=True)
    said, parser = await rules(app)
    assert "late" not in said
    assert said.splitlines()[-1] == f"Sitemap: {HERE}/sitemap.xml"
    for path in ("/", "/g/", "/g/thread/100/", "/%CE%BB/", "/_/about/", "/static/koiwai.css?v=1"):
        assert allowed(said, path) and parser.can_fetch("x", HERE + path), path
    for path in (
        "/g/?before=x",
        "/_/search/",
        "/g/search/text/x/",
        "/_/random/?board=g",
        "/api/v1/boards",
        "/g/?theme=x",
    ):
        assert not allowed(said, path), path
    said, _ = await rules(app, root_path="/sub")
    assert "Disallow: /sub/api/\n" in said and f"Sitemap: {HERE}/sub/sitemap.xml" in said
    assert "x-robots-tag" not in (await ask(app, "/g/")).headers


def allowed(said: str, path: str) -> bool:
    """By the longest rule that matches, as RFC 9309 has it; the parser of Python knows no stars."""
    best = (0, True)
    for kind, pattern in re.findall(r"(?m)^(Allow|Disallow): (.*)$", said):
        if re.match(re.escape(pattern).replace(r"\*", ".*"), path):
            best = max(best, (len(pattern), kind == "Allow"))
    return best[1]


async def test_an_archive_may_keep_all_robots_away(app: Quart, archive: FakeArchive) -> None:
    archive.settings = Settings(site=SiteSettings(robots="deny"))
    said, parser = await rules(app)
    assert said == "User-agent: *\nDisallow: /\n"
    assert not parser.can_fetch("x", f"{HERE}/g/")
    for address in ("/", "/g/", "/g/thread/100/", "/nope/", "/_/search/?text=x&num=y"):
        answer = await ask(app, address)
        assert answer.headers["x-robots-tag"] == "noindex"
        robots = [meta.get("content") for meta in document(answer).iter("meta") if meta.get("name") == "robots"]
        assert robots == ["noindex"]


async def test_about_says_what_the_archive_holds(app: Quart, archive: FakeArchive) -> None:
    given(archive, oldest=MAY_2014, newest=MARCH_2019)
    given(archive, "late", hidden=True)
    archive.settings = Settings(site=SiteSettings(name=EVIL, description="All of it.", contact="me@x.example"))
    root = await page(app, "/_/about/")
    (table,) = root.iter("table")
    rows = [[text(cell) for cell in row] for row in table.iter("tr")]
    assert rows[1:] == [['/g/ - Things & "<stuff>"', "1,234,567", "2014-05 to 2019-03"], ["/λ/", "1", ""]]
    said = text(next(root.iter("article")))
    assert SHOWN in said and "All of it." in said
    assert re.search(r"Koiwai \d+\.\d+", said)
    links = {link.get("href") for link in next(root.iter("article")).iter("a")}
    assert {"/g/", "/_/search/", "/_/help/", "/api/", "mailto:me@x.example"} <= links


async def test_help_has_a_table_of_every_key(app: Quart) -> None:
    root = await page(app, "/_/help/")
    (keys,) = (element for element in root.iter() if element.get("id") == "keys")
    rows = [[text(kbd) for kbd in row.iter("kbd")] + [text(row[-1])] for row in keys.iter("tr")]
    assert sorted(row for row in rows if len(row) > 1) == sorted([*key.keys, key.meaning] for key in KEYS)
    assert all(text(table[0]) for table in keys.iter("table"))
    assert len({(key, each.meaning) for each in KEYS for key in each.keys}) == sum(len(each.keys) for each in KEYS)
    (fieldset,) = having(root, "reader_choices")
    assert "hidden" in fieldset.attrib  # without script there is nothing to choose
    assert "/_/search/" in {link.get("href") for link in next(root.iter("article")).iter("a")}


async def missing(app: Quart, address: str) -> tuple[str, str, str | None, dict[str, str | None]]:
    """The sentences, the words to search for, where they are searched, and the ways on by their text."""
    root = await page(app, address, 404)
    form = one(root, "line_form")
    field = next(form.iter("input"))
    assert next(form.iter("label")).get("for") == field.get("id")
    ways = {text(link): link.get("href") for link in one(root, "ways_on").iter("a")}
    return text(one(root, "alert")), field.get("value") or "", form.get("action"), ways


LIVE = "Look for this thread on 4chan"


async def test_a_missing_thread_explains_and_leads_on(app: Quart, archive: FakeArchive) -> None:
    given(archive, oldest=MAY_2014, newest=MARCH_2019)
    said, words, action, ways = await missing(app, "/g/thread/555/")
    assert "This archive holds /g/ from 2014-05 to 2019-03." in said
    assert (words, action) == ("555", "/g/search/")
    assert ways == {
        LIVE: "https://boards.4chan.org/g/thread/555",
        'Back to /g/ - Things & "<stuff>"': "/g/",
        "A random thread": "/_/random/?board=g",
        "All boards": "/",
    }
    given(archive, oldest=MAY_2014, newest=int(time()) - 3600)
    assert "from 2014-05 to today." in (await missing(app, "/g/thread/555/"))[0]
    given(archive, oldest=None, newest=None)
    assert "holds" not in (await missing(app, "/g/thread/555/"))[0]


@pytest.mark.parametrize(
    ("address", "words", "action", "live"),
    [
        ("/g/last/50/555/", "555", "/g/search/", True),
        ("/g/post/555/", "555", "/g/search/", False),
        ("/g/post/555_2/", "555_2", "/g/search/", False),
        ("/g/last/50/555_2/", "555_2", "/g/search/", False),
        ("/g/cat-videos/", "cat videos", "/g/search/", False),
        ("/g/%22%3E%3Cscript%3E", '"><script>', "/g/search/", False),
        ("/g/thread/0/", "0", "/g/search/", False),
        ("/g/thread/2147483648/", "2147483648", "/g/search/", False),
        ("/g/page/999999999999/", "", "/g/search/", False),
        ("/nope/", "", "/_/search/", False),
        ("/nope/thread/5/", "5", "/_/search/", False),
    ],
)
async def test_what_was_looked_for_can_be_searched_for(
    app: Quart, address: str, words: str, action: str, live: bool
) -> None:
    _, offered, place, ways = await missing(app, address)
    assert (offered, place, LIVE in ways) == (words, action, live)


async def test_boards_from_elsewhere_are_not_looked_for_on_the_live_site(app: Quart, archive: FakeArchive) -> None:
    archive.settings = Settings(boards={"g": BoardSettings(live=False)})
    assert LIVE not in (await missing(app, "/g/thread/555/"))[3]


async def test_other_faults_are_not_searched_for(app: Quart) -> None:
    root = await page(app, "/g/?order=x", 400)
    assert not having(root, "line_form")
    assert text(one(root, "ways_on")) == 'Back to /g/ - Things & "<stuff>" All boards'
