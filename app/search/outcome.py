"""How a search ended. Every outcome has its name, and its words on a page."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from app.model import Post
from app.search.query import Query

Outcome = Literal["not asked", "found", "nothing found", "stopped early", "invalid", "engine away"]
"""`not asked`: no field was filled in. `found`: a page of posts, or the last ones. `nothing found`: all was looked
through in vain. `stopped early`: time was up before the page was full; the cursor goes on from there. `invalid`: a
field says what makes no sense (`InvalidSearch`, 400). `engine away`: nothing can be searched now (`Unavailable`,
503)."""


class SearchResult(Struct, frozen=True):
    """A search that was carried out: one of its pages."""

    query: Query
    boards: tuple[str, ...]
    """Where it looked."""
    outcome: Outcome
    """found, nothing found or stopped early."""
    posts: tuple[Post, ...]
    """In order; of several boards merged by time. Opening posts where threads were asked for."""
    total: int
    exact: bool
    """Whether `total` is all there are; else there are at least as many."""
    cursor: str | None
    """Where the next page begins."""
    reached: int | None
    """True time down to which (oldest first: up to which) all was looked through; None when all was."""
