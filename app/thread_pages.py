"""Pages of a board's thread list: which threads, and the posts that are shown of them."""

from __future__ import annotations

from collections.abc import Sequence

from app.board import Board
from app.clock import REPEATED
from app.db.thread_queries import Order
from app.errors import NotFound
from app.model import Post, ThreadCounts, ThreadPage, ThreadPreview
from app.reading import number
from app.threads import Stretch, ThreadKey, read_cursor

_GROWTH = 10_000
"""Threads that may have come since they were last counted; pages beyond them are not even looked for."""

_PAST_THE_END = "There are no more threads on this board."


async def thread_page(
    board: Board,
    order: Order,
    *,
    before: str | None,
    after: str | None,
    page: int | None,
    limit: int,
    replies: int,
    pinned: bool,
    ghosts: bool,
) -> ThreadPage:
    """Threads with their first post and newest replies; see `Archive.threads`."""
    found = await _find(board, order, before, after, page, limit, pinned)
    nums = [key.num for key in found.keys]
    posts = await board.first_and_last(nums, replies, ghosts=ghosts)
    return await _shown(board, order, limit, found, posts, ghosts=ghosts)


async def catalog_page(
    board: Board,
    order: Order,
    *,
    before: str | None,
    after: str | None,
    page: int | None,
    limit: int,
    pinned: bool = False,
) -> ThreadPage:
    """Threads with their first post only; see `Archive.catalog`."""
    found = await _find(board, order, before, after, page, limit, pinned)
    nums = [key.num for key in found.keys]
    rows = await board.database.fetch(board.queries.posts_numbered(nums)) if nums else []
    posts = [post for post in await board.read(rows) if post.op]
    orphaned = sorted(set(nums) - {post.thread_num for post in posts})
    posts += await board.first_and_last(orphaned, 0)
    return await _shown(board, order, limit, found, posts)


class _Found:
    """Keys of a page and what is known of its place in the list."""

    def __init__(self, keys: Sequence[ThreadKey], number: int | None, older: str | None, newer: str | None) -> None:
        self.keys = keys
        self.number = number
        self.older = older
        self.newer = newer


async def _find(
    board: Board,
    order: Order,
    before: str | None,
    after: str | None,
    page: int | None,
    limit: int,
    pinned: bool,
) -> _Found:
    # A page is never made of pinned threads alone: its last other thread is where the next one goes on.
    pins = board.facts.pinned[: limit - 1] if pinned and order != "ghost" else ()
    without = [key.num for key in pins]
    if before is not None:
        keys = await board.threads.stretch(order, Stretch(limit + 1, before=read_cursor(before, "before")), without)
        if not keys:
            raise NotFound(_PAST_THE_END)
        return _Found(keys[:limit], None, _cursor(keys, limit), keys[0].cursor)
    if after is not None:
        keys = await board.threads.stretch(order, Stretch(limit + 1, after=read_cursor(after, "after")), without)
        if len(keys) > limit:
            return _Found(keys[1:], None, keys[-1].cursor, keys[1].cursor)
        # The newest thread is among them: this is the first page, shown whole.
    place = 1 if page is None or after is not None else page
    shown_pins = pins if place == 1 else ()
    room = limit - len(shown_pins)
    offset = (place - 1) * limit - (len(pins) if place > 1 else 0)
    known = board.facts.ghost_threads if order == "ghost" else board.facts.threads
    if known and offset > known + _GROWTH:
        raise NotFound(_PAST_THE_END)
    keys = await board.threads.stretch(order, Stretch(room + 1, offset=offset), without)
    if not keys and place > 1:
        raise NotFound(_PAST_THE_END)
    return _Found([*shown_pins, *keys[:room]], place, _cursor(keys, room), keys[0].cursor if place > 1 else None)


def _cursor(keys: Sequence[ThreadKey], limit: int) -> str | None:
    """Where the next page starts, when there is one: `keys` holds one thread more than fits."""
    return keys[limit - 1].cursor if len(keys) > limit else None


async def _shown(
    board: Board, order: Order, limit: int, found: _Found, posts: Sequence[Post], *, ghosts: bool = True
) -> ThreadPage:
    by_thread: dict[int, dict[tuple[int, int], Post]] = {}
    for post in posts:
        by_thread.setdefault(post.thread_num, {})[post.num, post.subnum] = post
    keys = [key for key in found.keys if key.num in by_thread]
    counts = await board.thread_counts([key.num for key in keys], ghosts=ghosts)
    bumped = await _bump_times(board, order, keys)
    previews = []
    for key in keys:
        ordered = [post for _, post in sorted(by_thread[key.num].items())]
        previews.append(_preview(board, key, ordered, counts[key.num], _settled(board, bumped[key.num], ordered)))
    total = board.facts.ghost_threads if order == "ghost" else board.facts.threads
    pages = max(1, -(-total // limit), found.number or 1)
    return ThreadPage(board.name, order, tuple(previews), found.number, pages, found.older, found.newer)


async def _bump_times(board: Board, order: Order, keys: Sequence[ThreadKey]) -> dict[int, int]:
    """True times of the last bumps, of the last ghost bumps in that order, by thread number."""
    clock = board.clock
    if order == "ghost":
        return {key.num: clock.ghost_to_utc(key.value) for key in keys}
    # What a list says does not tell by which clock: where that has changed, the post that bumped must be found.
    switch = clock.switch_num
    doubtful = {key.num: key.bumped for key in keys if switch is not None and key.num < switch}
    since: set[int] = set()
    if switch is not None and doubtful:
        rows = await board.database.fetch(board.queries.bumps_since(switch, doubtful))
        since = {number(thread_num) for (thread_num,) in rows}
    return {key.num: clock.to_utc(key.bumped, switch if switch and key.num in since else key.num) for key in keys}


def _settled(board: Board, bumped: int, posts: Sequence[Post]) -> int:
    """The time of the post that bumped, where it is shown: in the repeated hour the list alone does not tell which."""
    later = bumped + REPEATED
    return later if bumped not in (times := {post.time for post in posts}) and later in times else bumped


def _preview(board: Board, key: ThreadKey, posts: Sequence[Post], counts: ThreadCounts, bumped: int) -> ThreadPreview:
    first, *replies = posts
    shown_images = sum(post.media is not None for post in posts)
    return ThreadPreview(
        board=board.name,
        num=key.num,
        first=first,
        replies=tuple(replies),
        counts=counts,
        bumped=bumped,
        sticky=key.sticky or first.sticky,
        locked=key.locked or first.locked,
        omitted=max(0, counts.posts - len(posts)),
        omitted_images=max(0, counts.images - shown_images),
        cursor=key.cursor,
    )
