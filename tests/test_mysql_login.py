"""Servers that are not what they seem: MySQL's log-in gives no password to one that only has to ask for it."""

import asyncio
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from app.compat import timeout
from app.db import database_for
from app.db.base import CannotOpen, Sql
from app.errors import Unavailable
from tests.support.databases import Place, fresh_place, outcome

PASSWORD = "Very-S3cret"
# What such a server claims to be able to do (MySQL's bits): logging in by name of a method, and TLS.
METHODS, TLS = 0x0008_8200, 0x0800


def greeting(capabilities: int, method: bytes) -> bytes:
    low, high = capabilities & 0xFFFF, capabilities >> 16
    return (
        b"\x0a8.0.36\0"
        + struct.pack("<I8sxHBHHB10x", 1, b"abcdefgh", low, 45, 2, high, 21)
        + b"ijklmnopqrst\0"
        + method
        + b"\0"
    )


def packet(number: int, payload: bytes) -> bytes:
    return struct.pack("<I", len(payload))[:3] + bytes([number]) + payload


@asynccontextmanager
async def pretender(capabilities: int, method: bytes, *steps: bytes) -> AsyncIterator[tuple[int, bytearray]]:
    """A server that greets, and then says `steps`, each after an answer; gives its port and all it was told."""
    heard = bytearray()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(packet(0, greeting(capabilities, method)))
        heard.extend(await reader.read(4096))
        for place, step in enumerate(steps, 1):
            if heard:
                writer.write(packet(2 * place, step))
                heard.extend(await reader.read(4096))
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1], heard


async def refusal(port: int, **changes: Any) -> str:
    table = {"host": "127.0.0.1", "port": port, "user": "reader", "password": PASSWORD, **changes}
    database = database_for(Place("mysql", table).settings())
    async with timeout(5):
        error = await outcome(database.open())
    assert isinstance(error, CannotOpen), repr(error)
    assert f"127.0.0.1:{port}" in str(error) and "\n" not in str(error)
    return str(error)


@pytest.mark.parametrize("mode", ["require", "verify-ca", "verify-full"])
async def test_nothing_is_said_to_a_server_without_tls(mode: str) -> None:
    async with pretender(METHODS, b"mysql_native_password") as (port, heard):
        assert "offers none" in await refusal(port, sslmode=mode)
        assert heard == b""


@pytest.mark.parametrize(
    "switch",
    [
        b"\xfemysql_clear_password\0",
        b"\xfemysql_clear_password",
        b"\xfemysql_old_password\0abcdefgh\0",
        b"\xfe",
        b"\xfeanything",
    ],
)
@pytest.mark.parametrize("mode", ["disable", "allow", "prefer"])
async def test_the_password_is_not_told_to_a_server_that_asks_for_it_later(mode: str, switch: bytes) -> None:
    async with pretender(METHODS, b"mysql_native_password", switch) as (port, heard):
        told = await refusal(port, sslmode=mode)
        assert "without TLS" in told or "offers none" in told
        assert b"reader" in heard
        assert PASSWORD.encode() not in heard
        # After the log-in itself nothing more was said.
        assert heard.count(b"reader") * (heard[0] + 4) >= len(heard)


@pytest.mark.parametrize("changes", [{}, {"options": {"auth_plugin": "mysql_clear_password"}}])
async def test_the_password_is_not_told_to_a_server_that_asks_for_it_at_once(changes: dict[str, Any]) -> None:
    method = b"mysql_native_password" if changes else b"mysql_clear_password"
    async with pretender(METHODS, method) as (port, heard):
        assert "without TLS" in await refusal(port, **changes)
        assert heard == b""


KEY = b"-----BEGIN PUBLIC KEY-----"


@pytest.mark.parametrize(
    ("method", "steps"),
    [
        (b"caching_sha2_password", [b"\x01\x04", b"\x01" + KEY]),
        (b"caching_sha2_password", [b"\xfecaching_sha2_password\0abcdefghijklmnopqrst\0", b"\x01\x04"]),
        (b"sha256_password", [b"\x01" + KEY]),
        (b"mysql_native_password", [b"\xfesha256_password\0abcdefghijklmnopqrst\0", b"\x01" + KEY]),
    ],
)
@pytest.mark.parametrize("mode", ["disable", "prefer"])
async def test_the_password_is_not_encrypted_for_whoever_sends_a_key(
    mode: str, method: bytes, steps: list[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    encrypted: list[str] = []
    monkeypatch.setattr("aiomysql.connection._auth.sha2_rsa_encrypt", lambda *given: encrypted.append(repr(given)))
    async with pretender(METHODS, method, *steps) as (port, _):
        told = await refusal(port, sslmode=mode)
        assert "without TLS" in told and 'sslmode = "require"' in told and "unix_socket" in told
    assert encrypted == []


async def test_a_server_that_remembers_the_password_needs_no_tls() -> None:
    """After this answer the driver waits for the server's consent, which never comes here."""
    async with pretender(METHODS, b"caching_sha2_password", b"\x01\x03") as (port, heard):
        table = {"host": "127.0.0.1", "port": port, "user": "reader", "password": PASSWORD, "sslmode": "disable"}
        database = database_for(Place("mysql", table).settings(connect_timeout=0.2))
        async with timeout(5):
            assert isinstance(await outcome(database.open()), Unavailable)
        assert b"reader" in heard


IDLE_TOO_LONG = Sql(
    "BEGIN NOT ATOMIC SIGNAL SQLSTATE '08S01' SET MYSQL_ERRNO = 4031, MESSAGE_TEXT = 'disconnected'; END"
)


async def test_what_mysql_says_to_a_connection_that_lay_idle(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with fresh_place("mysql", request, tmp_path) as place:
        database = database_for(place.settings(pool={"test_before_acquire": True}))
        await database.open()
        error = await outcome(database.fetch(IDLE_TOO_LONG))
        assert isinstance(error, Unavailable)
        assert "cannot be reached" in error.message
        monkeypatch.setattr(database.dialect, "ping", IDLE_TOO_LONG)
        for _ in range(2):
            assert await database.fetch(Sql("SELECT 'hello'")) == [("hello",)]
        await database.close()


async def test_a_server_that_does_not_know_how_to_speak_tls_is_not_trusted_with_a_password() -> None:
    async with pretender(METHODS | TLS, b"mysql_clear_password") as (port, heard):
        database = database_for(
            Place("mysql", {"host": "127.0.0.1", "port": port, "password": PASSWORD, "sslmode": "require"}).settings()
        )
        async with timeout(5):
            assert await outcome(database.open()) is not None
        assert PASSWORD.encode() not in heard
