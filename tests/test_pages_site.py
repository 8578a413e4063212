"""What the operator says about the site, on its pages: escaped, in its place, and nothing where nothing is set."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element

import msgspec
import pytest
from quart import Quart

from app.settings import ArchiveSettings, Settings, SiteSettings
from tests.support.pages import EVIL, PLAIN, SHOWN, FakeArchive, app_of, having, is_own_script, one, page, text

HASH_PAGE = "/g/image/_b-d_f_hijklmnopqrstu_/"
BOARD_PAGES = ("/g/", "/g/ghost/", "/g/catalog/", "/g/gallery/", "/g/thread/100/", "/g/last/50/100/", HASH_PAGE)
OTHER_PAGES = ("/g/post/101/", "/nowhere/", "/g/thread/555/")
ALL_PAGES = ("/", *BOARD_PAGES, *OTHER_PAGES)
STATUS = {"/nowhere/": 404, "/g/thread/555/": 404}


@pytest.fixture
def archive() -> FakeArchive:
    return FakeArchive()


@pytest.fixture
def app(archive: FakeArchive) -> Quart:
    return app_of(archive)


def given(archive: FakeArchive, **site: Any) -> None:
    archive.settings = Settings(site=SiteSettings(**site))


async def look(app: Quart, address: str) -> Element:
    return await page(app, address, STATUS.get(address, 200))


def meta(root: Element, name: str) -> list[str | None]:
    return [element.get("content") for element in root.iter("meta") if element.get("name") == name]


@pytest.mark.parametrize("address", ALL_PAGES)
async def test_hostile_settings_stay_text(app: Quart, archive: FakeArchive, tmp_path: Path, address: str) -> None:
    banner = tmp_path / "b.png"
    banner.write_bytes(b"picture")
    given(archive, name=EVIL, description=EVIL, notice=EVIL, contact=f"{EVIL}@x", anonymous_name=EVIL, banner=banner)
    archive.settings = msgspec.structs.replace(archive.settings, archive=ArchiveSettings(name=EVIL))
    archive.boards["g"] = msgspec.structs.replace(archive.boards["g"], title=EVIL, description=EVIL, nsfw=True)
    root = await look(app, address)  # which bears no fault of HTML
    assert not list(root.iter("style"))
    assert [is_own_script(element) for element in root.iter("script")] == [True, True]
    assert not [name for element in root.iter() for name in element.attrib if str(name).startswith("on")]
    assert text(one(root, "site_name")).startswith(SHOWN)
    assert text(one(root, "site_notice")).startswith(SHOWN)
    assert text(next(root.iter("title"))).split(" - ")[-1].startswith(SHOWN)
    (contact,) = one(root, "contact")
    assert re.fullmatch(r"mailto:[\w.~%+@-]+", contact.get("href") or "", re.ASCII)
    assert [(picture.get("src"), (picture.get("alt") or "")[: len(SHOWN)]) for picture in having(root, "banner")] == (
        [("/_/banner", SHOWN)] if address in ("/", *BOARD_PAGES) else []
    )


@pytest.mark.parametrize("address", ALL_PAGES)
async def test_what_is_not_set_is_not_there(app: Quart, archive: FakeArchive, address: str) -> None:
    given(archive, description="")
    root = await look(app, address)
    for classes in ("site_notice", "contact", "banner", "lead"):
        assert not having(root, classes)
    for name in ("rating", "robots", *(() if address in BOARD_PAGES else ("description",))):
        assert not meta(root, name)


async def test_the_description_leads_the_front_page(app: Quart, archive: FakeArchive) -> None:
    assert text(one(await page(app, "/"), "lead")) == "An archive of imageboard threads."
    given(archive, description="All of it.")
    root = await page(app, "/")
    assert (text(one(root, "lead")), meta(root, "description")) == ("All of it.", ["All of it."])
    assert meta(await page(app, "/nowhere/", 404), "description") == ["All of it."]


@pytest.mark.parametrize(
    ("contact", "href"),
    [("me+a@x.example", "mailto:me+a@x.example"), ("https://x.example/?a&b", "https://x.example/?a&b")],
)
async def test_the_contact_is_at_the_foot_of_pages(app: Quart, archive: FakeArchive, contact: str, href: str) -> None:
    given(archive, contact=contact)
    for address in ALL_PAGES:
        (footer,) = (await look(app, address)).iter("footer")
        assert footer[0].tag == "h2"  # programs take every link of the front page for a board, until a heading
        assert [link.get("href") for link in footer.iter("a")] == ["/_/about/", "/_/help/", "/api/", href]
        (link,) = one(footer, "contact")
        assert (link.get("href"), link.text) == (href, contact)


async def test_posters_without_a_name(app: Quart, archive: FakeArchive) -> None:
    given(archive, anonymous_name="Namenlos")
    archive.posts = (
        PLAIN,
        msgspec.structs.replace(PLAIN, num=101, doc_id=2, op=False, name="Anonymous"),
        msgspec.structs.replace(PLAIN, num=102, doc_id=3, op=False, name="Somebody"),
    )
    root = await page(app, "/g/thread/100/")
    assert [text(author) for author in having(root, "post_author")] == ["Namenlos", "Anonymous", "Somebody"]


@pytest.mark.parametrize(("theme", "scheme"), [("auto", "light dark"), ("light", "light"), ("dark", "dark")])
async def test_the_theme_is_told_to_browser_and_style_sheet(
    app: Quart, archive: FakeArchive, theme: str, scheme: str
) -> None:
    given(archive, theme=theme)
    for address in ("/", "/nowhere/"):
        root = await look(app, address)
        assert (root.get("data-theme"), meta(root, "color-scheme")) == (theme, [scheme])


async def test_the_notice_comes_before_everything_else_that_is_read(app: Quart, archive: FakeArchive) -> None:
    given(archive, notice="Moved on\nSunday.")
    for address in ALL_PAGES:
        root = await look(app, address)
        (body,) = root.iter("body")
        assert [child.get("class") for child in body][:3] == ["skip", "site_notice", "site_header"]
        assert text(one(root, "site_notice")) == "Moved on Sunday."


async def test_links_to_the_live_site_follow_its_patterns(app: Quart, archive: FakeArchive) -> None:
    live = ArchiveSettings(
        name="Other",
        host="chan.example:8080",
        board_url="http://{host}/{board}/index.html",
        thread_url="http://{host}/{board}/res/{thread}.html",
        post_url="http://{host}/{board}/res/{thread}.html?post={post}",
    )
    archive.settings = Settings(archive=live)
    root = await page(app, "/g/thread/100/")
    there = [
        (text(link), link.get("href")) for link in root.iter("a") if link.get("rel") == "nofollow noreferrer noopener"
    ]
    base = "http://chan.example:8080/g"
    assert there[0] == ("Live board", f"{base}/index.html")
    assert set(there[1:]) == {("View on Other", f"{base}/res/100.html")}
    found = having(await page(app, HASH_PAGE), "post_controls")
    assert [[link.get("href") for link in actions] for actions in found] == [
        ["/g/thread/100/#101", f"{base}/res/100.html?post=101"],
        ["/g/thread/100/", f"{base}/res/100.html?post=100"],
    ]
    assert [[link.get("rel") for link in actions] for actions in found] == [[None, "nofollow noreferrer noopener"]] * 2
    boards = [link.get("href") for link in (await page(app, "/%CE%BB/")).iter("a") if text(link) == "Live board"]
    assert boards == ["http://chan.example:8080/%CE%BB/index.html"]


async def test_a_ghost_post_is_not_looked_for_on_the_live_site(app: Quart, archive: FakeArchive) -> None:
    archive.same = (msgspec.structs.replace(PLAIN, num=101, subnum=1, op=False),)
    (actions,) = having(await page(app, HASH_PAGE), "post_controls")
    assert [link.get("href") for link in actions] == ["/g/thread/100/#101_1"]
