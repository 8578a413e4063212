"""The CREATE INDEX statements that would help. They are printed for the operator and never run."""

from __future__ import annotations

from collections.abc import Iterable

from app.check.asking import Asker
from app.check.tables import missing_indexes, part_of
from app.db.check_queries import STORAGE, TEXT_LENGTHS, WITHOUT_ORDER, create_index
from app.db.schema import BoardTables


async def statements(boards: Iterable[BoardTables], asker: Asker) -> list[str]:
    """Lines of SQL: a comment and a statement for each missing index of these boards."""
    wanted = [(tables, index) for tables in boards for index in missing_indexes(tables)]
    if not wanted:
        return []
    dialect = asker.database.dialect
    kinds = await asker.rows("the kinds of tables", STORAGE.get(dialect.name))
    storage = {str(table): str(how or "") for table, how in kinds or ()}
    lengths: dict[str, dict[str, int]] = {}
    for name, column, length in await asker.rows("the types of columns", TEXT_LENGTHS.get(dialect.name)) or ():
        lengths.setdefault(str(name), {})[str(column)] = int(length)
    unordered = {
        (str(name), str(column))
        for name, column in await asker.rows("the types of columns", WITHOUT_ORDER.get(dialect.name)) or ()
    }
    lines = []
    for tables, index in wanted:
        table = part_of(tables, index.part)
        if table is None or storage.get(table.name) == "f":
            continue  # the table lies on another server
        columns = [name for name in index.columns if name in table.columns and (table.name, name) not in unordered]
        if tuple(columns[: len(index.starts)]) != index.starts:
            continue  # no index can be made on one of them
        lines.append(f"-- {' '.join(table.name.split())}: helps {index.help} ({index.code})")
        lines.append(create_index(dialect, table, columns, storage.get(table.name, ""), lengths.get(table.name, {})))
    return lines
