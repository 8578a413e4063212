"""How an index cuts texts into words, as far as a search needs to know: found out by asking the server.

A condition may be asked of the index only where it lets through every post that `app.search` would call a match. So a
word counts only when all its characters make up words here and there, and both fold their letter cases alike.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, Literal, Protocol

from msgspec import Struct

from app.engines.sphinx.quoting import keyword
from app.search.folding import variants
from app.search.words import standing

_BEFORE: Final = "qqqqq"
_BEHIND: Final = "zzzzz"
_AT_ONCE: Final = 100  # characters in a question
_LONGEST: Final = 42  # bytes of a word; of longer ones the server keeps a part


class Ask(Protocol):
    """The words that the server sees in a text, in order."""

    async def __call__(self, text: str) -> Sequence[str]: ...


class Sign(Struct, frozen=True):
    """What a character is to the index."""

    kind: Literal["joined", "alone", "apart", "unknown"]
    """Part of a word; a word by itself; between words; none of these."""
    folded: str = ""


_APART: Final = Sign("apart")
_UNKNOWN: Final = Sign("unknown")
_PUNCTUATION: Final = frozenset("!\"#$%&'()*+,-./:;<=>?@[\\]^`{|}~")


class Alphabet:
    """One of an index. Without `ask`, of an index that cannot be asked, only ASCII is known, and only words of three
    letters or more count, as FoolFuuka's index has them in any case."""

    def __init__(self, ask: Ask | None, *, shortest_prefix: int | None) -> None:
        self._ask = ask
        self._signs: dict[str, Sign] = dict.fromkeys(_PUNCTUATION, _APART)
        self._shortest_word: int | None = None
        self._shortest_prefix = shortest_prefix
        """Letters of a beginning of words at least; None where beginnings are not found."""
        if ask is None:
            self._shortest_word = 3
            self._signs |= {c: Sign("joined", c.lower()) for c in map(chr, range(128)) if c.isalnum()}

    async def learn(self, texts: Iterable[str]) -> None:
        """Finds out about the characters of some folded texts. Raises Unavailable."""
        if self._ask is None:
            return
        if self._shortest_word is None:
            sizes = [len(word) for word in await self._ask("q qq qqq qqqq qqqqq") if set(word) == {"q"}]
            self._shortest_word = min(sizes, default=5)
        characters = {form for text in texts for c in text for form in variants(c)}
        fresh = sorted(c for c in characters - self._signs.keys() if not c.isspace())
        for start in range(0, len(fresh), _AT_ONCE):
            some = fresh[start : start + _AT_ONCE]
            words = await self._ask(" ".join(f"{_BEFORE}{c}{_BEHIND}" for c in some))
            self._signs |= _read(some, words)

    def keywords(self, part: str, *, goes_on: bool) -> list[str]:
        """The words of a folded piece of text, ready for a query, that every text has in which the piece stands as
        `app.search` wants it; there may be none. With `goes_on` the last one may be the beginning of a longer word."""
        found: list[str] = []
        run: list[tuple[str, Sign]] = []
        for c in part:
            sign = self._sign(c)
            if sign.kind in ("joined", "unknown"):
                run.append((c, sign))
                continue
            found += self._word(run, goes_on=False)
            run.clear()
            if sign.kind == "alone":
                found.append(keyword(sign.folded))
        found += self._word(run, goes_on=goes_on)
        return list(dict.fromkeys(found))

    def _word(self, run: Sequence[tuple[str, Sign]], *, goes_on: bool) -> list[str]:
        word = "".join(sign.folded for _, sign in run)
        if not word or any(sign.kind == "unknown" or standing(c) != "joined" for c, sign in run):
            return []
        if len(word.encode()) > _LONGEST - goes_on or len(word) < (self._shortest_word or 1):
            return []
        if goes_on and (self._shortest_prefix is None or len(word) < self._shortest_prefix):
            return []
        return [keyword(word, goes_on=goes_on)]

    def _sign(self, c: str) -> Sign:
        """Unknown too where the index tells cases apart that are the same to us."""
        signs = {self._signs.get(form, _UNKNOWN) for form in variants(c)}
        return signs.pop() if len(signs) == 1 else _UNKNOWN


def _read(characters: Sequence[str], words: Sequence[str]) -> dict[str, Sign]:
    """What the words say that came of the characters, each between two words of ours."""
    found: dict[str, Sign] = {}
    place = 0
    for c in characters:
        group: list[str] = []
        while place < len(words) and not (group and group[-1].endswith(_BEHIND)):
            group.append(words[place])
            place += 1
        inside = group[0][len(_BEFORE) : -len(_BEHIND)] if len(group) == 1 else ""
        if group == [_BEFORE, _BEHIND]:
            found[c] = _APART
        elif len(group) == 3 and (group[0], group[2]) == (_BEFORE, _BEHIND):
            found[c] = Sign("alone", group[1])
        elif inside and group[0] == f"{_BEFORE}{inside}{_BEHIND}":
            found[c] = Sign("joined", inside)
        else:
            found[c] = _UNKNOWN
    return found
