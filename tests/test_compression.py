"""Answers made smaller: for whom, which, how they are named, and that they are the same when unpacked."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import Callable

import brotli
import pytest
from quart import Quart, Response

from app.compression import CODINGS, SHORTEST, SLICE, accepted_coding, compressible
from app.http import respond
from app.static import static_blueprint
from tests.support.asgi import ask

TEXT = "text/plain; charset=utf-8"
SHORT = b"a" * (SHORTEST - 1)
PAGE = b"".join(b"line %d\n" % place for place in range(500))
LONG = b"".join(b"line %d\n" % place for place in range(60_000))
GZIP = {"Accept-Encoding": "gzip"}
UNPACK: dict[str, Callable[[bytes], bytes]] = {"br": brotli.decompress, "gzip": gzip.decompress}
FORMS: tuple[dict[str, str], ...] = ({}, *({"Accept-Encoding": coding} for coding in UNPACK))

assert len(PAGE) > SHORTEST and len(LONG) > 8 * SLICE


@pytest.fixture
def app() -> Quart:
    app = Quart(__name__, static_folder=None)
    app.register_blueprint(static_blueprint())
    for name, body, kind, status in (
        ("short", SHORT, TEXT, 200),
        ("page", PAGE, TEXT, 200),
        ("long", LONG, "application/json", 200),
        ("picture", PAGE, "image/png", 200),
        ("error", PAGE, TEXT, 404),
    ):

        async def view(body: bytes = body, kind: str = kind, status: int = status) -> Response:
            return respond(body, kind, status=status, last_modified=7)

        app.add_url_rule(f"/{name}", name, view)
    return app


@pytest.mark.parametrize(
    ("header", "accepted"),
    [
        *(("gzip", "gzip"), ("GZIP", "gzip"), ("gzip;q=0.1", "gzip"), ("deflate, gzip", "gzip"), ("br;q=0, *", "gzip")),
        *(("br", "br"), ("gzip, br", "br"), ("gzip, deflate, br, zstd", "br"), ("*", "br"), ("deflate, *;q=0.1", "br")),
        *(("gzip;q=0.0, *", "br"), ("gzip;q=0.5, br;q=0.5", "br"), ("br;q=0.2, gzip;q=0.9", "gzip")),
        *(("gzip;q=0.5, identity;q=0.5", "gzip"), ("gzip;q=0.2, identity;q=0.5", None)),
        *((None, None), ("", None), ("identity", None), ("gzip;q=0", None), ("br;q=0", None), ("*;q=0", None)),
        *(("gzip;q=x", None), (";;,=", None), ("deflate, zstd", None)),
    ],
)
def test_what_is_accepted(header: str | None, accepted: str | None) -> None:
    coding = accepted_coding(header)
    assert (coding and coding.name) == accepted


def test_what_is_worth_it() -> None:
    for kind in ("text/html; charset=utf-8", "TEXT/CSS", "application/json", "image/svg+xml", "application/atom+xml"):
        assert compressible(kind)
    for kind in ("image/png", "video/webm", "application/pdf", "application/octet-stream", ""):
        assert not compressible(kind)


@pytest.mark.parametrize("coding", list(UNPACK))
@pytest.mark.parametrize(("name", "body"), [("page", PAGE), ("long", LONG)])
async def test_all_forms_say_the_same(app: Quart, name: str, body: bytes, coding: str) -> None:
    form = {"Accept-Encoding": coding}
    plain, packed = await ask(app, f"/{name}"), await ask(app, f"/{name}", headers=form)
    assert plain.body == body == UNPACK[coding](packed.body)
    assert len(packed.body) < len(body) / 2
    assert "content-encoding" not in plain.headers
    assert packed.headers["content-encoding"] == coding
    for answer in (plain, packed):
        assert answer.headers["vary"] == "Accept-Encoding"
        assert answer.headers["last-modified"] == plain.headers["last-modified"]
        assert answer.headers.get("content-length", str(len(answer.body))) == str(len(answer.body))
    assert packed.headers["content-type"] == plain.headers["content-type"]
    assert (await ask(app, f"/{name}", headers=form)).body == packed.body


@pytest.mark.parametrize("name", ["page", "long"])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_any_tag_tells_that_nothing_has_changed(app: Quart, name: str, method: str) -> None:
    tags = [(await ask(app, f"/{name}", headers=form)).headers["etag"] for form in FORMS]
    assert len(set(tags)) == 1 + len(CODINGS)
    for form, own in zip(FORMS, tags, strict=True):
        for tag in (*tags, *(f"W/{each}" for each in tags), f'"x", {tags[1]}'):
            again = await ask(app, f"/{name}", method=method, headers={**form, "If-None-Match": tag})
            assert (again.status, again.body) == (304, b"")
            assert again.headers["etag"] == own
            assert again.headers["vary"] == "Accept-Encoding"
            assert not {"content-encoding", "content-length", "content-type"} & set(again.headers)
        changed = await ask(app, f"/{name}", method=method, headers={**form, "If-None-Match": '"x-gzip"'})
        assert changed.status == 200


@pytest.mark.parametrize("name", ["short", "page", "long", "picture", "error"])
async def test_head_has_the_headers_of_get(app: Quart, name: str) -> None:
    for form in FORMS:
        whole, head = await ask(app, f"/{name}", headers=form), await ask(app, f"/{name}", method="HEAD", headers=form)
        assert (head.status, head.body, head.headers) == (whole.status, b"", whole.headers)


async def test_what_is_left_as_it_is(app: Quart) -> None:
    for name, body in (("short", SHORT), ("picture", PAGE)):
        answer = await ask(app, f"/{name}", headers=GZIP)
        assert answer.body == body
        assert "content-encoding" not in answer.headers
    refused = await ask(app, "/page", headers={"Accept-Encoding": "gzip;q=0, br;q=0, *"})
    assert refused.body == PAGE


async def test_errors_and_style_sheets_are_compressed_too(app: Quart) -> None:
    error = await ask(app, "/error", headers=GZIP)
    assert (error.status, gzip.decompress(error.body)) == (404, PAGE)
    assert "etag" not in error.headers
    plain = (await ask(app, "/static/koiwai.css")).body
    for coding, unpack in UNPACK.items():
        sheet = await ask(app, "/static/koiwai.css", headers={"Accept-Encoding": coding})
        assert unpack(sheet.body) == plain
        assert sheet.headers["content-type"] == "text/css; charset=utf-8"
        assert sheet.headers["content-length"] == str(len(sheet.body))
    assert len(sheet.body) <= len(gzip.compress(plain, 9)) + 20


async def test_the_better_coding_is_the_smaller(app: Quart) -> None:
    sizes = [len((await ask(app, "/long", headers=form)).body) for form in FORMS]
    assert sizes[0] > sizes[2] > sizes[1]


@pytest.mark.parametrize("coding", list(UNPACK))
async def test_a_long_answer_lets_others_have_their_turn(app: Quart, coding: str) -> None:
    form = {"Accept-Encoding": coding}
    turns = 0

    async def other() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    busy = asyncio.create_task(other())
    await asyncio.sleep(0)
    before = turns
    await ask(app, "/page", headers=form)
    for_a_page = turns - before
    before = turns
    await ask(app, "/long", headers=form)
    busy.cancel()
    assert turns - before >= for_a_page + len(LONG) // SLICE
