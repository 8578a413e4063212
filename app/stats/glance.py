"""Statistics without `koiwai stats`: from tables that the archive's own programs filled, and from its newest posts."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any, Final, Literal

from app.board import Board
from app.db.base import Sql
from app.db.ledger import Sums
from app.db.statistics_queries import StatisticsQueries
from app.errors import Unavailable
from app.model import LARGEST_NUMBER
from app.reading import number, text
from app.stats.lists import MOST_COUNTRIES, MOST_IMAGES, MOST_POSTERS, MOST_THREADS, large_threads, reposted_images
from app.stats.model import BoardStatistics, Day, Moment, Poster, Recent, RepostedImage
from app.stats.tally import DAY, day_of, digest, is_sage, known_time, tally

SAMPLE: Final = 5_000
"""Posts."""

_AT_ONCE: Final = 1_000
_THREADS_COUNTED: Final = 20
_FIVE_MINUTES: Final = 300
_HOUR: Final = 3_600


async def glance(board: Board, anonymous: str, now: int) -> BoardStatistics:
    """What is soon known of a board; it reads some thousand rows, however many there are.

    `anonymous`: the name of the nameless. Raises Unavailable.
    """
    queries = StatisticsQueries(board.database.dialect, board.tables)
    rows = await _sample(board, queries)
    sums = tally(rows, board.clock, anonymous, board.moderation.is_removed)
    sampled: list[Literal["countries", "threads", "images", "posters"]] = ["countries", "threads", "images", "posters"]
    days = [_day(row) for row in reversed(await _rows(board, queries.days())) if number(row[1]) > 0]
    posters: tuple[Poster, ...] = ()
    if days:
        sampled.remove("posters")
        posters = _posters(board, anonymous, await _rows(board, queries.posters(MOST_POSTERS)))
    images = await _most_posted(board, queries, sums)
    if images:
        sampled.remove("images")
    else:
        images = await reposted_images(board, _files(sums))
    # Damaged rows of posts stand there under days that cannot be.
    dated = [each.day for each in days if 0 < each.day * DAY <= now + DAY]
    first, last = (dated[0] * DAY, dated[-1] * DAY + DAY - 1) if dated else (0, 0)
    return BoardStatistics(
        board=board.name,
        source="tables" if days else "sample",
        made=now,
        posts=sum(day.posts for day in days) if days else sums.posts,
        since=board.clock.to_utc(first, 0) if days else sums.since,
        until=min(now, board.clock.to_utc(last, LARGEST_NUMBER)) if days else sums.until,
        days=tuple(days) if days else tuple(day_of(day, *counts) for day, counts in sorted(sums.days.items())),
        countries=tuple(sorted(sums.countries.items(), key=lambda pair: (-pair[1], pair[0]))[:MOST_COUNTRIES]),
        threads=await large_threads(board, await _counted(board, sums)),
        images=images,
        posters=posters if days else _named(sums),
        sampled=tuple(sampled),
    )


async def recent(board: Board, now: int) -> Recent | None:
    """The last 24 hours; None where the table of posts has no index by time. Raises Unavailable."""
    # New York's clock is behind: what it shows is never later than the same moment of UTC.
    statement = StatisticsQueries(board.database.dialect, board.tables).since(now - DAY - 5 * _HOUR, SAMPLE)
    if statement is None:
        return None
    posts: dict[int, list[int]] = {}
    ghosts: dict[int, list[int]] = {}
    hours = [0, 0]
    for _, num, subnum, _, stored, _, _, email, _, _, has_media in await board.database.fetch(statement):
        ghost, stored = number(subnum) > 0, known_time(stored)
        time = board.clock.ghost_to_utc(stored) if ghost else board.clock.to_utc(stored, number(num))
        if now - DAY < time <= now:
            hours[ghost] += time > now - _HOUR
            moment = (ghosts if ghost else posts).setdefault(time // _FIVE_MINUTES * _FIVE_MINUTES, [0, 0, 0])
            moment[0] += 1
            moment[1] += 1 if has_media else 0
            moment[2] += is_sage(text(email))
    return Recent(_moments(posts), _moments(ghosts), *hours)


def _moments(counted: dict[int, list[int]]) -> tuple[Moment, ...]:
    return tuple(Moment(time, *counts) for time, counts in sorted(counted.items()))


async def _sample(board: Board, queries: StatisticsQueries) -> list[Sequence[Any]]:
    """The newest posts, the newest of them last, read in pieces between which others get their turn."""
    rows: list[Sequence[Any]] = []
    before: int | None = None
    while len(rows) < SAMPLE:
        statement = queries.newest(before, _AT_ONCE, small=board.small)
        piece = [] if statement is None else await board.database.fetch(statement)
        rows += piece
        if len(piece) < _AT_ONCE:
            break
        before = number(piece[-1][0])
        await asyncio.sleep(0)
    return rows[::-1]


async def _rows(board: Board, statement: Sql | None) -> list[tuple[Any, ...]]:
    """Rows of a table beside the posts, none where it cannot be read: there is something to say without it."""
    if statement is None:
        return []
    try:
        return await board.database.fetch(statement)
    except Unavailable:
        return []


def _day(row: tuple[Any, ...]) -> Day:
    """The table's counters drift: none of a part may be more than there are posts, nor less than none."""
    day, posts, *parts = map(number, row)
    images, sage, names, trips, anonymous = (min(max(part, 0), posts) for part in parts)
    return Day(day // DAY, posts, images, sage, names, trips, anonymous)


def _posters(board: Board, anonymous: str, rows: Sequence[tuple[Any, ...]]) -> tuple[Poster, ...]:
    found = []
    for stored_name, stored_trip, posts, first in rows:
        name, trip = text(stored_name) or "", text(stored_trip) or ""
        name = "" if name == anonymous else name
        if name or trip:
            seen = known_time(first)
            found.append(Poster(name, trip, number(posts), board.clock.to_utc(seen, 0) if seen else 0, 0))
    return tuple(found)


def _named(sums: Sums) -> tuple[Poster, ...]:
    found = [Poster(shown, trip, posts, first, last) for (trip, _), (posts, first, last, shown) in sums.posters.items()]
    return tuple(sorted(found, key=lambda poster: (-poster.posts, poster.trip, poster.name))[:MOST_POSTERS])


def _files(sums: Sums) -> list[tuple[int, int, int]]:
    again = ((digest(media_hash), posts, num) for media_hash, (posts, num) in sums.files.items() if posts > 1)
    return sorted(again, key=lambda file: (-file[1], file[2]))[:MOST_IMAGES]


async def _most_posted(board: Board, queries: StatisticsQueries, sums: Sums) -> tuple[RepostedImage, ...]:
    """What the table of pictures says; a hash that stands there more than once has the larger number."""
    totals: dict[str, int] = {}
    for stored, total, banned in await _rows(board, queries.most_posted(MOST_IMAGES)):
        media_hash = text(stored)
        if media_hash and number(total) > 1 and not number(banned):
            totals.setdefault(media_hash, number(total))
    return tuple(
        RepostedImage(media_hash, total, sums.files[media_hash][1] if media_hash in sums.files else 0)
        for media_hash, total in totals.items()
    )


async def _counted(board: Board, sums: Sums) -> list[tuple[int, int, int]]:
    """Of the threads with the most of the newest posts, rows (number, all their posts, all their images)."""
    active = sorted(sums.threads.items(), key=lambda item: (-item[1][0], item[0]))[:MOST_THREADS]
    if not (board.small or board.tables.posts.has_index("thread_num")):
        return []
    counts = await board.thread_counts([num for num, _ in active[:_THREADS_COUNTED]], ghosts=False)
    found = [(num, count.posts, count.images) for num, count in counts.items() if count.posts > 0]
    return sorted(found, key=lambda thread: (-thread[1], thread[0]))
