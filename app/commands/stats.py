"""`koiwai stats`: counts all posts of the boards, for their statistics, and goes on where it ended the last time."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from datetime import datetime, timezone
from pathlib import Path
from typing import Final

import click

from app.archive import Archive
from app.commands.options import loaded_here, opened_archive, say
from app.commands.progress import AWAY, Progress, alone
from app.db.base import reason
from app.db.ledger import Ledger, LedgerError
from app.errors import KoiwaiError, Unavailable
from app.settings import Settings
from app.stats.computing import CannotCompute, compute
from app.stats.results import ResultsError, folder_of, ledger_file, read_results, results_file

_ENDINGS: Final = ("", "-wal", "-shm", "-journal")


@click.command()
@click.option("--board", "boards", metavar="NAME", multiple=True, help="Count this board; several may be named.")
@click.option("--rebuild", is_flag=True, help="Forget what was counted, and count everything anew.")
@click.option("--status", is_flag=True, help="Print what has been counted, and count nothing.")
@click.pass_context
def stats(context: click.Context, boards: Sequence[str], *, rebuild: bool, status: bool) -> None:
    """Counts the posts of all boards for their statistics.

    What was counted before is kept: only new rows are read. It may be ended at any time, and goes on when it is
    started again. The status is 1 if a board could not be counted, and 75 if trying again may help.
    """
    logging.getLogger("koiwai").addHandler(logging.NullHandler())  # what would be logged is told in a line here
    settings = loaded_here().settings
    folder = folder_of(settings.app.state)
    if status:
        for name in boards or settings.boards or _known(folder):
            say(f"/{name}/: {_told(folder, name)}")
        return
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with alone(folder, "stats"):
            context.exit(asyncio.run(_count(settings, folder, boards, rebuild=rebuild)))
    except OSError as error:
        raise click.ClickException(f"The folder {folder} cannot be used: {error.strerror}.") from error


async def _count(settings: Settings, folder: Path, names: Sequence[str], *, rebuild: bool) -> int:
    """The status of the command."""
    async with opened_archive(settings, names) as archive:
        statuses = [
            await _count_board(archive, folder, name, rebuild=rebuild)
            for name in dict.fromkeys(names or archive.boards)
        ]
    return max(statuses, key=(0, AWAY, 1).index, default=0)


async def _count_board(archive: Archive, folder: Path, name: str, *, rebuild: bool) -> int:
    progress = Progress()
    try:
        board = archive.board(name)
        if rebuild:
            for ending in _ENDINGS:
                file = ledger_file(folder, name)
                file.with_name(file.name + ending).unlink(missing_ok=True)
        made = await compute(board, folder, archive.settings.site.anonymous_name, tell=progress)
    except LedgerError as error:
        progress.end()
        anew = f"Start anew with: koiwai stats --rebuild --board {name}"
        click.echo(f"/{name}/: {error} {anew if error.lost else 'What was counted before is kept.'}", err=True)
        return 1
    except Unavailable as error:
        progress.end()
        click.echo(f"/{name}/: {reason(error)}. What was counted is kept; start the command again.", err=True)
        return AWAY
    except (CannotCompute, ResultsError, KoiwaiError) as error:
        progress.end()
        click.echo(f"/{name}/: {error}", err=True)
        return 1
    progress.end()
    click.echo(f"/{name}/: {made.posts:,} posts counted{progress.pace()}.", err=True)
    return 0


def _known(folder: Path) -> list[str]:
    """Boards of which something was counted."""
    return sorted(file.stem for file in folder.glob("*.sqlite"))


def _told(folder: Path, name: str) -> str:
    file = ledger_file(folder, name)
    if not file.exists():
        return "not counted yet"
    try:
        with Ledger(file) as ledger:
            place, posts, _, _ = ledger.progress
        told = f"{posts:,} posts counted, up to row {place}"
        try:
            made = read_results(results_file(folder, name), name).made
        except FileNotFoundError:
            return f"{told}; not finished yet"
        moment = datetime.fromtimestamp(made, timezone.utc).strftime("%Y-%m-%d %H:%M UTC")
        return f"{told}; finished at {moment}"
    except (LedgerError, ResultsError) as error:
        return str(error)
