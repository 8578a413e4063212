"""`koiwai check`: what is amiss with the settings, the database, its boards and the folders, and what it costs."""

from __future__ import annotations

import asyncio
import logging
import os
import time
from pathlib import Path
from typing import Final

import click
import msgspec

from app.check import Level, Plan, Report, faults_of_settings, fixes, run
from app.check.words import in_words
from app.commands.options import say
from app.errors import SettingsError
from app.server_config import server_config
from app.settings.file import Loaded, load_all

_PATIENCE: Final = 2.0  # seconds without a word
_COLOURS: Final[dict[Level, str]] = {"fault": "red", "warning": "yellow", "note": "cyan", "ok": "green"}


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
@click.option("--fix-sql", is_flag=True, help="Print CREATE INDEX statements that would help. They are not run.")
@click.option("--board", metavar="NAME", help="Look at this board only.")
@click.option("--workers", type=click.IntRange(1, 256), help="Processes, in place of the number in hypercorn.toml (1).")
@click.pass_context
def check(context: click.Context, as_json: bool, fix_sql: bool, board: str | None, workers: int | None) -> None:
    """Looks at settings, database, boards and folders, and says what is amiss.

    The status is 1 if there is a fault, else 0. It never writes, and no statement reads more than 10,000 rows.
    """
    logging.getLogger("koiwai").addHandler(logging.NullHandler())  # what would be logged is a finding here
    try:
        loaded = load_all(os.environ, Path.cwd())
    except SettingsError as error:
        tell(faults_of_settings(error.problems), as_json=as_json)
        context.exit(1)
    plan = plan_for(loaded, board, workers)
    if fix_sql:
        lines, findings = asyncio.run(fixes(loaded.settings, plan))
        for line in lines:
            say(line)
        for finding in findings:
            click.echo(f"{finding.level}: {finding.text}", err=True)
        context.exit(1 if findings else 0)
    report = asyncio.run(run(loaded.settings, plan))
    tell(report, as_json=as_json)
    context.exit(1 if report.faulty else 0)


def plan_for(loaded: Loaded, board: str | None = None, workers: int | None = None) -> Plan:
    """A plan of a check by these settings; the number of workers, unless given, is that of hypercorn.toml."""
    complaints: tuple[str, ...] = ()
    if workers is None:
        try:
            workers = server_config(None, Path.cwd()).workers
        except SettingsError as error:
            workers, complaints = 1, error.problems
    return Plan(
        workers=workers,
        only=board,
        sources={".".join(place): source for place, source in loaded.origins.items()},
        boards_file=None if loaded.boards_file is None else str(loaded.boards_file),
        complaints=complaints,
        warnings=loaded.warnings,
        progress=_Progress(),
    )


def tell(report: Report, *, as_json: bool = False) -> None:
    """Prints a report."""
    if as_json:
        say(msgspec.json.format(msgspec.json.encode(report)).decode())
        return
    for line in in_words(report, lambda word, level: click.style(word, fg=_COLOURS[level])):
        say(line)


class _Progress:
    """Says on standard error which board is looked at, once the check takes long."""

    def __init__(self) -> None:
        self._started = time.monotonic()

    def __call__(self, board: str, place: int, boards: int) -> None:
        if time.monotonic() - self._started >= _PATIENCE:
            click.echo(f"Looking at /{board}/ ({place} of {boards}) ...", err=True)
