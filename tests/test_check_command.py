"""The command `koiwai check`: what it prints, how it ends, and that docs/check.md explains every finding."""

import ast
import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from app.check import BoardReport, Finding, Report
from app.check.tables import COLUMNS, IMAGE_COLUMNS, INDEXES, THREAD_COLUMNS
from app.check.words import WIDTH, in_words
from app.cli import main
from app.commands.check import plan_for
from app.db.columns import POST_COLUMNS
from app.demo.tables import create_statements
from app.demo.writers import WRITERS
from app.settings.file import load_all
from tests.support.databases import fresh_place

REPOSITORY = Path(__file__).resolve().parents[1]
DOCS = (REPOSITORY / "docs" / "check.md").read_text("utf-8")


@pytest.fixture
def folder(tmp_path: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with settings, an archive of two boards without secondary indexes, and no fault."""
    with fresh_place("sqlite", request, tmp_path) as place:
        for board in ("g", "ck"):
            place.execute(*create_statements("sqlite", WRITERS["oldasagi"], board))
    (tmp_path / "config.toml").write_text(
        '[db]\ndb_type = "sqlite"\n[db.sqlite]\ndatabase = "archive.db"\n[media]\nenabled = false\n'
    )
    (tmp_path / "boards.toml").write_text('[boards]\ng = "Technology"\nck = "Cooking"\n')
    monkeypatch.chdir(tmp_path)
    return tmp_path


def ask(*arguments: str) -> Result:
    result = CliRunner().invoke(main, ["check", *arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def test_a_report_in_words(folder: Path) -> None:
    result = ask()
    assert result.exit_code == 0, result.output
    assert "config.toml (3 keys)" in result.stdout and "boards.toml" in result.stdout
    assert re.search(r"^note +index-media-hash  /g/ /ck/$", result.stdout, re.MULTILINE)
    assert re.search(r"^0 faults, [0-9]+ warnings?, [0-9]+ notes", result.stdout, re.MULTILINE)
    assert "\x1b" not in result.stdout
    assert max(map(len, result.stdout.splitlines())) <= WIDTH + len(str(folder))


def test_colours_on_a_terminal_only(folder: Path) -> None:
    assert "\x1b[36m" in CliRunner().invoke(main, ["check"], color=True).output


def test_a_report_as_json(folder: Path) -> None:
    result = ask("--json")
    report = json.loads(result.stdout)
    assert result.exit_code == 0
    assert {"version", "sources", "boards_file", "database", "boards", "findings"} == set(report)
    assert report["sources"]["db.sqlite.database"] == "config.toml"
    assert [board["name"] for board in report["boards"]] == ["g", "ck"]
    assert all(f"`{name}`" in DOCS for name in (*report, *report["database"], *report["boards"][0]))
    assert all(f"`{name}`" in DOCS for name in (*report["boards"][0]["conventions"], *report["findings"][0]))


def test_one_board(folder: Path) -> None:
    boards = json.loads(ask("--json", "--board", "ck").stdout)["boards"]
    assert [board["name"] for board in boards] == ["ck"]
    result = ask("--board", "nothere")
    assert result.exit_code == 1 and "board-missing  /nothere/" in result.stdout


def test_complaints_about_settings_are_faults(folder: Path) -> None:
    (folder / "config.toml").write_text('[db]\ndb_type = "sqlight"\n[db.mysql]\nport = "x"\n')
    result = ask()
    assert result.exit_code == 1
    assert result.stdout.count("fault    settings") == 2 and "did you mean" in " ".join(result.stdout.split())
    result = ask("--json")
    assert result.exit_code == 1
    assert [finding["code"] for finding in json.loads(result.stdout)["findings"]] == ["settings", "settings"]


def test_complaints_about_the_server_do_not_keep_it_from_looking(folder: Path) -> None:
    (folder / "hypercorn.toml").write_text("worker = 3\n")
    report = json.loads(ask("--json").stdout)
    (fault,) = [finding for finding in report["findings"] if finding["level"] == "fault"]
    assert fault["code"] == "settings" and "hypercorn.toml" in fault["text"] and len(report["boards"]) == 2


def test_workers_are_those_of_hypercorn_toml(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "hypercorn.toml").write_text("workers = 3\n")
    loaded = load_all({}, folder)
    assert plan_for(loaded).workers == 3 and plan_for(loaded, None, 5).workers == 5


def test_a_fault_ends_with_status_1(folder: Path) -> None:
    (folder / "archive.db").unlink()
    result = ask()
    assert result.exit_code == 1 and "1 fault," in result.stdout
    result = ask("--fix-sql")
    assert result.exit_code == 1 and result.stdout == "" and "archive.db" in result.stderr


def test_statements_go_to_standard_output_alone(folder: Path) -> None:
    result = ask("--fix-sql")
    assert result.exit_code == 0 and result.stderr == ""
    assert all(line.startswith(("-- ", "CREATE INDEX ")) for line in result.stdout.splitlines())
    assert 'CREATE INDEX "koiwai_g_media_hash" ON "g" ("media_hash");' in result.stdout


def test_progress_is_told_when_it_takes_long(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert ask("--json").stderr == ""
    monkeypatch.setattr("app.commands.check._PATIENCE", 0.0)
    result = ask("--json")
    assert result.stderr == "Looking at /g/ (1 of 2) ...\nLooking at /ck/ (2 of 2) ...\n"
    assert json.loads(result.stdout)


def test_many_boards_and_long_names_fit_the_terminal() -> None:
    names = [*(f"board{number}" for number in range(70)), "averylongboardname", "λ"]
    report = Report(
        boards=[BoardReport(name=name, listed=True, posts=123_456_789) for name in names],
        findings=[
            Finding(code="board-empty", level="warning", text="The board has no posts. " * 5, board=name)
            for name in names
        ],
    )
    lines = list(in_words(report, lambda word, level: word))
    assert all(len(line) <= WIDTH for line in lines)
    assert sum("board-empty" in line for line in lines) == 1 and any("and 66 more" in line for line in lines)


def codes() -> set[str]:
    """Every code that a finding can have: those of the tables, and those written out in calls."""
    found = {index.code for index in INDEXES}
    for start, columns in (("column", COLUMNS), ("column-threads", THREAD_COLUMNS), ("column-images", IMAGE_COLUMNS)):
        found |= {f"{start}-{column.replace('_', '-')}" for column in columns}
    for file in (REPOSITORY / "app" / "check").glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if not isinstance(node, ast.Call) or not isinstance(node.func, (ast.Attribute, ast.Name)):
                continue
            name = node.func.attr if isinstance(node.func, ast.Attribute) else node.func.id
            place = {"ok": 0, "note": 0, "warning": 0, "fault": 0, "add": 1}.get(name)
            candidates = [keyword.value for keyword in node.keywords if keyword.arg == "code"]
            if place is not None and len(node.args) > place:
                candidates.append(node.args[place])
            found |= {c.value for c in candidates if isinstance(c, ast.Constant) and isinstance(c.value, str)}
    return found | {"media-images", "media-thumbnails"}


def test_every_code_is_explained() -> None:
    assert len(codes()) > 60
    explained = set(re.findall(r"^\| `([a-z-]+)`", DOCS.split("## Every code")[1], re.MULTILINE))
    assert explained == codes()


def test_every_column_that_is_read_has_a_cost() -> None:
    assert {name for name, _ in POST_COLUMNS} - {"num", "thread_num"} == set(COLUMNS)
