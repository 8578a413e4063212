"""What Asagi tables look like: which tables, columns and indexes a board really has (Asagi schema notes, section 1)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from msgspec import Struct

from app.db.base import Database, SchemaChanged, StatementRefused, reason

SIDE_SUFFIXES: Final = ("_threads", "_images", "_deleted", "_users", "_daily")
"""Endings of the tables beside a board's table."""

BANNED_EVERYWHERE: Final = "ff_banned_md5"
"""FoolFuuka's table of picture hashes banned on all boards."""

_BOARD_NAME = re.compile(r"\w[\w-]*")


class Table(Struct, frozen=True):
    name: str
    columns: frozenset[str]
    indexes: tuple[tuple[str, ...], ...]
    """Columns of each index in order. Names of indexes differ between writers and tell nothing."""
    is_table: bool
    """False for a view."""

    def has_index(self, *columns: str) -> bool:
        """Whether some index starts with these columns in this order."""
        return any(index[: len(columns)] == columns for index in self.indexes)


class BoardTables(Struct, frozen=True):
    """The tables of one board; only `posts` is always there."""

    posts: Table
    threads: Table | None
    images: Table | None
    deleted: Table | None
    banned_everywhere: Table | None
    daily: Table | None = None
    users: Table | None = None


class Schema(Struct, frozen=True):
    """All tables of an archive database."""

    tables: dict[str, Table]
    broken: dict[str, str] = {}
    """Views and the like that cannot be read, each with the reason. Their columns are not known."""

    def boards(self) -> list[str]:
        """Names of the tables that hold a board's posts."""
        return [name for name in self._with_posts() if _BOARD_NAME.fullmatch(name)]

    def unnamable(self) -> list[str]:
        """Names of tables that hold posts, but whose name cannot be that of a board."""
        return [name for name in self._with_posts() if not _BOARD_NAME.fullmatch(name)]

    def _with_posts(self) -> list[str]:
        return sorted(
            name
            for name, table in self.tables.items()
            if {"num", "thread_num"} <= table.columns and not name.endswith(SIDE_SUFFIXES)
        )

    def board(self, name: str) -> BoardTables | None:
        """The tables of a board, or None when it has none."""
        posts = self.tables.get(name)
        if posts is None or not {"num", "thread_num"} <= posts.columns:
            return None
        return BoardTables(
            posts,
            self._with(f"{name}_threads", "thread_num", "time_bump"),
            self._with(f"{name}_images", "media_id", "media_hash"),
            self._with(f"{name}_deleted", "num"),
            self._with(BANNED_EVERYWHERE, "md5"),
            self._with(f"{name}_daily", "day", "posts"),
            self._with(f"{name}_users", "name", "trip", "postcount"),
        )

    def _with(self, name: str, *columns: str) -> Table | None:
        """The table, if it exists and has the columns without which it is of no use."""
        table = self.tables.get(name)
        return table if table is not None and table.columns.issuperset(columns) else None


async def read_schema(database: Database) -> Schema:
    """A few statements against the catalog, whatever the number of boards, and one for each view that needs it."""
    dialect = database.dialect
    columns = await database.fetch(dialect.columns)
    known = {table for table, _, _ in columns}
    broken: dict[str, str] = {}
    for (name,) in await database.fetch(dialect.doubtful) if dialect.doubtful is not None else ():
        if name not in known:
            try:
                columns += await database.fetch(dialect.columns_of(name))
            except (SchemaChanged, StatementRefused) as error:
                broken[name] = reason(error)
    indexes = await database.fetch(dialect.indexes)
    return Schema(_tables(columns, indexes), broken)


def _tables(
    columns: Iterable[tuple[str, str, object]], indexes: Iterable[tuple[str, str, str | None]]
) -> dict[str, Table]:
    column_names: dict[str, set[str]] = {}
    kinds: dict[str, bool] = {}
    for table, column, is_table in columns:
        column_names.setdefault(table, set()).add(column)
        kinds[table] = bool(is_table)
    index_columns: dict[tuple[str, str], list[str]] = {}
    for table, index, indexed in indexes:
        index_columns.setdefault((table, index), []).append(indexed or "")  # "" stands for an expression
    grouped: dict[str, list[tuple[str, ...]]] = {}
    for (table, _), names in index_columns.items():
        grouped.setdefault(table, []).append(tuple(names))
    return {
        name: Table(name, frozenset(names), tuple(sorted(grouped.get(name, ()))), kinds[name])
        for name, names in column_names.items()
    }
