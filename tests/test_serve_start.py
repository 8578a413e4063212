"""hypercorn.toml, and the one line with which `koiwai serve` ends when it cannot start."""

import re
import signal
import socket
import sqlite3
from contextlib import closing
from pathlib import Path
from urllib.request import Request, urlopen

import msgspec
import pytest

from app.commands.serving import replaced
from app.errors import SettingsError
from app.resources import resource
from app.server_config import KEYS, Listening, server_config
from tests.support.daemon import free_port
from tests.support.process import READY, boards_at, ended, running


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """A folder with settings and an archive of one board without posts."""
    (tmp_path / "config.toml").write_text('[db]\ndb_type = "sqlite"\n[db.sqlite]\ndatabase = "a.db"\n')
    (tmp_path / "boards.toml").write_text("[boards.a]\n")
    columns = "doc_id, media_id, poster_ip, num, subnum, thread_num, op, timestamp, timestamp_expired, preview_orig"
    columns += ", preview_w, preview_h, media_filename, media_w, media_h, media_size, media_hash, media_orig, spoiler"
    columns += ", deleted, capcode, email, name, trip, title, comment, delpass, sticky, locked, poster_hash"
    columns += ", poster_country, exif"
    with closing(sqlite3.connect(tmp_path / "a.db")) as connection:
        connection.execute(f"CREATE TABLE a ({columns})")
    return tmp_path


def problems(folder: Path, text: str, named: str | None = None) -> list[str]:
    (folder / (named or "hypercorn.toml")).write_text(text)
    with pytest.raises(SettingsError) as caught:
        server_config(None if named is None else Path(named), folder)
    return list(caught.value.problems)


def test_the_file_we_come_with_explains_every_key_it_sets() -> None:
    text = resource("hypercorn.toml").read_text()
    table = msgspec.toml.decode(text)
    assert set(table) <= set(KEYS) and {"read_timeout", "keep_alive_timeout", "graceful_timeout"} <= set(table)
    for key in table:
        assert re.search(rf"^#[^\n]+\n(#?[^\n]+\n)*{key} = ", text, re.MULTILINE), key


def test_the_file_is_the_named_one_else_the_one_here_else_ours(tmp_path: Path) -> None:
    ours = server_config(None, tmp_path)
    assert (ours.bind, ours.workers, ours.include_server_header) == (["127.0.0.1:9001"], 1, False)
    (tmp_path / "hypercorn.toml").write_text('bind = "[::1]:80"\nworkers = 3\n')
    assert (server_config(None, tmp_path).bind, server_config(None, tmp_path).workers) == (["[::1]:80"], 3)
    (tmp_path / "other.toml").write_text('bind = ["127.0.0.1:81", "unix:/s"]\n')
    assert server_config(Path("other.toml"), tmp_path).bind == ["127.0.0.1:81", "unix:/s"]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("worker = 2", 'hypercorn.toml: unknown key "worker" (did you mean "workers"?)'),
        ('root_path = "/x"', 'hypercorn.toml: unknown key "root_path"; it is [app] root_path in config.toml'),
        ('workers = "2"', "hypercorn.toml: workers: Expected `int`, got `str`"),
        ("workers = 0", "hypercorn.toml: workers: Expected `int` >= 1"),
        ("bind = []", "hypercorn.toml: bind: Expected `array` of length >= 1"),
        ("bind = [1]", "hypercorn.toml: bind: Expected `str`, got `int`"),
        ("graceful_timeout = -1", "hypercorn.toml: graceful_timeout: Expected `float` >= 0.001"),
        ('keyfile = "k"', "hypercorn.toml: certfile and keyfile must be set together"),
        ('keyfile = "k"\ncertfile = "c"', "hypercorn.toml: the certificate cannot be used: "),
        ("= 1", "hypercorn.toml: is not valid TOML: "),
    ],
)
def test_mistakes_are_named(tmp_path: Path, text: str, line: str) -> None:
    (found,) = problems(tmp_path, text)
    assert found.startswith(line) and "\n" not in found


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"other\.toml: cannot be read: No such file or directory"):
        server_config(Path("other.toml"), tmp_path)


@pytest.mark.parametrize(
    ("address", "host", "port", "result"),
    [
        ("127.0.0.1:9001", None, 80, "127.0.0.1:80"),
        ("[::1]:9001", None, 80, "[::1]:80"),
        ("127.0.0.1:9001", "::", None, "[::]:9001"),
        ("127.0.0.1:9001", "0.0.0.0", 80, "0.0.0.0:80"),
        ("unix:/run/s:1", None, 80, "127.0.0.1:80"),
        ("fd://3", "::1", None, "[::1]:9001"),
    ],
)
def test_options_take_the_place_of_parts_of_the_address(
    address: str, host: str | None, port: int | None, result: str
) -> None:
    assert replaced(address, host, port) == result


