"""How many posts and pictures the threads of a board have: counted once, then kept up with by doc_id.

`{board}_threads` cannot be trusted for this: its counters mean different things to different writers and drift
(Asagi schema notes, section 2.1).
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from typing import Final

from app.db.base import Database
from app.db.queries import BoardQueries
from app.model import ThreadCounts
from app.reading import number

_LOOK_AGAIN_AFTER: Final = 1.0  # seconds between two looks for new posts
_LARGEST_CATCH_UP: Final = 20_000  # new rows; after more than that it is cheaper to forget
_KEPT_FOR: Final = 600.0  # seconds until a thread is counted afresh, because posts can also disappear
_LARGEST_CACHE: Final = 50_000  # threads
_NONE: Final = ThreadCounts(0, 0)


class ThreadCountCache:
    def __init__(self, database: Database, queries: BoardQueries) -> None:
        self._database = database
        self._queries = queries
        self._counts: dict[int, tuple[float, ThreadCounts]] = {}
        self._up_to = 0
        self._looked = float("-inf")
        self._lock = asyncio.Lock()

    async def counts(self, thread_nums: Sequence[int]) -> dict[int, ThreadCounts]:
        """The counts of these threads, at most a second old."""
        # One at a time: a thread counted while another request adds the newest rows would hold them twice.
        async with self._lock:
            now = time.monotonic()
            await self._catch_up(now)
            missing = [num for num in thread_nums if not self._is_fresh(num, now)]
            if len(self._counts) + len(missing) > _LARGEST_CACHE:
                self._counts.clear()
                missing = list(thread_nums)
            if missing:
                await self._count(missing, now)
        return {num: self._counts.get(num, (now, _NONE))[1] for num in thread_nums}

    def _is_fresh(self, num: int, now: float) -> bool:
        entry = self._counts.get(num)
        return entry is not None and now - entry[0] <= _KEPT_FOR

    async def _count(self, nums: Sequence[int], now: float) -> None:
        """Rows beyond `up_to` are left for the next catching up."""
        rows = await self._database.fetch(self._queries.thread_counts(nums, self._up_to))
        counted = {number(row[0]): ThreadCounts(number(row[1]), number(row[2])) for row in rows}
        self._counts |= {num: (now, counted.get(num, _NONE)) for num in nums}

    async def _catch_up(self, now: float) -> None:
        if now - self._looked < _LOOK_AGAIN_AFTER:
            return
        row = await self._database.fetch_one(self._queries.last_doc_id())
        newest, known = number(row[0]) if row else 0, self._up_to
        if not self._counts:
            pass  # nothing to keep up: threads are counted as they are asked for
        elif known < newest <= known + _LARGEST_CATCH_UP:
            for thread_num, posts, images in await self._database.fetch(self._queries.new_counts(known, newest)):
                if (entry := self._counts.get(number(thread_num))) is not None:
                    counted, old = entry
                    new = ThreadCounts(old.posts + number(posts), old.images + number(images))
                    self._counts[number(thread_num)] = (counted, new)
        elif newest != known:
            self._counts.clear()
        self._up_to = newest
        self._looked = now
