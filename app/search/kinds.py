"""Kinds of search fields: how a value is read from an address, written back, said in words, and compared with a post.

`read` raises ValueError with the end of a sentence that begins with the field's name. A kind knows columns only by
the names it is given; what a database makes of it is said in `app.db.search_conditions`, and what that lets through is
compared here once more, so that all databases find the same.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from types import MappingProxyType
from typing import Any, ClassVar, Final, Literal, Protocol

from msgspec import Struct

from app.exif import read_exif
from app.media_layout import standard_hash
from app.model import LARGEST_NUMBER
from app.search.candidate import Candidate
from app.search.folding import fold
from app.search.words import Words, read_words

_COMPARED = re.compile(r"(>=|<=|=|>|<)?\s*([0-9]{1,12})\s*([a-zA-Z]{0,3})", re.ASCII)
_UNITS: Final = MappingProxyType({"": 1, "b": 1, "k": 1024, "m": 1024**2, "g": 1024**3})
_EXTENSION = re.compile(r"\.?([a-z0-9]{1,10})", re.ASCII)


class Kind(Protocol):
    """`input` says what a form offers: a line of text, a date, or the `options` (value, label)."""

    input: ClassVar[str]

    @property
    def options(self) -> tuple[tuple[str, str], ...]: ...

    def read(self, text: str) -> Any: ...

    def write(self, value: Any) -> str: ...

    def matches(self, value: Any, post: Candidate, columns: tuple[str, ...]) -> bool: ...


class _Line:
    """What all kinds share that are typed into a line."""

    input: ClassVar[str] = "text"
    options: ClassVar[tuple[tuple[str, str], ...]] = ()

    def write(self, value: Any) -> str:
        return str(value)


class TextKind(_Line):
    """Words in one text, or in several taken together."""

    def __init__(self, *, whole: bool = True) -> None:
        self.whole = whole
        """Whether `=` asks for the whole text."""

    def read(self, text: str) -> Words:
        words = read_words(text)
        if words.whole is not None and not self.whole:
            raise ValueError("cannot be asked for as a whole text, with = before it")
        return words

    def matches(self, value: Words, post: Candidate, columns: tuple[str, ...]) -> bool:
        return value.match(post.texts(columns))


class ExactKind(_Line):
    """The whole stored value, letter case included."""

    def read(self, text: str) -> str:
        return _plain(text, 100)

    def matches(self, value: str, post: Candidate, columns: tuple[str, ...]) -> bool:
        return post.stored(columns[0]) == value


class CountryKind(_Line):
    """The whole stored value, in any letter case: a code, or the country's name where the writer stored that."""

    def read(self, text: str) -> str:
        return fold(_plain(text, 100))

    def matches(self, value: str, post: Candidate, columns: tuple[str, ...]) -> bool:
        return fold(post.stored(columns[0]).strip()) == value


class HashKind(_Line):
    """The MD5 of a file in base64; kept in the form that is stored: 24 characters of the standard alphabet."""

    def read(self, text: str) -> str:
        found = standard_hash(text)
        if found is None:
            raise ValueError("must be the MD5 of a file in base64, 22 characters or 24 with ==")
        return found

    def write(self, value: str) -> str:
        return value.rstrip("=").replace("+", "-").replace("/", "_")

    def matches(self, value: str, post: Candidate, columns: tuple[str, ...]) -> bool:
        return post.stored(columns[0]) == value


class ExtensionKind(_Line):
    """The ending of the file's name on the server, else of the uploader's name for it, in lower case."""

    def read(self, text: str) -> str:
        found = _EXTENSION.fullmatch(text.lower())
        if found is None:
            raise ValueError("must be the ending of a file name, such as webm")
        return found[1]

    def matches(self, value: str, post: Candidate, columns: tuple[str, ...]) -> bool:
        name = next(filter(None, map(post.text, columns)), "")
        return file_extension(name) == value


