"""What is read of posts and of pictures. What a writer left out is replaced by literals."""

from __future__ import annotations

from collections.abc import Container, Sequence
from typing import Final

from app.db.schema import Table

_TEXT: Final = "NULL"
_NUMBER: Final = "0"

POST_COLUMNS: Final = (
    ("doc_id", _NUMBER),
    ("num", _NUMBER),
    ("subnum", _NUMBER),
    ("thread_num", _NUMBER),
    ("timestamp", _NUMBER),
    ("timestamp_expired", _NUMBER),
    ("name", _TEXT),
    ("trip", _TEXT),
    ("title", _TEXT),
    ("email", _TEXT),
    ("capcode", _TEXT),
    ("poster_hash", _TEXT),
    ("poster_country", _TEXT),
    ("comment", _TEXT),
    ("deleted", _NUMBER),
    ("sticky", _NUMBER),
    ("locked", _NUMBER),
    ("exif", _TEXT),
    ("media_id", _NUMBER),
    ("media_hash", _TEXT),
    ("media_orig", _TEXT),
    ("media_filename", _TEXT),
    ("preview_orig", _TEXT),
    ("media_w", _NUMBER),
    ("media_h", _NUMBER),
    ("media_size", _NUMBER),
    ("preview_w", _NUMBER),
    ("preview_h", _NUMBER),
    ("spoiler", _NUMBER),
)
"""Columns of a post row in order, each with what stands for it where a board's table lacks it.

`app.reading` takes rows apart in this order. `op` is not read: a post is the OP when num = thread_num,
because some writers set the flag wrongly.
"""
IMAGE_COLUMNS: Final = (
    ("media_id", _NUMBER),
    ("media_hash", _TEXT),
    ("media", _TEXT),
    ("preview_op", _TEXT),
    ("preview_reply", _TEXT),
    ("banned", _NUMBER),
    ("total", _NUMBER),
)
"""Columns of a picture row in order, as for posts."""


def names(columns: Sequence[tuple[str, str]]) -> tuple[str, ...]:
    return tuple(name for name, _ in columns)


def has_media(columns: Container[str]) -> str:
    """The condition that a post has a file, for a table with these columns."""
    there = (column for column in ("media_hash", "media_orig", "media_filename") if column in columns)
    return " OR ".join(f"{column} <> ''" for column in there) or "1 = 0"


def image_columns(images: Table) -> str:
    """`IMAGE_COLUMNS` of a board's pictures, to be selected."""
    return ", ".join(
        name if name in images.columns else f"{substitute} AS {name}" for name, substitute in IMAGE_COLUMNS
    )
