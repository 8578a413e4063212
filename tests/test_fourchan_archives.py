"""Whole archives through 4chan's interface: the invented one with its hostile texts, and the genuine ones."""

from __future__ import annotations

import asyncio
import html
import json
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

import html5lib
import pytest

from app import create_app
from app.api.fourchan.shapes import FourchanPost
from app.demo.writers import WRITERS
from app.settings import BoardSettings, Settings
from tests.support import genuine
from tests.support.asgi import ask
from tests.support.expected import Expected
from tests.support.genuine import GENUINE, Genuine
from tests.support.load import boards_for, load_sqlite
from tests.support.reader import folded, settings_for
from tests.support.shelf import board_settings, shelf_of

CAPCODES = {"M": "mod", "A": "admin", "D": "developer", "V": "verified", "F": "founder", "G": "manager"}
FLAGS = {"sticky", "closed", "spoiler", "filedeleted", "archived"}
TEXTS = {"name", "trip", "id", "country", "country_name", "board_flag", "flag_name", "sub", "filename", "ext", "tag"}
ELEMENTS = {"a", "b", "br", "del", "i", "pre", "s", "span", "strong", "sub", "sup", "u"}

_QUOTE = re.compile(r'(?:<a href="[^"]*" class="quotelink">|<span class="deadlink">)&gt;&gt;(\d+(?:,\d+)?)<')


class Asker:
    """Asks a running app; every post of every answer is looked at."""

    def __init__(self, app: Any) -> None:
        self._app = app
        self.said: list[str] = []

    async def get(self, address: str) -> Any:
        answer = await ask(self._app, address)
        assert answer.status == 200, f"{address}: {answer.status} {answer.body[:300]!r}"
        self.said.append(answer.body.decode())
        return answer.json

    async def thread(self, board: str, num: int) -> list[Any]:
        posts: list[Any] = (await self.get(f"/{quote(board)}/thread/{num}.json"))["posts"]
        for place, post in enumerate(posts):
            check(post, num, first=place == 0)
        return posts


@asynccontextmanager
async def asking(settings: Settings) -> AsyncIterator[Asker]:
    app = create_app(settings)
    async with app.test_app():
        yield Asker(app)


def check(post: Any, thread: int, *, first: bool) -> None:
    """What holds for every post of every thread."""
    assert list(post) == [key for key in FourchanPost.__struct_fields__ if key in post]
    assert {"no", "now", "name", "time", "resto"} <= set(post)
    assert ({"replies", "images"} <= set(post)) == first
    assert {post[key] for key in FLAGS & set(post)} <= {1}
    assert post["resto"] == (0 if post["no"] == thread else thread)
    assert not [key for key in TEXTS & set(post) if re.search("[<>\"']", post[key])]
    assert None not in post.values()
    wall = datetime.fromtimestamp(post["time"], ZoneInfo("America/New_York"))
    assert post["now"] == wall.strftime("%m/%d/%y(%a)%H:%M:%S")
    if "filename" in post:
        assert {"tim", "ext", "fsize", "w", "h", "tn_w", "tn_h"} <= set(post)
        assert "filedeleted" not in post
        assert post["ext"].startswith(".")
    for element in html5lib.parseFragment(post.get("com", ""), namespaceHTMLElements=False).iter():
        assert element.tag in ELEMENTS | {"DOCUMENT_FRAGMENT"}, element.tag
        assert set(element.attrib) <= {"class", "href", "style"}
        assert re.match("#p|/", element.get("href", "/"))


def text_of(comment: str) -> str:
    """What a client shows of `com`."""
    return html.unescape(re.sub("<[^>]*>", "", comment.replace("<br>", "\n")))


