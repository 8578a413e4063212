"""The command `koiwai` as a process: run to its end, or watched while it serves."""

import json
import os
import re
import select
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
BYTECODE = REPOSITORY / ".pytest_cache" / "bytecode"
"""Hundreds of processes are started: to compile the app for each of them takes a third of its start."""
READY = re.compile(r"Running on http://127\.0\.0\.1:([0-9]+) ")


def command(*arguments: str, program: str | None = None, module: str = "app") -> list[str]:
    """The command; whatever was not closed properly is told on standard error."""
    start = ["-m", module] if program is None else ["-c", program]
    return [sys.executable, "-X", "dev", "-W", "error", *start, *arguments]


def surroundings(**variables: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("KOIWAI_", "PORT", "TEST_"))}
    kept.pop("PYTHONDONTWRITEBYTECODE", None)
    return {**kept, "PYTHONPATH": str(REPOSITORY), "PYTHONPYCACHEPREFIX": str(BYTECODE), **variables}


def without_slow_steps(said: str) -> str:
    """In development mode Python itself complains of steps that take long, as they do under load."""
    return re.sub(r"(?m)^(?:\S+ WARNING asyncio )?Executing <.*\n", "", said)


def ended(folder: Path, *arguments: str, program: str | None = None, **variables: str) -> tuple[int, list[str]]:
    """Status and lines on standard error of a command that ends by itself."""
    (folder / "media").mkdir(exist_ok=True)  # its absence is worth a line of its own
    done = subprocess.run(
        command(*arguments, program=program),
        cwd=folder,
        env=surroundings(**variables),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.stdout == ""
    return done.returncode, without_slow_steps(done.stderr).splitlines()


class Running:
    """A command that serves. `said` is what it has written to standard error so far."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.said = ""

    def until(self, pattern: re.Pattern[str]) -> re.Match[str]:
        """Waits for some words."""
        assert self.process.stderr is not None
        end = time.monotonic() + 30
        while (match := pattern.search(self.said)) is None:
            ready, _, _ = select.select([self.process.stderr], [], [], max(0, end - time.monotonic()))
            line = os.read(self.process.stderr.fileno(), 10_000).decode() if ready else ""
            assert line, f"no {pattern.pattern!r} in:\n{self.said}"
            self.said += line
        return match

    @property
    def workers(self) -> set[int]:
        """Process ids of its children."""
        pid = self.process.pid
        return set(map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split()))

    def end(self, number: signal.Signals) -> int:
        """Its status after a signal; promptly, that is without waiting for anything."""
        self.process.send_signal(number)
        return self.ended()

    def ended(self) -> int:
        """Its status at its end, which is to come promptly."""
        _, rest = self.process.communicate(timeout=4)
        self.said += rest
        return self.process.returncode


@contextmanager
def running(
    folder: Path, *arguments: str, program: str | None = None, module: str = "app", **variables: str
) -> Iterator[Running]:
    """In a session of its own, so that a test can signal it as a terminal would: with all its processes."""
    with subprocess.Popen(
        command(*arguments, program=program, module=module),
        cwd=folder,
        env=surroundings(**variables),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        try:
            yield Running(process)
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)  # children too, whatever their parent forgot


def boards_at(port: str) -> list[str]:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/api/v1/boards", timeout=10) as answer:
        return [board["name"] for board in json.load(answer)["boards"]]


def until_refused(port: int) -> None:
    """Waits until a server accepts no connections any more."""
    end = time.monotonic() + 20
    while time.monotonic() < end:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=5).close()
        except ConnectionRefusedError:
            return
        time.sleep(0.02)
    raise AssertionError("connections are still accepted")
