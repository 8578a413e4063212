"""The command `koiwai`, as a process: its ready line, its end, and one line for whatever is wrong."""

import os
import re
import signal
import socket
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

import pytest

from app.demo.make import make_demo
from tests.support.daemon import free_port
from tests.support.process import READY, boards_at, command, ended, running, surroundings, without_slow_steps
from tests.support.servers import Server

# Starts the command with less patience for a database that is away.
IMPATIENT = """
import app.archive
from app.boards import Boards, Pace
app.archive.Boards = lambda settings, database, waits: Boards(settings, database, Pace(patience=0.3, pause=0.1))
from app.cli import main
main()
"""


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the demo in ./var and no settings files: what `koiwai serve` serves unconfigured."""
    folder = tmp_path_factory.mktemp("demo")
    make_demo(folder / "var", lambda line: None)
    return folder


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_serve_says_when_it_is_ready_and_ends_when_told(demo: Path, number: signal.Signals) -> None:
    port = str(free_port())
    with running(demo, "serve", "--port", port) as koiwai:
        assert koiwai.until(READY)[1] == port
        assert len(boards_at(port)) > 1
        assert koiwai.end(number) == 0
        assert "Traceback" not in koiwai.said and "Warning" not in koiwai.said


def test_an_open_connection_does_not_hold_up_the_end(demo: Path) -> None:
    port = str(free_port())
    with running(demo, "serve", PORT=port) as koiwai:
        koiwai.until(READY)
        with socket.create_connection(("127.0.0.1", int(port))) as client:
            client.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert client.recv(100).startswith(b"HTTP/1.1 200")
            assert koiwai.end(signal.SIGTERM) == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_waiting_for_a_database_ends_when_told(tmp_path: Path, number: signal.Signals) -> None:
    (tmp_path / "config.toml").write_text(f'[db]\ndb_type = "mysql"\n[db.mysql]\nport = {free_port()}\n')
    (tmp_path / "boards.toml").write_text("[boards.a]\n")
    with running(tmp_path, "serve", "--port", str(free_port())) as koiwai:
        koiwai.until(re.compile("waiting for the database"))
        assert koiwai.end(number) == 0
        assert "Traceback" not in koiwai.said and "Warning" not in koiwai.said


@pytest.mark.parametrize("kind", ["mysql", "postgresql"])
def test_a_database_that_stays_away_is_one_line_at_last(tmp_path: Path, kind: str) -> None:
    port = free_port()
    (tmp_path / "config.toml").write_text(
        f'[db]\ndb_type = "{kind}"\n[db.{kind}]\nhost = "127.0.0.1"\nport = {port}\npassword = "S3cret"\n'
    )
    (tmp_path / "boards.toml").write_text("[boards.a]\n")
    status, lines = ended(tmp_path, "serve", "--port", str(free_port()), program=IMPATIENT)
    assert status == 1
    assert all("waiting for the database" in line for line in lines[:-1]) and len(lines) > 2, lines
    assert "The archive cannot be opened" in lines[-1] and f"127.0.0.1:{port}" in lines[-1]
    assert "S3cret" not in "".join(lines)


def test_a_wrong_password_is_one_line_at_once(tmp_path: Path, shared_server: Server) -> None:
    kind = shared_server.kind
    (tmp_path / "config.toml").write_text(
        f'[db]\ndb_type = "{kind}"\n[db.{kind}]\nhost = "{shared_server.host}"\nport = {shared_server.port}\n'
        f'user = "{shared_server.user}"\npassword = "S3cret"\n'
    )
    (tmp_path / "boards.toml").write_text("[boards.a]\n")
    status, lines = ended(tmp_path, "serve", "--port", str(free_port()))
    assert (status, len(lines)) == (1, 1), lines
    assert f"{shared_server.host}:{shared_server.port} refuses" in lines[0]
    assert "S3cret" not in lines[0]


def test_wrong_settings_are_a_line_each(tmp_path: Path) -> None:
    status, lines = ended(tmp_path, "serve", "--port", str(free_port()))
    assert (status, len(lines)) == (1, 1)
    assert "config.toml: there is no such file" in lines[0]
    (tmp_path / "config.toml").write_text('[db]\ndb_typ = "sqlite"\n[app]\nurl = 7\n')
    (tmp_path / "boards.toml").write_text("[boards.a]\n")
    status, lines = ended(tmp_path, "serve", "--port", str(free_port()))
    assert (status, len(lines)) == (1, 2)
    assert "db_typ" in lines[0] and "url" in lines[1]


def test_an_archive_that_is_not_there_or_lacks_a_board_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text('[db]\ndb_type = "sqlite"\n[db.sqlite]\ndatabase = "a.db"\n')
    (tmp_path / "boards.toml").write_text("[boards.a]\n[boards.b]\n")
    status, lines = ended(tmp_path, "serve", "--port", str(free_port()))
    assert (status, len(lines)) == (1, 1)
    assert f"There is no SQLite archive at {tmp_path / 'a.db'}, where [db.sqlite] database leads." in lines[0]
    with closing(sqlite3.connect(tmp_path / "a.db")) as connection:
        connection.execute("CREATE TABLE c (num integer, thread_num integer)")
    status, lines = ended(tmp_path, "serve", "--port", str(free_port()))
    assert (status, len(lines)) == (1, 1)
    assert "no table for /a/, /b/" in lines[0] and "Boards it has: /c/" in lines[0]


def test_a_port_in_use_is_one_line(demo: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        status, lines = ended(demo, "serve", "--port", str(port))
    assert status == 1
    assert lines == [f"Error: Cannot listen on 127.0.0.1:{port}: Address already in use."]


@pytest.mark.parametrize("arguments", [("check",), ("check", "--json"), ("config",), ("config", "--json")])
def test_an_output_that_takes_nothing_is_one_line_and_one_that_is_closed_none(
    demo: Path, arguments: tuple[str, ...]
) -> None:
    def said(output: int) -> str:
        try:
            done = subprocess.run(
                command(*arguments),
                cwd=demo,
                env=surroundings(KOIWAI_DB__SQLITE__DATABASE="var/archive.db"),
                stdout=output,
                stderr=subprocess.PIPE,
                text=True,
                timeout=60,
                check=False,
            )
        finally:
            os.close(output)
        assert done.returncode == 1
        # In development mode asyncio tells of every step that took long, which a busy machine makes it do.
        return without_slow_steps(done.stderr)

    full = "Error: Cannot write to standard output: No space left on device.\n"
    assert said(os.open("/dev/full", os.O_WRONLY)) == full
    reader, output = os.pipe()
    os.close(reader)
    assert said(output) == ""


def test_a_port_that_is_no_number_names_the_variable(demo: Path) -> None:
    status, lines = ended(demo, "serve", PORT="abc")
    assert status == 2
    assert "'--port' (env var: 'PORT'): 'abc'" in lines[-1]


def test_the_demo_serves_itself_whatever_is_configured_around_it(demo: Path) -> None:
    port = str(free_port())
    (demo / "config.toml").write_text("this is no TOML")
    (demo / ".env").write_text("DATABASE_URL=mysql://somebody@example.org/\nKOIWAI_CONFIG=/nowhere\n")
    variables = {
        "KOIWAI_CONFIG": "/nowhere/config.toml",
        "KOIWAI_BOARDS": "/nowhere/boards.toml",
        "DATABASE_URL": "mysql://somebody@example.org/",
    }
    try:
        with running(demo, "demo", "--port", port, **variables) as koiwai:
            koiwai.until(READY)
            assert f"The demo in {demo / 'var'} is complete." in koiwai.said
            assert len(boards_at(port)) > 1
            assert koiwai.end(signal.SIGTERM) == 0
    finally:
        (demo / "config.toml").unlink()
        (demo / ".env").unlink()
