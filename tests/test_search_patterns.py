"""What a database is told to look for lets through every text that has the words, whatever is in it."""

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from app.db import database_for
from app.db.base import Database, Sql, join
from app.db.search_conditions import SearchConditions
from app.search.fields import BY_KEY
from app.search.folding import fold
from app.search.query import Filter
from app.search.words import Words, read_words
from tests.support.databases import fresh_place

CASED = [letter for letter in map(chr, range(0x80, 0x20000)) if letter.lower() != letter or letter.upper() != letter]
LETTER = st.one_of(
    st.sampled_from("aAbBkKsSiI1 \t\n"),
    st.sampled_from("%_!\\[]*?^$.(){}|+-'\"&<>:;/~,"),
    st.sampled_from("猫ね한🐈\u0301\u200b\u00a0\u3000\ufe0f\u202e"),
    st.sampled_from(CASED),
    st.characters(exclude_categories=["Cs", "Cc"]),
)
TEXT = st.text(LETTER, min_size=1, max_size=12)


Fetch = Callable[[list[tuple[str, str]]], None]


@pytest.fixture
def fetch(database_kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Fetch]:
    """Looks in texts for what was typed, and fails where a text that has it is not let through."""
    with fresh_place(database_kind, request, tmp_path) as place:
        loop = asyncio.new_event_loop()
        database = database_for(place.settings())
        loop.run_until_complete(database.open())
        yield lambda asked: loop.run_until_complete(_check(database, asked))
        loop.run_until_complete(database.close())
        loop.close()


async def _check(database: Database, asked: list[tuple[str, str]]) -> None:
    conditions = SearchConditions(database.dialect, frozenset({"title"}))
    read = [(_read(typed), text) for typed, text in asked]
    matching = [(words, text) for words, text in read if words is not None and words.match(text)]
    assert len(matching) > len(asked) / 4
    for start in range(0, len(matching), 200):
        some = matching[start : start + 200]
        parts = []
        for nth, (words, text) in enumerate(some):
            where = join(" AND ", [Sql("1 = 1"), *conditions.of(Filter(BY_KEY["subject"], words))])
            parts.append(Sql(f"SELECT {nth} FROM (SELECT ? AS title) AS t WHERE {where.text}", (text, *where.args)))
        let_through = {nth for (nth,) in await database.fetch(join(" UNION ALL ", parts))}
        lost = [each for nth, each in enumerate(some) if nth not in let_through]
        assert not lost, ascii(lost[0])


def test_every_letter_is_found_by_all_its_forms(fetch: Fetch) -> None:
    asked = []
    for start in range(0, len(CASED), 10):
        letters = CASED[start : start + 10]
        for form in (str, str.lower, str.upper, str.casefold):
            same = (form(letter) if fold(form(letter)) == fold(letter) else letter for letter in letters)
            asked.append(("".join(letters), " ".join(("a", "".join(same)))))
    fetch(asked)


@settings(
    max_examples=12,
    deadline=None,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
@given(st.lists(st.tuples(TEXT, TEXT), min_size=30, max_size=30))
def test_texts_with_the_words_are_let_through(fetch: Fetch, made: list[tuple[str, str]]) -> None:
    asked = []
    for text, other in made:
        whole = f"{other} {text}"
        swapped = text.swapcase() if len(text.swapcase()) == len(text) else text
        first, *_ = text.split() or ["x"]
        for typed in (f'"{swapped}"', first.lower(), first[:2] + "*", f"nothing | {first}", f"={whole.strip()}"):
            asked.append((typed, whole.strip() if typed.startswith("=") else whole))
    fetch(asked)


def _read(typed: str) -> Words | None:
    try:
        return read_words(typed)
    except ValueError:
        return None
