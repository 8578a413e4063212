"""Threads to keep: one page with everything inside, the pictures in a ZIP file, and what must never get into either."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

import html5lib
import msgspec
import pytest
from quart import Quart, Response, request_finished

from app import thread_parts
from app.web import kept_page, picture_zip
from app.web.picture_zip import LISTING, packed_name
from tests.support.asgi import ask
from tests.support.downloads import PAGE, ZIP, add_picture, add_thread, ban, content_of, hash_of, name_of, place_of
from tests.support.stage import Running, Stage, stage

__all__ = ["stage"]

SQLITE = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
FETCHED = ("src", "srcset", "poster", "data", "action", "data-thumb")


async def _zip(app: Running, target: str = ZIP) -> tuple[Mapping[str, bytes], str]:
    """The pictures by name, and the listing."""
    answer = await app.ask(target)
    assert answer.headers["content-type"] == "application/zip"
    assert int(answer.headers["content-length"]) == len(answer.body)
    with zipfile.ZipFile(io.BytesIO(answer.body)) as packed:
        assert packed.testzip() is None
        assert {entry.compress_type for entry in packed.infolist()} == {zipfile.ZIP_STORED}
        files = {name: packed.read(name) for name in packed.namelist()}
    return files, files.pop(LISTING).decode()


async def test_pictures_are_packed_with_the_names_their_posters_gave_them(stage: Stage) -> None:
    add_thread(stage)
    async with stage.running() as app:
        files, listing = await _zip(app)
    assert files == {
        "0001 Ein schönes Bild.jpg": content_of(100),
        "0002 cat.jpg": content_of(101),
        "0003 .. .. etc passwd .jpg.jpg".replace(".. .. ", ""): content_of(104),
    }
    lines = listing.splitlines()
    assert lines[0] == "http://archive.example/g/thread/100/ (3 pictures)"
    assert lines[2:] == [
        "No. 100: 0001 Ein schönes Bild.jpg",
        "No. 101: 0002 cat.jpg",
        "No. 102: banned",
        "No. 103: not in the archive",
        "No. 104: 0003 etc passwd .jpg.jpg",
    ]


async def test_the_kept_page_has_every_post_and_needs_nothing_else(stage: Stage) -> None:
    add_thread(stage)
    async with stage.running() as app:
        answer = await app.ask(PAGE)
    html = answer.body.decode()
    root = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(html)
    ids = {element.get("id") for element in root.iter() if element.get("id")}
    assert {"100", "101", "102", "103", "104", "105"} <= ids
    fetched = [element.get(name) for element in root.iter() for name in FETCHED if element.get(name) is not None]
    assert fetched and all(address.startswith("data:") for address in fetched)
    assert not list(root.iter("script")) and not list(root.iter("link"))
    assert "url(" not in html and "@import" not in html
    targets = [element.get("href") for element in root.iter("a")]
    assert {"#100", "#104", "#101"} <= set(targets)  # quotes, and what a post is quoted by
    for target in targets:
        assert target.startswith(("http://archive.example/", "https://boards.4chan.org/")) or target[1:] in ids
    assert "alert(1)" in "".join(root.itertext())
    pictures = [element.get("src") for element in root.iter("img")]
    assert [src.partition(";")[0] for src in pictures] == ["data:image/jpeg"] * 2 + ["data:image/gif"]
    assert "script" not in answer.headers["content-security-policy"]


@pytest.mark.parametrize("address", [PAGE, ZIP])
async def test_banned_pictures_stay_out_even_where_another_post_has_them(stage: Stage, address: str) -> None:
    stage.board()
    add_picture(stage, 100)
    names = {"media_orig": name_of(100), "preview_orig": name_of(100, "s"), "media_filename": "a.jpg"}
    stage.post(101, 100, media_hash=hash_of(100), **names)
    stage.post(103, 100, media_hash=hash_of(103), **names)  # the same file, though the row says otherwise
    add_picture(stage, 102)
    ban(stage, 100)
    async with stage.running() as app:
        body = (await app.ask(address)).body
    banned = b"dGh1bWIgb2YgdGhlIHBpY3R1cmUgMTAw"  # "thumb of the picture 100" in base64
    assert content_of(100) not in body and banned not in body
    assert content_of(102) in body or b"dGh1bWIgb2YgdGhlIHBpY3R1cmUgMTAy" in body


async def test_all_of_a_long_thread_is_kept(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    stage.board()
    stage.posts(*({"num": num, "thread_num": 100, "comment": ">>100"} for num in range(100, 108)))
    add_picture(stage, 109)
    # A slice of posts that are not shown.
    removed = {"subnum": 0, "thread_num": 100, "timestamp": 1, "timestamp_expired": 0, "op": 0}
    stage.add("g_deleted", {"num": 104, **removed}, {"num": 105, **removed})
    monkeypatch.setattr(thread_parts, "THREAD_SLICE", 2)
    async with stage.running() as app:
        html = await app.text(PAGE)
        files, _ = await _zip(app)
    root = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(html)
    shown = [post.get("id") for post in root.iter("article")]
    assert shown == ["100", "101", "102", "103", "106", "107", "109"]
    quotes = [link.get("href") for link in root.iter("a") if link.get("class") == "backlink op"]
    assert quotes == ["#100"] * 6
    assert list(files.values()) == [content_of(109)]


@SQLITE
async def test_limits_leave_out_what_is_too_much_and_say_so(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    stage.board()
    for num in (100, 101, 102):
        add_picture(stage, num)
    monkeypatch.setattr(kept_page, "MOST_PICTURES", 2 * len(b"thumb of the picture 100"))
    monkeypatch.setattr(picture_zip, "_MIB", len(content_of(100)) + 1)
    async with stage.running(zip_limit=2) as app:
        html = await app.text(PAGE)
        files, listing = await _zip(app)
        assert html.count("data:image/jpeg") == 2 and "1 thumbnail is not in this file" in html
        assert list(files.values()) == [content_of(100), content_of(101)]
        assert "Left out for the size of this file: 1\n" in listing
        assert "No. 102: left out, as this file would have become too large" in listing
        monkeypatch.setattr(picture_zip, "MOST_PICTURES", 1)
        assert len((await _zip(app))[0]) == 1


@SQLITE
@pytest.mark.parametrize(
    ("media", "sentence"),
    [
        ({"zip_limit": 0}, "does not pack pictures"),
        ({"enabled": False}, "does not show pictures of this board"),
        ({"image_url": "https://files.example/{board}/{path}"}, "are on another server"),
    ],
    ids=["off", "no media", "elsewhere"],
)
async def test_where_no_pictures_are_packed(stage: Stage, media: dict[str, Any], sentence: str) -> None:
    add_thread(stage)
    async with stage.running(**media) as app:
        assert sentence in await app.text(ZIP, 404)
        assert ZIP not in await app.text("/g/thread/100/")
        assert ("data:image/jpeg" in await app.text(PAGE)) == media.get("enabled", True)


@SQLITE
async def test_files_that_are_no_pictures_are_not_packed(stage: Stage) -> None:
    add_thread(stage)
    name = name_of(106, ending="html")
    stage.post(106, 100, media_filename="a.html", media_hash=hash_of(106), media_orig=name, preview_orig=None)
    path = place_of(stage.media, "image", name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"<script>")
    async with stage.running() as app:
        files, listing = await _zip(app)
    assert b"<script>" not in files.values() and "No. 106: not in the archive" in listing


@SQLITE
async def test_files_that_boards_share_are_kept_too(stage: Stage) -> None:
    stage.board()
    for num in (100, 101, 102):
        add_picture(stage, num, stored=False)
        if num < 102:
            stem = hash_of(num)
            for top, ending in (("img", "jpg"), ("thb", "jpg")):
                path = stage.media / top / stem[:2] / stem[2:4] / stem[4:6] / f"{stem}.{ending}"
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content_of(num))
    ban(stage, 101)
    async with stage.running(layout="sutra") as app:
        files, listing = await _zip(app)
        html = await app.text(PAGE)
    assert list(files.values()) == [content_of(100)]
    assert listing.splitlines()[3:] == ["No. 101: banned", "No. 102: not in the archive"]
    assert html.count("data:image/jpeg") == 1


@SQLITE
async def test_thumbnails_of_another_server_are_not_fetched(stage: Stage) -> None:
    add_thread(stage)
    async with stage.running(thumb_url="https://files.example/{board}/{path}") as app:
        html = await app.text(PAGE)
    assert "data:image/jpeg" not in html and "files.example" not in html
    assert "The pictures of this archive are on another server" in html


@SQLITE
async def test_what_is_not_there_is_not_found(stage: Stage) -> None:
    stage.board()
    stage.post(100)
    add_picture(stage, 200, stored=False)
    stage.execute('UPDATE "g" SET thread_num = 200 WHERE num = 200')
    async with stage.running() as app:
        assert "does not have their files" in await app.text("/g/thread/200/download.zip", 404)
        await app.ask("/g/thread/100/download.zip", 404)
        for kind in ("html", "zip"):
            assert "thread is not in the archive" in await app.text(f"/g/thread/999/download.{kind}", 404)
            await app.ask(f"/nope/thread/100/download.{kind}", 404)
            await app.ask(f"/g/thread/x/download.{kind}", 404)


@SQLITE
async def test_downloads_have_names_of_their_own(stage: Stage) -> None:
    stage.board("λ")
    stage.post(100, board="λ")
    async with stage.running() as app:
        answer = await app.ask("/%CE%BB/thread/100/download.html")
        disposition = answer.headers["content-disposition"]
        assert disposition == "attachment; filename=\"_-100.html\"; filename*=UTF-8''%CE%BB-100.html"
        assert unquote(disposition).endswith("λ-100.html")


@SQLITE
async def test_a_kept_page_of_a_board_not_safe_for_work_says_so_and_veils_its_pictures(stage: Stage) -> None:
    add_thread(stage)
    async with stage.running() as app:
        html = await app.text(PAGE)
        assert 'class="unveil"' not in html and '<meta name="rating"' not in html
    stage.boards["g"] = msgspec.structs.replace(stage.boards["g"], nsfw=True)
    async with stage.running() as app:
        html = await app.text(PAGE)
        assert 'class="unveil"' in html and '<meta name="rating"' in html


@SQLITE
@pytest.mark.parametrize("address", [PAGE, ZIP])
async def test_a_download_may_take_longer_than_other_answers(stage: Stage, address: str) -> None:
    add_thread(stage)
    timeouts = []

    async def note(sender: Quart, response: Response, **_: Any) -> None:
        timeouts.append((response.status_code, response.timeout))

    async with stage.running() as app:
        with request_finished.connected_to(note, app.app):
            await app.ask(address)
    assert timeouts == [(200, None)]


@SQLITE
async def test_what_is_no_thumbnail_by_its_size_is_left_out(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    add_thread(stage)
    monkeypatch.setattr(kept_page, "_LARGEST_PICTURE", 10)
    async with stage.running() as app:
        html = await app.text(PAGE)
    assert "data:image/jpeg" not in html and "thumbnails are not in this file" in html


@SQLITE
async def test_head_tells_of_a_download_and_makes_none(stage: Stage) -> None:
    add_thread(stage)
    async with stage.running() as app:
        for address in (PAGE, ZIP) * 2:
            whole, head = await app.ask(address), await ask(app.app, address, method="HEAD")
            assert (head.status, head.body) == (200, b"")
            own = {"x-request-id"}
            assert {key: head.headers[key] for key in head.headers.keys() - own} == {
                key: whole.headers[key] for key in whole.headers.keys() - own
            }


@pytest.mark.parametrize(
    ("wanted", "name"),
    [
        ("cat.png", "0007 cat.jpg"),
        ("a.tar.gz", "0007 a.tar.jpg"),
        ("no dot", "0007 no dot.jpg"),
        (".hidden", "0007 hidden.jpg"),
        ("", "0007 1366.jpg"),
        (None, "0007 1366.jpg"),
        ("///", "0007 file.jpg"),
        ("..\\..\\x.jpg", "0007 x.jpg"),
        ('a:b*c?"<>|.png', "0007 a b c.jpg"),
        ("photo\u202egpj.exe", "0007 photo gpj.jpg"),
        ("a\x00\x1f\ud800b.png", "0007 a b.jpg"),
        ("λ" * 300 + ".png", "0007 " + "λ" * 60 + ".jpg"),
        ("e\u0301.png", "0007 \u00e9.jpg"),
    ],
)
def test_packed_names_are_good_everywhere(wanted: str | None, name: str) -> None:
    assert packed_name(7, wanted, "1366.jpg") == name
