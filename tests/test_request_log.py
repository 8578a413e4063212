"""One line for each request, and the id that ties lines together."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from typing import Any

import pytest
from quart import Quart, Response

from app.request_log import RequestLog
from app.telemetry import REQUEST_ID
from tests.support import pages
from tests.support.asgi import ask

KNOWN = {"method", "path", "status", "bytes", "ms", "client", "agent"}


def build(*, trust_ids: bool = False, lines: bool = True) -> Quart:
    app = Quart(__name__, static_folder=None)

    @app.get("/page/<path:rest>")
    async def page(rest: str) -> str:
        logging.getLogger("koiwai.test").info("within %s", REQUEST_ID.get())
        return "0123456789"

    @app.get("/unchanged")
    async def unchanged() -> Response:
        return Response(status=304)

    @app.get("/stream")
    async def stream() -> Response:
        async def pieces() -> AsyncIterator[bytes]:
            for _ in range(4):
                yield b"1234"

        return Response(pieces())

    @app.get("/broken")
    async def broken() -> str:
        raise ValueError("a fault of ours")

    app.register_error_handler(Exception, lambda error: ("nothing for readers", getattr(error, "code", 500)))
    app.asgi_app = RequestLog(app.asgi_app, trust_ids=trust_ids, lines=lines)  # type: ignore[method-assign]
    return app


@pytest.fixture
def lines(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    caplog.set_level(logging.INFO, "koiwai")
    return caplog


def facts(lines: pytest.LogCaptureFixture) -> dict[str, Any]:
    """The one line of the request log."""
    (record,) = (record for record in lines.records if record.name == "koiwai.requests")
    found: dict[str, Any] = vars(record)["facts"]
    assert set(found) == KNOWN and found["ms"] >= 0
    return {"end": record.getMessage(), "level": record.levelname, **found}


async def test_a_request_is_a_line(lines: pytest.LogCaptureFixture) -> None:
    answer = await ask(build(), "/page/%CE%BB%22?q=a%20b", headers={"User-Agent": "x/1"})
    found = facts(lines)
    del found["ms"]
    assert found == {
        "end": "answered",
        "level": "INFO",
        "method": "GET",
        "path": "/page/%CE%BB%22?q=a%20b",
        "status": 200,
        "bytes": 10,
        "client": "127.0.0.1",
        "agent": "x/1",
    }
    assert len(answer.headers["x-request-id"]) == 16
    assert f"within {answer.headers['x-request-id']}" in [record.getMessage() for record in lines.records]


@pytest.mark.parametrize(
    ("method", "target", "end", "status", "size"),
    [
        ("GET", "/stream", "answered", 200, 16),
        ("HEAD", "/page/x", "answered", 200, 0),
        ("GET", "/unchanged", "answered", 304, 0),
        ("GET", "/broken", "answered", 500, None),
        ("GET", "/nowhere", "answered", 404, None),
    ],
)
async def test_every_kind_of_answer(
    lines: pytest.LogCaptureFixture, method: str, target: str, end: str, status: int, size: int | None
) -> None:
    answer = await ask(build(), target, method=method)
    found = facts(lines)
    assert (found["end"], found["method"], found["status"]) == (end, method, status)
    assert answer.headers["x-request-id"]
    assert found["bytes"] == (len(answer.body) if size is None else size)
    assert found["level"] == ("WARNING" if status == 500 else "INFO")


async def test_a_client_that_leaves_is_told(lines: pytest.LogCaptureFixture) -> None:
    await ask(build(), "/stream", leave_after=2)
    found = facts(lines)
    assert (found["end"], found["status"]) == ("aborted", 200)
    assert found["bytes"] < 16


async def test_a_fault_outside_of_the_app_is_told(lines: pytest.LogCaptureFixture) -> None:
    async def broken(scope: Any, receive: Any, send: Any) -> None:
        raise ValueError

    with pytest.raises(ValueError):
        await ask(RequestLog(broken, trust_ids=False, lines=True), "/")
    assert (facts(lines)["end"], facts(lines)["status"]) == ("failed", 500)
    assert REQUEST_ID.get() == ""


async def test_lines_can_be_left_out_and_ids_cannot(lines: pytest.LogCaptureFixture) -> None:
    answer = await ask(build(lines=False), "/page/x")
    assert answer.headers["x-request-id"]
    assert [record.name for record in lines.records] == ["koiwai.test"]


@pytest.mark.parametrize(
    ("sent", "taken"),
    [("a-B_9.x", True), ("x" * 64, True), ("x" * 65, False), ("a b", False), ('a"b', False), ("", False)],
)
async def test_ids_of_trusted_proxies_are_taken_over(sent: str, taken: bool) -> None:
    for trust_ids in (True, False):
        answer = await ask(build(trust_ids=trust_ids), "/page/x", headers={"X-Request-ID": sent})
        assert (answer.headers["x-request-id"] == sent) is (taken and trust_ids)


@pytest.mark.parametrize(
    ("query", "logged"),
    [
        ("page=2", "page=2"),
        ("api_key=S3cret&page=2", "api_key=***&page=2"),
        ("page=2&Password=S3cret", "page=2&Password=***"),
        ("access_token=S3cret;x", "access_token=***"),
    ],
)
async def test_what_looks_like_a_secret_is_not_logged(lines: pytest.LogCaptureFixture, query: str, logged: str) -> None:
    await ask(build(), f"/page/x?{query}")
    assert facts(lines)["path"] == f"/page/x?{logged}"


async def test_long_addresses_and_names_are_cut(lines: pytest.LogCaptureFixture) -> None:
    await ask(build(), "/page/" + "x" * 9000, headers={"User-Agent": "y" * 9000})
    found = facts(lines)
    assert len(found["path"]) == 2000 and len(found["agent"]) == 300


async def test_the_page_of_a_fault_names_the_request(lines: pytest.LogCaptureFixture) -> None:
    app = pages.app_of(pages.FakeArchive())

    @app.get("/broken")
    async def broken() -> str:
        raise ValueError("a fault of ours")

    app.asgi_app = RequestLog(app.asgi_app, trust_ids=False, lines=True)  # type: ignore[method-assign]
    answer = await ask(app, "/broken")
    assert answer.status == 500 and answer.headers["x-request-id"] in answer.body.decode()
    assert "koiwai.web" in [record.name for record in lines.records]
    answer = await ask(app, "/nowhere/")
    assert answer.status == 404 and answer.headers["x-request-id"] not in answer.body.decode()
