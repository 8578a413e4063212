"""The pool: bounded, patient for a while, and never a place or a connection lost."""

import asyncio
import random

import pytest

from app.compat import timeout
from app.db.pool import Pool
from app.errors import Unavailable
from tests.support.databases import outcome
from tests.support.pool_driver import LIFETIME, Driver, hold_all, turns


async def test_fill_opens_the_smallest_number_and_connections_are_used_again() -> None:
    driver = Driver()
    pool = driver.pool(5, smallest=2)
    await pool.fill()
    assert (pool.size, pool.idle, driver.made) == (2, 2, 2)
    for _ in range(3):
        async with pool.connection():
            assert (pool.size, pool.idle) == (2, 1)
    assert driver.made == 2
    await pool.close()
    assert driver.open == set()


async def test_no_more_connections_than_the_largest_number() -> None:
    driver = Driver()
    pool = driver.pool(3)
    used: list[int] = []

    async def use() -> None:
        async with pool.connection() as connection:
            used.append(connection)
            await turns(5)

    await asyncio.gather(*(use() for _ in range(20)))
    assert len(used) == 20
    assert driver.most == 3
    await pool.close()


@pytest.mark.parametrize("opening", [0, 7])
@pytest.mark.parametrize("parting", [0, 7])
@pytest.mark.parametrize("seed", range(4))
async def test_never_more_than_the_largest_number_whoever_aborts(opening: int, parting: int, seed: int) -> None:
    """From the first step of opening to the last of closing: all that time a server may count a connection."""
    dice = random.Random(seed)
    living = most = 0

    async def connect() -> object:
        nonlocal living, most
        living += 1
        most = max(most, living)
        await turns(dice.randrange(opening + 1))
        if dice.random() < 0.1:
            living -= 1
            raise ConnectionRefusedError
        return object()

    async def disconnect(_connection: object) -> None:
        nonlocal living
        await turns(dice.randrange(parting + 1))
        living -= 1
        if dice.random() < 0.1:
            raise ConnectionResetError

    pool = Pool(
        connect, disconnect, smallest=1, largest=3, acquire_timeout=5.0, idle_timeout=0.001, max_lifetime=LIFETIME
    )

    async def use() -> None:
        async with pool.connection():
            await turns(dice.randrange(8))

    users = []
    for step in range(300):
        users.append(asyncio.ensure_future(use()))
        await turns(dice.randrange(3))
        if dice.random() < 0.7:
            dice.choice(users[-5:]).cancel()
        if step % 40 == 0:
            pool.forget_all()
    ends = await asyncio.gather(*users, return_exceptions=True)
    assert {type(end) for end in ends} == {type(None), ConnectionRefusedError, asyncio.CancelledError}
    await pool.close()
    assert (living, most) == (0, 3)


async def test_a_connection_that_comes_back_is_not_kept_from_those_who_wait_for_one_to_end() -> None:
    driver = Driver()
    ends = asyncio.Event()
    disconnect_at_once = driver.disconnect

    async def disconnect(connection: int) -> None:
        await ends.wait()
        await disconnect_at_once(connection)

    driver.disconnect = disconnect  # type: ignore[method-assign]
    pool = driver.pool(2)

    async def use(error: Exception | None = None) -> int:
        async with pool.connection() as connection:
            if error is not None:
                raise error
            return connection

    async with pool.connection() as first:
        assert isinstance(await outcome(use(ValueError())), ValueError)
        waiting = asyncio.ensure_future(use())
        await turns(10)
        assert not waiting.done()
    async with timeout(5):
        assert await waiting == first
    assert driver.made == 2
    ends.set()
    await pool.close()
    assert driver.open == set()


@pytest.mark.parametrize("error", [ValueError, asyncio.CancelledError])
async def test_a_connection_whose_user_failed_is_thrown_away(error: type[BaseException]) -> None:
    driver = Driver()
    pool = driver.pool(1)

    async def fail() -> None:
        async with pool.connection():
            raise error

    assert isinstance(await outcome(fail()), error)
    async with pool.connection() as connection:
        assert connection == 2
    await pool.close()
    assert driver.open == set()


async def test_waiting_for_a_place_ends_in_time_with_a_sentence() -> None:
    pool = Driver().pool(1, acquire_timeout=0.05)
    async with pool.connection(), timeout(5):
        error = await outcome(pool.connection().__aenter__())
    assert isinstance(error, Unavailable)
    assert error.retry_after == 5
    await hold_all(pool)
    await pool.close()


