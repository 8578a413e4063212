"""Files as FoolFuuka answers them (FoolFuuka notes, section 4)."""

from __future__ import annotations

from app.api.foolfuuka.shapes import FoolMedia
from app.markup import escape_named
from app.media_layout import standard_hash
from app.media_links import MediaLinks
from app.model import Media, Post
from app.urls import urlsafe_hash


def media_shape(media: Media, post: Post, exif: str | None, files: MediaLinks, page: str) -> FoolMedia:
    """The file of `post`, also where the archive has no row of its own for it.

    Of a banned file only the names that it had on the live site are told, not those it is stored under. `page` is the
    address of the post: programs follow `remote_media_link` where there is no file, and some give up the whole thread
    without it.
    """
    shared = None if media.banned else media.shared
    if shared is not None:
        preview_op, preview_reply = shared.preview_op, shared.preview_reply
    elif post.op:
        preview_op, preview_reply = media.original_thumb, None
    else:
        preview_op, preview_reply = None, media.original_thumb
    original = media.original or ""
    filename = media.filename or original
    link = files.image(post.board, media)
    media_hash = standard_hash(media.hash or "") or ""  # clients decode it, and some give up on all if they cannot
    return FoolMedia(
        media_id=str(media.id if media.shared else 0),
        spoiler="1" if media.spoiler else "0",
        preview_orig=media.original_thumb,
        media=media.image or original,
        preview_op=preview_op,
        preview_reply=preview_reply,
        preview_w=str(media.thumb_width),
        preview_h=str(media.thumb_height),
        media_filename=filename,
        media_w=str(media.width),
        media_h=str(media.height),
        media_size=str(media.size),
        media_hash=media_hash,
        media_orig=original,
        exif=exif,
        total=str(max(1, media.shared.total) if media.shared else 1),
        banned="1" if media.banned else "0",
        media_status=status_of(media, post.board, files, link),
        safe_media_hash=urlsafe_hash(media_hash),
        remote_media_link=link or page,
        media_link=link,
        thumb_link=files.thumb(post.board, media),
        media_filename_processed=escape_named(filename),
    )


def status_of(media: Media, board: str, files: MediaLinks, link: str | None) -> str:
    """Why there is no link, where there is none; clients download only what is "normal"."""
    if media.banned:
        return "banned"
    if not files.on(board):
        return "forbidden"
    return "not-available" if link is None else "normal"
