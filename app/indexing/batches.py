"""Rows of a board on their way into its index: read, prepared, and handed on by the thousand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Protocol

from msgspec import Struct

from app.board import Board
from app.db.index_rows import IndexRows
from app.db.pieces import Stride
from app.engines.tantivy.documents import Prepared, prepared
from app.indexing.apart import apart
from app.indexing.rows import Row, mark, wanted, weight
from app.reading import number

HEAVY: Final = 16_000_000
"""Bytes of comments from which on a statement asks for fewer rows."""
_SLICE: Final = 500  # rows whose texts are cut into words together


class Batch(Struct, frozen=True):
    """Some rows that follow one another."""

    place: int
    """Of the last row."""
    mark: str
    """Whose row that is (`app.indexing.rows.mark`)."""
    posts: list[Prepared]


class Batches(Protocol):
    async def next(self) -> Batch | None:
        """None at the end. Raises Unavailable and CannotIndex."""

    def close(self) -> None: ...


class OwnBatches:
    """Read and prepared in this process."""

    def __init__(self, board: Board, rows: IndexRows, after: int, last: int, stride: Stride) -> None:
        """Behind a place, up to another."""
        self._board = board
        self._rows = rows
        self._place, self._last = after, last
        self._stride = stride

    async def next(self) -> Batch | None:
        if self._place >= self._last:
            return None
        rows = await self._rows.piece(self._place, self._stride, self._last)
        if not rows:
            return None
        if weight(rows) > HEAVY:
            self._stride.bound()
        self._place = number(rows[-1][0])
        return Batch(self._place, mark(rows[-1]), await apart(prepared_in_slices, self._board, rows))

    def close(self) -> None:
        pass


def prepared_in_slices(board: Board, rows: Sequence[Row]) -> list[Prepared]:
    """Of the rows that are wanted."""
    rows = wanted(board, rows)
    return [post for start in range(0, len(rows), _SLICE) for post in prepared(board, rows[start : start + _SLICE])]
