"""Statements about a board's list of threads, `{board}_threads`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal

from app.db.base import Dialect, Sql, join, values
from app.db.schema import Table

Order = Literal["bump", "creation", "ghost"]

_SORT_COLUMNS: Final = {"bump": "time_bump", "creation": "thread_num", "ghost": "time_ghost_bump"}


class ThreadQueries:
    """Keyset paging over `{board}_threads`. Rows are (thread_num, sorted-by value, time_bump, sticky, locked)."""

    def __init__(self, dialect: Dialect, table: Table) -> None:
        self._columns = table.columns
        self._table = dialect.quote(table.name)

    def offers(self, order: Order) -> bool:
        """Whether the table has what this order needs."""
        return _SORT_COLUMNS[order] in self._columns

    def page(
        self,
        order: Order,
        limit: int,
        *,
        older_than: tuple[int, int] | None = None,
        newer_than: tuple[int, int] | None = None,
        offset: int = 0,
        without: Sequence[int] = (),
    ) -> Sql:
        """Threads after or before a (value, thread_num) key, or from an offset; nearest to it first.

        This form of the key comparison is the one all three planners turn into a bounded index walk.
        """
        column = _SORT_COLUMNS[order]
        upwards = newer_than is not None
        key = newer_than or older_than
        near, far = (">=", ">") if upwards else ("<=", "<")
        # Next to the bound of a key going upwards, a second lower bound could be the one that an index is walked from.
        parts = [] if upwards else [Sql(f"{column} {'>' if order == 'ghost' else '>='} 0")]
        if key is not None:
            bounds = f"{column} {near} ? AND ({column} {far} ? OR thread_num {far} ?)"
            parts.append(Sql(bounds, (key[0], key[0], key[1])))
        where = join(" AND ", parts)
        if without:
            where += Sql("AND thread_num NOT IN") + values(without)
        direction = "" if upwards else " DESC"
        ordered = f"{column}{direction}" if column == "thread_num" else f"{column}{direction}, thread_num{direction}"
        wanted, found = f"SELECT {self._selected(column)} FROM {self._table}", f"WHERE {where.text} ORDER BY {ordered}"
        if not offset:
            return Sql(f"{wanted} {found} LIMIT ?", (*where.args, limit))
        # What is skipped is skipped in the index; only the rows of the page itself are read.
        return Sql(
            f"{wanted} JOIN (SELECT thread_num AS num FROM {self._table} {found} LIMIT ? OFFSET ?) AS page "
            f"ON thread_num = num ORDER BY {ordered}",
            (*where.args, limit, offset),
        )

    def numbers(self, start: int, limit: int) -> Sql:
        """Rows (thread_num) of the threads from a number on, lowest first."""
        return Sql(
            f"SELECT thread_num FROM {self._table} WHERE thread_num >= ? ORDER BY thread_num LIMIT ?", (start, limit)
        )

    def number_behind(self, start: int, count: int) -> Sql:
        """The row (thread_num) that follows `count` threads from a number on; what is passed is the index alone."""
        return Sql(
            f"SELECT thread_num FROM {self._table} WHERE thread_num >= ? ORDER BY thread_num LIMIT 1 OFFSET ?",
            (start, count),
        )

    def pinned(self, limit: int) -> Sql | None:
        """The threads marked sticky, newest bump first."""
        if "sticky" not in self._columns:
            return None
        return Sql(
            f"SELECT {self._selected('time_bump')} FROM {self._table} WHERE sticky = '1' "
            "ORDER BY time_bump DESC, thread_num DESC LIMIT ?",
            (limit,),
        )

    def count(self, order: Order) -> Sql:
        where = "WHERE time_ghost_bump > 0" if order == "ghost" else ""
        return Sql(f"SELECT COUNT(*) FROM {self._table} {where}")

    def flags(self, thread_num: int) -> Sql:
        """The row of one thread."""
        return Sql(f"SELECT {self._selected('thread_num')} FROM {self._table} WHERE thread_num = ?", (thread_num,))

    def _selected(self, column: str) -> str:
        sticky = "sticky" if "sticky" in self._columns else "0"
        locked = "locked" if "locked" in self._columns else "0"
        return f"thread_num, {column}, time_bump, {sticky}, {locked}"
