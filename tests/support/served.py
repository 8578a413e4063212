"""The demo archive served by the command, as its users meet it, for tests that ask it by HTTP."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest

from app.demo.make import make_demo
from tests.support.daemon import free_port
from tests.support.process import READY, running


class Served:
    """A running server; `base` is its address, without a slash at the end."""

    def __init__(self, base: str) -> None:
        self.base = base

    def json(self, address: str) -> Any:
        with urlopen(self.base + address, timeout=30) as answer:
            return json.load(answer)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The server of one module's tests; modules that use it import it."""
    folder: Path = tmp_path_factory.mktemp("served")
    make_demo(folder / "var", lambda line: None)
    port = str(free_port())
    # Nobody reads what it writes, so it must not write much.
    with running(folder, "serve", "--port", port, KOIWAI_LOG__REQUESTS="false") as koiwai:
        koiwai.until(READY)
        yield Served(f"http://127.0.0.1:{port}")
