"""The JSON interface: errors, methods, validators, headers for browsers, and the health addresses."""

from __future__ import annotations

import asyncio
import re
from typing import Any

import pytest
from quart import Quart

from app.errors import Unavailable
from tests.support.asgi import Answer, ask
from tests.support.fake_archive import V1, FakeArchive, build_app


@pytest.fixture
def archive() -> FakeArchive:
    return FakeArchive()


@pytest.fixture
def app(archive: FakeArchive) -> Quart:
    return build_app(archive)


def is_error(answer: Answer, status: int) -> str:
    """Check the form of an error answer; its message."""
    assert answer.status == status
    assert answer.headers["content-type"] == "application/json"
    assert list(answer.json) == ["error"]
    assert list(answer.json["error"]) == ["status", "message"]
    assert answer.json["error"]["status"] == status
    message: str = answer.json["error"]["message"]
    assert message.endswith(".")
    return message


@pytest.mark.parametrize(
    ("target", "named"),
    [
        *(
            ("?x=1", "x"),
            ("/g?limit=1", "limit"),
            ("/g/threads?limti=5", "limti"),
            ("/g/catalog?replies=1", "replies"),
        ),
        *(("/g/threads?limit=0", "limit"), ("/g/threads?limit=51", "limit"), ("/g/threads?limit=", "limit")),
        *(
            ("/g/threads?limit=1&limit=2", "limit"),
            ("/g/threads?limit=%D9%A1", "limit"),
            ("/g/threads?limit=-1", "limit"),
        ),
        *(
            ("/g/threads?replies=11", "replies"),
            ("/g/threads?order=Bump", "order"),
            ("/g/threads?page=0", "page"),
        ),
        *(("/g/threads?page=99999999999", "page"), ("/g/threads?before=a&page=2", "before and page")),
        *(
            ("/g/threads?before=a&after=b", "before and after"),
            ("/g/catalog?before=a&after=b", "before and after"),
        ),
        *(
            ("/g/threads?before=bad", "before"),
            ("/g/catalog?limit=151", "limit"),
            ("/g/threads/100?after=x", "after"),
        ),
        *(("/g/threads/100?rendered=yes", "rendered"), ("/g/posts/100?after=1", "after")),
        *(("/g/media/abc?before=1_2_3", "before"), ("/g/media/abc?limit=101", "limit")),
    ],
)
async def test_bad_parameters_are_named(app: Quart, target: str, named: str) -> None:
    assert re.search(rf"\b{named}\b", is_error(await ask(app, V1 + target), 400))


@pytest.mark.parametrize(
    "target",
    [
        *("/api/v1", "/api/v2/boards", "/api//v1/boards", f"{V1}/x", f"{V1}/x/threads"),
        *(f"{V1}/g/nothing", f"{V1}/g/threads/7", f"{V1}/g/threads/0", f"{V1}/g/threads/x"),
        *(f"{V1}/g/threads/4294967296", f"{V1}/g/posts/7", f"{V1}/g/posts/100_", f"{V1}/g/posts/%D9%A1"),
        *(f"{V1}/g/threads/100_1", f"{V1}/g//threads"),
    ],
)
async def test_what_is_not_there(app: Quart, target: str) -> None:
    answer = await ask(app, target)
    is_error(answer, 404)
    assert answer.headers["access-control-allow-origin"] == "*"


async def test_other_errors_have_the_same_form(app: Quart, archive: FakeArchive, monkeypatch: Any, caplog: Any) -> None:
    unavailable = await ask(app, f"{V1}/new/threads")
    is_error(unavailable, 503)
    assert unavailable.headers["retry-after"] == "30"
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        for target in (V1, "/api/nothing", f"{V1}/g/media/abc"):
            refused = await ask(app, target, method=method)
            is_error(refused, 405)
            assert refused.headers["allow"] == "GET, HEAD, OPTIONS"

    async def broken(*_: Any) -> None:
        raise RuntimeError("select secret from table")

    monkeypatch.setattr(archive, "post", broken)
    answer = await ask(app, f"{V1}/g/posts/100")
    assert "secret" not in is_error(answer, 500)
    assert "select secret from table" in caplog.text
    for failed in (unavailable, refused, answer):
        assert failed.headers["access-control-allow-origin"] == "*"


async def test_preflight(app: Quart) -> None:
    for target in (V1, f"{V1}/g/threads/100", f"{V1}/g/media//a", "/api/"):
        answer = await ask(app, target, method="OPTIONS")
        assert (answer.status, answer.body) == (204, b"")
        assert answer.headers["access-control-allow-origin"] == "*"
        assert answer.headers["access-control-allow-methods"] == "GET, HEAD, OPTIONS"
        assert answer.headers["access-control-allow-headers"] == "If-None-Match, If-Modified-Since"
        assert answer.headers["access-control-max-age"] == "86400"
        assert "content-length" not in answer.headers


async def test_validators_and_head(app: Quart) -> None:
    target = f"{V1}/g/threads/100"
    whole = await ask(app, target)
    assert whole.headers["access-control-allow-origin"] == "*"
    assert whole.headers["access-control-expose-headers"] == "ETag, Last-Modified, Link, Retry-After"
    assert whole.headers["x-content-type-options"] == "nosniff"
    assert whole.headers["content-type"] == "application/json"
    again = await ask(app, target, headers={"If-None-Match": whole.headers["etag"]})
    assert (again.status, again.body) == (304, b"")
    assert again.headers["access-control-allow-origin"] == "*"
    head = await ask(app, target, method="HEAD")
    assert (head.status, head.body, head.headers) == (200, b"", whole.headers)


async def test_health(app: Quart, archive: FakeArchive, caplog: Any) -> None:
    for target in ("/healthz", "/readyz"):
        answer = await ask(app, target)
        assert (answer.status, answer.body) == (200, b"ok")
        assert answer.headers["cache-control"] == "no-store"
    archive.ill = Unavailable("The database does not answer.", retry_after=5)
    assert (await ask(app, "/healthz")).status == 200
    ill = await ask(app, "/readyz")
    assert is_error(ill, 503) == "The database does not answer."
    assert ill.headers["retry-after"] == "5"
    archive.ill = asyncio.TimeoutError()
    is_error(await ask(app, "/readyz"), 503)
    archive.ill = RuntimeError("password")
    assert "password" not in is_error(await ask(app, "/readyz"), 500)
    assert "password" in caplog.text
