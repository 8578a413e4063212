"""Addresses that fit the request and the settings of the sub-path."""

from __future__ import annotations

import pytest
from quart import Quart

from app.context import absolute_links, page_links, shared_links
from app.errors import BadRequest
from app.proxy import Proxied, settled_root_path
from app.settings import AppSettings
from tests.support.asgi import ask
from tests.support.fake_archive import FakeArchive, build_app


def app_that_tells(url: str, root_path: str = "", hops: int = 0) -> Quart:
    app = build_app(FakeArchive(url=url))

    @app.get("/bases")
    async def bases() -> list[str]:
        return [page_links().base, absolute_links().base, shared_links().base]

    app.register_error_handler(BadRequest, lambda error: (error.message, 400))  # type: ignore[arg-type]
    mounted = settled_root_path(AppSettings(url=url, root_path=root_path))
    app.asgi_app = Proxied(app.asgi_app, hops=hops, root_path=mounted)  # type: ignore[method-assign]
    return app


@pytest.mark.parametrize(
    ("url", "setting", "root_path", "bases"),
    [
        ("", "", "", ["", "http://h.example:8080", ""]),
        ("", "", "/sub λ", ["/sub%20%CE%BB", "http://h.example:8080/sub%20%CE%BB", "/sub%20%CE%BB"]),
        ("", "/x", "", ["/x", "http://h.example:8080/x", "/x"]),
        ("", "/x", "/y", ["/x", "http://h.example:8080/x", "/x"]),
        ("https://a.example", "", "", ["", "https://a.example", "https://a.example"]),
        ("https://a.example", "", "/y", ["", "https://a.example", "https://a.example"]),
        ("https://a.example/x", "", "/y", ["/x", "https://a.example/x", "https://a.example/x"]),
        ("https://a.example/x%20y", "", "", ["/x%20y", "https://a.example/x%20y", "https://a.example/x%20y"]),
    ],
)
async def test_bases(url: str, setting: str, root_path: str, bases: list[str]) -> None:
    app = app_that_tells(url, setting)
    answer = await ask(app, "/bases", root_path=root_path, headers={"Host": "h.example:8080"})
    assert answer.json == bases


@pytest.mark.parametrize(
    ("url", "setting", "prefix", "bases"),
    [
        ("", "", "/p", ["/p", "https://f.example/p", "/p"]),
        ("", "/x", "/p", ["/x", "https://f.example/x", "/x"]),
        ("https://a.example", "", "/p", ["", "https://a.example", "https://a.example"]),
    ],
)
async def test_what_a_trusted_proxy_says_comes_last(url: str, setting: str, prefix: str, bases: list[str]) -> None:
    headers = {
        "X-Forwarded-For": "192.0.2.1",
        "X-Forwarded-Proto": "https",
        "X-Forwarded-Host": "f.example",
        "X-Forwarded-Prefix": prefix,
    }
    answer = await ask(app_that_tells(url, setting, hops=1), "/bases", headers=headers)
    assert answer.json == bases


@pytest.mark.parametrize("host", ['x"><script>', "a b", "h.example/x", "user@h.example", "h.example:", ""])
async def test_a_host_that_is_none(host: str) -> None:
    assert (await ask(app_that_tells(""), "/bases", headers={"Host": host})).status == 400
    assert (await ask(app_that_tells("https://a.example"), "/bases", headers={"Host": host})).status == 200
