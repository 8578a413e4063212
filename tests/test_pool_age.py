"""How long connections live: unused ones go, old ones are replaced, dead ones are noticed before they are used."""

import asyncio
import time

import pytest

from app.compat import timeout
from app.db.pool import Pool
from app.errors import Unavailable
from tests.support.databases import eventually, outcome
from tests.support.pool_driver import LIFETIME, Driver, hold_all, turns


async def use(pool: Pool[int]) -> int:
    async with pool.connection() as connection:
        await turns(1)
        return connection


async def test_what_lies_unused_is_closed_down_to_the_smallest_number() -> None:
    driver = Driver()
    pool = driver.pool(5, smallest=2)
    await hold_all(pool)
    assert pool.size == 5
    driver.clock.now += 299
    await use(pool)
    assert pool.size == 5
    driver.clock.now += 2
    await use(pool)
    assert pool.size == 2
    await turns(3)
    assert len(driver.open) == 2
    await pool.close()
    assert driver.open == set()


async def test_connections_in_use_are_not_idle() -> None:
    driver = Driver()
    pool = driver.pool(3)
    async with pool.connection():
        driver.clock.now += 1000
        await use(pool)
        assert pool.size == 2
    assert pool.size == 2
    driver.clock.now += 299
    assert await use(pool) == 1
    assert pool.size == 2
    await pool.close()


async def test_connections_in_use_count_towards_the_smallest_number() -> None:
    driver = Driver()
    pool = driver.pool(3, smallest=2)
    await hold_all(pool)
    driver.clock.now += 1000
    async with pool.connection():
        async with pool.connection():
            assert pool.idle == 1
        assert (pool.size, pool.idle) == (2, 1)
    await pool.close()
    assert driver.open == set()


async def test_nobody_need_come_for_unused_connections_to_be_closed() -> None:
    driver = Driver()
    pool = driver.pool(4, smallest=1, idle_timeout=0.05, clock=time.monotonic)
    await hold_all(pool)
    assert await eventually(lambda: len(driver.open) == 1)
    await hold_all(pool)
    assert await eventually(lambda: len(driver.open) == 1)
    await pool.close()
    assert driver.open == set()


async def test_a_closed_pool_leaves_no_timer() -> None:
    loop = asyncio.get_running_loop()
    driver = Driver()
    pool = driver.pool(4)
    await hold_all(pool)
    assert [timer for timer in loop._scheduled if not timer.cancelled()]  # type: ignore[attr-defined]
    await pool.close()
    assert not [timer for timer in loop._scheduled if not timer.cancelled()]  # type: ignore[attr-defined]


async def test_an_old_connection_is_replaced_when_it_is_taken() -> None:
    driver = Driver()
    pool = driver.pool(2, smallest=1)
    await pool.fill()
    driver.clock.now += 0.89 * LIFETIME
    assert await use(pool) == 1
    driver.clock.now += 0.11 * LIFETIME
    assert await use(pool) == 2
    await turns(3)
    assert driver.open == {2}
    await pool.close()


async def test_an_old_connection_is_closed_when_it_comes_back() -> None:
    driver = Driver()
    pool = driver.pool(2)
    async with pool.connection() as connection:
        assert connection == 1
        driver.clock.now += LIFETIME
    await turns(3)
    assert (pool.size, driver.open) == (0, set())
    await pool.close()


async def test_connections_opened_together_do_not_end_together() -> None:
    driver = Driver()
    pool = driver.pool(40, smallest=40)
    await hold_all(pool)
    driver.clock.now += 0.95 * LIFETIME
    await hold_all(pool)
    assert 40 < driver.made < 80
    await pool.close()


async def test_a_dead_connection_is_replaced_before_it_is_used() -> None:
    driver = Driver()
    dead: set[int] = set()

    async def is_alive(connection: int) -> bool:
        await turns(2)
        return connection not in dead

    pool = driver.pool(3, smallest=3, is_alive=is_alive)
    await pool.fill()
    assert await use(pool) == 3
    dead |= {1, 2, 3}
    assert await use(pool) == 4
    await turns(3)
    assert driver.open == {4}
    await pool.close()
    assert driver.open == set()


@pytest.mark.parametrize("moment", range(1, 12))
async def test_a_test_that_is_cut_short_leaves_nothing_behind(moment: int) -> None:
    driver = Driver()

    async def is_alive(_connection: int) -> bool:
        await turns(4)
        return True

    pool = driver.pool(2, smallest=2, is_alive=is_alive)
    await pool.fill()
    user = asyncio.ensure_future(use(pool))
    await turns(moment)
    user.cancel()
    await outcome(user)
    await hold_all(pool)
    await pool.close()
    assert driver.open == set()


async def test_closing_while_a_connection_is_tested() -> None:
    driver = Driver()
    goes_on = asyncio.Event()

    async def is_alive(_connection: int) -> bool:
        await goes_on.wait()
        return True

    pool = driver.pool(1, smallest=1, is_alive=is_alive)
    await pool.fill()
    user = asyncio.ensure_future(use(pool))
    await turns(3)
    closing = asyncio.ensure_future(pool.close())
    await turns(3)
    goes_on.set()
    async with timeout(5):
        await closing
    assert isinstance(await outcome(user), Unavailable)
    assert driver.open == set()
