"""What the operator says about site and boards, from the settings files to what readers and programs get."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import quote

import lxml.html
import pytest

from app import create_app
from app.demo.boards import invent
from app.demo.make import make_demo
from app.settings import Settings
from app.settings.file import load_settings
from tests.support.asgi import Answer, ask
from tests.support.reader import Reader

PNG = b"\x89PNG\r\n\x1a\n and more"


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_demo(tmp_path_factory.mktemp("demo"), lambda line: None).config


def changed(demo: Path, boards: dict[str, str] | None = None, site: str = "") -> Settings:
    """The settings of the demo with further lines for some boards and for the section of the site."""
    config, listed = demo.with_name("changed.toml"), demo.with_name("changed-boards.toml")
    config.write_text(demo.read_text("utf-8").replace("[site]\n", f"[site]\n{site}\n"), "utf-8")
    text = demo.with_name("boards.toml").read_text("utf-8")
    for name, lines in (boards or {}).items():
        text = text.replace(f'[boards."{name}"]\n', f'[boards."{name}"]\n{lines}\n')
    listed.write_text(text, "utf-8")
    return load_settings({"KOIWAI_CONFIG": str(config), "KOIWAI_BOARDS": str(listed)}, demo.parent)


@asynccontextmanager
async def served(settings: Settings) -> AsyncIterator[Reader]:
    async with create_app(settings).test_app() as running:
        yield Reader(running.test_client())


async def test_programs_are_told_about_boards_and_shown_no_hidden_one(demo: Path) -> None:
    async with served(changed(demo, {"ck": "hidden = true"})) as reader:
        boards = {board["name"]: board for board in (await reader.json("/api/v1/boards"))["boards"]}
        assert list(boards) == ["g", "3", "λ"]
        assert {name: board["nsfw"] for name, board in boards.items()} == {"g": False, "3": True, "λ": False}
        assert boards["3"]["description"].startswith("Models and scenes")
        hidden = await reader.json("/api/v1/boards/ck")
        assert (hidden["title"], hidden["available"]) == ("Food & Cooking", True)
        assert (await reader.json("/api/v1/boards/ck/threads"))["threads"]


async def test_quotes_lead_to_a_hidden_board(demo: Path) -> None:
    quote_of_ck = ">>>/ck/2300001"
    (num,) = {post.thread_num for post in invent().board("g").posts if quote_of_ck in (post.comment or "")}
    async with served(changed(demo, {"ck": "hidden = true"})) as reader:
        page = await reader.html(f"/g/thread/{num}/")
        (href,) = {link.get("href") for link in page.iter("a") if link.text == quote_of_ck}
        address, _, anchor = href.partition("#")
        shown = await reader.html(address)
        assert [post.get("data-board") for post in shown.iter("article") if post.get("id") == anchor] == ["ck"]


async def test_a_nameless_post_has_a_name_on_pages_only(demo: Path) -> None:
    async with served(changed(demo, site='anonymous_name = "Nobody at all"')) as reader:
        page = await reader.html(f"/{quote('λ')}/")
        authors = {author.text_content() for author in page.iter("span") if author.get("class") == "post_author"}
        threads = (await reader.json(f"/api/v1/boards/{quote('λ')}/threads"))["threads"]
        assert {thread["op"]["name"] for thread in threads} >= {None}
        assert "Nobody at all" in authors


@pytest.fixture
def banner(tmp_path: Path) -> Path:
    path = tmp_path / "a banner.PNG"
    path.write_bytes(PNG)
    return path


@pytest.fixture
def with_banner(demo: Path, banner: Path) -> Settings:
    return changed(demo, site=f'banner = "{banner}"')


@pytest.fixture
def without_its_file(with_banner: Settings, banner: Path) -> Settings:
    banner.unlink()
    return with_banner


async def get(settings: Settings, address: str, headers: dict[str, str] | None = None) -> Answer:
    app = create_app(settings)
    async with app.test_app():
        return await ask(app, address, headers=headers or {})


async def test_the_banner_is_a_file_of_the_operator(with_banner: Settings) -> None:
    whole = await get(with_banner, "/_/banner")
    assert (whole.status, whole.body, whole.headers["content-type"]) == (200, PNG, "image/png")
    assert whole.headers["x-content-type-options"] == "nosniff"
    again = await get(with_banner, "/_/banner", {"If-None-Match": whole.headers["etag"]})
    assert (again.status, again.body) == (304, b"")
    assert (await get(with_banner, "/_/banner", {"Range": "bytes=0-3"})).body == PNG[:4]
    (picture,) = lxml.html.fromstring((await get(with_banner, "/g/")).body).xpath("//img[@class='banner']")
    assert (picture.get("src"), picture.get("alt")) == ("/_/banner", "Koiwai demo")


async def test_a_banner_without_its_file_is_told_at_the_start_and_left_out(
    without_its_file: Settings, banner: Path, caplog: pytest.LogCaptureFixture
) -> None:
    assert b"banner" not in (await get(without_its_file, "/")).body
    said = [record.getMessage() for record in caplog.records if record.levelname == "WARNING"]
    assert said == [f"[site] banner: {banner} cannot be read, so pages are shown without it"]
    missing = await get(without_its_file, "/_/banner")
    assert missing.status == 404
    assert missing.headers["content-type"].startswith("text/html")


async def test_without_the_setting_there_is_no_banner(demo: Path) -> None:
    async with served(changed(demo)) as reader:
        await reader.text("/_/banner", 404)
        assert "banner" not in await reader.text("/")


def test_a_banner_is_looked_for_beside_the_settings(demo: Path) -> None:
    assert changed(demo, site='banner = "b.png"').site.banner == demo.with_name("b.png")


async def test_every_answer_about_a_board_carries_its_labels(demo: Path) -> None:
    async with served(changed(demo, {"3": "hidden = true"})) as reader:
        thread = (await reader.json("/api/v1/boards/3/threads?limit=1&replies=1"))["threads"][0]
        image = next(post["media"]["image"] for post in (thread["op"], *thread["replies"]) if post["media"])
        reply = thread["replies"][0]["num"]
        for address, status in (
            ("/3/", 200),
            (f"/3/thread/{reply}/", 302),
            (image, 200),
            (image.replace("/image/", "/thumb/"), 404),
            ("/3/nothing/", 404),
            ("/api/v1/boards/3", 200),
            (f"/api/v1/boards/3/threads/{thread['num']}", 200),
            ("/api/v1/boards/3/threads/1", 404),
            (f"/_/api/chan/thread?board=3&num={thread['num']}", 200),
            (f"/_/api/chan/search/?boards=3&tnum={thread['num']}", 200),
            (f"/3/thread/{thread['num']}.json", 200),
            (f"/api/v1/search?boards=3&tnum={thread['num']}", 200),
            (f"/_/search/?boards=3&tnum={thread['num']}", 200),
            (f"/_/search/feed.atom?boards=3&tnum={thread['num']}", 200),
        ):
            answer = await reader._client.get(address)
            assert answer.status_code == status, address
            assert answer.headers["Rating"] == "RTA-5042-1996-1400-1577-RTA", address
            assert answer.headers["X-Robots-Tag"] == "noindex", address
        ours = ("/_/api/chan/index/?board=g&page=1", "/_/api/chan/archives/", "/g/catalog.json", "/boards.json")
        for address in ("/", "/g/", "/api/v1/boards", "/static/koiwai.css", "/nothing/", *ours):
            answer = await reader._client.get(address)
            assert "Rating" not in answer.headers and "X-Robots-Tag" not in answer.headers, address
