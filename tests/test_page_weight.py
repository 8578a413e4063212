"""How many bytes a reader's browser is sent for a long thread of a genuine archive."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import brotli
import lxml.html
import pymysql
import pytest

from app import create_app
from app.settings import BoardSettings, Settings
from tests.support.genuine import GENUINE, load_dump_mysql
from tests.support.reader import settings_for

DATABASE = "genuine_weight"
LONGEST, NEXT_LONGEST = 41698428, 41654949
"""Threads of /g/ in that archive: the first has fewer than `POSTS` posts and gets the rest from the second."""

POSTS = 300
MOST = 45_000
"""Bytes that the page of such a thread may have on the wire."""


@pytest.fixture
def archive(request: pytest.FixtureRequest, genuine_archives: Path) -> Iterator[Settings]:
    """The archive that has posts of /g/, in the kind of database it was made for, with one thread made longer."""
    server: Any = request.getfixturevalue("mysql_server")
    (genuine,) = (archive for archive in GENUINE if archive.writer == "neofuuka")
    server.drop_database(DATABASE)
    server.create_database(DATABASE)
    try:
        load_dump_mysql(genuine_archives / genuine.file, server, DATABASE)
        given = server.connect_kwargs(DATABASE)
        connection = pymysql.connect(**{("database" if key == "db" else key): given[key] for key in given})
        with connection, connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM g WHERE thread_num = %s", (LONGEST,))
            missing = POSTS - cursor.fetchone()[0]
            cursor.execute(
                "UPDATE g SET thread_num = %s WHERE thread_num = %s AND op = 0 ORDER BY num LIMIT %s",
                (LONGEST, NEXT_LONGEST, missing),
            )
            connection.commit()
        yield settings_for("mysql", server.settings_table(DATABASE), {"g": BoardSettings()})
    finally:
        server.drop_database(DATABASE)


async def test_a_thread_of_300_posts_is_light(archive: Settings) -> None:
    async with create_app(archive).test_app() as running:
        client, address = running.test_client(), f"/g/thread/{LONGEST}/"
        plain = await (await client.get(address)).get_data()
        packed = await client.get(address, headers={"Accept-Encoding": "br, gzip"})
        body = await packed.get_data()
    assert len(lxml.html.fromstring(plain).xpath("//article[@data-doc-id]")) == POSTS
    assert (packed.headers["Content-Encoding"], brotli.decompress(body)) == ("br", plain)
    assert len(body) <= MOST
