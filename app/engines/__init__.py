"""Search engines: each takes a `Query` and names the posts that it means, newest or oldest first.

An engine gives numbers, not posts: the archive reads these through the gate that keeps what moderators removed.
`walking.py` searches any number of boards as one; who finds the posts of a board, and how, is said by a `BoardWalk`:
`sql/` asks the archive's own tables, `tantivy/` an index of ours, `sphinx/` a search server.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from msgspec import Struct

from app.model import PostId
from app.search import Query

if TYPE_CHECKING:
    from app.board import Board
    from app.engines.matching import Match


class Hit(Struct, frozen=True):
    """A post that was found, or the opening post of its thread where threads are asked for."""

    board: str
    id: PostId


class Found(Struct, frozen=True):
    """One page of what was found."""

    hits: tuple[Hit, ...]
    """In order: newest first or oldest first; of several boards merged by time."""
    total: int
    """How many were found so far, those of earlier pages included."""
    exact: bool
    """Whether `total` is all there are; else there are at least as many."""
    cursor: str | None
    """Where the next page begins, in the engine's own words; None at the end."""
    stopped: bool = False
    """Whether time was up before the page was full."""
    reached: int | None = None
    """True time down to which (oldest first: up to which) all was looked at; None when all of it was."""


class Engine(Protocol):
    """Raises Unavailable when it is away, and BadRequest for a cursor that is none of its own."""

    async def search(
        self, query: Query, boards: Sequence[Board], *, limit: int, cursor: str | None = None, page: int = 1
    ) -> Found:
        """`limit` hits from the cursor on, or those of a page by its number, counted from 1."""

    async def close(self) -> None:
        """Puts away what it uses. Called once, when no search is under way."""


class BoardWalk(Protocol):
    """One search through one board, from a post on, newest or oldest first: gives matches step by step.

    What was looked at when `begin` or `step` raises an error is looked at again by the next one.
    """

    board: Board
    pending: deque[Match]
    """Matches that nobody has taken yet, in order."""
    done: bool
    next: PostId | None
    """The first post that has not been looked at; None before the beginning and after the end."""
    horizon: int | None
    """The true time at which the walk stands: it has given all matches that come before. None until it is known."""
    total: int | None
    """All matches from the first post on, where that is known without looking at each."""
    counts_by_looking: bool
    """Whether a search with a full page goes on for a moment, to say how many there are."""

    async def begin(self) -> None:
        """Finds out where matches may lie. Called once, before `step`."""

    async def step(self) -> None:
        """Looks at some more posts and adds those that match to `pending`; sets `done` at the end."""
