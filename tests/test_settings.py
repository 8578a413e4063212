"""Reading the settings: what is accepted, what is refused, and in which words."""

import os
import re
import tomllib
from pathlib import Path
from typing import Any

import msgspec
import pytest

from app import errors
from app.errors import SettingsError
from app.settings import (
    RESERVED_BOARDS,
    SIDE_TABLE_SUFFIXES,
    AppSettings,
    ArchiveSettings,
    BoardSettings,
    ConfigFile,
    DbSettings,
    MediaSettings,
    PoolSettings,
    Section,
    Settings,
    SiteSettings,
)
from app.settings_file import load_settings

ROOT = Path(__file__).parent.parent
BOARDS = '[boards]\ng = "Technology"\n'


def load(folder: Path, config: str = "", boards: str = BOARDS) -> Settings:
    (folder / "config.toml").write_text(config, encoding="utf-8")
    (folder / "boards.toml").write_text(boards, encoding="utf-8")
    return load_settings({}, folder)


def problems(folder: Path, config: str = "", boards: str = BOARDS) -> list[str]:
    """The lines of the error; each must be one line."""
    with pytest.raises(SettingsError) as caught:
        load(folder, config, boards)
    assert str(caught.value).split("\n") == list(caught.value.problems)
    return list(caught.value.problems)


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
    assert settings.site == SiteSettings(name="Koiwai")
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
    ("mysql", "connect_timeout = 3", {"connect_timeout": 3.0}),
    ("mysql", 'charset = "utf8mb4"\nssl = true', {"charset": "utf8mb4", "ssl": True}),
    ("postgresql", "statement_cache_size = 0", {"statement_cache_size": 0}),
    ("postgresql", 'ssl = "verify-full"\ndirect_tls = true', {"ssl": "verify-full", "direct_tls": True}),
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
    "mysql": ("autocommit", "init_command", "cursorclass", "loop", "conv", "local_infile", "sql_mode"),
    "postgresql": ("dsn", "loop", "connection_class", "record_class"),
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


# Mistakes in config.toml

# section | line | sentence; "..." at the end of a sentence stands for any further words
MISTAKES = r"""
db.mysql | hots = "h" | unknown key "hots" (did you mean "host"?)
db.mysql | HOST = "h" | unknown key "HOST" (did you mean "host"?)
db.mysql | min_size = 1 | unknown key "min_size" (did you mean "minsize"?)
db.mysql | database = "x" | unknown key "database" (did you mean "db"?)
db.postgresql | db = "x" | unknown key "db" (did you mean "database"?)
db.postgresql | comand_timeout = 1 | unknown key "comand_timeout" (did you mean "command_timeout"?)
db.mysql | options = {} | unknown section "options"
db.mysql | xyzzy = 1 | unknown key "xyzzy"
| dbb = {} | unknown section "dbb" (did you mean "db"?)
db | postgres = {} | unknown section "postgres" (did you mean "postgresql"?)
| db_type = "sqlite" | unknown key "db_type" (did you mean [db] db_type?)
db | acquire_timeout = 1 | unknown key "acquire_timeout" (did you mean [db.pool] acquire_timeout?)
| boards = {} | unknown section "boards"
| "a\nb" = 1 | unknown key "a\u000ab"
db.mysql | port = "3306" | port must be an integer, not the text "3306"
db.mysql | port = 3306.0 | port must be an integer, not the number 3306.0
db.mysql | port = true | port must be an integer, not true
db.mysql | port = [1] | port must be an integer, not an array
db.mysql | port = {a = 1} | port must be an integer, not a table
db.mysql | port = 2024-01-01 | port must be an integer, not a date or time
db.mysql | port = 70000 | port must be from 1 to 65535, not the integer 70000
db.mysql | port = 0xfffffffffffffffff | port must be from 1 to 65535, not an integer
db.postgresql | port = 0 | port must be from 1 to 65535, not the integer 0
db.mysql | host = 1 | host must be text, not the integer 1
db.mysql | host = "" | host must not be empty
db.mysql | db = "a\u0000b" | db must not hold control characters
db.mysql | minsize = -1 | minsize must be from 0 to 10000, not the integer -1
db.mysql | maxsize = 0 | maxsize must be from 1 to 10000, not the integer 0
db.mysql | minsize = 51 | minsize must not be larger than maxsize, but 51 > 50
db.postgresql | max_size = 0 | max_size must be from 1 to 10000, not the integer 0
db.postgresql | min_size = 51 | min_size must not be larger than max_size, but 51 > 50
db | echo = 1 | echo must be true or false, not the integer 1
db | db_type = "oracle" | db_type must be "mysql", "postgresql" or "sqlite", not the text "oracle"
db | db_type = "sqlit" | db_type must be ..., not the text "sqlit" (did you mean "sqlite"?)
| db = 1 | db must be a table, not an integer
| db = [{}] | db must be a table, not an array
db.pool | acquire_timeout = 0 | acquire_timeout must be from 0.001 to 86400, not the integer 0
db.pool | acquire_timeout = -1.5 | acquire_timeout must be from 0.001 to 86400, not the number -1.5
db.pool | statement_timeout = nan | statement_timeout must be from 0.001 to 86400, not the number nan
db.pool | statement_timeout = inf | statement_timeout must be from 0.001 to 86400, not the number inf
db.pool | statement_timeout = "10s" | statement_timeout must be a number, not the text "10s"
db.sqlite | database = 1 | database must be text, not the integer 1
db.sqlite | database = "" | database must not be empty
db.postgresql | ssl = true | ssl must be text, not true
db.postgresql | server_settings = {jit = false} | server_settings must hold text only, but "jit" is false
archive | host = "https://boards.4chan.org" | host must be a bare host name such as ...
site | name = "" | name must not be empty
db.mysql | password = 70417 | password must be text, not an integer
db.mysql | password = 70417.5 | password must be text, not a number
db.mysql | pasword = "x70417" | unknown key "pasword" (did you mean "password"?)
db.mysql | host = "mysql://u:70417@h/d" | host must be only a host name or an address; ...
db | db_type = "mysql://u:70417@h/d" | db_type must be "mysql", "postgresql" or "sqlite", not text
db | mysql = "mysql://u:70417@h/d" | mysql must be a table, not text
app | url = "https://u:70417@h/d" | url must not hold a user name or password
"""


