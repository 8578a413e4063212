"""Which indexes count: those that can find rows and give them in order, and that the server may use."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.db import database_for
from app.db.schema import read_schema
from tests.support.databases import Place, fresh_place

USABLE = {
    "mysql": (
        "CREATE INDEX i ON a (num)",
        "CREATE INDEX i ON a (num DESC)",
        "CREATE UNIQUE INDEX i ON a (num, subnum)",
    ),
    "postgresql": (
        "CREATE INDEX i ON a (num)",
        "CREATE INDEX i ON a (num DESC)",
        "CREATE UNIQUE INDEX i ON a (num, subnum) INCLUDE (title)",
    ),
}
USELESS = {
    "mysql": (
        "CREATE INDEX i ON a (num) IGNORED",
        "CREATE FULLTEXT INDEX i ON a (title)",
        "CREATE SPATIAL INDEX i ON a (place)",
        "CREATE TABLE b (num int, thread_num int, INDEX (num) USING HASH) ENGINE = MEMORY",
    ),
    "postgresql": (
        "CREATE INDEX i ON a USING brin (num)",
        "CREATE INDEX i ON a USING hash (num)",
        "CREATE INDEX i ON a USING gin (to_tsvector('simple', title))",
        "CREATE INDEX i ON a (num DESC NULLS LAST)",
        "CREATE INDEX i ON a (num NULLS FIRST)",
        "CREATE INDEX i ON a (num) WHERE num > 5",
    ),
}
TABLES = {
    "mysql": "CREATE TABLE a (num int, subnum int, thread_num int, title varchar(50), place point NOT NULL)",
    "postgresql": "CREATE TABLE a (num int, subnum int, thread_num int, title text)",
}


@pytest.fixture(params=["mysql", "postgresql"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    with fresh_place(request.param, request, tmp_path) as place:
        yield place


async def found(place: Place) -> set[tuple[str, ...]]:
    """The indexes of all tables."""
    database = database_for(place.settings())
    await database.open()
    try:
        tables = (await read_schema(database)).tables
        return {index for table in tables.values() for index in table.indexes}
    finally:
        await database.close()


async def test_only_indexes_that_help_are_counted(place: Place) -> None:
    place.execute(TABLES[place.kind])
    for statement in USELESS[place.kind]:
        place.execute(statement)
        assert await found(place) == set(), statement
        place.execute(
            "DROP TABLE b" if " TABLE " in statement else f"DROP INDEX i{' ON a' if place.column == 1 else ''}"
        )
    for statement in USABLE[place.kind]:
        place.execute(statement)
        assert await found(place) == {("num", "subnum") if "subnum" in statement else ("num",)}, statement
        place.execute(f"DROP INDEX i{' ON a' if place.column == 1 else ''}")
