"""A thread, or the part of it that is asked for."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import Final

from app.board import Board, place_of
from app.db.part_queries import place_before
from app.errors import NotFound
from app.model import Post, PostId, Thread, ThreadCounts
from app.reading import number

THREAD_SLICE: Final = 2_500
"""Posts of a thread that are read at once; longer threads go on behind `Thread.next`."""

_NO_THREAD: Final = "This thread is not in the archive."


async def thread_slice(board: Board, num: int, after: PostId | None) -> Thread:
    """A thread from its start or from behind one of its posts, at most THREAD_SLICE posts of it."""
    posts, next_ = await _slice(board, num, after)
    if not posts:
        raise NotFound(_NO_THREAD if after is None else "This thread has no posts after that one.")
    alone = after is None and next_ is None
    counts = _counted(posts) if alone else (await board.thread_counts([num]))[num]
    return await _thread(board, num, posts, counts, next_=next_)


async def thread_slices(board: Board, num: int, after: PostId | None = None) -> AsyncIterator[Sequence[Post]]:
    """The posts of a thread from its start or from behind one of them, THREAD_SLICE at a time; none of no thread.

    Others get their turn between the slices.
    """
    while True:
        posts, after = await _slice(board, num, after)
        if posts:
            yield posts
        if after is None:
            return
        await asyncio.sleep(0)


async def part_before(board: Board, num: int, after: PostId) -> PostId | None:
    """Behind which post the slice begins that ends with `after`; None where that is the thread's start."""
    statement = place_before(board.database.dialect, board.tables.posts, num, after, THREAD_SLICE)
    row = await board.database.fetch_one(statement)
    return None if row is None else PostId(number(row[0]), number(row[1]))


async def whole_thread(board: Board, num: int) -> Thread:
    """All of a thread, however long it is."""
    posts = [post async for part in thread_slices(board, num) for post in part]
    if not posts:
        raise NotFound(_NO_THREAD)
    return await _thread(board, num, posts, _counted(posts))


async def last_posts(board: Board, num: int, count: int) -> Thread:
    """The first post of a thread and its newest `count` posts (at most THREAD_SLICE)."""
    posts = _distinct(await board.first_and_last([num], min(count, THREAD_SLICE)))
    if not posts:
        raise NotFound(_NO_THREAD)
    counts = (await board.thread_counts([num]))[num]
    return await _thread(board, num, posts, counts, older_omitted=max(0, counts.posts - len(posts)))


async def deleted_posts(board: Board, num: int) -> Thread:
    """The first post of a thread and its posts that were deleted on the live site."""
    first = await board.first_and_last([num], 0)
    if not first:
        raise NotFound(_NO_THREAD)
    rows = await board.database.fetch(board.queries.deleted_posts(num, THREAD_SLICE))
    posts = _distinct([*first, *await board.read(rows)])
    return await _thread(board, num, posts, (await board.thread_counts([num]))[num])


async def _slice(board: Board, num: int, after: PostId | None) -> tuple[list[Post], PostId | None]:
    """At most THREAD_SLICE rows of a thread as posts, fewer where some were removed, and behind what it goes on."""
    rows = await board.database.fetch(board.queries.thread_posts(num, after, THREAD_SLICE + 1))
    goes_on = len(rows) > THREAD_SLICE
    return await board.read(rows[:THREAD_SLICE]), place_of(rows[THREAD_SLICE - 1]) if goes_on else None


def _counted(posts: Sequence[Post]) -> ThreadCounts:
    return ThreadCounts(len(posts), sum(post.media is not None for post in posts))


async def _thread(
    board: Board,
    num: int,
    posts: Sequence[Post],
    counts: ThreadCounts,
    *,
    older_omitted: int = 0,
    next_: PostId | None = None,
) -> Thread:
    op = posts[0] if posts[0].op else None
    key = await board.threads.find(num)
    return Thread(
        board=board.name,
        num=num,
        posts=tuple(posts),
        counts=counts,
        sticky=(op is not None and op.sticky) or (key is not None and key.sticky),
        locked=(op is not None and op.locked) or (key is not None and key.locked),
        modified=max(max(post.time, post.expired or 0) for post in posts),
        older_omitted=older_omitted,
        next=next_,
    )


def _distinct(posts: Sequence[Post]) -> list[Post]:
    """The posts in order, each once."""
    return [post for _, post in sorted({post.id: post for post in posts}.items())]
