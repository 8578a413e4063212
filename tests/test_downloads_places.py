"""How many may download at once, and when a place is free again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from typing import Any

import pytest

from app.errors import Unavailable
from app.web import downloads
from tests.support.asgi import ask
from tests.support.downloads import PAGE, ZIP, add_thread
from tests.support.stage import Running, Stage, stage

__all__ = ["stage"]

SQLITE = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)


@SQLITE
async def test_two_at_once_and_then_wait(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    add_thread(stage)
    monkeypatch.setattr(downloads, "_PATIENCE", 600.0)
    async with stage.running() as app:
        leave, started = asyncio.Event(), [asyncio.Event(), asyncio.Event()]
        assert len(started) == downloads.AT_ONCE
        slow = [
            asyncio.create_task(_half(app, address, start, leave))
            for address, start in zip((PAGE, ZIP), started, strict=True)
        ]
        for start in started:
            await start.wait()
        for address in (PAGE, ZIP):
            answer = await app.ask(address, 503)
            assert answer.headers["retry-after"] == "30"
            assert b"Others are downloading" in answer.body
        await app.ask("/g/thread/100/")
        leave.set()
        await asyncio.gather(*slow)
        for address in (PAGE, ZIP) * 2:  # each of these gives its slot back
            await app.ask(address)


async def _half(app: Running, address: str, started: asyncio.Event, leave: asyncio.Event) -> None:
    """A client who takes the head of an answer, nothing of its body, and leaves when told."""
    requests = [{"type": "http.request", "body": b"", "more_body": False}]

    async def send(message: Any) -> None:
        started.set()
        if message["type"] == "http.response.body":
            await asyncio.Event().wait()

    async def receive() -> dict[str, Any]:
        if requests:
            return requests.pop()
        await leave.wait()
        return {"type": "http.disconnect"}

    scope: dict[str, Any] = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "GET", "scheme": "http",
        "path": address, "raw_path": address.encode(), "query_string": b"", "root_path": "",
        "headers": [(b"host", b"archive.example")], "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 80),
    }  # fmt: skip
    await app.app(scope, receive, send)


async def test_a_place_is_free_when_the_body_is_out_whoever_still_holds_it() -> None:
    slots = downloads.Slots()
    held = [slots.take() for _ in range(downloads.AT_ONCE)]

    async def pieces() -> AsyncGenerator[bytes, None]:
        yield b"all"

    with pytest.raises(Unavailable):
        slots.take()
    async with downloads.Streamed(pieces(), slots, held[0]) as body:
        assert [piece async for piece in body] == [b"all"]
    held.append(slots.take())
    with pytest.raises(Unavailable):
        slots.take()


async def test_a_slow_client_keeps_nobody_else_from_downloading(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(downloads, "_PATIENCE", 0.0)
    slots, slow = downloads.Slots(), []

    async def pieces() -> AsyncGenerator[bytes, None]:
        yield b"a piece"
        yield b"another"

    for _ in range(downloads.MOST_OPEN):
        body = downloads.Streamed(pieces(), slots, slots.take())
        reading = aiter(body)
        assert await anext(reading) == b"a piece"
        slow.append((body, reading))
        await asyncio.sleep(0)  # the client takes no more for a while
        await asyncio.sleep(0)
    with pytest.raises(Unavailable):  # but there is an end to it
        slots.take()
    for body, reading in slow:
        assert [piece async for piece in reading] == [b"another"]
        async with body:
            pass
    assert [slots.take() for _ in range(downloads.AT_ONCE)]


@SQLITE
@pytest.mark.parametrize("address", [PAGE, ZIP])
async def test_a_client_that_leaves_frees_its_place(stage: Stage, address: str) -> None:
    add_thread(stage)
    async with stage.running() as app:
        for _ in range(downloads.AT_ONCE + 1):
            assert (await ask(app.app, address, leave_after=1)).status == 200
        await app.ask(address)
