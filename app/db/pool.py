"""A pool of connections, the same for every driver: bounded, with its own patience, never leaking."""

from __future__ import annotations

import asyncio
import logging
import random
import sys
import time
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar

from app.compat import timeout
from app.errors import Unavailable

log = logging.getLogger("koiwai.db")

Connection = TypeVar("Connection")
T = TypeVar("T")

_TAKEN_AT_ONCE: Final = sys.version_info >= (3, 11)
"""Whether a semaphore that is not locked lets everybody in at once; some releases of Python 3.10 make them wait."""
_JITTER = 0.1  # part of a lifetime; connections opened together do not end together


@dataclass
class _Member(Generic[Connection]):
    """A connection of the pool, with moments of the pool's clock."""

    connection: Connection
    old_at: float
    unused_since: float


class Pool(Generic[Connection]):
    """Hands out connections one user at a time.

    `acquire_timeout` (seconds) covers waiting for a free place as well as connecting. A connection whose
    user met an exception is thrown away: what state it is in cannot be known.

    `largest` counts every connection the server may know of: also those that are still being opened, though nobody
    waits for them any more, and those that are still being closed. `connect` and `disconnect` must therefore end by
    themselves, however silent the server is; they are never cancelled.

    Connections beyond the smallest number that lie unused for `idle_timeout` seconds are closed. One that is
    `max_lifetime` seconds old, or up to a tenth less, is closed when it comes back, or instead of being used.
    With `is_alive`, each connection is tested before it is used, and a dead one is replaced.
    """

    def __init__(
        self,
        connect: Callable[[], Awaitable[Connection]],
        disconnect: Callable[[Connection], Awaitable[None]],
        *,
        smallest: int,
        largest: int,
        acquire_timeout: float,
        idle_timeout: float,
        max_lifetime: float,
        is_alive: Callable[[Connection], Awaitable[bool]] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._connect = connect
        self._disconnect = disconnect
        self._smallest = smallest
        self.largest = largest
        self._acquire_timeout = acquire_timeout
        self._idle_timeout = idle_timeout
        self._max_lifetime = max_lifetime
        self._is_alive = is_alive
        self._clock = clock
        self._alarm: asyncio.TimerHandle | None = None
        self._places = asyncio.Semaphore(largest)
        self._idle: deque[_Member[Connection]] = deque()  # the one that was used last is the last
        self._in_use = 0
        self._existing = 0  # connections from the first step of opening to the last of closing
        self._changed = asyncio.Event()  # a connection lies idle, or may be opened; replaced by a new one each time
        self._farewells: set[asyncio.Task[None]] = set()
        self._all_back = asyncio.Event()
        self._all_back.set()
        self._closed = False
        self._round = 0

    @property
    def idle(self) -> int:
        return len(self._idle)

    @property
    def size(self) -> int:
        return len(self._idle) + self._in_use

    async def fill(self) -> None:
        """Opens the smallest number of connections, so that the first readers need not wait for them."""
        while len(self._idle) < self._smallest:
            self._idle.append(await self._open_one())

    async def close(self) -> None:
        """Closes idle connections at once and those in use as they come back, which is waited for."""
        self._closed = True
        self.forget_all()
        self._tell()
        await self._all_back.wait()
        while self._farewells:
            await asyncio.wait(set(self._farewells))

    async def to_the_end(self, work: Coroutine[Any, Any, None]) -> None:
        """Waits for work on connections of its own, which goes on to its end even when nobody waits any more."""
        working = asyncio.ensure_future(work)
        try:
            await asyncio.shield(working)
        except asyncio.CancelledError:
            self._in_background(_ended(working))
            raise

    def forget_all(self) -> None:
        """Throws idle connections away, and those in use as they come back: where they lead to has gone."""
        self._round += 1
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None
        while self._idle:
            self._throw_away(self._idle.popleft().connection)

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[Connection]:
        """A connection for the length of a `with` block. Raises Unavailable when none comes free in time."""
        began_in = self._round
        member = await self._acquire()
        try:
            yield member.connection
        except BaseException:
            self._throw_away(member.connection)
            raise
        else:
            member.unused_since = self._clock()
            if self._closed or self._round != began_in or member.unused_since >= member.old_at:
                self._throw_away(member.connection)
            else:
                self._idle.append(member)
                self._tell()
        finally:
            self._give_back_place()
            self._reap()

    async def use(self, work: Callable[[Connection], Awaitable[T]], lost: type[Exception]) -> T:
        """What some work with a connection brings. A server that was restarted leaves dead connections in the pool:
        where one of them is `lost`, the second try gets a new one."""
        try:
            async with self.connection() as connection:
                return await work(connection)
        except lost:
            self.forget_all()
        async with self.connection() as connection:
            return await work(connection)

    def _reap(self) -> None:
        """Closes what lay unused for too long, and sees to it that the next one is thought of without any traffic."""
        while self._idle and self.size > self._smallest:
            left = self._idle[0].unused_since + self._idle_timeout - self._clock()
            if left > 0:
                if self._alarm is None:
                    self._alarm = asyncio.get_running_loop().call_later(left, self._reap_at_alarm)
                return
            self._throw_away(self._idle.popleft().connection)

    def _reap_at_alarm(self) -> None:
        self._alarm = None
        self._reap()

    def _is_at_hand(self) -> bool:
        """Whether there is a connection that need neither be waited for nor looked at: then no clock has to run."""
        if not _TAKEN_AT_ONCE or self._closed or not self._idle or self._is_alive is not None or self._places.locked():
            return False
        return self._clock() < self._idle[-1].old_at

    async def _acquire(self) -> _Member[Connection]:
        if self._is_at_hand():
            await self._places.acquire()  # at once
            self._in_use += 1
            self._all_back.clear()
            return self._idle.pop()
        try:
            async with timeout(self._acquire_timeout):
                await self._places.acquire()
                self._in_use += 1
                self._all_back.clear()
                try:
                    return await self._take()
                except BaseException:
                    self._give_back_place()
                    raise
        except asyncio.TimeoutError:
            log.warning("no database connection came free within %g s", self._acquire_timeout)
            raise Unavailable("The archive's database is busy right now.", retry_after=5) from None

    async def _take(self) -> _Member[Connection]:
        while not self._closed:
            if self._idle:
                member = self._idle.pop()
                if self._clock() < member.old_at and await self._usable(member.connection):
                    return member
                self._throw_away(member.connection)
            elif self._existing < self.largest:
                member = await self._open_one()
                if not self._closed:
                    return member
                self._throw_away(member.connection)
            else:
                await self._changed.wait()
        raise Unavailable("The archive is being closed.")

    async def _usable(self, connection: Connection) -> bool:
        if self._is_alive is None:
            return True
        try:
            return await self._is_alive(connection) and not self._closed
        except BaseException:
            self._throw_away(connection)
            raise

    def _give_back_place(self) -> None:
        self._in_use -= 1
        self._places.release()
        if not self._in_use:
            self._all_back.set()

    async def _open_one(self) -> _Member[Connection]:
        """A new connection. Drivers do not clean up when they are cancelled half-way, so they never are."""
        self._existing += 1
        opening = asyncio.ensure_future(self._connect())
        try:
            connection = await asyncio.shield(opening)
        except asyncio.CancelledError:
            self._in_background(self._part_once_open(opening))
            raise
        except BaseException:
            self._one_less()
            raise
        now = self._clock()
        lifetime = self._max_lifetime * (1 - random.random() * _JITTER)
        return _Member(connection, now + lifetime, now)

    def _one_less(self) -> None:
        self._existing -= 1
        self._tell()

    def _tell(self) -> None:
        """Wakes those who have a place and wait for a connection; each looks again for itself."""
        self._changed.set()
        self._changed = asyncio.Event()

    def _throw_away(self, connection: Connection) -> None:
        self._in_background(self._part_from(connection))

    def _in_background(self, parting: Coroutine[Any, Any, None]) -> None:
        farewell = asyncio.ensure_future(parting)
        self._farewells.add(farewell)
        farewell.add_done_callback(self._farewells.discard)

    async def _part_once_open(self, opening: asyncio.Future[Connection]) -> None:
        try:
            connection = await opening
        except Exception:
            log.debug("a connection that nobody waited for any more could not be opened", exc_info=True)
            self._one_less()
        else:
            await self._part_from(connection)

    async def _part_from(self, connection: Connection) -> None:
        try:
            await self._disconnect(connection)
        except Exception:
            log.debug("a connection could not be closed properly", exc_info=True)
        finally:
            self._one_less()


async def _ended(work: asyncio.Future[None]) -> None:
    try:
        await work
    except Exception:
        log.debug("work that nobody waited for any more has failed", exc_info=True)
