"""Media files over HTTP: which are served, and that no address leads out of the media folder."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from quart import Quart

from app.media_layout import media_type, path_below, stored_at
from app.settings import BoardSettings
from tests.support.asgi import ask
from tests.support.media_app import ADDRESS, CONTENT, NAME, SECRET, FakeMediaArchive, build_app, put


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "media"
    root.mkdir()
    put(root, ADDRESS)
    for place in ("secret.png", "media/secret.png", "media/g/secret.png", "media/g/image/secret.png"):
        put(tmp_path, place, SECRET)
    return root


@pytest.fixture
def archive(root: Path) -> FakeMediaArchive:
    return FakeMediaArchive(root)


@pytest.fixture
def app(archive: FakeMediaArchive) -> Quart:
    return build_app(archive)


@pytest.mark.parametrize(
    ("name", "content_type", "attached"),
    [
        ("1366825828123.JPG", "image/jpeg", False),
        ("1366825828123.webm", "video/webm", False),
        ("1366825828123.swf", "application/x-shockwave-flash", True),
        ("1366825828123.PDF", "application/pdf", True),
        ("some file (1).gif", "image/gif", False),
        ("файл-日本.png", "image/png", False),
        ("1.gif", "image/gif", False),
        ("a.b.c.d.jpg", "image/jpeg", False),
    ],
)
async def test_types_and_names(app: Quart, root: Path, name: str, content_type: str, attached: bool) -> None:
    put(root, f"λ/image/{name[:4]}/{name[4:6]}/{name}")
    response = await ask(app, f"/λ/image/{name[:4]}/{name[4:6]}/{name}")
    assert response.status == 200
    assert response.headers["content-type"] == content_type
    assert response.headers.get("content-disposition") == ("attachment" if attached else None)


async def test_thumbnails_are_images_only(app: Quart, root: Path) -> None:
    for extension, status in (("jpg", 200), ("png", 200), ("webm", 404), ("pdf", 404), ("swf", 404)):
        put(root, f"g/thumb/1366/82/1366825828123s.{extension}")
        response = await ask(app, f"/g/thumb/1366/82/1366825828123s.{extension}")
        assert response.status == status, extension


async def test_banned_files_and_disabled_media(root: Path) -> None:
    archive = FakeMediaArchive(root)
    app = build_app(archive)
    assert (await ask(app, ADDRESS)).status == 200
    archive.banned.add(("g", NAME))
    assert (await ask(app, ADDRESS)).status == 404
    off = build_app(FakeMediaArchive(root, enabled=False))
    assert (await ask(off, ADDRESS)).status == 404


async def test_a_board_without_media(root: Path) -> None:
    put(root, f"λ/image/1366/82/{NAME}")
    app = build_app(FakeMediaArchive(root, boards={"g": BoardSettings(media=False), "λ": BoardSettings()}))
    assert (await ask(app, ADDRESS)).status == 404
    assert (await ask(app, f"/λ/image/1366/82/{NAME}")).status == 200


async def test_files_at_home_are_served_while_links_lead_to_another_server(root: Path) -> None:
    """That server may fetch them from here."""
    app = build_app(FakeMediaArchive(root, image_url="https://cdn.example/{path}"))
    assert (await ask(app, ADDRESS)).body == CONTENT


async def test_links_of_the_operator_work(app: Quart, root: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "other disk"
    put(elsewhere, f"1366/82/{NAME}")
    (root / "λ").mkdir()
    (root / "λ" / "image").symlink_to(elsewhere)
    response = await ask(app, f"/λ/image/1366/82/{NAME}")
    assert (response.status, response.body) == (200, CONTENT)


@pytest.mark.parametrize(
    "address",
    [
        "/g/image/1366/82/1366825828124.png",
        "/g/thumb/1366/82/1366825828123.png",
        "/x/image/1366/82/1366825828123.png",
        "/g/image/1366/83/1366825828123.png",
        "/g/image/1366/1366825828123.png",
        "/g/image/1366/82/1366825828123.png/",
        "/g/image//1366/82/1366825828123.png",
        "/g/image/1366/82//1366825828123.png",
        "/g/image/1366/82/1366825828123.php",
        "/g/image/1366/82/1366825828123.png.html",
        "/g/image/1366/82/1366825828123",
        "/g/image/../secret.png",
        "/g/image/../../secret.png",
        "/g/image/%2e%2e/%2e%2e/secret.png",
        "/g/image/..%2f/..%2f/secret.png",
        "/g/image/..%2f..%2f..%2fsecret.png",
        "/g/image/..%5c/..%5c/secret.png",
        "/g/image/..../..../secret.png",
        "/g/image/....//....//secret.png",
        "/g/image/%252e%252e/%252e%252e/secret.png",
        "/g/image/secr/et/secret.png%00.png",
        "/g/image/secr/et/secret.png%0a",
        "/g/image/secr/et/secret%2e%70ng/../secret.png",
        "/g/image/../../../g/image/..%2fx/..%2f../secret.png",
        "/g/image/abcd/../abcd..secret.png",
        "/g/image//etc/pa/%2fetc%2fpasswd.png",
        "/g/image/C:%5cs/ec/C:%5csecret.png",
        "/g/image/١٣٦٦/٨٢/1366825828123.png",
        "/g/image/1366/82/١٣٦٦٨٢٥٨٢٨١٢٣.png",
        "/%2e%2e/image/1366/82/1366825828123.png",
        "/../image/secr/et/secret.png",
        "/g/image/" + "a" * 4 + "/aa/" + "a" * 300 + ".png",
        "/g/image/%ff%fe/82/1366825828123.png",
    ],
)
async def test_hostile_addresses_find_nothing(app: Quart, address: str) -> None:
    response = await ask(app, address)
    assert response.status == 404
    assert SECRET not in response.body


@pytest.mark.parametrize(
    "name",
    [
        *("../../../../secret.png", "..", "/etc/passwd.png", "..\\..\\secret.png", ".hidden.png", "a\0b.png"),
        *(
            "abcd\x1f.png",
            "abcd\x85.png",
            "abcd\ud800.png",
            "no-extension",
            "a.tar",
            "",
            ".png",
            "a" * 252 + ".png",
        ),
    ],
)
def test_names_that_are_none(name: str) -> None:
    assert media_type("image", name) is None


@pytest.mark.parametrize(
    ("board", "name"),
    [
        *(("g", "../../../../secret.png"), ("g", "../secret.png"), ("g", "/etc/passwd.png"), ("..", NAME)),
        *(
            ("g", "abcd..secret.png"),
            ("/etc", NAME),
            ("", NAME),
            (".", NAME),
            ("g/../..", NAME),
            ("g", "ab/..cd.png"),
        ),
    ],
)
def test_no_path_leaves_its_place(tmp_path: Path, board: str, name: str) -> None:
    """The path is refused even if a name or a board has slipped through all checks before."""
    assert path_below(tmp_path, stored_at("asagi", board, "image", name)) is None


def test_the_place_of_a_file(tmp_path: Path) -> None:
    place = stored_at("asagi", "g", "thumb", NAME)
    assert path_below(tmp_path, place) == tmp_path / "g" / "thumb" / "1366" / "82" / NAME


async def test_folders_and_pipes_are_no_files(app: Quart, root: Path) -> None:
    folder = root / "g/image/1366/82"
    (folder / "1366820000000.png").mkdir()
    os.mkfifo(folder / "1366820000001.png")
    for name in ("1366820000000.png", "1366820000001.png"):
        assert (await ask(app, f"/g/image/1366/82/{name}")).status == 404
