"""Search engines: each takes a `Query` and names the posts that it means, newest or oldest first.

An engine gives numbers, not posts: the archive reads these through the gate that keeps what moderators removed.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from msgspec import Struct

from app.model import PostId
from app.search import Query

if TYPE_CHECKING:
    from app.board import Board


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

    name: str

    async def search(
        self, query: Query, boards: Sequence[Board], *, limit: int, cursor: str | None = None, page: int = 1
    ) -> Found:
        """`limit` hits from the cursor on, or those of a page by its number, counted from 1."""