def rows(table: str) -> list[list[str]]:
    return [[cell.strip() for cell in line.split(" | ")] for line in table.replace("\n|", "\n |").split("\n")[1:-1]]


def says(line: str, start: str, sentence: str) -> bool:
    return re.fullmatch(re.escape(start + sentence).replace(r"\.\.\.", ".+"), line) is not None


@pytest.mark.parametrize(("section", "line", "sentence"), rows(MISTAKES))
def test_a_mistake_is_named_in_one_line(tmp_path: Path, section: str, line: str, sentence: str) -> None:
    (told,) = problems(tmp_path, f"[{section}]\n{line}\n" if section else line)
    assert says(told, f"config.toml: [{section}] " if section else "config.toml: ", sentence)
    assert "70417" not in told  # the password of these examples


@pytest.mark.parametrize("line", ["password = x70417", 'password = "x70417', "password = '70417"])
def test_a_syntax_error_shows_no_password(tmp_path: Path, line: str) -> None:
    (told,) = problems(tmp_path, f"[db.mysql]\n{line}\n")
    assert told.startswith("config.toml: is not valid TOML: ")
    assert "70417" not in told


BAD_URLS = [
    "example.org",
    "//example.org",
    "ftp://example.org",
    "https://",
    "https://:80",
    "https://example.org:99999",
    "https://example.org/?a=1",
    "https://example.org/#top",
    "https://exa mple.org",
    "https://λ.example.org",
    "http://[::1",
    "javascript:alert(1)",
]


@pytest.mark.parametrize("url", BAD_URLS)
def test_a_bad_address_is_refused(tmp_path: Path, url: str) -> None:
    (line,) = problems(tmp_path, f'[app]\nurl = "{url}"\n')
    assert line.startswith("config.toml: [app] url must be an absolute http or https address")


def test_all_mistakes_of_both_files_are_listed(tmp_path: Path) -> None:
    config = '[db.mysql]\nhots = "h"\nport = 0\n[site]\nname = 1\n'
    assert problems(tmp_path, config, "[boards]\napi = 'A'\ng = 3\n") == [
        'config.toml: [db.mysql] unknown key "hots" (did you mean "host"?)',
        "config.toml: [db.mysql] port must be from 1 to 65535, not the integer 0",
        "config.toml: [site] name must be text, not the integer 1",
        'boards.toml: [boards] "api" cannot be a board: this name is reserved for addresses of Koiwai itself',
        "boards.toml: [boards] g must be a title or a table, not the integer 3",
    ]


