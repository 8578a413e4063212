"""`koiwai setup` makes settings that serve: from each genuine archive, by questions, and without any."""

import asyncio
import os
import re
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from click.testing import CliRunner, Result

from app import create_app
from app.cli import main
from app.settings import Settings
from app.settings.file import load_settings
from app.setup import finding
from tests.support.asgi import ask
from tests.support.databases import Place, fresh_place
from tests.support.genuine import GENUINE, Genuine, load_dump_mysql, load_dump_postgresql, unpack_sqlite
from tests.support.stage import Stage, stage  # noqa: F401 - a fixture

HARD = "a ' quote\\ $HOME #\"é"
"""A password that every layer has to hand on as it is."""


@pytest.fixture(autouse=True)
def nothing_around(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to work in, and no server of this machine to be found."""
    folder = tmp_path / "site"
    folder.mkdir()
    monkeypatch.chdir(folder)
    monkeypatch.setattr(finding, "MYSQL_SOCKETS", ())
    monkeypatch.setattr(finding, "POSTGRESQL_FOLDERS", ())
    monkeypatch.setattr(finding, "_listens", lambda host, port: False)
    for name in list(os.environ):
        if name.startswith(("KOIWAI_", "DATABASE_URL")):
            monkeypatch.delenv(name)
    return folder


def run(*arguments: str, answers: Sequence[str] | None = None) -> Result:
    return CliRunner().invoke(main, ["setup", *arguments], input=None if answers is None else "\n".join(answers) + "\n")


def url_of(kind: str, table: dict[str, Any], **changes: Any) -> str:
    """The settings of a database in one line."""
    given = {**table, **changes}
    if kind == "sqlite":
        return f"sqlite:///{quote(str(given['database']))}"
    account = f"{quote(given['user'], safe='')}:{quote(given['password'], safe='')}"
    scheme, key = ("mysql", "db") if kind == "mysql" else ("postgresql", "database")
    rest = {name: value for name, value in given.items() if name in {"unix_socket"} and value}
    host = f"{given['host']}:{given['port']}" if "/" not in given.get("host", "") else ""
    if "/" in given.get("host", ""):
        rest |= {"host": given["host"], "port": given["port"]}
    return f"{scheme}://{account}@{host}/{given[key]}?{urlencode(rest)}".rstrip("?")


@contextmanager
def genuine_place(archive: Genuine, request: pytest.FixtureRequest, folder: Path, tmp_path: Path) -> Iterator[Place]:
    with fresh_place(archive.kind, request, tmp_path) as place:
        if place.file is not None:
            unpack_sqlite(folder / archive.file, place.file)
        elif archive.kind == "mysql":
            load_dump_mysql(folder / archive.file, place.server, place.name)  # type: ignore[arg-type]
        else:
            asyncio.run(load_dump_postgresql(folder / archive.file, place.server, place.name))  # type: ignore[arg-type]
        yield place


async def served(settings: Settings, *addresses: str) -> list[int]:
    app = create_app(settings)
    async with app.test_app():
        return [(await ask(app, address)).status for address in addresses]


@pytest.mark.parametrize("archive", GENUINE, ids=lambda archive: archive.name)
def test_a_genuine_archive_is_served_after_one_command(
    archive: Genuine, request: pytest.FixtureRequest, genuine_archives: Path, tmp_path: Path, nothing_around: Path
) -> None:
    with genuine_place(archive, request, genuine_archives, tmp_path) as place:
        result = run("--yes", "--database", url_of(archive.kind, place.table))
        assert result.exit_code == 0, result.output
        assert result.output.endswith("Serve the archive with: koiwai serve\n")
        settings = load_settings({}, nothing_around)
        html = archive.writer == "vichan"
        assert {board.comments for board in settings.boards.values()} == {"html" if html else "bbcode"}
        assert "po" not in settings.boards or settings.boards["po"].title == "Papercraft & Origami"
        assert not settings.media.enabled
        statuses = asyncio.run(served(settings, "/", *(f"/{name}/" for name in settings.boards)))
        assert statuses == [200] * (1 + len(settings.boards))


def test_the_one_sqlite_file_in_the_folder_is_found(genuine_archives: Path, nothing_around: Path) -> None:
    (nothing_around / "data").mkdir()
    unpack_sqlite(genuine_archives / "vichan-sqlite.db.gz", nothing_around / "data" / "old.sqlite3")
    (nothing_around / "data" / "notes.db").write_text("not SQLite")
    assert run("--yes").exit_code == 0
    assert 'database = "data/old.sqlite3"' in (nothing_around / "config.toml").read_text()


def test_several_archives_are_named_and_none_is_taken(genuine_archives: Path, nothing_around: Path) -> None:
    for name in ("one.db", "two.db"):
        unpack_sqlite(genuine_archives / "oldasagi-sqlite.db.gz", nothing_around / name)
    result = run("--yes")
    assert result.exit_code == 1
    assert "several archives" in result.output and "one.db" in result.output and "--database" in result.output
    assert not (nothing_around / "config.toml").exists()


def test_without_any_archive_the_way_on_is_told(nothing_around: Path) -> None:
    result = run("--yes")
    assert result.exit_code == 1
    assert result.output == "Error: No archive was found; name one with --database.\n"
    assert list(nothing_around.iterdir()) == []


@contextmanager
def reader_of(place: Place) -> Iterator[tuple[str, str]]:
    """A user that may only read this database, and its password."""
    name, password = f"{place.name[:20]}_reader", HARD
    if place.kind == "mysql":
        quoted = password.replace("\\", "\\\\").replace("'", "\\'")
        place.execute(f"CREATE USER '{name}'@'%' IDENTIFIED BY '{quoted}'", f"GRANT SELECT ON *.* TO '{name}'@'%'")
        yield name, password
        place.execute(f"DROP USER '{name}'@'%'")
    else:
        quoted = password.replace("'", "''")
        place.execute(
            f"CREATE ROLE {name} LOGIN PASSWORD '{quoted}'", f"GRANT SELECT ON ALL TABLES IN SCHEMA public TO {name}"
        )
        yield name, password
        place.execute(f"DROP OWNED BY {name}", f"DROP ROLE {name}")


@pytest.mark.parametrize("kind", ["mysql", "postgresql"])
def test_questions_lead_to_a_server(kind: str, request: pytest.FixtureRequest, nothing_around: Path) -> None:
    with fresh_place(kind, request, nothing_around.parent) as place:
        stage = Stage(place, nothing_around)
        for board in ("g", "b"):
            stage.board(board)
            stage.post(1, board=board)
        with reader_of(place) as (user, password):
            picked, host, port = "2" if kind == "mysql" else "3", place.table["host"], str(place.table["port"])
            where = [host] if host.startswith("/") else [host, port]
            wrong = [picked, *where, user, password, "nowhere_at_all"]
            right = ["y", user, password, place.name]
            result = run(answers=[*wrong, *right, "b, nope", "b,g", "none", "Über uns"])
            assert result.exit_code == 0, result.output
            assert password not in result.output
            assert "That did not work: " in result.output and "nowhere_at_all" in result.output
            assert place.name in result.output.split("Databases that hold boards:")[1].splitlines()[0]
            assert "The database has no board /nope/." in result.output
            assert password not in (nothing_around / "config.toml").read_text()
            env = nothing_around / ".env"
            assert stat.S_IMODE(env.stat().st_mode) == 0o600
            settings = load_settings({}, nothing_around)
            driver = settings.db.mysql if kind == "mysql" else settings.db.postgresql
            assert (settings.db.db_type, driver.user, driver.password) == (kind, user, password)
            assert list(settings.boards) == ["b", "g"]
            assert settings.boards["b"].nsfw and not settings.boards["g"].nsfw
            assert settings.site.name == "Über uns"
            assert asyncio.run(served(settings, "/b/thread/1/", "/nope/")) == [200, 404]


def test_questions_lead_to_a_file(stage: Stage, nothing_around: Path) -> None:  # noqa: F811
    if stage.place.file is None:
        pytest.skip("a file is SQLite's")
    stage.board("λ")
    stage.post(1, board="λ")
    media = nothing_around.parent / "files"
    (media / "img").mkdir(parents=True)
    result = run(answers=["1", str(nothing_around / "no.db"), "1", str(stage.place.file), str(media), "My archive"])
    assert result.exit_code == 0, result.output
    assert "no SQLite archive" in result.output
    settings = load_settings({}, nothing_around)
    assert (settings.media.root, settings.media.layout) == (media, "sutra")
    assert asyncio.run(served(settings, "/%CE%BB/thread/1/")) == [200]


@pytest.mark.parametrize("arguments", [("--yes",), ()])
def test_files_that_are_there_are_kept(arguments: tuple[str, ...], nothing_around: Path, tmp_path: Path) -> None:
    with fresh_place("sqlite", None, tmp_path) as place:  # type: ignore[arg-type]  # only servers ask the request
        stage = Stage(place, tmp_path)
        stage.board("g")
        stage.post(1)
        (nothing_around / "boards.toml").write_text('[boards]\ng = "Mine"\n')
        url = url_of("sqlite", place.table)
        answers = None if arguments else ["none", "Koiwai", "n"]
        result = run(*arguments, "--database", url, answers=answers)
        assert (nothing_around / "boards.toml").read_text() == '[boards]\ng = "Mine"\n'
        if arguments:
            assert (result.exit_code, (nothing_around / "config.toml").exists()) == (1, False)
            assert "already boards.toml" in result.output and "--overwrite" in result.output
        else:
            assert (result.exit_code, (nothing_around / "config.toml").exists()) == (0, True)
            assert "boards.toml stays as it is." in result.output
        assert run("--yes", "--overwrite", "--database", url).exit_code == 0
        assert 'g = "Technology"' in (nothing_around / "boards.toml").read_text()


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("mysql://a:sesame@127.0.0.1:1/x", "127.0.0.1:1"),
        ("oracle://a:sesame@h/x", "--database"),
        ("sqlite:///missing.db", "missing.db"),
    ],
)
def test_what_cannot_be_used_is_told_in_a_line(url: str, words: str, nothing_around: Path) -> None:
    result = run("--yes", "--database", url)
    assert result.exit_code == 1
    assert words in result.output and "sesame" not in result.output
    assert re.fullmatch(r"Error: [^\n]+\n", result.output)
    assert list(nothing_around.iterdir()) == []


def test_an_empty_database_holds_no_board(request: pytest.FixtureRequest, tmp_path: Path) -> None:
    with fresh_place("sqlite", request, tmp_path) as place:
        result = run("--yes", "--database", url_of("sqlite", place.table))
    assert result.exit_code == 1
    assert "holds no board" in result.output


@pytest.fixture
def url(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    """An SQLite archive of one post."""
    with fresh_place("sqlite", request, tmp_path) as place:
        stage = Stage(place, tmp_path)
        stage.board("g")
        stage.post(1)
        yield url_of("sqlite", place.table)


@pytest.mark.parametrize("variable", ["DATABASE_URL", "DATABASE_URL_FILE", "KOIWAI_DB__URL"])
def test_a_database_that_variables_name_is_taken(
    url: str, variable: str, nothing_around: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (nothing_around / "secret").write_text(f"{url}\n")
    monkeypatch.setenv(variable, "secret" if variable.endswith("_FILE") else url)
    assert run("--yes").exit_code == 0
    monkeypatch.delenv(variable)
    assert load_settings({}, nothing_around).db.sqlite.database == Path(url.removeprefix("sqlite:///"))


def test_another_database_that_would_count_is_named(url: str, nothing_around: Path) -> None:
    (nothing_around / ".env").write_text("DATABASE_URL=mysql://u:sesame@127.0.0.1:1/x\n")
    result = run("--yes", "--database", url)
    assert result.exit_code == 1
    assert "Error: Another database than the one chosen counts, by .env: DATABASE_URL." in result.output
    assert "sesame" not in result.output


@pytest.mark.parametrize("variable", ["KOIWAI_CONFIG", "KOIWAI_BOARDS"])
def test_files_elsewhere_are_not_set_up(
    url: str, variable: str, nothing_around: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, "other.toml")
    result = run("--yes", "--database", url)
    assert (result.exit_code, list(nothing_around.iterdir())) == (1, [])
    assert result.output.startswith(f"Error: {variable} names settings elsewhere")


@pytest.mark.parametrize("name", ["", "two\nlines"])
def test_what_could_not_be_read_again_is_not_written(url: str, name: str, nothing_around: Path) -> None:
    result = run("--yes", "--database", url, "--name", name)
    assert (result.exit_code, list(nothing_around.iterdir())) == (1, [])
    assert "Error: Nothing was written. config.toml: [site] name must not " in result.output


def test_a_home_of_nobody_is_a_name_like_others(url: str) -> None:
    result = run("--database", url, answers=["~nobody-of-that-name/media", "Koiwai"])
    assert result.exception is None or isinstance(result.exception, SystemExit)
    assert "~nobody-of-that-name/media" in Path("config.toml").read_text()


def test_other_lines_of_env_stay(request: pytest.FixtureRequest, nothing_around: Path, tmp_path: Path) -> None:
    with fresh_place("postgresql", request, tmp_path) as place:
        stage = Stage(place, tmp_path)
        stage.board("g")
        stage.post(1)
        env = nothing_around / ".env"
        before = "# mine\nOTHER='a\nb'\nexport KOIWAI_SITE__NAME=Here"
        env.write_text(f"KOIWAI_DB__POSTGRESQL__PASSWORD='old\none'\n{before}")
        assert run("--yes", "--database", url_of("postgresql", place.table)).exit_code == 1
        assert run("--yes", "--overwrite", "--database", url_of("postgresql", place.table)).exit_code == 0
        text = env.read_text()
        assert text.startswith(f"{before}\nKOIWAI_DB__POSTGRESQL__PASSWORD='") and "old" not in text
        assert stat.S_IMODE(env.stat().st_mode) == 0o600
        assert load_settings({}, nothing_around).site.name == "Here"
        (nothing_around / "config.toml").unlink()
        (nothing_around / "boards.toml").unlink()
        answers = ["none", "Site", "n"]
        assert run("--database", url_of("postgresql", place.table), answers=answers).exit_code == 0
        assert env.read_text() == text


def test_an_env_that_is_no_text_stays(request: pytest.FixtureRequest, nothing_around: Path, tmp_path: Path) -> None:
    with fresh_place("postgresql", request, tmp_path) as place:
        stage = Stage(place, tmp_path)
        stage.board("g")
        stage.post(1)
        (nothing_around / ".env").write_bytes(b"NAME=\xff\n")
        result = run("--yes", "--overwrite", "--database", url_of("postgresql", place.table))
    assert result.exit_code == 1 and ".env" in result.output and "not UTF-8 text" in result.output
    assert re.search(r"^Error: [^\n]+\n\Z", result.output, re.MULTILINE)
    assert [path.name for path in nothing_around.iterdir()] == [".env"]
