"""The field `op`: replies in threads whose opening post has some words."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from app.db.search_queries import PLACE_COLUMNS, SearchQueries, Stretch
from app.engines.matching import Match, matches_in
from app.engines.sql.dates import Fetch
from app.model import PostId
from app.reading import number
from app.search import Query

if TYPE_CHECKING:
    from app.board import Board

_COLUMNS: Final = (*PLACE_COLUMNS, "title", "comment")
_AT_ONCE: Final = 500  # opening posts
_MOST_NAMED: Final = 2_000  # threads in a statement; databases have limits


class OpenedWith:
    """Which threads those are, found out as a walk meets them."""

    def __init__(self, board: Board, query: Query, queries: SearchQueries, fetch: Fetch) -> None:
        self._board = board
        self._queries = queries
        self._fetch = fetch
        self._oldest_first = query.oldest_first
        self._filter = next((each for each in query.filters if each.field.key == "op"), None)
        self._looked_at: set[int] = set()
        self._matching: set[int] = set()

    async def threads_in(self, piece: Stretch) -> list[int] | None:
        """The threads with posts in a piece whose first post is as asked; None where that is not asked, or where they
        are too many to be named: `allows` knows them."""
        if self._filter is None:
            return None
        rows = await self._fetch(self._queries.threads_of(piece, oldest_first=self._oldest_first))
        threads = {number(num) for (num,) in rows}
        await self.look_at(threads)
        wanted = self.matching(threads)
        return wanted if len(wanted) <= _MOST_NAMED else None

    async def look_at(self, threads: set[int]) -> None:
        """Finds out about some threads, unless that is not asked."""
        if self._filter is None:
            return
        # Most threads go on from piece to piece. By one statement for all, planners would read the whole table.
        fresh = sorted(threads - self._looked_at)
        for start in range(0, len(fresh), _AT_ONCE):
            some = fresh[start : start + _AT_ONCE]
            rows = await self._fetch(self._queries.opening_posts(self._filter, some))
            found = await matches_in(self._board, rows, _COLUMNS, [self._filter])
            self._matching.update(match.thread_num for match in found)
            self._looked_at.update(some)

    def matching(self, threads: Iterable[int]) -> list[int]:
        """Those of some threads, looked at before, whose first post is as asked."""
        return sorted(self._matching.intersection(threads))

    def allows(self, match: Match) -> bool:
        """Whether a match is a reply in such a thread."""
        return self._filter is None or (match.thread_num in self._matching and match.id != PostId(match.thread_num))
