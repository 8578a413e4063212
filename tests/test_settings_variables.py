"""Settings in variables: which source goes first, what a value means, and mistakes in them."""

from pathlib import Path
from typing import Any

import pytest
from msgspec import inspect

from app.errors import SettingsError
from app.settings.file import load_all, load_settings
from app.settings.keys import Key, config_keys
from app.settings.toml import toml_value
from app.settings.values import bare
from tests.support.settings_files import BOARDS, load_over, problems_over, rows, says

PORT = "KOIWAI_DB__MYSQL__PORT"
PASSWORD = "KOIWAI_DB__MYSQL__PASSWORD"


# Which source goes first


def test_each_source_goes_before_the_one_below_it(tmp_path: Path) -> None:
    ports = []
    for config, dotenv, environ in (
        ("", None, {}),
        ("[db.mysql]\nport = 1\n", None, {}),
        ("[db.mysql]\nport = 1\n", f"{PORT}=2\n", {}),
        ("[db.mysql]\nport = 1\n", f"{PORT}=2\nDATABASE_URL=mysql://h:3/\n", {}),
        ("[db.mysql]\nport = 1\n", f"{PORT}=2\nDATABASE_URL=mysql://h:3/\n", {PORT: "4"}),
        ("[db.mysql]\nport = 1\n", f"{PORT}=2\n", {PORT: "4", "KOIWAI_DB__URL": "mysql://h:5/"}),
        (
            "[db]\nurl = 'mysql://h:1/'\n",
            f"{PORT}=2\n",
            {PORT: "4", "KOIWAI_DB__URL": "mysql://:5", "DATABASE_URL": "mysql://:6"},
        ),
    ):
        ports.append(load_over(tmp_path, environ, config, dotenv).settings.db.mysql.port)
    assert ports == [3306, 1, 2, 3, 4, 5, 6]


def test_sources_mix_key_by_key_and_are_known_afterwards(tmp_path: Path) -> None:
    loaded = load_over(
        tmp_path,
        {"KOIWAI_DB__MYSQL__HOST": "c", "DATABASE_URL": "mysql://u@/"},
        "[db.mysql]\nhost = 'a'\nport = 1\n[site]\nname = 'x'\n",
        "KOIWAI_DB__MYSQL__DB=b\nKOIWAI_DB__MYSQL__HOST=b\nOTHER=x\n",
    )
    mysql = loaded.settings.db.mysql
    assert (mysql.host, mysql.port, mysql.db, mysql.user) == ("c", 1, "b", "u")
    assert loaded.origins["db", "mysql", "host"] == "environment: KOIWAI_DB__MYSQL__HOST"
    assert loaded.origins["db", "mysql", "db"] == ".env: KOIWAI_DB__MYSQL__DB"
    assert loaded.origins["db", "mysql", "port"] == loaded.origins["site", "name"] == "config.toml"
    assert loaded.origins["db", "mysql", "user"] == "DATABASE_URL"
    assert ("db", "mysql", "maxsize") not in loaded.origins
    files = (loaded.config_file, loaded.dotenv_file, loaded.boards_file)
    assert files == tuple(tmp_path / name for name in ("config.toml", ".env", "boards.toml"))


UNUSUAL = {
    "url": "https://archive.example.org/a",
    "root_path": "/a",
    "contact": "a@example.org",
    "banner": "b.png",
    "indexes": "{board}",
    "password": "",  # because of passfile
}
AS_THEY_ARE = ("board_url", "thread_url", "post_url", "accel_location", "image_url", "thumb_url")


def another(key: Key) -> Any:
    """A value for a key that is not its default."""
    kind = bare(key.kind)
    if key.name in UNUSUAL:
        return UNUSUAL[key.name]
    if isinstance(kind, inspect.BoolType):
        return not key.default
    if isinstance(kind, inspect.IntType):
        return (kind.ge or 0) + 1
    if isinstance(kind, inspect.FloatType):
        return 2.5
    if isinstance(kind, inspect.LiteralType):
        return kind.values[-1]
    return key.default if key.name in AS_THEY_ARE else "x"


