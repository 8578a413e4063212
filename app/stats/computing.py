"""`koiwai stats`: all posts of a board, read piece by piece and added to its ledger."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, Final

from app.board import Board
from app.db.ledger import Ledger, Sums
from app.db.pieces import Place, Stride, Tell, read_piece
from app.db.statistics_queries import StatisticsQueries
from app.reading import number
from app.stats.lists import MOST_COUNTRIES, MOST_IMAGES, MOST_POSTERS, MOST_THREADS, large_threads, reposted_images
from app.stats.model import BoardStatistics, Poster
from app.stats.results import ledger_file, results_file, write_results
from app.stats.tally import day_of, digest, tally

_SPARE: Final = 2  # candidates for each place of a list: some may not be shown
_TAKEN_AWAY: Final = 10_000
"""The newest rows that moderators may have removed since the last run."""


class CannotCompute(Exception):
    """One sentence for the operator."""


async def compute(
    board: Board,
    folder: Path,
    anonymous: str,
    *,
    now: Callable[[], int] = lambda: int(time.time()),
    tell: Tell = lambda place: None,
    stride: Stride | None = None,
) -> BoardStatistics:
    """Counts what has not been counted yet and writes the board's results.

    `anonymous`: the name of the nameless. Raises CannotCompute, LedgerError, ResultsError; Unavailable when the
    database has been away for several attempts, what was counted until then being kept.
    """
    with Ledger(ledger_file(folder, board.name)) as ledger:
        await _catch_up(board, ledger, anonymous, tell, stride or Stride())
        statistics = await _summary(board, ledger, now())
    write_results(results_file(folder, board.name), statistics)
    return statistics


async def _catch_up(board: Board, ledger: Ledger, anonymous: str, tell: Tell, stride: Stride) -> None:
    queries = StatisticsQueries(board.database.dialect, board.tables)
    if queries.place is None and not board.small:
        raise CannotCompute(f"/{board.name}/ has no index on doc_id or num, so it cannot be read piece by piece.")
    basis = f"{queries.place} {board.clock.new_york} {board.clock.switch_num} {anonymous}"
    if queries.place is None or ledger.basis != basis:
        ledger.clear(basis)
    place, *_ = ledger.progress
    if queries.place is None:
        statement = queries.newest(None, 2**31 - 1, small=True)
        rows = [] if statement is None else await board.database.fetch(statement)
        _add(board, ledger, anonymous, rows[::-1], 0)
        return
    statement = queries.last_place()
    row = None if statement is None else await board.database.fetch_one(statement)
    last = number(row[0]) if row else 0
    if place > last + _TAKEN_AWAY:
        raise CannotCompute(
            f"/{board.name}/ has fewer rows than were counted ({queries.place} ends at {last}, not at {place}): "
            "another archive seems to have taken its place. Count it anew with --rebuild."
        )
    while place < last:
        rows = await read_piece(board.database, partial(queries.piece, place), stride)
        if not rows or number(rows[-1][0]) <= place:
            break
        place = number(rows[-1][0])
        _add(board, ledger, anonymous, rows, place)
        tell(Place(board.name, place, last, ledger.progress[1]))


def _add(board: Board, ledger: Ledger, anonymous: str, rows: list[tuple[Any, ...]], place: int) -> None:
    sums: Sums = tally(rows, board.clock, anonymous, board.moderation.is_removed)
    files = [(digest(media_hash), posts, num) for media_hash, (posts, num) in sums.files.items()]
    ledger.add(sums, files, place)


async def _summary(board: Board, ledger: Ledger, now: int) -> BoardStatistics:
    _, posts, since, until = ledger.progress
    threads = await large_threads(board, ledger.threads(MOST_THREADS * _SPARE))
    images = await reposted_images(board, ledger.files(MOST_IMAGES * _SPARE))
    return BoardStatistics(
        board=board.name,
        source="computed",
        made=now,
        posts=posts,
        since=since,
        until=until,
        days=tuple(day_of(*row) for row in ledger.days()),
        countries=tuple(ledger.countries(MOST_COUNTRIES)),
        threads=threads[:MOST_THREADS],
        images=images[:MOST_IMAGES],
        posters=tuple(Poster(*row) for row in ledger.posters(MOST_POSTERS)),
    )
