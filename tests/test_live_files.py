"""Files by their names on the live site: each address leads to where the file is stored, or nowhere."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from app.settings import ArchiveSettings
from tests.support.asgi import ask
from tests.support.pages import document, text
from tests.support.searching import sqlite_stage
from tests.support.stage import Running, Stage, stage

__all__ = ["sqlite_stage", "stage"]

STORED = {"media_id": 1, "media_hash": "AAAAAAAAAAAAAAAAAAAAA/==", "media": "1500000000001.png",
          "preview_op": "1500000000001s.jpg", "preview_reply": "1500000000002s.jpg", "total": 2,
          "banned": 0}  # fmt: skip
BANNED = {"media_id": 2, "media_hash": "BBBBBBBBBBBBBBBBBBBBBB==", "media": "1500000000003.png",
          "preview_op": None, "preview_reply": "1500000000003s.jpg", "total": 1, "banned": 1}  # fmt: skip
IMAGE = "/g/image/1500/00/1500000000001.png"
THUMB = "/g/thumb/1500/00/1500000000002s.jpg"
LATER = "1657627200123456"
"""A name of sixteen digits whose file the archive has stored under the name that it had before."""


@pytest.fixture
def filled(stage: Stage) -> Stage:
    return fill(stage)


@pytest.fixture
def quickly_filled(sqlite_stage: Stage) -> Stage:
    return fill(sqlite_stage)


def fill(stage: Stage) -> Stage:
    stage.board()
    stage.add("g_images", STORED, BANNED)
    facts = {
        "media_filename": "a.png",
        "media_size": 2000,
        "media_w": 20,
        "media_h": 10,
        "preview_w": 5,
        "preview_h": 5,
    }
    for num, picture, name in (
        (100, STORED, "1500000000001.png"),
        (101, STORED, f"{LATER}.png"),
        (102, BANNED, "1500000000003.png"),
        (103, None, "1600000000001.jpg"),
        (104, None, "1658260989011151.web"),  # what a column of 20 characters leaves of .webm
        (105, None, "Loop the loop.swf"),
        (106, None, "1700000000001.PNG"),
    ):
        media: dict[str, Any] = (
            {"media_id": picture["media_id"], "media_hash": picture["media_hash"]} if picture else {}
        )
        stage.post(num, 100, media_orig=name, preview_orig=name.split(".")[0][:14] + "s.jpg", **facts, **media)
    stage.post(107, 100, media_hash="CCCCCCCCCCCCCCCCCCCCCC==", media_filename="b.png")
    return stage


async def leads(running: Running, address: str) -> tuple[int, str]:
    answer = await ask(running.app, address)
    assert answer.status in (302, 303, 404), answer.status
    if answer.status == 404:
        return 404, ""
    assert answer.headers["access-control-allow-origin"] == "*"
    return answer.status, answer.headers["location"]


FULL = {
    "1500000000001.png": IMAGE,
    f"{LATER}.png": IMAGE,
    "1500000000001777.png": IMAGE,  # only the first thirteen digits are in the archive
    "1658260989011151.webm": "/g/image/1658/26/1658260989011151.webm",
    "1600000000001.jpg": "/g/image/1600/00/1600000000001.jpg",
    "Loop%20the%20loop.swf": "/g/image/Loop/%20t/Loop%20the%20loop.swf",
    "1700000000001.PNG": "/g/image/1700/00/1700000000001.PNG",
}
NOWHERE = ("1500000000001.jpg", "1700000000001.png", "1999999999999.png", "1999999999999999.png", "x.html",
           "..%2Fx.png", "%00.png", ".png", "a%3Fb.png", "%ED%A0%80.png", "1500000000001.web")  # fmt: skip


async def test_full_images(filled: Stage) -> None:
    async with filled.running() as running:
        for name, target in FULL.items():
            for slash in ("", "/"):
                assert await leads(running, f"/g/full_image/{name}{slash}") == (303, target), name
        for name in NOWHERE:
            assert await leads(running, f"/g/full_image/{name}") == (404, ""), name
        answer = await running.ask("/g/full_image/1999999999999.png", 404)
        assert "The image was never in our databases." in text(document(answer))
        assert await leads(running, "/nowhere/full_image/1500000000001.png") == (404, "")


async def test_without_a_file_the_posts_that_had_it_are_shown(quickly_filled: Stage) -> None:
    async with quickly_filled.running() as running:
        assert await leads(running, "/g/full_image/1500000000003.png") == (302, "/g/image/BBBBBBBBBBBBBBBBBBBBBB/")
        await running.ask("/g/image/BBBBBBBBBBBBBBBBBBBBBB/")
    quickly_filled.post(108, 100, media_orig="1600000000002.jpg", media_hash="no hash")
    async with quickly_filled.running(enabled=False) as running:
        assert await leads(running, f"/g/full_image/{LATER}.png") == (302, "/g/image/AAAAAAAAAAAAAAAAAAAAA_/")
        for name in ("1600000000001.jpg", "1600000000002.jpg"):  # nothing leads to others of them
            assert await leads(running, f"/g/full_image/{name}") == (404, "")


async def test_4chan_s_and_vichan_s_addresses(filled: Stage) -> None:
    filled.post(108, 100, media_orig="1425939200001-0.png", media_filename="c.png")
    async with filled.running() as running:
        for name, target in {**FULL, "1425939200001-0.png": "/g/image/1425/93/1425939200001-0.png"}.items():
            assert await leads(running, f"/g/src/{name}") == (302, target), name
            if name[0].isdigit():
                assert await leads(running, f"/g/{name}") == (302, target), name
        for name in ("1500000000003.png", *NOWHERE):
            assert await leads(running, f"/g/{name}") == (404, ""), name
            assert await leads(running, f"/g/src/{name}") == (404, ""), name


async def test_the_very_name_counts_first_and_of_one_name_the_newest_post(quickly_filled: Stage) -> None:
    quickly_filled.post(108, 100, media_orig="1600000000001.jpg", media_id=1, media_hash=STORED["media_hash"])
    quickly_filled.post(109, 100, media_orig="1600000000001777.jpg")
    quickly_filled.post(110, 100, media_orig="1600000000.jpg")
    async with quickly_filled.running() as running:
        assert await leads(running, "/g/1600000000001.jpg") == (302, IMAGE)
        assert await leads(running, "/g/1600000000001777.jpg") == (302, "/g/image/1600/00/1600000000001777.jpg")
        assert await leads(running, "/g/1600000000001888.jpg") == (302, IMAGE)
        assert await leads(running, "/g/1600000000.jpg") == (302, "/g/image/1600/00/1600000000.jpg")


async def test_thumbnails(filled: Stage) -> None:
    async with filled.running() as running:
        for name, target in {
            "1500000000001s.jpg": "/g/thumb/1500/00/1500000000001s.jpg",  # that of an OP
            f"{LATER}s.jpg": THUMB,
            f"{LATER[:13]}999s.jpg": None,
            "1600000000001s.jpg": "/g/thumb/1600/00/1600000000001s.jpg",
            "1700000000001s.jpg": None,
            "1500000000003s.jpg": None,
            "1999999999999s.jpg": None,
        }.items():
            expected = (404, "") if target is None else (302, target)
            assert await leads(running, f"/g/{name}") == expected, name
            assert await leads(running, f"/g/thumb/{name}") == expected, name
            assert await leads(running, f"/g/src/{name}") == expected, name
        assert (await leads(running, f"/g/thumb/{LATER}.png"))[1] == THUMB
    async with filled.running(enabled=False) as running:
        assert await leads(running, f"/g/{LATER}s.jpg") == (404, "")


async def test_files_on_another_server(quickly_filled: Stage) -> None:
    templates = {"image_url": "https://i.example/{board}/{path}", "thumb_url": "https://t.example/{board}/{path}"}
    async with quickly_filled.running(**templates) as running:
        image = "https://i.example/g/1500/00/1500000000001.png"
        assert await leads(running, f"/g/full_image/{LATER}.png") == (303, image)
        assert await leads(running, f"/g/{LATER}.png") == (302, image)
        assert await leads(running, f"/g/{LATER}s.jpg") == (302, "https://t.example/g/1500/00/1500000000002s.jpg")


async def test_where_names_cannot_be_looked_up_the_name_itself_is_tried(quickly_filled: Stage) -> None:
    async with quickly_filled.running() as running:
        board = running.board()
        board.small = board.queries.finds_originals = False
        assert await leads(running, "/g/full_image/1234567890123.png") == (303, "/g/image/1234/56/1234567890123.png")
        assert await leads(running, "/g/1234567890123.png") == (302, "/g/image/1234/56/1234567890123.png")
        assert await leads(running, "/g/1234567890123s.jpg") == (302, "/g/thumb/1234/56/1234567890123s.jpg")
        for name in ("1500000000003.png", "1500000000003s.jpg"):
            assert await leads(running, f"/g/{name}") == (404, ""), name
            assert await leads(running, f"/g/full_image/{name}") == (404, ""), name
            await running.ask(f"/g/redirect/{name}", 404)
        assert await leads(running, "/g/full_image/x.html") == (404, "")
        assert await leads(running, "/g/thumb/1234567890123.webm") == (404, "")
    async with quickly_filled.running(layout="sutra") as running:
        board = running.board()
        board.small = board.queries.finds_originals = False
        assert await leads(running, "/g/1234567890123.png") == (404, "")


async def test_redirect_pages(quickly_filled: Stage) -> None:
    async with quickly_filled.running() as running:
        ours, theirs = "http://archive.example/g/full_image/{}", "https://i.4cdn.org/g/{}"
        for name, target in {
            f"{LATER}.png": ours,
            "1600000000001.jpg": ours,
            "Loop%20the%20loop.swf": ours,
            "1999999999999.png": theirs,
            "1500000000003.png": None,
            "1500000000003777.png": None,  # the same banned file by a longer name
            "x.html": None,
            "a%3Fb.png": None,
        }.items():
            answer = await ask(running.app, f"/g/redirect/{name}")
            assert answer.status == (404 if target is None else 200), name
            if target is not None:
                address = target.format(name)
                assert f'<meta http-equiv="Refresh" content="0; url={address}">'.encode() in answer.body
                assert f"You are being redirected to {address}.".encode() in answer.body
    async with quickly_filled.running(enabled=False) as running:
        assert theirs.format(f"{LATER}.png") in await running.text(f"/g/redirect/{LATER}.png")


async def test_only_4chan_s_files_are_known_elsewhere(quickly_filled: Stage) -> None:
    async with quickly_filled.running() as running:
        settings = running.archive.settings
        running.archive.settings = msgspec.structs.replace(settings, archive=ArchiveSettings(host="boards.example"))
        await running.ask("/g/redirect/1999999999999.png", 404)
        await running.ask(f"/g/redirect/{LATER}.png")
    quickly_filled.boards["g"] = msgspec.structs.replace(quickly_filled.boards["g"], live=False)
    async with quickly_filled.running() as running:
        await running.ask("/g/redirect/1999999999999.png", 404)
