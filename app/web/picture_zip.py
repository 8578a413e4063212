"""The pictures of a thread in one ZIP file, which is made while it is sent and never whole in memory.

The pictures are stored as they are, since they are compressed already, so the size is known before the first byte.
"""

from __future__ import annotations

import asyncio
import re
import unicodedata
from collections.abc import AsyncGenerator, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from msgspec import Struct
from zipstream import ZipStream

from app.context import absolute_links
from app.errors import NotFound
from app.media_links import media_on
from app.model import Media, Post
from app.sendfile import CHUNK_BYTES, regular_file
from app.settings import Settings
from app.web.own_files import own_file
from app.web.text import counted

if TYPE_CHECKING:
    from app.archive import Archive
    from app.board import Board

MOST_PICTURES: Final = 2_500
"""Files in one ZIP file, whatever their sizes."""

LISTING: Final = "pictures.txt"
"""The file that says which picture belongs to which post, and what is not there."""

_LONGEST_STEM: Final = 120  # bytes; with number and extension it stays short of what any disk allows
_NOT_IN_NAMES: Final = re.compile(r'[\\/:*?"<>|]')
_MIB: Final = 1024 * 1024


class _Wanted(Struct, frozen=True):
    """A picture that may be given away, and the name it gets if it is on the disk."""

    post: str
    media: Media
    path: Path | None


class _Packing:
    """What goes into the file; `room` is in bytes."""

    def __init__(self, room: int) -> None:
        self.files: list[tuple[Path, str]] = []
        self.lines: list[str] = []
        self.left_out = 0
        self._room = room

    def add(self, wanted: Sequence[_Wanted]) -> None:
        """Looks at the disk, so it belongs in a thread of its own."""
        for each in wanted:
            found = None if each.path is None else regular_file(each.path)
            if each.path is None or found is None:
                why = "banned" if each.media.banned else "not in the archive"
                self.lines.append(f"No. {each.post}: {why}")
            elif found.st_size > self._room or len(self.files) == MOST_PICTURES:
                self.left_out += 1
                self.lines.append(f"No. {each.post}: left out, as this file would have become too large")
            else:
                self._room -= found.st_size
                name = packed_name(len(self.files) + 1, each.media.filename, each.path.name)
                self.files.append((each.path, name))
                self.lines.append(f"No. {each.post}: {name}")

    def zipped(self, title: str) -> ZipStream:
        stream = ZipStream(sized=True)
        for path, name in self.files:
            stream.add_path(str(path), name, recurse=False)
        stream.add("\n".join([title, "", *self.lines, ""]), LISTING)
        return stream


async def picture_zip(archive: Archive, board: Board, num: int) -> tuple[int, AsyncGenerator[bytes, None]]:
    """The size of the file and its bytes. Raises NotFound, in words, where there is nothing to put into it."""
    _check(archive.settings, board)
    packing, posts = _Packing(archive.settings.media.zip_limit * _MIB), 0
    async for part in archive.thread_slices(board, num):
        posts += len(part)
        wanted = [await _wanted(archive, board, post, post.media) for post in part if post.media is not None]
        await asyncio.to_thread(packing.add, wanted)
    if not posts:
        raise NotFound("This thread is not in the archive.")
    if not packing.files:
        raise NotFound("None of this thread's pictures can be downloaded: the archive does not have their files.")
    title = f"{absolute_links().thread(board.name, num)} ({counted(len(packing.files), 'picture')})"
    if packing.left_out:
        title += f"\nLeft out for the size of this file: {packing.left_out:,}"
    try:
        stream = await asyncio.to_thread(packing.zipped, title)
    except OSError as error:  # a picture that was there a moment ago
        raise NotFound("The pictures of this thread are changing at the moment. Please try again.") from error
    return len(stream), _bytes_of(iter(stream))


def packed_name(place: int, wanted: str | None, stored: str) -> str:
    """`0001 the uploader's name.jpg`: a name that every system takes, and that no other picture has.

    The extension is that of the stored file, as the uploader's name may claim anything.
    """
    extension = stored.rpartition(".")[2]
    before, dot, behind = (wanted or stored).rpartition(".")
    stem = before if before else behind if dot or behind else ""
    # Control and invisible characters, those that turn the direction of text included, are of no use in a name.
    shown = "".join(" " if unicodedata.category(char)[0] == "C" else char for char in _NOT_IN_NAMES.sub(" ", stem))
    shown = unicodedata.normalize("NFC", " ".join(shown.split()))
    short = shown.encode()[:_LONGEST_STEM].decode(errors="ignore").strip(". ")
    return f"{place:04} {short or 'file'}.{extension}"


async def _wanted(archive: Archive, board: Board, post: Post, media: Media) -> _Wanted:
    return _Wanted(str(post.id), media, await own_file(archive, board, "image", media))


async def _bytes_of(pieces: Iterator[bytes]) -> AsyncGenerator[bytes, None]:
    while some := await asyncio.to_thread(_some, pieces):
        yield some


def _some(pieces: Iterator[bytes]) -> bytes:
    """The next bytes, about CHUNK_BYTES of them; none at the end."""
    taken, size = [], 0
    for piece in pieces:
        taken.append(piece)
        size += len(piece)
        if size >= CHUNK_BYTES:
            break
    return b"".join(taken)


def packs_pictures(settings: Settings, board: str) -> bool:
    """Whether there are ZIP files of this board's pictures at all."""
    media = settings.media
    return bool(media.zip_limit) and not media.image_url and media_on(settings, board)


def _check(settings: Settings, board: Board) -> None:
    """Raises NotFound where pictures of this board are never packed."""
    if packs_pictures(settings, board.name):
        return
    if not media_on(settings, board.name):
        raise NotFound("This archive does not show pictures of this board.")
    if settings.media.image_url:
        raise NotFound("The pictures of this archive are on another server, and cannot be packed here.")
    raise NotFound("This archive does not pack pictures into files.")
