"""Reading many posts for the few among them that may match, in the order in which the table keeps its rows.

Databases that keep a table in the order of its key (`doc_id`) take several times as long for a row that another index
names. Posts are archived about in the order of their numbers, so those of a piece lie together; whether they do is
asked first, of the index on numbers alone. Ghost posts are written later than their neighbours: it names them one by
one.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from msgspec.structs import replace

from app.db.search_queries import SearchQueries, Stretch
from app.engines.matching import place_in
from app.engines.sql.dates import Fetch
from app.reading import number
from app.search import Query

Rows = list[tuple[Any, ...]]

_SPREAD: Final = 2  # rows to read for each row of a piece, at most
_MOST_GHOSTS: Final = 500


async def rows_in_place(
    fetch: Fetch,
    queries: SearchQueries,
    query: Query,
    piece: Stretch,
    limit: int,
    *,
    times: tuple[int, int] | None,
    threads: Sequence[int] | None,
) -> Rows | None:
    """All candidates of a piece in order; None when there are `limit` or more, or when they lie too far apart."""
    up = query.oldest_first
    ((low, high, posts),) = await fetch(queries.rows_of(piece, oldest_first=up))
    near = range(number(low), number(high) + 1) if number(posts) else range(0)
    ghosts = [number(doc_id) for (doc_id,) in await fetch(queries.ghosts_of(piece, _MOST_GHOSTS, oldest_first=up))]
    if len(near) > _SPREAD * number(posts) or len(ghosts) == _MOST_GHOSTS:
        return None
    rows: Rows = []
    for doc_ids in (near, tuple(doc_id for doc_id in ghosts if doc_id not in near)):
        if not doc_ids:
            continue
        part = replace(piece, by_num=False, doc_ids=doc_ids)
        rows += await fetch(queries.candidates(query, part, limit, times=times, threads=threads))
        if len(rows) >= limit:
            return None
    return sorted(rows, key=place_in, reverse=not up)
