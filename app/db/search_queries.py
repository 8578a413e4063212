"""Statements that look for the posts a search may mean.

A condition here lets through every post that `app.search` would call a match, and as few others as a database can tell
at little cost; each row is compared again. Costs: Asagi schema notes, section 8.3.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import MappingProxyType
from typing import Any, Final

from msgspec import Struct

from app.db.base import Dialect, Sql, join, values
from app.db.patterns import safe_parts
from app.db.queries import has_media
from app.db.schema import BoardTables
from app.model import PostId
from app.search import Filter, Query
from app.search.choices import CAPCODES
from app.search.dates import WALL, DateKind
from app.search.folding import fold
from app.search.kinds import Bound, CountryKind, ExactKind, ExtensionKind, HashKind, NumberKind, TextKind, YearKind
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
    ghosts: bool = False
    """Whether only ghost posts are looked for."""
    thread: int | None = None
    """The thread that holds all of them, whose index finds them."""
    key: str | None = None
    """The field whose index finds them."""
    first: PostId | None = None
    """Where to begin, this post included; else at the end that is looked at first."""


class SearchQueries:
    """For one board and the columns that its table has."""

    def __init__(self, dialect: Dialect, tables: BoardTables) -> None:
        self._dialect = dialect
        self._tables = tables
        self._posts = dialect.quote(tables.posts.name)
        self._have = tables.posts.columns
        # Some writers leave NULL in it; and as an expression it draws no planner to its index.
        self._subnum = "COALESCE(subnum, 0)" if "subnum" in self._have else "0"
        self._time = "timestamp" if "timestamp" in self._have else "0"
        self._has_media = has_media(self._have)
        self.finds_ghosts = tables.posts.has_index("subnum")
        self.finds_times = tables.posts.has_index("timestamp")

    def columns(self, filters: Sequence[Filter]) -> tuple[str, ...]:
        """The columns of a row of candidates that these filters look at."""
        wanted = (column for each in filters for column in each.field.columns)
        return tuple(dict.fromkeys((*PLACE_COLUMNS, *(column for column in wanted if column in self._have))))

    def finds(self, each: Filter) -> bool:
        """Whether an index finds the posts with this value."""
        if each.field.key not in INDEXED or (isinstance(each.value, Words) and each.value.whole is None):
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
            driving = each.field.key == stretch.key
            conditions += self._finding(each) if driving else self.conditions(each)
        if times is not None:
            conditions.append(Sql(f"{self._time} + 0 BETWEEN ? AND ?", times))
        if threads is not None:
            conditions.append(Sql("thread_num IN") + values(threads))
        columns = ", ".join(
            column if column in self._have else f"{_LITERALS[column]} AS {column}" for column in self.columns(filters)
        )
        # An expression keeps planners from walking through all numbers for the few rows that an index finds.
        num = "num" if stretch.thread is None and stretch.key is None and not stretch.ghosts else "num + 0"
        where = join(" AND ", conditions)
        return Sql(
            f"SELECT {columns} FROM {self._posts} WHERE {where.text} "
            f"ORDER BY {num}{direction}, subnum{direction} LIMIT ?",
            (*where.args, limit),
        )

    def opening_posts(self, each: Filter, stretch: Stretch) -> Sql:
        """Rows (num, subnum, thread_num, timestamp, title, comment) of the first posts of all threads that have posts
        in the stretch, as far as they may be what `each` looks for."""
        columns = ", ".join(
            f"o.{column}" if column in self._have else f"NULL AS {column}"
            for column in ("num", "subnum", "thread_num", "timestamp", "title", "comment")
        )
        within = join(" AND ", self._within(stretch, oldest_first=False))
        found = join(
            " AND ",
            [
                Sql("o.num = t.thread_num"),
                Sql("o.thread_num = o.num"),
                Sql(self._subnum.replace("subnum", "o.subnum") + " = 0"),
                *self.conditions(each, "o."),
            ],
        )
        return (
            Sql(f"SELECT {columns} FROM (SELECT DISTINCT thread_num FROM {self._posts} WHERE {within.text}) AS t")
            + Sql(f"JOIN {self._posts} AS o ON", within.args)
            + found
        )

    def _within(self, stretch: Stretch, *, oldest_first: bool) -> list[Sql]:
        num = "num" if stretch.thread is None and stretch.key is None and not stretch.ghosts else "num + 0"
        found = [Sql(f"{num} BETWEEN ? AND ?", (stretch.low, stretch.high))]
        if stretch.first is not None:
            sign, first = (">" if oldest_first else "<"), stretch.first
            # The first of the two says nothing new but to planners.
            text = f"{num} {sign}= ? AND ({num} {sign} ? OR {self._subnum} {sign}= ?)"
            found.append(Sql(text, (first.num, first.num, first.subnum)))
        if stretch.ghosts:
            found.append(Sql("subnum > 0" if "subnum" in self._have else "1 = 0"))
        if stretch.thread is not None:
            found.append(Sql("thread_num = ?", (stretch.thread,)))
        return found

    def how_many(self, each: Filter, most: int) -> Sql:
        """How many posts an index finds, counted no further than `most`."""
        (condition,) = self._finding(each)
        return Sql(
            f"SELECT COUNT(*) FROM (SELECT 1 FROM {self._posts} WHERE {condition.text} LIMIT ?) AS t",
            (*condition.args, most),
        )

    def ends(self) -> Sql:
        """One row: the lowest and the highest number, each asked for by itself (together SQLite would read all)."""
        return Sql(f"SELECT (SELECT MIN(num) FROM {self._posts}), (SELECT MAX(num) FROM {self._posts})")

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

    # what of a filter a database can tell

    def _finding(self, each: Filter) -> list[Sql]:
        """The condition by which an index finds the posts."""
        value = each.value.whole if isinstance(each.value, Words) else each.value
        condition = self._dialect.equals(INDEXED[each.field.key])
        return [Sql(condition, (value,) * condition.count("?"))]

    def conditions(self, each: Filter, of: str = "") -> list[Sql]:
        """Conditions for one field; none where only reading can tell, or a column is missing.

        `of` stands before names of columns.
        """
        kind, value = each.field.kind, each.value
        columns = [column for column in each.field.columns if column in self._have]
        if each.field.key in _CHOICES:
            return [Sql(f"({text})") for text in [_CHOICES[each.field.key](self, value)] if text]
        if not columns and each.field.columns != (WALL,):
            return []
        if isinstance(kind, TextKind) and value.whole is None:
            return self._words(value, [of + column for column in columns])
        if isinstance(kind, TextKind | ExactKind | HashKind):
            exact = str(value.whole if isinstance(value, Words) else value)
            if each.field.key in ("filename", "text"):  # not stored as they are seen
                parts = safe_parts([fold(exact)])
                return [self._dialect.contains(columns[0], parts)] if parts else []
            return [Sql(self._dialect.equals_by_reading(of + columns[0]), (exact,))]
        if isinstance(kind, CountryKind):
            parts = safe_parts([value])
            return [self._dialect.contains(columns[0], parts)] if parts else []
        if isinstance(kind, ExtensionKind):
            # A name that was cut off ends with fewer letters.
            return [join_or([self._dialect.contains(column, (f".{value[:2]}",)) for column in columns])]
        if isinstance(kind, YearKind):
            return [self._dialect.contains(columns[0], ("since4pass", str(value)))]
        if isinstance(kind, NumberKind):
            return self._number(kind, value, columns[0])
        assert isinstance(kind, DateKind)
        return []

    def _words(self, value: Words, columns: list[str]) -> list[Sql]:
        found = []
        for group in value.all_of:
            parts = [safe_parts(term.words) for term in group]
            if all(parts):
                found.append(join_or([self._dialect.contains(column, part) for column in columns for part in parts]))
        return found

    def _number(self, kind: NumberKind, bound: Bound, column: str) -> list[Sql]:
        found = [Sql(f"({self._has_media})")] if kind.of_file else []
        if not kind.length:
            return [*found, Sql(f"{column} + 0 {bound.sign} ?", (bound.number,))]
        low, high = self._dialect.length(f"COALESCE({column}, '')")
        if bound.sign != "<=":
            found.append(Sql(f"{high} >= ?", (bound.number,)))
        if bound.sign != ">=":
            found.append(Sql(f"{low} <= ?", (bound.number,)))
        return found

    def _flag(self, column: str, *, on: bool) -> str:
        # Quoted, because one database has numbers here and another booleans; two ways, because some have NULLs.
        if column not in self._have:
            return ""
        return f"{column} <> '0'" if on else f"{column} <> '1' OR {column} IS NULL"

    def _capcode(self, letter: str) -> str:
        if "capcode" not in self._have:
            return ""
        return f"capcode = '{letter}'" + (" OR capcode = '' OR capcode IS NULL" if letter == "N" else "")

    def _spoiler(self, *, on: bool) -> str:
        parts = (f"({self._has_media})", self._flag("spoiler", on=on))
        return " AND ".join(f"({part})" for part in parts if part)

    def _kind(self, *, op: bool) -> str:
        return f"num = thread_num AND {self._subnum} = 0" if op else f"num <> thread_num OR {self._subnum} > 0"

    def _file(self, *, there: bool) -> str:
        if there:
            return self._has_media
        columns = [column for column in ("media_hash", "media_orig", "media_filename") if column in self._have]
        return " AND ".join(f"({column} IS NULL OR {column} = '')" for column in columns)


_CHOICES: Final[MappingProxyType[str, Callable[[SearchQueries, Any], str]]] = MappingProxyType(
    {
        "capcode": lambda queries, value: queries._capcode(CAPCODES[value]),
        "file": lambda queries, value: queries._file(there=value == "with"),
        "spoiler": lambda queries, value: queries._spoiler(on=value == "spoiler"),
        "type": lambda queries, value: queries._kind(op=value == "op"),
        "sticky": lambda queries, value: queries._flag("sticky", on=value == "sticky"),
        "deleted": lambda queries, value: queries._flag("deleted", on=value == "deleted"),
        "ghost": lambda queries, value: f"{queries._subnum} {'>' if value == 'only' else '='} 0",
    }
)


def join_or(conditions: Sequence[Sql]) -> Sql:
    whole = join(" OR ", conditions)
    return Sql(f"({whole.text})", whole.args)
