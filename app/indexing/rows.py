"""Rows as they come from the archive: which of them belong into an index, and how much they are to hold."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from app.board import Board
from app.engines.tantivy.documents import NUMBERS, place_in
from app.model import LARGEST_NUMBER, PostId
from app.reading import number

Row = tuple[Any, ...]

_COMMENT: Final = 1 + len(NUMBERS)


def wanted(board: Board, rows: Sequence[Row]) -> Sequence[Row]:
    """Rows of posts that have an address, each post once, without those that moderators removed."""
    removed = board.moderation.removed
    if not removed and _are_usual(rows):
        return rows
    found: dict[PostId, Row] = {}
    for row in rows:
        place = place_in(row)
        if 1 <= place.num <= LARGEST_NUMBER and place.subnum <= LARGEST_NUMBER and place not in removed:
            found.setdefault(place, row)
    return list(found.values())


def _are_usual(rows: Sequence[Row]) -> bool:
    """Whether there is nothing to leave out, as far as that is soon known."""
    nums = [row[1] for row in rows]
    return (
        set(map(type, nums)) <= {int}
        and (not nums or (min(nums) >= 1 and max(nums) <= LARGEST_NUMBER))
        and (len(set(nums)) == len(nums) or len({(row[1], row[2]) for row in rows}) == len(rows))
    )


def mark(row: Row) -> str:
    """Whose row it is: number and thread."""
    return f"{number(row[1])} {number(row[3])}"


def weight(rows: Sequence[Row]) -> int:
    """About how many bytes of comments there are to hold."""
    return sum(len(comment) for row in rows if isinstance(comment := row[_COMMENT], (str, bytes)))
