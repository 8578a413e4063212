"""`koiwai check --fix-sql`: what it prints makes what is missing, and nothing is printed when nothing is missing."""

import asyncio
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from app.check import Plan, fixes, run
from app.db.base import Dialect
from app.db.check_queries import create_index
from app.db.mysql import MysqlDialect
from app.db.postgresql import PostgresqlDialect
from app.db.schema import Table
from app.demo.tables import DialectName, create_statements
from app.demo.writers import WRITERS
from app.settings import AppSettings, BoardSettings, MediaSettings, Settings
from tests.support.databases import Place, fresh_place

BOARDS = ("g", "3", "λ", 'we"ird', "a`b")
"""The last two cannot be boards of ours; their tables are there all the same."""


@pytest.fixture
def place(database_kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    with fresh_place(database_kind, request, tmp_path) as place:
        yield place


def settings_of(place: Place, folder: Path, boards: Sequence[str]) -> Settings:
    return Settings(
        db=place.settings(),
        boards={name: BoardSettings() for name in boards},
        app=AppSettings(state=folder),
        media=MediaSettings(enabled=False),
    )


def printed(settings: Settings, plan: Plan | None = None) -> list[str]:
    lines, findings = asyncio.run(fixes(settings, plan))
    assert findings == []
    return lines


def complaints(settings: Settings) -> set[str]:
    found = asyncio.run(run(settings)).findings
    return {finding.code for finding in found if finding.code.startswith("index-")}


def make(place: Place, board: str, *, indexes: bool) -> None:
    kind: DialectName = place.kind  # type: ignore[assignment]
    for statement in create_statements(kind, WRITERS["ritual"], board):
        if indexes or statement.startswith("CREATE TABLE"):
            place.execute(statement)


def test_what_is_printed_mends_what_is_missing(place: Place, tmp_path: Path) -> None:
    for board in BOARDS:
        make(place, board, indexes=False)
    settings = settings_of(place, tmp_path, BOARDS)
    assert {"index-num", "index-thread", "index-media-hash", "index-threads-bump"} <= complaints(settings)

    lines = printed(settings)
    assert lines == printed(settings)
    assert [line.startswith("-- ") for line in lines] == [True, False] * (len(lines) // 2)
    assert printed(settings, Plan(only="g")) == [line for line in lines if "_g_" in line or line.startswith("-- g")]
    online = {"sqlite": "CREATE INDEX", "mysql": "ALGORITHM=INPLACE LOCK=NONE;", "postgresql": "INDEX CONCURRENTLY"}
    assert all(online[place.kind] in line for line in lines[1::2])

    for line in lines[1::2]:
        place.execute(line)
    assert complaints(settings) == set()
    assert printed(settings) == []


def test_nothing_is_printed_when_nothing_is_missing(place: Place, tmp_path: Path) -> None:
    make(place, "g", indexes=True)
    settings = settings_of(place, tmp_path, ["g"])
    left = [line for line in printed(settings) if line.startswith("CREATE")]
    # Asagi's tables in PostgreSQL have no index on (thread_num, num, subnum).
    assert len(left) == (1 if place.kind == "postgresql" else 0)


def test_views_and_absent_columns_get_no_index(place: Place, tmp_path: Path) -> None:
    place.create("ck", {"doc_id": "serial", "num": "int", "thread_num": "int"})
    place.execute(f"CREATE VIEW po AS SELECT num, thread_num FROM {place.quote('ck')}")
    lines = printed(settings_of(place, tmp_path, ["ck", "po"]))
    assert [line.partition(": ")[0] for line in lines[::2]] == ["-- ck", "-- ck"]
    assert not any("subnum" in line or "media_hash" in line for line in lines)


@pytest.mark.parametrize(
    ("dialect", "storage", "expected"),
    [
        (MysqlDialect(), "InnoDB", "ALGORITHM=INPLACE LOCK=NONE;"),
        (MysqlDialect(), "MyISAM", "(`media_hash`(191));"),
        (PostgresqlDialect(), "r", "CREATE INDEX CONCURRENTLY"),
        (PostgresqlDialect(), "p", 'CREATE INDEX "koiwai'),
    ],
)
def test_how_an_index_is_made(dialect: Dialect, storage: str, expected: str) -> None:
    """Only InnoDB makes indexes while others write; a partitioned table has no concurrent way; text needs a length."""
    table = Table("g", frozenset({"media_hash"}), (), True)
    assert expected in create_index(dialect, table, ["media_hash"], storage, {"media_hash": 65_535})


def test_names_of_indexes_fit() -> None:
    table = Table("λ" * 60, frozenset({"thread_num"}), (), True)
    name = create_index(PostgresqlDialect(), table, ["thread_num", "num"], "r", {}).split('"')[1]
    assert len(name.encode()) <= 63 and name.endswith("λ_thread_num_num")


def test_long_text_columns_on_mysql(mysql_server: object, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    with fresh_place("mysql", request, tmp_path) as place:
        place.create("g", {"doc_id": "serial", "num": "int", "thread_num": "int", "media_hash": "text"})
        settings = settings_of(place, tmp_path, ["g"])
        for line in printed(settings)[1::2]:
            place.execute(line)
        assert complaints(settings) == set()
