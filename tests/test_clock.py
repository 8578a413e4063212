"""Stored times become true ones: by New York's clock or not, in both halves of the hour that comes twice a year."""

import asyncio
from datetime import datetime, timezone
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app import create_app
from app.clock import Clock, Moment, settle, upload_time, vote
from app.context import EXTENSION
from app.demo.rows import new_york
from app.demo.writers import WRITERS
from app.settings import BoardSettings
from tests.support.shelf import KINDS, shelf_of
from tests.support.stage import Stage, stage

__all__ = ["stage"]

NEW_YORK, TRUE_UTC = Clock(True), Clock(False)
HOUR = 3600


def _utc(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=timezone.utc).timestamp())


AUTUMN = _utc("2022-11-06 05:00")
"""The hour from here and the one after it have the same wall clock in New York."""


@pytest.mark.parametrize(
    ("stored", "true"),
    [
        ("2022-07-01 08:00", "2022-07-01 12:00"),
        ("2022-01-01 07:00", "2022-01-01 12:00"),
        # Spring: 02:00 to 03:00 is skipped.
        ("2022-03-13 01:59:59", "2022-03-13 06:59:59"),
        ("2022-03-13 03:00", "2022-03-13 07:00"),
        # Autumn: 01:00 to 02:00 comes twice.
        ("2022-11-06 00:59:59", "2022-11-06 04:59:59"),
        ("2022-11-06 02:00", "2022-11-06 07:00"),
        # Other years had other rules.
        ("2006-04-02 03:00", "2006-04-02 07:00"),
        ("2006-03-20 03:00", "2006-03-20 08:00"),
        ("1970-01-01 00:00", "1970-01-01 05:00"),
    ],
)
def test_new_york_time(stored: str, true: str) -> None:
    assert NEW_YORK.readings(_utc(stored), 1) == (_utc(true),)
    assert NEW_YORK.to_utc(_utc(stored), 1) == _utc(true)
    assert TRUE_UTC.to_utc(_utc(stored), 1) == _utc(stored)


def test_the_hour_that_comes_twice_has_two_readings() -> None:
    for minute in (0, 30, 59):
        stored = _utc(f"2022-11-06 01:{minute:02}")
        assert NEW_YORK.readings(stored, 1) == (AUTUMN + minute * 60, AUTUMN + HOUR + minute * 60)
        assert NEW_YORK.to_utc(stored, 1) == AUTUMN + minute * 60
        assert TRUE_UTC.readings(stored, 1) == (stored,)


def test_the_hour_that_is_skipped_has_one_reading() -> None:
    assert len(NEW_YORK.readings(_utc("2022-03-13 02:30"), 1)) == 1


@given(st.integers(100_000, 4_000_000_000))
def test_what_new_york_wrote_is_read_back(true: int) -> None:
    wall = datetime.fromtimestamp(true, ZoneInfo("America/New_York"))
    stored = int(wall.replace(tzinfo=timezone.utc).timestamp())
    readings = NEW_YORK.readings(stored, 1)
    assert true in readings
    repeated = wall.replace(fold=0).utcoffset() != wall.replace(fold=1).utcoffset()
    assert len(readings) == 1 + repeated
    if not repeated:
        assert NEW_YORK.to_utc(stored, 1) == true


@given(st.integers(0, 2**32 - 1), st.booleans())
def test_any_stored_number_has_a_reading(stored: int, clock: bool) -> None:
    for reading in Clock(clock).readings(stored, 1):
        assert abs(reading - stored) in ({0} if not clock else {4 * HOUR, 5 * HOUR, 17762, 14362})


def test_a_clock_that_changed() -> None:
    clock = Clock(False, 100)
    noon = _utc("2022-07-01 12:00")
    assert [clock.to_utc(noon, num) - noon for num in (1, 99, 100, 101)] == [0, 0, 4 * HOUR, 4 * HOUR]
    back = Clock(True, 100)
    assert [back.to_utc(noon, num) - noon for num in (99, 100)] == [4 * HOUR, 0]


