"""A search through several boards at once: their matches in one order, by time, as far as that order is certain."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from app.engines import BoardWalk, Found, Hit
from app.engines.cursor import Cursor
from app.engines.matching import Match
from app.engines.pacing import TimeLimit, TimeUp
from app.errors import Unavailable
from app.model import PostId
from app.reading import number
from app.search import Query


class Merge:
    """One search, from where an earlier page ended. While `others_wait` it counts no posts beyond its page."""

    def __init__(
        self,
        query: Query,
        walks: Sequence[BoardWalk],
        begins: Cursor,
        limit: TimeLimit,
        *,
        others_wait: Callable[[], bool],
    ) -> None:
        self._query = query
        self._walks = walks
        self._begins = begins
        self._limit = limit
        self._others_wait = others_wait
        self._merged: list[tuple[BoardWalk, Match]] = []

    async def run(self, limit: int, *, skipped: int) -> Found:
        stopped = False
        try:
            for walk in self._walks:
                await walk.begin()
            while (behind := self._farthest_behind()) is not None and not self._enough(behind, skipped + limit + 1):
                await behind.step()
                self._take()
        except TimeUp:
            stopped = True
        self._take()
        shown = self._merged[skipped : skipped + limit]
        rest = self._merged[skipped + limit :]
        if stopped and not self._merged and all(walk.next == self._began(walk) for walk in self._walks):
            raise Unavailable("Searching takes too long at the moment.", retry_after=30)
        seen = self._begins.seen
        behind = self._farthest_behind()
        exact = behind is None or self._all_counted()
        return Found(
            hits=await self._hits(shown),
            total=self._total(),
            exact=exact,
            cursor=self._cursor(seen + min(skipped + limit, len(self._merged)), rest) if behind or rest else None,
            stopped=stopped and len(shown) < limit,
            reached=None if exact or behind is None else behind.horizon,
        )

    def _began(self, walk: BoardWalk) -> PostId | None:
        return self._begins.places.get(walk.board.name)

    def _enough(self, behind: BoardWalk, wanted: int) -> bool:
        if len(self._merged) < wanted:
            return False
        counting = behind.counts_by_looking and self._limit.is_counting
        return not counting or self._others_wait() or self._all_counted()

    def _all_counted(self) -> bool:
        """Whether it is known how many matches there are; of threads each has to be met."""
        return not self._query.by_thread and all(walk.done or walk.total is not None for walk in self._walks)

    def _total(self) -> int:
        """Those that were met, and on boards that know all of theirs also the others."""
        met = [(walk, sum(each is walk for each, _ in self._merged) + len(walk.pending)) for walk in self._walks]
        known = (walk.total if walk.total is not None and not self._query.by_thread else 0 for walk, _ in met)
        return self._begins.seen + sum(max(count, total) for (_, count), total in zip(met, known, strict=True))

    def _farthest_behind(self) -> BoardWalk | None:
        """The unfinished walk that stands at the newest time (oldest first: the oldest), None when all are done."""
        unfinished = [walk for walk in self._walks if not walk.done]
        return min(unfinished, key=self._standing, default=None)

    def _standing(self, walk: BoardWalk) -> tuple[bool, int]:
        return walk.horizon is not None, self._key(walk.horizon or 0)

    def _key(self, moment: int) -> int:
        return moment if self._query.oldest_first else -moment

    def _take(self) -> None:
        """Moves matches into the merged list while no walk can come up with one that belongs before them."""
        if len(self._walks) == 1:
            walk = self._walks[0]
            self._merged += ((walk, match) for match in walk.pending)
            walk.pending.clear()
            return
        while True:
            waiting = [walk for walk in self._walks if walk.pending]
            if not waiting:
                return
            best = min(waiting, key=lambda walk: self._key(walk.pending[0].time))
            key = self._key(best.pending[0].time)
            for walk in self._walks:
                if walk is best or walk.done or walk.pending:
                    continue
                if walk.horizon is None or self._key(walk.horizon) <= key:
                    return
            self._merged.append((best, best.pending.popleft()))

    async def _hits(self, shown: Sequence[tuple[BoardWalk, Match]]) -> tuple[Hit, ...]:
        if not self._query.by_thread:
            return tuple(Hit(walk.board.name, match.id) for walk, match in shown)
        opened: set[tuple[str, int]] = set()
        for walk in self._walks:
            nums = sorted({match.thread_num for each, match in shown if each is walk})
            if nums:
                # The answer is known; this last look is worth a moment more.
                rows = await walk.board.database.fetch(walk.board.queries.threads_of(nums))
                opened |= {(walk.board.name, number(num)) for num, subnum, _ in rows if not number(subnum)}
        return tuple(
            Hit(walk.board.name, PostId(match.thread_num))
            if (walk.board.name, match.thread_num) in opened
            and not walk.board.moderation.is_removed(PostId(match.thread_num))
            else Hit(walk.board.name, match.id)
            for walk, match in shown
        )

    def _cursor(self, seen: int, rest: Sequence[tuple[BoardWalk, Match]]) -> str:
        places: dict[str, PostId | None] = {name: None for name, place in self._begins.places.items() if place is None}
        for walk in self._walks:
            following = [match.id for each, match in rest if each is walk]
            if following:
                places[walk.board.name] = following[0]
            elif walk.pending:
                places[walk.board.name] = walk.pending[0].id
            elif walk.done or walk.next is not None:
                places[walk.board.name] = walk.next
        return str(Cursor(seen, places))
