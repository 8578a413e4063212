"""What to try where a search found nothing: searches that ask for a little less."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from types import MappingProxyType
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from app.context import page_links
from app.model import BoardSummary, listed
from app.search import InvalidSearch, Query, read_query
from app.search.kinds import TextKind
from app.search.query import Filter
from app.search.words import Term, Words
from app.web.search_address import Pairs, search_address
from app.web.text import fit

_MOST: Final = 6
_MOST_LEFT_OUT: Final = 3

_EXACT: Final = MappingProxyType(
    {
        "image": "Only the very same file has this hash, not one that was made smaller or saved anew.",
        "tripcode": "Tripcodes are compared letter by letter: upper and lower case differ.",
        "uid": "Poster IDs are compared letter by letter: upper and lower case differ.",
    }
)
"""What to know of fields in which nothing similar is found."""


class Advice(Struct, frozen=True, gc=False):
    """Another search, as a link."""

    text: str
    href: str


def advice(query: Query, boards: Mapping[str, BoardSummary], board: str | None) -> tuple[Advice, ...]:
    """Searches that may find something where `query` found nothing, the likeliest first."""
    links = page_links()
    found = []
    for text, wider in islice(_wider(query), _MOST - 1):
        found.append(Advice(fit(text), search_address(links, board, wider)))
    if (numbered := _numbered(query)) is not None:
        found.insert(0, Advice("Posts with this number", search_address(links, None, numbered)))
    if query.boards and len(listed(boards)) > 1:
        everywhere = replace(query, boards=())
        found.insert(min(1, len(found)), Advice("Search all boards", search_address(links, None, everywhere)))
    return tuple(found)


def swapped_dates(pairs: Pairs, boards: Mapping[str, BoardSummary], board: str | None) -> tuple[Advice, ...]:
    """The search that was meant when the first day comes after the last one."""
    others = {"start": "end", "end": "start"}
    try:
        asked = read_query([(others.get(key, key), value) for key, value in pairs], boards, board)
    except InvalidSearch:
        return ()
    return (Advice("Swap the two dates", search_address(page_links(), board, asked.query)),)


def reminders(query: Query) -> list[str]:
    """What may explain that nothing was found."""
    return [_EXACT[each.field.key] for each in query.filters if each.field.key in _EXACT]


def from_the_beginning(pairs: Pairs, boards: Mapping[str, BoardSummary], board: str | None) -> tuple[Advice, ...]:
    """The first page of a search, for an address that names a place which it does not have."""
    query = read_query(pairs, boards, board).query
    return (Advice("Begin at the first page", search_address(page_links(), board, query)),)


def _wider(query: Query) -> Iterator[tuple[str, Query]]:
    for each in query.filters:
        for text, value in _wider_values(each):
            try:
                wider = query.with_(each.field.key, value)
            except ValueError:
                continue  # too long when it is written so
            yield f"{text}: {value}{'' if each.field.key == 'text' else f' ({each.field.label})'}", wider
    if len(query.filters) > 1:
        for each in islice(query.filters, _MOST_LEFT_OUT):
            yield f"Without this: {each.says}", query.without(each.field.key)


def _wider_values(asked: Filter) -> Iterator[tuple[str, str]]:
    if isinstance(asked.field.kind, TextKind):
        for text, words in _wider_words(asked.value):
            yield text, str(words)
    elif asked.field.key == "tripcode" and not asked.text.startswith("!"):
        yield "With its exclamation mark", f"!{asked.text}"


def _numbered(query: Query) -> Query | None:
    """Posts of any board that have the number which was typed as a word: ">>123"."""
    typed = str(query.get("text") or "")
    try:
        return Query().with_("num", typed.lstrip(">#")) if typed.lstrip(">#").isdigit() else None
    except ValueError:
        return None  # no post has so large a number


def _wider_words(words: Words) -> Iterator[tuple[str, Words]]:
    if words.whole is not None:
        return
    terms = [term for group in words.all_of for term in group]
    if any(map(_barred, terms)):
        groups = ([word for term in group for word in _either(term)] for group in words.all_of)
        yield "One of these words is enough", Words(tuple(map(tuple, groups)), words.none_of)
        return
    if len(terms) == len(words.all_of):  # alternatives are wide already
        yield from _wider_terms(terms, words)
    if terms and words.none_of:
        yield "Whatever other words there are", Words(words.all_of)


def _barred(term: Term) -> bool:
    """Whether it may be meant as alternatives: "cat|dog" without the spaces."""
    return len(term.words) == 1 and "|" in term.words[0].strip("|")


def _either(term: Term) -> tuple[Term, ...]:
    return tuple(Term((word,)) for word in term.words[0].split("|") if word) if _barred(term) else (term,)


def _wider_terms(terms: list[Term], words: Words) -> Iterator[tuple[str, Words]]:
    if any(len(term.words) > 1 for term in terms):
        apart = tuple((replace(term, words=(word,), prefix=False),) for term in terms for word in term.words)
        yield "The same words, not in a row", Words(tuple(dict.fromkeys(apart)), words.none_of)
    elif len(terms) > 1:
        yield "One of these words is enough", Words((tuple(terms),), words.none_of)
    elif terms and not terms[0].prefix:
        yield "Words that begin like this", Words(((replace(terms[0], prefix=True),),), words.none_of)
