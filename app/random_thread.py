"""A thread by chance, without walking a list of threads."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from random import SystemRandom
from typing import Final

from app.board import Board
from app.errors import Unavailable

log = logging.getLogger("koiwai.board")

_NEIGHBOURS: Final = 16
"""Threads that are looked at: the one drawn, and those that follow it in case that it cannot be shown."""

_chance: Final = SystemRandom()


async def random_thread(boards: Sequence[Board]) -> tuple[Board, int] | None:
    """The board and the number of a thread, each thread being as likely as any other; None where there is none.

    Boards that cannot be read now are passed over. Raises Unavailable where that leaves no thread.
    """
    left, away = [board for board in boards if board.facts.threads], None
    while left:
        (board,) = _chance.choices(left, [each.facts.threads for each in left])
        left.remove(board)
        try:
            num = await _thread_of(board)
        except Unavailable as error:
            away = error
            log.debug("no random thread of /%s/: %s", board.name, error.message)
        else:
            if num is not None:
                return board, num
    if away is not None:
        raise away
    return None


async def _thread_of(board: Board) -> int | None:
    """None where none of the threads that were looked at can be shown."""
    drawn = await board.maps.at(_chance.randrange(board.facts.threads)) or 1
    nums = await board.threads.numbers(drawn, _NEIGHBOURS)
    if len(nums) < _NEIGHBOURS:  # behind the last thread comes the first
        nums += await board.threads.numbers(1, _NEIGHBOURS - len(nums))
    # A list may name threads of which there is nothing, or nothing that may be shown.
    there = {post.thread_num for post in await board.first_and_last(nums, 0)}
    return next((num for num in nums if num in there), None)