def test_every_key_of_the_file_has_a_variable_that_does_the_same(tmp_path: Path) -> None:
    excepted = {("db", "url"), ("db", "postgresql", "server_settings")}
    values = {place: another(key) for place, key in config_keys().items() if place not in excepted}
    config = "".join(f"{'.'.join(place)} = {toml_value(value)}\n" for place, value in values.items())
    texts = {place: value if isinstance(value, str) else toml_value(value) for place, value in values.items()}
    environ = {config_keys()[place].variable: text for place, text in texts.items()}
    from_file = load_over(tmp_path, {}, config).settings
    assert load_over(tmp_path, environ).settings == from_file
    dotenv = "".join(f"{name}='{value}'\n" for name, value in environ.items())
    assert load_over(tmp_path, {}, "", dotenv).settings == from_file


def test_capitals_do_not_matter_behind_the_prefix(tmp_path: Path) -> None:
    assert load_over(tmp_path, {"KOIWAI_db__Mysql__port": "3"}).settings.db.mysql.port == 3
    (line,) = problems_over(tmp_path, {"KOIWAI_db__mysql__port": "3", PORT: "3"})
    assert line == f"environment: KOIWAI_db__mysql__port and {PORT} are the same variable"
    assert load_over(tmp_path, {"koiwai_db__mysql__port": "x"}).settings.db.mysql.port == 3306


@pytest.mark.parametrize("word", ["true", "TRUE", "yes", "on", "1"])
def test_true_has_several_words(tmp_path: Path, word: str) -> None:
    assert load_over(tmp_path, {"KOIWAI_DB__ECHO": word}).settings.db.echo is True


@pytest.mark.parametrize("word", ["false", "No", "off", "0"])
def test_so_has_false(tmp_path: Path, word: str) -> None:
    assert load_over(tmp_path, {"KOIWAI_DB__ECHO": word}, "[db]\necho = true\n").settings.db.echo is False


def test_an_empty_variable_is_an_empty_text_or_none(tmp_path: Path) -> None:
    config = '[site]\nnotice = "x"\nbanner = "b.png"\n[db.mysql]\npassword = "x"\n'
    environ = {
        "KOIWAI_SITE__NOTICE": "",
        "KOIWAI_SITE__BANNER": "",
        PASSWORD: "",
        "DATABASE_URL": "",
        "DATABASE_URL_FILE": "",
    }
    settings = load_over(tmp_path, environ, config).settings
    assert (settings.site.notice, settings.site.banner, settings.db.mysql.password) == ("", None, "")


def test_paths_start_where_the_variable_stands(tmp_path: Path) -> None:
    etc = tmp_path / "etc"
    etc.mkdir()
    (etc / "config.toml").touch()
    (etc / "boards.toml").write_text(BOARDS)
    (etc / ".env").write_text("KOIWAI_APP__STATE=state\nKOIWAI_DB__URL=sqlite:///b.db\n")
    environ = {"KOIWAI_CONFIG": "etc/config.toml", "KOIWAI_MEDIA__ROOT": "media"}
    settings = load_settings(environ, tmp_path)
    assert settings.app.state == etc / "state"
    assert settings.db.sqlite.database == etc / "b.db"
    assert settings.media.root == tmp_path / "media"
    settings = load_settings({**environ, "DATABASE_URL": "sqlite:///c.db"}, tmp_path)
    assert settings.db.sqlite.database == tmp_path / "c.db"


# Mistakes