def test_a_syntax_error_names_file_and_line(tmp_path: Path) -> None:
    (line,) = problems(tmp_path, '[site]\nname = "x"\nname = "y"\n')
    assert re.fullmatch(r"config\.toml: is not valid TOML: .*line 3.*", line)
    (line,) = problems(tmp_path, "[site\n")
    assert re.fullmatch(r"config\.toml: is not valid TOML: .*line 1.*", line)


@pytest.mark.parametrize("config", ["a = " + "[" * 5000, "a = " + "9" * 5000], ids=["deep", "large"])
def test_a_file_that_the_parser_chokes_on_is_a_plain_error(tmp_path: Path, config: str) -> None:
    (line,) = problems(tmp_path, config)
    assert line == "config.toml: is not valid TOML: a value is too large or too deep"


def test_a_file_that_is_not_utf8_is_named_with_the_line(tmp_path: Path) -> None:
    load(tmp_path)
    (tmp_path / "config.toml").write_bytes('[site]\nname = "caf\xe9"\n'.encode("latin-1"))
    with pytest.raises(SettingsError) as caught:
        load_settings({}, tmp_path)
    assert str(caught.value) == "config.toml: is not UTF-8 text (line 2)"


@pytest.mark.parametrize("name", ["config.toml", "boards.toml"])
def test_an_unreadable_file_is_named_with_the_reason(tmp_path: Path, name: str) -> None:
    load(tmp_path)
    (tmp_path / name).unlink()
    (tmp_path / name).mkdir()
    with pytest.raises(SettingsError) as caught:
        load_settings({}, tmp_path)
    assert str(caught.value) == f"{tmp_path / name}: cannot be read: {os.strerror(21)}"


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


# boards.toml


def test_boards_keep_their_order_and_both_forms(tmp_path: Path) -> None:
    text = """
        [boards]
        po = "Papercraft & Origami"
        3 = "3DCG"
        "λ" = "Programming"
        G = "Not g"
        [boards.g]
        title = "Technology"
        clock = "new_york"
        clock_switch_num = 105000000
        comments = "html"
        [boards.a-b_c]
    """
    boards = load(tmp_path, boards=text).boards
    assert list(boards) == ["po", "3", "λ", "G", "g", "a-b_c"]
    assert boards["3"] == BoardSettings(title="3DCG")
    assert boards["g"] == BoardSettings(
        title="Technology", clock="new_york", clock_switch_num=105_000_000, comments="html"
    )
    assert boards["a-b_c"] == BoardSettings()


# section | line | sentence
BAD_BOARDS = r"""
boards | # none | there must be at least one board
| # no section | [boards] there must be at least one board
| boards = ["g"] | boards must be a table, not an array
boards | g = 1 | g must be a title or a table, not the integer 1
boards | "a b" = "x" | "a b" cannot be a board: a board name consists of ...
boards | "-a" = "x" | "-a" cannot be a board: a board name consists of ...
boards | "" = "x" | "" cannot be a board: a board name consists of ...
boards | "g\n" = "x" | "g\u000a" cannot be a board: a board name consists of ...
boards | "a/b" = "x" | "a/b" cannot be a board: a board name consists of ...
boards.g | titel = "x" | unknown key "titel" (did you mean "title"?)
boards.g | name = "x" | unknown key "name"
boards.g | title = 1 | title must be text, not the integer 1
boards.g | clock = "ny" | clock must be "auto", "new_york" or "utc", not the text "ny"
boards.g | comments = "auto" | comments must be "bbcode" or "html", not the text "auto"
boards.g | clock_switch_num = 0 | clock_switch_num must be from 1 to 2147483647, not the integer 0
boards.g | clock_switch_num = "5" | clock_switch_num must be an integer, not the text "5"
boards.g | clock_switch_num = 5 | clock_switch_num needs clock = "new_york" or "utc", ...
"""


@pytest.mark.parametrize(("section", "line", "sentence"), rows(BAD_BOARDS))
def test_a_mistake_in_the_boards_is_named(tmp_path: Path, section: str, line: str, sentence: str) -> None:
    (told,) = problems(tmp_path, boards=f"[{section}]\n{line}\n" if section else line)
    assert says(told, f"boards.toml: [{section}] " if section else "boards.toml: ", sentence)


@pytest.mark.parametrize("name", sorted(RESERVED_BOARDS))
def test_a_reserved_name_is_refused(tmp_path: Path, name: str) -> None:
    (line,) = problems(tmp_path, boards=f"[boards]\n{name} = 'x'\n{name}2 = 'x'\n")
    assert line == (
        f'boards.toml: [boards] "{name}" cannot be a board: this name is reserved for addresses of Koiwai itself'
    )


