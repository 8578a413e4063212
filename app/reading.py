"""From rows to posts: everything a writer did its own way is set right here (Asagi schema notes, section 8.1)."""

from __future__ import annotations

import re
from collections.abc import Container, Mapping
from html import unescape
from typing import Any

from msgspec import Struct

from app.filenames import THUMB_TYPES, usable_name
from app.model import Media, Post, SharedFile

_ENTITY = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_NO_CAPCODE = frozenset({"", "N"})


class Picture(Struct, frozen=True):
    """A row of `{board}_images`: how files that several posts share are stored."""

    media_id: int
    media_hash: str | None
    media: str | None
    preview_op: str | None
    preview_reply: str | None
    banned: bool
    total: int = 0


def read_picture(row: tuple[Any, ...]) -> Picture:
    media_id, media_hash, media, preview_op, preview_reply, banned, total = row
    return Picture(
        number(media_id),
        text(media_hash),
        text(media),
        text(preview_op),
        text(preview_reply),
        number(banned) != 0,
        number(total),
    )


def read_post(
    board: str,
    row: tuple[Any, ...],
    time: int,
    expired: int | None,
    pictures: Mapping[int, Picture],
    banned_hashes: Container[str],
) -> Post:
    """A post from a row in the order of `app.db.columns.POST_COLUMNS`.

    `time` and `expired` are the row's two times, already true. `pictures` holds the pictures of the rows by
    media_id, as far as they exist.
    """
    (
        doc_id, num, subnum, thread_num, _, _, name, trip, title, email, capcode, poster_hash, country, comment,
        deleted, sticky, locked, exif, media_id, media_hash, media_orig, media_filename, preview_orig,
        media_w, media_h, media_size, preview_w, preview_h, spoiler,
    ) = row  # fmt: skip
    num, subnum, thread_num = number(num), number(subnum), number(thread_num)
    op = num == thread_num and subnum == 0
    capcode = (text(capcode) or "").strip()
    media_hash, media_orig, media_filename = text(media_hash), text(media_orig), text(media_filename)
    media = None
    if media_hash or media_orig or media_filename:
        picture = pictures.get(number(media_id)) if media_id else None
        if picture is not None and picture.media_hash != media_hash:
            # Some collations take hashes that differ only in letter case for the same (section 1.3): another file.
            picture = None
        banned = (picture is not None and picture.banned) or media_hash in banned_hashes
        media = Media(
            hash=media_hash,
            filename=unescape_once(media_filename) if media_filename else None,
            image=None if banned else image_name(picture, media_orig),
            thumb=None if banned else thumb_name(picture, text(preview_orig), op),
            original=usable_name(media_orig),
            width=number(media_w),
            height=number(media_h),
            size=number(media_size),
            thumb_width=number(preview_w),
            thumb_height=number(preview_h),
            spoiler=flag(spoiler),
            banned=banned,
            id=number(media_id),
            original_thumb=usable_name(text(preview_orig), THUMB_TYPES),
            shared=None if picture is None else _shared(picture),
        )
    return Post(
        board=board,
        doc_id=number(doc_id),
        num=num,
        subnum=subnum,
        thread_num=thread_num,
        op=op,
        time=time,
        expired=expired,
        name=text(name),
        trip=text(trip),
        subject=text(title),
        email=text(email),
        capcode=None if capcode in _NO_CAPCODE else capcode,
        poster_hash=text(poster_hash),
        country=text(country),
        comment=text(comment),
        deleted=flag(deleted),
        sticky=flag(sticky),
        locked=flag(locked),
        media=media,
        exif=text(exif),
    )


def _shared(picture: Picture) -> SharedFile:
    preview_op, preview_reply = (usable_name(name, THUMB_TYPES) for name in (picture.preview_op, picture.preview_reply))
    return SharedFile(preview_op, preview_reply, picture.total)


def image_name(picture: Picture | None, media_orig: str | None) -> str | None:
    """The stored full file: the picture's, where the post shares one, else the post's own (section 5.2)."""
    return usable_name((picture and picture.media) or media_orig)


def thumb_name(picture: Picture | None, preview_orig: str | None, op: bool) -> str | None:
    """The stored thumbnail: openings and replies have separate ones, and lend each other theirs."""
    if picture is not None:
        own, other = picture.preview_op, picture.preview_reply
        if not op:
            own, other = other, own
        if own or other:
            return usable_name(own or other, THUMB_TYPES)
    return usable_name(preview_orig, THUMB_TYPES)


def unescape_once(text: str) -> str:
    """Decodes HTML entities one time; most writers escape file names, some do not (section 4.6)."""
    if "&" not in text:
        return text
    return _ENTITY.sub(lambda match: unescape(match[0]), text)


def number(value: Any) -> int:
    """Whole numbers arrive as int, Decimal, text or NULL. What is none (SQLite checks nothing) counts as 0."""
    if type(value) is int:
        return value
    try:
        return int(value) if value else 0
    except (TypeError, ValueError, OverflowError):
        return 0


def text(value: Any) -> str | None:
    """Text arrives as str, bytes (binary columns, SQLite's BLOBs) or NULL; the empty text is none."""
    if type(value) is str:
        return value or None
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace") or None
    return None if value is None else str(value)


def flag(value: Any) -> bool:
    """Flags arrive as bool, number, text or NULL."""
    return bool(value) and value != "0"
