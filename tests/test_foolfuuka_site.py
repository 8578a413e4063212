"""`/_/api/chan/` boards, archives, site and statistics, and the entry that 4chan-X reads."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from zlib import crc32

import pytest
from quart import Quart

from app import create_app
from app.settings import AppSettings, ArchiveSettings, BoardSettings, MediaSettings, Settings, SiteSettings
from tests.support.asgi import Answer, ask
from tests.support.foolfuuka import API
from tests.support.stage import Stage, stage

__all__ = ["stage"]

SITE = {"url": str, "name": str, "title": str, "media_http": list, "media_https": list, "global_search_enabled": bool}
BOARD = {
    "name": str,
    "shortname": str,
    "board_url": str,
    "threads_per_page": str,
    "original_board_url": str,
    "thumbs_url": str,
    "images_url": str,
    "anonymous_default_name": str,
    "max_comment_characters_allowed": str,
    "max_comment_lines_allowed": str,
    "cooldown_new_comment": str,
    "transparent_spoiler": bool,
    "enable_flags": bool,
    "display_exif": bool,
    "enable_poster_hash": bool,
    "disable_ghost": bool,
    "is_nsfw": bool,
    "hide_thumbnails": bool,
    "search_enabled": bool,
    "board_hidden": bool,
    "archive_full_images": bool,
}
"""Keys in their order, with the types that a recorded answer has."""


on_one_database = pytest.mark.parametrize("database_kind", ["sqlite"])
"""For what comes out of the settings and the request alone."""


def check_types(value: dict[str, Any], wanted: dict[str, type]) -> None:
    assert {key: type(each) for key, each in value.items()} == wanted
    assert list(value) == list(wanted)


@pytest.fixture
def boards(stage: Stage) -> dict[str, BoardSettings]:
    """A plain board, one nobody may see, one with a table that is not there yet, and three that differ somehow."""
    for name in ("a", "secret", "λ", "nsfw", "bare"):
        stage.board(name)
    stage.post(1, board="a")
    return {
        "a": BoardSettings(title="Anime & <Manga>", clock="utc"),
        "secret": BoardSettings(hidden=True),
        "later": BoardSettings(),
        "λ": BoardSettings(live=False),
        "nsfw": BoardSettings(nsfw=True),
        "bare": BoardSettings(media=False),
    }


@asynccontextmanager
async def serving(stage: Stage, boards: dict[str, BoardSettings], **sections: Any) -> AsyncIterator[Quart]:
    given = {"app": AppSettings(validate_boards_db=False), **sections}
    app = create_app(Settings(db=stage.place.settings(), boards=boards, **given))
    async with app.test_app():
        yield app


async def told(app: Quart, target: str, status: int = 200, **sent: Any) -> Answer:
    answer = await ask(app, target, **sent)
    assert answer.status == status, (target, answer.status, answer.body[:300])
    assert answer.headers["access-control-allow-origin"] == "*"
    return answer


async def test_boards_are_listed(stage: Stage, boards: dict[str, BoardSettings]) -> None:
    site = SiteSettings(name="Böök & Co", anonymous_name="Nobody")
    async with serving(stage, boards, site=site) as app:
        archives = (await told(app, f"{API}/archives/")).json
        assert list(archives) == ["site", "archives"]
        check_types(archives["site"], SITE)
        assert archives["site"] == {
            "url": "http://archive.example/",
            "name": "Böök & Co",
            "title": "Böök & Co",
            "media_http": ["http://archive.example"],
            "media_https": ["http://archive.example"],
            "global_search_enabled": True,
        }
        found = archives["archives"]
        assert {number: board["shortname"] for number, board in found.items()} == {
            "1": "a", "4": "λ", "5": "nsfw", "6": "bare",
        }  # fmt: skip
        for board in found.values():
            check_types(board, BOARD)
            assert (board["threads_per_page"], board["anonymous_default_name"]) == ("10", "Nobody")
            assert board["search_enabled"] and not board["board_hidden"]
        assert (found["1"]["name"], found["4"]["name"]) == ("Anime & <Manga>", "λ")
        assert found["4"]["board_url"] == "http://archive.example/%CE%BB/"
        assert [board["is_nsfw"] for board in found.values()] == [False, False, True, False]
        assert [board["archive_full_images"] for board in found.values()] == [True, True, True, False]
        assert [board["hide_thumbnails"] for board in found.values()] == [False, False, False, True]
        assert found["1"]["original_board_url"] == "https://boards.4chan.org/a/"
        assert found["4"]["original_board_url"] == ""

        assert (await told(app, f"{API}/boards")).json == {"site": archives["site"], "boards": found}
        both = (await told(app, f"{API}/site/")).json
        assert (list(both), both["archives"], both["boards"]) == (["site", "archives", "boards"], found, found)
        for method in ("archives", "boards", "site"):
            slash = await told(app, f"{API}/{method}/")
            assert (await told(app, f"{API}/{method}")).body == slash.body
            assert (await told(app, f"{API}/{method}/", method="HEAD")).body == b""
            assert (await told(app, f"{API}/{method}/", 204, method="OPTIONS")).headers["allow"]
            same = {"If-None-Match": slash.headers["etag"]}
            assert (await told(app, f"{API}/{method}/", 304, headers=same)).body == b""


@on_one_database
async def test_addresses_follow_the_settings(stage: Stage, boards: dict[str, BoardSettings]) -> None:
    media = MediaSettings(
        image_url="https://img.example.org/{board}/image/{path}", thumb_url="http://old.example.org:81/{path}"
    )
    url = AppSettings(url="https://h.example.org/arch", validate_boards_db=False)
    async with serving(stage, boards, media=media, app=url, archive=ArchiveSettings(board_url="")) as app:
        answer = (await told(app, f"{API}/site/?theme=foolz/foolfuuka-theme-foolfuuka")).json
        site, board = answer["site"], answer["archives"]["1"]
        assert site["url"] == "https://h.example.org/arch/"
        assert site["media_http"] == ["https://img.example.org", "http://old.example.org:81"]
        assert site["media_https"] == ["https://img.example.org"]
        assert site["assets"] == [f"https://h.example.org/arch/static/koiwai.{kind}" for kind in ("css", "js")]
        for asset in site["assets"]:
            assert (await ask(app, asset.removeprefix("https://h.example.org/arch"))).status == 200
        assert (board["board_url"], board["original_board_url"]) == ("https://h.example.org/arch/a/", "")
        (entry,) = (await told(app, "/_/archives.json")).json
        assert (entry["domain"], entry["http"], entry["https"]) == ("h.example.org/arch", False, True)
    async with serving(stage, boards, media=MediaSettings(enabled=False)) as app:
        answer = (await told(app, f"{API}/archives/")).json
        assert not any(board["archive_full_images"] for board in answer["archives"].values())
        assert (await told(app, "/_/archives.json")).json[0]["files"] == []


@on_one_database
async def test_no_boards_no_key(stage: Stage) -> None:
    stage.board("secret")
    async with serving(stage, {"secret": BoardSettings(hidden=True)}) as app:
        for method in ("archives", "boards", "site"):
            assert list((await told(app, f"{API}/{method}/")).json) == ["site"]
        assert (await told(app, "/_/archives.json")).json[0]["boards"] == []


@on_one_database
async def test_the_entry_for_4chan_x(stage: Stage, boards: dict[str, BoardSettings]) -> None:
    async with serving(stage, boards, site=SiteSettings(name="Böök")) as app:
        answer = await told(app, "/_/archives.json")
        assert answer.headers["content-type"] == "application/json"
        assert answer.json == [
            {
                "uid": crc32(b"archive.example"),
                "name": "Böök",
                "domain": "archive.example",
                "http": True,
                "https": False,
                "software": "foolfuuka",
                "boards": ["a", "λ", "nsfw", "bare"],
                "files": ["a", "λ", "nsfw"],
                "search": ["a", "λ", "nsfw", "bare"],
                "reports": False,
            }
        ]
        (other,) = (await told(app, "/_/archives.json", headers={"Host": "h.example:8080"})).json
        assert (other["domain"], other["uid"]) == ("h.example:8080", crc32(b"h.example:8080"))
        assert (await told(app, "/_/archives.json", method="HEAD")).body == b""
        assert (await told(app, "/_/archives.json", 204, method="OPTIONS")).body == b""
        assert "error" in (await ask(app, "/_/archives.json", method="POST")).json


@on_one_database
async def test_a_host_that_is_none(stage: Stage, boards: dict[str, BoardSettings]) -> None:
    async with serving(stage, boards) as app:
        for target in (f"{API}/site/", "/_/archives.json"):
            answer = await told(app, target, 400, headers={"Host": 'x"><script>'})
            assert answer.json == {"error": "The Host header of the request is not a host name."}


@on_one_database
async def test_statistics(stage: Stage, boards: dict[str, BoardSettings]) -> None:
    async with serving(stage, boards) as app:
        for target in (f"{API}/statistics/", f"{API}/statistics?board=a&stat="):
            assert {"activity": "Activity"} in (await told(app, target)).json["enabled_statistics"]
        answer = await told(app, f"{API}/statistics/?board=a&stat=availability", 422)
        assert answer.json == {"error": "Statistic currently not available."}


def test_types_are_those_of_a_recorded_answer(genuine_archives: Path) -> None:
    recorded = json.loads((genuine_archives / "foolfuuka-golden/foolfuuka_archives.json").read_text())
    check_types(recorded["site"], SITE)
    for board in recorded["archives"].values():
        check_types(board, BOARD)
