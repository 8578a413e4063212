"""Asking a database that may be slow, odd or gone: what goes wrong becomes a finding, never a trace."""

from __future__ import annotations

import logging
from collections.abc import Awaitable
from typing import Any, TypeVar

from app.check.report import Notes
from app.db.base import CannotOpen, Database, SchemaChanged, Sql, StatementRefused
from app.db.pooled import ConnectionLost, Silent, StatementTimeout
from app.errors import Unavailable

log = logging.getLogger("koiwai.check")

T = TypeVar("T")

_LONGEST_REASON = 200  # characters


class Lost(Exception):
    """The database is gone; what it was to be asked next would only wait for as long again."""


class Asker:
    """Asks for one board, or for the whole database."""

    def __init__(self, database: Database, notes: Notes) -> None:
        self.database = database
        self.notes = notes

    async def rows(self, what: str, statement: Sql | None) -> list[tuple[Any, ...]] | None:
        """All rows; None where there is no statement, or it failed, which is then a finding about `what`."""
        if statement is None:
            return None
        return await self.attempt(what, self.database.fetch(statement))

    async def refusal(self, what: str, statement: Sql) -> str | None:
        """What the database says when it refuses a statement. None where it does not, or fails in another way, which
        is then a finding about `what`."""
        return await self.attempt(what, self._refusal(statement))

    async def _refusal(self, statement: Sql) -> str | None:
        try:
            await self.database.fetch(statement)
        except (SchemaChanged, StatementRefused) as error:
            return first_line(error.__cause__ or error)
        return None

    async def attempt(self, what: str, work: Awaitable[T]) -> T | None:
        """The result of work that asks the database; None if it failed. Raises Lost when the database is gone."""
        try:
            return await work
        except (Unavailable, CannotOpen) as error:
            cause = error.__cause__
            if isinstance(cause, (ConnectionLost, Silent, CannotOpen)) or isinstance(error, CannotOpen):
                raise Lost(first_line(cause or error)) from error
            if isinstance(cause, StatementTimeout):
                self.notes.warning(
                    "statement-timeout",
                    f"Reading {what} took longer than [db.pool] statement_timeout allows: it is not told here, and "
                    "pages that need it may be answered with 503.",
                )
            elif isinstance(error, (SchemaChanged, StatementRefused)):
                self.notes.warning("statement-failed", f"Reading {what} failed: {first_line(cause or error)}.")
            else:
                self.notes.warning("statement-failed", f"Reading {what} failed: {first_line(error)}")
        except Exception as error:  # somebody else's database: anything may stand in any row
            log.debug("reading %s failed", what, exc_info=True)
            self.notes.warning("statement-failed", f"Reading {what} failed: {first_line(error)}.")
        return None


def first_line(error: BaseException) -> str:
    """What an error says, fit for a sentence that goes on or is ended by the caller."""
    said = error.args[-1] if error.args else ""
    line = (str(said).strip().splitlines() or [type(error).__name__])[0].rstrip(".")
    return line if len(line) <= _LONGEST_REASON else f"{line[:_LONGEST_REASON]}…"
