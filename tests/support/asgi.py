"""One HTTP request to an app, exactly as a server would hand it over, and exactly what the app sent back.

The framework's own test client rebuilds answers (it sets Content-Length anew, for one) and HTTP client
libraries tidy addresses up; tests of headers and of hostile addresses need neither.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote_to_bytes


@dataclass
class Answer:
    """What came back: header names in lower case, `pieces` the body as it was sent."""

    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    pieces: list[bytes] = field(default_factory=list)

    @property
    def body(self) -> bytes:
        return b"".join(self.pieces)

    @property
    def json(self) -> Any:
        return json.loads(self.body)


async def ask(
    app: Any,
    target: str,
    *,
    method: str = "GET",
    headers: dict[str, str] | Sequence[tuple[str, str]] = (),
    root_path: str = "",
    body: bytes = b"",
    leave_after: int | None = None,
) -> Answer:
    """Send one request for `target`, path and query as they stand on the request line.

    With `leave_after` the client takes that many pieces of the body and is gone.
    """
    path, _, query = target.partition("?")
    raw_path = path.encode()
    pairs = list(headers.items()) if isinstance(headers, dict) else list(headers)
    if not any(name.lower() == "host" for name, _ in pairs):
        pairs.append(("Host", "archive.example"))
    scope = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": root_path + unquote_to_bytes(raw_path).decode(errors="replace"),
        "raw_path": root_path.encode() + raw_path,
        "query_string": query.encode(),
        "root_path": root_path,
        "headers": [(name.lower().encode(), value.encode("latin-1")) for name, value in pairs],
        "client": ("127.0.0.1", 50000),
        "server": ("127.0.0.1", 80),
    }
    answer = Answer()
    gone = asyncio.Event()
    asked = False

    async def receive() -> dict[str, Any]:
        nonlocal asked
        if not asked:
            asked = True
            return {"type": "http.request", "body": body, "more_body": False}
        await gone.wait()
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        if message["type"] == "http.response.start":
            answer.status = message["status"]
            answer.headers = {name.decode().lower(): value.decode() for name, value in message["headers"]}
            return
        if not message.get("more_body", False):
            gone.set()  # as a server says once all has been sent
        if message["body"]:
            answer.pieces.append(message["body"])
            if len(answer.pieces) == leave_after:
                gone.set()
                await asyncio.Event().wait()  # a connection that takes no more bytes

    await app(scope, receive, send)
    return answer
