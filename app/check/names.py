"""Which boards there are, which are served, and why a board of boards.toml has no table."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from typing import Final

from app.check.asking import Asker
from app.check.report import Notes
from app.db.check_queries import CURRENT_SCHEMA, tables_named_like
from app.db.schema import SIDE_SUFFIXES, Schema
from app.settings import RESERVED_BOARDS, BoardSettings, Settings

_NAMED: Final = 20
_RULE: Final = "The name of a board has letters, digits, hyphens and underscores only, and begins with no hyphen."


def boards_to_look_at(settings: Settings, schema: Schema, only: str | None, notes: Notes) -> dict[str, BoardSettings]:
    """Those of boards.toml, or all there are; with findings about what is listed and what is not."""
    present = schema.boards()
    if settings.discover_boards:
        wanted = {name: BoardSettings() for name in present if name not in RESERVED_BOARDS}
    else:
        wanted = dict(settings.boards)
        others = [name for name in present if name not in wanted]
        if others and only is None:
            notes.note(
                "boards-unlisted",
                f"The database has boards that boards.toml does not list, which are not served: {_listed(others)}.",
            )
    reserved = [name for name in present if name in RESERVED_BOARDS]
    if reserved and only is None:
        notes.warning(
            "board-reserved",
            f"Cannot be served, because Koiwai has addresses of that name itself: {_listed(reserved)}.",
        )
    if only is None:
        unnamable = schema.unnamable()
        if unnamable:
            notes.note("board-name", f"Tables of posts that cannot be boards: {_some(unnamable)}. {_RULE}")
        views = [f"{name} ({why})" for name, why in schema.broken.items() if name not in wanted]
        if views:
            notes.note("view-broken", f"Views that cannot be read are left out: {_some(views)}.")
        return wanted
    return {only: wanted.get(only, BoardSettings())}


def without_table(names: Iterable[str], settings: Settings, schema: Schema) -> list[str]:
    """Those of the boards that have no table, or cannot be served because of their name."""
    servable = {name for name in schema.boards() if name not in RESERVED_BOARDS}
    return [
        name for name in names if schema.board(name) is None or (name not in settings.boards and name not in servable)
    ]


async def tell_why_empty(asker: Asker, notes: Notes) -> None:
    """The finding where there is no board at all, with the place where there seem to be some."""
    kind = asker.database.dialect.name
    rows = await asker.rows("the names of all tables", tables_named_like(asker.database.dialect, [SIDE_SUFFIXES[0]]))
    elsewhere = sorted({str(place) for place, _ in rows or ()})
    said = "The database holds no board: no table that we may read has the columns num and thread_num."
    if elsewhere and kind != "sqlite":
        where = "schema" if kind == "postgresql" else "database"
        said += f" Tables of boards seem to be in the {where} {' or '.join(elsewhere[:_NAMED])}."
    notes.fault("no-boards", said)


async def tell_why_missing(
    names: Sequence[str], settings: Settings, schema: Schema, asker: Asker, notes: Notes
) -> None:
    """A finding for each of these boards, which have no table that can be used, with the likeliest reason."""
    dialect = asker.database.dialect
    rows = await asker.rows("the names of all tables", tables_named_like(dialect, names)) if names else []
    current_row = await asker.rows("the name of the schema", CURRENT_SCHEMA[dialect.name]) if names else []
    current = current_row[0][0] if current_row else None
    everywhere = [(str(place), str(table)) for place, table in rows or ()]
    strict = settings.app.validate_boards_db
    for name in names:
        if name in schema.broken:
            why = f"The view cannot be read: {schema.broken[name]}. The board cannot be served."
            notes.about(name).fault("board-unreadable", why)
            continue
        reason = _reason(name, schema, everywhere, current, dialect.name)
        if name not in settings.boards:  # asked for by name
            notes.about(name).fault("board-missing", f"There is no board /{name}/. {reason}")
            continue
        start = "Koiwai does not start." if strict else "The board is answered with 503 until there is one."
        notes.about(name).add(
            "fault" if strict else "warning", "board-missing", f"The database has no such table. {reason} {start}"
        )


def _reason(name: str, schema: Schema, everywhere: Sequence[tuple[str, str]], current: str | None, kind: str) -> str:
    boards = schema.boards()
    if name in RESERVED_BOARDS:
        return "Koiwai has addresses of that name itself."
    if name in schema.unnamable():
        return f"A table of that name is there. {_RULE}"
    if name in schema.tables:
        have = schema.tables[name].columns
        if {"id", "parent"} <= have:
            return "A table of that name is in the schema of Fuuka, older than Asagi's, which Koiwai does not read."
        missing = [column for column in ("num", "thread_num") if column not in have]
        if not missing:
            return "A table of that name is there, but it is one that stands beside a board's."
        return f"A table of that name is there, but we may read no column {' and '.join(missing)} in it."
    for board in boards:
        if board.lower() == name.lower():
            return f"There is /{board}/: names are case-sensitive."
    if (current, name) in everywhere:
        return "A table of that name is there, but our user may not read it: it needs the right SELECT."
    where = "schema" if kind == "postgresql" else "database"
    elsewhere = [place for place, table in everywhere if table.lower() == name.lower() and place != current]
    if elsewhere:
        advice = "set the user's search_path" if kind == "postgresql" else "set [db.mysql] db"
        return (
            f"There is one in the {where} {elsewhere[0]}, but tables are looked for in {current or 'none'}: {advice}."
        )
    for board in boards:
        if board.lower().endswith(f"_{name.lower()}"):
            return f"There is {board}, with a prefix as FoolFuuka gives it: use that name, or rename its tables."
    close = difflib.get_close_matches(name, boards, n=1)
    if close:
        return f"Did you mean /{close[0]}/?"
    return f"Boards it has: {_listed(boards)}."


def _listed(names: Sequence[str]) -> str:
    return _some([f"/{name}/" for name in names]) if names else "none"


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more
