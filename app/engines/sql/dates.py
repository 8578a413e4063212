"""Between which post numbers the posts of a stretch of time lie: databases walk numbers, not times, in order.

Numbers and times rise together, but for an hour or so each autumn and for late inserts; so bounds are taken with some
hours to spare, and each post's time is compared afterwards. Ghost posts have the number of an older post: they are
searched for by themselves, whatever these bounds are.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Final

from app.db.base import Sql
from app.db.search_queries import SearchQueries
from app.model import LARGEST_NUMBER
from app.reading import number

Fetch = Callable[[Sql], Awaitable[list[tuple[Any, ...]]]]

SLACK: Final = 6 * 3600
"""Seconds: more than the clocks of a board's writers differ."""

_NEAREST: Final = 50  # posts around a moment, of which the farthest number counts


async def numbers_between(
    fetch: Fetch, queries: SearchQueries, times: tuple[int, int], ends: tuple[int, int]
) -> tuple[int, int] | None:
    """The lowest and the highest number of posts whose stored times lie between `times`; None when there are none.

    `ends` are the lowest and the highest number of the board.
    """
    first, last = times
    if queries.finds_times:
        rows = await fetch(queries.numbers_near(first, _NEAREST, upwards=True))
        after = [number(num) for (num,) in rows]
        rows = await fetch(queries.numbers_near(last, _NEAREST, upwards=False))
        before = [number(num) for (num,) in rows]
        return (min(after), max(before)) if after and before and min(after) <= max(before) else None
    low = await _first_from(fetch, queries, first, ends)
    high = await _first_from(fetch, queries, last + 1, (low, ends[1]))
    return (low, high) if low <= high else None


async def _first_from(fetch: Fetch, queries: SearchQueries, time: int, ends: tuple[int, int]) -> int:
    """The lowest number from which on posts are not older than `time`, found in about thirty halvings."""
    low, high = ends[0], ends[1] + 1
    while low < high:
        middle = (low + high) // 2
        rows = await fetch(queries.moment(middle, upwards=True))
        if not rows or number(rows[0][1]) >= time:
            high = middle
        else:
            low = number(rows[0][0]) + 1
    return min(low, LARGEST_NUMBER)
