"""Variables out of files: `.env` beside config.toml, and files that hold one secret each."""

from pathlib import Path

import pytest

from tests.support.settings_files import load_over, problems_over, rows, says

PASSWORD = "KOIWAI_DB__MYSQL__PASSWORD"


# .env


@pytest.mark.parametrize(
    ("line", "password"),
    [
        ("{}=a$HOME${{HOME}}", "a$HOME${HOME}"),
        ("export {}='a b#c'", "a b#c"),
        (r"{}='it\'s \\'", "it's \\"),
        ('{}="a\\nb"', "a\nb"),
        ("{}=a # a remark", "a"),
        ("# x\n\n{}=\r\n", ""),
        ("\ufeff{}=ü", "ü"),
    ],
)
def test_what_a_line_of_dotenv_means(tmp_path: Path, line: str, password: str) -> None:
    assert load_over(tmp_path, {}, "", line.format(PASSWORD)).settings.db.mysql.password == password


DOTENV_MISTAKES = r"""
KOIWAI_CONFIG=x | KOIWAI_CONFIG names a settings file; it can only be set in the environment
KOIWAI_BOARDS=x | KOIWAI_BOARDS names a settings file; it can only be set in the environment
X=1\n\n'hunter2 | line 3 is not of the form NAME=value ...
DATABASE_URL | "DATABASE_URL" has no value (line 1)
KOIWAI_DB__ECHO=1\nKOIWAI_DB__ECHO=0 | KOIWAI_DB__ECHO is set twice (line 2)
KOIWAI_DB__ECHO=hunter2x | KOIWAI_DB__ECHO must be true or false, not the text "hunter2x"
DATABASE_URL=hunter2 | DATABASE_URL: must start with ...
"""


@pytest.mark.parametrize(("text", "sentence"), rows(DOTENV_MISTAKES))
def test_a_mistake_in_dotenv_is_named(tmp_path: Path, text: str, sentence: str) -> None:
    (line,) = problems_over(tmp_path, {}, "", text.replace(r"\n", "\n"))
    assert says(line, ".env: ", sentence)


def test_a_dotenv_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes(b"A=\xff\n")
    assert problems_over(tmp_path, {}) == [".env: is not UTF-8 text"]
    (tmp_path / ".env").unlink()
    (tmp_path / ".env").mkdir()
    (line,) = problems_over(tmp_path, {})
    assert line.startswith(f"{tmp_path / '.env'}: cannot be read: ")


# Files of secrets


@pytest.mark.parametrize(
    ("text", "password"), [("a b\n", "a b"), ("a\r\n", "a"), ("a\n\n", "a\n"), (" a", " a"), ("", "")]
)
def test_a_secret_is_the_text_of_its_file(tmp_path: Path, text: str, password: str) -> None:
    (tmp_path / "secret").write_bytes(text.encode())
    loaded = load_over(tmp_path, {f"{PASSWORD}_FILE": "secret"}, "[db.mysql]\npassword = 'x'\n", f"{PASSWORD}=y\n")
    assert loaded.settings.db.mysql.password == password
    assert loaded.origins["db", "mysql", "password"] == f"environment: {PASSWORD}_FILE"


@pytest.mark.parametrize("name", ["DATABASE_URL_FILE", "KOIWAI_DB__URL_FILE"])
def test_a_database_url_may_stand_in_a_file(tmp_path: Path, name: str) -> None:
    (tmp_path / "secret").write_text("postgres://u:hunter2@h/d\n")
    postgresql = load_over(tmp_path, {name: str(tmp_path / "secret")}).settings.db.postgresql
    assert (postgresql.user, postgresql.password, postgresql.host) == ("u", "hunter2", "h")
    (tmp_path / "secret").write_text("hunter2\n")
    (line,) = problems_over(tmp_path, {name: "secret"})
    assert line.removeprefix("environment: ").startswith(f"{name}: must start with ")
    assert "hunter2" not in line


def test_a_file_of_a_secret_must_be_readable_text(tmp_path: Path) -> None:
    (tmp_path / "latin").write_bytes(b"\xff")
    for name, reason in (("gone", "cannot be read: ..."), ("latin", "is not UTF-8 text"), (".", "cannot be read: ...")):
        (line,) = problems_over(tmp_path, {f"{PASSWORD}_FILE": name})
        assert says(line, f"environment: {PASSWORD}_FILE: {tmp_path / name} ", reason)
