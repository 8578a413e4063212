"""Pages hold for KurobaEx, which searches and lists by them: what it gets, and that it needs all it looks for."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any

import msgspec
import pytest
from quart import Quart

from app import create_app
from app.settings import AppSettings
from tests.support import kuroba
from tests.support.asgi import ask
from tests.support.pages import FakeArchive, app_of
from tests.support.scraping import Broken, Scraped, compare, without
from tests.support.shelf import Loaded, shelf_of
from tests.support.stage import Stage, stage

__all__ = ["stage"]


@pytest.fixture
def demo(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Loaded:
    return shelf_of(request, tmp_path_factory).get(request, "asagi", "sqlite")


@pytest.fixture
async def app(demo: Loaded) -> AsyncIterator[Quart]:
    running = create_app(demo.settings)
    async with running.test_app():
        yield running


async def searched(app: Quart, words: str, page: int) -> tuple[str, kuroba.SearchPage]:
    # No slash at the end: so this program asks.
    answer = await ask(app, f"/g/search/text/{words}/page/{page}")
    assert answer.status == 200
    html = answer.body.decode()
    return html, kuroba.read_search(html, page)


async def test_a_search_from_its_first_page_to_its_last(app: Quart) -> None:
    hits = (await ask(app, "/api/v1/search?boards=g&text=router&limit=250&rendered=1")).json["hits"]
    told = [hit["post"] for hit in hits if not hit["post"]["subnum"]]
    seen: list[Scraped] = []
    page: int | None = 1
    while page is not None:
        _, found = await searched(app, "router", page)
        seen += found.posts
        page = found.following
    assert len(seen) > 50
    for post, true in zip(seen, told, strict=True):
        compare(with_file(post, true), true, ghost="_")
        assert (post.board, post.thread) == ("g", str(true["thread_num"]))


def with_file(post: Scraped, true: dict[str, Any]) -> Scraped:
    """The program takes the thumbnail alone from a search page; the rest of the file is not compared."""
    media = true["media"]
    if media is None or media["image"] is None:
        assert post.thumb is None
        return post
    if media["thumb"] is not None and not media["spoiler"]:
        assert (post.thumb or "").startswith("http://archive.example/g/thumb/")
    size, width, height = media["size"], media["width"], media["height"]
    return msgspec.structs.replace(post, image=media["image"], size=size, width=width, height=height)


async def test_the_number_of_results_is_read_where_it_is_exact(app: Quart) -> None:
    _, found = await searched(app, "router", 1)
    api = (await ask(app, "/api/v1/search?boards=g&text=router&limit=25")).json
    assert found.total == (api["total"] if api["exact"] else None)
    _, nothing = await searched(app, "zzqxzz", 1)
    assert nothing == kuroba.SearchPage([], None, None)


async def test_errors_are_told(app: Quart) -> None:
    for wrong in ("/g/search/start/nonsense/page/1", "/nowhere/search/text/x/page/1"):
        with pytest.raises(Broken, match="an error"):
            kuroba.read_search((await ask(app, wrong)).body.decode())


async def test_addresses_of_pictures_begin_with_the_site(demo: Loaded) -> None:
    settings = msgspec.structs.replace(demo.settings, app=AppSettings(url="https://a.example/x"))
    running = create_app(settings)
    async with running.test_app():
        _, found = await searched(running, "the", 1)
        shown = [post.thumb for post in found.posts if post.thumb]
        assert shown and all(thumb.startswith("https://a.example/x/g/thumb/") for thumb in shown)


async def test_odd_files_stop_it_nowhere(stage: Stage) -> None:
    """Banned, spoilered, without a thumbnail, without a full file, and a ghost post."""
    stage.board()
    facts = {"media_filename": "a.png", "media_size": 2000, "media_w": 20, "media_h": 10}
    hashes = [f"{letter * 22}==" for letter in "ABCD"]
    stage.add("g_images", *({"media_id": place, "media_hash": hashes[place - 1], "media": f"165762720000{place}.png",
              "preview_reply": f"165762720000{place}s.jpg", "total": 1, "banned": int(place == 1)}
              for place in (1, 2)))  # fmt: skip
    rows: tuple[dict[str, Any], ...] = (
        {"media_id": 1, "media_hash": hashes[0], "media_orig": "1657627200001.png", "preview_orig": None, "spoiler": 0},
        {"media_id": 2, "media_hash": hashes[1], "media_orig": "1657627200002.png", "preview_orig": None, "spoiler": 1},
        {"media_hash": hashes[2], "media_orig": "1657627200003.png", "preview_orig": None, "spoiler": 0},
        {"media_hash": hashes[3], "media_orig": None, "preview_orig": "1657627200004s.jpg",
         "spoiler": 0},
    )  # fmt: skip
    stage.post(100, comment="odd")
    for place, row in enumerate(rows, 101):
        stage.post(place, 100, comment="odd", **facts, **row)
    stage.post(104, 100, comment="odd", subnum=1)
    async with stage.running() as running:
        html, found = await searched(running.app, "odd", 1)
        assert [post.id for post in found.posts] == ["104", "103", "102", "101", "100"]
        assert 'class="file_box banned_box"' in html and 'class="spoiler_box"' in html and "lone_image" in html


async def test_index_pages(app: Quart) -> None:
    found = kuroba.read_catalog((await ask(app, "/g/page/1")).body.decode())
    listed = {}
    for thread in (await ask(app, "/api/v1/boards/g/threads?limit=20&replies=5&rendered=1")).json["threads"]:
        listed[str(thread["num"])] = thread
    assert len(found) > 5
    for post, omitted in found:
        compare(post, listed[post.id]["op"], ghost="_")
        assert (omitted or 0) == listed[post.id]["omitted"]
    assert kuroba.read_catalog((await ask(app, "/g/page/99999")).body.decode()) == []


async def test_files_of_index_pages() -> None:
    ((post, omitted),) = kuroba.read_catalog((await ask(app_of(FakeArchive()), "/g/page/1")).body.decode())
    assert (post.size, post.width, post.height, omitted) == (2048, 800, 600, 77)
    assert (post.file_name or "").startswith("a very long name")


async def test_the_front_page(demo: Loaded) -> None:
    told = json.loads(demo.answers["/api/v1/boards"])["boards"]
    boards = kuroba.read_boards(demo.answers["/"].decode())
    assert boards == [(board["name"], board["title"] or board["name"]) for board in told]


NEEDED = [
    "//h3[@class='section_title']",
    "//div[@role='main']/@role",
    "//aside",
    "//div[contains(@class, 'stub')]",
    "//button[@class='btn-toggle-post']",
    "//button[@class='btn-toggle-post']/@data-thread-num",
    "//article[contains(@class, 'post doc_id')]/@id",
    "//article[@id]/@data-board",
    "//div[@class='post_wrapper']",
    "//a[@class='thread_image_link']",
    "//img[@class='post_image']",
    "//header[div[@class='post_data']]",
    "//span[@class='post_poster_data']",
    "//span[@class='post_author']",
    "//time/@datetime",
    "//a[@data-function='quote']",
    "//div[@class='text']",
    "//div[@class='paginate']",
    "//div[@class='paginate']//a[text()='2']",
]


@pytest.mark.parametrize("path", NEEDED)
async def test_nothing_it_looks_for_can_be_taken_away(app: Quart, path: str) -> None:
    html, whole = await searched(app, "the", 1)
    with suppress(Broken):
        assert kuroba.read_search(without(html, path)) != whole


async def test_each_picture_stands_before_its_header(app: Quart) -> None:
    """It never looks back: a picture behind the header would end everything."""
    html, whole = await searched(app, "the", 1)
    assert any(post.thumb for post in whole.posts)
    header, picture = '<header><div class="post_data">', '<div class="thread_image_box">'
    start = html.index(picture)
    end = html.index(header, start)
    behind = html.index("</header>", end) + len("</header>")
    moved = html[:start] + html[end:behind] + html[start:end] + html[behind:]
    with pytest.raises(Broken):
        kuroba.read_search(moved)
