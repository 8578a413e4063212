"""Counting posts: from rows of the database to sums."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final

from app.clock import Clock
from app.db.ledger import Sums
from app.model import PostId
from app.reading import number, text
from app.stats.model import Day

DAY: Final = 86_400
_LATEST: Final = 2**32 - 1  # of what the columns hold; SQLite's may hold anything
_LONGEST: Final = 100  # characters of a name or country; the usual tables hold no more


def is_sage(email: str | None) -> bool:
    """Whether this asks not to bump the thread."""
    return email is not None and email.strip().lower() == "sage"


def known_time(stored: Any) -> int:
    """A stored time, 0 where there is none or where it is no time that a table of Asagi's holds."""
    time = number(stored)
    return time if 0 < time <= _LATEST else 0


def digest(media_hash: str) -> int:
    """A hash as a number of 64 bits with a sign, as small as a key can be."""
    return int.from_bytes(
        hashlib.blake2b(media_hash.encode("utf-8", "replace"), digest_size=8).digest(), "big", signed=True
    )


def tally(rows: Iterable[Sequence[Any]], clock: Clock, anonymous: str, is_removed: Callable[[PostId], bool]) -> Sums:
    """The sums of rows as `StatisticsQueries` gives them. Ghost posts and those that moderators removed do not count.

    Posts whose time is not known belong to no day. `anonymous`: the name of the nameless.
    """
    sums = Sums()
    for _, num, subnum, thread_num, stored, name, trip, email, country, media_hash, has_media in rows:
        num, thread_num = number(num), number(thread_num)
        if number(subnum) or not 0 < num <= _LATEST or not 0 < thread_num <= _LATEST or is_removed(PostId(num)):
            continue
        images = 1 if has_media else 0
        name, trip = _word(name), _word(trip)
        if name == anonymous:
            name = ""
        sums.posts += 1
        time = 0
        if stored := known_time(stored):
            time = clock.to_utc(stored, num)
            sums.since = min(sums.since or time, time)
            sums.until = max(sums.until, time)
            day = sums.days.setdefault(stored // DAY, [0, 0, 0, 0, 0])
            day[0] += 1
            day[1] += images
            day[2] += is_sage(text(email))
            day[3] += bool(name and not trip)
            day[4] += bool(trip)
        thread = sums.threads.setdefault(thread_num, [0, 0])
        thread[0] += 1
        thread[1] += images
        if country := _word(country):
            country = country.upper() if len(country) == 2 else country
            sums.countries[country] = sums.countries.get(country, 0) + 1
        if media_hash := text(media_hash):
            file = sums.files.setdefault(media_hash, [0, 0])
            file[0] += 1
            file[1] = max(file[1], num)
        if name or trip:
            poster = sums.posters.setdefault((trip, "" if trip else name), [0, 0, 0, ""])
            poster[0] += 1
            if time:
                poster[1] = min(poster[1] or time, time)
                poster[2] = max(poster[2], time)
            poster[3] = name
    return sums


def day_of(day: int, posts: int, images: int, sage: int, names: int, trips: int) -> Day:
    return Day(day, posts, images, sage, names, trips, max(0, posts - names - trips))


def _word(value: Any) -> str:
    """A short text as it can be kept: without blanks around it, and with nothing that UTF-8 cannot say."""
    found = text(value)
    if found is None:
        return ""
    return found.strip()[:_LONGEST].encode("utf-8", "replace").decode()
