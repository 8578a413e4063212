"""DATABASE_URL and `[db] url`: what each form means, and what is said of the rest without repeating any of it."""

from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import SettingsError
from app.settings import DbSettings
from app.settings.file import load_settings
from tests.support.settings_files import load_over, problems, problems_over, rows, says

NOWHERE = Path("/srv/koiwai")  # no such folder: the environment alone counts


def read(url: str) -> DbSettings:
    return load_settings({"DATABASE_URL": url}, NOWHERE).db


def used(db: DbSettings) -> dict[str, Any]:
    """The keys of the section in use, options beside the others."""
    section: Any = getattr(db, db.db_type)
    values = {name: getattr(section, name) for name in section.__struct_fields__}
    return {**values, **values.pop("options")}


MYSQL = {"host": "h", "db": "d", "user": "u", "password": "p"}
POSTGRESQL = {"host": "h", "database": "d", "user": "u", "password": "p"}
# URL | db_type | what it sets
FORMS: list[tuple[str, str, dict[str, Any]]] = [
    ("sqlite:///a/b.db", "sqlite", {"database": NOWHERE / "a/b.db"}),
    ("sqlite+aiosqlite:////a/b%20c.db", "sqlite", {"database": Path("/a/b c.db")}),
    ("sqlite:///a.db?timeout=0.5&cached_statements=9", "sqlite", {"timeout": 0.5, "cached_statements": 9}),
    ("mysql://u:p@h/d", "mysql", {**MYSQL, "port": 3306}),
    ("mariadb://u:p@h:3307/d", "mysql", {**MYSQL, "port": 3307}),
    ("MySQL+aiomysql://u:p@h/d", "mysql", MYSQL),
    ("mariadb+aiomysql://u:p@h/d", "mysql", MYSQL),
    ("postgresql://u:p@h/d", "postgresql", {**POSTGRESQL, "port": 5432}),
    ("postgres://u:p@h:1/d", "postgresql", {**POSTGRESQL, "port": 1}),
    ("postgresql+asyncpg://u:p@h/d", "postgresql", POSTGRESQL),
    ("postgres+asyncpg://u:p@h/d", "postgresql", POSTGRESQL),
    ("mysql://u%3A:p%40%2f:%25@h/d%C3%A9", "mysql", {"user": "u:", "password": "p@/:%", "db": "dé"}),
    ("mysql://u:a@b:c@h/d", "mysql", {"user": "u", "password": "a@b:c", "host": "h"}),
    ("postgresql://[::1]:5433/d", "postgresql", {"host": "::1", "port": 5433}),
    ("mysql://[fe80::1%25eth0]/d", "mysql", {"host": "fe80::1%eth0"}),
    ("postgresql:///d?host=/run/postgresql&port=6432", "postgresql", {"host": "/run/postgresql", "port": 6432}),
    ("postgresql://u@%2Frun%2Fpostgresql/d", "postgresql", {"host": "/run/postgresql", "user": "u"}),
    ("mysql:///d?unix_socket=/run/mysqld.sock", "mysql", {"unix_socket": "/run/mysqld.sock", "host": "127.0.0.1"}),
    ("mysql://%2Frun%2Fmysqld.sock/d", "mysql", {"unix_socket": "/run/mysqld.sock", "host": "127.0.0.1"}),
    ("postgresql://h?dbname=d&user=u&password=p%26", "postgresql", {"database": "d", "user": "u", "password": "p&"}),
    ("mysql://h/?connect_timeout=3&application_name=a+b", "mysql", {"connect_timeout": 3.0, "application_name": "a+b"}),
    ("mysql://h/?minsize=2&max_size=3", "mysql", {"minsize": 2, "maxsize": 3}),
    ("postgresql://h/?min_size=2&maxsize=3", "postgresql", {"min_size": 2, "max_size": 3}),
    ("mysql://h/?charset=utf8&auth_plugin=", "mysql", {"charset": "utf8", "auth_plugin": ""}),
    ("mysql://h/?ssl_mode=REQUIRED", "mysql", {"sslmode": "require"}),
    ("mysql://h/?ssl-mode=VERIFY_IDENTITY&ssl-ca=ca.pem", "mysql", {"sslmode": "verify-full"}),
    (
        "postgresql://h/?sslmode=verify-ca&sslrootcert=/ca&sslcert=c&sslkey=k",
        "postgresql",
        {"sslmode": "verify-ca", "sslrootcert": Path("/ca"), "sslcert": NOWHERE / "c", "sslkey": NOWHERE / "k"},
    ),
    ("postgresql://h/?statement_cache_size=0&direct_tls=1&sslmode=require", "postgresql", {"direct_tls": True}),
    ("mysql://", "mysql", {"host": "127.0.0.1", "db": "asagi", "user": "asagi", "password": ""}),
]


