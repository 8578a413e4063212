"""Compares a board's index with the archive, post by post."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from msgspec import Struct
from tantivy import Query

from app.board import Board
from app.db.index_rows import IndexRows
from app.db.pieces import Place, Stride, Tell
from app.engines.tantivy.documents import NUMBERS, TEXTS, digests_of, place_in
from app.engines.tantivy.schema import place_number
from app.indexing.building import MOST_AT_ONCE, SMALL, searcher_of
from app.indexing.generations import Generation
from app.indexing.rows import wanted
from app.reading import number


class Verdict(Struct):
    """How an index compares with the archive, as far as it goes."""

    posts: int = 0
    """Posts of the archive that were looked at."""
    missing: int = 0
    different: int = 0
    """What is in the index is not what the archive has now."""
    twice: int = 0
    unknown: int = 0
    """Posts of the index that the archive does not have."""
    later: int = 0
    """Rows that have come since the index was brought up to date."""

    @property
    def right(self) -> bool:
        return not (self.missing or self.different or self.twice or self.unknown)


async def verify(board: Board, generation: Generation, tell: Tell = lambda place: None) -> Verdict:
    """Reads the whole board. Raises Unavailable."""
    source, stride = IndexRows(board.database, board.tables, NUMBERS, TEXTS), Stride(most=MOST_AT_ONCE)
    verdict, end = Verdict(), generation.kept.place
    known = 0
    if source.place is None:
        rows = await source.everything(SMALL + 1)
        known += await asyncio.to_thread(_compare, board, generation, rows, verdict)
    else:
        last = await source.last_place()
        place = 0
        while place < last:
            rows = await source.piece(place, stride)
            if not rows:
                break
            place = number(rows[-1][0])
            inside = [row for row in rows if number(row[0]) <= end]
            verdict.later += len(rows) - len(inside)
            known += await asyncio.to_thread(_compare, board, generation, inside, verdict)
            tell(Place(board.name, place, last, verdict.posts))
    searcher = searcher_of(generation)
    verdict.unknown = max(0, searcher.num_docs - 1 - known)  # one is no post
    return verdict


def _compare(board: Board, generation: Generation, rows: Sequence[tuple[Any, ...]], verdict: Verdict) -> int:
    """How many documents of the index are those of these rows."""
    rows = wanted(board, rows)
    digests = dict(zip((place_number(place_in(row)) for row in rows), digests_of(board, rows), strict=True))
    if not digests:
        return 0
    searcher = searcher_of(generation)
    query = Query.term_set_query(generation.index.schema, "place", list(digests))
    hits = searcher.search(query, limit=2 * len(digests), count=False, order_by_field="place").hits
    indexed = searcher.fast_field_values("digest", [address for _, address in hits])
    found: dict[int, int] = {}
    for (place, _), there in zip(hits, indexed, strict=True):
        verdict.twice += place in found
        verdict.different += place not in found and there != digests[place]
        found[place] = int(there or 0)
    verdict.posts += len(digests)
    verdict.missing += len(digests) - len(found)
    return len(hits)
