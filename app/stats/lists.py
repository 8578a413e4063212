"""Lists of the largest threads and the most posted files, as far as they may be shown."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from msgspec.structs import replace

from app.board import Board
from app.markup import parse, to_text
from app.model import Post, PostId
from app.search.snippets import snippet
from app.stats.model import BoardStatistics, LargeThread, RepostedImage
from app.stats.tally import digest

MOST_THREADS: Final = 200
MOST_IMAGES: Final = 200
MOST_POSTERS: Final = 1_000
MOST_COUNTRIES: Final = 300

_THREADS_AT_ONCE: Final = 20
_POSTS_AT_ONCE: Final = 100


async def large_threads(board: Board, counted: Sequence[tuple[int, int, int]]) -> tuple[LargeThread, ...]:
    """The threads of rows (number, posts, images), in that order, without those that are there no more."""
    if not (board.small or board.tables.posts.has_index("thread_num")):
        return ()
    firsts: dict[int, Post] = {}
    nums = [num for num, _, _ in counted]
    for start in range(0, len(nums), _THREADS_AT_ONCE):
        for post in await board.first_and_last(nums[start : start + _THREADS_AT_ONCE], 0):
            firsts.setdefault(post.thread_num, post)
    return tuple(
        LargeThread(num, posts, images, firsts[num].time, _subject(board, firsts[num]))
        for num, posts, images in counted
        if num in firsts
    )


async def reposted_images(board: Board, counted: Sequence[tuple[int, int, int]]) -> tuple[RepostedImage, ...]:
    """The files of rows (digest, posts, number of a post that has it), in that order, without what may not be seen."""
    if not (board.small or board.tables.posts.has_index("num")):
        return ()
    found: dict[int, Post] = {}
    nums = [num for _, _, num in counted]
    for start in range(0, len(nums), _POSTS_AT_ONCE):
        wanted = nums[start : start + _POSTS_AT_ONCE]
        rows = await board.database.fetch(board.queries.posts_numbered(wanted))
        found |= {post.num: post for post in await board.read(rows) if not post.ghost}
    images = []
    for key, total, num in counted:
        media = found[num].media if num in found else None
        if media is not None and media.hash and not media.banned and digest(media.hash) == key:
            images.append(RepostedImage(media.hash, total, num))
    return tuple(images)


def gated(board: Board, statistics: BoardStatistics) -> BoardStatistics:
    """Without what moderators have removed or banned since they were made."""
    moderation = board.moderation
    threads = tuple(thread for thread in statistics.threads if not moderation.is_removed(PostId(thread.num)))
    images = tuple(
        image
        for image in statistics.images
        if image.media_hash not in board.shared_bans
        and moderation.visible_hash(image.media_hash)
        and not moderation.is_removed(PostId(image.num, image.subnum))
    )
    if len(threads) == len(statistics.threads) and len(images) == len(statistics.images):
        return statistics
    return replace(statistics, threads=threads, images=images)


def _subject(board: Board, post: Post) -> str:
    if post.subject:
        return " ".join(post.subject.split())
    return snippet(to_text(parse(post.comment, board.settings.comments), spoilers=False), None).text
