"""Load the invented archive into a database, in the conventions of one writer.

Every function creates the tables of all boards that the writer takes and fills them; the database must not
have them yet. `pictures` saves drawing them again when one test module loads several databases.
"""

from pathlib import Path
from typing import Any

import aiomysql
import asyncpg

from app.demo.media import render_all
from app.demo.model import DemoArchive, DemoBoard
from app.demo.rows import Pictures, rows
from app.demo.store import store_boards
from app.demo.tables import bind, create_statements, insert_statement
from app.demo.writers import Writer

BATCH = 200


def boards_for(archive: DemoArchive, writer: Writer) -> list[DemoBoard]:
    """The boards of `archive` that `writer` stores."""
    return [board for board in archive.boards if writer.takes(board)]


def load_sqlite(path: Path, archive: DemoArchive, writer: Writer, pictures: Pictures | None = None) -> None:
    """Make the SQLite file `path`."""
    drawn = render_all(archive) if pictures is None else pictures
    store_boards(path, [(board, writer) for board in boards_for(archive, writer)], drawn)


async def load_mysql(
    connect_kwargs: dict[str, Any], archive: DemoArchive, writer: Writer, pictures: Pictures | None = None
) -> None:
    """Fill a MySQL or MariaDB database; `connect_kwargs` (with `db`) go to aiomysql."""
    drawn = render_all(archive) if pictures is None else pictures
    connection = await aiomysql.connect(**{"charset": "utf8mb4", **connect_kwargs})
    try:
        async with connection.cursor() as cursor:
            for board in boards_for(archive, writer):
                for statement in create_statements("mysql", writer, board.name):
                    await cursor.execute(statement)
                for suffix, table in rows(writer, board, drawn).items():
                    insert = insert_statement("mysql", writer, board.name, suffix)
                    bound = [bind("mysql", writer, suffix, row) for row in table]
                    for start in range(0, len(bound), BATCH):
                        await cursor.executemany(insert, bound[start : start + BATCH])
        await connection.commit()
    finally:
        connection.close()


async def load_postgresql(
    connect_kwargs: dict[str, Any], archive: DemoArchive, writer: Writer, pictures: Pictures | None = None
) -> None:
    """Fill a PostgreSQL database; `connect_kwargs` (with `database`) go to asyncpg."""
    drawn = render_all(archive) if pictures is None else pictures
    connection = await asyncpg.connect(**connect_kwargs)
    try:
        async with connection.transaction():
            for board in boards_for(archive, writer):
                for statement in create_statements("postgresql", writer, board.name):
                    await connection.execute(statement)
                for suffix, table in _parents_first(rows(writer, board, drawn)).items():
                    insert = insert_statement("postgresql", writer, board.name, suffix)
                    await connection.executemany(insert, [bind("postgresql", writer, suffix, row) for row in table])
    finally:
        await connection.close()


def _parents_first(tables: dict[str, list[tuple[Any, ...]]]) -> dict[str, list[tuple[Any, ...]]]:
    """Put `_images` before the posts, whose media_id refers to it."""
    return {suffix: tables[suffix] for suffix in sorted(tables, key=lambda suffix: suffix != "_images")}
