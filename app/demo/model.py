"""What was posted, before any writer stored it.

Times are true UTC seconds, names and file names are plain text, numbers are plain integers. How a writer
bends these values (clock, escaping, counting) is the matter of `writers.py` and `rows.py` alone.
"""

from collections.abc import Iterator
from typing import Final

import msgspec

SECRET_IP: Final = 3405803777
"""Poster address stored with every ghost post; no reader may ever show it."""

SECRET_DELPASS: Final = "$2y$10$demoCanaryDeletionPassword"
"""Deletion password stored with every ghost post; no reader may ever show it."""

SECRET_COMMENT: Final = "demo canary: a moderator removed this"
"""Part of the comment of every post that stands only in `{board}_deleted`."""


class DemoPicture(msgspec.Struct, frozen=True, kw_only=True):
    """A picture as one post carries it; posts with equal `key` carry the same file."""

    key: str
    filename: str
    """The uploader's file name, with extension, not escaped."""
    ext: str
    """Extension of the server's name, with its dot; '' in a hostile record."""
    width: int
    height: int
    tim: str = ""
    """Stem of the server's name: 13 digits (ms) or 16 (µs) of upload time; anything in a hostile record."""
    thumb_width: int = 0
    thumb_height: int = 0
    banned: bool = False
    missing: bool = False
    """The record is there, the file is not on disk."""
    stored_hash: str | None = None
    """Text standing in the hash column instead of the file's MD5 (hostile records only)."""

    @property
    def server_name(self) -> str:
        return self.tim + self.ext

    @property
    def thumb_name(self) -> str:
        return self.tim + "s.jpg"


class DemoPost(msgspec.Struct, frozen=True, kw_only=True):
    """One post. `subnum` above 0 makes it a ghost post; `expired_utc` 0 means no expiry was noticed."""

    utc: int
    num: int = 0
    subnum: int = 0
    thread_num: int = 0
    name: str | None = "Anonymous"
    trip: str | None = None
    subject: str | None = None
    email: str | None = None
    capcode: str = "N"
    poster_hash: str | None = None
    country: str | None = None
    comment: str | None = None
    """Text with BBCode-like tags, line ends as LF."""
    comment_html: str | None = None
    """The same comment as the HTML of a vichan-like site (boards with `html` only)."""
    sticky: bool = False
    locked: bool = False
    deleted: bool = False
    expired_utc: int = 0
    spoiler: bool = False
    picture: DemoPicture | None = None
    exif: str | None = None
    """Raw text of the exif column as an original Asagi stores it; not always valid JSON."""

    @property
    def op(self) -> bool:
        return self.num == self.thread_num and self.subnum == 0


class DemoBoard(msgspec.Struct, frozen=True, kw_only=True):
    """A board with all its posts in the order of (num, subnum)."""

    name: str
    title: str
    description: str = ""
    nsfw: bool = False
    posts: tuple[DemoPost, ...]
    moderated: tuple[DemoPost, ...] = ()
    """Posts a moderator removed: they exist in `{board}_deleted` and nowhere else."""
    unlisted: frozenset[int] = frozenset()
    """Numbers of threads that have posts but no row in `{board}_threads`."""
    html: bool = False
    """Comments are kept as HTML; only writers with `html` take this board."""

    def threads(self) -> dict[int, list[DemoPost]]:
        """Posts by thread number, threads in the order of their first kept post."""
        found: dict[int, list[DemoPost]] = {}
        for post in self.posts:
            found.setdefault(post.thread_num, []).append(post)
        return found


class DemoArchive(msgspec.Struct, frozen=True):
    """All boards of the invention, in display order."""

    boards: tuple[DemoBoard, ...]

    def board(self, name: str) -> DemoBoard:
        """Return the board called `name`; raises KeyError when there is none."""
        for board in self.boards:
            if board.name == name:
                return board
        raise KeyError(name)

    def pictures(self) -> Iterator[DemoPicture]:
        """Yield the picture of every post that has one, moderated posts included."""
        for board in self.boards:
            for post in (*board.posts, *board.moderated):
                if post.picture is not None:
                    yield post.picture
