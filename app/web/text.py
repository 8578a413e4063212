"""Stored text made fit for a page: valid characters, and short where space is short."""

from __future__ import annotations

from typing import Final

from app.markup import Comment, to_text
from app.markup.clean import clean

_LONGEST_FILE_NAME: Final = 38
_KEPT_OF_FILE_NAME: Final = 32
_LONGEST_EXTENSION: Final = 5
_UNITS: Final = ("B", "KiB", "MiB", "GiB")


def fit(text: str) -> str:
    """The text with only characters that HTML allows, no text direction left open at its end."""
    return text if text.isascii() and text.isprintable() else clean(text)


def one_line(text: str, length: int) -> str:
    """The text on one line, at most `length` characters, cut between words where that loses little."""
    line = " ".join(text[: length * 4].split())
    if len(line) > length:
        head = line[: length - 1]
        space = head.rfind(" ")
        line = (head[:space] if space > length * 2 // 3 else head) + "…"
    return fit(line)


def excerpt(comment: Comment | None, length: int) -> str:
    """The beginning of what a comment says, without markup, on one line; "" where it says nothing.

    What is a spoiler stays untold: there is no cover for it where excerpts stand.
    """
    return "" if comment is None else one_line(to_text(comment, spoilers=False), length)


def short_file_name(name: str) -> str:
    """A file name of at most 38 characters, or its first 32, " (...)" and its extension."""
    if len(name) <= _LONGEST_FILE_NAME:
        return name
    stem, dot, extension = name.rpartition(".")
    ending = dot + extension if stem and len(extension) <= _LONGEST_EXTENSION else ""
    return f"{name[:_KEPT_OF_FILE_NAME]} (...){ending}"


def file_size(size: int) -> str:
    """Bytes as `123KiB`: whole units of 1024, halves rounded up."""
    power = 0
    while power < len(_UNITS) - 1 and size >= 1024 ** (power + 1):
        power += 1
    unit: int = 1024**power
    return f"{(size + unit // 2) // unit}{_UNITS[power]}"


def counted(count: int, one: str, more: str | None = None) -> str:
    """A number with its noun: `1 reply`, `1,234 replies`."""
    return f"{count:,} {one if count == 1 else more or one + 's'}"
