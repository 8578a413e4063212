"""Finding out which clock a board's writers used, from the times in the names of uploaded files."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from typing import Any, Final

from app.clock import Clock, Moment, settle, vote
from app.db.base import Database
from app.db.queries import BoardQueries
from app.reading import number, text
from app.settings import BoardSettings

log = logging.getLogger("koiwai.clock")

_SAMPLES: Final = (200, 4_000)
"""Rows looked at from one end of a board; more of them only where the first had no telling file names."""
_VOTERS: Final = 15
_NEIGHBOURS: Final = 1_000
_LARGEST_WINDOW: Final = 4_000
"""Posts of the repeated hour looked at: so many that what is shown together does not decide what is found."""


async def find_clock(database: Database, queries: BoardQueries, board: str, settings: BoardSettings) -> Clock:
    """The clock of a board: as set, else as the file names at both ends of the board tell.

    Where the two ends differ, the writer was replaced or changed its mind in between, and the post number of
    the change is searched for. A board without telling file names is taken for New York, as most archives are.
    """
    if settings.clock == "auto":
        clock = await _by_file_names(database, queries, board)
    else:
        clock = Clock(settings.clock == "new_york", settings.clock_switch_num)
    if clock.new_york and clock.switch_num is None:
        return clock
    # Hayden once wrote UTC for posts and New York time for expiries. A post that expired before it was made shows it.
    statement = queries.early_expiry(clock.switch_num, clock.new_york, _SAMPLES[1])
    found = None if statement is None else await database.fetch_one(statement)
    return Clock(clock.new_york, clock.switch_num, expiries_new_york=found is not None)


async def _by_file_names(database: Database, queries: BoardQueries, board: str) -> Clock:
    oldest = await _vote_at(database, queries, newest=False)
    newest = await _vote_at(database, queries, newest=True)
    if oldest is None or newest is None or oldest == newest:
        known = newest if oldest is None else oldest
        return Clock(new_york=known is None or known)
    switch = await _find_switch(database, queries, oldest)
    names = ("New York time", "UTC") if oldest else ("UTC", "New York time")
    log.info("/%s/ holds %s up to post %d and %s from there on", board, names[0], switch - 1, names[1])
    return Clock(oldest, switch)


async def _vote_at(database: Database, queries: BoardQueries, *, newest: bool) -> bool | None:
    for rows in _SAMPLES:
        found = await database.fetch(queries.media_names(None, newest=newest, rows=rows))
        pairs = [(moment.stored, moment.file_name) for moment in _moments(found)]
        # The files nearest to the end decide: the clock may have changed not far from it.
        nearest = [pair for pair in pairs if vote([pair]) is not None][:_VOTERS]
        if (choice := vote(nearest)) is not None:
            return choice
    return None


async def _find_switch(database: Database, queries: BoardQueries, oldest: bool) -> int:
    """The first post number that holds the other clock than the oldest posts."""
    low = await _end(database, queries, newest=False)
    high = await _end(database, queries, newest=True)
    while high - low > 1:
        middle = (low + high) // 2
        rows = await database.fetch(queries.media_names(middle, newest=False, rows=_SAMPLES[0]))
        choices = ((moment.num, vote([(moment.stored, moment.file_name)])) for moment in _moments(rows))
        num, choice = next(((num, choice) for num, choice in choices if choice is not None), (high, not oldest))
        if choice == oldest and num < high:
            low = num
        else:
            high = middle
    # `low` is the last post known to hold the old clock. The posts after it have no telling names up to one that
    # holds the new clock; among them the change shows as the largest step of the stored times.
    moments = _moments(await database.fetch(queries.media_names(low, newest=False, rows=_SAMPLES[1])))
    until = next(
        (place for place, moment in enumerate(moments) if vote([(moment.stored, moment.file_name)]) == (not oldest)),
        len(moments) - 1,
    )
    steps = [
        (moments[place].stored - moments[place - 1].stored) * (1 if oldest else -1) for place in range(1, until + 1)
    ]
    return moments[1 + steps.index(max(steps))].num if steps else high


def _moments(rows: Iterable[tuple[Any, ...]]) -> list[Moment]:
    """Of rows (num, subnum, timestamp, media_orig). Ghost posts are left out: they carry an older post's number."""
    return [Moment(number(num), number(stored), text(name)) for num, subnum, stored, name in rows if not number(subnum)]


async def _end(database: Database, queries: BoardQueries, *, newest: bool) -> int:
    row = await database.fetch_one(queries.media_names(None, newest=newest, rows=1))
    return number(row[0]) if row else 0


async def settle_repeated_hour(
    database: Database, queries: BoardQueries, clock: Clock, moments: list[Moment]
) -> dict[int, int]:
    """True times by post number for posts of the hour that is repeated each autumn, with their neighbours' help."""
    settled: dict[int, int] = {}
    for hour in sorted({moment.stored // 3600 for moment in moments}):
        nums = [moment.num for moment in moments if moment.stored // 3600 == hour]
        statement = queries.moments_near(min(nums), max(nums), _NEIGHBOURS, _LARGEST_WINDOW)
        found = {moment.num: moment for moment in _moments(await database.fetch(statement))}
        found |= {moment.num: moment for moment in moments if moment.num in nums}
        times = settle(clock, [found[num] for num in sorted(found)])
        settled |= {num: times[num] for num in nums}
    return settled
