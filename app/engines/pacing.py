"""The time that a search may take."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

from msgspec import Struct

from app.compat import timeout

T = TypeVar("T")


class Pace(Struct, frozen=True):
    """How long a search may take, in seconds."""

    budget: float = 4.0
    """Until it stops with what it has."""
    counting: float = 0.05
    """After which it stops once the page is full; until then it goes on, to say how many there are."""


class TimeUp(Exception):
    """The search has to stop with what it has."""


class TimeLimit:
    """The time of one search. It runs from the moment this is made."""

    def __init__(self, pace: Pace) -> None:
        self._pace = pace
        self._started = time.monotonic()

    @property
    def is_counting(self) -> bool:
        """Whether there is still time to count what does not belong on the page."""
        return time.monotonic() - self._started < self._pace.counting

    @property
    def is_over(self) -> bool:
        """Whether nobody waits any more for what the search is still at."""
        return time.monotonic() - self._started >= self._pace.budget

    async def within(self, work: Callable[[], Awaitable[T]]) -> T:
        """What some work comes to. Raises TimeUp when the time is over, or ends while it is done."""
        left = self._started + self._pace.budget - time.monotonic()
        if left <= 0:
            raise TimeUp
        try:
            async with timeout(left):
                return await work()
        except asyncio.TimeoutError:
            raise TimeUp from None
