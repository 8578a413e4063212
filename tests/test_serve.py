"""How `koiwai serve` ends: what is under way is finished, for one process and for several."""

import os
import re
import select
import shutil
import signal
import socket
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from app.demo.make import make_demo
from tests.support.daemon import free_port
from tests.support.process import READY, Running, boards_at, running, until_refused

FILE = "/g/image/1366/82/1366825828123.png"
SIZE = 50_000_000  # more than all buffers between server and client

NUMBERS = [signal.SIGTERM, signal.SIGINT]
WORKERS = ["1", "2"]


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the demo, and a file that takes long to download. Writers of its database can lock readers out."""
    folder = tmp_path_factory.mktemp("demo")
    make_demo(folder / "var", lambda line: None)
    big = folder / "var" / "media" / FILE.lstrip("/")
    big.parent.mkdir(parents=True, exist_ok=True)
    with big.open("wb") as file:
        file.truncate(SIZE)
    with closing(sqlite3.connect(folder / "var" / "archive.db")) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")
    return folder


def ask(port: int, path: str) -> socket.socket:
    client = socket.create_connection(("127.0.0.1", port), timeout=20)
    client.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
    return client


def rest(client: socket.socket) -> bytes:
    """Everything until the server closes the connection."""
    parts = []
    while part := client.recv(1_000_000):
        parts.append(part)
    return b"".join(parts)


@contextmanager
def serving(folder: Path, workers: str, *, grace: float = 15) -> Iterator[tuple[Running, int]]:
    (folder / "hypercorn.toml").write_text(f"graceful_timeout = {grace}\nkeep_alive_timeout = 30\nbacklog = 7\n")
    port = free_port()
    with running(folder, "serve", "--port", str(port), "--workers", workers) as koiwai:
        koiwai.until(READY)
        yield koiwai, port


def ended(koiwai: Running) -> int:
    _, said = koiwai.process.communicate(timeout=20)
    koiwai.said += said
    return koiwai.process.returncode


def to_all(koiwai: Running, number: signal.Signals) -> None:
    """As a terminal or a service manager does it."""
    os.killpg(koiwai.process.pid, number)


def to_one(koiwai: Running, number: signal.Signals) -> None:
    koiwai.process.send_signal(number)


@pytest.mark.parametrize(
    ("workers", "number", "send"),
    [
        ("1", signal.SIGTERM, to_one),
        ("1", signal.SIGINT, to_all),
        ("2", signal.SIGTERM, to_one),
        ("2", signal.SIGTERM, to_all),
        ("2", signal.SIGINT, to_all),
    ],
)
def test_a_download_under_way_is_finished(
    demo: Path, workers: str, number: signal.Signals, send: Callable[[Running, signal.Signals], None]
) -> None:
    with serving(demo, workers) as (koiwai, port), ask(port, FILE) as client:
        start = client.recv(1000)
        assert start.startswith(b"HTTP/1.1 200")
        send(koiwai, number)
        until_refused(port)
        _, _, body = (start + rest(client)).partition(b"\r\n\r\n")
        assert len(body) == SIZE
        assert ended(koiwai) == 0
        assert "Traceback" not in koiwai.said and "Warning" not in koiwai.said and "cut off" not in koiwai.said


@pytest.mark.parametrize("workers", WORKERS)
def test_a_request_that_waits_for_the_database_is_answered(demo: Path, workers: str) -> None:
    with serving(demo, workers) as (koiwai, port), closing(sqlite3.connect(demo / "var" / "archive.db")) as writer:
        writer.execute("BEGIN EXCLUSIVE")
        with ask(port, "/g/") as client, ask(port, "/healthz") as other:
            assert other.recv(1000).startswith(b"HTTP/1.1 200")  # the one before has been accepted
            koiwai.process.send_signal(signal.SIGTERM)
            until_refused(port)
            writer.rollback()
            answer = rest(client)
        assert answer.startswith(b"HTTP/1.1 200") and answer.endswith(b"</html>")
        assert ended(koiwai) == 0


@pytest.mark.parametrize("workers", WORKERS)
def test_what_takes_longer_than_the_grace_is_cut_off(demo: Path, workers: str) -> None:
    with serving(demo, workers, grace=0.2) as (koiwai, port), ask(port, FILE) as client:
        assert client.recv(1000).startswith(b"HTTP/1.1 200")
        koiwai.process.send_signal(signal.SIGTERM)
        assert ended(koiwai) == 0
        assert "1 connections were cut off after 0.2 s" in koiwai.said
        assert "aborted method=GET path=" + FILE in koiwai.said
        assert "Traceback" not in koiwai.said and "Warning" not in koiwai.said


@pytest.mark.parametrize("workers", WORKERS)
@pytest.mark.parametrize("number", NUMBERS)
def test_a_second_signal_ends_at_once(demo: Path, workers: str, number: signal.Signals) -> None:
    with serving(demo, workers, grace=600) as (koiwai, port), ask(port, FILE) as client:
        assert client.recv(1000).startswith(b"HTTP/1.1 200")
        koiwai.process.send_signal(number)
        until_refused(port)
        koiwai.process.send_signal(number)
        assert ended(koiwai) == (-number if workers == "1" else 128 + number)
        assert "Traceback" not in koiwai.said


def test_a_worker_that_dies_is_replaced(demo: Path) -> None:
    with serving(demo, "2") as (koiwai, port):
        before = koiwai.workers
        assert len(before) == 2
        victim = min(before)
        os.kill(victim, signal.SIGKILL)
        koiwai.until(re.compile(rf"a worker has ended; another one takes its place pid={victim} status=-9 "))
        assert len(boards_at(str(port))) > 1
        while len(after := koiwai.workers) < 2:
            assert koiwai.process.poll() is None
        assert len(after & before) == 1
        assert koiwai.end(signal.SIGTERM) == 0
        assert "Traceback" not in koiwai.said


def test_workers_do_not_outlive_their_parent(demo: Path) -> None:
    with serving(demo, "2") as (koiwai, port):
        workers = [os.pidfd_open(pid) for pid in koiwai.workers]
        koiwai.process.kill()
        until_refused(port)
        for worker in workers:
            assert select.select([worker], [], [], 20)[0]
            os.close(worker)


def test_a_unix_socket_is_served_and_removed(demo: Path) -> None:
    path = demo / "s"
    (demo / "unix.toml").write_text(f'bind = "unix:{path}"\numask = 0o117\n')
    address = re.compile(f"Running on unix:{re.escape(str(path))} workers=1 database=sqlite boards=")
    with running(demo, "serve", "--config", "unix.toml") as koiwai:
        koiwai.until(address)
        assert path.stat().st_mode & 0o777 == 0o660
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(str(path))
            client.sendall(b"GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            assert rest(client).startswith(b"HTTP/1.1 200")
        with running(demo, "serve", "--config", "unix.toml") as second:
            second.until(re.compile(f"Cannot listen on unix:{re.escape(str(path))}: Address already in use"))
            assert ended(second) == 1
        assert koiwai.end(signal.SIGTERM) == 0
    assert not path.exists()
    with socket.socket(socket.AF_UNIX) as left_behind:
        left_behind.bind(str(path))  # a server that was killed leaves its file
    with running(demo, "serve", "--config", "unix.toml") as koiwai:
        koiwai.until(address)


@pytest.fixture(scope="module", autouse=True)
def tidy(demo: Path) -> Iterator[None]:
    yield
    shutil.rmtree(demo)
