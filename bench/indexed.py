"""The index of invented archives: how quick it is made, how large it is, how long searches in it take.

`make bench-search` runs it, after it the searches in the archive's own tables.
"""

import asyncio
import os
import tempfile
from pathlib import Path
from typing import Final

import click
from msgspec import Struct

from app.archive import Archive
from app.engines.walking import MOST_PAGES
from app.search import read_query
from bench.building import Built, bare_loop, build
from bench.cases import BOARD, Case, indexed_cases
from bench.filling import sqlite_archive
from bench.measuring import LIMIT, Patience, Timing, opened, timed
from bench.options import kept_in, tell
from bench.search import KINDS, place_of
from tests.support.databases import Place

SIZES: Final = (100_000, 1_000_000, 5_000_000)
LARGEST_ON_SERVERS: Final = 1_000_000
AT_ONCE: Final = 8
LATE_PAGE: Final = 150
_BUILT: Final = (
    "posts/s", "once loaded", "of bare loop", "seconds", "loading", "memory MiB", "resident MiB", "size MiB",
    "bytes a post",
)  # fmt: skip

assert LATE_PAGE <= MOST_PAGES


class Searched(Struct, frozen=True):
    case: Case
    total: str
    first: Timing
    late: Timing | None
    """Of a late page, where there is one."""


@click.command()
@click.option("--posts", "sizes", multiple=True, type=click.IntRange(1_000), default=SIZES, show_default=True)
@kept_in
@click.option("--database", "kinds", multiple=True, type=click.Choice(KINDS), default=KINDS, help="Only from this one.")
@click.option("--runs", default=300, show_default=True, type=click.IntRange(1), help="Of each search.")
@click.option("--seconds", default=10.0, show_default=True, help="After which a slow one is not repeated any more.")
def main(sizes: tuple[int, ...], folder: Path, kinds: tuple[str, ...], runs: int, seconds: float) -> None:
    """Measures indexes of archives of several sizes and prints tables of Markdown."""
    folder.mkdir(parents=True, exist_ok=True)
    click.echo(f"{os.cpu_count()} processors, load at the start {os.getloadavg()[0]:.2f}")
    for posts in sizes:
        file = sqlite_archive(folder, posts, tell)
        tell("the bare loop")
        bare = bare_loop(file)
        click.echo(f"\n### {posts:,} posts\n\nBare loop over ready documents: {bare:,.0f} posts/s\n")
        click.echo(_line("index from", *_BUILT))
        click.echo("|---|" + "---:|" * len(_BUILT))
        found: list[Searched] = []
        for kind in kinds:
            if kind != "sqlite" and posts > LARGEST_ON_SERVERS:
                continue
            with place_of(kind, file, posts) as place, tempfile.TemporaryDirectory(dir=folder) as state:
                tell(f"{kind}: indexing {posts:,} posts")
                click.echo(_built(kind, build(place, Path(state), posts), bare))
                if not found:
                    found = asyncio.run(_search_all(place, Path(state), file, Patience(runs, seconds)))
        click.echo(f"\nPages of {LIMIT} posts, {AT_ONCE} searches at once, milliseconds:\n\n{_searched(found)}")


async def _search_all(place: Place, state: Path, file: Path, patience: Patience) -> list[Searched]:
    archive = await opened(place, state / "var")
    try:
        found = []
        for case in indexed_cases(file):
            found.append(await _search(archive, case, patience))
            tell(f"{case.name}: {found[-1].first.half * 1000:,.1f} ms")
        return found
    finally:
        await archive.close()


async def _search(archive: Archive, case: Case, patience: Patience) -> Searched:
    query = read_query(case.pairs, archive.boards, BOARD).query
    result = await archive.search(query, limit=LIMIT)
    late = None
    if (await archive.search(query, limit=LIMIT, page=LATE_PAGE)).posts:
        late = await timed(lambda: archive.search(query, limit=LIMIT, page=LATE_PAGE), AT_ONCE, patience)
    first = await timed(lambda: archive.search(query, limit=LIMIT), AT_ONCE, patience)
    return Searched(case, f"{result.total:,}{'' if result.exact else '+'}", first, late)


def _built(kind: str, built: Built, bare: float) -> str:
    rates = (f"{built.rate:,.0f}", f"{built.rate_once_loaded:,.0f}", f"{built.rate_once_loaded / bare:.0%}")
    mebibytes = (f"{number / 2**20:,.0f}" for number in (built.memory, built.resident, built.size))
    seconds = (f"{built.seconds:,.1f}", f"{built.start:,.1f}")
    return _line(kind, *rates, *seconds, *mebibytes, f"{built.size / built.posts:,.0f}")


def _searched(found: list[Searched]) -> str:
    lines = [_line("search", "p50", "p99", f"page {LATE_PAGE}: p50", "p99", "found"), "|---|" + "---:|" * 5]
    for each in found:
        late = _cells(each.late) if each.late is not None else ("", "")
        lines.append(_line(each.case.name, *_cells(each.first), *late, each.total))
    return "\n".join(lines)


def _cells(timing: Timing) -> tuple[str, str]:
    return f"{timing.half * 1000:,.1f}", f"{timing.most * 1000:,.1f}"


def _line(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    main()
