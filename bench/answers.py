"""How quick pages and JSON are made, in shares of what the same server does that only says hello. `make bench` runs it.

Absolute figures depend on the machine and on the minute, so each is measured beside its reference, by turns.
"""

import os
import sqlite3
import statistics
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Final
from urllib.request import urlopen

import click
import msgspec
from msgspec import Struct

from bench.filling import sqlite_archive
from bench.load import load
from bench.options import kept_in, tell
from bench.references import ANSWERS, Ready
from bench.search import KINDS, place_of
from bench.served import serving, started
from tests.support.daemon import free_port
from tests.support.databases import Place
from tests.support.process import surroundings

BOARD: Final = "g"
MARIADB_PART: Final = 0.7
"""What is asked of MariaDB, whose driver reads rows in Python, of what is asked of the others."""

_OF_THE_SERVER: Final = frozenset(("date", "server", "connection", "transfer-encoding", "x-request-id"))


class Case(Struct, frozen=True):
    name: str
    path: str
    floor: float
    goal: float
    """Shares of the requests that hello answers, when nothing is kept."""


class Result(Struct, frozen=True):
    case: Case
    rate: float
    half: float
    """Seconds, at eight requests at once."""
    hello: float
    """Requests a second of hello meanwhile."""
    bare: float
    """And of the bare server that sends the same bytes."""
    size: int


@click.command()
@click.option(
    "--posts", default=1_000_000, show_default=True, type=click.IntRange(1_000), help="How many in all boards."
)
@kept_in
@click.option("--database", "kinds", multiple=True, type=click.Choice(KINDS), default=KINDS, help="Only from this one.")
@click.option("--only", metavar="TEXT", default="", help="Only requests with this in their names.")
@click.option("--seconds", default=3.0, show_default=True, type=click.FloatRange(1), help="Of each turn.")
@click.option("--turns", default=3, show_default=True, type=click.IntRange(1), help="Of which the middle one counts.")
def main(posts: int, folder: Path, kinds: tuple[str, ...], only: str, seconds: float, turns: int) -> None:
    """Measures answers and prints a table of Markdown for each database."""
    folder.mkdir(parents=True, exist_ok=True)
    file = sqlite_archive(folder, posts, tell)
    wanted = [case for case in cases(file) if only in case.name]
    click.echo(f"{posts:,} posts, {os.cpu_count()} processors, load at the start {os.getloadavg()[0]:.2f}")
    for kind in kinds:
        with place_of(kind, file, posts) as place:
            found = list(_measured(place, wanted, seconds, turns))
        click.echo(f"\n### {kind}\n\n{_table(found, MARIADB_PART if kind == 'mysql' else 1)}")


def cases(file: Path) -> list[Case]:
    """The requests, for threads of the sizes that are asked for."""
    with closing(sqlite3.connect(file)) as connection:
        nearest = f'SELECT thread_num FROM "{BOARD}_threads" ORDER BY abs(nreplies - ?), thread_num LIMIT 1'
        hundred, five_hundred = (connection.execute(nearest, (size,)).fetchone()[0] for size in (100, 500))
    api = f"/api/v1/boards/{BOARD}/threads/{hundred}"
    return [
        Case("board index", f"/{BOARD}/", 0.08, 0.18),
        Case("catalog", f"/{BOARD}/catalog/", 0.035, 0.08),
        Case("thread of 100 posts, HTML", f"/{BOARD}/thread/{hundred}/", 0.09, 0.16),
        Case("thread of 100 posts, JSON", api, 0.14, 0.28),
        Case("thread of 500 posts, HTML", f"/{BOARD}/thread/{five_hundred}/", 0.02, 0.038),
        Case("FoolFuuka API, thread of 100 posts", f"/_/api/chan/thread/?board={BOARD}&num={hundred}", 0.09, 0.16),
    ]


def _measured(place: Place, wanted: list[Case], seconds: float, turns: int) -> Iterator[Result]:
    with serving(place) as koiwai:
        ready = {f"/{number}": _answer(koiwai + case.path) for number, case in enumerate(wanted)}
        with _references(ready) as (hello, bare):
            for number, case in enumerate(wanted):
                loads = [
                    (load(hello, seconds), load(f"{bare}/{number}", seconds), load(koiwai + case.path, seconds))
                    for _ in range(turns)
                ]
                tell(f"{place.kind}: {case.name}: {statistics.median(own.rate for _, _, own in loads):,.0f} a second")
                middle = sorted(loads, key=lambda each: each[2].rate / each[0].rate)[len(loads) // 2]
                size = len(ready[f"/{number}"].body)
                yield Result(case, middle[2].rate, middle[2].half, middle[0].rate, middle[1].rate, size)


@contextmanager
def _references(ready: dict[str, Ready]) -> Iterator[tuple[str, str]]:
    """The addresses of the app that says hello and of the bare one, each behind one worker of the same server."""
    with ExitStack() as stack:
        addresses = []
        for app in ("bench.references:hello()", "bench.references:Bare()"):
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="koiwai-bench-")))
            (folder / "answers").write_bytes(msgspec.msgpack.encode(ready))
            serve = ["-m", "hypercorn", "--bind", f"127.0.0.1:{free_port()}", app]
            environment = surroundings(**{ANSWERS: str(folder / "answers")})
            addresses.append(stack.enter_context(started(serve, folder, environment)))
        yield addresses[0], addresses[1]


def _answer(address: str) -> Ready:
    with urlopen(address, timeout=60) as answer:
        headers = [
            (name.lower().encode(), value.encode())
            for name, value in answer.headers.items()
            if name.lower() not in _OF_THE_SERVER
        ]
        return Ready(headers, answer.read())


def _table(found: list[Result], part: float) -> str:
    lines = [
        "| request | kB | a second | ms | hello | share | floor | goal | bare | share |",
        "|---|" + "---:|" * 9,
    ]
    for each in found:
        share = each.rate / each.hello
        reached = "" if share >= each.case.floor * part else " **below**"
        cells = (
            each.case.name,
            f"{each.size / 1000:,.0f}",
            f"{each.rate:,.0f}",
            f"{each.half * 1000:,.1f}",
            f"{each.hello:,.0f}",
            f"{share:.1%}{reached}",
            f"{each.case.floor * part:.1%}",
            f"{each.case.goal * part:.1%}",
            f"{each.bare:,.0f}",
            f"{each.rate / each.bare:.1%}",
        )
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
