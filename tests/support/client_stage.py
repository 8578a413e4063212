"""A small invented board with true files on disk, served by the command while a test goes on writing to it."""

import hashlib
import html
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from msgspec import Struct

from tests.support.client_archives import Picture, serving
from tests.support.databases import fresh_place
from tests.support.stage import NOON, Stage

TALK, QUIET, STICKY, BANNED = 100, 400, 500, 600
"""Threads: many replies with and without pictures; none with a picture; the one on top; one with a banned file."""
PICTURED = [TALK, *range(TALK + 1, TALK + 9, 2)]
"""Posts of the first of them that have a picture."""
SINGLE = range(200, 300, 10)
"""Threads of one post, with a picture each."""


class Staged(Struct, frozen=True):
    base: str
    stage: Stage

    def reply(self, num: int, thread_num: int) -> None:
        """A new reply, as a scraper writes it: the post, then the thread's row."""
        self.stage.post(num, thread_num, comment=f">>{thread_num}\nNew.")
        self.stage.execute(
            f'UPDATE "g_threads" SET nreplies = nreplies + 1, time_last = {NOON + num}, time_bump = {NOON + num}, '
            f"time_last_modified = {NOON + num} WHERE thread_num = {thread_num}"
        )


def picture(num: int) -> Picture:
    """The picture of a post; every other one was first posted, and is therefore stored, under another name."""
    original = f"16576272{num:05}.png"
    return Picture("g", original, f"picture {num} & more.png", f"15576272{num:05}.png" if num % 20 else original)


def md5(contents: bytes) -> bytes:
    return hashlib.md5(contents, usedforsecurity=False).digest()


def thumbnail(num: int) -> bytes:
    return b"\xff\xd8\xff\xe0" + f"thumbnail {num}".encode()


@contextmanager
def serving_stage(request: pytest.FixtureRequest, kind: str, folder: Path) -> Iterator[Staged]:
    """Threads 200 to 290, then those that have names, by their last posts."""
    with fresh_place(kind, request, folder) as place:
        stage = Stage(place, folder / "media")
        stage.board("g")
        _talk(stage)
        for num in SINGLE:
            _post(stage, num, num)
            _thread(stage, num, num, 1, 1)
        stage.post(QUIET, title="Nothing to see & hear", comment="No pictures here.")
        stage.post(QUIET + 1, QUIET, comment="Nor here.")
        _thread(stage, QUIET, QUIET + 1, 2, 0)
        stage.post(STICKY, comment="Read me.", sticky=1, locked=1, capcode="M", name="Keeper")
        _thread(stage, STICKY, STICKY, 1, 0, sticky=1)
        for num in (BANNED, BANNED + 1, BANNED + 2):
            _post(stage, num, BANNED, banned=int(num == BANNED + 1))
        _thread(stage, BANNED, BANNED + 2, 3, 3)
        with serving(folder, kind, place.table, {"g": {"title": "Technology", "clock": "utc"}}, stage.media) as base:
            yield Staged(base, stage)


def _talk(stage: Stage) -> None:
    _post(stage, TALK, TALK, title="Talk", comment="First.")
    for num in range(TALK + 1, TALK + 9):
        if num % 2:
            _post(stage, num, TALK, spoiler=int(num == TALK + 3))
        else:
            stage.post(num, TALK, comment=f">>{TALK}\n>{num}", name="Ann", trip="!trip", deleted=int(num == TALK + 6))
    stage.post(TALK + 8, TALK, subnum=1, comment="A ghost.")
    _thread(stage, TALK, TALK + 8, 10, 5, time_ghost=NOON + TALK + 8, time_ghost_bump=NOON + TALK + 8)


def _post(stage: Stage, num: int, thread_num: int, banned: int = 0, **columns: Any) -> None:
    """A post with a picture. A banned one's file is still on disk, as where nobody has removed it."""
    shown = picture(num)
    thumb = shown.stored.replace(".png", "s.jpg")
    media_hash = b64encode(md5(shown.contents)).decode()
    shown.save(stage.media)
    place = stage.media / "g" / "thumb" / thumb[:4] / thumb[4:6]
    place.mkdir(parents=True, exist_ok=True)
    (place / thumb).write_bytes(thumbnail(num))
    side = "preview_op" if num == thread_num else "preview_reply"
    stage.add(
        "g_images",
        {"media_id": num, "media_hash": media_hash, "media": shown.stored, side: thumb, "total": 1, "banned": banned},
    )
    about: dict[str, Any] = {"media_filename": html.escape(shown.filename), "media_size": len(shown.contents)}
    about |= {"media_w": 640, "media_h": 480, "preview_w": 125, "preview_h": 94}
    names = {"media_orig": shown.original, "preview_orig": shown.original.replace(".png", "s.jpg")}
    stage.post(num, thread_num, media_id=num, media_hash=media_hash, **names, **about, **columns)


def _thread(stage: Stage, num: int, last: int, posts: int, pictures: int, **columns: Any) -> None:
    times = dict.fromkeys(("time_last", "time_bump", "time_last_modified"), NOON + last)
    stage.threads({"thread_num": num, "time_op": NOON + num, **times, "nreplies": posts, "nimages": pictures} | columns)
