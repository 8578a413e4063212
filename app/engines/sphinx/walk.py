"""One board's matches in the order of their numbers: named by the index, read from the archive, compared."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from msgspec.structs import replace

from app.engines import BoardWalk
from app.engines.matching import following, matches_in, place_in, time_of
from app.engines.sphinx.asking import FIELDS_OF, Asked, conditions_for, words_for
from app.engines.sphinx.catalogue import BoardIndex, Catalogue
from app.engines.sphinx.client import OutOfTime, SphinxClient
from app.engines.sql.walk import Walk
from app.engines.walking import Task, Walker
from app.errors import Unavailable
from app.model import PostId
from app.reading import number
from app.search import Filter

if TYPE_CHECKING:
    from app.board import Board

_FEWEST_ROWS: Final = 50
_MOST_ROWS: Final = 500  # a comment may have 64 kB
_MOST_THREADS: Final = 2_000  # named in a statement; the server has limits
_PATIENCE: Final = 0.25
"""The part of a search's time that an answer of the server may take."""

_COLUMNS: Final = frozenset({"num", "subnum", "tnum", "timestamp"})

Row = tuple[Any, ...]


def sphinx_walker(client: SphinxClient, catalogue: Catalogue, *, seconds: float) -> Walker:
    """Who walks boards by the indexes of a server; a search takes so many seconds at most."""

    async def walk(board: Board, task: Task) -> BoardWalk:
        return SphinxWalk(board, task, client, catalogue, seconds)

    return walk


class SphinxWalk(Walk):
    """A `BoardWalk` by an index; where the index can tell nothing of a search, by the archive's own tables."""

    def __init__(self, board: Board, task: Task, client: SphinxClient, catalogue: Catalogue, seconds: float) -> None:
        super().__init__(board, task)
        self._limit = task.limit
        self._client = client
        self._catalogue = catalogue
        self._milliseconds = max(1, int(seconds * _PATIENCE * 1000))
        self._asked: Asked | None = None
        self._threads_meant: list[int] | None = None
        self._named: deque[Row] = deque()
        self._all_named = False
        self._at_once = _FEWEST_ROWS

    async def begin(self) -> None:
        """Also finds out what the index can tell."""
        self._asked = None
        if not self._possible():
            self.done = True
            return
        if not any(each.field.key in FIELDS_OF for each in self._query.filters):
            await super().begin()
            return
        index = await self._catalogue.index_of(self.board.name, self._limit)
        if not index.attributes >= _COLUMNS:
            raise Unavailable(f"The search index of the board /{self.board.name}/ is not of a kind that is known.")
        asked = self._asking(index)
        match = [await self._words(each, index) for each in self._filters]
        asked = replace(
            asked,
            match=tuple(filter(None, match)),
            conditions=conditions_for(self._query, index, self._stored_times()),
        )
        try:
            self._threads_meant = await self._threads_opened_with(index)
        except OutOfTime:
            self._threads_meant = None
        if self._threads_meant == []:
            self.done, self.next = True, None
        elif asked.match or self._threads_meant is not None:
            self._asked = asked
        else:
            await super().begin()

    def _asking(self, index: BoardIndex) -> Asked:
        return Asked(index, self._query.oldest_first, self._milliseconds)

    async def _words(self, each: Filter | None, index: BoardIndex) -> str | None:
        return await self._limit.within(lambda: words_for(each, index))

    async def step(self) -> None:
        """Reads some of the posts that the index names, and asks it for more when there are none left."""
        if self._asked is None:
            await super().step()
            return
        if not self._named and not self._all_named:
            try:
                named, self._all_named = await self._name(self._asked, self.next, threads=self._threads_meant)
            except OutOfTime:
                # What so many posts have is soon met in the tables.
                self._asked = None
                await super().begin()
                return
            self._named.extend(named)
        some = list(islice(self._named, self._at_once))
        if some:
            rows = await self._read(some)
            if self._threads_meant is None:
                await self._opened_with.look_at({number(row[2]) for row in rows})
            await self._take(rows)
            for _ in some:
                self._named.popleft()
            # Ghost posts are younger than the posts around them, and say nothing about where the walk stands.
            last = next((row for row in reversed(some) if not row[1]), some[-1])
            self.horizon = time_of(self.board, last)
            self.next = following(place_in(some[-1]), self._query.oldest_first)
            self._at_once = min(self._at_once * 2, _MOST_ROWS)
        if not self._named and self._all_named:
            self.done, self.next = True, None

    async def _name(
        self,
        asked: Asked,
        first: PostId | None,
        *,
        before: PostId | None = None,
        threads: Sequence[int] | None = None,
    ) -> tuple[list[Row], bool]:
        """Rows (num, subnum, tnum, timestamp) of posts that may match, in order, and whether these are the last."""
        while True:
            most = self._client.max_matches
            statement = asked.statement(first, most, before=before, threads=threads)
            try:
                rows = await self._answer(statement)
            except Unavailable as error:
                if not self._client.grants_less(error):
                    self._catalogue.forget()
                    raise
            else:
                return [tuple(map(int, row[:4])) for row in rows], len(rows) < most

    async def _answer(self, statement: str) -> list[Row]:
        return await self._limit.within(lambda: self._client.fetch(statement))

    async def _read(self, named: Sequence[Row]) -> list[Row]:
        """The archive's rows of some posts, in order. Of those that were taken away since there is none."""
        places = {place_in(row) for row in named}
        nums = sorted({place.num for place in places})
        rows = await self._fetch(self._queries.candidates_numbered(self._filters, nums))
        found = [row for row in rows if place_in(row) in places]
        return sorted(found, key=place_in, reverse=not self._query.oldest_first)

    async def _threads_opened_with(self, index: BoardIndex) -> list[int] | None:
        """The threads whose opening post is as asked; None where that is not asked, where the index cannot tell, or
        where they are too many to be named."""
        each: Filter | None = next((each for each in self._query.filters if each.field.key == "op"), None)
        match = await self._words(each, index)
        if match is None:
            return None
        asked = replace(self._asking(index), match=(match,), opening=True)
        threads: list[int] = []
        first: PostId | None = None
        while True:
            named, all_named = await self._name(asked, first)
            threads += (row[0] for row in named)
            if len(threads) > _MOST_THREADS:
                return None
            if all_named:
                break
            first = following(place_in(named[-1]), self._query.oldest_first)
        await self._opened_with.look_at(set(threads))
        return self._opened_with.matching(threads)

    async def _earlier(self, threads: Sequence[int], first: PostId) -> set[int]:
        if self._asked is None:
            return await super()._earlier(threads, first)
        try:
            return await self._named_earlier(self._asked, threads, first)
        except OutOfTime:
            return await super()._earlier(threads, first)

    async def _named_earlier(self, asked: Asked, threads: Sequence[int], first: PostId) -> set[int]:
        found: set[int] = set()
        for start in range(0, len(threads), _MOST_THREADS):
            some = threads[start : start + _MOST_THREADS]
            place: PostId | None = None
            while some:
                named, all_named = await self._name(asked, place, before=first, threads=some)
                for at in range(0, len(named), _MOST_ROWS):
                    rows = await self._read(named[at : at + _MOST_ROWS])
                    columns = self._queries.columns(self._filters)
                    matches = await matches_in(self.board, rows, columns, self._filters)
                    found |= {match.thread_num for match in matches if self._opened_with.allows(match)}
                if all_named:
                    break
                # One match of a thread is enough to know.
                some = sorted(set(some) - found)
                place = following(place_in(named[-1]), self._query.oldest_first)
        return found
