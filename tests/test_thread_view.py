"""What stands around the posts of a thread: counts, its parts, ways to see it and to keep it, what others are told."""

from __future__ import annotations

from typing import Any
from xml.etree.ElementTree import Element

import html5lib
import msgspec
import pytest

from app import thread_parts
from app.model import PostId
from tests.support.asgi import ask
from tests.support.pages import MEDIA, OP, REPLY, FakeArchive, app_of, having, one, page, text
from tests.support.stage import Running, Stage, stage

__all__ = ["stage"]

THREAD = "/g/thread/100/"


async def _page(app: Running, address: str = THREAD) -> Element:
    parser = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False)
    root: Element = parser.parse(await app.text(address))
    return root


def _links(root: Element) -> dict[str, str | None]:
    """The links above the posts by their words."""
    above, below = having(root, "thread_nav")
    found = {text(link): link.get("href") for link in above.iter("a")}
    again = {text(link): link.get("href") for link in below.iter("a")}
    assert again.items() - {("Back to top", "#main")} <= found.items()
    return found


def _counts(root: Element) -> str:
    above, below = having(root, "thread_counts")
    assert text(above) == text(below)
    return text(above)


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
async def test_a_short_thread_offers_no_parts_of_itself(stage: Stage) -> None:
    stage.board()
    stage.post(100, media_hash="A" * 22 + "==", media_orig="1657627200000.jpg")
    stage.post(101, 100)
    async with stage.running() as app:
        root = await _page(app)
        assert _links(root) == {
            "Whole thread": THREAD,
            "Search this thread": "/g/search/?tnum=100",
            "Feed": "/g/thread/100/feed.atom",
            "View on 4chan": "https://boards.4chan.org/g/thread/100",
            "Page": "/g/thread/100/download.html",
            "Pictures": "/g/thread/100/download.zip",
            "JSON": "/api/v1/boards/g/threads/100",
        }
        assert _counts(root) == "[1 reply / 1 image]"
        (json,) = [link for link in root.iter("a") if text(link) == "JSON"]
        assert json.get("download") == "g-100.json"
        (current,) = [link for link in having(root, "thread_nav")[0].iter("a") if link.get("aria-current")]
        assert text(current) == "Whole thread"
        (feed,) = [link for link in root.iter("link") if link.get("type") == "application/atom+xml"]
        assert (feed.get("rel"), feed.get("href")) == ("alternate", "/g/thread/100/feed.atom")
        assert (await app.json("/threads/100"))["posts"][1]["num"] == 101


async def test_links_fit_the_length_of_the_thread(stage: Stage) -> None:
    stage.board()
    stage.posts(*({"num": 100 + place, "thread_num": 100} for place in range(102)))
    stage.post(300, 100, deleted=1)
    stage.post(301, 100, deleted=1)
    async with stage.running() as app:
        links = _links(await _page(app))
        assert {name: links.get(name) for name in ("Last 50", "Last 100", "Last 250", "Deleted posts (2)")} == {
            "Last 50": "/g/last/50/100/",
            "Last 100": "/g/last/100/100/",
            "Last 250": None,
            "Deleted posts (2)": "/g/deleted/100/",
        }
        for address, current in (
            ("/g/last/50/100/", "Last 50"),
            ("/g/last/7/100/", "Last 7"),
            ("/g/deleted/100/", "Deleted posts (2)"),
        ):
            root = await _page(app, address)
            above = having(root, "thread_nav")[0]
            assert [text(link) for link in above.iter("a") if link.get("aria-current")] == [current]
            assert _counts(root) == "[103 replies / 0 images]"
        assert "Deleted posts" in _links(await _page(app, "/g/last/7/100/"))


@pytest.mark.parametrize(
    ("hashes", "exif", "posters"),
    [
        (("a", "b", "a"), None, " / 2 posters"),
        (("a", "a", "a"), None, " / 1 poster"),
        (("a", None, "b"), None, ""),
        ((None, None, None), None, ""),
        (("a", "b", "a"), '{"uniqueIps":"7"}', " / 7 posters"),
    ],
)
async def test_posters_are_counted_where_that_is_known(
    hashes: tuple[str | None, ...], exif: str | None, posters: str
) -> None:
    archive = FakeArchive()
    posts = (OP, REPLY, msgspec.structs.replace(REPLY, num=102, doc_id=9))
    archive.posts = [
        msgspec.structs.replace(post, poster_hash=given, exif=exif) for post, given in zip(posts, hashes, strict=True)
    ]
    app = app_of(archive)
    assert _counts(await page(app, THREAD)) == f"[2 replies / 2 images{posters}]"
    archive.next = PostId(102)  # IDs of a part count nobody
    part = posters if exif else ""
    assert _counts(await page(app, THREAD)) == f"[2 replies / 2 images{part}]"