def test_expiries() -> None:
    noon = _utc("2022-07-01 12:00")
    assert NEW_YORK.expiry_to_utc(noon - 4 * HOUR + 5, 1, noon) == noon + 5
    assert TRUE_UTC.expiry_to_utc(noon + 5, 1, noon) == noon + 5
    # Nothing goes before it was there: these must be New York time.
    assert TRUE_UTC.expiry_to_utc(noon - 4 * HOUR + 5, 1, noon) == noon + 5
    assert Clock(False, expiries_new_york=True).expiry_to_utc(noon + 5, 1, noon) == noon + 4 * HOUR + 5
    # Posted and gone within the second of the two equal hours.
    posted = AUTUMN + HOUR + 60
    assert NEW_YORK.expiry_to_utc(new_york(posted + 600), 1, posted) == posted + 600
    assert NEW_YORK.expiry_to_utc(new_york(AUTUMN + 600), 1, AUTUMN + 60) == AUTUMN + 600
    # No reading makes sense of a broken one.
    assert NEW_YORK.expiry_to_utc(1, 1, noon) == 1 + 5 * HOUR


def test_ghost_posts_hold_new_york_time_whatever_the_scraper_did() -> None:
    assert TRUE_UTC.ghost_to_utc(_utc("2022-07-01 08:00")) == _utc("2022-07-01 12:00")


@pytest.mark.parametrize(
    ("name", "seconds"),
    [
        ("1657627200123.jpg", 1657627200),
        ("1657627200123456.webm", 1657627200),
        ("1657627200123s.jpg", 1657627200),
        ("1657627200123", 1657627200),
        ("165762720012.jpg", None),
        ("16576272001234.jpg", None),
        ("0657627200123.jpg", None),
        ("9999999999999.jpg", None),
        ("holiday.jpg", None),
        ("\u0661657627200123.jpg", None),
        ("1657627200123.jpg.exe!", None),
        ("", None),
        (None, None),
    ],
)
def test_upload_times(name: str | None, seconds: int | None) -> None:
    assert upload_time(name) == seconds


def test_votes() -> None:
    noon = _utc("2022-07-01 12:00")
    name = f"{noon}123.jpg"
    assert vote([(noon + 3, name)]) is False
    assert vote([(noon - 4 * HOUR + 3, name)]) is True
    assert vote([(noon + 3, name), (noon - 4 * HOUR, name)]) is None
    assert vote([(noon + 3, name), (noon - 4 * HOUR, name), (noon - 4 * HOUR, name)]) is True
    assert vote([(noon + 2 * HOUR, name), (noon, None), (noon, "cat.jpg")]) is None
    assert vote([]) is None
    second = AUTUMN + HOUR + 10
    assert vote([(new_york(second), f"{second}000.jpg")]) is True


def _settled(*posts: tuple[int, str | None]) -> list[int]:
    """Seconds from AUTUMN that posts, given by those and their file names, are found to be at."""
    moments = [Moment(num, new_york(AUTUMN + seconds), name) for num, (seconds, name) in enumerate(posts, 1)]
    found = settle(NEW_YORK, moments)
    return [found[num] - AUTUMN for num in range(1, len(posts) + 1)]


def test_a_file_name_settles_the_hour() -> None:
    for seconds in (60, HOUR + 60):
        assert _settled((seconds, f"{AUTUMN + seconds}000.jpg")) == [seconds]


def test_neighbours_settle_the_hour() -> None:
    # Nothing near: the first of the two hours.
    assert _settled((HOUR + 60, None)) == [60]
    # A post certainly in the second hour, then one that must be later still.
    certain = (HOUR + 300, f"{AUTUMN + HOUR + 300}000.jpg")
    assert _settled(certain, (HOUR + 2400, None)) == [HOUR + 300, HOUR + 2400]
    # One before it stays in the first hour, as far as its minutes allow.
    assert _settled((2000, None), certain) == [2000, HOUR + 300]
    assert _settled((0, None), (1800, None), (HOUR, None), (HOUR + 1700, None)) == [0, 1800, HOUR, HOUR + 1700]
    # A jump back by more than ten minutes is the clock's, a smaller one may be a late row.
    assert _settled((3000, None), (2500, None)) == [3000, 2500]
    assert _settled((3000, None), (HOUR + 100, None)) == [3000, HOUR + 100]


