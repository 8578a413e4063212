"""Long work on the command line: how far it is, how quick, how long yet; and that only one process does it."""

from __future__ import annotations

import fcntl
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import click

from app.db.pieces import Place

AWAY: Final = 75  # EX_TEMPFAIL: another attempt may succeed

_LINES_EVERY: Final = 10.0  # seconds, where nobody watches
_DRAW_EVERY: Final = 0.2  # seconds, on a terminal
_BAR: Final = 24  # characters


class Away(click.ClickException):
    """Another attempt may succeed."""

    exit_code = AWAY


@contextmanager
def alone(folder: Path, command: str) -> Iterator[None]:
    """Two runs would do the same work; the lock ends with the process, however that ends."""
    descriptor = os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Away(f"Another koiwai {command} is at work in {folder}.") from None
        yield
    finally:
        os.close(descriptor)


class Progress:
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
        line = f"{_line(place)}{self._left()}"
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

    def _left(self) -> str:
        """The pace, and how long it will take at that pace."""
        seconds, posts, rows = self._since_first()
        if self._last is None or rows <= 0:
            return ""
        place = self._last[1]
        return f", {posts / seconds:,.0f}/s, {_duration(seconds * (place.last - place.place) / rows)} left"


def _line(place: Place) -> str:
    part = place.place / max(place.last, 1)
    bar = "#" * int(part * _BAR)
    return f"/{place.board}/ [{bar:<{_BAR}}] {part:4.0%} {place.posts:,} posts"


def _duration(seconds: float) -> str:
    minutes, seconds = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"
