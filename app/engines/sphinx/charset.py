"""How a fresh index cuts texts into words: as `app.search` does, so that the index can tell as much as possible."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from app.search.folding import fold
from app.search.words import standing

_END: Final = 0x30000  # Sphinx knows no characters beyond
_ON_A_LINE: Final = 12


def charset_table() -> str:
    """The characters that make up words, upper case with what it is folded to."""
    pairs = ((code, ord(fold(chr(code)))) for code in _codes() if standing(fold(chr(code))) == "joined")
    return _lines(_written(*run) for run in _runs(pairs))


def ngram_chars() -> str:
    """The characters that are words by themselves."""
    pairs = ((code, code) for code in _codes() if standing(fold(chr(code))) == "anywhere")
    return _lines(_written(*run) for run in _runs(pairs))


def _codes() -> Iterable[int]:
    return (code for code in range(0x21, _END) if not 0xD800 <= code < 0xE000)


def _runs(pairs: Iterable[tuple[int, int]]) -> list[tuple[int, int, int]]:
    """First and last of characters that follow one another, and what the first one is folded to."""
    runs: list[tuple[int, int, int]] = []
    for code, folded in pairs:
        if runs and runs[-1][1] == code - 1 and code - runs[-1][0] == folded - runs[-1][2]:
            runs[-1] = (runs[-1][0], code, runs[-1][2])
        else:
            runs.append((code, code, folded))
    return runs


def _written(first: int, last: int, folded: int) -> str:
    """`U+61..U+7A`, or with what they are folded to, `U+41..U+5A->U+61..U+7A`."""
    text = _span(first, last)
    return text if folded == first else f"{text}->{_span(folded, folded + last - first)}"


def _span(first: int, last: int) -> str:
    return f"U+{first:X}" if first == last else f"U+{first:X}..U+{last:X}"


def _lines(items: Iterable[str]) -> str:
    parts = list(items)
    lines = (", ".join(parts[at : at + _ON_A_LINE]) for at in range(0, len(parts), _ON_A_LINE))
    return ", \\\n        ".join(lines)
