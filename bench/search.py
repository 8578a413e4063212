"""Searches in archives of a million invented posts, measured on SQLite, MariaDB and PostgreSQL.

`make bench-search` runs it. Where TEST_MYSQL_URL or TEST_POSTGRESQL_URL names a server, the archive is made in a
database there and left for the next time; else private servers are started and removed again.
"""

import asyncio
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import asyncpg
import click
import msgspec
import pymysql

from bench.cases import Case, cases
from bench.filling import archive_name, fill, sqlite_archive
from bench.measuring import LIMIT, Measured, Patience, measured, opened
from bench.options import kept_in, tell
from bench.served import Asked, asked, serving
from bench.tables import plans, served_table, table
from tests.support.daemon import MissingServer, ServerFailed
from tests.support.databases import Place
from tests.support.servers import Server, given_mysql, given_postgresql, start_mysql, start_postgresql

KINDS: Final = ("sqlite", "mysql", "postgresql")

# As they come from their makers; the tests give them less.
_MYSQL_MEMORY: Final = ("--innodb-buffer-pool-size=128M",)
_POSTGRESQL_MEMORY: Final = ("-c", "shared_buffers=128MB")


@click.command()
@click.option("--posts", default=1_000_000, show_default=True, type=click.IntRange(100), help="How many in all boards.")
@kept_in
@click.option("--database", "kinds", multiple=True, type=click.Choice(KINDS), help="Only this one; may be repeated.")
@click.option("--only", metavar="TEXT", default="", help="Only searches with this in their names.")
@click.option("--runs", default=30, show_default=True, type=click.IntRange(1), help="Of each search.")
@click.option("--seconds", default=6.0, show_default=True, help="After which a slow one is not repeated any more.")
@click.option("--http", is_flag=True, help="Also pages and answers of the API, from one worker of koiwai serve.")
@click.option("--json", "as_json", is_flag=True, help="Print all there is for programs.")
def main(
    posts: int, folder: Path, kinds: tuple[str, ...], only: str, runs: int, seconds: float, http: bool, as_json: bool
) -> None:
    """Measures searches and prints a table of Markdown for each database."""
    folder.mkdir(parents=True, exist_ok=True)
    load = os.getloadavg()
    file = sqlite_archive(folder, posts, tell)
    wanted = [case for case in cases(file) if only in case.name]
    results: dict[str, list[Measured]] = {}
    answers: dict[str, list[Asked]] = {}
    patience = Patience(runs, seconds)
    for kind in kinds or KINDS:
        try:
            with place_of(kind, file, posts) as place:
                results[kind] = asyncio.run(_measure_all(place, wanted, patience))
                if http:
                    answers[kind] = asyncio.run(_ask_all(place, wanted, patience))
        except (MissingServer, ServerFailed) as error:
            tell(f"left out: {kind}: {error}")
    notes = {"posts": posts, "processors": os.cpu_count(), "load": load}
    if as_json:
        click.echo(msgspec.json.encode({**notes, "databases": results, "served": answers}))
        return
    click.echo(
        f"{posts:,} posts, {notes['processors']} processors, load at the start "
        + ", ".join(f"{each:.2f}" for each in load)
        + f"; pages of {LIMIT}. What SQLite reads is a guess from the steps it takes."
    )
    for kind, found in results.items():
        click.echo(f"\n### {kind}\n\n{table(found)}\n\nPlans of the statements that read most:\n\n{plans(found)}")
        if kind in answers:
            click.echo(f"\nServed by HTTP:\n\n{served_table(answers[kind])}")


async def _measure_all(place: Place, wanted: list[Case], patience: Patience) -> list[Measured]:
    archive = await opened(place)
    try:
        found = []
        for case in wanted:
            found.append(await measured(archive, place, case, patience))
            tell(f"{place.kind}: {case.name}: {found[-1].timings[1].half * 1000:,.0f} ms, {found[-1].outcome}")
        return found
    finally:
        await archive.close()


async def _ask_all(place: Place, wanted: list[Case], patience: Patience) -> list[Asked]:
    with serving(place) as base:
        found = []
        for case in wanted:
            found.append(await asked(base, case, patience))
            tell(f"{place.kind}, served: {case.name}: {found[-1].page[1].half * 1000:,.0f} ms")
        return found


@contextmanager
def place_of(kind: str, file: Path, posts: int) -> Iterator[Place]:
    """The archive in a database of a kind."""
    if kind == "sqlite":
        yield Place(kind, {"database": file}, file=file)
        return
    with _server(kind) as server:
        name = archive_name(posts)
        place = Place(kind, dict(server.settings_table(name)), server=server, name=name)
        if not _is_whole(place):
            server.drop_database(name)
            server.create_database(name)
            fill(place, file, tell)
            place.execute(f"CREATE TABLE {_WHOLE} (n int)")
            _bring_to_rest(place)
        yield place


_WHOLE: Final = "koiwai_bench_whole"
"""A table that is made when all others are there."""


def _is_whole(place: Place) -> bool:
    try:
        place.execute(f"SELECT n FROM {_WHOLE}")
    except (pymysql.Error, asyncpg.PostgresError):
        return False
    return True


def _bring_to_rest(place: Place) -> None:
    """Has a private server finish what it does in the background after so much was written: minutes of it."""
    assert place.server is not None
    if place.server.daemon is None:
        return
    if place.kind == "mysql":
        place.execute("SET GLOBAL innodb_fast_shutdown = 0")
    place.server.stop()
    place.server.start()
    os.sync()


@contextmanager
def _server(kind: str) -> Iterator[Server]:
    """The server that is given, else a private one."""
    given: Callable[[str], Server] = given_mysql if kind == "mysql" else given_postgresql
    if url := os.environ.get(f"TEST_{kind.upper()}_URL"):
        yield given(url)
        return
    start: Any = start_mysql if kind == "mysql" else start_postgresql
    memory = _MYSQL_MEMORY if kind == "mysql" else _POSTGRESQL_MEMORY
    tell(f"starting {kind}")
    server = start(prepare=lambda *_: memory)
    try:
        yield server
    finally:
        server.close()


if __name__ == "__main__":
    main()