@pytest.mark.parametrize(("url", "db_type", "expected"), FORMS, ids=[form[0] for form in FORMS])
def test_a_url_becomes_the_keys_of_its_section(url: str, db_type: str, expected: dict[str, Any]) -> None:
    db = read(url)
    assert (db.db_type, db.url) == (db_type, "")
    assert used(db).items() >= expected.items()


@pytest.mark.parametrize("mode", ["disable", "allow", "prefer", "require", "verify-ca", "verify-full"])
@pytest.mark.parametrize("scheme", ["mysql", "postgresql"])
def test_all_six_modes_of_tls(scheme: str, mode: str) -> None:
    assert used(read(f"{scheme}://h/?sslmode={mode}"))["sslmode"] == mode


@given(
    st.text(st.characters(exclude_categories=["Cs"])), st.sampled_from(["mysql", "mariadb", "postgresql", "postgres"])
)
def test_any_password_survives(password: str, scheme: str) -> None:
    assert used(read(f"{scheme}://u:{quote(password, safe='')}@h/d"))["password"] == password


@given(st.text(), st.sampled_from(["mysql://", "postgres://u:", "sqlite:///", "mysql://u:hunter2@h/d?", ""]))
def test_any_text_is_a_url_or_a_mistake_in_one_line(text: str, start: str) -> None:
    try:
        read(start + text or "x")
    except SettingsError as error:
        assert all(line.startswith("DATABASE_URL: ") and line.isprintable() for line in error.problems)
        assert "hunter2" not in str(error)


# What a URL leaves out


def test_what_a_url_does_not_say_comes_from_below(tmp_path: Path) -> None:
    config = "[db]\nurl = 'mysql://u@h'\n[db.mysql]\nport = 1\ndb = 'd'\nuser = 'x'\npassword = 'p'\n"
    mysql = load_over(tmp_path, {}, config).settings.db.mysql
    assert (mysql.user, mysql.host, mysql.port, mysql.db, mysql.password) == ("u", "h", 1, "d", "p")


@pytest.mark.parametrize("key", ["mysql", "postgresql"])
def test_a_url_without_password_means_none_unless_somebody_sets_one(tmp_path: Path, key: str) -> None:
    def password(environ: dict[str, str], config: str) -> Any:
        return used(load_over(tmp_path, environ, config).settings.db)["password"]

    url, variable = f"{key}://u@h/d", f"KOIWAI_DB__{key.upper()}__PASSWORD"
    assert password({"DATABASE_URL": url}, "") == ""
    assert password({"DATABASE_URL": url}, f"[db.{key}]\npassword = 'p'\n") == "p"
    assert password({"DATABASE_URL": url, variable: "p"}, "") == "p"
    assert password({variable: "p"}, f"[db]\nurl = '{url}'\n") == "p"
    assert password({"DATABASE_URL": f"{key}://u:@h/d"}, f"[db.{key}]\npassword = 'p'\n") == ""
    assert password({}, f"[db]\ndb_type = '{key}'\n") == "asagi"


def test_a_url_with_a_host_does_not_lead_to_a_socket(tmp_path: Path) -> None:
    config = "[db.mysql]\nunix_socket = '/run/a.sock'\n"
    mysql = load_over(tmp_path, {"DATABASE_URL": "mysql://h/d"}, config).settings.db.mysql
    assert (mysql.host, mysql.unix_socket) == ("h", "")
    assert load_over(tmp_path, {"DATABASE_URL": "mysql:///d"}, config).settings.db.mysql.unix_socket == "/run/a.sock"


def test_db_type_must_not_say_otherwise_in_the_same_source(tmp_path: Path) -> None:
    config = '[db]\nurl = "sqlite:///a.db"\ndb_type = "mysql"\n'
    assert problems(tmp_path, config) == ['config.toml: [db] url: is a URL of sqlite, but db_type is "mysql"']
    environ = {"KOIWAI_DB__DB_TYPE": "mysql", "DATABASE_URL": "postgres://h"}
    assert problems_over(tmp_path, environ) == [
        'DATABASE_URL: is a URL of postgresql, but KOIWAI_DB__DB_TYPE is "mysql"'
    ]
    assert load_over(tmp_path, {"DATABASE_URL": "postgres://h"}, '[db]\ndb_type = "mysql"\n').settings.db.db_type == (
        "postgresql"
    )