@pytest.mark.parametrize("writer", ["asagi", "hayden"])
async def test_a_long_thread_is_read_in_parts_both_ways(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, writer: str
) -> None:
    stage.board(writer=writer)
    stage.posts(*({"num": num, "thread_num": 100} for num in range(100, 107)), {"num": 200, "thread_num": 200})
    stage.post(101, 100, subnum=1)
    monkeypatch.setattr(thread_parts, "THREAD_SLICE", 3)
    parts = []
    async with stage.running() as app:
        address: str | None = THREAD
        while address:
            root = await _page(app, address)
            shown = [post.get("id") for post in root.iter("article") if post.get("data-doc-id")]
            turns = {link.get("rel"): link.get("href") for link in one_of_two(root).iter("a")}
            parts.append((address, shown, turns.get("prev")))
            address = turns.get("next")
    first, second, third = THREAD, f"{THREAD}?after=101_1", f"{THREAD}?after=104"
    assert parts == [
        (first, ["100", "101", "101_1"], None),
        (second, ["102", "103", "104"], first),
        (third, ["105", "106"], second),
    ]


def one_of_two(root: Element) -> Element:
    """The links to the parts before and behind, which stand above and below."""
    above, below = having(root, "continue")
    assert [link.attrib for link in above.iter("a")] == [link.attrib for link in below.iter("a")]
    return above


def _told(root: Element) -> dict[str, str | None]:
    told = {meta.get("property"): meta.get("content") for meta in root.iter("meta") if meta.get("property")}
    (canonical,) = [link.get("href") for link in root.iter("link") if link.get("rel") == "canonical"]
    return {"canonical": canonical, **told}


async def test_other_sites_are_told_of_the_thread() -> None:
    archive = FakeArchive()
    archive.posts = (msgspec.structs.replace(OP, comment=">>7 [b]Hello[/b] & <welcome>\nall"), REPLY)
    app = app_of(archive)
    for address in (THREAD, "/g/last/50/100/", f"{THREAD}?after=100", f"{THREAD}?theme=dark"):
        told = _told(await page(app, address))
        assert told["canonical"] == told["og:url"] == "http://archive.example/g/thread/100/"
    told = _told(await page(app, THREAD))
    assert told["og:type"] == "article"
    assert told["og:description"] == ">>7 Hello & <welcome> all"
    assert told["og:image"] == "http://archive.example/g/thumb/1366/82/1366825828123s.jpg"


@pytest.mark.parametrize(
    ("media", "nsfw"),
    [({"spoiler": True}, False), ({"banned": True}, False), ({"thumb": None}, False), ({}, True), (None, False)],
    ids=["spoiler", "banned", "missing", "nsfw", "no file"],
)
async def test_other_sites_are_told_of_no_picture_that_not_everybody_may_see(
    media: dict[str, Any] | None, nsfw: bool
) -> None:
    archive = FakeArchive()
    file = None if media is None else msgspec.structs.replace(MEDIA, **media)
    archive.posts = (msgspec.structs.replace(OP, media=file),)
    archive.boards["g"] = msgspec.structs.replace(archive.boards["g"], nsfw=nsfw)
    assert "og:image" not in _told(await page(app_of(archive), THREAD))


async def test_a_thread_that_begins_without_its_first_post() -> None:
    archive = FakeArchive()
    archive.posts = (REPLY,)
    root = await page(app_of(archive), THREAD)
    assert text(one(root, "missing_op"))
    assert "og:image" not in _told(root)
    assert (await ask(app_of(archive), THREAD)).status == 200


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
async def test_what_spoilers_hide_is_told_nowhere_but_under_their_cover(stage: Stage) -> None:
    stage.board()
    stage.post(100, comment="The [spoiler]butler[/spoiler] did it")
    stage.threads({"thread_num": 100})
    async with stage.running() as app:
        assert (await app.text(THREAD)).count("butler") == 1
        for address in ("/", "/g/catalog/", "/g/gallery/"):
            assert "butler" not in await app.text(address)
        for address in ("/g/feed.atom", f"{THREAD}feed.atom"):
            assert (await app.text(address)).count("butler") == 1
