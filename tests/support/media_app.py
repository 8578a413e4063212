"""An app that serves media files and nothing else, over a stand-in for the archive and real files."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from hypercorn.asyncio import serve
from hypercorn.config import Config
from quart import Quart

from app.context import EXTENSION
from app.errors import KoiwaiError, NotFound
from app.media import media_blueprint
from app.settings import BoardSettings, MediaSettings, Settings

NAME = "1366825828123.png"
ADDRESS = f"/g/image/1366/82/{NAME}"
CONTENT = bytes(range(256)) * 4
MTIME = 1_366_825_828
SECRET = b"outside of the media folder"

HASH = "ab+/EFghijklmnopqrstuw=="
SUTRA_IMAGE = "/_/media/img/ab/-_/EF/ab-_EFghijklmnopqrstuw==.png"
SUTRA_THUMB = "/_/media/thb/ab/-_/EF/ab-_EFghijklmnopqrstuw==.jpg"


class FakeMediaArchive:
    """The archive as far as media routes know it: boards, settings and banned files."""

    def __init__(self, root: Path, *, boards: Mapping[str, BoardSettings] | None = None, **media: Any) -> None:
        self.settings = Settings(media=MediaSettings(root=root, **media), boards=dict(boards or {}))
        self.banned: set[tuple[str, str]] = set()
        self.banned_hashes: set[str] = set()

    def board(self, name: str) -> Any:
        if name not in {"g", "λ"}:
            raise NotFound("There is no such board.")
        return SimpleNamespace(name=name)

    def visible_file(self, board: Any, name: str) -> bool:
        return (board.name, name) not in self.banned

    async def visible_hash(self, media_hash: str) -> bool:
        return media_hash not in self.banned_hashes


def put(root: Path, address: str, content: bytes = CONTENT) -> Path:
    path = root / address.removeprefix("/_/media").lstrip("/")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    os.utime(path, (MTIME, MTIME))
    return path


def build_app(archive: FakeMediaArchive) -> Quart:
    app = Quart(__name__, static_folder=None)
    app.extensions[EXTENSION] = archive
    app.register_blueprint(media_blueprint())
    app.register_error_handler(KoiwaiError, lambda error: (error.message, error.status))  # type: ignore[arg-type]
    return app


def app_of_folder() -> Quart:
    """The app over the folder that a variable names, for a server in a process of its own."""
    return build_app(FakeMediaArchive(Path(os.environ["MEDIA_ROOT"])))


@asynccontextmanager
async def listening(app: Quart, port: int) -> AsyncIterator[None]:
    """The app behind the server it is made for, in the running loop, on this port of 127.0.0.1."""
    up, down = asyncio.Event(), asyncio.Event()
    config = Config()
    config.bind = [f"127.0.0.1:{port}"]
    config.accesslog = config.errorlog = None

    async def until_told() -> None:
        up.set()  # the server asks for this once it listens
        await down.wait()

    server = asyncio.create_task(serve(app, config, shutdown_trigger=until_told))
    waiting = asyncio.create_task(up.wait())
    await asyncio.wait({server, waiting}, return_when=asyncio.FIRST_COMPLETED)
    try:
        if not up.is_set():
            await server
        yield
    finally:
        down.set()
        waiting.cancel()
        await server