def test_settling_does_not_touch_other_times() -> None:
    moments = [Moment(1, AUTUMN, None), Moment(2, AUTUMN + 5, None)]
    assert settle(TRUE_UTC, moments) == {1: AUTUMN, 2: AUTUMN + 5}
    assert settle(NEW_YORK, []) == {}


# Finding out which clock a board has.


def _rows(clock: str, start: int, count: int, *, named: bool = True, digits: int = 3) -> list[dict[str, Any]]:
    """Posts every ten minutes from number `start` on, each third with a file."""
    found = []
    for num in range(start, start + count):
        true = _utc("2023-05-01 00:00") + 600 * num
        name = f"{true - 2}{'7' * digits}.jpg" if named and num % 3 == 0 else None
        stored = true if clock == "utc" else new_york(true)
        found.append({"num": num, "thread_num": num - num % 20, "timestamp": stored, "media_orig": name})
    return found


CASES: dict[str, tuple[list[dict[str, Any]], Clock]] = {
    "UTC": (_rows("utc", 1, 300), Clock(False)),
    "New York": (_rows("new_york", 1, 300), Clock(True)),
    "names of 16 digits": (_rows("utc", 1, 300, digits=6), Clock(False)),
    "UTC, then New York": (_rows("utc", 1, 471) + _rows("new_york", 472, 600), Clock(False, 472)),
    "New York, then UTC": (_rows("new_york", 1, 332) + _rows("utc", 333, 400), Clock(True, 333)),
    "a change early on": (_rows("utc", 1, 36) + _rows("new_york", 37, 600), Clock(False, 37)),
    "a change of late": (_rows("utc", 1, 600) + _rows("new_york", 601, 36), Clock(False, 601)),
    "one misleading name": (_rows("utc", 3, 1) + _rows("new_york", 4, 90), Clock(True)),
    "text only": (_rows("utc", 1, 60, named=False), Clock(True)),
    "text, then UTC": (_rows("utc", 1, 230, named=False) + _rows("utc", 231, 30), Clock(False)),
    "UTC, then text": (_rows("utc", 1, 30) + _rows("utc", 31, 230, named=False), Clock(False)),
    "nothing": ([], Clock(True)),
    "one post": (_rows("utc", 3, 1), Clock(False)),
}


@pytest.mark.parametrize("case", CASES)
async def test_finding_out(stage: Stage, case: str) -> None:
    rows, clock = CASES[case]
    stage.board(writer="oldasagi", clock="auto")
    if case == "UTC":
        # Ghost posts carry an old number and New York time; they must not count as evidence.
        ghost = {"subnum": 1, "timestamp": new_york(rows[-1]["timestamp"]), "media_orig": None}
        rows = [*rows, {**rows[0], **ghost}, {**rows[-1], **ghost}]
    stage.posts(*rows)
    async with stage.running() as app:
        assert app.board().clock == clock


@pytest.mark.parametrize(
    ("settings", "clock"),
    [
        ({"clock": "utc"}, Clock(False)),
        ({"clock": "new_york"}, Clock(True)),
        ({"clock": "utc", "clock_switch_num": 472}, Clock(False, 472)),
        ({"clock": "new_york", "clock_switch_num": 9}, Clock(True, 9)),
    ],
)
async def test_settings_win(stage: Stage, settings: dict[str, Any], clock: Clock) -> None:
    stage.board(writer="oldasagi", **settings)
    stage.posts(*_rows("utc", 1, 60))
    async with stage.running() as app:
        assert app.board().clock == clock


@pytest.mark.parametrize("seconds", [600, 5 * HOUR])
async def test_expiries_of_a_writer_with_two_clocks(stage: Stage, seconds: int) -> None:
    """Hayden wrote posts in UTC and expiries in New York time; one post that vanished soon tells of all."""
    stage.board(writer="oldasagi", clock="auto")
    rows = _rows("utc", 1, 60)
    stage.posts(*rows)
    for num, after in ((20, 600), (30, seconds), (40, 9 * HOUR)):
        true = rows[num - 1]["timestamp"] + after
        stage.execute(f'UPDATE "g" SET timestamp_expired = {new_york(true)} WHERE num = {num}')
    async with stage.running() as app:
        for num, after in ((20, 600), (30, seconds), (40, 9 * HOUR)):
            assert (await app.json(f"/posts/{num}"))["expired"] == rows[num - 1]["timestamp"] + after