# variables | sentence
MISTAKES = r"""
KOIWAI_DB__MYSQL__PORT=x | KOIWAI_DB__MYSQL__PORT must be an integer, not the text "x"
KOIWAI_DB__MYSQL__PORT= | KOIWAI_DB__MYSQL__PORT must be an integer, not the text ""
KOIWAI_DB__MYSQL__PORT=1_0 | KOIWAI_DB__MYSQL__PORT must be an integer, not the text "1_0"
KOIWAI_DB__MYSQL__PORT=70000 | KOIWAI_DB__MYSQL__PORT must be from 1 to 65535, not the integer 70000
KOIWAI_DB__POOL__ACQUIRE_TIMEOUT=nan | KOIWAI_DB__POOL__ACQUIRE_TIMEOUT must be a number, not the text "nan"
KOIWAI_DB__POOL__ACQUIRE_TIMEOUT=1e9 | KOIWAI_DB__POOL__ACQUIRE_TIMEOUT must be from 0.001 to 86400, not ...
KOIWAI_DB__ECHO=maybe | KOIWAI_DB__ECHO must be true or false, not the text "maybe"
KOIWAI_DB__ECHO= | KOIWAI_DB__ECHO must be true or false, not the text ""
KOIWAI_SITE__NAME= | KOIWAI_SITE__NAME must not be empty
KOIWAI_MEDIA__ROOT= | KOIWAI_MEDIA__ROOT must not be empty
KOIWAI_LOG__LEVEL=debig | KOIWAI_LOG__LEVEL must be ..., not the text "debig" (did you mean "debug"?)
KOIWAI_DB__MYSQL__PASWORD=hunter2 | unknown variable "..." (did you mean "KOIWAI_DB__MYSQL__PASSWORD"?)
KOIWAI_DB_MYSQL_PORT=3 | unknown variable "KOIWAI_DB_MYSQL_PORT" (did you mean "KOIWAI_DB__MYSQL__PORT"?)
KOIWAI_BOARD=3 | unknown variable "KOIWAI_BOARD" (did you mean "KOIWAI_BOARDS"?)
KOIWAI_XYZZY=hunter2 | unknown variable "KOIWAI_XYZZY"
KOIWAI_DB__MYSQL__SSL=1 | KOIWAI_DB__MYSQL__SSL cannot be set: write sslmode
KOIWAI_DB__POSTGRESQL__SERVER_SETTINGS=x | KOIWAI_DB__POSTGRESQL__SERVER_SETTINGS cannot be set here: it is a table, ...
KOIWAI_DB__MYSQL__HOST_FILE=x | KOIWAI_DB__MYSQL__HOST_FILE cannot be set: only passwords and URLs are read from files
KOIWAI_DB__URL=mysql:// KOIWAI_DB__URL_FILE=b | KOIWAI_DB__URL and KOIWAI_DB__URL_FILE are both set
DATABASE_URL=mysql:///a DATABASE_URL_FILE=b | DATABASE_URL and DATABASE_URL_FILE are both set
KOIWAI_DB__MYSQL__MINSIZE=51 | KOIWAI_DB__MYSQL__MINSIZE must not be larger than maxsize, but 51 > 50
KOIWAI_DB__MYSQL__SSLKEY=k | KOIWAI_DB__MYSQL__SSLKEY: sslcert and sslkey must be set together
"""


@pytest.mark.parametrize(("variables", "sentence"), rows(MISTAKES))
def test_a_mistake_is_named_with_its_variable(tmp_path: Path, variables: str, sentence: str) -> None:
    environ = dict(pair.split("=", 1) for pair in variables.split(" "))
    (line,) = problems_over(tmp_path, environ)
    assert says(line, "environment: ", sentence)
    assert "hunter2" not in line


def test_what_is_no_text_is_refused(tmp_path: Path) -> None:
    assert problems_over(tmp_path, {PASSWORD: "a\udcff"}) == [f"environment: {PASSWORD} is not UTF-8 text"]


