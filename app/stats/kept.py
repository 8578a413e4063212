"""A value that is made anew in the background when it has grown old."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from typing import Final, Generic, TypeVar

from app.db.base import reason

log = logging.getLogger("koiwai.statistics")

T = TypeVar("T")

_AGAIN_AFTER: Final = 60.0  # seconds, after a failure


class Kept(Generic[T]):
    """Whoever asks while it is made gets the old one; all who ask share one making. `what` names it in the log."""

    def __init__(self, what: str, make: Callable[[], Awaitable[T]], good_for: float) -> None:
        """`good_for`: seconds."""
        self._what = what
        self._make = make
        self._good_for = good_for
        self._value: T | None = None
        self._due = float("-inf")
        self._making: asyncio.Task[None] | None = None

    async def get(self, patience: float) -> T | None:
        """The value, the first one waited for at most `patience` seconds; None while there is none."""
        if self._making is None and time.monotonic() >= self._due:
            self._making = asyncio.create_task(self._remake())
        if self._value is None and self._making is not None:
            await asyncio.wait({self._making}, timeout=patience)
        return self._value

    async def _remake(self) -> None:
        try:
            self._value = await self._make()
            self._due = time.monotonic() + self._good_for
        except Exception as error:  # somebody else's database: anything may stand in it
            self._due = time.monotonic() + _AGAIN_AFTER
            log.warning("%s could not be made: %s", self._what, reason(error))
            log.debug("why they could not be made", exc_info=error)
        finally:
            self._making = None

    async def close(self) -> None:
        if (making := self._making) is not None:
            making.cancel()
            await asyncio.wait({making})
