"""The invented archive in the conventions of every writer, on every kind of database, and all its answers.

Loading and reading everything takes a while, so each pair of writer and kind is done once per session, when a
test first asks for it, and shared by all tests: none may change these databases.
"""

import asyncio
import re
import secrets
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from msgspec import Struct
from quart import Quart

from app import create_app
from app.demo.boards import invent
from app.demo.media import render_all
from app.demo.model import DemoArchive, DemoBoard
from app.demo.rows import Pictures
from app.demo.writers import WRITERS, Writer
from app.settings import BoardSettings, Settings
from tests.support.asgi import ask
from tests.support.load import boards_for, load_mysql, load_postgresql, load_sqlite
from tests.support.reader import settings_for

KINDS = ("sqlite", "mysql", "postgresql")
_SHELF = pytest.StashKey["Shelf"]()

# The postings asked for one by one: all would take a minute and tell nothing new.
_EVERY = 3
_MOST_PAGES = 200


class Loaded(Struct, frozen=True):
    """One writer's archive on one kind of database, and what the app answers about it."""

    writer: Writer
    kind: str
    boards: list[DemoBoard]
    settings: Settings
    answers: dict[str, bytes]
    """Bodies by address, all of status 200."""


class Shelf:
    """Reads an archive when it is first asked for."""

    def __init__(self, folder: Path) -> None:
        self.invented: DemoArchive = invent()
        self.pictures: Pictures = render_all(self.invented)
        self._folder = folder
        self._loaded: dict[tuple[str, str], Loaded] = {}

    def get(self, request: pytest.FixtureRequest, writer: str, kind: str) -> Loaded:
        if (writer, kind) not in self._loaded:
            self._loaded[writer, kind] = self._load(request, WRITERS[writer], kind)
        return self._loaded[writer, kind]

    def _load(self, request: pytest.FixtureRequest, writer: Writer, kind: str) -> Loaded:
        boards = boards_for(self.invented, writer)
        place = self._fill(request, writer, kind)
        settings = settings_for(kind, place, {board.name: board_settings(writer, board) for board in boards})
        return Loaded(writer, kind, boards, settings, asyncio.run(read_everything(settings, writer, boards)))

    def _fill(self, request: pytest.FixtureRequest, writer: Writer, kind: str) -> Path | dict[str, Any]:
        if kind == "sqlite":
            path = self._folder / f"{writer.name}.db"
            load_sqlite(path, self.invented, writer, self.pictures)
            return path
        server, name = request.getfixturevalue(f"{kind}_server"), f"shelf_{writer.name}_{secrets.token_hex(4)}"
        server.create_database(name)
        # Later than the server's own finalizer, so called before it.
        request.session.addfinalizer(lambda: server.drop_database(name))
        load = load_mysql if kind == "mysql" else load_postgresql
        asyncio.run(load(server.connect_kwargs(name), self.invented, writer, self.pictures))
        table: dict[str, Any] = server.settings_table(name)
        return table


def shelf_of(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Shelf:
    """The session's one shelf."""
    stash = request.config.stash
    if _SHELF not in stash:
        stash[_SHELF] = Shelf(tmp_path_factory.mktemp("shelf"))
    return stash[_SHELF]


def board_settings(writer: Writer, board: DemoBoard) -> BoardSettings:
    """Everything is left to be found out, but for what no data can tell."""
    if writer.html:
        return BoardSettings(comments="html")
    if writer.clock == "switched":
        # Which post of a quiet night was the first with the other clock cannot be seen; an operator can say it.
        return BoardSettings(clock="utc", clock_switch_num=writer.switch_num(board))
    return BoardSettings()


async def read_everything(settings: Settings, writer: Writer, boards: list[DemoBoard]) -> dict[str, bytes]:
    """All addresses of the API and all pages, bodies by address."""
    app = create_app(settings)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("app.web.home._PATIENCE", 60.0)  # or a busy machine leaves out what it has not counted yet
        return await _read_all(app, writer, boards)


async def _read_all(app: Quart, writer: Writer, boards: list[DemoBoard]) -> dict[str, bytes]:
    answers: dict[str, bytes] = {}
    async with app.test_app():

        async def read(address: str) -> Any:
            answer = await ask(app, address)
            assert answer.status == 200, f"{address}: {answer.status} {answer.body[:500]!r}"
            answers[address] = answer.body
            return answer

        await read("/")
        await read("/api/v1/boards")
        for board in boards:
            base, pages = f"/api/v1/boards/{quote(board.name)}", f"/{quote(board.name)}"
            await read(base)
            for order in ("bump", "creation", "ghost"):
                await _list(read, f"{base}/threads?order={order}&limit=7&replies=3&rendered=1")
            await _list(read, f"{base}/catalog?limit=20&rendered=1")
            for page in ("/", "/?order=creation", "/ghost/", "/catalog/", "/gallery/", "/page/1/"):
                await read(pages + page)
            for num, posts in board.threads().items():
                if all(post.subnum for post in posts):
                    continue
                await read(f"{base}/threads/{num}?rendered=1")
                await read(f"{pages}/thread/{num}/")
                if num % 3 == 0:
                    await read(f"{pages}/last/3/{num}/")
                    await read(f"{pages}/deleted/{num}/")
            kept = writer.posts(board)
            for post in kept:
                if post.subnum or post.num % _EVERY == 0:
                    place = f"{post.num}_{post.subnum}" if post.subnum else str(post.num)
                    await read(f"{base}/posts/{place}?rendered=1")
                    await read(f"{pages}/post/{place}/")
        for media_hash in sorted(_hashes(answers)):
            await _list(read, media_hash)
    return answers


async def _list(read: Any, address: str) -> None:
    older = (await read(address)).json["older"]
    for _ in range(_MOST_PAGES):
        if older is None:
            return
        older = (await read(f"{address}&before={older}")).json["older"]
    raise AssertionError(f"{address} goes on for ever")


def _hashes(answers: dict[str, bytes]) -> set[str]:
    """Addresses of the pictures that pages show more than one post of."""
    found: dict[tuple[str, str], int] = {}
    for address, body in answers.items():
        if address.startswith("/api/v1/boards/") and "/threads/" in address:
            board = address.split("/")[4]
            for media_hash in re.findall(rb'"hash":"([A-Za-z0-9+/]{22}==)"', body):
                key = (board, media_hash.decode())
                found[key] = found.get(key, 0) + 1
    return {
        f"/api/v1/boards/{board}/media/{quote(media_hash, safe='')}?limit=2"
        for (board, media_hash), times in found.items()
        if times > 1
    }
