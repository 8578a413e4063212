"""What the archive answers, brought into the API's shapes."""

from __future__ import annotations

from collections.abc import Callable, Container
from typing import Final

from msgspec import UNSET, UnsetType

from app.api.shapes import (
    BoardShape,
    FlagShape,
    MediaShape,
    PostShape,
    RenderedShape,
    ThreadListShape,
    ThreadPreviewShape,
    ThreadShape,
)
from app.exif import read_exif
from app.media_links import MediaLinks
from app.model import BoardSummary, Media, Post, PostId, Thread, ThreadPage, ThreadPreview

ToShape = Callable[[Post], PostShape]

_FROM_EXIF: Final = ("unique_ips", "since4pass", "flag")


def board_shape(board: BoardSummary) -> BoardShape:
    return BoardShape(
        name=board.name,
        title=board.title,
        description=board.description,
        nsfw=board.nsfw,
        available=board.available,
        posts=board.posts,
        threads=board.threads,
        newest=board.newest,
    )


def media_shape(media: Media, board: str, files: MediaLinks) -> MediaShape:
    """`files` make the addresses of the file and its thumbnail, and leave them null where they are not shown."""
    return MediaShape(
        hash=media.hash,
        filename=media.filename,
        image=files.image(board, media),
        thumb=files.thumb(board, media),
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
    post: Post,
    fields: Container[str],
    comment: str | None,
    files: MediaLinks,
    rendered: RenderedShape | UnsetType = UNSET,
) -> PostShape:
    """`comment` is the post's comment in tagged text, whatever form the board stores; `files` as above.

    What costs work and is not among `fields` is null instead.
    """
    exif = read_exif(post.exif if any(name in fields for name in _FROM_EXIF) else None)
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
        media=media_shape(post.media, post.board, files) if post.media and "media" in fields else None,
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
