"""An app that serves media files and nothing else, over a stand-in for the archive and real files."""

from __future__ import annotations

import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from quart import Quart

from app.context import EXTENSION
from app.errors import KoiwaiError, NotFound
from app.media import media_blueprint
from app.settings import MediaSettings

NAME = "1366825828123.png"
ADDRESS = f"/g/image/1366/82/{NAME}"
CONTENT = bytes(range(256)) * 4
MTIME = 1_366_825_828
SECRET = b"outside of the media folder"


class FakeMediaArchive:
    """The archive as far as media routes know it: boards, settings and banned files."""

    def __init__(self, root: Path, enabled: bool = True) -> None:
        self.settings = SimpleNamespace(media=MediaSettings(root=root, enabled=enabled))
        self.banned: set[tuple[str, str]] = set()

    def board(self, name: str) -> Any:
        if name not in {"g", "λ"}:
            raise NotFound("There is no such board.")
        return SimpleNamespace(name=name)

    def visible_file(self, board: Any, name: str) -> bool:
        return (board.name, name) not in self.banned


def put(root: Path, address: str, content: bytes = CONTENT) -> Path:
    path = root / address.lstrip("/")
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