class Bound(Struct, frozen=True):
    """A number that something is compared with."""

    sign: Literal[">=", "<=", "="]
    number: int

    def __str__(self) -> str:
        return f"{self.number}" if self.sign == "=" else f"{self.sign}{self.number}"

    def holds(self, number: int) -> bool:
        if self.sign == "=":
            return number == self.number
        return number >= self.number if self.sign == ">=" else number <= self.number


class NumberKind(_Line):
    """A number, compared with a column, or with the length of its text as it is stored."""

    def __init__(
        self,
        *,
        lowest: int = 0,
        highest: int = LARGEST_NUMBER,
        of_file: bool = False,
        length: bool = False,
        units: bool = False,
        only_equal: bool = False,
    ) -> None:
        self.lowest, self.highest = lowest, highest
        self.of_file = of_file
        """Whether only posts with a file have such a number."""
        self.length = length
        self.units = units
        self.only_equal = only_equal

    def read(self, text: str) -> Bound:
        found = _COMPARED.fullmatch(text)
        sign, digits, unit = found.groups() if found is not None else ("", "", "?")
        factor = _UNITS.get(re.sub("i?b$", "", unit.lower())) if self.units or not unit else None
        if factor is None or (self.only_equal and sign not in (None, "=")):
            raise ValueError(f"must be a number{self._form}")
        number = int(digits) * factor + (1 if sign == ">" else -1 if sign == "<" else 0)
        if not self.lowest <= number <= self.highest:
            raise ValueError(f"must lie between {self.lowest} and {self.highest}")
        return Bound(">=" if sign and sign[0] == ">" else "<=" if sign and sign[0] == "<" else "=", number)

    @property
    def _form(self) -> str:
        if self.only_equal:
            return ""
        return ', with ">=" or "<=" before it if wanted' + (", and K or M behind it" if self.units else "")

    def matches(self, value: Bound, post: Candidate, columns: tuple[str, ...]) -> bool:
        if self.of_file and not post.has_file:
            return False
        return value.holds(len(post.stored(columns[0])) if self.length else post.number(columns[0]))


class YearKind(_Line):
    """The year of a 4chan Pass, which stands among the facts in `exif`."""

    def read(self, text: str) -> int:
        if not re.fullmatch("20[0-9]{2}", text, re.ASCII):
            raise ValueError("must be a year such as 2016")
        return int(text)

    def matches(self, value: int, post: Candidate, columns: tuple[str, ...]) -> bool:
        exif = post.stored(columns[0])
        return bool(exif) and read_exif(exif).since4pass == value


class Option(Struct, frozen=True):
    """One of the values of a choice."""

    value: str
    label: str
    says: str
    """The post in words, as part of a sentence."""


class ChoiceKind:
    """One of a few words. `test` tells whether a post is as the word says."""

    input: ClassVar[str] = "choice"

    def __init__(self, test: Callable[[str, Candidate], bool], *choices: Option) -> None:
        self.test = test
        self.choices = choices

    @property
    def options(self) -> tuple[tuple[str, str], ...]:
        return tuple((choice.value, choice.label) for choice in self.choices)

    def read(self, text: str) -> str:
        wanted = text.lower()
        for choice in self.choices:
            if choice.value == wanted:
                return wanted
        raise ValueError(f"must be {' or '.join(choice.value for choice in self.choices)}")

    def write(self, value: str) -> str:
        return value

    def says(self, value: str) -> str:
        return next(choice.says for choice in self.choices if choice.value == value)

    def matches(self, value: str, post: Candidate, columns: tuple[str, ...]) -> bool:
        return self.test(value, post)


def file_extension(name: str) -> str:
    """The ending of a file name in lower case, mended where the column cut it off; "" where there is none."""
    stem, dot, extension = name.rpartition(".")
    if not (stem and dot):
        return ""
    extension = extension.lower()
    # Twenty characters hold no more of sixteen digits and `.webm` (Asagi schema notes, section 1.2).
    return "webm" if extension == "web" and len(name) == 20 else extension


def _plain(text: str, longest: int) -> str:
    if len(text) > longest:
        raise ValueError(f"may have at most {longest} characters")
    if re.search("[\x00-\x1f\x7f\ud800-\udfff]", text):
        raise ValueError("holds a character that no such value can have")
    return text
