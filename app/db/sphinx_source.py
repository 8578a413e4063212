"""Statements by which Sphinx's indexer reads a board: FoolFuuka's columns, without what Koiwai never reads.

They go into a configuration file, where `$start` and `$end` stand for a piece of the rows.
"""

from __future__ import annotations

from typing import Final

from app.db.base import Dialect, Sql
from app.db.columns import has_media
from app.db.schema import BoardTables

_TEXTS: Final = (
    ("name", "name"),
    ("trip", "trip"),
    ("email", "email"),
    ("title", "title"),
    ("comment", "comment"),
    ("media_filename", "media_filename"),
    ("media_hash", "media_hash"),
    ("poster_hash", "pid"),
    ("poster_country", "country"),
)
_NUMBERS: Final = (("timestamp", "timestamp"), ("thread_num", "tnum"), ("media_id", "mid"))
_FLAGS: Final = (("spoiler", "is_spoiler"), ("deleted", "is_deleted"), ("sticky", "is_sticky"))

# Quoted, because one database has numbers here and another booleans.
_FLAG: Final = "CASE WHEN {} <> '0' THEN 1 ELSE 0 END"

_NO_TEXT: Final = "''"

SESSION: Final = {
    "mysql": ("SET NAMES utf8mb4", "SET SESSION TRANSACTION READ ONLY"),
    "postgresql": ("SET client_encoding = 'UTF8'", "SET default_transaction_read_only = on"),
}
"""What the indexer's connection is told before all else: it only reads."""


class SphinxSource:
    """For one board and the columns that its table has."""

    def __init__(self, dialect: Dialect, tables: BoardTables, number: int) -> None:
        """`number` is the board's among those of the configuration."""
        self._dialect = dialect
        self._have = tables.posts.columns
        self._posts = dialect.quote(tables.posts.name)
        self._number = number
        self._subnum = f"COALESCE({dialect.quote('subnum')}, 0)" if "subnum" in self._have else "0"
        self.by_num = "doc_id" not in self._have
        """Whether rows are read by their number, as some writers' tables have no doc_id."""
        self._key = dialect.quote("num" if self.by_num else "doc_id")

    def newest(self) -> Sql:
        """One row: the highest key."""
        return Sql(f"SELECT COALESCE(MAX({self._key}), 0) FROM {self._posts}")

    def rows(self, share: tuple[int, int] | None) -> str:
        """A piece of the board; of several hosts one reads only its share: the how manieth of how many, from 0."""
        quote, num = self._dialect.quote, self._dialect.quote("num")
        # One number out of two, which differ from all others: the upper half of 64 bits is the post's.
        id_ = f"{num} * 4294967296 + {self._subnum}" if self.by_num else self._key
        op = f"{num} = {quote('thread_num')} AND {self._subnum} = 0"
        columns = [
            f"{id_} AS id",
            f"{self._number} AS board",
            f"{num} AS num",
            f"{self._subnum} AS subnum",
            *(f"{self._of(column, 'COALESCE({}, 0)', '0')} AS {name}" for column, name in _NUMBERS),
            f"{self._of('capcode', 'COALESCE(ASCII({}), 0)', '0')} AS cap",
            f"CASE WHEN {self._subnum} > 0 THEN 1 ELSE 0 END AS is_internal",
            f"CASE WHEN {op} THEN 1 ELSE 0 END AS is_op",
            # Quoted, because one database has numbers here and another booleans.
            *(f"{self._of(column, _FLAG, '0')} AS {name}" for column, name in _FLAGS),
            f"CASE WHEN {has_media(self._have)} THEN 1 ELSE 0 END AS has_image",
            *(f"{self._of(column, '{}', _NO_TEXT)} AS {name}" for column, name in _TEXTS),
        ]
        part = "" if share is None else f" AND {self._key} % {share[1]} = {share[0]}"
        return f"SELECT {', '.join(columns)} FROM {self._posts} WHERE {self._key} BETWEEN $start AND $end{part}"

    def _of(self, column: str, expression: str, without: str) -> str:
        return expression.format(self._dialect.quote(column)) if column in self._have else without

    # Each gives one row: the first and the last key to read. The last is never below the first, which Sphinx takes for
    # a mistake; there need not be such rows.

    def ancient(self, last: int) -> str:
        """Up to a key that stays the same."""
        return f"SELECT LEAST(COALESCE(MIN({self._key}), 1), {max(last, 1)}), {max(last, 1)} FROM {self._posts}"

    def after(self, last: int) -> str:
        """From behind it to the newest row."""
        return f"SELECT {last + 1}, GREATEST(COALESCE(MAX({self._key}), 0), {last + 1}) FROM {self._posts}"

    def newest_rows(self, last: int, count: int) -> str:
        """The newest rows, as far as they lie behind it."""
        newest = f"COALESCE(MAX({self._key}), 0)"
        return f"SELECT GREATEST({newest} - {count}, {last + 1}), GREATEST({newest}, {last + 1}) FROM {self._posts}"
