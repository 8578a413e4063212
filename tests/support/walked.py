"""Two boards that are too large to be read at once, made by the database itself, and searches in them.

/g/ has posts 1 to 10,000 and, after a gap of a hundred million numbers, another 10,000; /po/ has 2,000. Ten minutes lie
between two posts of /g/. A ghost post stands under each 250th, written after all others.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta, timezone

import pytest

from app.archive import Archive
from app.engines import Hit
from app.engines.choosing import by_tables
from app.engines.pacing import Pace
from app.engines.walking import WalkingEngine
from app.model import PostId
from app.search import Query, read_query
from app.settings import Settings
from tests.support.databases import POSTS, THREADS, Place, fresh_place

SIZES = {"g": 20_000, "po": 2_000}
GAP = 100_000_000
START = 1_600_000_000
EVERY = 600
"""Seconds from post to post of /g/."""
_INDEXES = ("num, subnum", "thread_num, num, subnum", "subnum", "media_hash", "name, trip", "trip", "timestamp")


@pytest.fixture(scope="module", params=["sqlite", "mysql", "postgresql"])
def walked(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    with fresh_place(request.param, request, tmp_path_factory.mktemp("walked")) as place:
        for board, posts in SIZES.items():
            _fill(place, board, posts)
        place.execute("ANALYZE TABLE g, po" if place.kind == "mysql" else "ANALYZE")
        yield place


def hash_of(nth: int) -> str:
    return f"{nth:022d}=="


def day_of(nth: int) -> str:
    """The day, as a date for a search, on which a post of /g/ was written."""
    return (datetime.fromtimestamp(START, timezone.utc) + timedelta(seconds=nth * EVERY)).strftime("%Y-%m-%d")


def asked(**fields: str) -> Query:
    return read_query(fields.items(), SIZES).query


@asynccontextmanager
async def opened(place: Place, pace: Pace, *, at_once: int = 1) -> AsyncIterator[Archive]:
    """The archive with a search engine of a certain pace, and no board so small that it is read at once."""
    archive = Archive(Settings(db=place.settings(statement=120), discover_boards=True))
    await archive.open()
    try:
        for name in SIZES:
            archive.board(name).small = False
        archive._engine = WalkingEngine(by_tables, pace, at_once=at_once)
        yield archive
    finally:
        await archive.close()


async def everything(archive: Archive, query: Query) -> list[Hit]:
    """All hits, in one page that nothing stops."""
    boards = [archive.board(name) for name in query.boards]
    found = await WalkingEngine(by_tables, Pace(300, counting=0), at_once=1).search(query, boards, limit=1_000_000)
    assert found.exact and found.cursor is None and not found.stopped and found.reached is None
    return list(found.hits)


def ids(hits: list[Hit]) -> list[tuple[str, PostId]]:
    return [(hit.board, hit.id) for hit in hits]


def _fill(place: Place, board: str, posts: int) -> None:
    place.create(board, {column: kind for column, kind in POSTS.items() if column != "poster_ip"})
    place.create(f"{board}_threads", THREADS)
    divide = "DIV" if place.kind == "mysql" else "/"
    num = f"n + CASE WHEN n > 10000 THEN {GAP} ELSE 0 END"
    thread = num.replace("n ", f"((n - 1) {divide} 50 * 50 + 1) ", 1)
    padded = {
        "sqlite": "printf('%022d', n) || '=='",
        "mysql": "CONCAT(LPAD(n, 22, '0'), '==')",
        "postgresql": "lpad(n::text, 22, '0') || '=='",
    }[place.kind]
    row = {
        "doc_id": "n",
        "num": num,
        "subnum": "0",
        "thread_num": thread,
        "timestamp": f"{START} + n * {EVERY * SIZES['g'] // posts}",
        "name": f"CASE WHEN n % 100 = 7 THEN 'Bob' WHEN n % 10 = 3 THEN {padded} ELSE 'Anonymous' END",
        "trip": f"CASE WHEN n % 500 = 3 THEN '!trip' WHEN n % 10 = 3 THEN {padded} ELSE '' END",
        "media_hash": f"CASE WHEN n % 3 = 0 THEN {padded} ELSE '' END",
        "title": "CASE WHEN n % 1000 = 1 THEN 'About routers' ELSE '' END",
        "comment": "CASE WHEN n % 1999 = 5 THEN 'A rare find' WHEN n % 5 = 1 THEN 'a common word' ELSE 'a line' END",
    }
    ghost = {
        **row,
        "doc_id": f"n + {posts}",
        "subnum": "1",
        "timestamp": f"{START} + {EVERY * SIZES['g']} + n",
        "comment": "'boo'",
    }
    for values, where in ((row, ""), (ghost, " WHERE n % 250 = 0")):
        place.execute(
            f"INSERT INTO {place.quote(board)} ({', '.join(map(place.quote, values))}) "
            f"SELECT {', '.join(values.values())} FROM {_series(place.kind, posts)}{where}"
        )
    for nth, columns in enumerate(_INDEXES):
        place.execute(f"CREATE INDEX {board}_{nth} ON {place.quote(board)} ({columns})")


def _series(kind: str, length: int) -> str:
    return {
        "sqlite": f"(WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < {length}) "
        "SELECT n FROM s) AS s",
        "mysql": f"(SELECT seq AS n FROM seq_1_to_{length}) AS s",
        "postgresql": f"generate_series(1, {length}) AS s(n)",
    }[kind]
