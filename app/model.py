"""What an archive holds, as the rest of Koiwai sees it: correct, typed, and free of any writer's habits.

Everything that differs between scrapers (clocks, escaping, file names, flags) has been settled by
`app.reading` before one of these values exists. Times are true Unix times in seconds (UTC).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from msgspec import Struct
from msgspec.structs import force_setattr

from app.errors import NotFound

LARGEST_NUMBER: Final = 2**31 - 1
"""The largest post number or subnum an Asagi table can hold in every dialect (signed 32 bits)."""

_POST_ID = re.compile(r"([0-9]{1,10})(?:[_,]([0-9]{1,10}))?", re.ASCII)


class PostId(Struct, frozen=True, order=True):
    """Names one post of a board: `num`, and `subnum`, which is 0 for all but ghost posts."""

    num: int
    subnum: int = 0

    def __str__(self) -> str:
        """The form used in addresses, anchors and JSON keys: `123`, or `123_1` for a ghost post."""
        return f"{self.num}_{self.subnum}" if self.subnum else str(self.num)


def parse_number(text: str) -> int:
    """A thread or post number from an address. Raises NotFound unless it lies in 1..2^31-1."""
    if text.isascii() and text.isdigit() and len(text) <= 10 and 1 <= int(text) <= LARGEST_NUMBER:
        return int(text)
    raise NotFound("There is no post with such a number.")


def parse_post_id(text: str) -> PostId:
    """`123`, `123_1` or `123,1`. Raises NotFound for anything else."""
    match = _POST_ID.fullmatch(text)
    if match is None:
        raise NotFound("There is no post with such a number.")
    subnum = int(match[2] or 0)
    if subnum > LARGEST_NUMBER:
        raise NotFound("There is no post with such a number.")
    return PostId(parse_number(match[1]), subnum)


class SharedFile(Struct, frozen=True, gc=False):
    """What an archive that keeps each file once knows of it, whoever posted it."""

    preview_op: str | None
    """Name of the thumbnail made for opening posts; unsafe names left out."""
    preview_reply: str | None
    """Name of the thumbnail made for replies; unsafe names left out."""
    total: int
    """How often the writer has seen it on the board."""


class Media(Struct, frozen=True, gc=False):
    """The file of a post."""

    hash: str | None
    """MD5 of the file in standard base64 with padding, as stored (24 characters when genuine)."""
    filename: str | None
    """The uploader's name of the file, unescaped, extension included."""
    image: str | None
    """Name of the stored full file; None when banned, unknown or not safe to use in an address."""
    thumb: str | None
    """Name of the stored thumbnail; None as for `image`."""
    original: str | None
    """The live site's own name for this post's file (`media_orig`), unsafe names left out."""
    width: int
    height: int
    size: int
    """Bytes of the full file."""
    thumb_width: int
    thumb_height: int
    spoiler: bool
    banned: bool
    id: int = 0
    """Key of the file's row in the table of pictures, as stored; 0 for none."""
    original_thumb: str | None = None
    """The live site's own name for this post's thumbnail (`preview_orig`), unsafe names left out."""
    shared: SharedFile | None = None
    """None where the post has no row in the table of pictures that is its own."""


class Post(Struct, frozen=True):
    """One post. Empty text and absent text are both None."""

    board: str
    doc_id: int
    num: int
    subnum: int
    """0, or 1 and up for a ghost post made on the archive after `num`."""
    thread_num: int
    op: bool
    time: int
    expired: int | None
    """When the scraper noticed that the post was gone, or the thread archived; not a deletion mark."""
    name: str | None
    trip: str | None
    subject: str | None
    email: str | None
    capcode: str | None
    """None, or the stored letter: M mod, A admin, D developer, V verified, F founder, G manager."""
    poster_hash: str | None
    country: str | None
    """Country code as stored (some writers store the English name)."""
    comment: str | None
    """As stored: text with BBCode-like tags, or the site's own HTML on boards set to `comments = "html"`."""
    deleted: bool
    sticky: bool
    locked: bool
    media: Media | None
    exif: str | None
    """JSON text of extra facts, possibly broken; read it with `app.exif.read_exif`."""
    id: PostId = PostId(0)
    """`num` and `subnum`, whatever is given here: it is asked for again and again."""

    def __post_init__(self) -> None:
        force_setattr(self, "id", PostId(self.num, self.subnum))

    @property
    def ghost(self) -> bool:
        return self.subnum > 0


