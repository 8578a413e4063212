"""`koiwai check`: looks at settings, database, boards and folders, and says what is amiss and what it costs.

Made for somebody else's messy database: whatever stands in it, the result is a report. Nothing is written, and no
statement reads more than 10,000 rows.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

from msgspec import Struct

from app.check.asking import Asker, Lost, first_line
from app.check.fixing import statements
from app.check.indexes import look_at_index
from app.check.names import boards_to_look_at, tell_why_empty, tell_why_missing, without_table
from app.check.places import (
    look_at_banner,
    look_at_media,
    look_at_state,
    look_for_files,
)
from app.check.readable import look_at_types, look_whether_readable
from app.check.report import BoardReport, Conventions, DatabaseReport, Finding, Level, Notes, Report
from app.check.samples import BoardLook, Sample
from app.check.server import for_a_check, look_at_server, place_of
from app.check.tables import look_at_tables
from app.db import database_for
from app.db.base import CannotOpen, Database
from app.db.facts import server_facts
from app.db.schema import BoardTables, read_schema
from app.errors import Unavailable
from app.settings import BoardSettings, Settings

log = logging.getLogger("koiwai.check")

__all__ = [
    "BoardReport",
    "Conventions",
    "DatabaseReport",
    "Finding",
    "Level",
    "Plan",
    "Report",
    "faults_of_settings",
    "fixes",
    "run",
]


class Plan(Struct, frozen=True, kw_only=True):
    """What is known from outside the settings."""

    workers: int = 1
    """Processes that will serve the archive."""
    only: str | None = None
    """The one board to look at."""
    sources: Mapping[str, str] = MappingProxyType({})
    boards_file: str | None = None
    """These two are for the report, as it explains them."""
    complaints: Sequence[str] = ()
    """What is wrong with settings that the check itself can do without."""
    warnings: Sequence[str] = ()
    """What reading the settings has noticed."""
    progress: Callable[[str, int, int], None] | None = None
    """Called with a board's name, its place from 1 and how many there are, before it is looked at."""


def faults_of_settings(problems: Sequence[str]) -> Report:
    """The report where the settings cannot be read: their complaints, as they are."""
    return Report(findings=[Finding(code="settings", level="fault", text=problem) for problem in problems])


async def run(settings: Settings, plan: Plan | None = None) -> Report:
    """Looks at everything. Raises nothing that an archive or its server could cause."""
    plan = plan or Plan()
    report = Report(sources=dict(plan.sources), boards_file=plan.boards_file)
    notes = Notes(report.findings)
    for sentence in plan.complaints:
        notes.fault("settings", sentence)
    for sentence in plan.warnings:
        notes.warning("settings-warning", sentence)
    look_at_state(settings, notes)
    look_at_banner(settings, notes)
    boards: dict[str, BoardSettings] = dict(settings.boards)
    database = await _opened(settings, notes)
    if database is None:
        look_at_media(settings, list(boards), notes)
        return report
    try:
        await _look_at_database(settings, plan, database, report, notes)
    except Lost as error:
        notes.fault("database-lost", f"The database went away during the check: {error}.")
    finally:
        await database.close()
    return report


async def fixes(settings: Settings, plan: Plan | None = None) -> tuple[list[str], list[Finding]]:
    """Lines of SQL that would make what is missing, and findings where the database could not be asked."""
    plan = plan or Plan()
    findings: list[Finding] = []
    notes = Notes(findings)
    database = await _opened(settings, notes)
    if database is None:
        return [], findings
    try:
        asker = Asker(database, notes)
        schema = await asker.attempt("the list of tables", read_schema(database))
        if schema is None:
            return [], findings
        wanted = boards_to_look_at(settings, schema, plan.only, Notes([]))
        missing = without_table(wanted, settings, schema)
        if plan.only is not None:
            await tell_why_missing(missing, settings, schema, asker, notes)
        tables = [found for name in wanted if name not in missing and (found := schema.board(name)) is not None]
        return await statements(tables, asker), findings
    except Lost as error:
        notes.fault("database-lost", f"The database went away during the check: {error}.")
        return [], findings
    finally:
        await database.close()


async def _opened(settings: Settings, notes: Notes) -> Database | None:
    database = database_for(for_a_check(settings.db))
    try:
        await database.open()
    except CannotOpen as error:
        notes.fault("database-refused", str(error))
    except Unavailable as error:
        notes.fault("database-away", f"The database does not answer: {first_line(error)}. ({place_of(settings.db)})")
    except Exception as error:  # what a driver has no name for, such as an option of another version
        log.debug("the database cannot be opened", exc_info=True)
        notes.fault("database-refused", f"The database cannot be opened: {first_line(error)}.")
    else:
        return database
    await database.close()
    return None


async def _look_at_database(settings: Settings, plan: Plan, database: Database, report: Report, notes: Notes) -> None:
    asker = Asker(database, notes)
    facts = await asker.attempt("what the server tells of itself", server_facts(database))
    if facts is not None:
        report.database = look_at_server(settings.db, facts, plan.workers, notes)
    schema = await asker.attempt("the list of tables", read_schema(database))
    if schema is None:
        notes.fault("no-boards", "The list of tables cannot be read: no board can be served.")
        return
    wanted = boards_to_look_at(settings, schema, plan.only, notes)
    if settings.discover_boards and not schema.boards():
        await tell_why_empty(asker, notes)
    has_media = await asyncio.to_thread(look_at_media, settings, schema.boards(), notes)
    missing = without_table(wanted, settings, schema)
    await tell_why_missing(missing, settings, schema, asker, notes)
    for place, (name, board_settings) in enumerate(wanted.items(), 1):
        if plan.progress is not None:
            plan.progress(name, place, len(wanted))
        tables = schema.board(name)
        if tables is not None and name not in missing:
            listed = settings.discover_boards or name in settings.boards
            board = BoardReport(name=name, listed=listed)
            report.boards.append(board)
            await _look_at_board(board, board_settings, tables, settings, database, has_media, notes.about(name))


async def _look_at_board(
    board: BoardReport,
    own: BoardSettings,
    tables: BoardTables,
    settings: Settings,
    database: Database,
    has_media: bool,
    notes: Notes,
) -> None:
    asker = Asker(database, notes)
    readable = await look_whether_readable(tables, asker, notes)
    await look_at_types(tables, asker, notes)
    sample = await BoardLook(board, own, tables, asker, notes).look() if readable else Sample(())
    look_at_tables(tables, board.posts, notes)
    await asyncio.to_thread(look_at_index, settings, board, notes)
    if has_media and own.media:
        await asyncio.to_thread(look_for_files, settings, board, sample.files, notes)
