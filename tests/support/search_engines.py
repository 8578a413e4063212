"""The engines that the property test runs on: where each runs, how it is set up, and what it finds otherwise.

A new engine is one row in `ENGINES`, and one in `DIFFERENCES` where its index cuts texts into other words than
`app.search` does. The model applies these differences: nothing is left out of the test for them.
"""

from collections.abc import Awaitable, Callable, Mapping
from itertools import count
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from msgspec import Struct

from app.db.mysql_login import CarefulConnection
from app.engines import Engine
from app.engines.choosing import by_tables
from app.engines.pacing import Pace
from app.engines.sphinx import client
from app.engines.sphinx.client import OutOfTime, Rows
from app.engines.sphinx.engine import sphinx_engine
from app.engines.tantivy.indexes import Indexes
from app.engines.walking import WalkingEngine
from app.settings import AppSettings, BoardSettings, Settings, SphinxSettings
from tests.support.databases import Place
from tests.support.indexes import index_boards
from tests.support.search_archives import PLANS
from tests.support.search_model import Everywhere, WordIndex, Words, letters_from, letters_up_to
from tests.support.search_tokens import Tokens, asks_the_tables
from tests.support.sphinx import (
    FOOLFUUKA_LETTERS,
    FOOLFUUKA_PREFIX,
    Sphinx,
    configured,
    foolfuuka_config,
    listening,
)


def words_of(name: str, asked: Mapping[str, str]) -> Words:
    """The words of an engine in one search."""
    return Everywhere() if name == "tantivy" and asks_the_tables(asked) else DIFFERENCES[name]


class SearchEngine(Struct, frozen=True):
    """An engine over one archive of invented boards."""

    name: str
    boards: tuple[str, ...]
    """Those that it can search."""
    make: Callable[[str, Pace], Engine]
    """For one of the ways."""
    ways: Mapping[str, Mapping[str, Any]]
    """By name: what is changed under `app.engines` so that boards are searched in this way."""


_BEYOND: Final = 0x30000
"""From here on Sphinx takes all characters for letters; some flags have invisible ones."""

DIFFERENCES: Final[Mapping[str, Words]] = MappingProxyType(
    {
        "sql": Everywhere(),
        # Accents, width and some letters are folded further, and a sign is a word by itself.
        "tantivy": Tokens(),
        # Its words are ours, but for what lies beyond its tables.
        "sphinx": WordIndex({**letters_up_to(_BEYOND), **letters_from(_BEYOND)}, shortest_prefix=2),
        # In FoolFuuka's index "_", Chinese and Japanese characters are letters: a word that stands beside one is
        # another word there.
        "foolfuuka": WordIndex({**FOOLFUUKA_LETTERS, **letters_from(_BEYOND)}, shortest_prefix=FOOLFUUKA_PREFIX),
    }
)

PLACES: Final = (
    ("sql", "sqlite"),
    ("sql", "mysql"),
    ("sql", "postgresql"),
    ("tantivy", "sqlite"),
    ("tantivy", "mysql"),
    ("tantivy", "postgresql"),
    ("sphinx", "mysql"),
    ("sphinx", "postgresql"),
    ("foolfuuka", "mysql"),
)
"""Engines with the databases on which they are tested."""

_SQL_WAYS: Final = MappingProxyType(
    {
        # A board that is read through at once; one that is walked in small steps; one whose indexes lead to the posts.
        "at once": {},
        "in steps": {
            "sql.walk._FIRST_PIECE": 16,
            "sql.walk._SMALLEST_PIECE": 4,
            "sql.walk._FEWEST_ROWS": 5,
            "sql.walk._MOST_ROWS": 11,
            "sql.walk.RARE": -1,
            "sql.dates._NEAREST": 9,
        },
        "by index": {"sql.walk._FEWEST_ROWS": 5, "sql.walk._MOST_ROWS": 11},
    }
)


