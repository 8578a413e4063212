"""What a server can do without Koiwai: an app that says hello, and one that sends answers it has at hand."""

import os
from pathlib import Path

import msgspec
from hypercorn.typing import ASGIReceiveCallable, ASGISendCallable, Scope
from quart import Quart

ANSWERS = "BENCH_ANSWERS"
"""The variable that names the file of the answers."""


class Ready(msgspec.Struct, frozen=True):
    """An answer, its body and its headers."""

    headers: list[tuple[bytes, bytes]]
    body: bytes


def hello() -> Quart:
    """The smallest app there is of the framework that Koiwai is made with."""
    app = Quart("hello")

    @app.get("/")
    async def say() -> str:
        return "hello"

    return app


class Bare:
    """Sends ready answers by path; nothing could be quicker behind the same server."""

    def __init__(self) -> None:
        stored = Path(os.environ[ANSWERS]).read_bytes()
        self._answers = msgspec.msgpack.decode(stored, type=dict[str, Ready])

    async def __call__(self, scope: Scope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
        if scope["type"] != "http":
            return
        answer = self._answers[scope["path"]]
        await send({"type": "http.response.start", "status": 200, "headers": answer.headers, "trailers": False})
        await send({"type": "http.response.body", "body": answer.body, "more_body": False})
