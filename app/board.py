"""One board of the archive: its tables, its clock, and posts read from it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Sequence
from typing import Any, Final

from msgspec import Struct

from app.clock import Clock, Moment
from app.clock_detection import find_clock, settle_repeated_hour
from app.counts import ThreadCountCache
from app.db.base import Database
from app.db.columns import POST_COLUMNS
from app.db.moderation_queries import ModerationQueries
from app.db.queries import BoardQueries
from app.db.schema import BoardTables
from app.errors import Unavailable
from app.model import NewThread, Post, PostId, ThreadCounts
from app.moderation import Moderation
from app.reading import number, read_picture, read_post
from app.settings import BoardSettings
from app.thread_maps import ThreadMaps
from app.threads import DerivedThreads, Stretch, TableThreads, ThreadKey, ThreadList

log = logging.getLogger("koiwai.board")

PINNED: Final = 50
"""Sticky threads a board may have; further ones are listed like others."""

LATEST: Final = 12
"""Threads in `BoardFacts.latest` at most."""

_COUNTED_UP_TO: Final = 50_000  # rows; larger boards get an estimate
_NUMBERS_AT_ONCE: Final = 500
_NO_TIME: Final = 86_400  # what a missing time, stored as 0, may be by any clock
_PATIENCE: Final = 5.0  # seconds the start waits for a thread list that must be put together
_NUM, _SUBNUM, _STORED, _EXPIRED, _MEDIA_ID, _MEDIA_ORIG = (
    [name for name, _ in POST_COLUMNS].index(column)
    for column in ("num", "subnum", "timestamp", "timestamp_expired", "media_id", "media_orig")
)


def place_of(row: tuple[Any, ...]) -> PostId:
    """The id of the post in a row of `POST_COLUMNS`."""
    return PostId(number(row[_NUM]), number(row[_SUBNUM]))


class BoardFacts(Struct, frozen=True):
    """What is looked up now and then instead of on each request."""

    posts: int
    """How many; an estimate on boards beyond 50,000 posts."""
    threads: int
    ghost_threads: int
    newest: int | None
    """Time of the newest among the posts with the highest numbers."""
    pinned: tuple[ThreadKey, ...]
    oldest: int | None = None
    """Earliest of the times of the posts with the lowest numbers; a time that says nothing does not count."""
    latest: tuple[NewThread, ...] = ()
    """The newest threads by creation, newest first, as far as their opening posts are there."""


class Board:
    """A board whose table exists. `load` makes one; `refresh` is to be called every minute or so."""

    def __init__(
        self,
        name: str,
        settings: BoardSettings,
        database: Database,
        tables: BoardTables,
        queries: BoardQueries,
        clock: Clock,
        threads: ThreadList,
        moderation: Moderation,
    ) -> None:
        self.name = name
        self.settings = settings
        self.database = database
        self.tables = tables
        self.queries = queries
        self.clock = clock
        self.threads = threads
        self.counts = ThreadCountCache(database, queries)
        self.maps = ThreadMaps(threads, moderation)
        self.moderation = moderation
        self.facts = BoardFacts(0, 0, 0, None, ())
        self.shared_bans: frozenset[str] = frozenset()
        """Hashes banned on any board, this one included, where all boards share their files; else empty."""
        self.small = False
        """Whether all posts may be read through where no index helps."""
        self._loading: asyncio.Task[None] | None = None

    @classmethod
    async def load(cls, name: str, settings: BoardSettings, database: Database, tables: BoardTables) -> Board:
        """Looks at a board's tables and reads what is kept in memory of them."""
        queries = BoardQueries(database.dialect, tables)
        clock = await find_clock(database, queries, name, settings)
        moderation = Moderation(database, ModerationQueries(database.dialect, tables))
        if tables.threads is not None:
            board = cls(
                name, settings, database, tables, queries, clock, TableThreads(database, tables.threads), moderation
            )
        else:
            derived = DerivedThreads(database, name, queries)
            board = cls(name, settings, database, tables, queries, clock, derived, moderation)
            board._loading = asyncio.create_task(derived.load())
            await asyncio.wait({board._loading}, timeout=_PATIENCE)
        try:
            if board._loading is not None and board._loading.done():
                board._loading.result()
            await board.refresh()
        except BaseException:
            await board.close()
            raise
        return board

    async def close(self) -> None:
        if self._loading is not None:
            self._loading.cancel()
            await asyncio.wait({self._loading})

    async def refresh(self) -> None:
        """Brings up to date what moderators did, which threads are pinned, and the size of the board."""
        size = await self._size()
        self.small = size < _COUNTED_UP_TO
        await self.moderation.refresh(small=self.small)
        try:
            threads, ghost_threads = await self.threads.count("bump"), await self.threads.count("ghost")
            pinned = tuple(await self.threads.pinned(PINNED))
            latest = await self._latest()
        except Unavailable:
            if self._loading is None or (self._loading.done() and self._loading.exception() is not None):
                raise
            threads, ghost_threads, pinned, latest = 0, 0, (), ()  # still being put together
        highest = await self.read(await self.database.fetch(self.queries.outermost_posts(newest=True)))
        lowest = await self.read(await self.database.fetch(self.queries.outermost_posts(newest=False)))
        newest = max((post.time for post in highest), default=None)
        oldest = min((post.time for post in lowest if post.time > _NO_TIME), default=None)
        self.facts = BoardFacts(size, threads, ghost_threads, newest, pinned, oldest, latest)

    async def _latest(self) -> tuple[NewThread, ...]:
        nums = [key.num for key in await self.threads.stretch("creation", Stretch(LATEST))]
        if not nums:
            return ()
        posts = await self.read(await self.database.fetch(self.queries.posts_numbered(nums)))
        ops = sorted((post for post in posts if post.op), key=lambda post: post.num, reverse=True)
        counts = await self.thread_counts([post.num for post in ops])
        return tuple(NewThread(post, max(0, counts[post.num].posts - 1)) for post in ops)

    async def first_and_last(self, thread_nums: Iterable[int], last: int, *, ghosts: bool = True) -> list[Post]:
        """The first post of each thread and its newest `last` ones; a short thread's first post comes twice."""
        hidden = {num: self.moderation.removed_in(num) for num in thread_nums}
        if not hidden:
            return []
        statement = self.queries.first_and_last_posts(hidden, last, ghosts=ghosts)
        return await self.read(await self.database.fetch(statement))

    async def thread_counts(self, thread_nums: Sequence[int], *, ghosts: bool = True) -> dict[int, ThreadCounts]:
        """Sizes of threads, without the posts that moderators removed."""
        counts = await self.counts.counts(thread_nums)
        without_ghosts = bool(not ghosts and thread_nums and self.facts.ghost_threads)
        removed = sorted({post_id.num for num in thread_nums for post_id in self.moderation.removed_in(num)})
        for start in range(0, len(removed), _NUMBERS_AT_ONCE):
            statement = self.queries.facts_of(removed[start : start + _NUMBERS_AT_ONCE])
            for num, subnum, thread_num, has_media in await self.database.fetch(statement):
                if without_ghosts and number(subnum):
                    continue  # they go with the other ghost posts
                if number(thread_num) in counts and self.moderation.is_removed(PostId(number(num), number(subnum))):
                    shown = counts[number(thread_num)]
                    counts[number(thread_num)] = ThreadCounts(shown.posts - 1, shown.images - number(has_media))
        if without_ghosts:
            for thread_num, posts in await self.database.fetch(self.queries.count_ghosts(thread_nums)):
                shown = counts[number(thread_num)]
                counts[number(thread_num)] = ThreadCounts(shown.posts - number(posts), shown.images)  # without files
        return counts

    async def _size(self) -> int:
        counted = _COUNTED_UP_TO
        if self.facts.posts < counted:  # a board that has grown large is not counted again each minute
            row = await self.database.fetch_one(self.queries.count_up_to(_COUNTED_UP_TO))
            counted = number(row[0]) if row else 0
            if counted < _COUNTED_UP_TO:
                return counted
        row = await self.database.fetch_one(self.queries.estimated_posts())
        return max(counted, number(row[0]) if row else 0)

    async def read(self, rows: Sequence[tuple[Any, ...]]) -> list[Post]:
        """Posts from rows, in the same order; those that moderators removed are left out.

        Costs one statement for all shared pictures, and one more only where a post falls in the hour that is
        repeated each autumn.
        """
        media_ids = sorted({number(row[_MEDIA_ID]) for row in rows if row[_MEDIA_ID]})
        statement = self.queries.images(media_ids) if media_ids else None
        pictures = {}
        if statement is not None:
            pictures = {
                picture.media_id: picture for picture in map(read_picture, await self.database.fetch(statement))
            }
        clock, banned = self.clock, self.shared_bans or self.moderation.banned_hashes
        posts = []
        for row, time in zip(rows, await self._times(rows), strict=True):
            num, expired = number(row[_NUM]), number(row[_EXPIRED])
            post = read_post(
                self.name,
                row,
                time,
                clock.expiry_to_utc(expired, num, time) if expired > 0 else None,
                pictures,
                banned,
            )
            if self.moderation.visible(post):
                posts.append(post)
        return posts

    async def _times(self, rows: Sequence[tuple[Any, ...]]) -> list[int]:
        """True times of rows. Where a stored time has two readings, ghost posts keep the first."""
        clock, times = self.clock, []
        doubtful: dict[int, Moment] = {}
        for place, row in enumerate(rows):
            num, stored = number(row[_NUM]), number(row[_STORED])
            if row[_SUBNUM]:
                times.append(clock.ghost_to_utc(stored))
                continue
            readings = clock.readings(stored, num)
            times.append(readings[0])
            if len(readings) > 1:
                doubtful[place] = Moment(num, stored, row[_MEDIA_ORIG])
        if doubtful:
            settled = await settle_repeated_hour(self.database, self.queries, clock, list(doubtful.values()))
            for place, moment in doubtful.items():
                times[place] = settled.get(moment.num) or times[place]
        return times
