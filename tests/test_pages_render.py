"""Posts on pages: the structure that programs read, and hostile text that stays text."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec
import pytest
from quart import Quart

from app.markup.page import MOST_ON_A_PAGE
from app.model import Post
from app.settings import MediaSettings, Settings
from app.web import render
from tests.support.asgi import ask
from tests.support.pages import (
    EVIL,
    HASH,
    MEDIA,
    NAME,
    OP,
    REPLY,
    SHOWN,
    FakeArchive,
    app_of,
    document,
    having,
    one,
    page,
    text,
)


@pytest.fixture
def archive() -> FakeArchive:
    return FakeArchive()


@pytest.fixture
def app(archive: FakeArchive) -> Quart:
    return app_of(archive)


async def test_others_get_their_turn_between_posts_that_take_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(render, "_STRETCH", -1.0)
    happened: list[Any] = []

    async def other() -> None:
        for _ in range(2):
            happened.append("other")
            await asyncio.sleep(0)

    def view(post: Post) -> Any:
        happened.append(post)
        return post

    others = asyncio.create_task(other())
    assert await render.in_turns([OP, REPLY], view) == [OP, REPLY]
    await others
    assert happened == ["other", OP, "other", REPLY]


async def test_code_is_coloured_at_the_start_of_a_page_only(archive: FakeArchive, app: Quart) -> None:
    code = f"[code]{'int a = 1;' * 300}[/code]"
    archive.posts = [msgspec.structs.replace(OP, num=100 + place, comment=code) for place in range(100)]
    root = await page(app, "/g/thread/100/")
    posts = [bool(having(code, "code-keyword")) for code in root.iter("code")]
    assert posts == [True] * (MOST_ON_A_PAGE // 3000) + [False] * (100 - MOST_ON_A_PAGE // 3000)


async def test_thread_keeps_the_structure_programs_read(app: Quart) -> None:
    answer = await ask(app, "/g/thread/100/")
    root = document(answer)
    assert answer.headers["last-modified"] == "Wed, 24 Apr 2013 17:53:19 GMT"
    op, reply, ghost = root.iter("article")
    assert op.get("class") == "clearfix thread doc_id_1 post_is_op has_image"
    assert (op.get("id"), op.get("data-board"), op.get("data-thread-num")) == ("100", "g", "100")
    stubs_and_posts = [child.get("id") or child.get("class") for child in one(op, "posts")]
    assert stubs_and_posts == ["post stub stub_doc_id_2", "101", "post stub stub_doc_id_3", "101_1"]
    assert [(stub.tag, stub.get("hidden")) for stub in one(op, "posts") if not stub.get("id")] == [("div", "")] * 2
    assert reply.get("class") == "post doc_id_2 has_image post_deleted"
    assert ghost.get("class") == "post doc_id_3 post_ghost"
    assert having(reply, "post_wrapper")
    assert text(having(root, "thread_counts")[0]) == "[2 replies / 2 images / 9 posters]"
    subject = one(op, "post_title")
    assert subject.tag == "h2"
    assert text(subject).startswith(SHOWN)
    assert not having(reply, "post_title")
    assert text(having(op, "post_tripcode")[0]).startswith(SHOWN)
    assert text(having(op, "poster_hash")[0]).startswith("ID:" + SHOWN)
    assert text(one(op, "post_level post_level_moderator")) == "## Mod"
    assert text(one(ghost, "post_level")) == "## ?"
    assert text(one(reply, "post_author")) == "Anonymous"
    time = next(reply.iter("time"))
    assert text(time) == "Wed 24 Apr 2013 17:50:28"
    assert time.get("datetime") == "2013-04-24T17:50:28+00:00"
    assert time.get("title") == "4chan Time: 4/24/13(Wed)13:50"
    highlight, quote = having(one(ghost, "post_data"), "post_number")
    assert (highlight.get("href"), highlight.get("data-post")) == ("/g/thread/100/#101_1", "101,1")
    assert (quote.get("href"), text(quote)) == ("/g/thread/100/#q101_1", "101,1")
    assert text(having(op, "text")[0]).startswith(SHOWN)
    assert having(reply, "text")[0].get("dir") == "auto"
    assert text(having(op, "backlink_list")[0]) == "Quoted By: >>101"
    assert [text(row) for row in one(op, "exif_table").iter("td")] == ["<b>"]
    head = text(next(root.iter("title")))
    assert head.startswith("/g/ - " + SHOWN)
    assert " - No. 100 - " in head


async def test_files(app: Quart) -> None:
    op, reply, _ = (await page(app, "/g/thread/100/")).iter("article")
    picture, small = having(op, "thread_image")[0], one(reply, "post_image")
    assert picture.get("src") == "/g/thumb/1366/82/1366825828123s.jpg"
    assert (picture.get("width"), picture.get("height"), picture.get("loading")) == ("250", "188", "lazy")
    assert (small.get("width"), small.get("height")) == ("125", "94")
    assert picture.get("data-md5") == HASH
    assert (picture.get("alt") or "").startswith("a very long name of a file " + SHOWN)
    link = one(reply, "thread_image_link")
    assert (link.get("href"), link.get("rel")) == ("/g/image/1366/82/1366825828123.jpeg", "noreferrer")
    name = one(reply, "post_file_filename")
    assert text(name).endswith(" (...).jpeg")
    assert ".jpeg" in (name.get("title") or "")
    assert text(one(reply, "post_file")).startswith("View same a very long name of a file")
    assert text(one(reply, "post_file")).endswith(".jpeg, 2KiB, 800x600")
    assert text(having(op, "post_file")[0]).startswith("2KiB, 800x600, a very long name")
    same = one(reply, "post_file_controls")[0]
    assert same.get("href") == "/g/image/_b-d_f_hijklmnopqrstu_/"


@pytest.mark.parametrize(
    ("changes", "classes", "shown", "linked"),
    [
        ({"spoiler": True}, "spoiler_box", "Spoiler image", True),
        ({"banned": True}, "file_box banned_box", "File banned", False),
        ({"image": None, "thumb": None}, "file_box missing_box", "File not available", False),
        ({"image": f"{NAME}.swf", "thumb": None}, "file_box", "SWF file", True),
    ],
)
async def test_files_without_a_picture(
    app: Quart, archive: FakeArchive, changes: dict[str, Any], classes: str, shown: str, linked: bool
) -> None:
    archive.posts = (msgspec.structs.replace(OP, media=msgspec.structs.replace(MEDIA, **changes)),)
    root = await page(app, "/g/thread/100/")
    assert text(one(root, classes)) == shown
    assert not list(root.iter("img"))
    assert bool(having(root, "thread_image_link")) == linked
    assert "2KiB, 800x600" in text(one(root, "post_file"))
    assert "/image/1366/" in (await ask(app, "/g/thread/100/")).body.decode() or not linked


async def test_unknown_thumbnail_size_is_left_out(app: Quart, archive: FakeArchive) -> None:
    media = msgspec.structs.replace(MEDIA, thumb_width=0, hash=EVIL)
    archive.posts = (msgspec.structs.replace(OP, media=media),)
    root = await page(app, "/g/thread/100/")
    picture = one(root, "thread_image")
    assert (picture.get("width"), picture.get("height")) == (None, None)
    assert not having(root, "post_file_controls")


async def test_switched_off_media_leaves_facts(app: Quart, archive: FakeArchive) -> None:
    archive.settings = Settings(media=MediaSettings(enabled=False))
    for address in ("/g/thread/100/", "/g/", "/g/catalog/"):
        answer = await ask(app, address)
        assert {image.get("src") for image in document(answer).iter("img")} <= {"/_/flag/us"}
        assert b"/thumb/" not in answer.body
        assert b"/image/1366" not in answer.body
    assert "2KiB, 800x600" in text(await page(app, "/g/thread/100/"))


async def test_marks_and_emails(app: Quart) -> None:
    op, reply, ghost = (await page(app, "/g/thread/100/")).iter("article")
    assert [text(mark) for mark in having(op, "post_type")[0]][:2] == ["sticky", "locked"]
    assert [text(mark) for mark in having(op, "post_type")[0]][3:] == ["AC", "pass 2014"]
    assert [text(mark) for mark in one(reply, "post_type")] == ["deleted 24 Apr 2013 17:53", "US"]
    assert [text(mark) for mark in one(ghost, "post_type")] == ["ghost"]
    assert having(reply, "mark mark_sage")
    assert not having(ghost, "mark mark_sage")
    assert b"a@b.example" not in (await ask(app, "/g/thread/100/")).body


async def test_quotes_lead_where_they_should(app: Quart) -> None:
    _, reply, ghost = (await page(app, "/g/thread/100/")).iter("article")
    assert one(reply, "backlink op").get("href") == "/g/thread/100/#100"
    assert text(one(reply, "greentext")) == ">green"
    assert text(one(ghost, "deadlink")) == ">>7"
    links = [link.get("href") for link in having(one(ghost, "text"), "backlink")]
    assert links == ["/g/thread/100/#101"]
