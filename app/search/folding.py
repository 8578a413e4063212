"""Upper and lower case made equal, the same for every database, one character for one character.

Databases fold by their own lights: SQLite and PostgreSQL's "C" locale only ASCII, MariaDB accents too. They may look
for candidates in their way; what counts as equal is said here. Because no character becomes two, places in folded
text are places in the text itself. Accents, width and composed forms are left alone.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Final
from unicodedata import combining, normalize

_HIGHEST_CASED: Final = 0x1EA00
# What databases keep apart from the letters it would fold to: the long s, the signs for kelvin, ångström and ohm, Greek
# signs of mathematics, Cyrillic letters as in old books, and the Georgian capitals, with which no sentence begins.
_LEFT_ALONE = re.compile("[\u017f\u212a\u212b\u2126\u03f4\u03f5\u1c80-\u1cbf]")


def fold(text: str) -> str:
    """The text in the form that is compared, of the same length."""
    if text.isascii():
        return text.lower()
    folded = text.casefold()
    if len(folded) == len(text) and _LEFT_ALONE.search(text) is None:
        return folded
    return "".join(map(_folded, text))


def bare(text: str) -> str:
    """The folded text with plain letters in place of those with accents or of another width, of the same length."""
    return text if text.isascii() else "".join(map(_bare, text))


def variants(character: str) -> str:
    """All characters that are equal to a folded one, itself among them."""
    if character.isascii():
        return character if character == character.upper() else character + character.upper()
    return _by_folded().get(character, character)


@cache
def _folded(character: str) -> str:
    if _LEFT_ALONE.match(character):
        return character
    for folded in (character.casefold(), character.lower()):
        if len(folded) == 1:
            return folded
    return character


@cache
def _bare(character: str) -> str:
    decomposed = normalize("NFKD", character).casefold()
    return decomposed[0] if decomposed and all(map(combining, decomposed[1:])) else character


@cache
def _by_folded() -> dict[str, str]:
    """Each folded character beyond ASCII that others are equal to, with all of these."""
    found: dict[str, str] = {}
    for character in map(chr, range(0x80, _HIGHEST_CASED)):
        folded = _folded(character)
        if folded != character:
            found[folded] = found.get(folded, folded) + character
    return found
