"""What of a search an index can tell, which is all of it: a condition for each field.

Besides the condition there is a guess: how many posts it lets through at most, as far as that is soon known.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from math import prod
from types import MappingProxyType
from typing import Any, Final

import tantivy
from msgspec import Struct
from tantivy import FieldType, Occur, Query

from app.engines.tantivy.analysis import words_of, words_of_term
from app.engines.tantivy.documents import digests_with
from app.engines.tantivy.schema import DAY, FACTS, WORDS, day, fact, place_number
from app.model import LARGEST_NUMBER, PostId
from app.search import Filter
from app.search import Query as Asked
from app.search.choices import CAPCODES
from app.search.kinds import Bound
from app.search.words import Term, Words, standing

MOST_EXPANDED: Final = 300
"""Words that begin alike and are looked up one by one; more are looked for all at once."""

SHORTEST_BEGINNING: Final = 3
"""Letters before a `*`: words that begin with fewer are a part of all words that there are."""
MOST_DAYS: Final = 800
_FEW_TERMS: Final = 100
_WORDS_OF_A_POST: Final = 20
"""Of the posts that hold two words, one in so many has them one behind the other."""

_SPECIAL: Final = re.compile(r"[^\w\s]|_")


class Condition(Struct, frozen=True):
    query: Query
    most: int
    """Posts that it lets through, at most; the size of the index where that is not known."""
    within: bool = True
    """False: it is the posts that are not let through that the query finds."""
    about: float | None = None
    """A guess at how many it lets through, where it is far from `most`."""

    @property
    def guess(self) -> float:
        return self.most if self.about is None else self.about


def asks_for_short_beginnings(query: Asked) -> bool:
    """Whether words are asked for that begin with very few letters: an index would go through all of its words."""
    return any(
        _is_short(term) for each in query.filters if isinstance(each.value, Words) for term in _terms(each.value)
    )


def _terms(words: Words) -> Iterator[Term]:
    yield from words.none_of
    for group in words.all_of:
        yield from group


def _is_short(term: Term) -> bool:
    words = words_of_term(term)
    return _goes_on(term, words) and len(words[-1]) < SHORTEST_BEGINNING


def _goes_on(term: Term, words: Sequence[str]) -> bool:
    """Whether the last word may go on: signs and characters of scripts without spaces are words by themselves."""
    return term.prefix and bool(words) and standing(words[-1][-1]) == "joined"


def one_of(schema: tantivy.Schema, field: str, values: Sequence[Any]) -> Query:
    """Posts that have one of these terms. A set is made whole before anything is found by it, which takes several times
    as long where there are few."""
    if len(values) > _FEW_TERMS:
        return Query.term_set_query(schema, field, values)
    terms = (Query.term_query(schema, field, value, index_option="basic") for value in values)
    return Query.boolean_query([(Occur.Should, term) for term in terms])


class Conditions:
    """For one state of an index."""

    def __init__(self, schema: tantivy.Schema, searcher: tantivy.Searcher) -> None:
        self._schema = schema
        self._searcher = searcher
        self._all = searcher.num_docs

    def of(self, each: Filter) -> list[Condition]:
        """All of them must hold."""
        key, value = each.field.key, each.value
        if key == "op":
            fields = tuple(WORDS[column] for column in each.field.columns)
            return [Condition(self._term(FACTS, "op"), self._often("op")), *self._words(fields, value)]
        if isinstance(value, Words):
            return self._text(key, each.field.columns[0], value)
        if key in _CHOICES:
            return [self._fact(name, within=within) for name, within in _CHOICES[key](value)]
        if isinstance(value, Bound):
            return self._number(key, value)
        if key in ("start", "end"):
            raise ValueError(f"{key} is a part of `times`")
        return [self._fact(fact(key, str(value)))]

    def times(self, start: int | None, end: int | None) -> Condition:
        """The times from one to another. All times of the index are looked through for that."""
        return Condition(self._between("wall", start, None if end is None else max(0, end)), self._all)

    def days(self, start: int, end: int) -> Condition | None:
        """The days from a time to another; None where they are too many to be named."""
        first, last = start // DAY, max(start, end) // DAY
        if last - first >= MOST_DAYS:
            return None
        days = [day(number * DAY) for number in range(first, last + 1)]
        return Condition(one_of(self._schema, FACTS, days), sum(map(self._often, days)))

    # words

    def _text(self, key: str, column: str, words: Words) -> list[Condition]:
        if words.whole is None:
            return self._words((WORDS[column],), words)
        if key != "text":
            return [self._fact(fact(key, words.whole))]
        # Comments are too many and too long to be facts: the same words in a row, the same digest, the same length.
        found = [Condition(self._between("digest", *digests_with(words.whole)), self._all)]
        if in_a_row := words_of(words.whole):
            found.append(self._in_a_row("text", in_a_row))
        return found

    def _words(self, fields: Sequence[str], words: Words) -> list[Condition]:
        found = []
        for group in words.all_of:
            found.append(self._any_of([self._stands(field, term) for field in fields for term in group]))
        for term in words.none_of:
            left_out = self._any_of([self._stands(field, term) for field in fields])
            found.append(Condition(left_out.query, self._all, within=False))
        return found

    def _stands(self, field: str, term: Term) -> Condition:
        words = words_of_term(term)
        if not words:  # an accent without a letter
            return Condition(Query.empty_query(), 0)
        if _goes_on(term, words):
            return self._beginning(field, words)
        return self._in_a_row(field, words)

    def _in_a_row(self, field: str, words: Sequence[str]) -> Condition:
        often = [self._searcher.doc_freq(field, word) for word in words]
        if len(words) == 1:
            return Condition(self._term(field, words[0]), often[0])
        about = prod(each / max(self._all, 1) / _WORDS_OF_A_POST for each in often) * _WORDS_OF_A_POST * self._all
        return Condition(Query.phrase_query(self._schema, field, list(words)), min(often), about=about)

    def _beginning(self, field: str, words: Sequence[str]) -> Condition:
        """The last of the words may go on."""
        *before, last = words
        if before:
            found = self._searcher.terms_with_prefix(field, last, limit=MOST_EXPANDED + 1)
            if len(found) <= MOST_EXPANDED:
                return self._any_of([self._in_a_row(field, [*before, word]) for word, _ in found])
            patterns: list[str | tuple[int, str]] = [*map(_literally, before), f"{_literally(last)}.*"]
            most = min(self._searcher.doc_freq(field, word) for word in before)
            return Condition(Query.regex_phrase_query(self._schema, field, patterns), most)
        found = self._searcher.terms_with_prefix(field, last, limit=MOST_EXPANDED + 1)
        if len(found) > MOST_EXPANDED:
            return Condition(Query.regex_query(self._schema, field, f"{_literally(last)}.*"), self._all)
        return self._any_of([Condition(self._term(field, word), often) for word, often in found])

    def _any_of(self, conditions: Sequence[Condition]) -> Condition:
        if not conditions:
            return Condition(Query.empty_query(), 0)
        if len(conditions) == 1:
            return conditions[0]
        most = min(sum(each.most for each in conditions), self._all)
        about = min(sum(each.guess for each in conditions), self._all)
        return Condition(Query.boolean_query([(Occur.Should, each.query) for each in conditions]), most, about=about)

    # facts and numbers

    def _fact(self, name: str, *, within: bool = True) -> Condition:
        return Condition(self._term(FACTS, name), self._often(name) if within else self._all, within)

    def _number(self, key: str, bound: Bound) -> list[Condition]:
        low = bound.number if bound.sign != "<=" else 0
        high = bound.number if bound.sign != ">=" else LARGEST_NUMBER
        if key == "tnum":
            most = self._searcher.doc_freq("thread", bound.number)
            return [Condition(self._term("thread", bound.number), most)]
        if key == "num":
            first, last = place_number(PostId(low)), place_number(PostId(high, LARGEST_NUMBER))
            return [Condition(self._between("place", first, last), self._all)]
        found = [self._fact("file")] if key in _OF_FILES else []
        if low == 0 and key not in _OF_FILES:
            # What has no text has no length, which is 0.
            above = self._between(key, high + 1, None)
            return [*found, Condition(above, self._all, within=False)]
        return [*found, Condition(self._between(key, low, None if bound.sign == ">=" else high), self._all)]

    def _often(self, name: str) -> int:
        return self._searcher.doc_freq(FACTS, name)

    def _term(self, field: str, value: Any) -> Query:
        return Query.term_query(self._schema, field, value, index_option="basic")

    def _between(self, field: str, low: int | None, high: int | None) -> Query:
        return Query.range_query(self._schema, field, FieldType.Unsigned, low, high)


_OF_FILES: Final = frozenset(("width", "height", "size"))
_CHOICES: Final[MappingProxyType[str, Callable[[str], list[tuple[str, bool]]]]] = MappingProxyType(
    {
        "capcode": lambda value: (
            [("capcode", False)] if value == "user" else [(fact("capcode", CAPCODES[value]), True)]
        ),
        "file": lambda value: [("file", value == "with")],
        "spoiler": lambda value: [("file", True), ("spoiler", value == "spoiler")],
        "type": lambda value: [("op", value == "op")],
        "sticky": lambda value: [("sticky", value == "sticky")],
        "deleted": lambda value: [("deleted", value == "deleted")],
        "ghost": lambda value: [("ghost", value == "only")],
    }
)
"""Facts that must stand among those of a post, or must not."""


def _literally(word: str) -> str:
    """The word as a pattern that matches nothing else."""
    return _SPECIAL.sub(lambda sign: f"\\{sign[0]}" if sign[0].isascii() else sign[0], word)
