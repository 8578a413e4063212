"""What a search was and what came of it, in words: for pages, for the API, and for the command line.

The sentences are plain text: HTML is none of their business.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timezone
from typing import Final

from app.markup.clean import clean
from app.model import BoardSummary, listed
from app.search.dates import DateKind
from app.search.outcome import SearchResult
from app.search.query import Query

_NAMED: Final = 6
"""Boards that a sentence names one by one; of more it gives the number."""


def about(query: Query, boards: Mapping[str, BoardSummary]) -> str:
    """What is searched for: "Posts on /g/ - Technology with “router” in the comment, by “Bob”".

    `boards` are those of the archive. A date is followed by the clock that it is meant by. No full stop follows.
    """
    what = "Threads" if query.by_thread else "Posts"
    found = [f"{what} on {_places(query, boards)}"]
    if query.filters:
        found.append(f"{'that have posts ' if query.by_thread else ''}{_criteria(query, boards)}")
    return " ".join(found) + (", oldest first" if query.oldest_first else "")


def found_line(result: SearchResult) -> str:
    """How many were found: "12 posts found", "More than 25 posts found"."""
    one, more = ("thread", "threads") if result.query.by_thread else ("post", "posts")
    if result.outcome == "stopped early":
        return f"{_counted(result.total, one, more)} found so far" if result.total else f"No {more} found so far"
    if result.exact:
        return f"{_counted(result.total, one, more)} found" if result.total else f"No {more} found"
    if result.total <= max(1, len(result.posts)):
        return f"At least {_counted(result.total, one, more)} found"
    return f"More than {_counted(result.total - 1, one, more)} found"


def reach_line(result: SearchResult) -> str:
    """How far it looked: "All of it was searched.", "Searched back to 2021-03-04 17:50 UTC."."""
    if result.exact:
        return "All of it was searched."
    if result.reached is None:
        return "Not all of it was searched."
    direction = "from the oldest post up to" if result.query.oldest_first else "back to"
    return f"Searched {direction} {_moment(result.reached)} UTC."


def board_label(board: BoardSummary) -> str:
    """`/g/ - Technology`, or `/g/` for a board whose title is only its name."""
    return f"/{board.name}/" if board.title in ("", board.name) else f"/{board.name}/ - {clean(board.title)}"


def _places(query: Query, boards: Mapping[str, BoardSummary]) -> str:
    names = query.boards
    if not names or (len(names) > 1 and set(names) == {board.name for board in listed(boards)}):
        return "all boards"
    if len(names) == 1:
        return board_label(boards[names[0]])
    if len(names) > _NAMED:
        return f"{len(names)} boards"
    return f"{', '.join(f'/{name}/' for name in names[:-1])} and /{names[-1]}/"


def _criteria(query: Query, boards: Mapping[str, BoardSummary]) -> str:
    # Each is cleaned by itself, so that a change of direction in a value does not reach the words around it.
    said = {each.field.key: clean(each.says) for each in query.filters}
    dates = [each for each in query.filters if isinstance(each.field.kind, DateKind)]
    if len(dates) > 1:
        said[dates[0].field.key] = _days(*(each.text for each in dates))
        del said[dates[1].field.key]
    if dates:
        said[dates[0].field.key] += f" ({_clock(query.boards, boards)})"
    return ", ".join(said.values())


def _days(first: str, last: str) -> str:
    return f"on {first}" if first == last and "T" not in first else f"from {first} until {last}"


def _clock(names: Sequence[str], boards: Mapping[str, BoardSummary]) -> str:
    """The clock by which days begin and end on these boards."""
    searched = [boards[name] for name in names] or listed(boards)
    shown = {board.new_york for board in searched if board.new_york is not None}
    if len(shown) != 1:
        return "by each board's clock"
    return "New York time" if shown == {True} else "UTC"


def _moment(time: int) -> str:
    return datetime.fromtimestamp(max(0, time), timezone.utc).strftime("%Y-%m-%d %H:%M")


def _counted(count: int, one: str, more: str) -> str:
    return f"{count:,} {one if count == 1 else more}"
