"""Statements that read all posts of a board for an index of them, piece by piece, and some of them again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from app.db.base import Dialect, Sql, values
from app.db.schema import BoardTables

_NUMBERS: Final = frozenset(
    ("num", "subnum", "thread_num", "timestamp", "media_w", "media_h", "media_size", "spoiler", "sticky", "deleted")
)


class IndexQueries:
    """For one board. Rows are (place, *columns); `place` is what the next piece goes on behind."""

    def __init__(self, dialect: Dialect, tables: BoardTables, columns: Sequence[str]) -> None:
        posts = tables.posts
        self._posts = dialect.quote(posts.name)
        self._columns = ", ".join(
            column if column in posts.columns else f"{'0' if column in _NUMBERS else 'NULL'} AS {column}"
            for column in columns
        )
        places = [column for column in ("doc_id", "num") if column in posts.columns and posts.has_index(column)]
        self.place = places[0] if places else None
        """The column by whose order all posts can be read piece by piece; None where no index helps."""
        self._row = f"{self.place or '0'}, {self._columns}"

    def piece(self, after: int, limit: int) -> Sql:
        """The rows behind a place, by place."""
        return Sql(
            f"SELECT {self._row} FROM {self._posts} WHERE {self.place} > ? ORDER BY {self.place} LIMIT ?",
            (after, limit),
        )

    def last_place(self) -> Sql:
        return Sql(f"SELECT MAX({self.place}) FROM {self._posts}")

    def everything(self, limit: int) -> Sql:
        """For boards without an index to go by, as long as they are small."""
        return Sql(f"SELECT {self._row} FROM {self._posts} ORDER BY num LIMIT ?", (limit,))

    def threads(self, thread_nums: Sequence[int]) -> Sql:
        """All rows of some threads."""
        return Sql(f"SELECT {self._row} FROM {self._posts} WHERE thread_num IN") + values(thread_nums)