@pytest.mark.parametrize("writer", ["asagi", "neofuuka", "ritual", "vichan"])
async def test_the_invented_archive(
    writer: str, request: pytest.FixtureRequest, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    shelf, conventions = shelf_of(request, tmp_path_factory), WRITERS[writer]
    load_sqlite(tmp_path / "archive.db", shelf.invented, conventions, shelf.pictures)
    boards = boards_for(shelf.invented, conventions)
    settings = settings_for(
        "sqlite", tmp_path / "archive.db", {board.name: board_settings(conventions, board) for board in boards}
    )
    async with asking(settings) as asker:
        for invented in boards:
            board = Expected(conventions, invented, shelf.pictures)
            catalog = await asker.get(f"/{quote(board.board.name)}/catalog.json")
            listed = {each["no"]: each for page in catalog for each in page["threads"]}
            for num, posts in board.threads().items():
                shown = [post for post in posts if not post.subnum]
                if not shown:
                    continue
                found = await asker.thread(board.board.name, num)
                assert [post["no"] for post in found] == [post.num for post in shown]
                if (opening := listed.get(found[0]["no"])) is not None:
                    assert {key: opening[key] for key in found[0]} == found[0]
                for true, post in zip(shown, found, strict=True):
                    _compare(board, board.post(true), board.media(true), post)


def _compare(board: Expected, true: dict[str, Any], media: dict[str, Any] | None, post: Any) -> None:
    assert (post["time"], html.unescape(post["name"])) == (true["time"], true["name"] or "Anonymous")
    assert post.get("capcode") == CAPCODES.get(true["capcode"])
    for key, column in (("trip", "trip"), ("id", "poster_hash"), ("sub", "subject")):
        text = html.unescape(post[key]) if key in post else None
        assert text == (None if true[column] is None else fit(true[column]))
    if media is None or media["banned"] or media["original"] is None:
        assert "tim" not in post and (media is None) == ("filedeleted" not in post)
        return
    assert media["original"] == f"{post['tim']}{post['ext']}" or board.writer.exif == "neofuuka"
    assert (post["fsize"], post["w"], post["tn_w"]) == (media["size"], media["width"], media["thumb_width"])
    name = media["filename"] or media["original"]
    assert html.unescape(post["filename"]) == (fit(name).rpartition(".")[0] or name)


def fit(text: str) -> str:
    """Without the characters that HTML forbids, and with directions of text closed."""
    return text.replace("\x08", "\ufffd") + "\u202c" * text.count("\u202e")


@pytest.fixture(params=GENUINE, ids=lambda archive: archive.name)
def loaded(
    request: pytest.FixtureRequest, genuine_archives: Path, tmp_path: Path
) -> Iterator[tuple[Settings, dict[str, Any]]]:
    """A genuine archive in its own kind of database, and what is true of it."""
    archive: Genuine = request.param
    truth = json.loads((genuine_archives / "truth.json").read_text())["archives"][archive.name]
    comments: Any = "html" if archive.writer == "vichan" else "bbcode"
    boards = {board: BoardSettings(comments=comments) for board in truth["boards"]}
    packed = genuine_archives / archive.file
    if archive.kind == "sqlite":
        genuine.unpack_sqlite(packed, tmp_path / "archive.db")
        yield settings_for("sqlite", tmp_path / "archive.db", boards), truth
        return
    server = request.getfixturevalue(f"{archive.kind}_server")
    with server.fresh_database() as name:
        if archive.kind == "mysql":
            genuine.load_dump_mysql(packed, server, name)
        else:
            asyncio.run(genuine.load_dump_postgresql(packed, server, name))
        yield settings_for(archive.kind, server.settings_table(name), boards), truth


def test_genuine_archives(loaded: tuple[Settings, dict[str, Any]]) -> None:
    asyncio.run(_check_genuine(*loaded))


async def _check_genuine(settings: Settings, truth: dict[str, Any]) -> None:
    async with asking(settings) as asker:
        for name, board in truth["boards"].items():
            listed = await asker.get(f"/{quote(name)}/threads.json")
            nums = [each["no"] for page in listed for each in page["threads"]]
            newest = board.get("newest_by_bump_in_thread_table") or [
                row["thread_num"] for row in board["newest_by_bump"]
            ]
            loose = [[num for num in some if num not in board["sticky_threads"]] for some in (nums, newest)]
            assert loose[0][: len(loose[1])] == loose[1]
            await asker.get(f"/{quote(name)}/catalog.json")
        for name, num in {(true["board"], true["thread_num"]) for true in truth["posts"]}:
            posts = {str(post["no"]): post for post in await asker.thread(name, num)}
            for true in truth["posts"]:
                if (true["board"], true["thread_num"]) == (name, num):
                    assert (true["id"] in posts) == (not true["subnum"])
                    if not true["subnum"]:
                        _check_post(true, posts[true["id"]])
    for forbidden in truth.get("never_show", ()):
        assert not [body for body in asker.said if forbidden["text"] in body], forbidden


def _check_post(true: dict[str, Any], post: Any) -> None:
    undecidable = true.get("utc_ambiguous") and true["image"] is None
    assert post["time"] in (true["utc_readings"] if undecidable else [true["utc"]])
    assert html.unescape(post["name"]) == (true["name"] or "Anonymous")
    assert html.unescape(post.get("trip", "")) == (true["trip"] or "")
    assert html.unescape(post.get("sub", "")) == fit(true["subject"] or "")
    assert post.get("capcode") == CAPCODES.get(true["capcode"])
    if "text" in true:
        assert folded(text_of(post.get("com", ""))) == folded(true["text"]), true["id"]
    optional = set(true.get("quotes_optional", ()))
    quotes = dict.fromkeys(num for num in _QUOTE.findall(post.get("com", "")) if num not in optional)
    assert list(quotes) == [num for num in true["quotes"] if num not in optional], true["id"]
    if true["image"] is None:
        assert "tim" not in post
        return
    if re.fullmatch(r"[A-Za-z0-9+/]{22}==", true["md5"]):
        assert post["md5"] == true["md5"]
    assert [post[key] for key in ("w", "h", "fsize")] == [true[key] for key in ("width", "height", "size")]
    if true["filename"] is not None:
        assert html.unescape(post["filename"]) == (true["filename"].rpartition(".")[0] or true["filename"])
    if not true["same_image_posts"]:
        assert f"{post['tim']}{post['ext']}" == true["image"].rpartition("/")[2]
