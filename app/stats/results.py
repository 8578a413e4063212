"""What `koiwai stats` has found out, one file a board, which servers read."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec

from app.stats.model import BoardStatistics


class ResultsError(Exception):
    """A file that cannot be read or written. One sentence for the operator."""


def folder_of(state: Path) -> Path:
    """Where statistics are kept, below the folder `[app] state`."""
    return state / "statistics"


def results_file(folder: Path, board: str) -> Path:
    return folder / f"{board}.json"


def ledger_file(folder: Path, board: str) -> Path:
    """The running sums of a board, which only `koiwai stats` opens."""
    return folder / f"{board}.sqlite"


def read_results(file: Path, board: str) -> BoardStatistics:
    """Raises FileNotFoundError where there are none, ResultsError for what is not the board's statistics."""
    try:
        found = msgspec.json.decode(file.read_bytes(), type=BoardStatistics)
    except FileNotFoundError:
        raise
    except OSError as error:
        raise ResultsError(f"{file} cannot be read: {error.strerror}.") from error
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise ResultsError(f"{file} holds no statistics; koiwai stats makes it anew.") from error
    if found.board != board:
        raise ResultsError(f"{file} holds the statistics of another board; koiwai stats makes it anew.")
    return found


def write_results(file: Path, statistics: BoardStatistics) -> None:
    """Whoever reads the file meanwhile finds the old one or the new one, whole. Raises ResultsError."""
    new = file.with_name(f"{file.name}.new")
    try:
        with new.open("wb") as handle:
            handle.write(msgspec.json.encode(statistics))
            handle.flush()
            os.fsync(handle.fileno())
        new.replace(file)
    except OSError as error:
        raise ResultsError(f"{file} cannot be written: {error.strerror}.") from error
