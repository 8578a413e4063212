"""docs/api.md: its tables are those of the code, its examples run, and what it shows is what comes back."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.api.reference import with_tables
from app.api.routes import ROUTES
from tests.support.served import Served, served

__all__ = ["served"]

DOCS = (Path(__file__).resolve().parents[1] / "docs" / "api.md").read_text(encoding="utf-8")
PLACE = "https://archive.example"
BLOCKS: list[tuple[str, str]] = re.findall(r"^```(\w+)\n(.*?)^```$", DOCS, re.MULTILINE | re.DOTALL)
COMMANDS = [line for language, text in BLOCKS if language == "sh" for line in text.splitlines()]
SHOWN = [(before[1].splitlines()[-1], block[1]) for before, block in pairwise(BLOCKS) if block[0] == "json"]
"""A command and the answer that is shown below it."""


def test_the_tables_are_those_of_the_code() -> None:
    assert with_tables(DOCS) == DOCS
    with pytest.raises(KeyError):
        with_tables("<!-- fields of Nothing -->\n<!-- end -->")


def test_every_route_parameter_and_object_is_described() -> None:
    assert re.findall(r"^`GET (\S+)`", DOCS, re.MULTILINE) == [route.path for route in ROUTES]
    for route in ROUTES:
        assert (f"<!-- parameters of {route.name} -->" in DOCS) == bool(route.parameters)
        assert any(_asks(command, route.path) for command in COMMANDS), route.path


def _asks(command: str, path: str) -> bool:
    """Whether a command asks an address of this route."""
    address = shlex.split(command)[-1].removeprefix(PLACE).partition("?")[0]
    return re.fullmatch(re.sub(r"\\{\w+\\}", "[^/]+", re.escape(path)), address) is not None


def run(served: Served, command: str) -> httpx.Response:
    """What curl would get. The demo's pictures, and so their hashes, differ between versions of the library
    that draws them, so a hash stands for one that this demo has."""
    program, *words = shlex.split(command)
    assert program == "curl"
    address, headers = words.pop(), {"Accept-Encoding": "identity"}
    assert address.startswith(f"{PLACE}/")
    while words:
        option = words.pop(0)
        if option == "-H":
            name, _, value = words.pop(0).partition(": ")
            headers[name] = value
        elif option == "--compressed":
            headers["Accept-Encoding"] = "gzip"
        else:
            assert option == "-i", f"{option} is not known to this test"
    path = re.sub(r"(?<=/media/)[\w-]+", lambda _: some_hash(served), address.removeprefix(PLACE))
    return httpx.get(served.base + path, headers=headers, timeout=30)


def some_hash(served: Served) -> str:
    posts = (thread["op"] for thread in served.json("/api/v1/boards/g/catalog?fields=media")["threads"])
    stored: str = next(post["media"]["hash"] for post in posts if post["media"])
    return stored.replace("+", "-").replace("/", "_").rstrip("=")


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_works(served: Served, command: str) -> None:
    response = run(served, command)
    assert response.status_code == (404 if "/nothing" in command else 200)
    assert response.content
    if "--compressed" in command:
        assert response.headers["Content-Encoding"] == "gzip"
    if "If-None-Match" in command:
        current = re.sub('"[0-9a-f]{32}"', response.headers["ETag"], command)
        assert run(served, current).status_code == 304


@pytest.mark.parametrize(("command", "answer"), SHOWN)
def test_shown_answers_are_like_real_ones(served: Served, command: str, answer: str) -> None:
    compare(json.loads(answer), run(served, command).json(), command)


def compare(shown: Any, real: Any, where: str) -> None:
    """The same keys in the same order, and values of the same kind; one of the two may be null."""
    if isinstance(shown, dict) and isinstance(real, dict):
        assert list(shown) == list(real), where
        for key in shown:
            compare(shown[key], real[key], f"{where} {key}")
    elif isinstance(shown, list) and isinstance(real, list):
        assert bool(shown) == bool(real), where
        for one, other in zip(shown[:1], real[:1], strict=True):
            compare(one, other, where)
    else:
        assert shown is None or real is None or type(shown) is type(real), where


def test_the_program_that_walks_through_a_list_reads_all_of_it(served: Served) -> None:
    (program,) = [text for language, text in BLOCKS if language == "python"]
    assert "limit=50" in program
    for limit in (50, 7):
        text = program.replace(PLACE, served.base).replace("limit=50", f"limit={limit}")
        done = subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, timeout=60, check=True)
        nums = [line.split()[0] for line in done.stdout.splitlines()]
        assert len(nums) == len(set(nums)) == served.json("/api/v1/boards/g")["threads"]
