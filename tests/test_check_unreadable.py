"""`koiwai check` on what cannot be served: unreadable views, columns of other types, names that are no boards'."""

import asyncio
import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from app.check import Finding, Plan, fixes, run
from app.cli import main
from app.settings import AppSettings, BoardSettings, MediaSettings, Settings
from tests.support.broken_views import broken_views
from tests.support.databases import Place, fresh_place

ODD_NAMES = ("with space", "q'uo", "%s", "-a")


@pytest.fixture
def place(database_kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    with fresh_place(database_kind, request, tmp_path) as place:
        yield place


def settings(place: Place, *names: str) -> Settings:
    return Settings(
        db=place.settings(),
        app=AppSettings(state=Path("/tmp")),
        boards={name: BoardSettings(clock="utc") for name in names},
        media=MediaSettings(enabled=False),
        discover_boards=not names,
    )


def findings(given: Settings, plan: Plan | None = None) -> dict[tuple[str | None, str], Finding]:
    return {(finding.board, finding.code): finding for finding in asyncio.run(run(given, plan)).findings}


def test_what_cannot_be_read_is_a_fault(
    place: Place, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    # Our own log is not what must not be there, and may have been set up by another test.
    monkeypatch.setattr(logging.getLogger("koiwai"), "handlers", [])
    with broken_views(place) as broken:
        listed = findings(settings(place, "t", *broken))
        found = findings(settings(place))
    by_type = {"json", "texts"}  # of which a row can be read, but not the wanted one
    for name, said in broken.items():
        fault = listed[name, "column-type" if name in by_type else "board-unreadable"]
        assert fault.level == "fault" and (name in by_type or said in fault.text), fault
        assert (name, "statement-failed") not in listed or name in by_type
    assert not [code for board, code in listed if board == "t" and code in ("board-unreadable", "column-type")]
    if "stale" in broken:
        assert found[None, "view-broken"].level == "note" and "stale (" in found[None, "view-broken"].text
    assert capfd.readouterr().err == ""


def test_numbers_of_another_type(place: Place) -> None:
    """PostgreSQL compares only what is alike; the others compare texts with numbers, slowly and in another order."""
    columns = {"num": "int", "thread_num": "short", "subnum": "int", "timestamp": "text", "comment": "text"}
    place.create("g", {"doc_id": "serial", **columns})
    place.create("g_threads", {"thread_num": "int", "time_bump": "short"})
    found = findings(settings(place, "g"))["g", "column-type"]
    assert found.level == ("fault" if place.kind == "postgresql" else "warning")
    all_of_them = [f for f in asyncio.run(run(settings(place, "g"))).findings if f.code == "column-type"]
    said = " ".join(finding.text for finding in all_of_them)
    assert "thread_num (" in said and "timestamp (text)" in said.lower() and "time_bump (" in said
    assert " num (" not in said and "subnum" not in said and "comment" not in said


def test_tables_whose_names_are_no_boards(place: Place) -> None:
    for name in ("g", *ODD_NAMES):
        place.create(name, {"num": "int", "thread_num": "int"})
    note = findings(settings(place, "g"))[None, "board-name"]
    assert note.level == "note" and all(name in note.text for name in ODD_NAMES)
    assert "g," not in note.text
    for name in (*ODD_NAMES, "nothere", "api"):
        plan = Plan(only=name)
        unknown = findings(settings(place), plan)[name, "board-missing"]
        assert unknown.level == "fault" and f"There is no board /{name}/" in unknown.text
        lines, told = asyncio.run(fixes(settings(place), plan))
        assert lines == [] and [finding.level for finding in told] == ["fault"]
    assert asyncio.run(fixes(settings(place), Plan(only="g")))[1] == []


def test_no_index_is_wanted_where_none_can_be_made(place: Place) -> None:
    place.create("g", {"doc_id": "serial", "num": "int", "thread_num": "int", "subnum": "int", "media_hash": "short"})
    place.execute("ALTER TABLE g DROP COLUMN media_hash", "ALTER TABLE g ADD COLUMN media_hash json")
    place.execute("ALTER TABLE g DROP COLUMN subnum", "ALTER TABLE g ADD COLUMN subnum json")
    lines, told = asyncio.run(fixes(settings(place, "g")))
    statements = [line for line in lines if line.startswith("CREATE")]
    assert told == [] and any("thread_num" in statement for statement in statements)
    for statement in statements:
        place.execute(statement)
    assert any("media_hash" in statement for statement in statements) == (place.kind != "postgresql")


@pytest.fixture
def ask(tmp_path: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[object]:
    with fresh_place("sqlite", request, tmp_path) as place:
        place.create("g", {"num": "int", "thread_num": "int"})
        place.create("with space", {"num": "int", "thread_num": "int"})
    (tmp_path / "config.toml").write_text('[db]\ndb_type = "sqlite"\n[db.sqlite]\ndatabase = "archive.db"\n')
    (tmp_path / "boards.toml").write_text('[boards]\ng = "Technology"\n')
    monkeypatch.chdir(tmp_path)
    yield lambda *arguments: CliRunner().invoke(main, ["check", *arguments])


def test_the_status_of_an_unknown_board(ask: object) -> None:
    for board in ("with space", "nothere"):
        result: Result = ask("--board", board)  # type: ignore[operator]
        assert result.exit_code == 1 and "board-missing" in result.stdout
        result = ask("--fix-sql", "--board", board)  # type: ignore[operator]
        assert result.exit_code == 1 and result.stdout == "" and f"There is no board /{board}/" in result.stderr


def test_a_media_folder_that_is_not_there_is_no_fault(ask: object) -> None:
    result: Result = ask("--json")  # type: ignore[operator]
    report = json.loads(result.stdout)
    levels = {finding["code"]: finding["level"] for finding in report["findings"]}
    assert levels["media-folder"] == "warning" and result.exit_code == 0
