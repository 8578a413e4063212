"""What one process puts into a shared table the others find; what is spoilt is not there."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from hashlib import blake2b
from http.client import HTTPConnection
from pathlib import Path

import pytest

from app.shared_table import WAYS, SharedTable
from tests.support.daemon import free_port
from tests.support.databases import fresh_place
from tests.support.process import READY, running
from tests.support.stage import Stage

ADDRESS = "/_/api/chan/thread/?board=g&num=1"
ASKED = 16
"""Times, on a connection of its own each, so that both of two processes get some of them."""


def key(number: int) -> bytes:
    return blake2b(str(number).encode(), digest_size=12).digest()


def test_values_stand_by_key_until_others_take_their_place() -> None:
    table = SharedTable(WAYS, 12, 2)
    for number in range(WAYS):
        table.put(key(number), b"%02d" % number)
    table.put(key(0), b"aa")
    table.put(key(WAYS), b"bb")
    values = [table.get(key(number)) for number in range(WAYS + 2)]
    assert values == [b"aa", None, *(b"%02d" % number for number in range(2, WAYS)), b"bb", None]


def test_many_keys_are_remembered_together() -> None:
    table = SharedTable(2_000, 12, 4)
    for number in range(500):
        table.put(key(number), number.to_bytes(4, "little"))
    assert all(table.get(key(number)) == number.to_bytes(4, "little") for number in range(500))


def test_a_spoilt_entry_is_none() -> None:
    table = SharedTable(1, 12, 4)
    table.put(key(1), b"good")
    memory = table._memory
    memory[memory.find(b"good")] ^= 1
    assert table.get(key(1)) is None
    table.put(key(1), b"anew")
    assert table.get(key(1)) == b"anew"
    assert memory.find(b"ood") == -1, "its place was free"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system runs one process only")
def test_a_date_from_one_process_is_no_304_from_another_for_another_answer(
    request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    """The post is marked as deleted without any newer time; the second process never saw the thread before that."""
    with fresh_place("sqlite", request, tmp_path) as place:
        stage = Stage(place, tmp_path / "media")
        stage.board("g")
        stage.post(1)
        stage.post(2, 1)
        assert place.file is not None
        (tmp_path / "media").mkdir()
        settings = f'[db]\ndb_type = "sqlite"\n[db.sqlite]\ndatabase = "{place.file}"\n'
        (tmp_path / "config.toml").write_text(settings, "utf-8")
        (tmp_path / "boards.toml").write_text('[boards.g]\nclock = "utc"\n', "utf-8")
        with running(tmp_path, "serve", "--workers", "2", "--port", str(free_port())) as koiwai:
            port = int(koiwai.until(READY)[1])
            status, date = asked(port, {})
            since = {"If-Modified-Since": date}
            assert status == 200
            assert {asked(port, since)[0] for _ in range(ASKED)} == {304}
            with closing(sqlite3.connect(place.file)) as connection:
                connection.execute("UPDATE g SET deleted = 1 WHERE num = 2")
                connection.commit()
            assert {asked(port, since)[0] for _ in range(ASKED)} == {200}
            since = {"If-Modified-Since": asked(port, {})[1]}
            assert {asked(port, since)[0] for _ in range(ASKED)} == {304}


def asked(port: int, headers: Mapping[str, str]) -> tuple[int, str]:
    """Status and Last-Modified."""
    with closing(HTTPConnection("127.0.0.1", port, timeout=30)) as connection:
        connection.request("GET", ADDRESS, headers=dict(headers))
        answer = connection.getresponse()
        answer.read()
        return answer.status, answer.headers["Last-Modified"]
