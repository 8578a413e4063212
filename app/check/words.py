"""The report as text for a terminal of 80 columns."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Final

from app.check.report import LEVELS, BoardReport, Finding, Level, Report
from app.resources import resource

WIDTH: Final = 80

_INDENT: Final = " " * 9
_BOARDS_NAMED: Final = 6
_COLUMNS: Final = (9, 12, 23, 11, 7, 9)
_HEAD: Final = ("board", "posts (~)", "clock", "counters", "files", "comments")
_COUNTING: Final = {"with_op": "with OP", "without_op": "without OP", "every_reply": "wrong", "mixed": "mixed"}

Paint = Callable[[str, Level], str]
"""Gives a word the colour of its level."""


def in_words(report: Report, paint: Paint) -> Iterator[str]:
    """Lines of the report, worst findings first."""
    yield from _sources(report)
    if report.database is not None:
        database = report.database
        yield from _filled("Database: ", f"{database.product} {database.version} at {database.where}")
    if report.boards:
        yield ""
        yield _row(_HEAD, "names")
        for board in report.boards:
            yield from _board(board)
    for level in LEVELS:
        # What is well with single boards stands in the table already.
        groups = _grouped([f for f in report.findings if f.level == level and (level != "ok" or f.board is None)])
        if groups:
            yield ""
        for finding, boards in groups:
            code, named = f"  {finding.code}", f"  {_some_boards(boards)}" if boards else ""
            fits = len(f"{level:<7}") + len(code) + len(named) <= WIDTH
            yield f"{paint(f'{level:<7}', level)}{code}{named if fits else ''}"
            yield from _filled(_INDENT, finding.text if fits else f"{named.strip()} {finding.text}")
    yield ""
    yield _result(report)


def _sources(report: Report) -> Iterator[str]:
    """Files with how many keys each gave; variables by name."""
    found = Counter(report.sources.values())
    words = [source if ":" in source else f"{source} ({count} keys)" for source, count in found.items()]
    boards = report.boards_file or ("every board of the database" if report.database is not None else "")
    if words:
        yield from _filled("Settings: ", ", ".join(words))
    if boards:
        yield from _filled("Boards:   ", boards)


def _filled(start: str, text: str) -> list[str]:
    return textwrap.wrap(
        text,
        WIDTH,
        initial_indent=start,
        subsequent_indent=" " * len(start),
        break_on_hyphens=False,
        break_long_words=False,
    )


def _board(board: BoardReport) -> Iterator[str]:
    found = board.conventions
    clock = {"new_york": "New York", "utc": "UTC", None: "?"}[found.clock]
    if found.clock_switch_num is not None:
        clock = f"{clock} to {found.clock_switch_num - 1}"
    elif found.clock_source == "assumed":
        clock += " (assumed)"
    posts = "?" if board.posts is None else f"{board.posts:,}"
    counting = {found.nreplies and _COUNTING[found.nreplies], found.nimages and _COUNTING[found.nimages]} - {None}
    counters = counting.pop() if len(counting) == 1 else "mixed" if counting else "?"
    cells = (board.name, posts, clock, counters or "?", found.media or "?", found.comments or "?")
    if len(board.name) >= _COLUMNS[0]:
        yield board.name
        cells = ("", *cells[1:])
    yield _row(cells, found.file_names or "?")


def _row(cells: Sequence[str], last: str) -> str:
    return "".join(f"{cell:<{width - 1}} " for cell, width in zip(cells, _COLUMNS, strict=True)) + last


def _grouped(findings: Sequence[Finding]) -> list[tuple[Finding, list[str]]]:
    """Findings that differ only in their board, once, with the boards."""
    groups: dict[tuple[str, str], tuple[Finding, list[str]]] = {}
    for finding in findings:
        _, boards = groups.setdefault((finding.code, finding.text), (finding, []))
        if finding.board is not None:
            boards.append(finding.board)
    return list(groups.values())


def _some_boards(boards: Sequence[str]) -> str:
    named = " ".join(f"/{board}/" for board in boards[:_BOARDS_NAMED])
    more = len(boards) - _BOARDS_NAMED
    return f"{named} and {more} more" if more > 0 else named


def _result(report: Report) -> str:
    counts = [(report.count(level), level) for level in LEVELS if level != "ok"]
    told = ", ".join(f"{count} {level}{'' if count == 1 else 's'}" for count, level in counts)
    return f"{told}. Explained in {resource('docs/check.md')}" if any(count for count, _ in counts) else "All is well."
