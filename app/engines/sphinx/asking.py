"""From a search to a statement: what of it an index can tell.

All that `app.search` would call a match is let through, and as little else as an index can tell. What changes after a
post was indexed is not asked of the index: whether it was deleted, or is sticky.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from types import MappingProxyType
from typing import Final

from msgspec import Struct

from app.db.patterns import safe_parts
from app.engines.sphinx.alphabet import Alphabet
from app.engines.sphinx.catalogue import BoardIndex
from app.engines.sphinx.quoting import index_name, literal
from app.model import PostId
from app.search import Filter, Query
from app.search.choices import CAPCODES
from app.search.folding import fold
from app.search.words import Words

FIELDS_OF: Final = MappingProxyType(
    {
        "text": ("comment",),
        "subject": ("title",),
        "op": ("title", "comment"),
        "username": ("name",),
        "tripcode": ("trip",),
        "email": ("email",),
        "uid": ("pid",),
        "country": ("country",),
        "filename": ("media_filename",),
        "image": ("media_hash",),
    }
)
"""Search fields whose words an index has, with its names for them."""

_MOST_WORDS: Final = 40  # of one term; a long row of characters that stand alone would make a query too complex

_Part = tuple[str, bool]  # a piece of folded text, and whether a word may go on behind it


async def words_for(each: Filter | None, index: BoardIndex) -> str | None:
    """The part of MATCH() for one field; None where its words cannot be told. Raises Unavailable."""
    if each is None or not index.fields.issuperset(FIELDS_OF.get(each.field.key, ("",))):
        return None
    groups = [[list(parts) for parts in group] for group in _groups(each)]
    await index.alphabet.learn(text for group in groups for parts in group for text, _ in parts)
    found = []
    for group in groups:
        terms = [_keywords(parts, index.alphabet) for parts in group]
        if all(terms):
            found.append(" | ".join(f"({' '.join(words)})" for words in terms))
    if not found:
        return None
    return f"(@({','.join(FIELDS_OF[each.field.key])}) {' '.join(f'({group})' for group in found)})"


def _groups(each: Filter) -> Iterator[Iterator[Iterator[_Part]]]:
    """Of each group one term must be there, as all of its pieces."""
    value = each.value
    if isinstance(value, Words) and value.whole is None:
        for group in value.all_of:
            yield (_parts(term.folded, goes_on=term.prefix) for term in group)
    else:
        text = str(value.whole if isinstance(value, Words) else value)
        yield iter([_parts((fold(text),), goes_on=False)])


def _parts(words: Sequence[str], *, goes_on: bool) -> Iterator[_Part]:
    """Words without what may be stored in another way than it is seen."""
    parts = safe_parts(words)
    for place, part in enumerate(parts, 1):
        yield part, goes_on and place == len(parts)


def _keywords(parts: Sequence[_Part], alphabet: Alphabet) -> list[str]:
    words = (word for text, goes_on in parts for word in alphabet.keywords(text, goes_on=goes_on))
    return list(dict.fromkeys(words))[:_MOST_WORDS]


class Asked(Struct, frozen=True):
    """What is asked of a board's indexes, each time for some other stretch of it."""

    index: BoardIndex
    oldest_first: bool
    milliseconds: int
    """For an answer; half an answer comes with a warning."""
    match: tuple[str, ...] = ()
    """Parts of MATCH()."""
    conditions: tuple[str, ...] = ()
    opening: bool = False
    """Whether only opening posts are asked for."""

    def statement(
        self,
        first: PostId | None,
        most: int,
        *,
        before: PostId | None = None,
        threads: Sequence[int] | None = None,
    ) -> str:
        """At most so many rows (num, subnum, tnum, timestamp) in order, from a place on, this included; `before`: only
        up to another place."""
        columns, conditions = ["num", "subnum", "tnum", "timestamp"], list(self.conditions)
        after, until = (">", "<") if self.oldest_first else ("<", ">")
        if self.opening:
            columns.append("(num = tnum) AS opening")
            conditions += ["opening = 1", "subnum = 0"]
        for place, sign, equal, name in ((first, after, "=", "from_here"), (before, until, "", "up_to_here")):
            if place is not None:
                same = f"(num = {place.num} AND subnum {sign}{equal} {place.subnum})"
                columns.append(f"(num {sign} {place.num} OR {same}) AS {name}")
                conditions += [f"{name} = 1", f"num {sign}= {place.num}"]
        if threads is not None:
            conditions.append(f"tnum IN ({', '.join(map(str, threads))})")
        if self.match:
            conditions.insert(0, f"MATCH({literal(' '.join(self.match))})")
        where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
        order = "ASC" if self.oldest_first else "DESC"
        return (
            f"SELECT {', '.join(columns)} FROM {', '.join(map(index_name, self.index.names))}{where} "
            f"ORDER BY num {order}, subnum {order} LIMIT 0, {most} "
            f"OPTION max_matches = {most}, max_query_time = {self.milliseconds}, ranker = none"
        )


def conditions_for(query: Query, index: BoardIndex, times: tuple[int, int] | None) -> tuple[str, ...]:
    """What else of a search the index can tell. `times` are stored times between which all posts lie."""
    found = [("timestamp", f"timestamp BETWEEN {times[0]} AND {times[1]}")] if times is not None else []
    for key, column in (("num", "num"), ("tnum", "tnum")):
        bound = query.get(key)
        if bound is not None:
            found.append((column, f"{column} {bound.sign} {bound.number}"))
    ghost, capcode = query.get("ghost"), query.get("capcode")
    if ghost is not None:
        found.append(("subnum", f"subnum {'>' if ghost == 'only' else '='} 0"))
    if capcode is not None:
        # Some writers leave an ordinary user's empty, or blank.
        letter = ord(CAPCODES[capcode])
        found.append(("cap", f"cap IN ({letter}, 0, 32)" if capcode == "user" else f"cap = {letter}"))
    if query.get("file") == "without":
        # Of those with a file some have no name of it, by which alone an index knows them.
        found.append(("has_image", "has_image = 0"))
    return tuple(text for column, text in found if column in index.attributes)
