"""Options that several commands share, and reading the settings as a command does it."""

from __future__ import annotations

import os
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import click
import msgspec

from app.archive import Archive
from app.boards import Pace
from app.commands.progress import Away
from app.errors import SettingsError, Unavailable
from app.settings import Settings
from app.settings.file import Loaded, load_all


def say(text: str, *, nl: bool = True) -> None:
    """Prints on standard output; ClickException if that takes nothing, a full disk for one.

    A reader that has gone, as `head` does, is no fault: click then ends the command in silence.
    """
    try:
        click.echo(text, nl=nl)
    except BrokenPipeError:
        raise
    except OSError as error:
        # What is left over is written once more when Python ends, which would fail again.
        with Path(os.devnull).open("wb") as nowhere:
            os.dup2(nowhere.fileno(), sys.stdout.fileno())
        raise click.ClickException(f"Cannot write to standard output: {error.strerror}.") from error


def loaded_here() -> Loaded:
    """The settings of the folder the command was started in; ClickException, one line a fault, if they are wrong."""
    try:
        return load_all(os.environ, Path.cwd())
    except SettingsError as error:
        raise click.ClickException(str(error)) from error


@asynccontextmanager
async def opened_archive(settings: Settings, names: Sequence[str] = ()) -> AsyncIterator[Archive]:
    """The archive, with only the boards that are named, if any are. ClickException if it cannot be opened."""
    if names and settings.boards:
        for name in names:
            if name not in settings.boards:
                raise click.ClickException(f"There is no board {name} in boards.toml.")
        # The others need not even be looked at.
        settings = msgspec.structs.replace(settings, boards={name: settings.boards[name] for name in names})
    archive = Archive(settings, Pace(patience=0))
    try:
        await archive.open()
    except SettingsError as error:
        raise (Away if isinstance(error.__cause__, Unavailable) else click.ClickException)(str(error)) from error
    try:
        yield archive
    finally:
        await archive.close()
