"""The Asagi clock: what the stored times of a board mean.

Most writers store the wall clock of New York read as if it were UTC, some store true UTC, and the database
does not say which (Asagi schema notes, section 3.1). Stored numbers become true Unix times here and nowhere else.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import datetime, timezone
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

from msgspec import Struct

_HOUR: Final = 3600
REPEATED: Final = _HOUR
"""Seconds between the two readings of a time in the hour that is repeated each autumn."""
_UPLOAD_NAME = re.compile(r"([0-9]{13}|[0-9]{16})(?:s?\.[0-9A-Za-z]{1,5})?", re.ASCII)
_EARLIEST_UPLOAD: Final = 1_000_000_000  # 2001: a smaller number is not a time
_LATEST_UPLOAD: Final = 4_000_000_000
_LATEST_STORED: Final = 2**32 - 1  # the columns are unsigned 32-bit integers at most
_NEAR: Final = 600
"""Seconds between a file's arrival and its post's time that still tell the two clocks apart."""


class Clock(Struct, frozen=True):
    """What a board's stored times are: up to `switch_num` one clock, from that post number on the other."""

    new_york: bool
    switch_num: int | None = None
    expiries_new_york: bool = False
    """Whether expiries are New York wall clock even where the posts' own times are UTC, as Hayden wrote them."""

    def is_new_york(self, num: int) -> bool:
        """Whether posts with this number hold New York wall clock (else true UTC)."""
        return self.new_york != (self.switch_num is not None and num >= self.switch_num)

    @property
    def wall_is_new_york(self) -> bool:
        """Whether the board's own clock, which is that of its newest posts, shows New York time (else UTC)."""
        return self.new_york != (self.switch_num is not None)

    def readings(self, stored: int, num: int) -> tuple[int, ...]:
        """The true times a stored one may mean: one, or two in the hour that is repeated each autumn."""
        return _new_york_readings(stored) if self.is_new_york(num) else (_possible(stored),)

    def to_utc(self, stored: int, num: int) -> int:
        """The true time, in the repeated hour its first occurrence."""
        return self.readings(stored, num)[0]

    def expiry_to_utc(self, stored: int, num: int, posted: int) -> int:
        """The true time of the expiry of a post that was made at the true time `posted`.

        Nothing expires before it was made: where UTC would say so, the expiry holds New York time.
        """
        new_york = self.is_new_york(num) or self.expiries_new_york or stored < posted
        readings = _new_york_readings(stored) if new_york else (_possible(stored),)
        return next((reading for reading in readings if reading >= posted), readings[0])

    def to_wall(self, stored: int, num: int, *, ghost: bool) -> int:
        """What a stored time is on the wall of the board: the seconds that a UTC clock showing the same would count.

        It is known without doubt in the repeated hour too, but for posts that were stored by the other clock.
        """
        stored_new_york = ghost or self.is_new_york(num)
        if stored_new_york == self.wall_is_new_york:
            return _possible(stored)
        if stored_new_york:
            return _new_york_readings(stored)[0]
        offset = datetime.fromtimestamp(_possible(stored), ZoneInfo("America/New_York")).utcoffset()
        assert offset is not None
        return _possible(stored) + int(offset.total_seconds())

    def ghost_to_utc(self, stored: int) -> int:
        """The true time of a ghost post: FoolFuuka writes New York time, whatever the scraper did (section 3.1)."""
        return _new_york_readings(stored)[0]


def _possible(stored: int) -> int:
    """The stored time, or 0 for a number that no Asagi column holds: milliseconds, or something negative."""
    return stored if 0 <= stored <= _LATEST_STORED else 0


def _new_york_readings(stored: int) -> tuple[int, ...]:
    stored = _possible(stored)
    offsets = _offsets(stored // _HOUR)
    return (stored - offsets[0],) if len(offsets) == 1 else (stored - offsets[0], stored - offsets[1])


@lru_cache(maxsize=100_000)
def _offsets(wall_hour: int) -> tuple[int, ...]:
    """Seconds from UTC to New York time during an hour of New York's wall clock (changes fall on full hours)."""
    wall = datetime.fromtimestamp(wall_hour * _HOUR, timezone.utc).replace(tzinfo=ZoneInfo("America/New_York"))
    offsets = []
    for fold in (0, 1):
        delta = wall.replace(fold=fold).utcoffset()
        assert delta is not None
        offsets.append(int(delta.total_seconds()))
    first, second = offsets
    # In the hour that is skipped each spring the second offset is the larger one; it has no second reading.
    return (first, second) if second < first else (first,)


def upload_time(file_name: str | None) -> int | None:
    """The true time in a server file name made of 13 digits (milliseconds) or 16 digits (microseconds)."""
    match = _UPLOAD_NAME.fullmatch(file_name) if file_name else None
    if match is None:
        return None
    digits = match[1]
    seconds = int(digits[:10])
    return seconds if _EARLIEST_UPLOAD <= seconds <= _LATEST_UPLOAD else None


def vote(samples: Iterable[tuple[int, str | None]]) -> bool | None:
    """Whether (stored time, server file name) pairs speak for New York (True) or UTC (False); None if they do not."""
    new_york = utc = 0
    for stored, file_name in samples:
        uploaded = upload_time(file_name)
        if uploaded is None:
            continue
        if abs(uploaded - stored) <= _NEAR:
            utc += 1
        elif any(abs(uploaded - reading) <= _NEAR for reading in _new_york_readings(stored)):
            new_york += 1
    if new_york == utc:
        return None
    return new_york > utc


class Moment(Struct, frozen=True):
    """A post's stored time and its evidence, for settling the repeated hour."""

    num: int
    stored: int
    file_name: str | None


def settle(clock: Clock, moments: Sequence[Moment]) -> dict[int, int]:
    """True times by post number of `moments`, which are neighbours by number, lowest first.

    In the repeated hour the time in the file name decides; else the posts before, because numbers and times
    rise together; else the first occurrence is taken (Asagi schema notes, section 3.2).
    """
    candidates = [_candidates(clock, moment) for moment in moments]
    earliest = 0
    for place, readings in enumerate(candidates):
        candidates[place] = tuple(reading for reading in readings if reading >= earliest - _NEAR) or readings
        earliest = max(earliest, candidates[place][0])
    return {moment.num: readings[0] for moment, readings in zip(moments, candidates, strict=True)}


def _candidates(clock: Clock, moment: Moment) -> tuple[int, ...]:
    readings = clock.readings(moment.stored, moment.num)
    if len(readings) == 1:
        return readings
    uploaded = upload_time(moment.file_name)
    if uploaded is None:
        return readings
    return (min(readings, key=lambda reading: abs(reading - uploaded)),)
