"""What is believed of the headers that proxies send, and of those that only look like it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.proxy import Proxied, is_host, is_prefix, visitor
from tests.support.asgi import ask

Headers = Sequence[tuple[str, str]]
FOR, PROTO, HOST, PREFIX = (f"X-Forwarded-{name}" for name in ("For", "Proto", "Host", "Prefix"))
PEER = "127.0.0.1"


async def seen(
    hops: int, headers: Headers, target: str = "/g/", *, root_path: str | None = None, own: str = ""
) -> dict[str, Any]:
    """The scope behind the middleware."""
    scopes: list[Any] = []

    async def inner(scope: Any, receive: Any, send: Any) -> None:
        scopes.append(scope)
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    app = Proxied(inner, hops=hops, root_path=root_path)
    assert (await ask(app, target, headers=headers, root_path=own)).status == 200
    scope: dict[str, Any] = scopes[0]
    return scope


def host(scope: dict[str, Any]) -> str:
    (found,) = [value.decode() for name, value in scope["headers"] if name == b"host"]
    return str(found)


ALL = [(FOR, "192.0.2.1"), (PROTO, "https"), (HOST, "a.example:8443"), (PREFIX, "/archive")]


async def test_without_trust_nothing_is_believed() -> None:
    scope = await seen(0, ALL)
    assert (scope["client"][0], scope["scheme"], host(scope), scope["root_path"]) == (
        PEER,
        "http",
        "archive.example",
        "",
    )


async def test_one_proxy_is_believed() -> None:
    scope = await seen(1, ALL)
    assert scope["client"] == ("192.0.2.1", 0)
    assert (scope["scheme"], host(scope), scope["root_path"]) == ("https", "a.example:8443", "/archive")
    assert (scope["path"], scope["raw_path"]) == ("/archive/g/", b"/archive/g/")


@pytest.mark.parametrize(
    ("hops", "lines", "client"),
    [
        (1, ["6.6.6.6, 192.0.2.1"], "192.0.2.1"),  # the visitor wrote the first one
        (1, ["6.6.6.6", "192.0.2.1"], "192.0.2.1"),  # the same in two lines
        (2, ["6.6.6.6, 192.0.2.1, 198.51.100.7"], "192.0.2.1"),
        (2, ["6.6.6.6,192.0.2.1", "198.51.100.7"], "192.0.2.1"),
        (2, ["192.0.2.1"], PEER),  # it has not come by way of both
        (3, ["192.0.2.1, 198.51.100.7"], PEER),
        (1, ["192.0.2.1, "], PEER),
        (1, ["192.0.2.1, unknown"], PEER),
    ],
)
async def test_addresses_are_counted_from_the_right(hops: int, lines: list[str], client: str) -> None:
    assert (await seen(hops, [(FOR, line) for line in lines]))["client"][0] == client


@pytest.mark.parametrize("forged", [[], [(FOR, "192.0.2.1")]])
async def test_who_has_not_come_by_way_of_all_proxies_is_not_believed(forged: Headers) -> None:
    scope = await seen(2, [*forged, (PROTO, "https, https"), (HOST, "evil.example"), (PREFIX, "/evil")])
    assert (scope["scheme"], host(scope), scope["root_path"]) == ("http", "archive.example", "")


@pytest.mark.parametrize(
    ("line", "scheme"),
    [("https", "https"), ("https, http", "https"), ("x, https, http", "https"), ("https, http, http", "http")],
)
async def test_other_headers_are_counted_too_or_stand_alone(line: str, scheme: str) -> None:
    assert (await seen(2, [(FOR, "192.0.2.1, 198.51.100.7"), (PROTO, line)]))["scheme"] == scheme


async def test_two_entries_of_three_are_nobodys() -> None:
    scope = await seen(3, [(FOR, "192.0.2.1, 198.51.100.7, 198.51.100.8"), (HOST, "evil.example, a.example")])
    assert host(scope) == "archive.example"


@pytest.mark.parametrize(
    ("header", "value"),
    [
        (PROTO, "javascript"),
        (PROTO, "https://"),
        (PROTO, ""),
        (HOST, 'a"><script>'),
        (HOST, "user@a.example"),
        (HOST, "a.example/x"),
        (HOST, "a.example:"),
        (HOST, "a.example:65536"),
        (HOST, "a\x01b"),
        (HOST, "λ.example".encode().decode("latin-1")),
        (HOST, ""),
        (PREFIX, "archive"),
        (PREFIX, "//evil.example"),
        (PREFIX, "/a//evil.example"),
        (PREFIX, "/../g"),
        (PREFIX, "/a/.."),
        (PREFIX, "/%2e%2e"),
        (PREFIX, "/\\evil.example"),
        (PREFIX, "/a?b"),
        (PREFIX, '/"onload'),
    ],
)
async def test_garbage_is_left_aside(header: str, value: str) -> None:
    scope = await seen(1, [(FOR, "192.0.2.1"), (header, value)])
    assert (scope["scheme"], host(scope), scope["root_path"]) == ("http", "archive.example", "")
    assert scope["client"][0] == "192.0.2.1"


@pytest.mark.parametrize(
    ("entry", "address"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("192.0.2.1:5000", "192.0.2.1"),
        ("2001:DB8::1", "2001:db8::1"),
        ("[2001:db8::1]", "2001:db8::1"),
        ('"[2001:db8::1]:443"', "2001:db8::1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("fe80::1%eth0", ""),
        ("192.0.2.256", ""),
        ("[192.0.2.1", ""),
        ("unknown", ""),
        ("_hidden", ""),
        ("1:2", ""),
        ("", ""),
    ],
)
def test_addresses(entry: str, address: str) -> None:
    assert visitor(entry) == address


@given(st.text(max_size=60))
def test_no_text_breaks_the_judges(text: str) -> None:
    visitor(text)
    if is_host(text):
        assert text.isascii() and text.isprintable() and not set("/@\\\"'<> ") & set(text)
    if is_prefix(text):
        assert text.isascii() and "//" not in text and "\n" not in text


@pytest.mark.parametrize(
    ("root_path", "own", "target", "path", "raw_path"),
    [
        ("/x", "", "/x/g/%3D", "/x/g/=", "/x/g/%3D"),  # left in
        ("/x", "", "/g/%3D", "/x/g/=", "/x/g/%3D"),  # cut off
        ("/x", "", "/x", "/x/", "/x/"),
        ("/x", "", "/", "/x/", "/x/"),
        ("/x", "", "/xy/", "/x/xy/", "/x/xy/"),
        ("/x", "", "/x/x/", "/x/x/", "/x/x/"),
        ("/x", "", "/%78/g/", "/x/g/", "/x/g/"),
        ("/a b", "", "/g/", "/a b/g/", "/a%20b/g/"),
        ("/x", "/y", "/g/", "/x/g/", "/x/g/"),  # the server's own idea of it gives way
        ("", "/y", "/g/", "/g/", "/g/"),
        (None, "/y", "/g/", "/y/g/", "/y/g/"),
        (None, "", "http://u:p@h.example/g/", "/g/", "/g/"),
        ("/x", "", "http://[", "/x/", "/x/"),
        (None, "", "", "/", "/"),
        (None, "", "*", "/*", "/*"),
        ("/a/b", "", "/a/b/g/search/text/x%2Fy", "/a/b/g/search/text/x/y", "/a/b/g/search/text/x%2Fy"),
        ("/a/b", "", "/a%2Fb/g/search/", "/a/b/a/b/g/search/", "/a/b/a%2Fb/g/search/"),  # an escaped slash is none
        ("/a/b", "", "/a", "/a/b/a", "/a/b/a"),
        ("/a/b", "", "/a/b//g/", "/a/b//g/", "/a/b//g/"),
        ("/a/b", "", "http%3A//x/g/", "/a/b/http://x/g/", "/a/b/http%3A//x/g/"),
        (None, "", "http%3A//x/g/", "/http://x/g/", "/http%3A//x/g/"),
        ("/λ", "", "/%CE%BB/g/", "/λ/g/", "/%CE%BB/g/"),
        ("/x", "", "/%FF", "/x/\ufffd", "/x/%FF"),
    ],
)
async def test_the_sub_path_stands_there_once(
    root_path: str | None, own: str, target: str, path: str, raw_path: str
) -> None:
    scope = await seen(0, [], target, root_path=root_path, own=own)
    assert (scope["path"], scope["raw_path"].decode()) == (path, raw_path)
    assert scope["root_path"] == (own if root_path is None else root_path)


PARTS = st.lists(st.sampled_from(["/", "/a", "/b", "/a%2Fb", "%2F", "%61", "http:", "http%3A", "//", ".", "*", "%"]))


@given(PARTS, st.sampled_from(["", "/a", "/a/b"]), st.sampled_from([None, "/a", "/a/b", "/a b"]))
async def test_path_and_raw_path_are_the_same_place(parts: list[str], own: str, root_path: str | None) -> None:
    scope = await seen(0, [], "".join(parts), root_path=root_path, own=own)
    assert unquote(scope["raw_path"].decode()) == scope["path"]
    prefix = own if root_path is None else root_path
    assert scope["path"].startswith(f"{prefix}/")
