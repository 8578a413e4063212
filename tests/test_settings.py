"""Reading the settings: what is accepted, where it is looked for, and what the examples say."""

import re
from pathlib import Path
from typing import Any

import msgspec
import pytest

from app.settings import (
    AppSettings,
    ArchiveSettings,
    BoardSettings,
    MediaSettings,
    PoolSettings,
    SiteSettings,
)
from app.settings.file import load_settings
from tests.support.settings_files import BOARDS, load, problems

ROOT = Path(__file__).parent.parent


# Defaults and good values


def test_an_empty_config_file_gives_the_defaults_with_absolute_paths(tmp_path: Path) -> None:
    settings = load(tmp_path)
    mysql, postgresql = settings.db.mysql, settings.db.postgresql
    assert (mysql.host, mysql.port, mysql.unix_socket, mysql.db) == ("127.0.0.1", 3306, "", "asagi")
    assert (mysql.user, mysql.password, mysql.minsize, mysql.maxsize) == ("asagi", "asagi", 1, 50)
    assert (postgresql.host, postgresql.port, postgresql.database) == ("localhost", 5432, "asagi")
    assert (postgresql.user, postgresql.password) == ("asagi", "asagi")
    assert (postgresql.min_size, postgresql.max_size) == (1, 50)
    assert (settings.db.db_type, settings.db.echo) == ("mysql", False)
    assert settings.db.pool == PoolSettings(acquire_timeout=5.0, statement_timeout=10.0)
    assert settings.db.sqlite.database == tmp_path / "archive.db"
    assert settings.app == AppSettings(url="", validate_boards_db=True, state=tmp_path / "var")
    assert settings.media == MediaSettings(enabled=True, root=tmp_path / "media")
    assert settings.archive == ArchiveSettings(name="4chan", host="boards.4chan.org")
    assert settings.site == SiteSettings(name="Koiwai", banner=None)
    assert mysql.sslmode == postgresql.sslmode == "prefer"
    assert (mysql.sslrootcert, mysql.connect_timeout, mysql.application_name) == (None, 10.0, "koiwai")
    assert settings.boards == {"g": BoardSettings(title="Technology", clock="auto", comments="bbcode")}
    assert settings.boards["g"].clock_switch_num is None
    assert settings.discover_boards is False


GOOD_VALUES = [
    ("db", 'db_type = "postgresql"', "db.db_type", "postgresql"),
    ("db", "echo = true", "db.echo", True),
    ("db.mysql", "port = 65535", "db.mysql.port", 65535),
    ("db.mysql", "minsize = 0", "db.mysql.minsize", 0),
    ("db.mysql", 'unix_socket = "/run/mysqld.sock"', "db.mysql.unix_socket", "/run/mysqld.sock"),
    ("db.mysql", 'password = ""', "db.mysql.password", ""),
    ("db.mysql", 'host = "::1"', "db.mysql.host", "::1"),
    ("db.postgresql", 'host = "/run/postgresql"', "db.postgresql.host", "/run/postgresql"),
    ("db.pool", "acquire_timeout = 2", "db.pool.acquire_timeout", 2.0),
    ("db.pool", "statement_timeout = 0.25", "db.pool.statement_timeout", 0.25),
    ("app", 'url = "https://archive.example.org/"', "app.url", "https://archive.example.org"),
    ("app", 'url = "HTTP://Example.org:8080/a/B//"', "app.url", "http://example.org:8080/a/B"),
    ("app", 'url = "http://[::1]:9001"', "app.url", "http://[::1]:9001"),
    ("archive", 'host = "Boards.Example.org:8080"', "archive.host", "boards.example.org:8080"),
    ("site", 'name = "よつばと\\u00a0👩‍🚀"', "site.name", "よつばと\u00a0👩‍🚀"),
    ("media", "enabled = false", "media.enabled", False),
    ("db.mysql", "connect_timeout = 3", "db.mysql.connect_timeout", 3.0),
    ("app", 'root_path = "/archive/"', "app.root_path", "/archive"),
]


@pytest.mark.parametrize(("section", "line", "path", "expected"), GOOD_VALUES, ids=[row[1] for row in GOOD_VALUES])
def test_a_good_value_is_taken(tmp_path: Path, section: str, line: str, path: str, expected: Any) -> None:
    value: Any = load(tmp_path, f"[{section}]\n{line}\n")
    for name in path.split("."):
        value = getattr(value, name)
    assert value == expected
    assert type(value) is type(expected)


