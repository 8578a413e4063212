"""Addresses that fit the request and the setting `app.url`."""

from __future__ import annotations

import pytest
from quart import Quart

from app.context import absolute_links, page_links, shared_links
from app.errors import BadRequest
from tests.support.asgi import ask
from tests.support.fake_archive import FakeArchive, build_app


def app_that_tells(url: str) -> Quart:
    app = build_app(FakeArchive(url=url))

    @app.get("/bases")
    async def bases() -> list[str]:
        return [page_links().base, absolute_links().base, shared_links().base]

    app.register_error_handler(BadRequest, lambda error: (error.message, 400))  # type: ignore[arg-type]
    return app


@pytest.mark.parametrize(
    ("url", "root_path", "bases"),
    [
        ("", "", ["", "http://h.example:8080", ""]),
        ("", "/sub λ", ["/sub%20%CE%BB", "http://h.example:8080/sub%20%CE%BB", "/sub%20%CE%BB"]),
        ("https://a.example", "", ["", "https://a.example", "https://a.example"]),
        ("https://a.example/x", "/y", ["/x", "https://a.example/x", "https://a.example/x"]),
    ],
)
async def test_bases(url: str, root_path: str, bases: list[str]) -> None:
    answer = await ask(app_that_tells(url), "/bases", root_path=root_path, headers={"Host": "h.example:8080"})
    assert answer.json == bases


@pytest.mark.parametrize("host", ['x"><script>', "a b", "h.example/x", "user@h.example", "h.example:", ""])
async def test_a_host_that_is_none(host: str) -> None:
    assert (await ask(app_that_tells(""), "/bases", headers={"Host": host})).status == 400
    assert (await ask(app_that_tells("https://a.example"), "/bases", headers={"Host": host})).status == 200
