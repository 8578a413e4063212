"""`koiwai demo`: an SQLite archive, its media files and its settings, made in the state folder."""

import fcntl
import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import msgspec

from app.demo.boards import invent
from app.demo.media import render_all, write_media
from app.demo.model import DemoBoard
from app.demo.rows import post_rows
from app.demo.side_rows import media_files
from app.demo.store import store_boards
from app.demo.writers import WRITERS

VERSION: Final = "3"
"""Raise it with every change of the demo data, so that old folders are made anew."""

_MARKER: Final = "demo.version"
_DATABASE: Final = "archive.db"
_MEDIA: Final = "media"
_BOARDS: Final = "boards.toml"
_CONFIG: Final = "config.toml"
_PARTS: Final = (_MEDIA, _CONFIG, _BOARDS, _DATABASE)
_WORK: Final = ".demo-unfinished"
_UNFINISHED: Final = "unfinished"

_CONFIG_TOML: Final = f"""\
# The settings of the demo, in its own folder.
[db]
db_type = "sqlite"
[db.sqlite]
database = "{_DATABASE}"
[app]
state = "state"
[media]
root = "{_MEDIA}"
[site]
name = "Koiwai demo"
description = "An invented archive, to try Koiwai with."
"""


class DemoError(Exception):
    """The demo cannot be made; the text says why and what to do."""


class DemoPaths(msgspec.Struct, frozen=True):
    """Where the demo is: the SQLite file, the media root, and the settings that lead to both."""

    database: Path
    media: Path
    config: Path


def make_demo(folder: Path, report: Callable[[str], None]) -> DemoPaths:
    """Make the demo in `folder`, or find it there complete; `report` gets one sentence per step.

    The boards g, ck and 3 follow the writer `asagi` (New York clock), λ follows `vichan` (UTC, comments in
    HTML). Everything is built in a folder of its own and moved into place at the end, the version last, so an
    interrupted run leaves no half-made demo that looks whole. A demo of another version is replaced; other
    files in the folder stay. Raises DemoError when an archive that is not the demo's stands in its place, or
    the folder cannot be written.
    """
    folder = folder.resolve()
    if folder.exists() and not folder.is_dir():
        raise DemoError(f"{folder} is a file; the demo needs a folder of that name.")
    paths = DemoPaths(folder / _DATABASE, folder / _MEDIA, folder / _CONFIG)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with _alone(folder):
            if _is_complete(folder):
                report(f"The demo in {folder} is complete.")
            else:
                _make(folder, report)
                report(f"The demo is in {folder}.")
    except (OSError, sqlite3.Error) as error:
        raise DemoError(f"Cannot make the demo in {folder}: {error}.") from error
    return paths


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Two runs in one folder: the second waits here for the first, and then finds its demo."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _is_complete(folder: Path) -> bool:
    """Whether the folder holds this version of the demo; refuses one that holds somebody's own archive."""
    present = [part for part in _PARTS if (folder / part).exists()]
    marker = folder / _MARKER
    said = marker.read_text(encoding="utf-8").split() if marker.is_file() else []
    if said[:1] == [VERSION] and len(present) == len(_PARTS):
        return True
    ours = said == [_UNFINISHED] or _DATABASE not in present or said[1:] == _print_of(folder)
    if present and not (said and ours):
        raise DemoError(f"{folder} already holds {present[0]}, which is not the demo's; nothing was changed.")
    return False


def _make(folder: Path, report: Callable[[str], None]) -> None:
    work = folder / _WORK
    shutil.rmtree(work, ignore_errors=True)  # of a run that was killed
    work.mkdir()
    try:
        _build(work, report)
        # From here on the parts in place are ours, whenever this may be interrupted.
        (folder / _MARKER).write_text(_UNFINISHED, encoding="utf-8")
        for part in _PARTS:
            _replace(work / part, folder / part)
        (folder / _MARKER).write_text(" ".join([VERSION, *_print_of(folder)]), encoding="utf-8")
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _print_of(folder: Path) -> list[str]:
    """What tells the demo's database from one that somebody has put in its place."""
    try:
        found = (folder / _DATABASE).stat()
    except FileNotFoundError:
        return []
    return [str(found.st_size), str(found.st_mtime_ns)]


def _replace(new: Path, old: Path) -> None:
    if old.is_dir():
        shutil.rmtree(old)
    new.replace(old)


def _build(folder: Path, report: Callable[[str], None]) -> None:
    archive = invent()
    report("Drawing pictures.")
    pictures = render_all(archive)
    boards = [(board, WRITERS["vichan" if board.html else "asagi"]) for board in archive.boards]
    for board, writer in boards:
        kept, _ = post_rows(writer, board, pictures)
        write_media(folder / _MEDIA, media_files(writer, board, kept), pictures)
    report("Writing the archive.")
    store_boards(folder / _DATABASE, boards, pictures)
    (folder / _CONFIG).write_text(_CONFIG_TOML, encoding="utf-8")
    (folder / _BOARDS).write_text(_boards_toml(archive.boards), encoding="utf-8")


def _boards_toml(boards: Sequence[DemoBoard]) -> str:
    """What readers are told of the demo's boards, in words that need no escaping, as boards.toml."""
    sections = []
    for board in boards:
        lines = [f'[boards."{board.name}"]', f'title = "{board.title}"', f'description = "{board.description}"']
        if board.nsfw:
            lines.append("nsfw = true")
        if board.html:
            lines += ['comments = "html"', "live = false"]
        sections.append("\n".join(lines) + "\n")
    return "\n".join(sections)
