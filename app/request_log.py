"""One line in the log for each request, and an id that ties the lines of one request together."""

from __future__ import annotations

import logging
import re
import secrets
import time
from typing import Final

from hypercorn.typing import (
    ASGIFramework,
    ASGIReceiveCallable,
    ASGISendCallable,
    ASGISendEvent,
    HTTPScope,
    Scope,
    WebsocketScope,
)

from app.telemetry import REQUEST_ID

log = logging.getLogger("koiwai.requests")

_ID: Final = re.compile(rb"[A-Za-z0-9._-]{1,64}")
_BODILESS: Final = frozenset({204, 304})
_LONGEST_PATH, _LONGEST_AGENT = 2_000, 300  # characters that are logged
# Koiwai has no such parameters. Somebody who tries them on it has secrets of other sites in his addresses.
_SECRET: Final = re.compile(r"([?&][^=&]*(?:passw|secret|token|api_?key|auth)[^=&]*=)[^&]*", re.IGNORECASE)


class RequestLog:
    """ASGI middleware. Gives each request its id, in the log and in the header X-Request-ID of the answer.

    With `trust_ids` a sane X-Request-ID of the request is taken over: the proxy in front has made it. With `lines`
    one line per request says what was asked and answered, once the last byte is handed over. WebSockets there are
    none: whoever asks for one is refused here, with 403 and with or without `lines` one line.
    """

    def __init__(self, app: ASGIFramework, *, trust_ids: bool, lines: bool) -> None:
        self._app = app
        self._trust_ids = trust_ids
        self._lines = lines

    async def __call__(self, scope: Scope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        request_id = self._id(scope)
        token = REQUEST_ID.set(request_id)
        try:
            if scope["type"] == "websocket":
                await _refuse(scope, send)
            else:
                await self._answer(scope, receive, send, request_id.encode())
        finally:
            REQUEST_ID.reset(token)

    async def _answer(
        self, scope: HTTPScope, receive: ASGIReceiveCallable, send: ASGISendCallable, request_id: bytes
    ) -> None:
        started, status, size, complete = time.perf_counter(), 0, 0, False

        async def watched(message: ASGISendEvent) -> None:
            nonlocal status, size, complete
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], (b"x-request-id", request_id)]
            await send(message)
            if message["type"] == "http.response.body":
                size += len(message["body"])
                complete = not message.get("more_body", False)

        end = "aborted"  # the client has gone, or the server is being stopped
        try:
            await self._app(scope, receive, watched)
            end = "answered" if complete else end
        except Exception:
            end, status = "failed", status or 500
            raise
        finally:
            level = logging.WARNING if status >= 500 else logging.INFO
            if self._lines and log.isEnabledFor(level):
                if scope["method"] == "HEAD" or status in _BODILESS:
                    size = 0  # the server leaves the body out
                seconds = time.perf_counter() - started
                # Made by hand: looking for the line of code that logs takes as long as all the rest.
                record = log.makeRecord(log.name, level, __file__, 0, end, (), None)
                record.facts = _facts(scope, status, size, seconds)
                log.handle(record)

    def _id(self, scope: HTTPScope | WebsocketScope) -> str:
        if self._trust_ids:
            for name, value in scope["headers"]:
                if name == b"x-request-id" and _ID.fullmatch(value):
                    return value.decode()
        return secrets.token_hex(8)


async def _refuse(scope: WebsocketScope, send: ASGISendCallable) -> None:
    log.info("refused a WebSocket", extra={"facts": {"path": _target(scope), "status": 403, **_visitor(scope)}})
    await send({"type": "websocket.close", "code": 1000, "reason": None})


def _facts(scope: HTTPScope, status: int, size: int, seconds: float) -> dict[str, str | int | float]:
    return {
        "method": scope["method"],
        "path": _target(scope),
        "status": status,
        "bytes": size,
        "ms": round(seconds * 1000, 1),
        **_visitor(scope),
    }


def _visitor(scope: HTTPScope | WebsocketScope) -> dict[str, str]:
    agent = next((value for name, value in scope["headers"] if name == b"user-agent"), b"")
    client = scope.get("client")
    return {"client": client[0] if client else "", "agent": agent[:_LONGEST_AGENT].decode("latin-1")}


def _target(scope: HTTPScope | WebsocketScope) -> str:
    """Path and query as they were asked for."""
    path, query = scope["raw_path"].decode("latin-1"), scope["query_string"].decode("latin-1")
    return (path + _SECRET.sub(r"\1***", f"?{query}") if query else path)[:_LONGEST_PATH]
