"""The invented posts in a database of each kind: built once into an SQLite file, from which the servers are filled."""

import asyncio
import re
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import Any, Final, cast

import asyncpg
import pymysql

from app.demo.tables import DialectName, bind, columns, create_statements, insert_statement
from app.demo.writers import WRITERS
from bench.posts import SHARES, BoardRows, Row
from tests.support.databases import Place

SEED: Final = 6
"""Another one with every change of what is invented: archives that are kept are found by it."""
TABLES: Final = ("_images", "", "_threads")
"""Those that hold anything, in an order that satisfies foreign keys."""

_WRITER: Final = WRITERS["asagi"]
_ZEROS: Final = frozenset(("preview_w", "preview_h", "media_w", "media_h", "media_size", "spoiler", "sticky", "locked"))
_AT_ONCE: Final = 2_000

Tell = Callable[[str], None]


def archive_name(posts: int) -> str:
    return f"koiwai_bench_{posts}_{SEED}"


def sqlite_archive(folder: Path, posts: int, tell: Tell) -> Path:
    """The file with an archive of so many posts; made if it is not there yet."""
    file = folder / f"{archive_name(posts)}.db"
    if file.exists():
        return file
    # Not under its name before it is whole.
    unfinished = file.with_suffix(".unfinished")
    unfinished.unlink(missing_ok=True)
    with closing(sqlite3.connect(unfinished)) as connection:
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute("PRAGMA journal_mode = OFF")
        connection.execute("PRAGMA cache_size = -400000")
        for share in SHARES:
            count = int(posts * share.part)
            tell(f"inventing {count:,} posts for /{share.board}/")
            board = BoardRows(share, count, SEED)
            _run_all(connection, _creating("sqlite", share.board, tables=True))
            for suffix, rows in (("", board.posts()), ("_images", board.images), ("_threads", board.threads)):
                bound = (bind("sqlite", _WRITER, suffix, _values(suffix, row)) for row in rows)
                connection.executemany(insert_statement("sqlite", _WRITER, share.board, suffix), bound)
            _run_all(connection, _creating("sqlite", share.board, tables=False))
        connection.commit()
    unfinished.rename(file)
    return file


def fill(place: Place, file: Path, tell: Tell) -> None:
    """Copies the archive in an SQLite file into an empty database of a server."""
    kind = cast("DialectName", place.kind)
    with closing(sqlite3.connect(file)) as source:
        for share in SHARES:
            tell(f"copying /{share.board}/ into {place.kind}")
            place.execute(*_creating(kind, share.board, tables=True))
            for suffix in TABLES:
                listed = ", ".join(f'"{name}"' for name in columns(_WRITER, suffix))
                rows = source.execute(f'SELECT {listed} FROM "{share.board}{suffix}"')
                if kind == "mysql":
                    _into_mysql(place, share.board, suffix, rows)
                else:
                    asyncio.run(_into_postgresql(place, share.board, suffix, rows))
            tell(f"indexing /{share.board}/ in {place.kind}")
            place.execute(*_creating(kind, share.board, tables=False))
    tables = ", ".join(f"{share.board}{suffix}" for share in SHARES for suffix in TABLES)
    place.execute(f"ANALYZE TABLE {tables}" if kind == "mysql" else "VACUUM ANALYZE")


def _values(suffix: str, row: Row) -> tuple[Any, ...]:
    return tuple(row.get(name, 0 if name in _ZEROS else None) for name in columns(_WRITER, suffix))


def _creating(kind: DialectName, board: str, *, tables: bool) -> list[str]:
    """Statements for the tables of a board, or those for their indexes, which are quicker to make afterwards."""
    statements = create_statements(kind, _WRITER, board)
    statements = [text for text in statements if text.startswith("CREATE TABLE") == tables]
    if kind != "mysql" or tables:
        return statements
    # Reads a table once for all its indexes.
    additions: dict[str, list[str]] = {}
    for text in statements:
        index, table, listed = re.fullmatch(r"CREATE (.+) ON (\S+) (.+)", text).groups()  # type: ignore[union-attr]
        additions.setdefault(table, []).append(f"ADD {index} {listed}")
    return [f"ALTER TABLE {table} {', '.join(added)}" for table, added in additions.items()]


def _run_all(connection: sqlite3.Connection, statements: Iterable[str]) -> None:
    for statement in statements:
        connection.execute(statement)


def _batches(rows: Iterable[tuple[Any, ...]]) -> Iterator[list[tuple[Any, ...]]]:
    remaining = iter(rows)
    while batch := list(islice(remaining, _AT_ONCE)):
        yield batch


def _into_mysql(place: Place, board: str, suffix: str, rows: Iterable[tuple[Any, ...]]) -> None:
    assert place.server is not None
    given = place.server.connect_kwargs(place.name)
    given["database"] = given.pop("db")
    insert = insert_statement("mysql", _WRITER, board, suffix)
    with closing(pymysql.connect(**given)) as connection, connection.cursor() as cursor:
        for batch in _batches(rows):
            cursor.executemany(insert, batch)
        connection.commit()


async def _into_postgresql(place: Place, board: str, suffix: str, rows: Iterable[tuple[Any, ...]]) -> None:
    assert place.server is not None
    connection = await asyncpg.connect(**place.server.connect_kwargs(place.name))
    try:
        await connection.copy_records_to_table(
            f"{board}{suffix}",
            records=[bind("postgresql", _WRITER, suffix, row) for row in rows],
            columns=columns(_WRITER, suffix),
        )
    finally:
        await connection.close()