def test_a_combination_is_complained_about_where_its_key_was_set(tmp_path: Path) -> None:
    config = "[db.mysql]\nminsize = 9\n"
    (line,) = problems_over(tmp_path, {"KOIWAI_DB__MYSQL__MAXSIZE": "8"}, config)
    assert line == "config.toml: [db.mysql] minsize must not be larger than maxsize, but 9 > 8"
    (line,) = problems_over(tmp_path, {"DATABASE_URL": "mysql:///?min_size=9"}, "[db.mysql]\nmaxsize = 8\n")
    assert line == "DATABASE_URL: min_size must not be larger than maxsize, but 9 > 8"


# Without config.toml


def test_variables_alone_are_enough(tmp_path: Path) -> None:
    loaded = load_all({"DATABASE_URL": "sqlite:///a.db"}, tmp_path)
    assert (loaded.settings.discover_boards, loaded.config_file, loaded.boards_file) == (True, None, None)
    (tmp_path / "boards.toml").write_text(BOARDS)
    settings = load_settings({"KOIWAI_DB__DB_TYPE": "postgresql"}, tmp_path)
    assert (settings.db.db_type, list(settings.boards)) == ("postgresql", ["g"])
    (tmp_path / ".env").write_text("DATABASE_URL=sqlite:///b.db")
    assert load_settings({}, tmp_path).db.sqlite.database == tmp_path / "b.db"


def test_variables_that_name_no_database_go_over_the_archive_in_the_state_folder(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="DATABASE_URL"):
        load_settings({"KOIWAI_SITE__NAME": "Here"}, tmp_path)
    (tmp_path / "var").mkdir()
    (tmp_path / "var" / "archive.db").touch()
    settings = load_settings({"KOIWAI_SITE__NAME": "Here"}, tmp_path)
    assert (settings.site.name, settings.db.db_type, settings.app.state) == (
        "Here",
        "sqlite",
        tmp_path / "var" / "state",
    )
    assert load_settings({"DATABASE_URL": "mysql:///"}, tmp_path).db.db_type == "mysql"


def test_boards_are_discovered_where_variables_name_the_database(tmp_path: Path) -> None:
    """Whatever else a config.toml says; without them a missing boards.toml is a mistake."""
    for variables in ({"DATABASE_URL": "mysql:///"}, {"KOIWAI_DB__DB_TYPE": "postgresql"}):
        settings = load_over(tmp_path, variables, '[site]\nname = "Here"\n', boards=None).settings
        assert settings.discover_boards and settings.site.name == "Here"
    for variables in ({}, {"KOIWAI_DB__MYSQL__PASSWORD": "hunter2"}):
        with pytest.raises(SettingsError, match=r"boards\.toml: there is no such file"):
            load_over(tmp_path, variables, "", boards=None)
    with pytest.raises(SettingsError, match="KOIWAI_BOARDS names it"):
        load_over(tmp_path, {"DATABASE_URL": "mysql:///", "KOIWAI_BOARDS": "other.toml"}, "", boards=None)


# Warnings


def test_a_readable_secret_is_worth_a_warning(tmp_path: Path) -> None:
    load_over(tmp_path, {}, "[db]\nurl = 'mysql://u:hunter2@h/d'\n", f"{PASSWORD}=hunter2\n")
    for name in ("config.toml", ".env"):
        (tmp_path / name).chmod(0o644)
    first, second = load_all({}, tmp_path).warnings
    assert str(tmp_path / "config.toml") in first and "chmod o-r .env" in second
    for name in ("config.toml", ".env"):
        (tmp_path / name).chmod(0o640)
    assert load_all({}, tmp_path).warnings == ()


def test_what_has_no_effect_is_worth_a_warning(tmp_path: Path) -> None:
    environ = {"KOIWAI_DB__SQLITE__DATABASE": "x.db", "KOIWAI_DB__SLOW_STATEMENT": "10", "KOIWAI_APP__STATE": "media/x"}
    unused, slow, state = load_over(tmp_path, environ).warnings
    assert unused == 'environment: KOIWAI_DB__SQLITE__DATABASE has no effect, because the db_type is "mysql"'
    assert "slow_statement" in slow and "[app] state" in state
