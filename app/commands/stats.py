"""`koiwai stats`: counts all posts of the boards, for their statistics, and goes on where it ended the last time."""

from __future__ import annotations

import asyncio
import fcntl
import logging
import os
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timezone
from pathlib import Path
from typing import Final

import click
import msgspec

from app.archive import Archive
from app.boards import Pace
from app.commands.options import loaded_here, say
from app.db.base import reason
from app.db.ledger import Ledger, LedgerError
from app.errors import KoiwaiError, SettingsError, Unavailable
from app.settings import Settings
from app.stats.computing import CannotCompute, Place, compute
from app.stats.results import ResultsError, folder_of, ledger_file, read_results, results_file

_AWAY: Final = 75  # EX_TEMPFAIL: another attempt may succeed
_LINES_EVERY: Final = 10.0  # seconds, where nobody watches
_DRAW_EVERY: Final = 0.2  # seconds, on a terminal
_BAR: Final = 24  # characters
_ENDINGS: Final = ("", "-wal", "-shm", "-journal")


class _Away(click.ClickException):
    exit_code = _AWAY


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
        with _alone(folder):
            context.exit(asyncio.run(_count(settings, folder, boards, rebuild=rebuild)))
    except OSError as error:
        raise click.ClickException(f"The folder {folder} cannot be used: {error.strerror}.") from error


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Two runs would count the same posts; the lock ends with the process, however that ends."""
    descriptor = os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise _Away(f"Another koiwai stats is at work in {folder}.") from None
        yield
    finally:
        os.close(descriptor)


async def _count(settings: Settings, folder: Path, names: Sequence[str], *, rebuild: bool) -> int:
    """The status of the command."""
    if names and settings.boards:
        for name in names:
            if name not in settings.boards:
                raise click.ClickException(f"There is no board {name} in boards.toml.")
        # The others need not even be looked at.
        chosen = {name: settings.boards[name] for name in names}
        settings = msgspec.structs.replace(settings, boards=chosen)
    archive = Archive(settings, Pace(patience=0))
    try:
        await archive.open()
    except SettingsError as error:
        if isinstance(error.__cause__, Unavailable):
            raise _Away(str(error)) from error
        raise click.ClickException(str(error)) from error
    try:
        statuses = [
            await _count_board(archive, folder, name, rebuild=rebuild)
            for name in dict.fromkeys(names or archive.boards)
        ]
    finally:
        await archive.close()
    return max(statuses, key=(0, _AWAY, 1).index, default=0)


async def _count_board(archive: Archive, folder: Path, name: str, *, rebuild: bool) -> int:
    progress = _Progress()
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
        return _AWAY
    except (CannotCompute, ResultsError, KoiwaiError) as error:
        progress.end()
        click.echo(f"/{name}/: {error}", err=True)
        return 1
    progress.end()
    click.echo(f"/{name}/: {made.posts:,} posts counted{progress.pace()}.", err=True)
    return 0


class _Progress:
    """Tells on standard error how far a board is: in one line that changes, or where nobody watches in lines."""

    def __init__(self) -> None:
        self._watched = sys.stderr.isatty()
        self._told = time.monotonic()
        self._first: tuple[float, Place] | None = None
        self._last: tuple[float, Place] | None = None
        self._drawn = 0

    def __call__(self, place: Place) -> None:
        now = time.monotonic()
        self._last = (now, place)
        self._first = self._first or self._last
        if now - self._told < (_DRAW_EVERY if self._watched else _LINES_EVERY):
            return
        self._told = now
        line = f"{self._line(place)}{self._left()}"
        if self._watched:
            click.echo(f"\r{line:<{self._drawn}}", nl=False, err=True)
            self._drawn = len(line)
        else:
            click.echo(line, err=True)

    def end(self) -> None:
        """Clears the line that changes."""
        if self._drawn:
            click.echo("\r" + " " * self._drawn + "\r", nl=False, err=True)
            self._drawn = 0

    def pace(self) -> str:
        """How quick it was, where that can be told."""
        seconds, posts, _ = self._since_first()
        return f", {posts / seconds:,.0f} posts/s" if seconds >= 1 else ""

    def _since_first(self) -> tuple[float, int, int]:
        """Seconds, posts and rows since the first piece."""
        if self._first is None or self._last is None:
            return 0, 0, 0
        (started, first), (now, last) = self._first, self._last
        return now - started, last.posts - first.posts, last.place - first.place

    def _line(self, place: Place) -> str:
        part = place.place / max(place.last, 1)
        bar = "#" * int(part * _BAR)
        return f"/{place.board}/ [{bar:<{_BAR}}] {part:4.0%} {place.posts:,} posts"

    def _left(self) -> str:
        """The pace, and how long it will take at that pace."""
        seconds, posts, rows = self._since_first()
        if self._last is None or rows <= 0:
            return ""
        place = self._last[1]
        return f", {posts / seconds:,.0f}/s, {_duration(seconds * (place.last - place.place) / rows)} left"


def _duration(seconds: float) -> str:
    minutes, seconds = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


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
