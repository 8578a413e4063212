"""Statements that look for the posts a search may mean, by the index that leads to them. Costs: Asagi schema notes,
section 8.3."""

from __future__ import annotations

from collections.abc import Sequence
from types import MappingProxyType
from typing import Final

from msgspec import Struct

from app.db.base import Dialect, Sql, join, values
from app.db.schema import BoardTables
from app.db.search_conditions import SearchConditions
from app.model import PostId
from app.search import Filter, Query
from app.search.words import Words

PLACE_COLUMNS: Final = ("num", "subnum", "thread_num", "timestamp")
"""What every row of candidates begins with."""

INDEXED: Final = MappingProxyType({"image": "media_hash", "tripcode": "trip", "email": "email", "username": "name"})
"""Fields whose whole value an index may find, with their columns."""

_LITERALS: Final = MappingProxyType({"num": "0", "subnum": "0", "thread_num": "0", "timestamp": "0"})


class Stretch(Struct, frozen=True):
    """Part of a board in which posts are looked for, in the order of their numbers."""

    low: int
    high: int
    """The lowest and the highest number."""
    by_num: bool = True
    """Whether the index on the number leads to them; else that of what follows here."""
    ghosts: bool = False
    """Whether only ghost posts are looked for."""
    thread: int | None = None
    """The thread that holds all of them."""
    value: Filter | None = None
    """The filter whose value an index finds; no other posts are looked for."""
    doc_ids: range | tuple[int, ...] = ()
    """Only rows of these are looked for; none stands for all."""
    first: PostId | None = None
    """Where to begin, this post included; else at the end that is looked at first."""


