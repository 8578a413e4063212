"""What the operator says about a board, on its pages and in lists: described, labelled, veiled, hidden."""

from __future__ import annotations

from typing import Any
from xml.etree.ElementTree import Element

import lxml.html
import msgspec
import pytest
from quart import Quart

from app.assets import assets
from app.errors import Unavailable
from app.settings import ArchiveSettings, BoardSettings, MediaSettings, Settings
from tests.support.asgi import ask
from tests.support.pages import MEDIA, OP, REPLY, FakeArchive, app_of, document, having, one, page, text

RTA = "RTA-5042-1996-1400-1577-RTA"
HASH_PAGE = "/g/image/_b-d_f_hijklmnopqrstu_/"
PICTURE_PAGES = ("/g/", "/g/ghost/", "/g/catalog/", "/g/gallery/", "/g/thread/100/", "/g/last/50/100/", HASH_PAGE)
BOARD_PAGES = (*PICTURE_PAGES, "/g/deleted/100/")
ERRORS = {"/g/thread/555/": 404, "/g/nope/": 404, "/g/?order=x": 400, "/nope/": 404}
BARE_PAGES = ("/g/post/101/", "/g/thread/555/", "/g/nope/", "/g/?order=x")
"""Pages of the board without its heading."""


@pytest.fixture
def archive() -> FakeArchive:
    return FakeArchive()


@pytest.fixture
def app(archive: FakeArchive) -> Quart:
    return app_of(archive)


def given(archive: FakeArchive, name: str = "g", **facts: Any) -> None:
    archive.boards[name] = msgspec.structs.replace(archive.boards[name], **facts)
    archive.settings = msgspec.structs.replace(archive.settings, boards={name: BoardSettings(**facts)})


def meta(root: Element, name: str) -> list[str | None]:
    return [element.get("content") for element in root.iter("meta") if element.get("name") == name]


async def test_a_description_stands_under_the_heading_and_in_the_list(app: Quart, archive: FakeArchive) -> None:
    given(archive, description="Phones & such.")
    for address in BOARD_PAGES:
        root = await page(app, address)
        (header,) = having(root, "board_header")
        # Where posts of one thread or of a search stand, they come first.
        listing = "/100/" not in address and "/image/" not in address and "/post/" not in address
        assert [child.tag for child in header] == (["h1", "p", "nav"] if listing else ["h1", "nav"])
        assert not listing or text(header[1]) == "Phones & such."
        if "/100/" not in address:  # a thread is described by its own words
            assert meta(root, "description") == ["Phones & such."]
    for address in BARE_PAGES:
        assert meta(await page(app, address, ERRORS.get(address, 200)), "description") == ["Phones & such."]
    root = await page(app, "/%CE%BB/")
    assert not having(root, "lead")
    assert meta(root, "description") == ["Threads of /λ/, kept by Koiwai."]
    listed = one(await page(app, "/"), "boards").iter("li")
    assert [[text(found) for found in having(item, "board_description")] for item in listed] == [
        ["Phones & such."],
        [],
        [],
    ]


@pytest.mark.parametrize("address", [*BOARD_PAGES, *BARE_PAGES])
async def test_every_page_of_a_board_not_safe_for_work_is_rated(app: Quart, archive: FakeArchive, address: str) -> None:
    given(archive, nsfw=True)
    answer = await ask(app, address)
    assert answer.status == ERRORS.get(address, 200)
    assert meta(document(answer), "rating") == [RTA]
    assert answer.headers["rating"] == RTA
    assert (await ask(app, address, method="HEAD")).headers["rating"] == RTA
    if answer.status == 200:
        again = await ask(app, address, headers={"If-None-Match": answer.headers["etag"]})
        assert (again.status, again.headers["rating"]) == (304, RTA)


async def test_faults_of_such_a_board_are_rated_too(app: Quart, archive: FakeArchive) -> None:
    given(archive, nsfw=True)
    for archive.fault in (Unavailable("Busy."), RuntimeError("x")):
        answer = await ask(app, "/g/")
        assert answer.status in (500, 503)
        assert answer.headers["rating"] == RTA


@pytest.mark.parametrize("address", ["/", "/nope/", "/%CE%BB/", "/%CE%BB/catalog/"])
async def test_no_other_page_is_rated(app: Quart, archive: FakeArchive, address: str) -> None:
    given(archive, nsfw=True)
    answer = await ask(app, address)
    assert not meta(document(answer), "rating")
    assert "rating" not in answer.headers