class ThreadCounts(Struct, frozen=True):
    """Rows of a thread, opening post, deleted and ghost posts included."""

    posts: int
    images: int


class ThreadPreview(Struct, frozen=True):
    """A thread in a list: its first post, its newest replies where asked for, and its size."""

    board: str
    num: int
    first: Post
    """The opening post, or the earliest post the archive has where the opening post is missing."""
    replies: tuple[Post, ...]
    """The newest replies, oldest of them first; empty where they were not asked for."""
    counts: ThreadCounts
    bumped: int
    """True time of the last bump; of the last ghost bump in the ghost index."""
    sticky: bool
    locked: bool
    omitted: int
    """Replies that are neither `first` nor in `replies`."""
    omitted_images: int
    cursor: str
    """The thread's place in the list it was taken from; good as `before` or `after`."""


class ThreadPage(Struct, frozen=True):
    """A stretch of a board's thread list, newest first."""

    board: str
    order: str
    threads: tuple[ThreadPreview, ...]
    number: int | None
    """Page number, known when the page was asked for by number (or is the first)."""
    pages: int
    """Number of pages of the list, at least 1; may lag behind by a minute."""
    older: str | None
    """Cursor for `before`, when older threads exist."""
    newer: str | None
    """Cursor for `after`, when newer threads exist."""


class Thread(Struct, frozen=True):
    """A thread, or the part of it that was asked for."""

    board: str
    num: int
    posts: tuple[Post, ...]
    """By (num, subnum). Starts with the OP, except where the archive lacks it or a later part was asked for."""
    counts: ThreadCounts
    """Of the whole thread, whatever part `posts` is."""
    sticky: bool
    locked: bool
    modified: int
    """Newest time or expiry among `posts`."""
    older_omitted: int
    """Posts between the OP and the next one in `posts` that were left out (last-N view)."""
    next: PostId | None
    """The last post shown, when the thread goes on after it; good as `after`."""

    @property
    def op(self) -> Post | None:
        return self.posts[0] if self.posts and self.posts[0].op else None


class PostPage(Struct, frozen=True):
    """Posts found by some key, newest first."""

    board: str
    posts: tuple[Post, ...]
    older: PostId | None
    """Good as `before`, when there are more."""


class NewThread(Struct, frozen=True):
    """A thread in a list of the newest ones of several boards."""

    op: Post
    replies: int


class BoardSummary(Struct, frozen=True):
    """A board for the front page and the board list."""

    name: str
    title: str
    available: bool
    """False until the board's table appears (settings with validate_boards_db = false)."""
    posts: int | None
    """An estimate; exact on small boards."""
    threads: int | None
    newest: int | None
    """Time of the newest post, None on an empty board."""
    description: str | None = None
    """The operator's sentence about the board."""
    nsfw: bool = False
    """Whether the operator says that the board is not safe for work."""
    hidden: bool = False
    """Left out of every list of boards; reached by those who know its address."""
    new_york: bool | None = None
    """Whether the board's own clock shows New York time (else UTC); None until the board is available."""
    oldest: int | None = None
    """Time of the oldest post, None on an empty board."""
    latest: tuple[NewThread, ...] = ()
    """A few of the newest threads, newest first; those without an opening post are left out."""


def listed(boards: Mapping[str, BoardSummary]) -> list[BoardSummary]:
    """The boards that may stand in a list, in the operator's order."""
    return [board for board in boards.values() if not board.hidden]
