"""A look into a database that may be an archive: does it let us in, and which boards does it hold?"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

import msgspec
from msgspec import Struct

from app.db import database_for
from app.db.base import CannotOpen, Database, SchemaChanged, StatementRefused
from app.db.schema import read_schema
from app.db.server_queries import DATABASES, STARTING_POINTS
from app.errors import Unavailable
from app.settings import RESERVED_BOARDS, DbSettings

NO_BOARDS: Final = "It can be read, but holds no board: no table has the columns num and thread_num."


class CannotLook(Exception):
    """The database lets nobody in, or is not there. One line, for the operator."""


class Seen(Struct, frozen=True):
    """Boards of a database by name, each with about how many posts it has (None: nobody knows)."""

    boards: dict[str, int | None]


async def look(db: DbSettings) -> Seen:
    """The boards that `db` leads to. Raises CannotLook."""
    async with _opened(db) as database:
        schema = await read_schema(database)
        boards: dict[str, int | None] = {}
        for name in schema.boards():
            if name not in RESERVED_BOARDS:
                boards[name] = await _estimate(database, name)
        return Seen(boards)


async def _estimate(database: Database, board: str) -> int | None:
    try:
        row = await database.fetch_one(database.dialect.estimate(board))
    except (SchemaChanged, StatementRefused):  # tables without row numbers cannot be estimated
        return None
    # PostgreSQL says -1 of a table that it has not analysed yet.
    return int(row[0]) if row and row[0] is not None and row[0] >= 0 else None


async def databases_beside(db: DbSettings) -> list[str]:
    """Names of the databases with boards on the server that `db` leads to, whatever database `db` names.

    Raises CannotLook when not even the server's own database can be opened.
    """
    async with _opened(with_database(db, STARTING_POINTS[db.db_type])) as database:
        names = [str(name) for (name,) in await database.fetch(DATABASES[db.db_type])]
    return [name for name in names if await _holds_boards(with_database(db, name))]


def with_database(db: DbSettings, name: str) -> DbSettings:
    """The same server with another database."""
    if db.db_type == "mysql":
        return msgspec.structs.replace(db, mysql=msgspec.structs.replace(db.mysql, db=name))
    return msgspec.structs.replace(db, postgresql=msgspec.structs.replace(db.postgresql, database=name))


async def _holds_boards(db: DbSettings) -> bool:
    try:
        return bool((await look(db)).boards)
    except CannotLook:
        return False


@asynccontextmanager
async def _opened(db: DbSettings) -> AsyncIterator[Database]:
    database = database_for(_modest(db))
    try:
        await database.open()
        yield database
    except (CannotOpen, Unavailable) as error:
        raise CannotLook(str(error)) from error
    finally:
        await database.close()


def _modest(db: DbSettings) -> DbSettings:
    """One connection is enough for a look."""
    few: dict[str, Any] = {
        "mysql": msgspec.structs.replace(db.mysql, minsize=0, maxsize=1),
        "postgresql": msgspec.structs.replace(db.postgresql, min_size=0, max_size=1),
    }
    return msgspec.structs.replace(db, **few)
