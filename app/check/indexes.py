"""The search indexes: which boards have one, and what it means where one is missing."""

from __future__ import annotations

from typing import Final

from app.check.report import BoardReport, Notes
from app.engines.tantivy.shelf import current_index, folder_of
from app.indexing.status import status_line
from app.settings import Settings

_WORTH_IT: Final = 200_000
"""Posts from which on searches in the tables take their time."""


def look_at_index(settings: Settings, board: BoardReport, notes: Notes) -> None:
    engine = settings.search.engine
    if engine not in ("auto", "tantivy"):
        return
    folder = folder_of(settings.app.state, board.name)
    if current_index(folder) is not None:
        notes.ok("search-index", f"The search index: {status_line(folder)}.")
    elif engine == "tantivy":
        notes.fault(
            "search-index",
            f'There is no search index, and [search] engine = "tantivy": searches are answered with 503. Make it with '
            f"koiwai index --board {board.name}.",
        )
    elif (board.posts or 0) >= _WORTH_IT:
        notes.note(
            "search-index", f"Searches walk through the table; koiwai index --board {board.name} makes them quick."
        )