async def test_the_label_is_a_word_wherever_the_board_is_named(app: Quart, archive: FakeArchive) -> None:
    given(archive, "late", nsfw=True)
    items = list(one(await page(app, "/"), "boards").iter("li"))
    assert ["NSFW" in text(item).split() for item in items] == [False, False, True]
    # Programs take the whole text of the link for the board's name and title.
    assert [text(link) for item in items for link in item.iter("a")][2] == "/late/ Late"
    items = list(one(await page(app, "/g/"), "board_list").iter("li"))
    assert [text(item) for item in items] == ["g", "λ", "late NSFW"]
    given(archive, nsfw=True)
    for address in BOARD_PAGES:
        (heading,) = (await page(app, address)).iter("h1")
        assert text(one(heading, "mark mark_nsfw")) == "NSFW"
        assert one(heading, "mark mark_nsfw").get("title") == "Not safe for work"


@pytest.mark.parametrize("address", PICTURE_PAGES)
async def test_pictures_are_veiled_by_a_box_before_them(app: Quart, archive: FakeArchive, address: str) -> None:
    given(archive, nsfw=True)
    root = lxml.html.fromstring((await ask(app, address)).body.decode())
    (box,) = root.xpath("//input[@class='unveil']")
    assert (box.get("type"), box.get("id"), box.get("class"), box.get("checked")) == (
        "checkbox",
        "unveil",
        "unveil",
        None,
    )
    (label,) = root.xpath("//label[@for='unveil']")
    assert (label.get("for"), label.text) == ("unveil", "Show pictures")
    pictures = root.xpath("//main//img | //*[@id='main']//img")
    assert pictures
    assert box.xpath("following-sibling::*//img") == pictures  # what the rule of the style sheet says


def test_the_style_sheet_veils_what_follows_the_box_on_paper_too() -> None:
    sheet = assets()["koiwai.css"].body.decode()
    rules = sheet.split(".unveil:not(:checked) ~ * img")[1:]
    assert len(rules) == 2  # to hide, and in place of that to blur where the browser can
    assert "opacity: 0" in rules[0].split("}")[0]
    assert "filter: blur(" in rules[1].split("}")[0]
    before = sheet[: sheet.index(".unveil:not(:checked)")]
    assert before.count("{") == before.count("}")  # in no block for screens only


async def test_only_pictures_are_veiled_and_only_where_there_are_any(app: Quart, archive: FakeArchive) -> None:
    for address in ("/g/", "/g/thread/100/"):
        assert not having(await page(app, address), "unveil")  # a board for everybody
    given(archive, nsfw=True)
    archive.posts = (msgspec.structs.replace(OP, media=msgspec.structs.replace(MEDIA, spoiler=True)), REPLY)
    root = await page(app, "/g/thread/100/")
    assert not list(one(root, "spoiler_box").iter("img"))
    for address in BARE_PAGES:
        assert not having(await page(app, address, ERRORS.get(address, 200)), "unveil")
    archive.settings = Settings(media=MediaSettings(enabled=False))
    assert not having(await page(app, "/g/"), "unveil")
    archive.settings = Settings(boards={"g": BoardSettings(media=False)})
    assert not having(await page(app, "/g/"), "unveil")


async def test_a_hidden_board_is_in_no_list_and_answers(app: Quart, archive: FakeArchive) -> None:
    given(archive, hidden=True)
    root = await page(app, "/")
    assert [text(item) for item in one(root, "boards").iter("a")] == ["/λ/ λ", "/late/ Late"]
    for address in ("/%CE%BB/", "/nope/", *BOARD_PAGES):  # its own pages name the others
        root = await page(app, address, ERRORS.get(address, 200))
        assert [text(item) for item in one(root, "board_list").iter("a")] == ["λ", "late"]
        assert meta(root, "robots") == (["noindex"] if address in BOARD_PAGES else [])
    for address in BARE_PAGES:
        assert meta(await page(app, address, ERRORS.get(address, 200)), "robots") == ["noindex"]
    assert text(next((await page(app, "/g/")).iter("h1"))).startswith("/g/ - ")


@pytest.mark.parametrize(("live", "pattern"), [(False, None), (True, "")])
async def test_boards_without_a_live_site_have_no_links_to_one(
    app: Quart, archive: FakeArchive, live: bool, pattern: str | None
) -> None:
    addresses = ("/g/", "/g/thread/100/", "/g/image/_b-d_f_hijklmnopqrstu_/")
    for address in addresses:
        assert "boards.4chan.org" in (await ask(app, address)).body.decode()
    given(archive, nsfw=False)
    patterns = {} if pattern is None else dict.fromkeys(("board_url", "thread_url", "post_url"), pattern)
    archive.settings = Settings(archive=ArchiveSettings(**patterns), boards={"g": BoardSettings(live=live)})
    for address in addresses:
        answer = (await ask(app, address)).body.decode()
        assert "4chan.org" not in answer and "View on" not in answer and "Live board" not in answer
