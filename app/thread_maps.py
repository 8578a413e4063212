"""A board's threads in parts that stay what they are: for search engines, which read them one by one."""

from __future__ import annotations

import asyncio
import time
from typing import Final

from app.model import PostId
from app.moderation import Moderation
from app.threads import ThreadList

PART: Final = 10_000
"""Threads of a part at most."""

FIRST: Final = 1
"""Where the first part begins, whatever the lowest number is."""

_KEPT_FOR: Final = 86_400.0  # seconds; where older threads are filled in later, parts must be cut anew one day


class ThreadMaps:
    """Where the parts of a thread list begin. A part goes from its number on; only the last one still grows."""

    def __init__(self, threads: ThreadList, moderation: Moderation) -> None:
        self._threads = threads
        self._moderation = moderation
        self._starts = [FIRST]
        self._cut = float("-inf")
        self._lock = asyncio.Lock()

    async def starts(self) -> tuple[int, ...]:
        """The numbers that the parts begin with, `FIRST` the first of them.

        What is known stays known: one statement asks whether there is a new part, and each new one costs one more.
        Raises Unavailable.
        """
        async with self._lock:
            now = time.monotonic()
            if now - self._cut > _KEPT_FOR:
                self._starts, self._cut = [FIRST], now
            while (start := await self._threads.number_behind(self._starts[-1], PART)) is not None:
                self._starts.append(start)
            return tuple(self._starts)

    async def part(self, start: int) -> list[int]:
        """The numbers of a part's threads, lowest first, without those whose first post a moderator removed."""
        nums = await self._threads.numbers(start, PART)
        return [num for num in nums if not self._moderation.is_removed(PostId(num))]

    async def at(self, place: int) -> int | None:
        """The number of the thread that has so many threads before it, which costs no more than reading a part.

        None where there are not so many threads.
        """
        starts = await self.starts()
        part = min(place // PART, len(starts) - 1)
        return await self._threads.number_behind(starts[part], place - part * PART)
