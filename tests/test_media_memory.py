"""Large files, from a server in a process of its own: its memory stays bounded, however fast a reader is."""

from __future__ import annotations

import re
import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.support.daemon import Daemon, free_port, make_folder
from tests.support.media_app import ADDRESS

SIZE = 300 * 1024 * 1024
MOST_GROWTH = 30 * 1024
"""KiB; a download is to hold a few pieces of 256 KiB."""

REPOSITORY = Path(__file__).resolve().parents[1]

pytestmark = pytest.mark.skipif(not Path("/proc/self/status").is_file(), reason="needs /proc to see memory")


class Server:
    """The app over a folder with one large, sparse file."""

    def __init__(self, port: int, daemon: Daemon) -> None:
        self.port = port
        self.daemon = daemon

    def memory(self, key: str = "VmRSS") -> int:
        """KiB: what is held now (VmRSS), or the most that ever was (VmHWM)."""
        status = Path(f"/proc/{self.daemon.pid}/status").read_text()
        found = re.search(rf"^{key}:\s+(\d+) kB", status, re.MULTILINE)
        assert found is not None
        return int(found[1])

    def request(self) -> socket.socket:
        """A connection on which the file was asked for, and whose own buffer is small."""
        connection = socket.socket()
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 64 * 1024)
        connection.settimeout(60)
        connection.connect(("127.0.0.1", self.port))
        connection.sendall(f"GET {ADDRESS} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".encode())
        return connection


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    path = tmp_path / ADDRESS.lstrip("/")
    path.parent.mkdir(parents=True)
    with path.open("wb") as file:
        file.truncate(SIZE)
    port = free_port()

    def probe() -> None:
        socket.create_connection(("127.0.0.1", port), timeout=5).close()

    app = "tests.support.media_app:app_of_folder()"
    command = [sys.executable, "-m", "hypercorn", "--workers", "0", "--bind", f"127.0.0.1:{port}", app]
    environment = {"MEDIA_ROOT": str(tmp_path), "PYTHONPATH": str(REPOSITORY)}
    folder = make_folder("koiwai-media", None, None)
    daemon = Daemon(command, folder, None, signal.SIGTERM, probe, (OSError,), environment)
    daemon.first_start(None)
    yield Server(port, daemon)
    daemon.close()


def drain(connection: socket.socket, most: int | None = None) -> int:
    """Bytes read: all there are, or about `most`."""
    buffer, count = bytearray(1024 * 1024), 0
    while (most is None or count < most) and (read := connection.recv_into(buffer)):
        count += read
    return count


def test_downloads_do_not_fill_the_memory(server: Server) -> None:
    with server.request() as first:
        drain(first, 1024)  # everything that is loaded with the first answer is there now
    before = server.memory()
    with ExitStack() as open_connections:
        slow = [open_connections.enter_context(server.request()) for _ in range(8)]
        for connection in slow:
            drain(connection, 1024)  # and then no more: the server is left with the rest
        with server.request() as fast:
            assert drain(fast) > SIZE
        assert server.memory("VmHWM") - before < MOST_GROWTH
        for connection in slow:  # they are still served, from where they had stopped
            assert drain(connection, 1024 * 1024) >= 1024 * 1024
        assert server.memory("VmHWM") - before < MOST_GROWTH
