"""docs/troubleshooting.md quotes what Koiwai really says: its words stand in the code, and some are provoked here."""

import ast
import re
import sqlite3
from contextlib import closing
from functools import cache
from pathlib import Path

import pytest

from app.boards import Boards
from app.db import database_for
from app.errors import SettingsError, Unavailable
from app.server_config import Listening, server_config
from app.settings import DbSettings, Settings
from app.settings.file import load_settings
from tests.support.daemon import free_port
from tests.support.databases import Place
from tests.support.documents import ROOT, document
from tests.support.servers import Server
from tests.support.settings_files import load, load_over, problems

QUOTED = [
    line
    for block in document("docs/troubleshooting.md").blocks
    if block.kind == "text"
    for line in block.text.split("\n")
]

_RECORD = re.compile(r"(?:(INFO|WARNING|ERROR|CRITICAL) (koiwai(?:\.\w+)?) |Error: )(.*)")
_HOLE = re.compile(r"%(?:\.\d+)?[a-z]")
_FACTS = r"(?: \w+=.*)?"
_LEAST = 7  # letters of its own that a text must have, else it would fit everything


@cache
def texts() -> tuple[re.Pattern[str], ...]:
    """Every text in the code, with holes for what is filled in."""
    found = []
    for path in (ROOT / "app").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.JoinedStr):
                parts = [part.value if isinstance(part, ast.Constant) else None for part in node.values]
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                parts = [part for text in _HOLE.split(node.value) for part in (text, None)][:-1]
            else:
                continue
            if sum(character.isalpha() for part in parts for character in part or "") >= _LEAST:
                pattern = "".join(".*" if part is None else re.escape(part) for part in parts)
                found.append(re.compile(pattern + _FACTS))
    return tuple(found)


@pytest.mark.parametrize("line", QUOTED)
def test_a_quoted_line_can_be_said(line: str) -> None:
    record = _RECORD.fullmatch(line)
    assert record is not None
    # Complaints about settings are put together from several texts.
    match = re.Pattern.search if line.startswith("Error: ") else re.Pattern.fullmatch
    assert any(match(text, record[3]) for text in texts())
    if record[2] not in (None, "koiwai"):
        sources = "".join(path.read_text("utf-8") for path in (ROOT / "app").rglob("*.py"))
        assert f'getLogger("{record[2]}")' in sources


def test_a_line_that_nobody_says_is_noticed() -> None:
    assert not any(text.fullmatch("the database has gone fishing") for text in texts())


def plain(text: str) -> str:
    """Without the names of this machine: hosts, ports, paths, users and databases."""
    text = re.sub(r"(?:[\w.]+|(?<!\w)/[\w./-]+):\d+", "HOST", text.replace("Can't", "Cannot"))
    text = re.sub(r"(?<![\w\[])/[\w./-]+", "PATH", text)
    text = re.sub(r"\('[\d.]+', \d+\)", "HOST", text)
    return re.sub(r"'[^']*'|\"[^\"]*\"", "NAME", text)


def is_quoted(text: str) -> bool:
    return plain(text) in {plain(record[3]) for line in QUOTED if (record := _RECORD.fullmatch(line)) is not None}


async def refusal(db: DbSettings) -> str:
    """What the start says that ends because of the database."""
    with pytest.raises(SettingsError) as caught:
        await Boards(Settings(db=db), database_for(db)).open()
    return str(caught.value)


async def failure(db: DbSettings) -> str:
    """What is said at each attempt while the database is away."""
    database = database_for(db)
    with pytest.raises(Unavailable) as caught:
        await database.open()
    await database.close()
    return f"waiting for the database (0 of 30 s): {caught.value.message}"


async def test_a_wrong_password(shared_server: Server) -> None:
    table = {**shared_server.settings_table("asagi"), "password": "wrong"}
    assert is_quoted(await refusal(Place(shared_server.kind, table).settings()))


async def test_an_unknown_database(shared_server: Server) -> None:
    assert is_quoted(await refusal(Place(shared_server.kind, shared_server.settings_table("nope")).settings()))


async def test_a_server_without_tls(shared_server: Server) -> None:
    table = {**shared_server.settings_table("asagi"), "sslmode": "require"}
    said = await refusal(Place(shared_server.kind, table).settings())
    assert is_quoted(said.replace("postgresql", "mysql"))


@pytest.mark.parametrize("kind", ["mysql", "postgresql"])
async def test_nobody_listens(kind: str) -> None:
    assert is_quoted(await failure(Place(kind, {"host": "127.0.0.1", "port": free_port()}).settings()))


async def test_no_socket(tmp_path: Path) -> None:
    assert is_quoted(await failure(Place("postgresql", {"host": str(tmp_path)}).settings()))


async def test_files_that_are_no_archive(tmp_path: Path) -> None:
    file = tmp_path / "none.db"
    place = Place("sqlite", {"database": file})
    assert is_quoted(await refusal(place.settings()))
    file.touch()
    assert is_quoted(await refusal(place.settings()))


async def test_a_board_without_a_table(tmp_path: Path) -> None:
    file = tmp_path / "archive.db"
    with closing(sqlite3.connect(file)) as connection:
        for name in ("3", "ck", "g"):
            connection.execute(f'CREATE TABLE "{name}" (num, thread_num)')
    settings = load(tmp_path, f'[db]\ndb_type = "sqlite"\n[db.sqlite]\ndatabase = "{file}"\n', "[boards]\nG = ''\n")
    with pytest.raises(SettingsError) as caught:
        await Boards(settings, database_for(settings.db)).open()
    assert is_quoted(str(caught.value))


def test_a_port_that_is_taken(tmp_path: Path) -> None:
    (tmp_path / "hypercorn.toml").write_text('bind = ["127.0.0.1:0"]\n', "utf-8")
    config = server_config(None, tmp_path)
    first = Listening(config)
    first.sockets[0].listen()
    try:
        config.bind = [first.addresses.removeprefix("http://")]
        with pytest.raises(SettingsError) as caught:
            Listening(config)
    finally:
        first.close()
    assert is_quoted(str(caught.value))


def test_settings_that_do_not_exist(tmp_path: Path) -> None:
    (said,) = problems(tmp_path, "[media]\nmaxsize = 3\n")
    assert is_quoted(said)
    with pytest.raises(SettingsError) as caught:
        load_over(tmp_path, {"KOIWAI_DB__MYSQL__PASWORD": "secret"})
    assert is_quoted(str(caught.value))
    with pytest.raises(SettingsError) as caught:
        load_settings({}, tmp_path / "nowhere")
    assert is_quoted(str(caught.value))
