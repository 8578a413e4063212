"""Searches whose results are threads, each of them once."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Sequence

from app.engines.matching import Match
from app.model import PostId


async def first_seen(
    matches: Sequence[Match],
    seen: set[int],
    began_at: PostId | None,
    earlier: Callable[[Sequence[int], PostId], Awaitable[Collection[int]]],
) -> list[Match]:
    """Of each thread the match that is met first; none of threads that an earlier page has shown.

    `seen` are the threads met since this page began, at `began_at`; `earlier` tells which of some threads have matches
    that come before that.
    """
    fresh: dict[int, Match] = {}
    for match in matches:
        if match.thread_num not in seen:
            fresh.setdefault(match.thread_num, match)
    firsts = set(fresh)
    if began_at is not None and fresh:
        for thread_num in await earlier(list(fresh), began_at):
            fresh.pop(thread_num, None)
    seen.update(firsts)
    return list(fresh.values())
