"""The demo archive served by the command, as its users meet it, for tests that ask it by HTTP."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import HTTPRedirectHandler, build_opener, urlopen

import pytest

from app.demo.make import make_demo
from tests.support.daemon import free_port
from tests.support.process import READY, running


class _StayHere(HTTPRedirectHandler):
    def redirect_request(self, *arguments: Any) -> None:
        """Follows nowhere."""


class Served:
    """A running server; `base` is its address, without a slash at the end."""

    def __init__(self, base: str) -> None:
        self.base = base

    def json(self, address: str) -> Any:
        with urlopen(self.base + address, timeout=30) as answer:
            return json.load(answer)

    def answer(self, address: str) -> tuple[int, str, str]:
        """Status, type and text of an answer, whatever it is."""
        try:
            got = build_opener(_StayHere).open(self.base + address, timeout=30)
        except HTTPError as error:
            got = error
        with got:
            return got.status, got.headers.get("Content-Type", ""), got.read().decode("utf-8", "replace")


@contextmanager
def serving(folder: Path) -> Iterator[Served]:
    """The demo, made in an empty folder."""
    make_demo(folder / "var", lambda line: None)
    port = str(free_port())
    # Nobody reads what it writes, so it must not write much.
    with running(folder, "serve", "--port", port, KOIWAI_LOG__REQUESTS="false") as koiwai:
        koiwai.until(READY)
        yield Served(f"http://127.0.0.1:{port}")


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The server of one module's tests; modules that use it import it."""
    with serving(tmp_path_factory.mktemp("served")) as started:
        yield started