def test_the_reserved_names_are_the_first_segments_of_our_own_addresses() -> None:
    own = {"_", "api", "static", "media", "healthz", "readyz", "metrics", "admin"}
    assert own == RESERVED_BOARDS


@pytest.mark.parametrize("suffix", SIDE_TABLE_SUFFIXES)
def test_a_side_table_is_no_board(tmp_path: Path, suffix: str) -> None:
    (line,) = problems(tmp_path, boards=f"[boards]\ng{suffix} = 'x'\ng{suffix}x = 'x'\n")
    assert line.startswith(f'boards.toml: [boards] "g{suffix}" cannot be a board: a name that ends in {suffix} ')


def test_a_board_outside_its_section_is_pointed_to_it(tmp_path: Path) -> None:
    assert problems(tmp_path, boards="g = 'Technology'\n")[0] == (
        'boards.toml: unknown key "g" (every board stands under [boards])'
    )


def test_a_name_beyond_ascii_without_quotes_gets_a_hint(tmp_path: Path) -> None:
    hint = "; a name with letters beyond a-z must stand in quotes"
    for text in ("[boards]\nλ = 'Lambda'\n", "[boards.λ]\n"):
        (line,) = problems(tmp_path, boards=text)
        assert line.endswith(hint)
    (line,) = problems(tmp_path, boards='[boards]\ng = "λ\n')
    assert not line.endswith(hint)


# Where the files are


