"""Several workers: what becomes of those that die, that hang while they start, and that do not end."""

import asyncio
import os
import re
import selectors
import signal
import socket
import subprocess
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from hypercorn.config import Config

from app.context import EXTENSION
from app.server import _Process, ending
from tests.support.process import Running, command, surroundings

# Workers count themselves by making files. `hanging` are the numbers of those that never serve.
PROGRAM = """
import itertools, os, signal, sys
from pathlib import Path
from app import supervisor
from app.settings import LogSettings
from app.telemetry import set_up_logging

count, startup, hanging, stubborn = int(sys.argv[1]), float(sys.argv[2]), sys.argv[3].split(), sys.argv[4] == "stubborn"
supervisor._SPARE = 0.1

def say(*words):
    os.write(2, (" ".join(map(str, words)) + "\\n").encode())

def number():
    for number in itertools.count(1):
        try:
            Path(str(number)).touch(exist_ok=False)
            return str(number)
        except FileExistsError:
            pass

def work(ready, lifeline):
    mine = number()
    if stubborn:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    if mine in hanging:
        say("hangs", mine, os.getpid(), ".")
    else:
        say("serves", mine, os.getpid(), ".")
        ready("")
    os.read(lifeline, 1)
    return 0

set_up_logging(LogSettings())
status = supervisor.supervise(
    count, work, announce=lambda word: say("complete"), refuse=lambda: None, startup=startup, patience=0.1
)
sys.exit(status)
"""
COMPLETE = re.compile("^complete$", re.MULTILINE)

Start = Callable[..., Running]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts a supervisor whose workers do nothing, and waits until all of them serve."""
    processes: list[subprocess.Popen[str]] = []

    def run(count: int, *, startup: float = 600, hanging: str = "", stubborn: bool = False) -> Running:
        arguments = (str(count), str(startup), hanging, "stubborn" if stubborn else "")
        process = subprocess.Popen(
            command(*arguments, program=PROGRAM),
            cwd=tmp_path,
            env=surroundings(),
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        processes.append(process)
        supervisor = Running(process)
        supervisor.until(COMPLETE)
        return supervisor

    yield run
    for process in processes:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def pid_of(supervisor: Running, number: int) -> int:
    """Of the worker with that number, once it serves or hangs."""
    return int(supervisor.until(re.compile(rf"^(?:serves|hangs) {number} (\d+) \.$", re.MULTILINE))[1])


def test_a_worker_that_hangs_while_it_starts_does_not_keep_others_from_starting(start: Start) -> None:
    supervisor = start(3, hanging="4")
    os.kill(pid_of(supervisor, 1), signal.SIGKILL)
    hanging = pid_of(supervisor, 4)
    os.kill(pid_of(supervisor, 2), signal.SIGKILL)
    replacement = pid_of(supervisor, 5)
    assert supervisor.workers == {pid_of(supervisor, 3), hanging, replacement}
    assert supervisor.end(signal.SIGTERM) == 0


def test_a_replacement_that_does_not_serve_in_time_is_replaced(start: Start) -> None:
    supervisor = start(2, startup=0.2, hanging="3 5")
    late = []
    for victim, hanging in ((1, 3), (2, 5)):
        os.kill(pid_of(supervisor, victim), signal.SIGKILL)
        late.append(pid_of(supervisor, hanging))
        supervisor.until(re.compile(rf"a worker has ended; another one takes its place pid={late[-1]} status=-9 "))
        if hanging == 3:
            pid_of(supervisor, 4)
    # Number 4 has served for longer than that by now, and is left alone.
    said = re.findall(r"a worker does not serve after 0\.2 s pid=(\d+)", supervisor.said)
    assert list(map(int, said)) == late
    assert pid_of(supervisor, 4) in supervisor.workers
    assert supervisor.end(signal.SIGTERM) == 0


def test_the_first_start_takes_as_long_as_it_takes(start: Start) -> None:
    supervisor = start(2, startup=0)
    assert supervisor.end(signal.SIGTERM) == 0
    assert "does not serve" not in supervisor.said


def test_the_more_workers_die_the_longer_the_pause(start: Start) -> None:
    supervisor = start(3)
    workers = [pid_of(supervisor, number) for number in (1, 2, 3)]
    for pid in workers:
        os.kill(pid, signal.SIGKILL)
    for pid in workers:
        supervisor.until(re.compile(rf"pid={pid} status=-9 pause=\S+\n"))
    assert re.findall(r" pause=(\S+)", supervisor.said) == ["0.25", "0.5", "1.0"]
    assert supervisor.end(signal.SIGTERM) == 0


def test_workers_that_do_not_end_in_time_are_killed(start: Start) -> None:
    supervisor = start(2, stubborn=True)
    workers = [os.pidfd_open(pid_of(supervisor, number)) for number in (1, 2)]
    supervisor.process.send_signal(signal.SIGTERM)
    _, rest = supervisor.process.communicate(timeout=20)
    assert supervisor.process.returncode == 1
    assert "Traceback" not in supervisor.said + rest
    for worker in workers:
        with pytest.raises(ProcessLookupError):
            signal.pidfd_send_signal(worker, signal.SIGKILL)
        os.close(worker)


class Hurried(selectors.DefaultSelector):
    """Waits for events only until it is in a hurry; from then on all time-outs come at once. `now` is the time."""

    now = 0.0
    hurry = False

    def select(self, timeout: float | None = None) -> Any:
        events = super().select(0 if self.hurry and timeout is not None else timeout)
        if self.hurry and not events:
            self.now += timeout or 0
        return events


class HurriedLoop(asyncio.SelectorEventLoop):
    def __init__(self, selector: Hurried) -> None:
        super().__init__(selector)
        self._hurried = selector

    def time(self) -> float:
        return self._hurried.now


class Stubborn:
    """An app that neither answers, nor closes, nor heeds a cancellation, until it is set free."""

    def __init__(self, asked: Callable[[], None]) -> None:
        self.extensions = {EXTENSION: SimpleNamespace(boards={})}
        self.asked = asked
        self.free = False

    async def startup(self) -> None:
        pass

    async def shutdown(self) -> None:
        await asyncio.Event().wait()

    async def __call__(self, *_: Any) -> None:
        self.asked()
        while not self.free:
            with suppress(asyncio.CancelledError):
                await asyncio.Event().wait()


def test_a_process_ends_in_the_time_that_its_parent_gives_it() -> None:
    config = Config()
    config.graceful_timeout, config.shutdown_timeout, config.keep_alive_timeout = 600.0, 60.0, 10_000.0
    selector, client = Hurried(), socket.socket()
    lifeline, hold = os.pipe()

    def to_end() -> None:
        selector.hurry = True
        os.close(hold)  # as when the parent ends

    app = Stubborn(to_end)
    listening = socket.create_server(("127.0.0.1", 0))

    def ask(_: str) -> None:
        client.connect(listening.getsockname())
        client.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")

    async def life() -> int:
        status = await _Process(cast(Any, app), config, [listening]).serve(ask, lifeline)
        app.free = True
        left = asyncio.all_tasks() - {asyncio.current_task()}
        for task in left:
            task.cancel()
        await asyncio.wait(left)
        return status

    loop = HurriedLoop(selector)
    loop.call_later(5000, loop.stop)  # rather than never
    try:
        assert loop.run_until_complete(life()) == 1
    finally:
        loop.close()
        client.close()
        os.close(lifeline)
    assert config.graceful_timeout + config.shutdown_timeout < selector.now <= ending(config) + 0.01
