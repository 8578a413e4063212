"""Large downloads from a server in a process of its own: memory stays bounded, and clients that leave are noticed."""

from __future__ import annotations

import re
import signal
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.daemon import free_port
from tests.support.process import READY, Running, running
from tests.support.stage import Stage, stage

__all__ = ["stage"]

PICTURE = 75 * 1024 * 1024
PICTURES = 4
MOST_GROWTH = 40 * 1024
"""KiB; a ZIP file in the making is to hold a few pieces of 256 KiB."""

pytestmark = [
    pytest.mark.skipif(not Path("/proc/self/status").is_file(), reason="needs /proc to see memory"),
    pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True),
]


class Server:
    """The command, serving one thread with large, sparse pictures."""

    def __init__(self, port: int, koiwai: Running) -> None:
        self.port = port
        self._koiwai = koiwai

    def most_memory(self) -> int:
        """KiB that the process ever held, of all processes of it the one that held most."""
        pids = {self._koiwai.process.pid, *self._koiwai.workers}
        statuses = [Path(f"/proc/{pid}/status").read_text() for pid in pids]
        return max(int(found) for status in statuses for found in re.findall(r"VmHWM:\s+(\d+) kB", status))

    def ask(self, kind: str) -> socket.socket:
        """A connection on which a download was asked for, and whose own buffer is small."""
        connection = socket.socket()
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 64 * 1024)
        connection.settimeout(60)
        connection.connect(("127.0.0.1", self.port))
        request = f"GET /g/thread/100/download.{kind} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
        connection.sendall(request.encode())
        return connection


@pytest.fixture
def server(stage: Stage, tmp_path: Path) -> Iterator[Server]:
    stage.board()
    for num in range(100, 100 + PICTURES):
        name = f"{1657627200000 + num}.webm"
        stage.post(num, 100, media_hash=f"{num:A>22}==", media_orig=name, media_filename="film.webm")
        path = stage.media / "g" / "image" / name[:4] / name[4:6] / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as file:
            file.truncate(PICTURE)
    folder = tmp_path / "server"
    folder.mkdir()
    (folder / "boards.toml").write_text('[boards.g]\nclock = "utc"\n')
    port = str(free_port())
    settings = {
        "DATABASE_URL": f"sqlite:///{stage.place.settings().sqlite.database}",
        "KOIWAI_MEDIA__ROOT": str(stage.media),
        "KOIWAI_LOG__REQUESTS": "false",
    }
    with running(folder, "serve", "--port", port, **settings) as koiwai:
        koiwai.until(READY)
        yield Server(int(port), koiwai)
        koiwai.end(signal.SIGTERM)


def drain(connection: socket.socket, most: int | None = None) -> bytes:
    """The first bytes, after all there are, or about `most`, were read."""
    buffer, count, start = bytearray(1024 * 1024), 0, b""
    while (most is None or count < most) and (read := connection.recv_into(buffer)):
        start = start or bytes(buffer[:read])
        count += read
    return start if most is not None else start[:12] + str(count).encode()


def test_downloads_hold_little_and_end_with_their_clients(server: Server) -> None:
    with server.ask("html") as page:
        assert drain(page).startswith(b"HTTP/1.1 200")
    with server.ask("zip") as first:  # everything that is loaded with the first answer is there now
        assert drain(first).startswith(b"HTTP/1.1 200")
    before = server.most_memory()
    with server.ask("zip") as slow:
        assert drain(slow, 1024).startswith(b"HTTP/1.1 200")  # and then no more, for now
        with server.ask("zip") as fast:
            told = drain(fast)
            assert told.startswith(b"HTTP/1.1 200")
            assert int(told[12:]) > PICTURES * PICTURE
        assert server.most_memory() - before < MOST_GROWTH
        # The slow one may have lent its place by now, or not, as quick as this machine is.
        with server.ask("zip") as second, server.ask("zip") as third, server.ask("zip") as fourth:
            answers = {drain(each, 1)[9:12] for each in (second, third, fourth)}
            assert answers == {b"200", b"503"}
    # All have left in the middle: their places are free again, as soon as the server has noticed.
    end = time.monotonic() + 30
    while True:
        with server.ask("html") as again, server.ask("zip") as other:
            if {drain(again, 1)[9:12], drain(other, 1)[9:12]} == {b"200"}:
                break
        assert time.monotonic() < end, "a client that left keeps its place"
