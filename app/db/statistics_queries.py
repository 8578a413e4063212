"""Statements of statistics: pieces of a board in the order of its rows, its newest posts, what other tables count.

None of them reads much more than it returns: each walks an index from a place on, and ends after so many rows.
"""

from __future__ import annotations

from typing import Final

from app.db.base import Dialect, Sql
from app.db.columns import has_media
from app.db.schema import BoardTables, Table

_COLUMNS: Final = (
    ("num", "0"),
    ("subnum", "0"),
    ("thread_num", "0"),
    ("timestamp", "0"),
    ("name", "NULL"),
    ("trip", "NULL"),
    ("email", "NULL"),
    ("poster_country", "NULL"),
    ("media_hash", "NULL"),
)
_DAY: Final = ("day", "posts", "images", "sage", "names", "trips", "anons")
_BEYOND: Final = 2**31 - 1
_MOST_DAYS: Final = 10_000


class StatisticsQueries:
    """For one board. A statement that no index makes cheap is None.

    Rows of posts are (place, num, subnum, thread_num, timestamp, name, trip, email, poster_country, media_hash,
    1 with a file or 0 without); `place` is what the next piece goes on behind.
    """

    def __init__(self, dialect: Dialect, tables: BoardTables) -> None:
        self._dialect = dialect
        self._tables = tables
        posts = tables.posts
        self._posts = dialect.quote(posts.name)
        have = posts.columns
        columns = ", ".join(name if name in have else other for name, other in _COLUMNS)
        self._columns = f"{columns}, CASE WHEN {has_media(have)} THEN 1 ELSE 0 END"
        places = [column for column in ("doc_id", "num") if column in have and posts.has_index(column)]
        self.place = places[0] if places else None
        """The column by whose order all posts can be read piece by piece."""
        self._newest = places[-1] if places else None

    def piece(self, after: int, limit: int) -> Sql | None:
        """The rows behind a place, by place."""
        if self.place is None:
            return None
        return Sql(
            f"SELECT {self.place}, {self._columns} FROM {self._posts} WHERE {self.place} > ? "
            f"ORDER BY {self.place} LIMIT ?",
            (after, limit),
        )

    def last_place(self) -> Sql | None:
        return None if self.place is None else Sql(f"SELECT MAX({self.place}) FROM {self._posts}")

    def newest(self, before: int | None, limit: int, *, small: bool) -> Sql | None:
        """The posts with the highest numbers; those stored last, where only they can be found.

        `small`: the board's posts may be read through, where no index helps.
        """
        place = self._newest or ("num" if small else None)
        if place is None:
            return None
        # A bound for the first piece too: without one, MariaDB would rather sort a table of some ten thousand rows.
        return Sql(
            f"SELECT {place}, {self._columns} FROM {self._posts} WHERE {place} < ? ORDER BY {place} DESC LIMIT ?",
            (_BEYOND if before is None else before, limit),
        )

    def since(self, stored: int, limit: int) -> Sql | None:
        """Rows of posts with a later time than this one, the latest first; `place` is the number."""
        if not self._tables.posts.has_index("timestamp"):
            return None
        return Sql(
            f"SELECT num, {self._columns} FROM {self._posts} WHERE timestamp > ? ORDER BY timestamp DESC LIMIT ?",
            (stored, limit),
        )

    def days(self) -> Sql | None:
        """Rows (day, posts, images, sage, names, trips, anons) of `{board}_daily`, the latest first."""
        daily = self._tables.daily
        if daily is None or not daily.has_index("day"):
            return None
        return Sql(
            f"SELECT {_listed(daily, _DAY)} FROM {self._dialect.quote(daily.name)} ORDER BY day DESC LIMIT ?",
            (_MOST_DAYS,),
        )

    def posters(self, limit: int) -> Sql | None:
        """Rows (name, trip, postcount, firstseen) of `{board}_users`, those with the most posts first."""
        users = self._tables.users
        if users is None or not users.has_index("postcount"):
            return None
        columns = _listed(users, ("name", "trip", "postcount", "firstseen"))
        return Sql(f"SELECT {columns} FROM {self._dialect.quote(users.name)} ORDER BY postcount DESC LIMIT ?", (limit,))

    def most_posted(self, limit: int) -> Sql | None:
        """Rows (media_hash, total, banned) of `{board}_images`, those that were posted most often first."""
        images = self._tables.images
        if images is None or not images.has_index("total"):
            return None
        columns = _listed(images, ("media_hash", "total", "banned"))
        return Sql(f"SELECT {columns} FROM {self._dialect.quote(images.name)} ORDER BY total DESC LIMIT ?", (limit,))


def _listed(table: Table, columns: tuple[str, ...]) -> str:
    return ", ".join(column if column in table.columns else f"0 AS {column}" for column in columns)
