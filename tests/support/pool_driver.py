"""A driver made of numbers, for tests of the pool, and a clock that stands still."""

import asyncio
from collections.abc import Awaitable, Callable

from app.compat import timeout
from app.db.pool import Pool

LIFETIME = 3600.0


class Clock:
    """Seconds that pass when the test says so."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class Driver:
    """Connections that are numbers; connecting and parting take some turns of the event loop."""

    def __init__(self, turns: int = 3) -> None:
        self.turns = turns
        self.open: set[int] = set()
        self.most = 0
        self.made = 0
        self.failing = False
        self.clock = Clock()

    async def connect(self) -> int:
        for _ in range(self.turns):
            await asyncio.sleep(0)
        if self.failing:
            raise ConnectionRefusedError
        self.made += 1
        self.open.add(self.made)
        self.most = max(self.most, len(self.open))
        return self.made

    async def disconnect(self, connection: int) -> None:
        self.open.remove(connection)
        await asyncio.sleep(0)

    def pool(
        self,
        largest: int,
        *,
        smallest: int = 0,
        acquire_timeout: float = 5.0,
        idle_timeout: float = 300.0,
        is_alive: Callable[[int], Awaitable[bool]] | None = None,
        clock: Callable[[], float] | None = None,
    ) -> Pool[int]:
        return Pool(
            self.connect,
            self.disconnect,
            smallest=smallest,
            largest=largest,
            acquire_timeout=acquire_timeout,
            idle_timeout=idle_timeout,
            max_lifetime=LIFETIME,
            is_alive=is_alive,
            clock=clock or self.clock,
        )


async def turns(number: int) -> None:
    for _ in range(number):
        await asyncio.sleep(0)


async def hold_all(pool: Pool[int]) -> None:
    """Takes every place at the same time, which proves that none is lost."""
    holding, everybody = 0, asyncio.Event()

    async def hold() -> None:
        nonlocal holding
        async with pool.connection():
            holding += 1
            if holding == pool.largest:
                everybody.set()
            await everybody.wait()

    async with timeout(5):
        await asyncio.gather(*(hold() for _ in range(pool.largest)))
