"""The tiles of a wall: a thread or a post each, by its picture."""

from __future__ import annotations

from typing import Final

from msgspec import Struct

from app.filenames import MEDIA_TYPES
from app.markup import Comment
from app.media_links import MediaLinks
from app.model import Post, ThreadPreview
from app.times import to_the_minute
from app.urls import Links
from app.web.file_view import OP_THUMB, TILE_THUMB, FileView, file_view
from app.web.text import counted, excerpt, fit, one_line

_SUBJECT: Final = 120
_EXCERPT: Final = 320
"""Characters of words on a tile. The style sheet shows fewer lines of them on a small one."""

_SHOWABLE: Final = ("image", "video")
"""Kinds of files that browsers show."""


class Standing(Struct, frozen=True, gc=False):
    """What a catalog sorts and filters by, besides the words that can be seen."""

    place: int
    """In the list that the thread was taken from, from 0."""
    replies: int
    images: int
    poster: str
    """"" for one without a name."""


class Tile(Struct, frozen=True):
    """One thread, or one post that was found."""

    href: str
    label: str
    """What the link leads to, for those who do not see the picture."""
    num: str
    file: FileView | None
    counts: str
    """`12 replies / 3 images`; of a post its file's size."""
    counts_href: str | None = None
    """Where that leads: a second way, for the picture itself may open over the page."""
    counts_outside: bool = False
    """Whether it leads away from pages, to a file."""
    title: str = ""
    """More about the counts."""
    marks: tuple[str, ...] = ()
    subject: str = ""
    excerpt: str = ""
    kind: str = ""
    """image or video for a file that the page can show over itself; "" for others."""
    spoiler: bool = False
    standing: Standing | None = None


def catalog_tile(thread: ThreadPreview, comment: Comment, place: int, links: Links, files: MediaLinks) -> Tile:
    """A thread with its words; `comment` is that of its first post, `place` the thread's own in the list."""
    first = thread.first
    return Tile(
        href=links.thread(thread.board, thread.num),
        label=f"Thread No. {thread.num}",
        num=str(thread.num),
        file=file_view(first, links, files, longest_side=OP_THUMB),
        counts=_counts(thread),
        title=f"Last bump: {to_the_minute(thread.bumped)} UTC",
        marks=_marks(thread),
        subject=one_line(fit(first.subject), _SUBJECT) if first.subject else "",
        excerpt=excerpt(comment, _EXCERPT),
        standing=Standing(place, replies_of(thread), thread.counts.images, fit(first.name or "")),
    )


def thread_tile(thread: ThreadPreview, links: Links, files: MediaLinks) -> Tile:
    """A thread by its picture alone."""
    href = links.thread(thread.board, thread.num)
    file = file_view(thread.first, links, files, longest_side=TILE_THUMB)
    return Tile(
        href=href,
        label=f"Thread No. {thread.num}",
        num=str(thread.num),
        file=file,
        counts=_counts(thread),
        counts_href=href,
        marks=_marks(thread),
        kind=_kind(file),
        spoiler=_is_spoiler(thread.first),
    )


def post_tile(post: Post, links: Links, files: MediaLinks, *, with_board: bool) -> Tile:
    """A post by its file, with the name of its board where several may be on the wall."""
    file = file_view(post, links, files, longest_side=TILE_THUMB)
    board = f"/{post.board}/" if with_board else ""
    return Tile(
        href=links.thread(post.board, post.thread_num, None if post.op else post.id),
        label=" ".join(part for part in (board, f"No. {post.id}") if part),
        num=str(post.id),
        file=file,
        counts=" · ".join(part for part in (board, (file.facts or "File") if file else "") if part),
        counts_href=file.image_href if file else None,
        counts_outside=True,
        marks=("deleted",) if post.deleted else (),
        kind=_kind(file),
        spoiler=_is_spoiler(post),
    )


def replies_of(thread: ThreadPreview) -> int:
    return thread.counts.posts - thread.first.op


def _counts(thread: ThreadPreview) -> str:
    return f"{counted(replies_of(thread), 'reply', 'replies')} / {counted(thread.counts.images, 'image')}"


def _marks(thread: ThreadPreview) -> tuple[str, ...]:
    marks = (("sticky", thread.sticky), ("locked", thread.locked), ("deleted", thread.first.deleted))
    return tuple(name for name, is_set in marks if is_set)


def _kind(file: FileView | None) -> str:
    if file is None or file.image_href is None:
        return ""
    kind = MEDIA_TYPES.get(file.image_href.rpartition(".")[2].lower(), "").partition("/")[0]
    return kind if kind in _SHOWABLE else ""


def _is_spoiler(post: Post) -> bool:
    return post.media is not None and post.media.spoiler
