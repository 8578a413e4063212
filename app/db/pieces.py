"""Reading a whole table piece by piece, at a pace that leaves the database time for others."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any

from msgspec import Struct

from app.db.base import Database, SchemaChanged, Sql, StatementRefused
from app.errors import Unavailable


class Place(Struct, frozen=True):
    """How far a board is read."""

    board: str
    place: int
    """Of the last row that was read, in the order in which rows are read."""
    last: int
    """The place of the last row there was when the reading began."""
    posts: int
    """Posts that came of it."""


Tell = Callable[[Place], None]
"""Called now and then with how far a board is."""


class Stride(Struct):
    """How many rows a statement asks for: so many that it takes about as long as it should."""

    rows: int = 1_000
    fewest: int = 100
    most: int = 20_000
    seconds: float = 0.5
    pause: float = 1.0
    """Seconds before a statement is tried again."""
    attempts: int = 6

    def took(self, seconds: float) -> None:
        if seconds < self.seconds / 2:
            self.rows = min(self.rows * 2, self.most)
        elif seconds > self.seconds * 2:
            self.shorten()

    def shorten(self) -> None:
        self.rows = max(self.rows // 2, self.fewest)

    def bound(self) -> None:
        """So many rows are too much to hold: from now on half of them at most."""
        self.shorten()
        self.most = self.rows


async def read_piece(
    database: Database, statement: Callable[[int], Sql | None], stride: Stride
) -> list[tuple[Any, ...]]:
    """The rows of a statement that asks for so many; none where there is none. One that takes too long is tried again
    with fewer of them.

    Raises Unavailable when the database has been away for several attempts, or refuses the statement."""
    attempt = 1
    while True:
        started = time.monotonic()
        try:
            asked = statement(stride.rows)
            rows = [] if asked is None else await database.fetch(asked)
        except (SchemaChanged, StatementRefused):
            raise
        except Unavailable:
            if attempt >= stride.attempts:
                raise
            attempt += 1
            stride.shorten()
            await asyncio.sleep(stride.pause)
        else:
            stride.took(time.monotonic() - started)
            return rows