def test_both_files_can_be_named_by_the_environment(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    (tmp_path / "a" / "k.toml").write_text('[site]\nname = "A"\n')
    (tmp_path / "b" / "list.toml").write_text('[boards]\nck = "Cooking"\n')
    environ = {"KOIWAI_CONFIG": str(tmp_path / "a" / "k.toml"), "KOIWAI_BOARDS": "b/list.toml"}
    settings = load_settings(environ, tmp_path)
    assert settings.site.name == "A"
    assert list(settings.boards) == ["ck"]


def test_messages_name_the_file_as_it_is_called(tmp_path: Path) -> None:
    (tmp_path / "k.toml").write_text("[sites]\n")
    (tmp_path / "boards.toml").write_text(BOARDS)
    with pytest.raises(SettingsError) as caught:
        load_settings({"KOIWAI_CONFIG": "k.toml"}, tmp_path)
    assert str(caught.value) == 'k.toml: unknown section "sites" (did you mean "site"?)'


def test_empty_variables_count_as_unset(tmp_path: Path) -> None:
    load(tmp_path)
    assert list(load_settings({"KOIWAI_CONFIG": "", "KOIWAI_BOARDS": ""}, tmp_path).boards) == ["g"]


@pytest.mark.parametrize("variable", ["KOIWAI_CONFIG", "KOIWAI_BOARDS"])
def test_a_file_named_by_the_environment_must_exist(tmp_path: Path, variable: str) -> None:
    (tmp_path / "var").mkdir()
    (tmp_path / "var" / "archive.db").touch()
    expected = re.escape(f"{tmp_path / 'gone.toml'}: there is no such file, but {variable} names it")
    with pytest.raises(SettingsError, match=f"^{expected}$"):
        load_settings({variable: "gone.toml"}, tmp_path)
    load(tmp_path)
    with pytest.raises(SettingsError, match=f"^{expected}$"):
        load_settings({variable: "gone.toml"}, tmp_path)


def test_without_boards_the_error_names_the_example(tmp_path: Path) -> None:
    (tmp_path / "config.toml").touch()
    with pytest.raises(SettingsError, match=r"boards\.toml: there is no such file; boards\.toml\.example"):
        load_settings({}, tmp_path)


def test_an_empty_folder_names_the_two_ways_on(tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as caught:
        load_settings({}, tmp_path)
    (line,) = caught.value.problems
    assert "`koiwai demo`" in line
    assert "config.toml.example" in line


def test_the_archive_in_the_state_folder_is_served_without_settings(tmp_path: Path) -> None:
    (tmp_path / "var").mkdir()
    (tmp_path / "var" / "archive.db").touch()
    settings = load_settings({}, tmp_path)
    assert settings.db.db_type == "sqlite"
    assert settings.db.sqlite.database == tmp_path / "var" / "archive.db"
    assert settings.app.state == tmp_path / "var"
    assert settings.media.root == tmp_path / "var" / "media"
    assert (settings.boards, settings.discover_boards) == ({}, True)


@pytest.mark.parametrize(
    ("place", "environ"),
    [("boards.toml", {}), ("var/boards.toml", {}), ("b.toml", {"KOIWAI_BOARDS": "b.toml"})],
)
def test_its_boards_file_is_used_where_there_is_one(tmp_path: Path, place: str, environ: dict[str, str]) -> None:
    (tmp_path / "var").mkdir()
    (tmp_path / "var" / "archive.db").touch()
    (tmp_path / place).write_text(BOARDS)
    settings = load_settings(environ, tmp_path)
    assert (list(settings.boards), settings.discover_boards) == (["g"], False)
    (tmp_path / place).write_text("[boards]\n")
    with pytest.raises(SettingsError, match="at least one board"):
        load_settings(environ, tmp_path)


def test_a_config_file_wins_over_the_archive_in_the_state_folder(tmp_path: Path) -> None:
    (tmp_path / "var").mkdir()
    (tmp_path / "var" / "archive.db").touch()
    settings = load(tmp_path)
    assert (settings.db.db_type, settings.discover_boards) == ("mysql", False)


# The examples


def uncommented(name: str) -> dict[str, Any]:
    """An example file with the settings that are commented out (`#key = ...`) switched on."""
    text = (ROOT / name).read_text(encoding="utf-8")
    return tomllib.loads(re.sub(r"(?m)^#(?=\w+ = )", "", text))


def defaults(section: Section) -> dict[str, Any]:
    """A section as a TOML file would spell it."""
    spelled: dict[str, Any] = {}
    for name in section.__struct_fields__:
        value = getattr(section, name)
        if isinstance(value, Section):
            spelled[name] = defaults(value)
        elif name != "options":
            spelled[name] = str(value) if isinstance(value, Path) else value
    return spelled


def test_the_example_of_the_settings_holds_every_key_with_its_default() -> None:
    assert uncommented("config.toml.example") == defaults(ConfigFile())


def test_the_example_names_every_further_argument_of_the_drivers() -> None:
    text = (ROOT / "config.toml.example").read_text(encoding="utf-8")
    db = DbSettings()
    for section in (db.mysql, db.postgresql, db.sqlite):
        name = type(section).__name__.removesuffix("Settings").lower()
        comment = text.split(f"[db.{name}]")[1].split("\n[")[0].split("Also understood")[1]
        named = set(re.findall(r"[a-z_]+", comment))
        assert set(section.accepted_options) <= named
        assert not named & set(section.refused_options)


def test_the_example_of_the_boards_holds_every_key_with_its_default() -> None:
    tables = uncommented("boards.toml.example")
    assert list(tables) == ["boards"]
    forms = list(tables["boards"].values())
    assert [type(form) for form in forms] == [str, dict]
    without_default = {"title", "clock_switch_num"}
    shown = defaults(BoardSettings())
    assert set(forms[1]) == set(shown)
    assert {k: v for k, v in forms[1].items() if k not in without_default} == {
        k: v for k, v in shown.items() if k not in without_default
    }


def test_the_examples_work_as_they_are(tmp_path: Path) -> None:
    config, boards = (
        (ROOT / name).read_text(encoding="utf-8") for name in ("config.toml.example", "boards.toml.example")
    )
    settings = load(tmp_path, config, boards)
    assert list(settings.boards) == ["g", "po"]
    same_boards = '[boards]\ng = "Technology"\npo = "Papercraft & Origami"\n'
    assert settings == load(tmp_path, "", same_boards)


def test_settings_cannot_be_changed_or_misspelt(tmp_path: Path) -> None:
    settings = load(tmp_path)
    with pytest.raises(AttributeError):
        settings.site.name = "x"  # type: ignore[misc]
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"nmae": "x"}, SiteSettings)


# The errors


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (errors.KoiwaiError, 500),
        (errors.Internal, 500),
        (errors.NotFound, 404),
        (errors.BadRequest, 400),
        (errors.Unavailable, 503),
    ],
)
def test_an_error_has_a_status_and_a_sentence(error: type[errors.KoiwaiError], status: int) -> None:
    assert error.status == status
    assert re.fullmatch(r"[A-Z].+\.", error().message)
    assert str(error()) == error().message
    assert str(error("No such thread.")) == error("No such thread.").message == "No such thread."


def test_unavailable_knows_when_to_try_again() -> None:
    assert errors.Unavailable().retry_after is None
    assert errors.Unavailable("Busy.", retry_after=5).retry_after == 5
