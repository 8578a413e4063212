"""Days of statistics put together to as many stretches of time as a chart has room for."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, timedelta
from typing import Final

from msgspec import Struct

from app.stats.model import Day

_FIRST: Final = date(2000, 1, 1)
"""No imageboard is older: what damaged rows place before is left out of charts, which would be empty for decades."""

_EPOCH: Final = date(1970, 1, 1)
_LATEST: Final = (date.max - _EPOCH).days - 366
_MONTHS: Final = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_FEW_DAYS: Final = 100
_FEW_WEEKS: Final = 100 * 7
_FEW_MONTHS: Final = 126 * 31


class Period(Struct, frozen=True, gc=False):
    """What was posted in one stretch of time."""

    label: str
    """`3 March 2015`, `week of 2 March 2015`, `March 2015`, or `2015`."""
    posts: int = 0
    images: int = 0
    sage: int = 0
    names: int = 0
    trips: int = 0
    anonymous: int = 0


class Periods(Struct, frozen=True):
    """Consecutive stretches of equal kind, the first and the last with posts; those between may have none."""

    unit: str
    """day, week, month or year."""
    periods: tuple[Period, ...]
    left_out: int
    """Posts whose day cannot be right."""


def periods_of(days: Iterable[Day], last: int) -> Periods:
    """The days in stretches, at most about 130 of them. `last` is the last day that can be right (since 1970)."""
    known, left_out = [], 0
    for day in days:
        if (_FIRST - _EPOCH).days <= day.day <= min(last, _LATEST):
            known.append(day)
        else:
            left_out += day.posts
    if not known:
        return Periods("day", (), left_out)
    start, end = (_EPOCH + timedelta(days=pick(day.day for day in known)) for pick in (min, max))
    unit, begin, following, label = _kind((end - start).days)
    sums: dict[date, list[int]] = {}
    current = begin(start)
    while current <= end:
        sums[current] = [0] * 6
        current = following(current)
    for day in known:
        counts = sums[begin(_EPOCH + timedelta(days=day.day))]
        for place, count in enumerate((day.posts, day.images, day.sage, day.names, day.trips, day.anonymous)):
            counts[place] += count
    return Periods(unit, tuple(Period(label(first), *counts) for first, counts in sums.items()), left_out)


_Kind = tuple[str, Callable[[date], date], Callable[[date], date], Callable[[date], str]]


def _kind(days: int) -> _Kind:
    """Unit, beginning of a day's stretch, beginning of the next stretch, and label, for a range of so many days."""
    if days <= _FEW_DAYS:
        return "day", lambda day: day, lambda day: day + timedelta(days=1), day_label
    if days <= _FEW_WEEKS:
        return (
            "week",
            lambda day: day - timedelta(days=day.weekday()),
            lambda day: day + timedelta(days=7),
            lambda day: f"week of {day_label(day)}",
        )
    if days <= _FEW_MONTHS:
        return (
            "month",
            lambda day: day.replace(day=1),
            lambda day: (day + timedelta(days=31)).replace(day=1),
            lambda day: f"{_MONTHS[day.month - 1]} {day.year}",
        )
    return (
        "year",
        lambda day: day.replace(month=1, day=1),
        lambda day: day.replace(year=day.year + 1),
        lambda day: str(day.year),
    )


def day_label(day: date) -> str:
    """`3 March 2015`."""
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"
