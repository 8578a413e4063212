"""What rows tell about the habits of the writers who left them (Asagi schema notes, sections 2 to 5). Reads nothing."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, Literal

from msgspec import Struct

from app.check.report import Counting

_ENTITY = re.compile(r"&(?:amp|lt|gt|quot|apos|#0*39|#[xX]27|#0*3[48]);")
_RAW = re.compile(r"[<>]|&(?!#?\w+;)")
_BREAKS = re.compile(r"<(?:br|p|/p)\b[^>]*>|<a [^>]*href=", re.IGNORECASE)
_QUOTED_AS_HTML = re.compile(r"&gt;&gt;[0-9]")
_PLAIN = re.compile(r"^>|\n(?!\s*<)", re.MULTILINE)

_MAJORITY: Final = 0.6
"""Share of the threads looked at that must agree on what a counter counts."""

_FEWEST_PLAIN: Final = 2
"""Names with a bare sign: a single one may have been put there by hand, to see what it does."""


def comment_dialect(comments: Iterable[str]) -> Literal["bbcode", "html"] | None:
    """How comments are stored; None where they are too few or too plain to tell.

    Some tags stand in any archive: writers leave markup that they do not know. So do line breaks in HTML.
    """
    votes = Counter(vote for comment in comments if (vote := _dialect_of(comment)) is not None)
    if votes["html"] == votes["bbcode"]:
        return None
    return "html" if votes["html"] > votes["bbcode"] else "bbcode"


def _dialect_of(comment: str) -> Literal["bbcode", "html"] | None:
    if _BREAKS.search(comment) or _QUOTED_AS_HTML.search(comment):
        return "html"
    return "bbcode" if _PLAIN.search(comment) else None


def file_name_escaping(names: Iterable[str]) -> Literal["escaped", "plain"] | None:
    """Whether uploaders' file names are HTML-escaped; None where too few hold anything that would be."""
    escaped = plain = 0
    for name in names:
        if _ENTITY.search(name):
            escaped += 1
        elif _RAW.search(name):
            plain += 1
    if escaped > plain:
        return "escaped"
    return "plain" if plain > escaped and plain >= _FEWEST_PLAIN else None


class CountedPost(Struct, frozen=True):
    """What the counters of a thread may count."""

    op: bool
    deleted: bool
    has_file: bool


class CountedThread(Struct, frozen=True):
    nreplies: int
    nimages: int
    posts: tuple[CountedPost, ...]
    """All of the thread."""


class Counters(Struct, frozen=True):
    """What the two counters of `_threads` count, and of how many threads' rows that was learned."""

    nreplies: Counting | None
    nimages: Counting | None
    threads: int


def counters(threads: Sequence[CountedThread]) -> Counters:
    """None for a counter about which no thread is telling, mixed where too many follow no rule, or another one."""
    return Counters(
        _agreed(_meanings(thread.nreplies, _reply_counts(thread.posts)) for thread in threads),
        _agreed(_meanings(thread.nimages, _image_counts(thread.posts)) for thread in threads),
        len(threads),
    )


def _meanings(counter: int, counts: Mapping[Counting, set[int]]) -> set[Counting]:
    return {meaning for meaning, values in counts.items() if counter in values}


def _reply_counts(posts: Sequence[CountedPost]) -> dict[Counting, set[int]]:
    """What the counter may hold, by meaning. Vanished posts are counted by some writers and not by others."""
    live = [post for post in posts if not post.deleted]
    return {
        "with_op": {len(posts), len(live)},
        "without_op": {sum(not post.op for post in some) for some in (posts, live)},
    }


def _image_counts(posts: Sequence[CountedPost]) -> dict[Counting, set[int]]:
    files = [post for post in posts if post.has_file]
    live = [post for post in files if not post.deleted]
    return {
        "with_op": {len(files), len(live)},
        "without_op": {sum(not post.op for post in some) for some in (files, live)},
        "every_reply": {sum(not post.op for post in posts)},
    }


def _agreed(votes: Iterable[set[Counting]]) -> Counting | None:
    """The meaning most threads have. A thread that fits several tells nothing, one that fits none speaks for mixed."""
    told = Counter(next(iter(vote)) if vote else "mixed" for vote in votes if len(vote) < 2)
    if not told:
        return None
    (meaning, count), *_ = told.most_common(1)
    return meaning if count >= _MAJORITY * sum(told.values()) else "mixed"
