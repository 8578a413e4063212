"""The API's answers as they look in JSON: one struct per object, fields in the order of the keys.

Keys are always present; what is unknown is `null`. Times are Unix seconds in UTC. `docs/api.md` describes
every field.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from msgspec import UNSET, Struct, UnsetType

from app.exif import read_exif
from app.model import BoardSummary, Media, Post, PostId, Thread, ThreadPage, ThreadPreview
from app.urls import Links


class BoardShape(Struct, frozen=True):
    """A board in the list of boards."""

    name: str
    title: str
    available: bool
    posts: int | None
    threads: int | None
    newest: int | None


class BoardsShape(Struct, frozen=True):
    """All boards, in the operator's order."""

    boards: list[BoardShape]


class FlagShape(Struct, frozen=True):
    """A flag that the poster chose."""

    code: str
    name: str


class MediaShape(Struct, frozen=True):
    """The file of a post."""

    hash: str | None
    filename: str | None
    image: str | None
    thumb: str | None
    original: str | None
    width: int
    height: int
    size: int
    thumb_width: int
    thumb_height: int
    spoiler: bool
    banned: bool


class QuoteShape(Struct, frozen=True):
    """A quote in a comment, and what the archive knows of the post quoted."""

    board: str | None
    num: int
    subnum: int
    state: Literal["here", "thread", "board", "dead", "elsewhere", "unknown"]
    thread_num: int | None


class RenderedShape(Struct, frozen=True):
    """A comment as our pages show it."""

    html: str
    text: str
    quotes: list[QuoteShape]
    backlinks: list[str]


class PostShape(Struct, frozen=True):
    """A post. `rendered` is there only where it was asked for."""

    board: str
    num: int
    subnum: int
    thread_num: int
    op: bool
    time: int
    expired: int | None
    name: str | None
    trip: str | None
    subject: str | None
    email: str | None
    capcode: str | None
    poster_hash: str | None
    country: str | None
    comment: str | None
    deleted: bool
    sticky: bool
    locked: bool
    ghost: bool
    unique_ips: int | None
    since4pass: int | None
    flag: FlagShape | None
    media: MediaShape | None
    rendered: RenderedShape | UnsetType = UNSET


class ThreadPreviewShape(Struct, frozen=True):
    """A thread in a list of threads."""

    num: int
    bumped: int
    sticky: bool
    locked: bool
    posts: int
    images: int
    omitted: int
    omitted_images: int
    cursor: str
    op: PostShape
    replies: list[PostShape]


class ThreadListShape(Struct, frozen=True):
    """A stretch of a board's threads, newest first."""

    board: str
    order: str
    page: int | None
    pages: int
    threads: list[ThreadPreviewShape]
    older: str | None
    newer: str | None


class ThreadShape(Struct, frozen=True):
    """A thread, or the part of it that was asked for."""

    board: str
    num: int
    posts_count: int
    images_count: int
    sticky: bool
    locked: bool
    modified: int
    posts: list[PostShape]
    next: str | None


class PostListShape(Struct, frozen=True):
    """Posts with the same file, newest first."""

    board: str
    posts: list[PostShape]
    older: str | None


ToShape = Callable[[Post], PostShape]


def board_shape(board: BoardSummary) -> BoardShape:
    return BoardShape(board.name, board.title, board.available, board.posts, board.threads, board.newest)


def media_shape(media: Media, board: str, links: Links | None) -> MediaShape:
    """`links` make the addresses of the files; None where files are not served, which leaves them null."""
    return MediaShape(
        hash=media.hash,
        filename=media.filename,
        image=links.image(board, media.image) if links and media.image and not media.banned else None,
        thumb=links.thumb(board, media.thumb) if links and media.thumb and not media.banned else None,
        original=media.original,
        width=media.width,
        height=media.height,
        size=media.size,
        thumb_width=media.thumb_width,
        thumb_height=media.thumb_height,
        spoiler=media.spoiler,
        banned=media.banned,
    )


def post_shape(
    post: Post, comment: str | None, links: Links | None, rendered: RenderedShape | UnsetType = UNSET
) -> PostShape:
    """`comment` is the post's comment in tagged text, whatever form the board stores; `links` as above."""
    exif = read_exif(post.exif)
    return PostShape(
        board=post.board,
        num=post.num,
        subnum=post.subnum,
        thread_num=post.thread_num,
        op=post.op,
        time=post.time,
        expired=post.expired,
        name=post.name,
        trip=post.trip,
        subject=post.subject,
        email=post.email,
        capcode=post.capcode,
        poster_hash=post.poster_hash,
        country=post.country,
        comment=comment,
        deleted=post.deleted,
        sticky=post.sticky,
        locked=post.locked,
        ghost=post.ghost,
        unique_ips=exif.unique_ips,
        since4pass=exif.since4pass,
        flag=FlagShape(*exif.flag) if exif.flag else None,
        media=media_shape(post.media, post.board, links) if post.media else None,
        rendered=rendered,
    )


def preview_shape(thread: ThreadPreview, to_shape: ToShape) -> ThreadPreviewShape:
    return ThreadPreviewShape(
        num=thread.num,
        bumped=thread.bumped,
        sticky=thread.sticky,
        locked=thread.locked,
        posts=thread.counts.posts,
        images=thread.counts.images,
        omitted=thread.omitted,
        omitted_images=thread.omitted_images,
        cursor=thread.cursor,
        op=to_shape(thread.first),
        replies=[to_shape(post) for post in thread.replies],
    )


def thread_list_shape(page: ThreadPage, to_shape: ToShape) -> ThreadListShape:
    return ThreadListShape(
        board=page.board,
        order=page.order,
        page=page.number,
        pages=page.pages,
        threads=[preview_shape(thread, to_shape) for thread in page.threads],
        older=page.older,
        newer=page.newer,
    )


def thread_shape(thread: Thread, posts: list[PostShape]) -> ThreadShape:
    return ThreadShape(
        board=thread.board,
        num=thread.num,
        posts_count=thread.counts.posts,
        images_count=thread.counts.images,
        sticky=thread.sticky,
        locked=thread.locked,
        modified=thread.modified,
        posts=posts,
        next=id_or_null(thread.next),
    )


def id_or_null(post: PostId | None) -> str | None:
    """A post's place in a list, as the text that the next request gives back."""
    return None if post is None else str(post)
