"""Which engine `[search] engine` names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from app.engines import BoardWalk, Engine
from app.engines.pacing import Pace
from app.engines.sql.walk import Walk
from app.engines.walking import Task, WalkingEngine
from app.settings import Settings

if TYPE_CHECKING:
    from app.board import Board

_OF_STATEMENT: Final = 0.8
"""The part of a statement's time that a search may take at most."""


def engine_for(settings: Settings, *, at_once: int) -> Engine:
    """The engine of an archive; `at_once` searches may ask its database at the same time."""
    pace = Pace(min(settings.search.time_budget, settings.db.pool.statement_timeout * _OF_STATEMENT))
    name = settings.search.engine
    if name == "sql":
        return WalkingEngine(by_tables, pace, at_once=at_once)
    # Loaded only where they are used: they bring libraries along.
    if name == "sphinx":
        from app.engines.sphinx.engine import sphinx_engine

        return sphinx_engine(settings.search.sphinx, pace, at_once=at_once)
    from app.engines.tantivy.indexes import Indexes

    indexes = Indexes(settings.app.state, otherwise=by_tables if name == "auto" else None)
    return WalkingEngine(indexes.walk, pace, at_once=at_once, close=indexes.close)


async def by_tables(board: Board, task: Task) -> BoardWalk:
    """By the archive's own tables."""
    return Walk(board, task)
