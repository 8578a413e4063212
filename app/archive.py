"""The archive as views see it: what may be asked for, and NotFound for what is not there."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Final

from app.board import Board, place_of
from app.boards import Boards
from app.boards import Pace as Waits
from app.conversation import Conversation, Key, backlinks_among
from app.db import database_for
from app.db.thread_queries import Order
from app.engines import Engine
from app.engines.choosing import engine_for
from app.errors import BadRequest, NotFound, Unavailable
from app.markup import Comment, parse
from app.media_layout import standard_hash
from app.model import BoardSummary, Post, PostId, PostPage, Thread, ThreadPage
from app.reading import number
from app.search import Query
from app.search.outcome import Outcome, SearchResult
from app.settings import Settings
from app.stats.keeper import StatisticsKeeper
from app.stats.model import BoardStatistics, Recent
from app.thread_pages import catalog_page, thread_page
from app.thread_parts import (
    THREAD_SLICE,
    deleted_posts,
    last_posts,
    part_before,
    thread_slice,
    thread_slices,
    whole_thread,
)
from app.threads import Stretch

LARGEST_SEARCH_PAGE: Final = 250

_QUOTES_LOOKED_UP: Final = 1_000
"""Distinct quoted posts of elsewhere per conversation; a comment may hold thousands of numbers."""

_AT_ONCE: Final = 100  # comments read at a stretch


class Archive:
    """Opened once per process, closed at its end. Holds no state of any request."""

    def __init__(self, settings: Settings, waits: Waits | None = None) -> None:
        """`waits`: other patience with a database than that of a server, which has time."""
        self.settings = settings
        database = database_for(settings.db)
        self._boards = Boards(settings, database, waits)
        self._engine: Engine = engine_for(settings, at_once=max(1, database.stats().largest // 2))
        self._statistics = StatisticsKeeper(settings.app.state, settings.site.anonymous_name)

    async def open(self) -> None:
        """Raises SettingsError, in words for the operator, when the archive cannot be served."""
        await self._boards.open()

    async def close(self) -> None:
        await self._engine.close()
        await self._statistics.close()
        await self._boards.close()

    async def ping(self) -> None:
        """Raises Unavailable unless the database answers and some board can be read."""
        await self._boards.database.ping()
        if not any(board.available for board in self.boards.values()):
            raise Unavailable("None of the boards is available yet.", retry_after=30)

    @property
    def boards(self) -> Mapping[str, BoardSummary]:
        """All boards by name, in the operator's order."""
        return self._boards.summaries()

    def board(self, name: str) -> Board:
        """Raises NotFound for a board that is not served, Unavailable while its table is not there."""
        return self._boards.get(name)

    def visible_file(self, board: Board, name: str) -> bool:
        """False for the files of banned pictures."""
        return board.moderation.visible_file(name)

    async def visible_hash(self, media_hash: str) -> bool:
        """Whether the file with this hash, which all boards share, may be shown: not banned on any of them.

        Where some boards show no media, another must have posted it; a large board whose table has no index for
        hashes cannot tell. Raises Unavailable while a board that must be there is not, as its bans are unknown.
        """
        may_be_missing = not self.settings.app.validate_boards_db
        boards = [self.board(name) for name in self.boards if self._boards.is_served(name) or not may_be_missing]
        if not all(board.moderation.visible_hash(media_hash) for board in boards):
            return False
        if all(board.settings.media for board in boards):
            return True
        for board in boards:
            findable = board.settings.media and (board.small or board.queries.finds_hashes)
            if findable and await board.database.fetch(board.queries.posts_with_hash(media_hash, None, 1)):
                return True
        return False

    async def threads(
        self,
        board: Board,
        *,
        order: Order = "bump",
        before: str | None = None,
        after: str | None = None,
        page: int | None = None,
        limit: int = 10,
        replies: int = 5,
        pinned: bool = False,
        ghosts: bool = True,
    ) -> ThreadPage:
        """A stretch of the thread list: by number, or after or before a cursor; else its start.

        With `pinned`, sticky threads stand first on the first page (not of the ghost index) and are left out elsewhere.
        Without `ghosts`, ghost posts are neither shown nor counted.
        Raises BadRequest for a cursor that is none, NotFound past the end.
        """
        return await thread_page(
            board,
            order,
            before=before,
            after=after,
            page=page,
            limit=limit,
            replies=replies,
            pinned=pinned,
            ghosts=ghosts,
        )

    async def catalog(
        self,
        board: Board,
        *,
        order: Order = "bump",
        before: str | None = None,
        after: str | None = None,
        page: int | None = None,
        limit: int = 150,
        pinned: bool = False,
    ) -> ThreadPage:
        """Like `threads`, with first posts only."""
        return await catalog_page(board, order, before=before, after=after, page=page, limit=limit, pinned=pinned)

    async def thread_numbers(self, board: Board, limit: int) -> list[int]:
        """Numbers of the newest threads, the newest last, by the thread list alone."""
        keys = await board.threads.stretch("creation", Stretch(limit))
        return [key.num for key in reversed(keys) if not board.moderation.is_removed(PostId(key.num))]

    async def thread(self, board: Board, num: int, *, after: PostId | None = None) -> Thread:
        """A thread from its start or from behind one of its posts, at most THREAD_SLICE posts of it."""
        return await thread_slice(board, num, after)

    async def part_before(self, board: Board, num: int, after: PostId) -> PostId | None:
        """Behind which post the part of a thread begins that ends with `after`; None: at the thread's start."""
        return await part_before(board, num, after)

    def thread_slices(self, board: Board, num: int, after: PostId | None = None) -> AsyncIterator[Sequence[Post]]:
        """A thread's posts, a part of them at a time, so that even the longest needs little memory."""
        return thread_slices(board, num, after)

    async def whole_thread(self, board: Board, num: int) -> Thread:
        """All of a thread, however long it is."""
        return await whole_thread(board, num)

    async def newer_posts(self, board: Board, num: int, doc_id: int) -> Sequence[Post]:
        """The posts of a thread that were stored after the row `doc_id`, in the thread's order; there may be none.

        Of very many these are the ones that were stored first.
        """
        rows = await board.database.fetch(board.queries.newer_posts(num, doc_id, THREAD_SLICE))
        return sorted(await board.read(rows), key=lambda post: post.id)

    async def last_posts(self, board: Board, num: int, count: int) -> Thread:
        """The first post of a thread and its newest `count` posts (at most THREAD_SLICE)."""
        return await last_posts(board, num, count)

    async def deleted_posts(self, board: Board, num: int) -> Thread:
        """The first post of a thread and its posts that were deleted on the live site."""
        return await deleted_posts(board, num)

    async def post(self, board: Board, post_id: PostId) -> Post:
        for post in await board.read(await board.database.fetch(board.queries.posts_numbered([post_id.num]))):
            if post.id == post_id:
                return post
        raise NotFound("This post is not in the archive.")

    async def posts_by_id(self, board: Board, ids: Sequence[PostId]) -> dict[PostId, Post]:
        """Those of these posts that there are."""
        nums = sorted({post_id.num for post_id in ids})
        rows = await board.database.fetch(board.queries.posts_numbered(nums)) if nums else []
        return {post.id: post for post in await board.read(rows) if post.id in ids}

    async def thread_of(self, board: Board, num: int) -> int | None:
        """The thread that holds the (not ghost) post with this number, None when it is not in the archive."""
        for found, subnum, thread_num in await board.database.fetch(board.queries.threads_of([num])):
            if number(found) == num and not number(subnum) and not board.moderation.is_removed(PostId(num)):
                return number(thread_num)
        return None

    async def posts_with_media(
        self, board: Board, media_hash: str, *, before: PostId | None = None, limit: int = 25
    ) -> PostPage:
        """Posts with exactly this file, newest first. The hash may be in either alphabet, padded or not."""
        wanted = standard_hash(media_hash)
        if wanted is None:
            raise BadRequest("This is not the MD5 of a file in base64.")
        if not (board.small or board.queries.finds_hashes):
            raise NotFound("Posts with the same file cannot be found on this board: its table has no index for that.")
        rows = await board.database.fetch(board.queries.posts_with_hash(wanted, before, limit + 1))
        posts = await board.read(rows[:limit])
        return PostPage(board.name, tuple(posts), place_of(rows[limit - 1]) if len(rows) > limit else None)

    async def posts_with_original(self, board: Board, names: Sequence[str]) -> Sequence[Post]:
        """Posts whose file had one of these names on the live site, newest first; at most a page of them.

        Raises NotFound where that cannot be found out without reading the whole board.
        """
        if not (board.small or board.queries.finds_originals):
            raise NotFound("Files cannot be found by name on this board: its table has no index for that.")
        return await board.read(await board.database.fetch(board.queries.posts_with_original(names, 25)))

    async def statistics(self, board: Board, *, patience: float = 2.0) -> BoardStatistics | None:
        """The board in numbers, from memory but for the first time, which takes at most `patience` seconds.

        None where nothing is known yet, or nothing can be.
        """
        return await self._statistics.of(board, patience)

    async def recent(self, board: Board) -> Recent | None:
        """What was posted in the last 24 hours; None where that cannot be found out without reading much."""
        return await self._statistics.recent(board, 2.0)

    async def search(self, query: Query, *, limit: int = 25, cursor: str | None = None, page: int = 1) -> SearchResult:
        """The posts that a query means: one page of them, by cursor or by number from 1.

        Without boards in the query, all that are not hidden are searched. Raises Unavailable while the engine is
        away or a named board is not there, NotFound for a board that is not served.
        """
        names = query.boards or tuple(
            name for name, board in self.boards.items() if not board.hidden and self._boards.is_served(name)
        )
        boards = [self.board(name) for name in names]
        found = await self._engine.search(
            query, boards, limit=min(limit, LARGEST_SEARCH_PAGE), cursor=cursor, page=page
        )
        posts: dict[Key, Post] = {}
        for board in boards:
            nums = sorted({hit.id.num for hit in found.hits if hit.board == board.name})
            if nums:
                rows = await board.database.fetch(board.queries.posts_numbered(nums))
                posts |= {(post.board, post.id): post for post in await board.read(rows)}
        shown = tuple(posts[hit.board, hit.id] for hit in found.hits if (hit.board, hit.id) in posts)
        outcome: Outcome = "stopped early" if found.stopped else "found" if shown else "nothing found"
        return SearchResult(query, tuple(names), outcome, shown, found.total, found.exact, found.cursor, found.reached)

    async def conversation(self, posts: Sequence[Post]) -> Conversation:
        """Posts that are shown together, their comments read and their quotes looked up: one statement a board."""
        comments: dict[Key, Comment] = {}
        for place, post in enumerate(posts):
            if place % _AT_ONCE == _AT_ONCE - 1:
                await asyncio.sleep(0)  # others get their turn
            comments[post.board, post.id] = parse(post.comment, self.board(post.board).settings.comments)
        threads: dict[Key, int | None] = {(post.board, post.id): post.thread_num for post in posts}
        elsewhere: dict[str, dict[PostId, None]] = {}
        room = _QUOTES_LOOKED_UP
        for (board, _), comment in comments.items():
            for quote in comment.quotes:
                quoted = (board if quote.board is None else quote.board, PostId(quote.num, quote.subnum))
                if room and quoted not in threads and quoted[1] not in elsewhere.get(quoted[0], {}):
                    elsewhere.setdefault(quoted[0], {})[quoted[1]] = None
                    room -= 1
        for name, ids in elsewhere.items():
            if self._boards.is_served(name):
                threads |= await self._threads_of(self.board(name), list(ids))
        return Conversation(tuple(posts), comments, backlinks_among(posts, comments), threads, self.boards)

    async def _threads_of(self, board: Board, ids: Sequence[PostId]) -> dict[Key, int | None]:
        nums = sorted({post_id.num for post_id in ids})
        found = {
            PostId(number(num), number(subnum)): number(thread_num)
            for num, subnum, thread_num in await board.database.fetch(board.queries.threads_of(nums))
        }
        return {
            (board.name, post_id): None if board.moderation.is_removed(post_id) else found.get(post_id)
            for post_id in ids
        }
