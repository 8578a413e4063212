"""In which order the posts of an index are looked at: a few of the newest ones first, then more and more of the others.

Each post has terms for the cells of numbers that it lies in; a search that also asks for some cells looks at no other
posts, so what it costs hardly depends on how many there are. How many posts a cell has is known from its term.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence

import tantivy
from msgspec import Struct

from app.engines.tantivy.schema import FACTS, LARGE_BITS, SMALL_BITS, large_cell, small_cell


class Cell(Struct, frozen=True):
    """Numbers in a row: from `low` up to `high`."""

    term: str
    low: int
    high: int
    posts: int


def large_cells(searcher: tantivy.Searcher) -> tuple[Cell, ...]:
    """All cells that have posts, the lowest numbers first."""
    return _cells(searcher, "1", LARGE_BITS)


def from_the_far_end(cells: Sequence[Cell], *, oldest_first: bool) -> Iterator[str]:
    """The terms of all small cells in some that follow one another, those first that a search meets last."""
    for cell in reversed(cells):
        lows = range(cell.low, cell.high + 1, 1 << SMALL_BITS)
        yield from map(small_cell, reversed(lows) if oldest_first else lows)


class Windows:
    """What of an index is still to be looked at, in turns: newest or oldest first."""

    def __init__(
        self, searcher: tantivy.Searcher, cells: Iterable[Cell], low: int, high: int, *, oldest_first: bool
    ) -> None:
        """`cells`: the large ones of the whole index; only numbers from `low` to `high` are looked at."""
        self._searcher = searcher
        self._low, self._high = low, high
        self._up = oldest_first
        self._left = deque(self._in_order(cells))

    @property
    def posts(self) -> int:
        """How many posts are left, at most."""
        return sum(cell.posts for cell in self._left)

    def take(self, wanted: int) -> list[Cell]:
        """The next cells, with about so many posts together; none at the end."""
        taken: list[Cell] = []
        while self._left and wanted > 0:
            cell = self._left.popleft()
            if cell.posts > wanted and cell.term == large_cell(cell.low):
                self._left.extendleft(reversed(self._parts(cell)))
                continue
            taken.append(cell)
            wanted -= cell.posts
        return taken

    def _parts(self, cell: Cell) -> list[Cell]:
        return self._in_order(_cells(self._searcher, f"2{cell.term[1:]}", SMALL_BITS))

    def _in_order(self, cells: Iterable[Cell]) -> list[Cell]:
        found = [cell for cell in cells if cell.high >= self._low and cell.low <= self._high]
        return found if self._up else found[::-1]


def _cells(searcher: tantivy.Searcher, prefix: str, bits: int) -> tuple[Cell, ...]:
    found = []
    for term, posts in searcher.terms_with_prefix(FACTS, prefix):
        low = int(term[1:], 16) << bits
        found.append(Cell(term, low, low + (1 << bits) - 1, posts))
    return tuple(sorted(found, key=lambda cell: cell.low))