# Mistakes

# URL | sentence; 70417 is the password or a piece of it
MISTAKES = r"""
70417 | must start with sqlite:///, mysql://, ...
u:70417@h/d | must start with ...
oracle://u:70417@h/d | must start with ...
mysq://u:70417@h/d | must start with ... (did you mean "mysql"?)
mysql+pymysql://u:70417@h/d | names a driver that Koiwai does not have: write mysql:// or mysql+aiomysql://
postgres+aiomysql://h | names a driver that Koiwai does not have: write postgres:// or postgres+asyncpg://
mysql://u:7/0417@h/d | holds an @ behind the host name; ...
mysql://u:7?0417=x@h/d | holds an @ behind the host name; ...
mysql://u:7#0417@h/d | must not hold a #; ...
mysql://u:70417%@h/d | holds a % without two hexadecimal digits behind it; ...
mysql://u:%ff70417@h/d | holds a percent-encoded character that is not UTF-8 text
mysql://u:70417@a:b:c/d | must hold one host name and one port, ...
mysql://u:70417@h:x/d | must hold one host name and one port, ...
mysql://u:70417@::1/d | must hold one host name and one port, ...
mysql://u:70417@h:70417/d | port must be from 1 to 65535, not an integer
mysql://u:70417@h:0/d | port must be from 1 to 65535, not an integer
mysql://u:70417@h,i/d | names several hosts, but Koiwai reads from one
mysql://u:70417@h/a/b | must hold one name of a database behind the host; ...
mysql://u:70417@h/d%00 | must not hold control characters
mysql://u:70417@h/d?sslmod=x | holds an unknown parameter (did you mean "sslmode"?)
mysql://u:70417@h/d?sslmode=on | sslmode must be "allow", "disable", ..., not the text "on"
mysql://u:70417@h/d?ssl=true | ssl cannot be set: write sslmode
mysql://u:70417@h/d?ssl_mode=x | ssl_mode must be "allow", "disable", ..., not the text "x"
mysql://u:70417@h/d?statement_timeout=5 | holds an unknown parameter (did you mean [db.pool] statement_timeout?)
mysql://u:70417@h/d?password=70417 | gives password twice
mysql://u:70417@h/d?minsize=1&min_size=2 | gives minsize twice
mysql://u:70417@h/d?minsize | must hold its parameters as ?name=value&name=value; ...
mysql://u:70417@h/d?connect_timeout=soon | connect_timeout must be a number, not the text "soon"
mysql://u:70417@h/d?minsize=99 | minsize must not be larger than maxsize, but 99 > 50
postgresql://u:70417@h/d?dsn=x | dsn cannot be set: write host, port, ...
postgresql://u:70417@h/d?options=x | holds an unknown parameter...
postgresql://u:70417@h/d?server_settings=x | server_settings cannot be set here: it is a table, ...
sqlite://a.db | a file has no host: write ...
sqlite:// | must name a file: ...
sqlite:/// | must name a file: ...
sqlite:///a.db?mode=ro | holds an unknown parameter; known are database, ...
"""


@pytest.mark.parametrize(("url", "sentence"), rows(MISTAKES))
def test_a_mistake_is_named_without_the_url(tmp_path: Path, url: str, sentence: str) -> None:
    (line,) = problems_over(tmp_path, {"DATABASE_URL": url})
    assert says(line, "DATABASE_URL: ", sentence)
    assert "70417" not in line
    (line,) = problems(tmp_path, f"[db]\nurl = '{url}'\n")
    assert says(line, "config.toml: [db] url: ", sentence)


@pytest.mark.parametrize("url", ["mysql://u:a b@h/d", "mysql://h/d\n", "mysql://h/\x00", "mysql://\udcff@h/"])
def test_blanks_and_control_characters_are_refused(tmp_path: Path, url: str) -> None:
    (line,) = problems_over(tmp_path, {"DATABASE_URL": url})
    assert line.startswith("DATABASE_URL: must not hold blanks and control characters; ")
