"""The same searches as readers and programs ask for them: pages and answers of the API, from `koiwai serve`."""

import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final
from urllib.parse import quote, urlencode

import httpx
from msgspec import Struct

from app.errors import Unavailable
from app.search import read_query
from bench.cases import BOARD, Case
from bench.measuring import AT_ONCE, LIMIT, Patience, Timing, timed
from bench.posts import SHARES
from tests.support.daemon import free_port
from tests.support.databases import Place
from tests.support.process import surroundings

_READY: Final = re.compile(r"Running on (http://\S+) ")
_PATIENCE: Final = 60.0  # seconds


class Asked(Struct, frozen=True):
    """By how many ask at once."""

    case: Case
    page: dict[int, Timing]
    api: dict[int, Timing]


@contextmanager
def serving(place: Place) -> Iterator[str]:
    """The address of one worker of `koiwai serve` over the archive."""
    with tempfile.TemporaryDirectory(prefix="koiwai-bench-") as folder:
        environment = prepared(place, Path(folder), KOIWAI_LOG__REQUESTS="false")
        serve = ["-m", "app", "serve", "--port", str(free_port()), "--workers", "1"]
        with started(serve, Path(folder), environment) as address:
            yield address


@contextmanager
def started(arguments: list[str], folder: Path, environment: dict[str, str]) -> Iterator[str]:
    """The address of what serves, run by this Python, that says it as hypercorn does."""
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(
            [sys.executable, *arguments], cwd=folder, env=environment, stdout=subprocess.DEVNULL, stderr=log
        )
        try:
            yield _address(process, Path(log.name))
        finally:
            process.terminate()
            process.wait()


async def asked(base: str, case: Case, patience: Patience) -> Asked:
    """How long whole answers take. Second pages are asked for by number, which costs what both pages cost."""
    # In the order of addresses, or pages would answer with a redirect.
    pairs = read_query(case.pairs, ()).query.pairs()
    given = [*pairs, *([("page", "2")] if case.second_page else [])]
    page = f"{base}/{'_' if case.everywhere else BOARD}/search/?{urlencode(given)}"
    boards = [] if case.everywhere else [("boards", BOARD)]
    api = f"{base}/api/v1/search?{urlencode([*given, *boards, ('limit', str(LIMIT))])}"
    async with httpx.AsyncClient(timeout=_PATIENCE) as client:

        async def get(address: str) -> None:
            answer = await client.get(address)
            if answer.status_code == Unavailable.status:
                raise Unavailable
            answer.raise_for_status()

        return Asked(
            case,
            {at_once: await timed(lambda: get(page), at_once, patience) for at_once in AT_ONCE},
            {at_once: await timed(lambda: get(api), at_once, patience) for at_once in AT_ONCE},
        )


def prepared(place: Place, folder: Path, **variables: str) -> dict[str, str]:
    """The surroundings of a command that is started in a folder, which then names the boards."""
    boards = "".join(f'{share.board} = {{ clock = "new_york" }}\n' for share in SHARES)
    (folder / "boards.toml").write_text(f"[boards]\n{boards}", "utf-8")
    return surroundings(DATABASE_URL=_url(place), **variables)


def _url(place: Place) -> str:
    if place.server is None:
        return f"sqlite:///{place.file}"
    server = place.server
    return f"{place.kind}://{quote(server.user)}:{quote(server.password)}@{server.host}:{server.port}/{place.name}"


def _address(process: subprocess.Popen[bytes], log: Path) -> str:
    end = time.monotonic() + _PATIENCE
    while process.poll() is None and time.monotonic() < end:
        if match := _READY.search(log.read_text("utf-8")):
            return match[1]
        time.sleep(0.05)
    raise RuntimeError(f"{process.args!r} did not begin to serve:\n{log.read_text('utf-8')}")
