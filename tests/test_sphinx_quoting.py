"""Whatever somebody types: the server never takes it for a statement, an operator or a mistake of ours."""

import asyncio
import random
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from app.engines.choosing import by_tables
from app.engines.pacing import Pace
from app.engines.sphinx.engine import sphinx_engine
from app.engines.sphinx.quoting import index_name, keyword, literal
from app.engines.walking import WalkingEngine
from app.search import read_query
from app.search.folding import fold
from app.search.query import InvalidSearch
from app.search.words import standing
from app.settings import SphinxSettings
from tests.support.databases import fresh_place
from tests.support.sphinx import Sphinx, configured, listening
from tests.support.stage import Stage

Ask = Callable[[str], list[tuple[Any, ...]]]
WORDS = (
    "cat",
    "dog",
    "near",
    "maybe",
    "sentence",
    "zone",
    "paragraph",
    "3",
    "comment",
    "or",
    "and",
    "not",
    "猫",
    "ё",
    "ǆ",
)
SIGNS = r"""! @ | - " ' ~ / ^ $ = < > ( ) & * \ [ ] { } : ; , . ? % # + ` _ 😀 « ß İ ﬁ"""
PIECES = (
    *WORDS,
    *map(str.upper, WORDS),
    *SIGNS.split(),
    *(
        "\\'",
        "''",
        '\\"',
        "\0",
        "\n",
        "\t",
        "\x1a",
        "NEAR/3",
        "@comment",
        "@(name)",
        "@@relaxed",
        "@*",
        "ZONE:(h1)",
        "<<",
    ),
    *(
        "<!--",
        "--",
        "/*",
        "*/",
        "')",
        "');",
        "' OPTION",
        "\u200d",
        "\ufeff",
        "\u2028",
        "ca",
        "^cat",
        "cat$",
        '"~2',
        "cat*",
    ),
)
# Beyond, Sphinx takes all characters for letters (see `DIFFERENCES`).
known = st.characters(max_codepoint=0x2FFFF, exclude_categories=["Cs"])
hostile = st.lists(st.sampled_from(PIECES) | st.text(known, max_size=3), max_size=8).flatmap(
    lambda pieces: st.sampled_from(("", " ")).map(lambda between: between.join(pieces))
)
often = settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@pytest.fixture(scope="module")
def stage(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A board of posts that have some of the words."""
    with fresh_place("mysql", request, tmp_path_factory.mktemp("archive")) as place:
        stage = Stage(place, tmp_path_factory.mktemp("media"))
        stage.board()
        rng = random.Random(1)
        for num in range(1, 61):
            stage.post(num, 1, comment=" ".join(rng.choices(WORDS + tuple(SIGNS.replace("\\", "").split()), k=6)))
        yield stage


@pytest.fixture(scope="module")
def server(stage: Stage, sphinx: Callable[..., Sphinx]) -> Sphinx:
    return sphinx(
        lambda inside, port: configured(
            stage.place, inside / "home", ["g"], "--folder", str(inside), "--listen", listening(port)
        )
    )


def cut(text: str) -> list[str]:
    """The words of a text."""
    spaced = ""
    for c in fold(text):
        kind = standing(c)
        spaced += c if kind == "joined" else f" {c} " if kind == "anywhere" else " "
    return spaced.split()


@pytest.fixture(scope="module")
def ask(server: Sphinx) -> Iterator[Ask]:
    with server.asking() as ask:
        yield ask


def found(ask: Ask, match: str) -> list[int]:
    rows = ask(f"SELECT num FROM g_ancient WHERE MATCH({match}) ORDER BY num ASC LIMIT 100")
    return [int(num) for (num,) in rows]


@often
@given(text=hostile)
def test_a_string_is_one_string(ask: Ask, text: str) -> None:
    rows = ask(f"CALL KEYWORDS({literal(text)}, 'g_ancient')")
    # A star is a sign of its own there; all else are the words.
    assert [str(word) for _, word, _ in rows if "*" not in str(word)] == cut(text) or "*" in text


@often
@given(text=hostile)
@example(text="cat/*cat")
def test_a_keyword_means_its_characters(ask: Ask, text: str) -> None:
    words = cut(text)
    got = found(ask, literal(f"@comment {keyword(text)}"))
    # A star stays one whatever stands before it; no word that the app asks for has one.
    assert "*" in text or got == (found(ask, f"'@comment \"{' '.join(words)}\"'") if words else [])
    assert found(ask, literal(f'(@(comment) ("cat" | {keyword(text)}) "dog")')) == sorted(
        {*found(ask, "'@comment cat dog'"), *(num for num in got if num in found(ask, "'@comment dog'"))}
    )


def test_plain_words_are_found(ask: Ask) -> None:
    """The comparisons above compare something."""
    assert all(0 < len(found(ask, literal(f"@comment {keyword(word)}"))) < 60 for word in WORDS)
    assert found(ask, literal(f"@comment {keyword('ca')}")) == []
    assert found(ask, literal(f"@comment {keyword('ca', goes_on=True)}")) == found(ask, "'@comment cat'")


@pytest.mark.parametrize("name", ["", "a`b", "a-b", "λ", "a b", "a;b", "a\0"])
def test_what_is_no_name_of_an_index(name: str) -> None:
    with pytest.raises(ValueError, match="no name of an index"):
        index_name(name)


async def test_what_is_typed_finds_what_the_tables_have(stage: Stage, server: Sphinx) -> None:
    rng = random.Random(2)
    pace = Pace(60.0, counting=60.0)
    async with stage.running() as running:
        boards = [running.board()]
        sphinx = sphinx_engine(SphinxSettings(port=server.port, max_matches=10), pace, at_once=1)
        tables = WalkingEngine(by_tables, pace, at_once=1)
        searched = 0
        for _ in range(600):
            typed = rng.choice(("", " ")).join(rng.choices(PIECES, k=rng.randint(1, 4)))
            try:
                query = read_query({rng.choice(("text", "text", "op", "subject")): typed}.items(), ["g"]).query
            except InvalidSearch:
                continue
            if not query.filters:
                continue
            one, other = await asyncio.gather(
                sphinx.search(query, boards, limit=100), tables.search(query, boards, limit=100)
            )
            assert one.hits == other.hits, typed
            searched += bool(one.hits)
        await sphinx.close()
    assert searched > 50
