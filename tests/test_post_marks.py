"""Flags as pictures and words, what scripts are told of files, and the menu of a file."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import msgspec
import pytest
from quart import Quart

from app.settings import Settings, SiteSettings
from app.web import flag
from tests.support.asgi import ask
from tests.support.pages import HASH, MEDIA, NAME, OP, FakeArchive, app_of, having, one, page, text

SAME = f"/g/image/{HASH[:22].replace('/', '_').replace('+', '-')}/"


@pytest.fixture
def archive() -> FakeArchive:
    return FakeArchive()


@pytest.fixture
def app(archive: FakeArchive) -> Quart:
    return app_of(archive)


@pytest.fixture
def without_flags(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(flag, "find_spec", lambda name: None)


@pytest.mark.parametrize(
    ("stored", "classes", "shown", "title", "picture"),
    [
        ("DE", "mark flag flag-de", "DE", "Germany", "/_/flag/de"),
        ("de", "mark flag flag-de", "DE", "Germany", "/_/flag/de"),
        ("Germany", "mark flag flag-de", "Germany", "Germany", "/_/flag/de"),
        ("XX", "mark flag flag-xx", "XX", "Country: XX", None),
        ("A1", "mark flag flag-a1", "A1", "Anonymous Proxy", None),
        ("Narnia", "mark flag", "Narnia", "Country", None),
        ("<i", "mark flag", "<i", "Country", None),
    ],
)
async def test_countries(
    app: Quart, archive: FakeArchive, stored: str, classes: str, shown: str, title: str, picture: str | None
) -> None:
    archive.posts = (msgspec.structs.replace(OP, country=stored, exif=None),)
    mark = one(await page(app, "/g/thread/100/"), classes)
    assert (text(mark), mark.get("title")) == (shown, title)
    images = [(image.get("src"), image.get("alt")) for image in mark.iter("img")]
    assert images == ([] if picture is None else [(picture, "")])


async def test_a_board_s_flag_is_no_country_s(app: Quart, archive: FakeArchive) -> None:
    exif = '{"troll_country_code": "NZ", "troll_country_name": "Nazi"}'
    archive.posts = (msgspec.structs.replace(OP, country=None, exif=exif),)
    mark = one(await page(app, "/g/thread/100/"), "mark flag")
    assert text(mark) == "NZ"
    assert not list(mark.iter("img"))


async def test_flags_are_served(app: Quart) -> None:
    answer = await ask(app, "/_/flag/de")
    assert (answer.status, answer.headers["content-type"]) == (200, "image/gif")
    assert answer.body.startswith(b"GIF8")
    assert "max-age" in answer.headers["cache-control"]
    tag = answer.headers["etag"]
    assert (await ask(app, "/_/flag/de", headers={"If-None-Match": tag})).status == 304
    for code in ("DE", "xx", "__", "sprite", "d", "..%2Fde", "de.gif", "a1"):
        assert (await ask(app, f"/_/flag/{code}")).status == 404


async def test_without_the_package_flags_are_words(app: Quart, archive: FakeArchive, without_flags: None) -> None:
    flag.flags.cache_clear()
    try:
        archive.posts = (msgspec.structs.replace(OP, country="DE"),)
        mark = one(await page(app, "/g/thread/100/"), "mark flag flag-de")
        assert text(mark) == "DE" and not list(mark.iter("img"))
        assert (await ask(app, "/_/flag/de")).status == 404
    finally:
        flag.flags.cache_clear()


def test_flags_fit_into_what_pages_reserve() -> None:
    assert len(flag.flags()) > 200
    for path in flag.flags().values():
        head = Path(path).read_bytes()[:10]
        width, height = int.from_bytes(head[6:8], "little"), int.from_bytes(head[8:10], "little")
        assert 8 <= width <= 16 and height == 11, path.name


async def test_scripts_are_told_the_size_and_kind_of_files(app: Quart, archive: FakeArchive) -> None:
    async def link(**changes: Any) -> dict[str, str | None]:
        archive.posts = (msgspec.structs.replace(OP, media=msgspec.structs.replace(MEDIA, **changes)),)
        found = one(await page(app, "/g/thread/100/"), "thread_image_link")
        return {name: found.get(f"data-{name}") for name in ("w", "h", "kind", "thumb")}

    assert await link() == {"w": "800", "h": "600", "kind": None, "thumb": None}
    assert await link(width=0) == {"w": None, "h": None, "kind": None, "thumb": None}
    assert (await link(image=f"{NAME}.webm"))["kind"] == "video"
    assert (await link(image=f"{NAME}.mp4"))["kind"] == "video"
    assert (await link(image=f"{NAME}.mp3"))["kind"] is None
    assert (await link(spoiler=True))["thumb"] == "/g/thumb/1366/82/1366825828123s.jpg"


def menu_links(root: Any) -> dict[str, Any]:
    return {text(link): link for menu in having(root, "file_menu") for link in menu.iter("a")}


async def test_a_file_can_be_saved_and_looked_for_elsewhere(app: Quart) -> None:
    links = menu_links(await page(app, SAME))
    assert list(links) == ["Download", "Google Lens", "SauceNAO", "IQDB", "ImgOps"]
    saved = links.pop("Download")
    assert saved.get("href") == "/g/image/1366/82/1366825828123.jpeg"
    assert saved.get("download").endswith(".jpeg")
    for link in links.values():
        assert parse_qs(urlsplit(link.get("href")).query)["url"] == [
            "http://archive.example/g/image/1366/82/1366825828123.jpeg"
        ]
        assert link.get("rel") == "nofollow noreferrer noopener"


@pytest.mark.parametrize(
    ("changes", "expected", "saved_as"),
    [
        ({"image": f"{NAME}.webm", "filename": "film.webm"}, ["Download"], "film.webm"),
        ({"filename": "cat.exe"}, None, "cat.exe.jpeg"),
        ({"filename": "cat.JPG"}, None, "cat.JPG"),
        ({"filename": None}, None, ""),
        ({"spoiler": True}, None, None),
        ({"banned": True}, [], None),
        ({"image": None, "thumb": None}, [], None),
    ],
)
async def test_the_menu_fits_the_file(
    app: Quart, archive: FakeArchive, changes: dict[str, Any], expected: list[str] | None, saved_as: str | None
) -> None:
    archive.same = (msgspec.structs.replace(OP, media=msgspec.structs.replace(MEDIA, **changes)),)
    links = menu_links(await page(app, SAME))
    assert list(links) == (["Download", "Google Lens", "SauceNAO", "IQDB", "ImgOps"] if expected is None else expected)
    if saved_as is not None:
        assert links["Download"].get("download") == saved_as


async def test_other_services_can_be_switched_off(app: Quart, archive: FakeArchive) -> None:
    archive.settings = Settings(site=SiteSettings(reverse_image_search=False))
    assert list(menu_links(await page(app, SAME))) == ["Download"]
