"""`koiwai check` and the database server: refused, away, lost, too small, writable; nothing secret is said."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from app.check import Plan, Report, run
from app.check.report import Notes
from app.check.server import for_a_check, look_at_server
from app.db.facts import ServerFacts
from app.settings import (
    AppSettings,
    BoardSettings,
    DbSettings,
    MediaSettings,
    MysqlSettings,
    PostgresqlSettings,
    Settings,
)
from tests.support.daemon import free_port
from tests.support.databases import Place, fresh_place

SECRET = "hunter2-is-no-password"


@pytest.fixture
def place(database_kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    with fresh_place(database_kind, request, tmp_path) as place:
        place.create("g", {"doc_id": "serial", "num": "int", "thread_num": "int"})
        yield place


def settings_of(db: DbSettings, folder: Path, *boards: str) -> Settings:
    return Settings(
        db=db,
        boards={board: BoardSettings() for board in boards or ("g",)},
        app=AppSettings(state=folder),
        media=MediaSettings(enabled=False),
    )


def checked(settings: Settings, plan: Plan | None = None) -> Report:
    report = asyncio.run(run(settings, plan))
    assert SECRET not in msgspec.json.encode(report).decode()
    return report


def faults(report: Report) -> list[tuple[str, str]]:
    return [(finding.code, finding.text) for finding in report.findings if finding.level == "fault"]


def test_a_wrong_password(place: Place, tmp_path: Path) -> None:
    if place.kind == "sqlite":
        db = place.settings(database=tmp_path / "nowhere.db")
        expected = "nowhere.db"
    else:
        db = place.settings(password=SECRET)
        expected = str(place.table["port"])
    report = checked(settings_of(db, tmp_path))
    ((code, text),) = faults(report)
    assert code == "database-refused" and expected in text and report.database is None


@pytest.mark.parametrize("kind", ["mysql", "postgresql"])
def test_no_server(kind: str, tmp_path: Path) -> None:
    port = free_port()
    db = DbSettings(
        db_type=kind,  # type: ignore[arg-type]
        mysql=MysqlSettings(port=port, password=SECRET),
        postgresql=PostgresqlSettings(port=port, host="127.0.0.1", password=SECRET),
    )
    ((code, text),) = faults(checked(settings_of(db, tmp_path)))
    assert code == "database-away" and f"127.0.0.1:{port}" in text


def test_a_database_that_goes_away(request: pytest.FixtureRequest, tmp_path: Path) -> None:
    with fresh_place("sqlite", request, tmp_path) as place:
        for board in ("g", "ck"):
            place.create(board, {"doc_id": "serial", "num": "int", "thread_num": "int"})
        file = place.file
        assert file is not None
        size = file.stat().st_size
        plan = Plan(progress=lambda board, number, of: file.write_bytes(bytes(size)) and None)
        report = checked(settings_of(place.settings(), tmp_path, "g", "ck"), plan)
        assert [code for code, _ in faults(report)] == ["database-lost"]


async def test_what_the_user_may_do(place: Place, tmp_path: Path) -> None:
    if place.kind == "sqlite":
        pytest.skip("a file has no users")
    assert place.server is not None
    reader = f"reader_{place.name[-6:]}"
    if place.kind == "mysql":
        name = f"'{reader}'@'%'"
        place.execute(f"CREATE USER {name} IDENTIFIED BY '{SECRET}'", f"GRANT SELECT ON `{place.name}`.* TO {name}")
    else:
        place.execute(f"CREATE ROLE {reader} LOGIN PASSWORD '{SECRET}'", f"GRANT SELECT ON g TO {reader}")
    try:
        own = await run(settings_of(place.settings(), tmp_path))
        reading = await run(settings_of(place.settings(user=reader, password=SECRET), tmp_path))
        place.create("ck", {"doc_id": "serial", "num": "int", "thread_num": "int"})
        hidden = await run(settings_of(place.settings(user=reader, password=SECRET), tmp_path, "g", "ck"))
    finally:
        place.execute(
            *(
                [f"DROP OWNED BY {reader}", f"DROP ROLE {reader}"]
                if place.kind == "postgresql"
                else [f"DROP USER {name}"]
            )
        )
    assert "database-writable" in {finding.code for finding in own.findings}
    assert "database-writable" not in {finding.code for finding in reading.findings}
    assert own.database is not None and own.database.may_write is True
    assert SECRET not in msgspec.json.encode(reading).decode()
    if place.kind == "postgresql":  # MariaDB's rights are those on the whole database here
        ((code, text),) = faults(hidden)
        assert code == "board-missing" and "the right SELECT" in text


def test_a_check_takes_few_connections() -> None:
    """Not as many as the pool of a worker keeps open."""
    many = DbSettings(
        mysql=MysqlSettings(minsize=20, maxsize=90), postgresql=PostgresqlSettings(min_size=20, max_size=90)
    )
    few = for_a_check(many)
    assert (few.mysql.minsize, few.mysql.maxsize) == (few.postgresql.min_size, few.postgresql.max_size) == (1, 2)


def test_a_pooler(pgbouncer_server: object, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    with fresh_place("pgbouncer", request, tmp_path) as place:
        place.create("g", {"doc_id": "serial", "num": "int", "thread_num": "int"})
        report = checked(settings_of(place.settings(), tmp_path))
        assert report.database is not None and report.database.pooler
        assert "pooler" in {finding.code for finding in report.findings}


FACTS = ServerFacts(product="MariaDB", version="10.11.6", max_connections=151, connections=20, tls="")


@pytest.mark.parametrize(
    ("workers", "facts", "code"),
    [
        (1, FACTS, "pool"),
        (3, FACTS, "pool-tight"),  # 150 fit only if the 20 of now are our own
        (4, FACTS, "pool-too-large"),
        (1, msgspec.structs.replace(FACTS, user_limit=40), "pool-too-large"),
        (9, msgspec.structs.replace(FACTS, max_connections=None), None),
    ],
)
def test_whether_connections_fit(workers: int, facts: ServerFacts, code: str | None) -> None:
    report = Report()
    database = look_at_server(DbSettings(), facts, workers, Notes(report.findings))
    assert database.connections_wanted == workers * 50
    found = {finding.code for finding in report.findings if finding.code.startswith("pool")}
    assert found == ({code} if code else set())


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        (MysqlSettings(host="db.example.org"), True),
        (MysqlSettings(host="192.0.2.7"), True),
        (MysqlSettings(host="localhost"), False),
        (MysqlSettings(host="127.0.0.1"), False),
        (MysqlSettings(host="db.example.org", unix_socket="/run/mysqld.sock"), False),
    ],
)
def test_plain_text_to_another_machine(settings: MysqlSettings, expected: bool) -> None:
    report = Report()
    look_at_server(DbSettings(mysql=settings), FACTS, 1, Notes(report.findings))
    assert ("tls-off" in {finding.code for finding in report.findings}) == expected
