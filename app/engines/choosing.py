"""Which engine `[search] engine` names."""

from __future__ import annotations

from typing import Final

from app.engines import Engine
from app.engines.pacing import Pace
from app.engines.sql.walk import by_tables
from app.engines.walking import WalkingEngine
from app.settings import Settings

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
