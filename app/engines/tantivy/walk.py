"""One board's matches in the order of their numbers, found by its index."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final, TypeVar

from msgspec import Struct
from msgspec.structs import replace

from app.engines.matching import Match, following
from app.engines.pacing import TimeUp
from app.engines.tantivy.plan import Hits, Plan, Scope
from app.engines.tantivy.snapshot import Snapshot
from app.engines.tantivy.threads import SearchThreads
from app.engines.tantivy.windows import Cell, Windows
from app.engines.threads import first_seen
from app.engines.walking import Task
from app.errors import BadRequest, Unavailable
from app.model import LARGEST_NUMBER, PostId

if TYPE_CHECKING:
    from app.board import Board

log = logging.getLogger("koiwai.index")

T = TypeVar("T")

FEW: Final = 50_000
"""Posts that are looked at all at once, wherever in the index they are."""
COUNTED: Final = 50_000
"""Posts that are counted, where the page needs only the first of them."""
FEW_OPENERS: Final = 2_000
"""Opening posts that are all looked for before the replies in their threads."""
MANY_OPENERS: Final = 20_000
"""Opening posts that are all looked for once the first look did not fill the page: each window has other threads."""

_SMALLEST_WINDOW: Final = 1_000
_LARGEST_FIRST_WINDOW: Final = 200_000
_MOST_WITH_THREADS: Final = 50_000
"""Posts whose threads are asked for; see `app.engines.tantivy.plan.MOST_THREADS`."""
_LARGEST_WINDOW: Final = 5_000_000
"""A look cannot be ended before its end."""
_GROWTH: Final = 16
"""So many times larger than the last window the next one is, at most."""
_SPARE: Final = 1.5
"""So many times the matches that a page needs are expected of a window: they do not lie evenly."""
_TOO_MANY_WORDS: Final = "max expansions"
_FEW_THREADS: Final = 300
_MORE_FOR_THREADS: Final = 4
_MOST_FOR_THREADS: Final = 10_000


class _Look(Struct, frozen=True):
    """What one look at the index has brought."""

    hits: Hits
    total: int | None
    """All matches from the first post of the search on, where they were counted."""
    end: Match | None
    """The last post of all in the window that was looked at."""


class IndexWalk:
    """A `BoardWalk` by the words and facts of an index; no post is read to be compared."""

    def __init__(self, board: Board, task: Task, snapshot: Snapshot, threads: SearchThreads) -> None:
        self.board = board
        self.pending: deque[Match] = deque()
        self.done = False
        self.next = task.first
        self.horizon: int | None = None
        self.total: int | None = None
        self.counts_by_looking = False
        self._task = task
        self._query = task.query
        self._snapshot = snapshot
        self._threads = threads
        self._seen: set[int] = set()
        self._opened: list[int] | None = None
        """All threads that are opened as asked, where they are few."""
        self._plan: Plan | None = None
        self._most = 0
        """Posts that can match, at most."""
        self._window: tuple[Cell, ...] = ()
        self._given = 0
        self._looked_at = 0
        self._asked_for = task.wanted
        """So many posts the last look asked for, where threads are wanted."""

    async def begin(self) -> None:
        """Nothing: what a search is prepared with is found in the turn of a thread in which it first looks."""

    async def step(self) -> None:
        """Looks at a window of posts, or goes on in one."""
        window, looked = await self._apart(self._look_on)
        if self._most == 0:
            self.done, self.next, self.total = True, None, 0
            return
        all_at_once, up = self._most <= FEW, self._query.oldest_first
        if not all_at_once and not window:
            self.done, self.next = True, None
            return
        if not self._window:
            self._window = window
            self._looked_at += sum(cell.posts for cell in window)
        matches = [match for match in looked.hits.matches if not self.board.moderation.is_removed(match.id)]
        if self._query.by_thread:
            matches = await first_seen(matches, self._seen, self._task.first, self._earlier)
        # Nothing that may fail follows: what was looked at is either taken as a whole or looked at again.
        elif self.total is None:
            self.total = looked.total
        self._given += len(matches)
        self._size = self._next_size()
        self.pending.extend(matches)
        if looked.hits.more:
            last = looked.hits.matches[-1]
            self.next = following(last.id, up)
            self._stand_at(next((match for match in reversed(looked.hits.matches) if not match.id.subnum), last))
        elif all_at_once or not self._windows.posts:
            self.done, self.next = True, None
        else:
            self._window = ()
            edge = max(cell.high for cell in window) if up else min(cell.low for cell in window)
            self.next = PostId(edge + 1) if up else PostId(edge - 1, LARGEST_NUMBER)
            if looked.end is not None:
                self._stand_at(looked.end)

    def _next_size(self) -> int:
        """So many posts that the rest of the page is among them, if they are like those that were looked at."""
        missing = self._task.wanted - self._given
        expected = _SPARE * missing * self._looked_at / max(self._given, 1)
        return min(max(int(expected), _SMALLEST_WINDOW), self._size * _GROWTH, _LARGEST_WINDOW)

    def _stand_at(self, match: Match) -> None:
        """Ghost posts are younger than the posts around them, and say little about where a search stands."""
        if not match.id.subnum or self.horizon is None:
            self.horizon = match.time

    def _numbers(self) -> tuple[int, int]:
        """The lowest and the highest number that matches can have."""
        bound = self._query.get("num")
        if bound is None:
            return 0, LARGEST_NUMBER
        return (
            bound.number if bound.sign != "<=" else 0,
            bound.number if bound.sign != ">=" else LARGEST_NUMBER,
        )

    # in a thread of its own

    async def _apart(self, work: Callable[[], T]) -> T:
        try:
            return await self._threads.run(work, self._task.limit)
        except ValueError as error:  # whatever tantivy complains of
            if _TOO_MANY_WORDS in str(error):
                raise BadRequest("Too many words begin so. Please write more of the word before the *.") from error
            log.warning("the search index of /%s/ cannot be searched: %s", self.board.name, error)
            raise Unavailable(f"The search index of /{self.board.name}/ is damaged.", retry_after=60) from error

    def _look_on(self) -> tuple[tuple[Cell, ...], _Look]:
        """Looks at the window, or where there is none at the next one, which is given back; at none at the end."""
        if self._plan is None:
            self._plan = self._prepared()
        window = self._window
        if self._most > FEW and not window:
            asks_for_threads = self._plan.opened and self._opened is None
            size = min(self._size, _MOST_WITH_THREADS) if asks_for_threads else self._size
            window = tuple(self._windows.take(size))
        if self._task.limit.is_over:
            raise TimeUp
        if self._most == 0 or (self._most > FEW and not window):
            return (), _Look(Hits([], 0, more=False), None, None)
        return window, self._look(self._plan, window)

    def _prepared(self) -> Plan:
        """The plan. With it come how many posts can match at most, and the windows in which they are looked for."""
        plan = Plan(self._snapshot, self._query, self.board.moderation.removed)
        most = plan.most
        if plan.opened and plan.openers <= FEW_OPENERS:
            self._opened = plan.opened_so(None)
            if len(self._opened) <= _FEW_THREADS:
                most = min(most, plan.posts_in(self._opened))
        self._most = most
        up = self._query.oldest_first
        low, high = self._numbers()
        for first in (self.next, plan.near_end() if most > FEW else None):
            if first is not None:
                low, high = (max(low, first.num), high) if up else (low, min(high, first.num))
        self._windows = Windows(self._snapshot.searcher, self._snapshot.cells, low, high, oldest_first=up)
        expected = _SPARE * self._task.wanted / max(plan.share, 1 / _LARGEST_FIRST_WINDOW)
        self._size = min(max(int(expected), _SMALLEST_WINDOW), _LARGEST_FIRST_WINDOW)
        return plan

    def _look(self, plan: Plan, window: tuple[Cell, ...]) -> _Look:
        task, scope = self._task, Scope(self.next, window)
        if plan.opened:
            scope = replace(scope, threads=self._opened_in(plan, scope))
        missing = max(1, task.wanted - self._given)
        hits = plan.find(scope, self._posts_for_threads(missing) if self._query.by_thread else missing)
        total = None
        if not window:
            total = hits.count
        elif self.total is None and self._most <= COUNTED and not self._query.by_thread and self._is_whole(scope):
            total = plan.count(Scope(task.first, threads=scope.threads))
        return _Look(hits, total, plan.far_end(window) if window and not hits.more else None)

    def _posts_for_threads(self, missing: int) -> int:
        """More with every look: the last threads of a page may lie far behind the others, and a look takes about as
        long for thousands of posts as for a few."""
        self._asked_for = min(self._asked_for * _MORE_FOR_THREADS, _MOST_FOR_THREADS)
        return max(missing * _MORE_FOR_THREADS, self._asked_for)

    def _is_whole(self, scope: Scope) -> bool:
        """Whether no thread was left out because it has no posts in this window."""
        return scope.threads is None or scope.threads is self._opened

    def _opened_in(self, plan: Plan, scope: Scope) -> list[int]:
        """The threads in which matches can be."""
        if self._opened is None and self._looked_at and plan.openers <= MANY_OPENERS:
            self._opened = plan.opened_so(None)
        if self._opened is not None:
            return self._opened
        threads = plan.threads(scope)
        return plan.opened_so(threads) if threads else []

    async def _earlier(self, threads: Sequence[int], first: PostId) -> list[int]:
        """Those of these threads that have matches which earlier pages have met."""
        plan = self._plan
        assert plan is not None  # somebody has looked
        return await self._apart(lambda: plan.threads(Scope(threads=threads, before=first)))
