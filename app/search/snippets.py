"""A few words of a comment around the first place that a search found in it, on one line."""

from __future__ import annotations

from typing import Final, Literal

from msgspec import Struct

from app.markup import parse, to_text
from app.search.query import Query
from app.search.words import Words

LONGEST: Final = 200
"""Characters of a snippet, the signs for what is left out included."""

_CUT: Final = "…"
_BEFORE: Final = 60  # characters of the comment that stand before the first place


class Snippet(Struct, frozen=True):
    text: str
    """One line; "" for a post without a comment. "…" stands where the comment goes on."""
    places: tuple[tuple[int, int], ...] = ()
    """Beginning and end of each place in `text` where the words stand, in characters (code points)."""


def snippet_of(comment: str | None, comments: Literal["bbcode", "html"], query: Query) -> Snippet:
    """The snippet of a comment as it is stored, for a search that found its post."""
    words: Words | None = query.get("text") or query.get("op")
    return snippet(to_text(parse(comment, comments)), words)


def snippet(text: str, words: Words | None) -> Snippet:
    """Of a comment's visible text the part around the first of `words`, else the beginning."""
    line = " ".join(text.split())
    if words is None:
        places = []
    elif words.whole is None:
        places = words.spans(line)
    else:
        places = [(0, len(line))] if line and words.match(text) else []
    if len(line) <= LONGEST:
        return Snippet(line, tuple(places))
    room = LONGEST - 2 * len(_CUT)
    first = places[0] if places else (0, 0)
    begin = min(max(0, first[0] - _BEFORE), len(line) - room)
    if begin:
        begin = _word_after(line, begin, first[0])
    end = min(begin + room, len(line))
    if end < len(line):
        # A very long word is rather cut than left out.
        end = _word_before(line, end, max(min(first[1], end), begin + room // 2))
    before, after = _CUT if begin else "", _CUT if end < len(line) else ""
    moved = len(before) - begin
    shown = ((max(start, begin) + moved, min(stop, end) + moved) for start, stop in places if start < end)
    return Snippet(before + line[begin:end] + after, tuple(shown))


def _word_after(line: str, begin: int, latest: int) -> int:
    """The beginning of a word from `begin` up to `latest`; `begin` itself where there is none."""
    blank = line.find(" ", begin - 1, latest)
    return blank + 1 if blank >= 0 else begin


def _word_before(line: str, end: int, earliest: int) -> int:
    """The end of a word from `earliest` up to `end`; `end` itself where there is none."""
    blank = line.rfind(" ", earliest, end + 1)
    return blank if blank >= 0 else end
