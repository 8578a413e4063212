"""Times as they are shown. Month and day names are our own, so that no locale can change them."""

from __future__ import annotations

from datetime import datetime, timezone
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

from msgspec import Struct

_DAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_NEW_YORK: Final = ZoneInfo("America/New_York")
_DAY: Final = 86_400
_HOUR: Final = 3_600
_LATEST: Final = 253_402_214_400
"""Start of the last day that a datetime can hold; damaged rows can name later times."""


EARLIEST: Final = "1970-01-01T00:00:00+00:00"
"""The machine's form of the earliest time that is ever shown."""


class Shown(Struct, frozen=True, gc=False):
    """One time in its written forms."""

    machine: str
    """For the `datetime` attribute: `2013-04-24T17:50:28+00:00`."""
    utc: str
    """`Wed 24 Apr 2013 17:50:28`."""
    new_york: str
    """`4/24/13(Wed)13:50`, as 4chan wrote it."""


def shown(time: int) -> Shown:
    """The written forms of a Unix time in seconds; one out of range counts as the nearest possible one."""
    time = min(max(time, 0), _LATEST)
    day, second = divmod(time, _DAY)
    machine, utc = _dates(day)
    minute, second = divmod(second, 60)
    hour, minute = divmod(minute, 60)
    clock = f"{hour:02}:{minute:02}:{second:02}"
    return Shown(f"{machine}T{clock}+00:00", f"{utc} {clock}", site_date(time))


def site_date(time: int) -> str:
    """`4/24/13(Wed)13:50`: a Unix time by New York's clock, as FoolFuuka gives 4chan's dates."""
    time = min(max(time, 0), _LATEST)
    date, hour = _new_york(time // _HOUR)
    return f"{date}{hour}:{time % _HOUR // 60:02}"


def site_now(time: int) -> str:
    """`04/24/13(Wed)13:50:28`: the same to the second, as 4chan's interface gives it."""
    wall = _utc(time).astimezone(_NEW_YORK)
    return f"{wall:%m/%d/%y}({_DAYS[wall.weekday()]}){wall:%H:%M:%S}"


def to_the_minute(time: int) -> str:
    """`24 Apr 2013 17:50`, in UTC, where a whole date would be too long."""
    utc = _utc(time)
    return f"{utc.day} {_MONTHS[utc.month - 1]} {utc.year} {utc.hour:02}:{utc.minute:02}"


def month(time: int) -> str:
    """`2013-04`, in UTC."""
    return f"{_utc(time):%Y-%m}"


# Posts that are shown together mostly have the same days and hours.


@lru_cache(maxsize=10_000)
def _dates(day: int) -> tuple[str, str]:
    """`2013-04-24` and `Wed 24 Apr 2013`: a day since 1970."""
    date = _utc(day * _DAY)
    return f"{date:%Y-%m-%d}", f"{_DAYS[date.weekday()]} {date.day} {_MONTHS[date.month - 1]} {date.year}"


@lru_cache(maxsize=10_000)
def _new_york(hour: int) -> tuple[str, int]:
    """`4/24/13(Wed)` and `13`: an hour since 1970 by New York's clock, which has differed by full hours ever since."""
    wall = _utc(hour * _HOUR).astimezone(_NEW_YORK)
    return f"{wall.month}/{wall.day}/{wall.year % 100:02}({_DAYS[wall.weekday()]})", wall.hour


def _utc(time: int) -> datetime:
    return datetime.fromtimestamp(min(max(time, 0), _LATEST), timezone.utc)
