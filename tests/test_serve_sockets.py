"""The sockets of `koiwai serve`: whose they are from the first moment, and what is said of those it cannot have."""

import asyncio
import json
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from app.errors import SettingsError
from app.server_config import Listening, server_config
from tests.support.daemon import free_port
from tests.support.process import REPOSITORY, ended, running, surroundings


def complaint(folder: Path, *addresses: str) -> str:
    (folder / "hypercorn.toml").write_text(f"bind = {json.dumps(addresses)}\n")
    with pytest.raises(SettingsError) as caught:
        Listening(server_config(None, folder))
    (problem,) = caught.value.problems
    return problem


@pytest.mark.parametrize("kind", ["tcp", "unix"])
def test_a_second_server_is_refused_while_the_first_still_waits_for_its_database(tmp_path: Path, kind: str) -> None:
    address = f"127.0.0.1:{free_port()}" if kind == "tcp" else f"unix:{tmp_path / 's'}"
    (tmp_path / "config.toml").write_text(f'[db]\ndb_type = "mysql"\n[db.mysql]\nport = {free_port()}\n')
    (tmp_path / "boards.toml").write_text("[boards.a]\n")
    (tmp_path / "hypercorn.toml").write_text(f'bind = "{address}"\nbacklog = 1\n')
    with running(tmp_path, "serve") as koiwai:
        koiwai.until(re.compile("waiting for the database"))
        second = ended(tmp_path, "serve")
        assert second == (1, [f"Error: Cannot listen on {address}: Address already in use."])
        assert koiwai.end(signal.SIGTERM) == 0
    assert not (tmp_path / "s").exists()


def test_a_unix_socket_with_a_full_queue_is_in_use(tmp_path: Path) -> None:
    path = tmp_path / "s"
    with socket.socket(socket.AF_UNIX) as other, socket.socket(socket.AF_UNIX) as waiting:
        other.bind(str(path))
        other.listen(0)
        waiting.connect(str(path))
        assert complaint(tmp_path, f"unix:{path}") == f"Cannot listen on unix:{path}: Address already in use."


def test_an_answer_that_is_sent_in_pieces_does_not_wait_for_the_client(tmp_path: Path) -> None:
    """Without TCP_NODELAY the second answer of a connection came 40 ms late."""

    async def delays() -> int:
        (tmp_path / "hypercorn.toml").write_text(f'bind = "127.0.0.1:{free_port()}"\n')
        listening = Listening(server_config(None, tmp_path))
        accepted: asyncio.Future[int] = asyncio.get_running_loop().create_future()

        def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            sock = writer.get_extra_info("socket")
            accepted.set_result(sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
            writer.close()

        server = await asyncio.start_server(connected, sock=listening.sockets[0])
        _, writer = await asyncio.open_connection(*listening.sockets[0].getsockname())
        no_delay = await accepted
        writer.close()
        server.close()
        listening.close()
        return no_delay

    assert asyncio.run(delays()) == 1


def test_an_address_that_stands_there_twice_is_one_line(tmp_path: Path) -> None:
    port = free_port()
    problem = complaint(tmp_path, f"127.0.0.1:{port}", f"127.0.0.1:{port}")
    assert problem == f"Cannot listen on 127.0.0.1:{port}: Address already in use."
    with socket.socket() as free:
        assert free.connect_ex(("127.0.0.1", port)) != 0


def test_a_unix_socket_needs_a_path_of_its_own(tmp_path: Path) -> None:
    assert complaint(tmp_path, "unix:") == "Cannot listen on unix:: the path of a file must follow."
    file = tmp_path / "file"
    file.write_text("mine")
    for path in (file, tmp_path):
        assert complaint(tmp_path, f"unix:{path}") == f"Cannot listen on unix:{path}: it is there and is no socket."
    assert file.read_text() == "mine"


def test_the_image_asks_for_its_health_where_port_says() -> None:
    """The line of the Dockerfile, carried out."""
    line = re.search(r"^HEALTHCHECK .*CMD (\[.+\])$", (REPOSITORY / "Dockerfile").read_text(), re.MULTILINE)
    assert line is not None
    _, *arguments = json.loads(line[1])
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(20)
        variables = surroundings(PORT=str(server.getsockname()[1]))
        with subprocess.Popen([sys.executable, *arguments], env=variables) as check:
            client, _ = server.accept()
            with client:
                assert client.recv(1000).startswith(b"GET /healthz HTTP/1.1\r\n")
                client.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok")
            assert check.wait(20) == 0
