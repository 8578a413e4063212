"""A file in FoolFuuka's interface: every key, where it is shown, shared, banned, nameless or switched off."""

from __future__ import annotations

import json
from typing import Any

from msgspec.structs import replace

from app.api.foolfuuka.media import media_shape
from app.media_links import MediaLinks
from app.model import SharedFile
from app.settings import BoardSettings, DbSettings, MediaSettings, Settings
from app.urls import Links
from tests.support.fake_archive import HASH, OP, PICTURE, REPLY
from tests.support.foolfuuka import address, check_post
from tests.support.stage import Running, Stage, stage

__all__ = ["stage"]

BASE = "http://archive.example"
WEBM = "ABCDEFGHIJKLMNOPQRSTUV=="
OTHER = "BBCDEFGHIJKLMNOPQRSTUV=="
PAGE = f"{BASE}/g/post/4/"


async def told(running: Running, num: int) -> Any:
    post = (await running.ask(address("post", board="g", num=num))).json
    check_post(post)
    return post["media"]


async def test_files_that_posts_share(stage: Stage) -> None:
    stage.board("g")
    columns = ("media_id", "media_hash", "media", "preview_op", "preview_reply", "total", "banned")
    stage.add(
        "g_images",
        dict(zip(columns, (5, WEBM, "1100000000001.webm", None, "1100000000001s.jpg", 3, 0), strict=True)),
        dict(zip(columns, (6, OTHER, "1200000000001.png", "1200000000002s.jpg", None, 9, 1), strict=True)),
    )
    own = {"media_w": 640, "media_h": 480, "media_size": 1000, "preview_w": 125, "preview_h": 94}
    webm = {
        "media_id": 5,
        "media_hash": WEBM,
        "media_orig": "1657627203000.webm",
        "media_filename": "a &amp; &lt;b&gt;.webm",
        "preview_orig": "1657627203000s.jpg",
        "spoiler": 1,
    }
    stage.posts(
        {"num": 3, "thread_num": 3, **webm, **own},
        {"num": 4, "thread_num": 3, **webm, **own, "media_id": 6},  # the row is of another file
        {"num": 5, "thread_num": 3, **webm, **own, "media_id": 6, "media_hash": OTHER, "media_filename": None},
    )
    async with stage.running() as running:
        shared, lonely, banned = [await told(running, num) for num in (3, 4, 5)]
    assert shared == {
        "media_id": "5",
        "spoiler": "1",
        "preview_orig": "1657627203000s.jpg",
        "media": "1100000000001.webm",
        "preview_op": None,
        "preview_reply": "1100000000001s.jpg",
        "preview_w": "125",
        "preview_h": "94",
        "media_filename": "a & <b>.webm",
        "media_w": "640",
        "media_h": "480",
        "media_size": "1000",
        "media_hash": WEBM,
        "media_orig": "1657627203000.webm",
        "exif": None,
        "total": "3",
        "banned": "0",
        "media_status": "normal",
        "safe_media_hash": WEBM.rstrip("="),
        "remote_media_link": f"{BASE}/g/image/1100/00/1100000000001.webm",
        "media_link": f"{BASE}/g/image/1100/00/1100000000001.webm",
        "thumb_link": f"{BASE}/g/thumb/1100/00/1100000000001s.jpg",
        "media_filename_processed": "a &amp; &lt;b&gt;.webm",
    }
    assert lonely == {
        **shared,
        "media_id": "0",
        "total": "1",
        "media": "1657627203000.webm",
        "preview_reply": "1657627203000s.jpg",
        "remote_media_link": f"{BASE}/g/image/1657/62/1657627203000.webm",
        "media_link": f"{BASE}/g/image/1657/62/1657627203000.webm",
        "thumb_link": f"{BASE}/g/thumb/1657/62/1657627203000s.jpg",
    }
    assert (banned["banned"], banned["media_status"], banned["total"]) == ("1", "banned", "9")
    assert [banned[key] for key in ("media_link", "thumb_link")] == [None] * 2
    assert banned["remote_media_link"] == f"{BASE}/g/post/5/"
    assert banned["media"] == banned["media_orig"] == banned["media_filename"] == "1657627203000.webm"
    assert "12000000" not in json.dumps(banned)  # what it is stored under


def shape(settings: Settings, **media: Any) -> dict[str, Any]:
    shape = media_shape(replace(PICTURE, **media), REPLY, None, MediaLinks(Links(BASE), settings), PAGE)
    return {name: getattr(shape, name) for name in shape.__struct_fields__}


def test_files_without_a_name_or_with_media_switched_off() -> None:
    plain = Settings(db=DbSettings(), boards={})
    assert shape(plain, shared=SharedFile(None, None, 0))["total"] == "1"
    assert shape(plain, hash="not a hash")["media_hash"] == ""  # clients that decode it give up the whole thread
    nameless = shape(plain, hash=None, filename=None, image=None, thumb=None, original=None)
    texts = ("media", "media_orig", "media_filename", "media_hash", "safe_media_hash")
    assert [nameless[key] for key in texts] == [""] * 5
    assert (nameless["media_status"], nameless["media_link"], nameless["thumb_link"]) == ("not-available", None, None)
    assert shape(plain)["safe_media_hash"] == HASH.replace("+", "-").replace("/", "_").rstrip("=")
    for off in (
        Settings(db=DbSettings(), boards={}, media=MediaSettings(enabled=False)),
        Settings(db=DbSettings(), boards={"g": BoardSettings(media=False)}),
    ):
        forbidden = shape(off)
        assert [forbidden[key] for key in ("media_link", "remote_media_link", "thumb_link")] == [None, PAGE, None]
        assert forbidden["media_status"] == "forbidden"
        assert (forbidden["media"], forbidden["banned"]) == (PICTURE.image, "0")
        assert shape(off, banned=True)["media_status"] == "banned"


def test_thumbnails_that_no_other_post_shares_are_of_their_own_kind() -> None:
    files = MediaLinks(Links(BASE), Settings(db=DbSettings(), boards={}))
    media = replace(PICTURE, original_thumb="1s.jpg")
    for post, names in ((OP, ("1s.jpg", None)), (REPLY, (None, "1s.jpg"))):
        shown = media_shape(media, post, None, files, PAGE)
        assert (shown.preview_op, shown.preview_reply, shown.preview_orig) == (*names, "1s.jpg")
