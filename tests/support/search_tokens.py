"""What a search in an index of words must find, said a second time: texts and what is typed are rows of words.

Letter case, accents, width and ligatures are one there; signs and characters of scripts without spaces are words of
their own; what stands between words does not count. Nothing of `app.engines` is used.
"""

import unicodedata
from collections.abc import Mapping, Sequence
from functools import lru_cache

from tests.support.search_model import TEXTS, Typed, joins, read

# Accents of Latin, Greek and Cyrillic letters, Hebrew points and Arabic vowel signs.
_LEFT_OUT = frozenset(map(chr, (*range(0x300, 0x370), *range(0x591, 0x5C8), *range(0x64B, 0x660), 0x670)))


@lru_cache(maxsize=20_000)
def words(text: str) -> tuple[str, ...]:
    bare = (letter for letter in unicodedata.normalize("NFKD", text).casefold() if letter not in _LEFT_OUT)
    found, word = [], ""
    for letter in unicodedata.normalize("NFKC", "".join(bare)):
        if joins(letter):
            word += letter
            continue
        found += [word, "" if letter.isspace() or unicodedata.category(letter) == "Cc" else letter]
        word = ""
    return tuple(filter(None, [*found, word]))


class Tokens:
    """Of an engine that takes texts for rows of words."""

    def stand_in(self, typed: str, *seen: str) -> bool:
        return has_words(typed, *seen)

    def knows(self, typed: str, *stored: str) -> bool:
        return True


def asks_the_tables(asked: Mapping[str, str]) -> bool:
    """Whether a search is left to the archive's tables: words that begin with one or two letters are too many."""
    texts = (value for key, value in asked.items() if key in (*TEXTS, "op") and not value.startswith("="))
    return any(_is_short(term) for typed in texts for terms in _all_terms(typed) for term in terms)


def _all_terms(typed: str) -> list[list[Typed]]:
    wanted, unwanted = read(typed)
    return [*wanted, unwanted]


def _is_short(term: Typed) -> bool:
    found = tuple(word for part in term.words for word in words(part))
    return term.goes_on and bool(found) and joins(found[-1][-1]) and len(found[-1]) < 3


def has_words(typed: str, *texts: str) -> bool:
    """Whether texts have what was typed, by words."""
    if typed.startswith("=") and typed != "=":
        return texts == (typed[1:],)
    wanted, unwanted = read(typed)
    rows = list(map(words, texts))
    return all(any(_stands(term, rows) for term in group) for group in wanted) and not any(
        _stands(term, rows) for term in unwanted
    )


def _stands(term: Typed, rows: Sequence[tuple[str, ...]]) -> bool:
    wanted = tuple(word for part in term.words for word in words(part))
    if not wanted:
        return False
    return any(
        _equal(wanted, row[start : start + len(wanted)], goes_on=term.goes_on)
        for row in rows
        for start in range(len(row) - len(wanted) + 1)
    )


def _equal(wanted: tuple[str, ...], there: tuple[str, ...], *, goes_on: bool) -> bool:
    if not goes_on:
        return wanted == there
    return wanted[:-1] == there[:-1] and there[-1].startswith(wanted[-1])
