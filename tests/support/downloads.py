"""A thread with pictures, of every kind that matters to whoever keeps it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.support.stage import Stage

PAGE, ZIP = "/g/thread/100/download.html", "/g/thread/100/download.zip"


def hash_of(num: int) -> str:
    return f"{num:A>22}=="


def name_of(num: int, mark: str = "", ending: str = "jpg") -> str:
    return f"{1657627200000 + num}{mark}.{ending}"


def place_of(folder: Path, kind: str, name: str) -> Path:
    return folder / "g" / kind / name[:4] / name[4:6] / name


def content_of(num: int) -> bytes:
    return f"the picture {num}".encode()


def add_picture(stage: Stage, num: int, filename: str = "cat.jpg", *, stored: bool = True, **columns: Any) -> None:
    """A post of thread 100 with a file, which is on the disk where it is `stored`."""
    file = {"media_hash": hash_of(num), "media_orig": name_of(num), "preview_orig": name_of(num, "s")}
    stage.post(num, 100, media_filename=filename, **file, **columns)
    if stored:
        for kind, name in (("image", name_of(num)), ("thumb", name_of(num, "s"))):
            path = place_of(stage.media, kind, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content_of(num) if kind == "image" else b"thumb of " + content_of(num))


def ban(stage: Stage, num: int) -> None:
    names = {"media": name_of(num), "preview_reply": name_of(num, "s")}
    stage.add("g_images", {"media_id": num, "media_hash": hash_of(num), "banned": 1, **names})


def add_thread(stage: Stage) -> None:
    """An OP, a picture, a spoiler, one that is banned, one that is not on the disk, one whose poster means harm."""
    stage.board()
    add_picture(stage, 100, "Ein schönes Bild.png")
    add_picture(stage, 101, spoiler=1, comment=">>100 hello")
    add_picture(stage, 102)
    ban(stage, 102)
    add_picture(stage, 103, stored=False)
    add_picture(stage, 104, "../../etc/passwd\x07.jpg.exe")
    stage.post(105, 100, comment=">>104\n>>9 <script>alert(1)</script>", poster_country="DE")
