"""Drafts: threads written with labels, turned into numbered posts.

A thread is drafted as a list of posts without numbers. In comments `⟦label.3⟧` stands for the number of the
third reply of the thread `label` (`.0` is the opening post). `number` orders all posts of a board by time and
puts the numbers in, so that threads of one board overlap as they do on a real site.
"""

import random
import re
import zlib
from collections.abc import Sequence
from datetime import datetime, timezone
from typing import Final

import msgspec
from msgspec.structs import replace

from app.demo.model import DemoBoard, DemoPicture, DemoPost

LONG_NAMES_SINCE: Final = int(datetime(2022, 11, 10, tzinfo=timezone.utc).timestamp())
"""From this UTC second on server names have 16 digits (Asagi schema notes, section 1.2)."""

OP_THUMB: Final = 250
REPLY_THUMB: Final = 125
_SIZES: Final = ((320, 240), (480, 320), (400, 400), (240, 360), (512, 288), (300, 420))
_REFERENCE: Final = re.compile("⟦([^⟧.]+)\\.(\\d+)⟧")


class ThreadDraft(msgspec.Struct, frozen=True, kw_only=True):
    """A thread before numbering; the first post is the opening post."""

    label: str
    posts: tuple[DemoPost, ...]
    headless: bool = False
    """The opening post gets a number but is not kept: the archive never saw it."""
    listed: bool = True
    """False: the thread has no row in `{board}_threads`."""
    removed: tuple[int, ...] = ()
    """Places of posts that a moderator removed; they move to `DemoBoard.moderated`."""


def utc(year: int, month: int, day: int, hour: int = 12, minute: int = 0, second: int = 0) -> int:
    """Seconds since 1970 of a moment given in UTC."""
    return int(datetime(year, month, day, hour, minute, second, tzinfo=timezone.utc).timestamp())


def fit(width: int, height: int, limit: int) -> tuple[int, int]:
    """Size of a thumbnail whose longer side is at most `limit` pixels; never enlarged, never 0."""
    longest = max(width, height)
    if longest <= limit:
        return width, height
    return max(1, width * limit // longest), max(1, height * limit // longest)


def picture(
    key: str,
    filename: str | None = None,
    ext: str = ".jpg",
    *,
    tim: str = "",
    banned: bool = False,
    missing: bool = False,
    stored_hash: str | None = None,
    server_ext: str | None = None,
) -> DemoPicture:
    """Draft a picture; its size follows from the key, its name and thumbnail size from `number`."""
    width, height = _SIZES[zlib.crc32(key.encode()) % len(_SIZES)]
    return DemoPicture(
        key=key,
        filename=filename or f"{key}{ext}",
        ext=ext if server_ext is None else server_ext,
        width=width,
        height=height,
        tim=tim,
        banned=banned,
        missing=missing,
        stored_hash=stored_hash,
    )


def number(name: str, title: str, threads: Sequence[ThreadDraft], first: int, *, html: bool = False) -> DemoBoard:
    """Give every drafted post its number and picture name; raises ValueError for an unknown label.

    Numbers rise with time and leave gaps, as on a board whose other posts were never archived.
    """
    rng = random.Random(f"numbers of {name}")
    order = sorted(
        (post.utc, place, index)
        for place, thread in enumerate(threads)
        for index, post in enumerate(thread.posts)
        if post.subnum == 0
    )
    nums: dict[tuple[str, int], int] = {}
    num = first
    for _, place, index in order:
        nums[threads[place].label, index] = num
        num += rng.choice((1, 1, 1, 2, 3, 7))
    kept: list[DemoPost] = []
    moderated: list[DemoPost] = []
    for thread in threads:
        last = max(value for (label, _), value in nums.items() if label == thread.label)
        for index, post in enumerate(thread.posts):
            own = nums.get((thread.label, index), last)
            done = _finish(post, own, nums[thread.label, 0], nums, rng)
            if index in thread.removed:
                moderated.append(done)
            elif index > 0 or not thread.headless:
                kept.append(done)
    return DemoBoard(
        name=name,
        title=title,
        posts=tuple(sorted(kept, key=lambda post: (post.num, post.subnum))),
        moderated=tuple(moderated),
        unlisted=frozenset(nums[thread.label, 0] for thread in threads if not thread.listed),
        html=html,
    )


def _finish(
    post: DemoPost, num: int, thread_num: int, nums: dict[tuple[str, int], int], rng: random.Random
) -> DemoPost:
    return replace(
        post,
        num=num,
        thread_num=thread_num,
        comment=_resolve(post.comment, nums),
        comment_html=_resolve(post.comment_html, nums),
        picture=_name_picture(post.picture, post.utc, num == thread_num, rng),
    )


def _resolve(text: str | None, nums: dict[tuple[str, int], int]) -> str | None:
    def look_up(match: re.Match[str]) -> str:
        key = match[1], int(match[2])
        if key not in nums:
            raise ValueError(f"The draft quotes {match[0]}, which no thread of its board has.")
        return str(nums[key])

    return None if text is None else _REFERENCE.sub(look_up, text)


def _name_picture(draft: DemoPicture | None, posted: int, op: bool, rng: random.Random) -> DemoPicture | None:
    if draft is None:
        return None
    digits = 6 if posted >= LONG_NAMES_SINCE else 3
    thumb_width, thumb_height = fit(draft.width, draft.height, OP_THUMB if op else REPLY_THUMB)
    return replace(
        draft,
        # The server names a file by the moment of its upload, in true UTC (Asagi schema notes, section 3.1).
        tim=draft.tim or f"{posted}{rng.randrange(10**digits):0{digits}d}",
        thumb_width=thumb_width,
        thumb_height=thumb_height,
    )
