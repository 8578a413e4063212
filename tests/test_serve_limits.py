"""What clients that take their time, or send too much, can do to a server: nothing."""

import socket
import time
from collections.abc import Iterator

import pytest

from app.demo.make import make_demo
from tests.support.daemon import free_port
from tests.support.process import READY, running


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """Where a server runs that has little patience."""
    folder, port = tmp_path_factory.mktemp("demo"), free_port()
    make_demo(folder / "var", lambda line: None)
    (folder / "hypercorn.toml").write_text("keep_alive_timeout = 0.5\nh11_max_incomplete_size = 2000\n")
    with running(folder, "serve", "--port", str(port)) as koiwai:
        koiwai.until(READY)
        yield port
        assert "Traceback" not in koiwai.said


@pytest.fixture
def client(port: int) -> Iterator[socket.socket]:
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        yield connection


def drip(client: socket.socket, piece: bytes) -> bytes:
    """Sends `piece` now and then until the server answers or closes; the answer."""
    client.settimeout(0.1)
    end = time.monotonic() + 20
    while time.monotonic() < end:
        try:
            client.sendall(piece)
            return client.recv(1000)
        except TimeoutError:
            continue
        except ConnectionError:
            return b""
    raise AssertionError("the server is still listening")


def test_silence_is_ended(client: socket.socket) -> None:
    assert client.recv(1000) == b""


@pytest.mark.parametrize("start", [b"", b"GET /healthz HTTP/1.1\r\nHost: a\r\nX-A: "])
def test_headers_that_come_byte_by_byte_are_cut_off(client: socket.socket, start: bytes) -> None:
    client.sendall(start)
    assert drip(client, b"a") == b""


def test_a_second_request_that_comes_byte_by_byte_is_cut_off(client: socket.socket) -> None:
    client.sendall(b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n")
    answer = b""
    while not answer.endswith(b"\r\n\r\nok"):
        answer += client.recv(1000)
    assert drip(client, b"G") == b""


def test_a_body_that_comes_byte_by_byte_holds_nothing_up(client: socket.socket) -> None:
    client.sendall(b"POST /g/ HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\na")
    assert client.recv(1000).startswith(b"HTTP/1.1 405")
    while client.recv(10_000):
        pass


@pytest.mark.parametrize(
    "request_", [b"GET /%s HTTP/1.1\r\n", b"GET / HTTP/1.1\r\nX-A: %s\r\n", b"GET / HTTP/1.1\r\n%s\r\n", b"%s"]
)
def test_headers_that_are_too_long_are_refused(client: socket.socket, request_: bytes) -> None:
    client.sendall(request_ % (b"a" * 3000))
    assert client.recv(1000)[:12] in {b"HTTP/1.1 431", b"HTTP/1.1 400"}
    assert b"server:" not in client.recv(1000)


@pytest.mark.parametrize("target", [b"http://[/", b"?x", b"*", b"x", b"http://h/healthz", b"//h/", b"/%00", b"/%ff"])
def test_a_strange_target_is_answered(client: socket.socket, target: bytes) -> None:
    client.sendall(b"GET %s HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n" % target)
    assert client.recv(1000)[:12] in {b"HTTP/1.1 200", b"HTTP/1.1 404", b"HTTP/1.1 400"}
