"""Dates of a search: days and hours of a board's own clock, first and last second included.

A value is a reading of the wall: the seconds since 1970 that a UTC clock showing the same date and time would count.
"""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import datetime, timedelta, timezone
from typing import ClassVar, Final, Literal

from app.search.candidate import Candidate

_DATE = re.compile(
    r"([0-9]{4})(?:[-/]([0-9]{1,2})(?:[-/]([0-9]{1,2})(?:[T ]([0-9]{1,2}):([0-9]{2})(?::([0-9]{2}))?Z?)?)?)?", re.ASCII
)
_EARLIEST_YEAR: Final = 1990
_LATEST_YEAR: Final = 2105  # the columns hold 32 bits
WALL: Final = "wall"
"""What a candidate's time on its board's wall is called; engines put it beside the columns."""


class DateKind:
    """The first second (`start`) or the last one (`end`) of a year, month, day, minute or second."""

    input: ClassVar[str] = "date"
    options: ClassVar[tuple[tuple[str, str], ...]] = ()

    def __init__(self, end: Literal["start", "end"]) -> None:
        self.end = end

    def read(self, text: str) -> int:
        found = _DATE.fullmatch(text)
        if found is None:
            raise ValueError("must be a date such as 2021-03-04, or 2021-03, or 2021-03-04 15:30")
        year, month, day, hour, minute, second = (None if part is None else int(part) for part in found.groups())
        if year is None or not _EARLIEST_YEAR <= year <= _LATEST_YEAR:
            raise ValueError(f"must lie in a year from {_EARLIEST_YEAR} to {_LATEST_YEAR}")
        try:
            first = datetime(year, month or 1, day or 1, hour or 0, minute or 0, second or 0, tzinfo=timezone.utc)
        except ValueError:
            raise ValueError("is no date of the calendar") from None
        if self.end == "start":
            return int(first.timestamp())
        if second is not None:
            return int(first.timestamp())
        if minute is not None:
            length = timedelta(minutes=1)
        elif day is not None:
            length = timedelta(days=1)
        elif month is not None:
            length = timedelta(days=monthrange(year, month)[1])
        else:
            length = datetime(year + 1, 1, 1, tzinfo=timezone.utc) - first
        return int((first + length).timestamp()) - 1

    def write(self, value: int) -> str:
        """The shortest date that means the same."""
        moment = datetime.fromtimestamp(value, timezone.utc)
        day = f"{moment.year:04}-{moment.month:02}-{moment.day:02}"
        for text in (day, f"{day}T{moment.hour:02}:{moment.minute:02}"):
            if self.read(text) == value:
                return text
        return f"{day}T{moment.hour:02}:{moment.minute:02}:{moment.second:02}"

    def matches(self, value: int, post: Candidate, columns: tuple[str, ...]) -> bool:
        wall = post.number(WALL)
        return wall >= value if self.end == "start" else wall <= value
