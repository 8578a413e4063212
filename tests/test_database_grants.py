"""Accounts that may read every column but the private ones: the archive opens and serves all the same."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from app import create_app
from app.db import database_for
from app.db.base import Sql
from app.db.schema import read_schema
from app.settings import BoardSettings, Settings
from tests.support.databases import KINDS, POSTS, THREADS, Place, fresh_place, outcome
from tests.support.reader import Reader

PRIVATE = ("poster_ip", "delpass", "email")
ACCOUNT = "koiwai_reader"


@pytest.fixture(params=[kind for kind in KINDS if kind not in {"sqlite", "pgbouncer"}])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    """A database with a board, seen by an account with rights to columns."""
    with fresh_place(request.param, request, tmp_path) as place:
        place.create("a", POSTS)
        place.create("a_threads", THREADS)
        place.insert(
            "a",
            {"num": 1, "thread_num": 1, "op": 1, "timestamp": 1_700_000_000, "email": "sage", "comment": "first"},
            {"num": 2, "thread_num": 1, "timestamp": 1_700_000_001, "email": "sage", "comment": "second"},
        )
        place.insert("a_threads", {"thread_num": 1, "time_bump": 1_700_000_001})
        index = "CREATE INDEX a_thread_num_num ON a (thread_num, num)"
        columns = ", ".join(f"{place.quote(name)}" for name in POSTS if name not in PRIVATE)
        if place.kind == "mysql":
            who, drop = f"'{ACCOUNT}'@'%'", f"DROP USER '{ACCOUNT}'@'%'"
            place.execute(index, f"CREATE USER {who} IDENTIFIED BY 'S3cret'")
        else:
            who, drop = ACCOUNT, f"DROP OWNED BY {ACCOUNT}; DROP ROLE {ACCOUNT}"
            place.execute(index, f"CREATE ROLE {who} LOGIN PASSWORD 'S3cret'")
        place.execute(f"GRANT SELECT ({columns}) ON a TO {who}", f"GRANT SELECT ON a_threads TO {who}")
        place.execute(f"GRANT INSERT (poster_ip) ON a TO {who}")  # a right, but not the one to read
        table = {**place.table, "user": ACCOUNT, "password": "S3cret"}
        yield Place(place.kind, table, server=place.server, name=place.name)
        place.execute(*drop.split("; "))


async def test_what_may_not_be_read_counts_as_absent(place: Place) -> None:
    database = database_for(place.settings())
    await database.open()
    for column in PRIVATE:
        assert await outcome(database.fetch(Sql(f"SELECT {column} FROM a"))) is not None
    tables = (await read_schema(database)).board("a")
    assert tables is not None
    assert set(POSTS) - tables.posts.columns == set(PRIVATE)
    assert tables.posts.has_index("thread_num", "num")
    await database.close()


async def test_the_archive_opens_and_serves(place: Place) -> None:
    settings = Settings(db=place.settings(), boards={"a": BoardSettings(clock="utc")})
    async with create_app(settings).test_app() as running:
        reader = Reader(running.test_client())
        thread = await reader.json("/api/v1/boards/a/threads/1")
        assert [(post["num"], post["comment"], post["email"]) for post in thread["posts"]] == [
            (1, "first", None),
            (2, "second", None),
        ]
        boards = (await reader.json("/api/v1/boards"))["boards"]
        assert [(board["name"], board["posts"]) for board in boards] == [("a", 2)]
        await reader.html("/a/")
        await reader.html("/a/thread/1/")
        assert "sage" not in "".join(reader.said)
