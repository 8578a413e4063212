"""From a row of candidates to a match, by what `app.search` says."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct

from app.model import LARGEST_NUMBER, PostId
from app.reading import number
from app.search import Filter
from app.search.candidate import Candidate
from app.search.dates import WALL

if TYPE_CHECKING:
    from app.board import Board

_TURN: Final = 0.01  # seconds until others get their turn; a comment may have 64 kB


class Match(Struct, frozen=True):
    """A post that is what was searched for."""

    id: PostId
    thread_num: int
    time: int
    """True time; in the repeated hour its first reading."""


def place_in(row: Sequence[Any]) -> PostId:
    return PostId(number(row[0]), number(row[1]))


def time_of(board: Board, row: Sequence[Any]) -> int:
    """The true time of a row that begins with num, subnum, thread_num and timestamp."""
    num, subnum, stored = number(row[0]), number(row[1]), number(row[3])
    return board.clock.ghost_to_utc(stored) if subnum else board.clock.to_utc(stored, num)


async def matches_in(
    board: Board, rows: Iterable[Sequence[Any]], columns: Sequence[str], filters: Sequence[Filter]
) -> list[Match]:
    """The rows that all filters let through, in order, without posts that moderators removed.

    Of rows for the same post, which a table may have that does not forbid them, one counts: they follow one another.
    """
    found: list[Match] = []
    began = time.monotonic()
    for row in rows:
        if time.monotonic() - began > _TURN:
            await asyncio.sleep(0)
            began = time.monotonic()
        values = dict(zip(columns, row, strict=True))
        post_id = place_in(row)
        if found and found[-1].id == post_id:
            continue
        values[WALL] = board.clock.to_wall(number(row[3]), post_id.num, ghost=post_id.subnum > 0)
        candidate = Candidate(values, board.settings.comments)
        if all(each.matches(candidate) for each in filters) and not board.moderation.is_removed(post_id):
            found.append(Match(post_id, number(row[2]), time_of(board, row)))
    return found


def following(post_id: PostId, up: bool) -> PostId:
    """The next id after one, whether or not there is such a post."""
    if up:
        return PostId(post_id.num, post_id.subnum + 1)
    return PostId(post_id.num, post_id.subnum - 1) if post_id.subnum else PostId(post_id.num - 1, LARGEST_NUMBER)
