"""No command, message, repr or log line shows a password, wherever it was set and whatever else is wrong."""

import logging
import os
import subprocess
import sys
from pathlib import Path

import pytest

from app.errors import SettingsError
from app.settings.file import load_all
from app.settings.show import as_table, as_toml
from tests.support.settings_files import BOARDS

ROOT = Path(__file__).parent.parent
SECRET = "hunter2"

# config.toml | .env | environment: each holds the password, some are wrong besides
PLACES = [
    ("[db.mysql]\npassword = 'hunter2'\n", "", {}),
    ("[db]\nurl = 'mysql://u:hunter2@h/d'\n", "", {}),
    ("[db.postgresql.server_settings]\n'my.key' = 'hunter2'\n", "", {}),
    ("", "KOIWAI_DB__POSTGRESQL__PASSWORD=hunter2", {}),
    ("", "DATABASE_URL=postgres://u:hunter2@h/d", {}),
    ("", "", {"KOIWAI_DB__MYSQL__PASSWORD": "hunter2"}),
    ("", "", {"KOIWAI_DB__URL": "mariadb://u:hunter2@h/d?minsize=99"}),
    ("", "", {"DATABASE_URL": "postgres://u:hunter2@h/d?sslmode=never"}),
    ("", "", {"DATABASE_URL": "postgres://u:hunter2@h:port/d"}),
    ("", "", {"DATABASE_URL": "u:hunter2@h/d"}),
    ("", "", {"DATABASE_URL_FILE": "secret"}),
    ("", "", {"KOIWAI_DB__MYSQL__PASSWORD_FILE": "secret", "KOIWAI_DB__MYSQL__PORT": "x"}),
    ("", "", {"DATABASE_URL_FILE": "mysql://u:hunter2@h/d"}),
    ("", "", {"KOIWAI_DB__MYSQL__PASWORD": "hunter2"}),
    ("[db.mysql]\npasword = 'hunter2'\n", "KOIWAI_DB__MYSQL__PASSWORD='hunter2", {}),
    ("[db.mysql]\npassword = hunter2\n", "", {}),
    ("[db]\nmysql = 'mysql://u:hunter2@h/d'\n", "", {}),
    ("[db]\ndb_type = 'mysql://u:hunter2@h/d'\n", "", {}),
    ("[db.mysql]\nhost = 'u:hunter2@h'\n", "", {}),
    ("[db.mysql]\npassword = ['hunter2']\n", "", {}),
]


def prepare(folder: Path, config: str, dotenv: str) -> None:
    for name, text in (("config.toml", config), (".env", dotenv), ("boards.toml", BOARDS), ("secret", f"{SECRET}\n")):
        (folder / name).write_text(text)


@pytest.mark.parametrize(("config", "dotenv", "environ"), PLACES)
def test_no_words_about_the_settings_hold_a_password(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, config: str, dotenv: str, environ: dict[str, str]
) -> None:
    caplog.set_level(logging.DEBUG)
    prepare(tmp_path, config, dotenv)
    try:
        loaded = load_all(environ, tmp_path)
    except SettingsError as error:
        said = [str(error), repr(error), *error.problems]
        cause: BaseException | None = error.__cause__
        while cause is not None:  # what a trace would show
            said.append(repr(cause))
            cause = cause.__cause__
    else:
        said = [repr(loaded), str(loaded), repr(loaded.settings.db), as_toml(loaded), repr(as_table(loaded))]
        assert any("***" in text for text in said)
    for text in (*said, caplog.text):
        assert SECRET not in text


@pytest.mark.parametrize(
    ("held", "password"),
    [
        ("hunter2", "hunter2"),
        ("hunter2\n", "hunter2"),
        ("hunter2\r\n", "hunter2"),
        ("hunter2\n\n", "hunter2\n"),
        (" hunter 2\t\n", " hunter 2\t"),
    ],
)
def test_of_a_file_only_the_final_line_end_is_not_the_secret(tmp_path: Path, held: str, password: str) -> None:
    prepare(tmp_path, "", "")
    (tmp_path / "secret").write_bytes(held.encode())
    loaded = load_all({"KOIWAI_DB__MYSQL__PASSWORD_FILE": "secret"}, tmp_path)
    assert loaded.settings.db.mysql.password == password


@pytest.mark.parametrize("place", [0, 7])
@pytest.mark.parametrize("command", [("config",), ("config", "--json"), ("serve", "--port", "1")])
def test_no_command_prints_one(tmp_path: Path, place: int, command: tuple[str, ...]) -> None:
    """Settings that work, with an archive that is not there, and settings that do not."""
    config, dotenv, environ = PLACES[place]
    prepare(tmp_path, f"[db]\ndb_type = 'sqlite'\n[log]\nlevel = 'debug'\n{config}" if place == 0 else config, dotenv)
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("KOIWAI_", "DATABASE_URL", "PORT"))
    }
    run = subprocess.run(
        [sys.executable, "-m", "app", *command],
        cwd=tmp_path,
        env={**kept, **environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert run.stdout or run.stderr
    assert (run.returncode == 0) == (place == 0 and command[0] == "config")
    assert SECRET not in run.stdout + run.stderr
    assert "Traceback" not in run.stderr
