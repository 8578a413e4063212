"""A board counted in plain Python, row by row, to compare statistics with."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime, timezone
from typing import Any
from zoneinfo import ZoneInfo

from msgspec import Struct

from app.stats.model import BoardStatistics

DAY = 86_400


class Counted(Struct):
    posts: int
    days: dict[int, tuple[int, int, int, int, int, int]]
    """posts, images, sage, names, trips, anonymous"""
    countries: dict[str, int]
    threads: dict[int, tuple[int, int]]
    images: dict[str, int]
    posters: dict[tuple[str, str], tuple[int, int, int]]
    """By the name last used ("" for none) and tripcode: posts, first, last."""
    since: int
    until: int


def true_time(stored: int, clock: str) -> int:
    """Of a time that is not in the hour that is repeated each autumn."""
    if clock == "utc":
        return stored
    wall = datetime.fromtimestamp(stored, timezone.utc).replace(tzinfo=ZoneInfo("America/New_York"))
    return int(wall.timestamp())


def counted(rows: Iterable[Mapping[str, Any]], clock: str, removed: Iterable[int] = ()) -> Counted:
    """Of rows as `Stage.posts` takes them, in the order in which they were stored."""
    kept = [row for row in rows if not row.get("subnum") and row["num"] not in set(removed)]
    days: dict[int, list[Mapping[str, Any]]] = defaultdict(list)
    posters: dict[tuple[str, str], list[Mapping[str, Any]]] = defaultdict(list)
    threads: dict[int, list[Mapping[str, Any]]] = defaultdict(list)
    for row in kept:
        threads[row["thread_num"]].append(row)
        if row["timestamp"]:
            days[row["timestamp"] // DAY].append(row)
        if _named(row) or row.get("trip"):
            posters["" if row.get("trip") else row["name"], row.get("trip") or ""].append(row)
    times = [true_time(row["timestamp"], clock) for row in kept if row["timestamp"]]
    files = Counter(row["media_hash"] for row in kept if row.get("media_hash"))
    return Counted(
        posts=len(kept),
        days={day: _day(found) for day, found in days.items()},
        countries=dict(Counter(row["poster_country"].upper() for row in kept if row.get("poster_country"))),
        threads={
            num: (len(found), sum(bool(row.get("media_hash")) for row in found)) for num, found in threads.items()
        },
        images={media_hash: posts for media_hash, posts in files.items() if posts > 1},
        posters={
            (_named(found[-1]) or "", trip): (
                len(found),
                min(true_time(row["timestamp"], clock) for row in found),
                max(true_time(row["timestamp"], clock) for row in found),
            )
            for (_, trip), found in posters.items()
        },
        since=min(times),
        until=max(times),
    )


def told(statistics: BoardStatistics) -> Counted:
    """What statistics say, in the same form."""
    return Counted(
        posts=statistics.posts,
        days={
            day.day: (day.posts, day.images, day.sage, day.names, day.trips, day.anonymous) for day in statistics.days
        },
        countries=dict(statistics.countries),
        threads={thread.num: (thread.posts, thread.images) for thread in statistics.threads},
        images={image.media_hash: image.total for image in statistics.images},
        posters={
            (poster.name, poster.trip): (poster.posts, poster.first, poster.last) for poster in statistics.posters
        },
        since=statistics.since,
        until=statistics.until,
    )


def _named(row: Mapping[str, Any]) -> str | None:
    name: str | None = row.get("name")
    return None if name == "Anonymous" else name


def _day(rows: list[Mapping[str, Any]]) -> tuple[int, int, int, int, int, int]:
    trips = sum(bool(row.get("trip")) for row in rows)
    names = sum(bool(_named(row)) and not row.get("trip") for row in rows)
    images = sum(bool(row.get("media_hash")) for row in rows)
    sage = sum(row.get("email") == "sage" for row in rows)
    return len(rows), images, sage, names, trips, len(rows) - trips - names
