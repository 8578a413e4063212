"""The layout that all boards share: its addresses, and the gate before files that belong to no one board."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from quart import Quart

from tests.support.asgi import ask
from tests.support.media_app import (
    ADDRESS,
    CONTENT,
    HASH,
    SECRET,
    SUTRA_IMAGE,
    SUTRA_THUMB,
    FakeMediaArchive,
    build_app,
    put,
)
from tests.support.stage import Stage, stage

__all__ = ["stage"]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "media"
    for address in (ADDRESS, SUTRA_IMAGE, SUTRA_THUMB):
        put(root, address)
    return root


@pytest.fixture
def archive(root: Path) -> FakeMediaArchive:
    return FakeMediaArchive(root, layout="sutra")


@pytest.fixture
def app(archive: FakeMediaArchive) -> Quart:
    return build_app(archive)


@pytest.mark.parametrize(
    ("address", "content_type"),
    [
        (SUTRA_IMAGE, "image/png"),
        (SUTRA_THUMB, "image/jpeg"),
        (SUTRA_IMAGE.replace("=", "%3D"), "image/png"),
    ],
)
async def test_files(app: Quart, address: str, content_type: str) -> None:
    answer = await ask(app, address)
    assert (answer.status, answer.body, answer.headers["content-type"]) == (200, CONTENT, content_type)
    assert answer.headers["content-security-policy"] == "default-src 'none'; sandbox"


@pytest.mark.parametrize("extension", ["webm", "mp4", "mp3"])
async def test_what_is_played_is_not_cut_off_from_itself(app: Quart, root: Path, extension: str) -> None:
    """Browsers open it in a page of their own, which a sandbox would make a stranger to the file."""
    address = SUTRA_IMAGE.replace("png", extension)
    put(root, address)
    policy = (await ask(app, address)).headers["content-security-policy"]
    assert policy == "default-src 'none'; media-src 'self'; style-src 'unsafe-inline'"


async def test_each_layout_has_its_own_addresses(app: Quart, root: Path) -> None:
    assert (await ask(app, ADDRESS)).status == 404
    other = build_app(FakeMediaArchive(root))
    for address in (SUTRA_IMAGE, SUTRA_THUMB):
        assert (await ask(other, address)).status == 404


async def test_banned_and_switched_off(app: Quart, archive: FakeMediaArchive, root: Path) -> None:
    put(root, SUTRA_IMAGE.replace(".png", ".webm"))
    archive.banned_hashes.add(HASH)
    for address in (SUTRA_IMAGE, SUTRA_THUMB, SUTRA_IMAGE.replace(".png", ".webm")):
        assert (await ask(app, address)).status == 404
    off = build_app(FakeMediaArchive(root, layout="sutra", enabled=False))
    assert (await ask(off, SUTRA_IMAGE)).status == 404


@pytest.mark.parametrize(
    "address",
    [
        "/_/media/img/ab/-_/EF/ab-_EFghijklmnopqrstuv==.png",
        "/_/media/img/ab/-_/EE/ab-_EFghijklmnopqrstuw==.png",
        "/_/media/img/ab/-_/EF/ab-_EFghijklmnopqrstuw==.php",
        "/_/media/img/ab/-_/EF/ab-_EFghijklmnopqrstuw.png",
        "/_/media/img/ab/+_/EF/ab+_EFghijklmnopqrstuw==.png",
        "/_/media/img/ab/-%2F/EF/ab-%2FEFghijklmnopqrstuw==.png",
        "/_/media/img//ab/-_/EF/ab-_EFghijklmnopqrstuw==.png",
        "/_/media/img/ab/-_/EF/ab-_EFghijklmnopqrstuw==.png/",
        "/_/media/xyz/ab/-_/EF/ab-_EFghijklmnopqrstuw==.png",
        "/_/media/img/../../secret.png",
        "/_/media/img/%2e%2e/%2e%2e/%2e%2e/secret.png",
        "/_/media/img/..%2f..%2f/../../secret.png",
        "/_/media/img/se/cr/et/secret.png",
        "/_/media/thb/ab/-_/EF/ab-_EFghijklmnopqrstuw==.webm",
    ],
)
async def test_other_addresses_find_nothing(app: Quart, root: Path, address: str) -> None:
    for place in ("../secret.png", "secret.png", "img/secret.png", "img/se/cr/et/secret.png"):
        put(root, place, SECRET)
    put(root, "/_/media/thb/ab/-_/EF/ab-_EFghijklmnopqrstuw==.webm", SECRET)
    answer = await ask(app, address)
    assert answer.status == 404
    assert SECRET not in answer.body


FILE: dict[str, Any] = {"media_hash": HASH, "media_orig": "1366825828123.png", "preview_orig": "1366825828123s.jpg"}


async def test_a_file_banned_on_one_board_is_served_for_none(stage: Stage) -> None:
    """And it vanishes from the pages and the API of all boards."""
    for board in ("a", "b"):
        stage.board(board)
        stage.add(f"{board}_images", {"media_id": 7, "media_hash": HASH, "total": 1, "banned": int(board == "b")})
        stage.post(1, board=board, media_id=7, **FILE)
    put(stage.media, SUTRA_IMAGE)
    async with stage.running(layout="sutra") as running:
        await running.ask(SUTRA_IMAGE, 404)
        for board in ("a", "b"):
            assert "/_/media/" not in await running.text(f"/{board}/thread/1/")
            media = (await running.ask(f"/api/v1/boards/{board}/posts/1")).json["media"]
            assert (media["image"], media["thumb"], media["banned"]) == (None, None, True)


async def test_a_board_without_media_keeps_its_files_to_itself(stage: Stage) -> None:
    stage.board("a", media=False)
    stage.board("b")
    stage.post(1, board="a", **FILE)
    stage.threads({"thread_num": 1}, board="a")
    put(stage.media, SUTRA_IMAGE)
    async with stage.running(layout="sutra") as running:
        await running.ask(SUTRA_IMAGE, 404)
        for address in ("/a/thread/1/", "/a/", "/a/catalog/", "/a/gallery/", "/a/image/ab-_EFghijklmnopqrstuw/"):
            page = await running.text(address)
            assert "<img" not in page and "/_/media/" not in page
        media = (await running.ask("/api/v1/boards/a/posts/1")).json["media"]
        assert (media["image"], media["thumb"]) == (None, None)
    stage.post(5, board="b", **FILE)
    async with stage.running(layout="sutra") as running:
        assert (await running.ask(SUTRA_IMAGE)).body == CONTENT
        assert "/_/media/" not in await running.text("/a/thread/1/")


@pytest.mark.parametrize("database_kind", ["sqlite"])
@pytest.mark.parametrize(("must_be_there", "status"), [(True, 503), (False, 200)])
async def test_a_board_whose_bans_are_unknown(stage: Stage, must_be_there: bool, status: int) -> None:
    """Shared files wait for a board that is away for a moment, not for one that may have no table yet."""
    for board in ("a", "b"):
        stage.board(board)
        stage.post(1, board=board, **FILE)
    put(stage.media, SUTRA_IMAGE)
    async with stage.running(layout="sutra", validate_boards_db=must_be_there) as running:
        await running.ask(SUTRA_IMAGE)
        stage.execute('DROP TABLE "b"')
        await running.archive._boards.refresh()  # what is done each minute
        await running.ask(SUTRA_IMAGE, status)


async def test_files_on_another_server(stage: Stage) -> None:
    """Pages and the API name it; the search for posts with the same file stays here."""
    stage.board("g")
    stage.post(1, **FILE)
    stage.threads({"thread_num": 1})
    cdn = "https://cdn.example/{board}"
    async with stage.running(image_url=f"{cdn}/full/{{path}}", thumb_url=f"{cdn}/small/{{name}}") as running:
        image = "https://cdn.example/g/full/1366/82/1366825828123.png"
        thumb = "https://cdn.example/g/small/1366825828123s.jpg"
        same = "/g/image/ab-_EFghijklmnopqrstuw/"
        for address in ("/g/", "/g/thread/1/", same):
            page = await running.text(address)
            assert f'href="{image}"' in page and f'src="{thumb}"' in page and f'href="{same}"' in page
        assert f'src="{thumb}"' in await running.text("/g/catalog/")
        media = (await running.json("/posts/1"))["media"]
        assert (media["image"], media["thumb"]) == (image, thumb)