class SearchQueries:
    """For one board and the columns that its table has."""

    def __init__(self, dialect: Dialect, tables: BoardTables) -> None:
        self._dialect = dialect
        self._tables = tables
        self._posts = dialect.quote(tables.posts.name)
        self._have = tables.posts.columns
        self._conditions = SearchConditions(dialect, self._have)
        self._subnum = self._conditions.subnum
        self._time = "timestamp" if "timestamp" in self._have else "0"
        self.finds_ghosts = tables.posts.has_index("subnum")
        self.finds_times = tables.posts.has_index("timestamp")
        self.reads_in_place = (
            dialect.rows_lie_by_key and tables.posts.has_index("doc_id") and tables.posts.has_index("num", "subnum")
        )
        """Whether reading by doc_id is much quicker than by number, and the doc_ids of some numbers are soon known."""

    def columns(self, filters: Sequence[Filter]) -> tuple[str, ...]:
        """The columns of a row of candidates that these filters look at."""
        wanted = (column for each in filters for column in each.field.columns)
        return tuple(dict.fromkeys((*PLACE_COLUMNS, *(column for column in wanted if column in self._have))))

    def _selected(self, filters: Sequence[Filter]) -> str:
        return ", ".join(
            column if column in self._have else f"{_LITERALS[column]} AS {column}" for column in self.columns(filters)
        )

    def finds(self, each: Filter) -> bool:
        """Whether an index finds the posts with this value."""
        value = _whole(each)
        # MariaDB's older columns have no room for characters beyond 16 bits and refuse to be compared with them.
        if each.field.key not in INDEXED or value is None or max(value) > "\uffff":
            return False
        return self._tables.posts.has_index(INDEXED[each.field.key])

    def candidates(
        self,
        query: Query,
        stretch: Stretch,
        limit: int,
        *,
        times: tuple[int, int] | None = None,
        threads: Sequence[int] | None = None,
    ) -> Sql:
        """Rows of `columns` in order, from the newest post of the stretch on, or from the oldest.

        `times` are stored times between which all posts lie that are looked for; `threads` their threads.
        """
        filters = [each for each in query.filters if each.field.key != "op"]
        direction = "" if query.oldest_first else " DESC"
        conditions = [*self._within(stretch, oldest_first=query.oldest_first)]
        for each in filters:
            conditions += [] if each is stretch.value else self._conditions.of(each)
        if times is not None:
            conditions.append(Sql(f"{self._time} + 0 BETWEEN ? AND ?", times))
        if threads is not None:
            conditions.append(Sql("thread_num IN") + values(threads))
        num = _num(stretch)
        where = join(" AND ", conditions)
        return Sql(
            f"SELECT {self._selected(filters)} FROM {self._posts} WHERE {where.text} "
            f"ORDER BY {num}{direction}, subnum{direction} LIMIT ?",
            (*where.args, limit),
        )

    def candidates_numbered(self, filters: Sequence[Filter], nums: Sequence[int]) -> Sql:
        """Rows of `columns` of all posts with these numbers, ghost posts too, in no order."""
        wanted = values(nums)
        return Sql(f"SELECT {self._selected(filters)} FROM {self._posts} WHERE num IN {wanted.text}", wanted.args)

    def threads_of(self, stretch: Stretch, *, oldest_first: bool) -> Sql:
        """Rows (thread_num): all threads that have posts in the stretch."""
        within = join(" AND ", self._within(stretch, oldest_first=oldest_first))
        return Sql(f"SELECT DISTINCT thread_num FROM {self._posts} WHERE {within.text}", within.args)

    def opening_posts(self, each: Filter, thread_nums: Sequence[int]) -> Sql:
        """Rows (num, subnum, thread_num, timestamp, title, comment) of the first posts of some threads, as far as they
        may be what `each` looks for."""
        columns = ", ".join(
            column if column in self._have else f"NULL AS {column}"
            for column in ("num", "subnum", "thread_num", "timestamp", "title", "comment")
        )
        found = join(
            " AND ",
            [
                Sql("num IN") + values(thread_nums),
                Sql(f"thread_num + 0 = num AND {self._subnum} = 0"),
                *self._conditions.of(each),
            ],
        )
        return Sql(f"SELECT {columns} FROM {self._posts} WHERE {found.text}", found.args)

    def _within(self, stretch: Stretch, *, oldest_first: bool) -> list[Sql]:
        num = _num(stretch)
        low, high, first = stretch.low, stretch.high, stretch.first
        if first is not None:
            low, high = (max(low, first.num), high) if oldest_first else (low, min(high, first.num))
        found = [Sql(f"{num} BETWEEN ? AND ?", (low, high))]
        if first is not None:
            sign = ">" if oldest_first else "<"
            found.append(Sql(f"({num} {sign} ? OR {self._subnum} {sign}= ?)", (first.num, first.subnum)))
        if stretch.ghosts:
            found.append(Sql(f"{self._subnum if stretch.by_num else 'subnum'} > 0"))
        if isinstance(stretch.doc_ids, range):
            found.append(Sql("doc_id BETWEEN ? AND ?", (stretch.doc_ids[0], stretch.doc_ids[-1])))
        elif stretch.doc_ids:
            found.append(Sql("doc_id IN") + values(stretch.doc_ids))
        if stretch.thread is not None:
            found.append(Sql("thread_num = ?", (stretch.thread,)))
        if stretch.value is not None:
            found.append(self._finding(stretch.value))
        return found

    def how_many(self, each: Filter, most: int) -> Sql:
        """How many posts an index finds, counted no further than `most`.

        Those are counted too that the index cannot tell from them: to look at each could take without end."""
        condition = self._dialect.equals_by_index(INDEXED[each.field.key])
        return Sql(
            f"SELECT COUNT(*) FROM (SELECT 1 FROM {self._posts} WHERE {condition} LIMIT ?) AS t",
            (_whole(each), most),
        )

    def ends(self) -> Sql:
        """One row: the lowest and the highest number, each asked for by itself (together SQLite would read all)."""
        return Sql(f"SELECT (SELECT MIN(num) FROM {self._posts}), (SELECT MAX(num) FROM {self._posts})")

    def rows_of(self, stretch: Stretch, *, oldest_first: bool) -> Sql:
        """One row: the lowest and the highest doc_id of its posts, ghost posts left out, and how many there are.

        For this and the next only the index on (num, subnum) is read."""
        within = join(" AND ", self._within(stretch, oldest_first=oldest_first))
        return Sql(
            f"SELECT MIN(doc_id), MAX(doc_id), COUNT(*) FROM {self._posts} WHERE {within.text} AND {self._subnum} = 0",
            within.args,
        )

    def ghosts_of(self, stretch: Stretch, most: int, *, oldest_first: bool) -> Sql:
        """Rows (doc_id): its ghost posts, at most so many."""
        within = join(" AND ", self._within(stretch, oldest_first=oldest_first))
        return Sql(
            f"SELECT doc_id FROM {self._posts} WHERE {within.text} AND {self._subnum} > 0 LIMIT ?",
            (*within.args, most),
        )

    def beyond(self, num: int, *, oldest_first: bool) -> Sql:
        """The next number there is: below `num`, or above it."""
        if oldest_first:
            return Sql(f"SELECT MIN(num) FROM {self._posts} WHERE num > ?", (num,))
        return Sql(f"SELECT MAX(num) FROM {self._posts} WHERE num < ?", (num,))

    def moment(self, num: int, *, upwards: bool) -> Sql:
        """A row (num, timestamp): the nearest post, no ghost, from a number on."""
        sign, direction = (">=", "") if upwards else ("<=", " DESC")
        return Sql(
            f"SELECT num, {self._time} FROM {self._posts} WHERE num {sign} ? AND {self._subnum} = 0 "
            f"ORDER BY num{direction} LIMIT 1",
            (num,),
        )

    def numbers_near(self, stored: int, rows: int, *, upwards: bool) -> Sql:
        """Rows (num) of posts, no ghosts, by their stored time: the nearest ones from a time on."""
        sign, direction = (">=", "") if upwards else ("<=", " DESC")
        return Sql(
            f"SELECT num FROM {self._posts} WHERE {self._time} {sign} ? AND {self._subnum} = 0 "
            f"ORDER BY {self._time}{direction} LIMIT ?",
            (stored, rows),
        )

    def _finding(self, each: Filter) -> Sql:
        """The condition by which an index finds the posts."""
        condition = self._dialect.equals(INDEXED[each.field.key])
        return Sql(condition, (_whole(each),) * condition.count("?"))


def _whole(each: Filter) -> str | None:
    """The whole value that is asked for, None where words of it are."""
    return each.value.whole if isinstance(each.value, Words) else each.value


def _num(stretch: Stretch) -> str:
    """As an expression it keeps planners from walking through all numbers for the few rows that an index finds."""
    return "num" if stretch.by_num else "num + 0"
