"""Wide rows of SQLite read as one.

At every row that it fetches, Python's driver hands the interpreter's lock from thread to thread: where many read at
once, that takes longer than the reading. The rows come as JSON. Where that would change a value they are read one by
one: fractions, of which JSON keeps fifteen digits; bytes that a writer has put into a column of text; columns that are
computed as JSON.
"""

from __future__ import annotations

import sqlite3
from typing import Final

import msgspec

from app.db.base import Sql

_SELECT: Final = "SELECT json_group_array(json_array("
_FROM: Final = " FROM ("
_TAKES_BYTES_FOR_JSON: Final = sqlite3.sqlite_version_info >= (3, 45)
"""Where they happen to be JSON in its binary form; older ones refuse all."""

unpacked = msgspec.json.Decoder(list[tuple[int | str | None, ...]]).decode
"""Raises MsgspecError where a value is not as it was."""


def as_one(sql: Sql) -> str:
    """A statement for one row (JSON, more than 0 where a value is not as it was) from one that says its columns."""
    blobs = " OR ".join(f"typeof({column}) = 'blob'" for column in sql.columns)
    odd = f"count(*) FILTER (WHERE {blobs})" if _TAKES_BYTES_FOR_JSON else "0"
    return f"{_SELECT}{', '.join(sql.columns)})), {odd}{_FROM}{sql.text})"


def are_one(text: str) -> bool:
    """Whether this is a statement `as_one`."""
    return text.startswith(_SELECT)


def one_by_one(text: str) -> str:
    """The statement that such a one was made from."""
    return text.partition(_FROM)[2][:-1]


def are_refused(error: sqlite3.DatabaseError) -> bool:
    """Whether there are bytes among the values."""
    return "BLOB" in str(error)