@pytest.mark.parametrize(
    "address", ["nowhere.invalid:80", "127.0.0.1:99999", "127.0.0.1:x", "unix:/nowhere/s", "fd://x", "192.0.2.1:80"]
)
def test_an_address_that_cannot_be_had_is_named(tmp_path: Path, address: str) -> None:
    (tmp_path / "hypercorn.toml").write_text(f'bind = ["127.0.0.1:{free_port()}", "{address}"]')
    with pytest.raises(SettingsError, match=f"^Cannot listen on {re.escape(address)}: .+[.]$"):
        Listening(server_config(None, tmp_path))


def test_the_file_of_another_server_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "s"
    (tmp_path / "hypercorn.toml").write_text(f'bind = "unix:{path}"')
    listening = Listening(server_config(None, tmp_path))
    path.rename(tmp_path / "ours")  # it is kept, so that the other file cannot get its number
    with socket.socket(socket.AF_UNIX) as other:
        other.bind(str(path))
        listening.close()
        assert path.is_socket()


def test_a_mistake_in_hypercorn_toml_ends_serve_with_its_line(archive: Path) -> None:
    (archive / "hypercorn.toml").write_text("worker = 2\nbacklog = true\n")
    status, lines = ended(archive, "serve", "--port", str(free_port()))
    assert status == 1
    assert [line.removeprefix("Error: ").partition(" ")[0] for line in lines] == ["hypercorn.toml:"] * 2


@pytest.mark.parametrize("workers", ["1", "3"])
def test_what_keeps_workers_from_starting_is_said_once(archive: Path, workers: str) -> None:
    (archive / "boards.toml").write_text("[boards.b]\n")
    status, lines = ended(archive, "serve", "--workers", workers, "--port", str(free_port()))
    assert (status, len(lines)) == (1, 1), lines
    assert "CRITICAL koiwai boards.toml: the database has no table for /b/" in lines[0]


def test_a_port_in_use_is_one_line_for_several_workers_too(archive: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        status, lines = ended(archive, "serve", "--workers", "2", "--port", str(port))
    assert (status, lines) == (1, [f"Error: Cannot listen on 127.0.0.1:{port}: Address already in use."])


def test_several_workers_cannot_share_a_port_with_a_second_server(archive: Path) -> None:
    port = str(free_port())
    with running(archive, "serve", "--workers", "2", "--port", port) as koiwai:
        koiwai.until(READY)
        assert ended(archive, "serve", "--workers", "2", "--port", port)[0] == 1
        assert koiwai.end(signal.SIGTERM) == 0


def test_hypercorn_by_itself_serves_and_logs_the_same(archive: Path) -> None:
    (archive / "media").mkdir()
    with (archive / "config.toml").open("a") as config:
        config.write('[app]\ntrusted_hops = 1\n[log]\nformat = "json"\n')
    port = free_port()
    arguments = ("-c", str(resource("hypercorn.toml")), "--bind", f"127.0.0.1:{port}", "app:create_app()")
    with running(archive, *arguments, module="hypercorn") as hypercorn:
        hypercorn.until(READY)
        request = Request(f"http://127.0.0.1:{port}/api/v1/boards", headers={"X-Forwarded-For": "192.0.2.1"})
        with urlopen(request, timeout=20) as answer:
            assert answer.headers["Server"] is None and answer.headers["X-Request-ID"]
        hypercorn.until(re.compile("koiwai.requests"))
    (line,) = (line for line in hypercorn.said.splitlines() if "/api/v1/boards" in line)
    assert msgspec.json.decode(line)["client"] == "192.0.2.1"


@pytest.mark.parametrize("workers", ["1", "2"])
def test_the_start_is_one_line_and_a_state_folder_in_the_way_a_warning(archive: Path, workers: str) -> None:
    (archive / "media").mkdir()
    (archive / "var").write_text("not a folder")
    port = free_port()
    with running(archive, "serve", "--workers", workers, "--port", str(port)) as koiwai:
        koiwai.until(READY)
        assert boards_at(str(port)) == ["a"]
        assert koiwai.end(signal.SIGTERM) == 0
    warning, ready, request = (line for line in koiwai.said.splitlines() if "koiwai.threads" not in line)
    assert f"WARNING koiwai.server [app] state: {archive / 'var'} cannot be written to" in warning
    assert ready.endswith(f"Running on http://127.0.0.1:{port} workers={workers} database=sqlite boards=a")
    assert "koiwai.requests answered method=GET path=/api/v1/boards status=200" in request


def test_what_the_settings_make_one_wonder_about_is_said_once(archive: Path) -> None:
    (archive / ".env").write_text("KOIWAI_DB__MYSQL__PASSWORD=hunter2\n")
    (archive / ".env").chmod(0o644)
    (archive / "media").mkdir()
    with running(archive, "serve", "--workers", "2", "--port", str(free_port())) as koiwai:
        koiwai.until(READY)
        assert koiwai.end(signal.SIGTERM) == 0
    assert koiwai.said.count("chmod o-r .env") == 1 and "hunter2" not in koiwai.said
