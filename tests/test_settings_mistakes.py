"""Mistakes in config.toml: each is refused, and named in one line."""

import os
import re
from pathlib import Path

import pytest

from app.errors import SettingsError
from app.settings.file import load_settings
from tests.support.settings_files import load, problems, rows, says

ROOT = Path(__file__).parent.parent


# Mistakes in config.toml

# section | line | sentence; "..." at the end of a sentence stands for any further words
MISTAKES = r"""
db.mysql | hots = "h" | unknown key "hots" (did you mean "host"?)
db.mysql | HOST = "h" | unknown key "HOST" (did you mean "host"?)
db.mysql | min_size = 1 | unknown key "min_size" (did you mean "minsize"?)
db.mysql | database = "x" | unknown key "database" (did you mean "db"?)
db.postgresql | db = "x" | unknown key "db" (did you mean "database"?)
db.postgresql | statement_cach_size = 1 | unknown key "statement_cach_size" (did you mean "statement_cache_size"?)
db.postgresql | command_timeout = 1 | command_timeout cannot be set: it stands in [db.pool] as statement_timeout
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
db.postgresql | ssl = true | ssl cannot be set: write sslmode
db.mysql | sslmode = "required" | sslmode must be ..., not the text "required" (did you mean "require"?)
db.mysql | sslkey = "k.pem" | sslcert and sslkey must be set together
db.mysql | sslrootcert = "ca.pem" | sslrootcert has no effect with sslmode = "prefer": ...
db.mysql | sslrootcert = "" | sslrootcert must not be empty
db.postgresql | direct_tls = true | direct_tls needs sslmode = "require", "verify-ca" or "verify-full", not "prefer"
db.postgresql | passfile = "p" | passfile has no effect unless password = ""
db.postgresql | server_settings = {jit = 70417} | server_settings must hold text only, but "jit" is an integer
site | contact = "nobody" | contact must be a mail address such as me@example.org, or an http(s) address
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
