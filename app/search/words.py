"""Words as people type them into a search box, and whether a text has them.

    cat dog       both words            cat | dog     one of them at least
    "cat dog"     these words in a row  -cat          not this word
    cat*          words that begin so   =Cat Dog      this is the whole text, letter case included

A word is found where no other letter or digit stands beside it, upper and lower case alike. Scripts that are written
without spaces between words, and Korean, are found anywhere in a text. All other characters mean themselves.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final, Literal

from msgspec import Struct

from app.search.folding import bare, fold

LONGEST_TEXT: Final = 500
MOST_TERMS: Final = 30

BETWEEN: Final = "\0"
"""Stands in searchable text where a row of words must not go on: between a subject and a comment."""

# Thai, Lao, Burmese, Khmer, Hangul, Chinese and Japanese characters.
UNSPACED: Final = (
    "\u0e00-\u0eff\u1000-\u11ff\u1780-\u17ff\u2e80-\u2fdf\u3005-\u3007\u3021-\u30fa\u30fc-\u318f\u31a0-\u31bf"
    "\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\ua960-\ua97f\uac00-\ud7ff\uf900-\ufaff\uff66-\uffdc"
    "\U0001b000-\U0001b16f\U00020000-\U0003ffff"
)
# Marks that follow letters, and scripts whose vowels are such marks.
MARKS: Final = "\u0300-\u036f\u0483-\u0489\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0900-\u0dff"
_LETTER: Final = rf"[^\W_{UNSPACED}]"
_NO_LETTER_AFTER: Final = rf"(?!{_LETTER}|[{MARKS}])"
_is_letter = re.compile(rf"{_LETTER}|[{MARKS}]")
_is_unspaced = re.compile(f"[{UNSPACED}]")
_TOKEN = re.compile(r'\s*(?:(-?)"([^"]*)(?:"|$)|(\S+))')
_IMPOSSIBLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")

_NO_ALTERNATIVE: Final = 'cannot have a word to leave out as an alternative, as in "a | -b"'


class Term(Struct, frozen=True):
    """A word, or several in a row."""

    words: tuple[str, ...]
    """As typed; compared as `folded`."""
    prefix: bool = False
    """Whether the last word may go on."""

    def __str__(self) -> str:
        text = " ".join(self.words)
        if self.prefix:
            return f"{text}*"
        special = len(self.words) > 1 or text.startswith(("-", "=")) or text.endswith("*") or text == "|"
        return f'"{text}"' if special and '"' not in text else text

    @property
    def folded(self) -> tuple[str, ...]:
        return tuple(map(fold, self.words))

    @property
    def pattern(self) -> str:
        """A regular expression for folded text."""
        return self._pattern(self.folded)

    @property
    def bare_pattern(self) -> str:
        """The same for text with bare letters (`app.search.folding.bare`)."""
        return self._pattern(tuple(map(bare, self.folded)))

    def _pattern(self, words: tuple[str, ...]) -> str:
        """What must not stand before the first word is said behind it: a pattern is found forty times as fast that
        begins with plain letters.
        """
        first, *others = map(re.escape, words)
        letters = _is_letter.match(words[0])
        return (
            first
            + (f"(?<!{_LETTER}{first})(?<![{MARKS}]{first})" if letters else "")
            + "".join(rf"\s+{word}" for word in others)
            + (_NO_LETTER_AFTER if _is_letter.match(words[-1][-1]) and not self.prefix else "")
        )


class Words(Struct, frozen=True):
    """What a text must have. Either `whole`, or some of the other two."""

    all_of: tuple[tuple[Term, ...], ...] = ()
    """Of each of these groups one term at least."""
    none_of: tuple[Term, ...] = ()
    whole: str | None = None
    """The whole text, byte for byte."""

    def __str__(self) -> str:
        """As it may be typed; reading it again gives the same."""
        if self.whole is not None:
            return f"={self.whole}"
        wanted = (" | ".join(map(str, group)) for group in self.all_of)
        text = " ".join([*wanted, *(f"-{term}" for term in self.none_of)])
        # In front, the sign between alternatives says nothing; "=" would ask for the whole text.
        return f"| {text}" if text.startswith("=") else text

    def match(self, text: str) -> bool:
        if self.whole is not None:
            return text == self.whole
        folded = fold(text)
        return all(any(_compiled(term).search(folded) for term in group) for group in self.all_of) and not any(
            _compiled(term).search(folded) for term in self.none_of
        )

    def spans(self, text: str) -> list[tuple[int, int]]:
        """Where the wanted terms stand in a text: beginning and end of each place, none within another.

        A term that stands nowhere as it was typed is looked for without accents: some engines find it so.
        """
        if self.whole is not None:
            return [(0, len(text))] if text == self.whole and text else []
        folded = fold(text)
        terms = [term for group in self.all_of for term in group]
        found = sorted(span for term in terms for span in _spans(term, folded))
        apart: list[tuple[int, int]] = []
        for start, end in found:
            if apart and start < apart[-1][1]:
                apart[-1] = (apart[-1][0], max(end, apart[-1][1]))
            else:
                apart.append((start, end))
        return apart


def read_words(text: str) -> Words:
    """What somebody typed. Raises ValueError, in words for that person."""
    if len(text) > LONGEST_TEXT:
        raise ValueError(f"may have at most {LONGEST_TEXT} characters")
    if _IMPOSSIBLE.search(text):
        raise ValueError("holds a character that no text can have")
    if text.startswith("=") and text[1:]:
        return Words(whole=text[1:])
    all_of: list[tuple[Term, ...]] = []
    none_of: list[Term] = []
    before: Literal["nothing", "word", "left out", "or"] = "nothing"
    for term, excluded in _terms(text):
        if term is None:
            if before == "left out":
                raise ValueError(_NO_ALTERNATIVE)
            before = "or" if before == "word" else before
        elif excluded:
            if before == "or":
                raise ValueError(_NO_ALTERNATIVE)
            none_of.append(term)
            before = "left out"
        else:
            if before == "or":
                all_of[-1] = (*all_of[-1], term)
            else:
                all_of.append((term,))
            before = "word"
    if not all_of and not none_of:
        raise ValueError("holds no word to look for")
    if sum(map(len, all_of)) + len(none_of) > MOST_TERMS:
        raise ValueError(f"may have at most {MOST_TERMS} words")
    return Words(tuple(dict.fromkeys(all_of)), tuple(dict.fromkeys(none_of)))


def _terms(text: str) -> Iterator[tuple[Term | None, bool]]:
    """The terms with whether each is to be left out; None stands for the sign between alternatives."""
    for match in _TOKEN.finditer(text):
        minus, quoted, word = match.groups()
        if quoted is not None:
            words = tuple(quoted.split())
            if words:
                yield Term(words), bool(minus)
        elif word == "|":
            yield None, False
        else:
            excluded = word.startswith("-") and len(word) > 1
            word = word[1:] if excluded else word
            prefix = word.endswith("*")
            word = word.rstrip("*")
            if word and word != "-":
                yield Term((word,), prefix), excluded


def _spans(term: Term, folded: str) -> list[tuple[int, int]]:
    as_typed = [match.span() for match in _compiled(term).finditer(folded)]
    if as_typed or (folded.isascii() and all(map(str.isascii, term.words))):  # bare as they are
        return as_typed
    return [match.span() for match in _compiled_bare(term).finditer(bare(folded))]


@lru_cache(maxsize=500)
def _compiled_bare(term: Term) -> re.Pattern[str]:
    return re.compile(term.bare_pattern)


def standing(character: str) -> Literal["joined", "anywhere", "apart"]:
    """How a folded character stands among others: as part of a word, found wherever it is, or between words.

    For engines whose index is made of words: theirs must end where ours do."""
    if _is_letter.match(character):
        return "joined"
    return "anywhere" if _is_unspaced.match(character) else "apart"


@lru_cache(maxsize=500)
def _compiled(term: Term) -> re.Pattern[str]:
    return re.compile(term.pattern)
