"""Threads in which indexes are searched: a search that has begun cannot be ended, only no longer waited for."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar

from app.engines.pacing import TimeLimit, TimeUp
from app.errors import Unavailable

T = TypeVar("T")

_FOR_EACH_PROCESSOR: Final = 4


class SearchThreads:
    """For all searches of a process. Those that nobody waits for any more must not keep the others from being begun."""

    def __init__(self) -> None:
        processors = os.cpu_count() or 1
        # More at once would only take turns, and each of them as long as all together.
        self._room = asyncio.Semaphore(processors)
        self._most = processors * _FOR_EACH_PROCESSOR
        self._threads = ThreadPoolExecutor(self._most, thread_name_prefix="search")
        self._overdue = 0

    async def run(self, work: Callable[[], T], limit: TimeLimit) -> T:
        """What some work comes to. Raises TimeUp, and Unavailable while all threads are busy with work like that."""
        if self._overdue >= self._most:
            raise Unavailable("Too many searches are running at the moment.", retry_after=5)
        await limit.within(self._room.acquire)
        try:
            working = asyncio.get_running_loop().run_in_executor(self._threads, work)
            try:
                return await limit.within(lambda: asyncio.shield(working))
            except (TimeUp, asyncio.CancelledError):
                if not working.done():
                    self._overdue += 1
                    working.add_done_callback(self._end)
                raise
        finally:
            self._room.release()

    def _end(self, working: asyncio.Future[T]) -> None:
        self._overdue -= 1
        if not working.cancelled():
            working.exception()  # nobody else asks for it

    def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)
