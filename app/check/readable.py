"""Whether a board's tables can be read as Koiwai reads them: one row of each, and the types of the numbers."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from app.check.asking import Asker
from app.check.report import Notes
from app.db.check_queries import column_types, one_row
from app.db.schema import BoardTables, Table

_COMPARED: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "posts": ("num", "thread_num", "subnum", "doc_id", "timestamp", "timestamp_expired"),
        "threads": ("thread_num", "time_bump", "time_ghost_bump"),
        "images": ("media_id",),
    }
)
"""Columns of each table that stand beside a number in Koiwai's statements."""

_NAMES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "posts": "the posts",
        "threads": "the table of threads",
        "images": "the table of pictures",
        "deleted": "the table of removed posts",
        "banned_everywhere": "the list of banned pictures",
    }
)

_NUMBERS: Final = MappingProxyType(
    {
        "mysql": frozenset(
            ("tinyint", "smallint", "mediumint", "int", "bigint", "decimal", "float", "double", "bit", "year")
        ),
        "postgresql": frozenset(("smallint", "integer", "bigint", "numeric", "real", "double precision")),
    }
)


async def look_whether_readable(tables: BoardTables, asker: Asker, notes: Notes) -> bool:
    """Whether the database lets us read the posts; findings about what it does not let us read.

    A view is asked too, because a catalog lists it with its columns even where nobody can read it.
    """
    refused = set()
    for part, name in _NAMES.items():
        table: Table | None = getattr(tables, part)
        if table is None:
            continue
        why = await asker.refusal(name, one_row(asker.database.dialect, table))
        if why is not None:
            refused.add(part)
            notes.fault("board-unreadable", f"Of {name} nothing can be read: {why}. The board cannot be served.")
    return "posts" not in refused


async def look_at_types(tables: BoardTables, asker: Asker, notes: Notes) -> None:
    """Findings about columns that are no numbers but are compared with some."""
    kind = asker.database.dialect.name
    for part, columns in _COMPARED.items():
        table: Table | None = getattr(tables, part)
        if table is None:
            continue
        rows = await asker.rows("the types of columns", column_types(asker.database.dialect, table.name))
        types = {str(name): str(type_) for name, type_ in rows or ()}
        odd = [f"{name} ({types[name]})" for name in columns if name in types and not _is_number(kind, types[name])]
        if not odd:
            continue
        where = "" if part == "posts" else f" in {_NAMES[part]}"
        said = f"No number, but compared with numbers{where}: {', '.join(odd)}."
        if kind == "postgresql":
            notes.fault("column-type", f"{said} PostgreSQL refuses that: the board cannot be served.")
        else:
            notes.warning("column-type", f"{said} That is slow, and posts and times may be in the wrong order.")


def _is_number(kind: str, type_: str) -> bool:
    if kind != "sqlite":
        return type_.lower() in _NUMBERS[kind]
    # What is declared decides whether SQLite compares as text; all else takes numbers as they are.
    return "INT" in type_.upper() or not any(word in type_.upper() for word in ("CHAR", "CLOB", "TEXT"))