async def test_connecting_counts_as_waiting_and_what_comes_late_is_closed() -> None:
    driver = Driver()
    answers = asyncio.Event()
    connect_at_once = driver.connect

    async def connect() -> int:
        await answers.wait()
        return await connect_at_once()

    driver.connect = connect  # type: ignore[method-assign]
    pool = driver.pool(1, acquire_timeout=0.05)
    async with timeout(5):
        assert isinstance(await outcome(pool.connection().__aenter__()), Unavailable)
    answers.set()
    await hold_all(pool)
    await pool.close()
    assert driver.made == 2
    assert driver.open == set()


async def test_failing_to_connect_gives_the_place_back() -> None:
    driver = Driver()
    pool = driver.pool(1)
    driver.failing = True
    for _ in range(3):
        assert isinstance(await outcome(pool.connection().__aenter__()), ConnectionRefusedError)
    driver.failing = False
    await hold_all(pool)
    await pool.close()


async def test_forgotten_idle_connections_are_closed_and_replaced() -> None:
    driver = Driver()
    pool = driver.pool(2, smallest=2)
    await pool.fill()
    pool.forget_all()
    assert pool.size == 0
    await hold_all(pool)
    assert driver.made == 4
    await pool.close()
    assert driver.open == set()


async def test_closing_waits_for_what_is_in_use_and_then_refuses() -> None:
    driver = Driver()
    pool = driver.pool(2, smallest=2)
    await pool.fill()
    goes_on = asyncio.Event()

    async def use() -> None:
        async with pool.connection():
            await goes_on.wait()

    user = asyncio.ensure_future(use())
    await turns(2)
    closing = asyncio.ensure_future(pool.close())
    await turns(20)
    assert len(driver.open) == 1
    assert not closing.done()
    goes_on.set()
    async with timeout(5):
        await asyncio.gather(user, closing)
    assert driver.open == set()
    assert isinstance(await outcome(pool.connection().__aenter__()), Unavailable)
    assert driver.made == 2


@pytest.mark.parametrize("others", [0, 1, 3])
async def test_a_user_cancelled_at_any_moment_leaves_nothing_behind(others: int) -> None:
    for moment in range(25):
        driver = Driver()
        pool = driver.pool(2)

        async def use(pool: Pool[int] = pool) -> None:
            async with pool.connection():
                await turns(6)

        companions = [asyncio.ensure_future(use()) for _ in range(others)]
        user = asyncio.ensure_future(use())
        await turns(moment)
        user.cancel()
        await outcome(user)
        await asyncio.gather(*companions)
        await hold_all(pool)
        assert pool.size <= 2, moment
        await pool.close()
        assert driver.open == set(), moment


@pytest.mark.parametrize("seed", range(10))
async def test_a_crowd_with_cancellations_and_failures_leaves_nothing_behind(seed: int) -> None:
    dice = random.Random(seed)
    driver = Driver(turns=dice.randrange(4))
    pool = driver.pool(4, acquire_timeout=0.01)

    async def use() -> None:
        async with pool.connection():
            await turns(dice.randrange(12))
            if dice.random() < 0.2:
                raise ValueError

    users = []
    for _ in range(200):
        users.append(asyncio.ensure_future(use()))
        await turns(dice.randrange(4))
        if dice.random() < 0.5:
            dice.choice(users).cancel()
    ends = await asyncio.gather(*users, return_exceptions=True)
    assert {type(end) for end in ends} <= {type(None), ValueError, asyncio.CancelledError, Unavailable}
    assert pool.size <= pool.largest
    await hold_all(pool)
    await pool.close()
    assert (pool.size, driver.open) == (0, set())


async def test_connections_in_use_when_all_are_to_be_forgotten_are_not_used_again() -> None:
    driver = Driver()
    pool = driver.pool(2)
    async with pool.connection() as old:
        pool.forget_all()
    async with pool.connection() as new:
        assert new != old
    await pool.close()
    assert driver.open == set()


async def test_closing_waits_for_a_connection_that_is_being_opened() -> None:
    driver = Driver(turns=20)
    pool = driver.pool(1)

    async def use() -> None:
        async with pool.connection():
            pass

    using = asyncio.ensure_future(use())
    await turns(5)
    await pool.close()
    assert driver.open == set()
    assert isinstance(await outcome(using), Unavailable)
    assert driver.made == 1