async def test_bumps_on_both_sides_of_a_change(stage: Stage) -> None:
    """A thread begun by one clock and bumped by the other shows the true time of its bump."""
    stage.board(clock="utc", clock_switch_num=30)
    true = {num: _utc("2022-07-01 00:00") + 600 * num for num in range(1, 50)}
    stored = {num: true[num] if num < 30 else new_york(true[num]) for num in true}
    threads = {10: (10, 12), 11: (11, 40), 31: (31, 32), 13: (13, 29, 33)}
    for thread_num, nums in threads.items():
        stage.posts(*({"num": num, "thread_num": thread_num, "timestamp": stored[num]} for num in nums))
        stage.threads({"thread_num": thread_num, "time_bump": max(stored[num] for num in nums)})
    async with stage.running() as app:
        for target in ("/threads?order=creation", "/catalog"):
            bumped = {thread["num"]: thread["bumped"] for thread in (await app.json(target))["threads"]}
            # In thread 13 the list still names the post before the change, whose stored time is the larger.
            assert bumped == {10: true[12], 11: true[40], 31: true[32], 13: true[29]}


@pytest.mark.parametrize("kind", KINDS)
def test_the_change_in_the_invented_archive_is_found(
    kind: str, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> None:
    loaded = shelf_of(request, tmp_path_factory).get(request, "hayden", kind)
    settings = msgspec.structs.replace(loaded.settings, boards={"g": BoardSettings()})

    async def clock() -> Clock:
        app = create_app(settings)
        async with app.test_app():
            found: Clock = app.extensions[EXTENSION].board("g").clock
            return found

    (board,) = [board for board in loaded.boards if board.name == "g"]
    expected = Clock(False, WRITERS["hayden"].switch_num(board), expiries_new_york=True)
    assert asyncio.run(clock()) == expected


@pytest.mark.parametrize("stored", [-1, 2**32, 1_613_000_000_000, 10**30])
@pytest.mark.parametrize("clock", [NEW_YORK, Clock(new_york=False)])
def test_what_is_no_time_is_the_beginning_of_time(clock: Clock, stored: int) -> None:
    nothing = clock.readings(0, 1)
    assert clock.readings(stored, 1) == nothing
    assert clock.to_utc(stored, 1) == nothing[0]
    assert clock.expiry_to_utc(stored, 1, 0) in (0, 5 * HOUR)
    assert vote([(stored, "1613000000000.jpg")]) is None


async def test_a_time_in_the_repeated_hour_does_not_depend_on_what_is_shown(stage: Stage) -> None:
    """One file name far away tells it for everybody: in the thread, in the list, and for a post alone."""
    stage.board(clock="new_york")
    second = _utc("2013-11-03 06:30")  # half past one for the second time that night
    stored = second - 5 * HOUR
    tell = {"media_hash": "AbCdEfGhIjKlMnOpQrStUw==", "media_orig": f"{second}123.jpg"}
    silent = dict.fromkeys(tell)
    stage.posts(
        *(
            {"num": num, "thread_num": 100, "timestamp": stored, **(tell if num == 100 else silent)}
            for num in range(100, 400)
        )
    )
    stage.threads({"thread_num": 100, "time_bump": stored})
    async with stage.running() as app:
        times = {post["num"]: post["time"] for post in (await app.json("/threads/100"))["posts"]}
        assert set(times.values()) == {second}
        for num in (150, 399):
            assert (await app.json(f"/posts/{num}"))["time"] == second
        (thread,) = (await app.json("/threads"))["threads"]
        assert thread["bumped"] == second
        assert {post["time"] for post in thread["replies"]} == {second}
        assert app.archive.boards["g"].newest == second
