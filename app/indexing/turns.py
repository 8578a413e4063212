"""Boards in a row: one is read while the one before it is still being written out."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterable
from typing import Any


class Turn:
    """A board's. Only one board at a time is read, and only one is written, which takes memory."""

    def __init__(self, before: Turn | None = None) -> None:
        self._before = before
        self._all_read = asyncio.Event()
        self._over = asyncio.Event()

    async def to_write(self) -> None:
        """Waits until the board before is done with; only then is there anything to say, too."""
        if self._before is not None:
            await self._before._over.wait()

    def all_read(self) -> None:
        """The next board may be read."""
        self._all_read.set()

    def end(self) -> None:
        self._all_read.set()
        self._over.set()

    async def until_all_read(self) -> None:
        await self._all_read.wait()


async def by_turns(works: Iterable[Callable[[Turn], Coroutine[Any, Any, int]]]) -> list[int]:
    """What each has to say at its end. Where one fails, or this is cancelled, none goes on."""
    turn: Turn | None = None
    working: list[asyncio.Task[int]] = []
    try:
        for work in works:
            turn = Turn(turn)
            working.append(asyncio.create_task(_ended(work, turn)))
            await turn.until_all_read()
            if working[-1].done():
                working[-1].result()
        return [await task for task in working]
    finally:
        for task in working:
            task.cancel()
        await asyncio.gather(*working, return_exceptions=True)


async def _ended(work: Callable[[Turn], Coroutine[Any, Any, int]], turn: Turn) -> int:
    try:
        return await work(turn)
    finally:
        turn.end()
