"""An invented language: words by how often they occur, as in any text a few of them everywhere and most of them rare.

The word of rank r is met 1/r as often as the first (Zipf's law).
"""

import random
import string
from collections.abc import Sequence
from functools import cache
from itertools import accumulate
from typing import Final

from msgspec import Struct

WORDS: Final = 20_000
RARE_WORD: Final = "quixolite"
"""Stands in one post of 50,000, and outside the vocabulary."""
ABSENT_WORD: Final = "zyxomorph"
"""Stands nowhere, nor does a longer word that holds it."""
ANONYMOUS: Final = "Anonymous"
RARE_NAME: Final = "Mirabel Quillfeather"
"""The name of one post of 50,000."""
NAMES: Final = 2_000
TRIPS: Final = 500

_FIRST: Final = ("", "b", "br", "d", "f", "g", "gr", "h", "j", "k", "l", "m", "n", "p", "r", "s", "st", "t", "v", "w")
_VOWELS: Final = "aeiou"
_LAST: Final = ("", "", "k", "l", "n", "r", "s", "t")
_TRIP_LETTERS: Final = string.ascii_letters + string.digits + "./"


class Language(Struct, frozen=True):
    """By rank, the most frequent first."""

    words: tuple[str, ...]
    names: tuple[str, ...]
    trips: tuple[str, ...]


@cache
def language(seed: int) -> Language:
    """The same one for the same seed."""
    chance = random.Random(seed)

    def syllable() -> str:
        return chance.choice(_FIRST) + chance.choice(_VOWELS) + chance.choice(_LAST)

    found: dict[str, None] = {}
    while len(found) < WORDS:
        # Short words are the frequent ones.
        syllables = 1 + (len(found) > 60) + (len(found) > 2_500) * (chance.random() < 0.7)
        word = "".join(syllable() for _ in range(syllables))
        if len(word) > 1:
            found.setdefault(word)
    words = tuple(found)
    names = tuple(" ".join(map(str.capitalize, chance.choices(words[100:], k=2))) for _ in range(NAMES))
    trips = tuple("!" + "".join(chance.choices(_TRIP_LETTERS, k=10)) for _ in range(TRIPS))
    return Language(words, names, trips)


class Voice:
    """Speaks the language: draws from it by frequency."""

    def __init__(self, spoken: Language, chance: random.Random) -> None:
        self._language = spoken
        self._chance = chance

    def words(self, count: int) -> list[str]:
        return self._chance.choices(self._language.words, cum_weights=_weights(WORDS), k=count)

    def name(self) -> str:
        return self._chance.choices(self._language.names, cum_weights=_weights(NAMES))[0]

    def trip(self) -> str:
        return self._chance.choices(self._language.trips, cum_weights=_weights(TRIPS))[0]


@cache
def _weights(count: int) -> Sequence[float]:
    return list(accumulate(1 / rank for rank in range(1, count + 1)))
