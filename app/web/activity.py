"""How busy a board has been: the last year that its statistics know, in weeks."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

from markupsafe import Markup
from msgspec import Struct

from app.stats.model import BoardStatistics
from app.web.charts import sparkline
from app.web.periods import day_label

_WEEKS: Final = 52
_FEWEST: Final = 4
"""Weeks that say something."""

_DAY: Final = 86_400
_EPOCH: Final = date(1970, 1, 1)


class Activity(Struct, frozen=True, gc=False):
    """What the list of boards says of it."""

    drawing: Markup
    fact: str
    """`56 in its last week`, of posts."""


def activity_of(statistics: BoardStatistics) -> Activity | None:
    """None where less than four whole weeks are known."""
    tomorrow = statistics.made // _DAY + 1  # by the board's own clock it may be tomorrow already, or still yesterday
    days = {day.day: day.posts for day in statistics.days if 0 < day.day <= tomorrow}
    if not days:
        return None
    first, last = min(days), max(days)
    if statistics.source == "sample":
        first += 1  # a sample begins in the middle of a day
    weeks = min(_WEEKS, (last + 1 - first) // 7)
    if weeks < _FEWEST:
        return None
    posts = [0] * weeks
    for day, count in days.items():
        ago = (last - day) // 7
        if ago < weeks:
            posts[-1 - ago] += count
    end = day_label(_EPOCH + timedelta(days=last))
    said = (
        f"Posts in each of {weeks} weeks up to {end}: "
        f"from {min(posts):,} to {max(posts):,}, in the last week {posts[-1]:,}."
    )
    return Activity(sparkline(posts, said), f"{posts[-1]:,} in its last week")
