"""Servers for tests end when told, when killed and when the tests are killed, and leave nothing behind."""

import os
import select
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.daemon import MissingServer, ServerFailed, find_program, free_port, make_folder
from tests.support.servers import PostgresqlServer, Server

REPOSITORY = Path(__file__).resolve().parents[1]


def test_killed_postgresql_leaves_no_shared_memory(own_postgresql_server: PostgresqlServer) -> None:
    assert own_postgresql_server.daemon is not None
    lock = own_postgresql_server.daemon.folder / "data" / "postmaster.pid"
    segment = int(lock.read_text("utf-8").splitlines()[6].split()[1])
    assert segment in shared_memory()
    own_postgresql_server.kill()
    assert segment not in shared_memory()


def shared_memory() -> list[int]:
    """Numbers of the System V segments of this machine."""
    table = Path("/proc/sysvipc/shm")
    if not table.is_file():
        pytest.skip("the system shows no table of shared memory")
    return [int(line.split()[1]) for line in table.read_text("utf-8").splitlines()[1:]]


def test_close_ends_the_process_and_removes_the_folder(own_server: Server) -> None:
    assert own_server.daemon is not None and own_server.daemon.running
    folder = own_server.daemon.folder
    assert folder.is_dir()
    own_server.close()
    own_server.close()
    assert not own_server.reachable()
    assert not folder.exists()


def test_missing_program_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TEST_WITHOUT_SERVERS", raising=False)
    with pytest.raises(MissingServer, match=r"^install it\.$"):
        find_program("no-such-database-server", "install it")


def test_a_run_without_servers_finds_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEST_WITHOUT_SERVERS", "1")
    with pytest.raises(MissingServer, match="TEST_WITHOUT_SERVERS"):
        find_program("sh", "install it")


def test_too_long_folder_is_refused_and_removed(tmp_path: Path) -> None:
    long = tmp_path / ("a" * 90)
    long.mkdir()
    with pytest.raises(ServerFailed, match="too long"):
        make_folder("koiwai", long, None)
    assert list(long.iterdir()) == []


def test_server_that_cannot_start_shows_its_log_and_leaves_nothing(
    own_postgresql_server: PostgresqlServer,
) -> None:
    daemon = own_postgresql_server.daemon
    assert daemon is not None
    own_postgresql_server.stop()
    daemon.command = [*daemon.command, "-c", "no_such_setting=1"]
    with pytest.raises(ServerFailed, match="no_such_setting"):
        own_postgresql_server.start()
    assert not daemon.running


def test_free_port_is_below_the_ports_of_outgoing_connections() -> None:
    port = free_port()
    assert 20000 <= port < 32000
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", port))


def test_killed_tests_leave_no_server_behind(shared_server: Server) -> None:
    if shared_server.daemon is None:
        pytest.skip("the server is not a private one")
    kind = shared_server.kind
    program = (
        f"import os, sys\nfrom tests.support.servers import start_{kind}\nserver = start_{kind}()\n"
        "print(server.daemon.folder, server.port, server.daemon._guard.pid, flush=True)\nsys.stdin.read()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program],
        cwd=REPOSITORY,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as tests:
        assert tests.stdout is not None
        folder, port, guard = tests.stdout.readline().split()
        guard_end = os.pidfd_open(int(guard))
        tests.send_signal(signal.SIGKILL)
    # The guard outlives the tests by the time the server needs to stop.
    wait_for_end(guard_end)
    assert not Path(folder).exists()
    with socket.socket() as client:
        assert client.connect_ex(("127.0.0.1", int(port))) != 0


def wait_for_end(process: int) -> None:
    """Wait until the process of this descriptor has ended, at most 30 seconds."""
    ready, _, _ = select.select([process], [], [], 30)
    os.close(process)
    assert ready, "the process still runs"
