"""Threads to keep: one page with everything inside, the pictures in a ZIP file, and what must never get into either."""

from __future__ import annotations

import asyncio
import io
import zipfile
from collections.abc import AsyncGenerator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import html5lib
import msgspec
import pytest
from quart import Quart, Response, request_finished

from app import thread_parts
from app.errors import Unavailable
from app.web import downloads, kept_page, picture_zip
from app.web.picture_zip import LISTING, packed_name
from tests.support.asgi import ask
from tests.support.stage import Running, Stage, stage

__all__ = ["stage"]

SQLITE = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
PAGE, ZIP = "/g/thread/100/download.html", "/g/thread/100/download.zip"
FETCHED = ("src", "srcset", "poster", "data", "action", "data-thumb")


def _hash(num: int) -> str:
    return f"{num:A>22}=="


def _name(num: int, mark: str = "", ending: str = "jpg") -> str:
    return f"{1657627200000 + num}{mark}.{ending}"


def _place(folder: Path, kind: str, name: str) -> Path:
    return folder / "g" / kind / name[:4] / name[4:6] / name


def _content(num: int) -> bytes:
    return f"the picture {num}".encode()


def _picture(stage: Stage, num: int, filename: str = "cat.jpg", *, stored: bool = True, **columns: Any) -> None:
    """A post of thread 100 with a file, which is on the disk where it is `stored`."""
    file = {"media_hash": _hash(num), "media_orig": _name(num), "preview_orig": _name(num, "s")}
    stage.post(num, 100, media_filename=filename, **file, **columns)
    if stored:
        for kind, name in (("image", _name(num)), ("thumb", _name(num, "s"))):
            path = _place(stage.media, kind, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(_content(num) if kind == "image" else b"thumb of " + _content(num))


def _ban(stage: Stage, num: int) -> None:
    names = {"media": _name(num), "preview_reply": _name(num, "s")}
    stage.add("g_images", {"media_id": num, "media_hash": _hash(num), "banned": 1, **names})


def _thread(stage: Stage) -> None:
    """An OP, a picture, a spoiler, one that is banned, one that is not on the disk, one whose poster means harm."""
    stage.board()
    _picture(stage, 100, "Ein schönes Bild.png")
    _picture(stage, 101, spoiler=1, comment=">>100 hello")
    _picture(stage, 102)
    _ban(stage, 102)
    _picture(stage, 103, stored=False)
    _picture(stage, 104, "../../etc/passwd\x07.jpg.exe")
    stage.post(105, 100, comment=">>104\n>>9 <script>alert(1)</script>", poster_country="DE")


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
    _thread(stage)
    async with stage.running() as app:
        files, listing = await _zip(app)
    assert files == {
        "0001 Ein schönes Bild.jpg": _content(100),
        "0002 cat.jpg": _content(101),
        "0003 .. .. etc passwd .jpg.jpg".replace(".. .. ", ""): _content(104),
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
    _thread(stage)
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
    _picture(stage, 100)
    names = {"media_orig": _name(100), "preview_orig": _name(100, "s"), "media_filename": "a.jpg"}
    stage.post(101, 100, media_hash=_hash(100), **names)
    stage.post(103, 100, media_hash=_hash(103), **names)  # the same file, though the row says otherwise
    _picture(stage, 102)
    _ban(stage, 100)
    async with stage.running() as app:
        body = (await app.ask(address)).body
    banned = b"dGh1bWIgb2YgdGhlIHBpY3R1cmUgMTAw"  # "thumb of the picture 100" in base64
    assert _content(100) not in body and banned not in body
    assert _content(102) in body or b"dGh1bWIgb2YgdGhlIHBpY3R1cmUgMTAy" in body


async def test_all_of_a_long_thread_is_kept(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    stage.board()
    stage.posts(*({"num": num, "thread_num": 100, "comment": ">>100"} for num in range(100, 108)))
    _picture(stage, 109)
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
    assert list(files.values()) == [_content(109)]


@SQLITE
async def test_limits_leave_out_what_is_too_much_and_say_so(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    stage.board()
    for num in (100, 101, 102):
        _picture(stage, num)
    monkeypatch.setattr(kept_page, "MOST_PICTURES", 2 * len(b"thumb of the picture 100"))
    monkeypatch.setattr(picture_zip, "_MIB", len(_content(100)) + 1)
    async with stage.running(zip_limit=2) as app:
        html = await app.text(PAGE)
        files, listing = await _zip(app)
        assert html.count("data:image/jpeg") == 2 and "1 thumbnail is not in this file" in html
        assert list(files.values()) == [_content(100), _content(101)]
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
    _thread(stage)
    async with stage.running(**media) as app:
        assert sentence in await app.text(ZIP, 404)
        assert ZIP not in await app.text("/g/thread/100/")
        assert ("data:image/jpeg" in await app.text(PAGE)) == media.get("enabled", True)


@SQLITE
async def test_files_that_are_no_pictures_are_not_packed(stage: Stage) -> None:
    _thread(stage)
    name = _name(106, ending="html")
    stage.post(106, 100, media_filename="a.html", media_hash=_hash(106), media_orig=name, preview_orig=None)
    path = _place(stage.media, "image", name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"<script>")
    async with stage.running() as app:
        files, listing = await _zip(app)
    assert b"<script>" not in files.values() and "No. 106: not in the archive" in listing


@SQLITE
async def test_files_that_boards_share_are_kept_too(stage: Stage) -> None:
    stage.board()
    for num in (100, 101, 102):
        _picture(stage, num, stored=False)
        if num < 102:
            stem = _hash(num)
            for top, ending in (("img", "jpg"), ("thb", "jpg")):
                path = stage.media / top / stem[:2] / stem[2:4] / stem[4:6] / f"{stem}.{ending}"
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(_content(num))
    _ban(stage, 101)
    async with stage.running(layout="sutra") as app:
        files, listing = await _zip(app)
        html = await app.text(PAGE)
    assert list(files.values()) == [_content(100)]
    assert listing.splitlines()[3:] == ["No. 101: banned", "No. 102: not in the archive"]
    assert html.count("data:image/jpeg") == 1


@SQLITE
async def test_thumbnails_of_another_server_are_not_fetched(stage: Stage) -> None:
    _thread(stage)
    async with stage.running(thumb_url="https://files.example/{board}/{path}") as app:
        html = await app.text(PAGE)
    assert "data:image/jpeg" not in html and "files.example" not in html
    assert "The pictures of this archive are on another server" in html


@SQLITE
async def test_what_is_not_there_is_not_found(stage: Stage) -> None:
    stage.board()
    stage.post(100)
    _picture(stage, 200, stored=False)
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
    _thread(stage)
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
    _thread(stage)
    timeouts = []

    async def note(sender: Quart, response: Response, **_: Any) -> None:
        timeouts.append((response.status_code, response.timeout))

    async with stage.running() as app:
        with request_finished.connected_to(note, app.app):
            await app.ask(address)
    assert timeouts == [(200, None)]


@SQLITE
async def test_what_is_no_thumbnail_by_its_size_is_left_out(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    _thread(stage)
    monkeypatch.setattr(kept_page, "_LARGEST_PICTURE", 10)
    async with stage.running() as app:
        html = await app.text(PAGE)
    assert "data:image/jpeg" not in html and "thumbnails are not in this file" in html


@SQLITE
async def test_head_tells_of_a_download_and_makes_none(stage: Stage) -> None:
    _thread(stage)
    async with stage.running() as app:
        for address in (PAGE, ZIP) * 2:
            whole, head = await app.ask(address), await ask(app.app, address, method="HEAD")
            assert (head.status, head.body) == (200, b"")
            own = {"x-request-id"}
            assert {key: head.headers[key] for key in head.headers.keys() - own} == {
                key: whole.headers[key] for key in whole.headers.keys() - own
            }


@SQLITE
async def test_two_at_once_and_then_wait(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    _thread(stage)
    monkeypatch.setattr(downloads, "_PATIENCE", 600.0)
    async with stage.running() as app:
        leave, started = asyncio.Event(), [asyncio.Event(), asyncio.Event()]
        assert len(started) == downloads.AT_ONCE
        slow = [
            asyncio.create_task(_half(app, address, start, leave))
            for address, start in zip((PAGE, ZIP), started, strict=True)
        ]
        for start in started:
            await start.wait()
        for address in (PAGE, ZIP):
            answer = await app.ask(address, 503)
            assert answer.headers["retry-after"] == "30"
            assert b"Others are downloading" in answer.body
        await app.ask("/g/thread/100/")
        leave.set()
        await asyncio.gather(*slow)
        for address in (PAGE, ZIP) * 2:  # each of these gives its slot back
            await app.ask(address)


async def _half(app: Running, address: str, started: asyncio.Event, leave: asyncio.Event) -> None:
    """A client who takes the head of an answer, nothing of its body, and leaves when told."""
    requests = [{"type": "http.request", "body": b"", "more_body": False}]

    async def send(message: Any) -> None:
        started.set()
        if message["type"] == "http.response.body":
            await asyncio.Event().wait()

    async def receive() -> dict[str, Any]:
        if requests:
            return requests.pop()
        await leave.wait()
        return {"type": "http.disconnect"}

    scope: dict[str, Any] = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "GET", "scheme": "http",
        "path": address, "raw_path": address.encode(), "query_string": b"", "root_path": "",
        "headers": [(b"host", b"archive.example")], "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 80),
    }  # fmt: skip
    await app.app(scope, receive, send)


async def test_a_place_is_free_when_the_body_is_out_whoever_still_holds_it() -> None:
    slots = downloads.Slots()
    held = [slots.take() for _ in range(downloads.AT_ONCE)]

    async def pieces() -> AsyncGenerator[bytes, None]:
        yield b"all"

    with pytest.raises(Unavailable):
        slots.take()
    async with downloads.Streamed(pieces(), slots, held[0]) as body:
        assert [piece async for piece in body] == [b"all"]
    held.append(slots.take())
    with pytest.raises(Unavailable):
        slots.take()


async def test_a_slow_client_keeps_nobody_else_from_downloading(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(downloads, "_PATIENCE", 0.0)
    slots, slow = downloads.Slots(), []

    async def pieces() -> AsyncGenerator[bytes, None]:
        yield b"a piece"
        yield b"another"

    for _ in range(downloads.MOST_OPEN):
        body = downloads.Streamed(pieces(), slots, slots.take())
        reading = aiter(body)
        assert await anext(reading) == b"a piece"
        slow.append((body, reading))
        await asyncio.sleep(0)  # the client takes no more for a while
        await asyncio.sleep(0)
    with pytest.raises(Unavailable):  # but there is an end to it
        slots.take()
    for body, reading in slow:
        assert [piece async for piece in reading] == [b"another"]
        async with body:
            pass
    assert [slots.take() for _ in range(downloads.AT_ONCE)]


@SQLITE
@pytest.mark.parametrize("address", [PAGE, ZIP])
async def test_a_client_that_leaves_frees_its_place(stage: Stage, address: str) -> None:
    _thread(stage)
    async with stage.running() as app:
        for _ in range(downloads.AT_ONCE + 1):
            assert (await ask(app.app, address, leave_after=1)).status == 200
        await app.ask(address)


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
