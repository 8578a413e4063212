"""What `koiwai serve` does with clients that want a WebSocket, and with those connected while it ends."""

import re
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from app.demo.make import make_demo
from tests.support.daemon import free_port
from tests.support.process import READY, running, until_refused

HANDSHAKE = (
    b"GET /a/?x=1 HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nX-Forwarded-For: 192.0.2.7\r\nUser-Agent: test/1\r\n\r\n"
)
# Starts the command with more patience for requests on their way, so that a slow machine changes nothing.
PATIENT = """
import app.server
app.server._LINGER = 20
from app.cli import main
main()
"""


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("demo")
    make_demo(folder / "var", lambda line: None)
    return folder


@contextmanager
def connected(address: int | str) -> Iterator[socket.socket]:
    """A client of a TCP port or of a unix socket."""
    with socket.socket(socket.AF_INET if isinstance(address, int) else socket.AF_UNIX) as client:
        client.settimeout(20)
        client.connect(("127.0.0.1", address) if isinstance(address, int) else address)
        yield client


def to_the_end(client: socket.socket) -> bytes:
    parts = []
    while part := client.recv(100_000):
        parts.append(part)
    return b"".join(parts)


@pytest.mark.parametrize("requests", ["true", "false"])
def test_a_websocket_is_refused_in_one_line(demo: Path, requests: str) -> None:
    port, path = free_port(), str(demo / "s")
    (demo / "hypercorn.toml").write_text(f'bind = ["127.0.0.1:{port}", "unix:{path}"]\n')
    variables = {"KOIWAI_APP__TRUSTED_HOPS": "1", "KOIWAI_LOG__REQUESTS": requests}
    with running(demo, "serve", **variables) as koiwai:
        koiwai.until(READY)
        for address in (port, path):
            with connected(address) as client:
                client.sendall(HANDSHAKE)
                assert to_the_end(client).startswith(b"HTTP/1.1 403 ")
        assert koiwai.end(signal.SIGTERM) == 0
    lines = [line for line in koiwai.said.splitlines() if "WebSocket" in line]
    assert len(lines) == 2
    words = 'refused a WebSocket path="/a/?x=1" status=403 client=192.0.2.7 agent=test/1 request='
    assert all(f"INFO koiwai.requests {words}" in line for line in lines)
    assert "Traceback" not in koiwai.said and "ERROR" not in koiwai.said


def test_a_request_on_its_way_when_the_server_is_told_to_stop_is_answered(demo: Path) -> None:
    (demo / "hypercorn.toml").write_text("graceful_timeout = 15\n")
    port, request = free_port(), b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n"
    with running(demo, "serve", "--port", str(port), program=PATIENT) as koiwai:
        koiwai.until(READY)
        with connected(port) as client:
            client.sendall(request)
            first = client.recv(1000)
            while not first.endswith(b"\r\n\r\nok"):
                first += client.recv(1000)
            assert b"connection: close" not in first
            koiwai.process.send_signal(signal.SIGTERM)
            until_refused(port)
            client.sendall(request)
            last = to_the_end(client)
        assert (
            last.startswith(b"HTTP/1.1 200 ") and last.endswith(b"\r\n\r\nok") and b"\r\nconnection: close\r\n" in last
        )
        _, rest = koiwai.process.communicate(timeout=10)
        assert koiwai.process.returncode == 0
        assert not re.search("aborted|cut off", koiwai.said + rest)
