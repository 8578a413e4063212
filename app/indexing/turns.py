"""Boards in a row: one is read while the one before it is still being written out."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterable
from typing import Any


class Stopped(Exception):
    """The board before has failed, in a way that lets no other go on."""


class Turn:
    """A board's. Only one board at a time is read from its beginning, and only one is written, which takes memory."""

    def __init__(self, before: Turn | None = None) -> None:
        self._before = before
        self._all_read = asyncio.Event()
        self._over = asyncio.Event()
        self.failed = False

    async def to_write(self) -> None:
        """Waits until the board before is done with; only then is there anything to say, too. Raises Stopped."""
        if self._before is not None:
            await self._before._over.wait()
            if self._before.failed:
                raise Stopped

    def all_read(self) -> None:
        """The next board may be read."""
        self._all_read.set()

    def end(self) -> None:
        self._all_read.set()
        self._over.set()

    async def until_all_read(self) -> None:
        await self._all_read.wait()


async def by_turns(works: Iterable[Callable[[Turn], Coroutine[Any, Any, int]]]) -> list[int]:
    """What each has to say at its end. Where one fails, those before it end in peace, and none behind it goes on."""
    turn: Turn | None = None
    working: list[asyncio.Task[int]] = []
    try:
        for work in works:
            turn = Turn(turn)
            working.append(asyncio.create_task(_ended(work, turn)))
            await turn.until_all_read()
            if turn.failed:
                break
        return [await task for task in working]
    finally:
        for task in working:
            task.cancel()
        await asyncio.gather(*working, return_exceptions=True)


async def _ended(work: Callable[[Turn], Coroutine[Any, Any, int]], turn: Turn) -> int:
    try:
        return await work(turn)
    except BaseException as error:
        turn.failed = True
        if isinstance(error, Exception):
            await turn.to_write()
        raise
    finally:
        turn.end()