def test_paths_start_at_the_folder_of_the_config_file(tmp_path: Path) -> None:
    folder = tmp_path / "etc"
    folder.mkdir()
    config = '[db.sqlite]\ndatabase = "data/a.db"\n[app]\nstate = "/srv/state"\n[media]\nroot = "../media"\n'
    (folder / "my.toml").write_text(config)
    (folder / "boards.toml").write_text(BOARDS)
    settings = load_settings({"KOIWAI_CONFIG": "etc/my.toml"}, tmp_path)
    assert settings.db.sqlite.database == folder / "data" / "a.db"
    assert settings.app.state == Path("/srv/state")
    assert settings.media.root == folder / ".." / "media"


def test_paths_are_absolute_even_from_a_relative_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    load(tmp_path)
    monkeypatch.chdir(tmp_path)
    assert load_settings({}, Path()).media.root == tmp_path / "media"


def test_a_byte_order_mark_and_windows_line_ends_are_no_mistake(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_bytes(b'\xef\xbb\xbf[site]\r\nname = "Here"\r\n')
    (tmp_path / "boards.toml").write_text(BOARDS)
    assert load_settings({}, tmp_path).site.name == "Here"


# Further arguments of the drivers

GOOD_OPTIONS = [
    ("mysql", 'charset = "utf8mb4"\nauth_plugin = ""', {"charset": "utf8mb4", "auth_plugin": ""}),
    ("postgresql", "statement_cache_size = 0", {"statement_cache_size": 0}),
    ("postgresql", 'sslmode = "require"\ndirect_tls = true', {"direct_tls": True}),
    (
        "postgresql",
        'server_settings = {search_path = "asagi", jit = "off"}',
        {"server_settings": {"search_path": "asagi", "jit": "off"}},
    ),
    ("sqlite", "timeout = 0.5\ncached_statements = 64", {"timeout": 0.5, "cached_statements": 64}),
]


@pytest.mark.parametrize(("backend", "lines", "expected"), GOOD_OPTIONS)
def test_further_arguments_of_a_driver_become_its_options(
    tmp_path: Path, backend: str, lines: str, expected: dict[str, Any]
) -> None:
    db = load(tmp_path, f"[db.{backend}]\n{lines}\n").db
    by_backend = {"mysql": db.mysql.options, "postgresql": db.postgresql.options, "sqlite": db.sqlite.options}
    assert by_backend.pop(backend) == expected
    assert list(by_backend.values()) == [{}, {}]


REFUSED_OPTIONS = {
    "mysql": ("autocommit", "init_command", "cursorclass", "loop", "conv", "local_infile", "sql_mode", "ssl"),
    "postgresql": ("dsn", "loop", "connection_class", "record_class", "ssl", "timeout"),
    "sqlite": ("uri", "isolation_level", "check_same_thread", "detect_types"),
}


@pytest.mark.parametrize(("backend", "key"), [(name, key) for name, keys in REFUSED_OPTIONS.items() for key in keys])
def test_an_argument_that_is_not_the_operators_is_refused_with_a_reason(tmp_path: Path, backend: str, key: str) -> None:
    (line,) = problems(tmp_path, f"[db.{backend}]\n{key} = 'postgresql://u:hunter2@h/d'\n")
    assert re.fullmatch(rf"config\.toml: \[db\.{backend}\] {key} cannot be set: .{{10,}}", line)
    assert "hunter2" not in line


@pytest.mark.parametrize("key", ["default_transaction_read_only", "Statement_Timeout", "options"])
def test_server_settings_cannot_undo_what_koiwai_sets(tmp_path: Path, key: str) -> None:
    (line,) = problems(tmp_path, f"[db.postgresql]\nserver_settings = {{{key} = 'off'}}\n")
    assert line.startswith(f"config.toml: [db.postgresql] server_settings must not set {key.lower()}: ")


# Secrets


@pytest.mark.parametrize("backend", ["mysql", "postgresql"])
def test_a_password_is_in_no_repr(tmp_path: Path, backend: str) -> None:
    settings = load(tmp_path, f'[db.{backend}]\npassword = "hunter2"\n')
    section: Any = getattr(settings.db, backend)
    assert section.password == "hunter2"
    for text in (repr(settings), str(settings), repr(settings.db), f"{section}"):
        assert "hunter2" not in text
        assert "password=***" in text
        assert "minsize=1" in text or "min_size=1" in text  # all else is shown


def test_settings_cannot_be_changed_or_misspelt(tmp_path: Path) -> None:
    settings = load(tmp_path)
    with pytest.raises(AttributeError):
        settings.site.name = "x"  # type: ignore[misc]
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"nmae": "x"}, SiteSettings)
