"""`koiwai config`: what holds in the end, and where it comes from."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from app.commands.config import config
from app.settings.file import load_all
from app.settings.show import as_toml
from tests.support.settings_files import load, load_over

SETTINGS = """
[db]
db_type = "postgresql"
[db.postgresql]
password = "hunter2"
passfile = "a"
sslmode = "verify-full"
sslrootcert = "ca.pem"
server_settings = {jit = "off"}
[site]
name = "A \\"name\\" and よ"
banner = "b.png"
[media]
root = "m"
"""
BOARDS = '[boards]\ng = "Technology"\n[boards.po]\ntitle = "P"\nnsfw = true\nclock = "utc"\nclock_switch_num = 7\n'
BOARDS += '[boards."λ"]\n'


def run(folder: Path, monkeypatch: pytest.MonkeyPatch, *arguments: str, **variables: str) -> Result:
    monkeypatch.chdir(folder)
    return CliRunner().invoke(config, arguments, env=variables)


def test_the_output_is_two_files_that_mean_the_same_again(tmp_path: Path) -> None:
    text = SETTINGS.replace('passfile = "a"\n', "")
    here, elsewhere = tmp_path / "a", tmp_path / "b"
    here.mkdir()
    elsewhere.mkdir()
    settings = load(here, text, BOARDS)
    first, second = as_toml(load_all({}, here)).split("\n# boards.toml\n")
    assert "hunter2" not in first
    filled = first.replace('password = "***"', 'password = "hunter2"').replace('jit = "***"', 'jit = "off"')
    again = load(elsewhere, filled, second)
    assert again.boards == settings.boards
    assert list(again.boards) == ["g", "po", "λ"]
    for name in ("db", "app", "log", "media", "archive", "site"):
        one, other = getattr(again, name), getattr(settings, name)
        if name == "db":  # the sections of the databases that are not used are left out, and with them their paths
            assert (one.postgresql, one.pool, one.db_type) == (other.postgresql, other.pool, other.db_type)
        else:
            assert one == other


def test_each_value_that_is_not_the_default_tells_its_source(tmp_path: Path) -> None:
    loaded = load_over(
        tmp_path,
        {"KOIWAI_DB__MYSQL__PORT": "3307", "KOIWAI_DB__MYSQL__MAXSIZE": "50", "DATABASE_URL": "mysql://u:p@h"},
        '[site]\nname = "Here"\n[db.mysql]\ncharset = "utf8"\n',
        "KOIWAI_APP__TRUSTED_HOPS=1\n",
    )
    lines = as_toml(loaded).split("\n")
    assert 'name = "Here"  # config.toml' in lines
    assert 'charset = "utf8"  # config.toml' in lines
    assert "trusted_hops = 1  # .env: KOIWAI_APP__TRUSTED_HOPS" in lines
    assert "port = 3307  # environment: KOIWAI_DB__MYSQL__PORT" in lines
    assert 'host = "h"  # DATABASE_URL' in lines
    assert 'password = "***"  # DATABASE_URL' in lines
    assert "maxsize = 50" in lines  # set, but to what it is anyway
    assert "minsize = 1" in lines
    assert "[db.sqlite]" not in lines


def test_an_empty_password_is_shown_as_such(tmp_path: Path) -> None:
    assert 'password = ""  # DATABASE_URL' in as_toml(load_over(tmp_path, {"DATABASE_URL": "mysql://u@h"}))


def test_the_command_prints_both_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    load(tmp_path, '[site]\nname = "Here"\n', BOARDS)
    result = run(tmp_path, monkeypatch, KOIWAI_DB__SQLITE__DATABASE="x.db")
    assert result.exit_code == 0
    assert result.stdout == as_toml(load_all({"KOIWAI_DB__SQLITE__DATABASE": "x.db"}, tmp_path))
    assert result.stderr.startswith("Warning: environment: KOIWAI_DB__SQLITE__DATABASE has no effect")


def test_json_for_programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    load(tmp_path, SETTINGS.replace('passfile = "a"\n', ""), BOARDS)
    result = run(tmp_path, monkeypatch, "--json", KOIWAI_APP__TRUSTED_HOPS="1")
    table: dict[str, Any] = json.loads(result.stdout)
    assert result.exit_code == 0
    assert table["config"]["db"]["postgresql"]["password"] == "***"
    assert table["config"]["db"]["postgresql"]["server_settings"] == {"jit": "***"}
    assert table["config"]["media"]["root"] == str(tmp_path / "m")
    assert table["config"]["db"]["mysql"]["sslcert"] is None
    assert table["boards"]["po"]["clock_switch_num"] == 7
    assert table["discover_boards"] is False
    assert table["origins"]["app.trusted_hops"] == "environment: KOIWAI_APP__TRUSTED_HOPS"
    assert table["files"]["config.toml"] == str(tmp_path / "config.toml")
    assert table["files"][".env"] is None


@pytest.mark.parametrize("arguments", [(), ("--json",)])
def test_what_is_wrong_is_printed_with_status_1(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...]
) -> None:
    (tmp_path / "config.toml").write_text(SETTINGS)
    (tmp_path / "boards.toml").write_text(BOARDS)
    result = run(tmp_path, monkeypatch, *arguments, KOIWAI_DB__ECHO="x")
    assert result.exit_code == 1
    problem = 'environment: KOIWAI_DB__ECHO must be true or false, not the text "x"'
    if arguments:
        assert json.loads(result.stdout) == {"problems": [problem]}
    else:
        assert (result.stdout, result.stderr) == ("", f"Error: {problem}\n")


def test_boards_found_in_the_database_are_not_listed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    result = run(tmp_path, monkeypatch, DATABASE_URL="sqlite:///a.db")
    assert result.stdout.endswith("# There is none: every board found in the database is served.\n")
    table = json.loads(run(tmp_path, monkeypatch, "--json", DATABASE_URL="sqlite:///a.db").stdout)
    assert (table["boards"], table["discover_boards"]) == ({}, True)
