"""A row that may be what is searched for, seen as the fields see it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from app.markup import parse, to_text
from app.reading import flag, number, text, unescape_once
from app.search.words import BETWEEN


class Candidate:
    """Values by column of the board's table, as stored; a column that the table lacks is absent or None."""

    def __init__(self, row: Mapping[str, Any], comments: Literal["bbcode", "html"]) -> None:
        self._row = row
        self._comments = comments
        self._texts: dict[str, str] = {}

    def stored(self, column: str) -> str:
        """Text as it is stored; "" where there is none."""
        return text(self._row.get(column)) or ""

    def text(self, column: str) -> str:
        """Text as readers see it: comments without markup, file names without entities."""
        found = self._texts.get(column)
        if found is None:
            found = self.stored(column)
            if column == "comment":
                found = searchable_comment(found, self._comments)
            elif column == "media_filename":
                found = unescape_once(found)
            self._texts[column] = found
        return found

    def texts(self, columns: tuple[str, ...]) -> str:
        """Several texts as one; no row of words goes from one into the next."""
        return self.text(columns[0]) if len(columns) == 1 else f" {BETWEEN} ".join(map(self.text, columns))

    def number(self, column: str) -> int:
        return number(self._row.get(column))

    def flag(self, column: str) -> bool:
        return flag(self._row.get(column))

    @property
    def has_file(self) -> bool:
        return any(self.stored(column) for column in FILE_COLUMNS)

    @property
    def is_op(self) -> bool:
        """By the numbers: some writers set the flag wrongly."""
        return self.number("num") == self.number("thread_num") and not self.number("subnum")


FILE_COLUMNS = ("media_hash", "media_orig", "media_filename")
"""A post has a file when one of these holds something."""


def searchable_comment(stored: str, comments: Literal["bbcode", "html"]) -> str:
    """What of a comment is searched: its visible text. Words end where markup begins."""
    if comments == "bbcode" and "[" not in stored and "&" not in stored:
        return stored
    return to_text(parse(stored, comments), at_tags=" ")