_INDEX_WAYS: Final = MappingProxyType(
    {
        # All matches at once; in small windows; counted or not.
        "at once": {},
        "in steps": {
            "tantivy.walk.FEW": 0,
            "tantivy.plan._FEW": 0,
            "tantivy.plan._VERY_FEW": 0,
            "tantivy.conditions._FEW_TERMS": 1,
            "tantivy.walk.FEW_OPENERS": 0,
            "tantivy.walk.MANY_OPENERS": 0,
            "tantivy.walk._MOST_FOR_THREADS": 5,
            "tantivy.walk._SMALLEST_WINDOW": 4,
            "tantivy.walk._LARGEST_FIRST_WINDOW": 9,
            "tantivy.walk._MOST_WITH_THREADS": 9,
            "tantivy.conditions.MOST_EXPANDED": 0,
        },
        "uncounted": {
            "tantivy.walk.FEW": 5,
            "tantivy.walk._GROWTH": 2,
            "tantivy.plan._VERY_FEW": 0,
            "tantivy.walk.COUNTED": 0,
            "tantivy.walk.FEW_OPENERS": 3,
            "tantivy.walk.MANY_OPENERS": 6,
            "tantivy.walk._SMALLEST_WINDOW": 7,
        },
    }
)


def _impatient() -> Callable[[CarefulConnection, str], Awaitable[Rows]]:
    """Each third answer of the server takes too long."""
    asked, run = count(), client._run

    async def run_impatiently(connection: CarefulConnection, statement: str) -> Rows:
        rows = await run(connection, statement)
        if "MATCH" in statement and next(asked) % 3 == 2:
            raise OutOfTime
        return rows

    return run_impatiently


_SPHINX_WAYS: Final = MappingProxyType(
    {
        # All posts of a board are named in one answer; in many, of which each is read in pieces; threads that are
        # opened with some words are soon too many to be named; and the tables go on where the index takes too long.
        "at once": {},
        "in steps": {"sphinx.walk._FEWEST_ROWS": 2, "sphinx.walk._MOST_ROWS": 5},
        "too many threads": {"sphinx.walk._FEWEST_ROWS": 5, "sphinx.walk._MOST_THREADS": 1},
        "too long": {"sphinx.client._run": _impatient(), "sql.walk._FEWEST_ROWS": 5, "sql.walk._FIRST_PIECE": 16},
    }
)


def engine_on(
    name: str, place: Place, settings: Mapping[str, BoardSettings], sphinx: Callable[..., Sphinx], folder: Path
) -> SearchEngine:
    """An engine, set up for the invented boards of a database, which have these settings."""
    boards = tuple(plan.name for plan in PLANS)
    if name == "sql":
        return SearchEngine(name, boards, lambda way, pace: WalkingEngine(by_tables, pace, at_once=1), _SQL_WAYS)
    if name == "tantivy":
        index_boards(Settings(db=place.settings(), boards=dict(settings), app=AppSettings(state=folder)))
        return SearchEngine(name, boards, lambda way, pace: _indexed(folder, pace), _INDEX_WAYS)
    if name == "sphinx":
        server = sphinx(
            lambda inside, port: configured(place, folder, boards, "--folder", str(inside), "--listen", listening(port))
        )
    else:
        # Its statement names all columns.
        boards = tuple(plan.name for plan in PLANS if not plan.lacking)
        server = sphinx(lambda inside, port: foolfuuka_config(place, boards, inside, port))
    ways = {way: changes for way, changes in _SPHINX_WAYS.items() if name == "sphinx" or not way.startswith("too")}
    return SearchEngine(name, boards, lambda way, pace: _asking(server.port, way, pace), ways)


def _indexed(state: Path, pace: Pace) -> Engine:
    indexes = Indexes(state, otherwise=None)
    return WalkingEngine(indexes.walk, pace, at_once=1, close=indexes.close)


def _asking(port: int, way: str, pace: Pace) -> Engine:
    settings = SphinxSettings(port=port, max_matches=1000 if way == "at once" else 10)
    return sphinx_engine(settings, pace, at_once=1)
