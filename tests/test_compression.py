"""Answers made smaller: for whom, which, how they are named, and that they are the same when unpacked."""

from __future__ import annotations

import asyncio
import gzip

import pytest
from quart import Quart, Response

from app.compression import SHORTEST, SLICE, accepts_gzip, compressible
from app.http import respond
from app.static import static_blueprint
from tests.support.asgi import ask

TEXT = "text/plain; charset=utf-8"
SHORT = b"a" * (SHORTEST - 1)
PAGE = b"".join(b"line %d\n" % place for place in range(500))
LONG = b"".join(b"line %d\n" % place for place in range(60_000))
GZIP = {"Accept-Encoding": "gzip"}

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
        *(("gzip", True), ("br, gzip", True), ("GZIP", True), ("*", True), ("gzip;q=0.1", True)),
        *((None, False), ("", False), ("br", False), ("identity", False), ("gzip;q=0", False)),
        *(("gzip;q=0.0, *", False), ("gzip;q=0.2, identity;q=0.5", False), ("gzip;q=0.5, identity;q=0.5", True)),
        *(("*;q=0", False), ("deflate, *;q=0.1", True), ("gzip;q=x", False), (";;,=", False)),
    ],
)
def test_who_accepts_it(header: str | None, accepted: bool) -> None:
    assert accepts_gzip(header) is accepted


def test_what_is_worth_it() -> None:
    for kind in ("text/html; charset=utf-8", "TEXT/CSS", "application/json", "image/svg+xml", "application/atom+xml"):
        assert compressible(kind)
    for kind in ("image/png", "video/webm", "application/pdf", "application/octet-stream", ""):
        assert not compressible(kind)


@pytest.mark.parametrize(("name", "body"), [("page", PAGE), ("long", LONG)])
async def test_the_two_forms_say_the_same(app: Quart, name: str, body: bytes) -> None:
    plain, packed = await ask(app, f"/{name}"), await ask(app, f"/{name}", headers=GZIP)
    assert plain.body == body == gzip.decompress(packed.body)
    assert len(packed.body) < len(body) / 2
    assert "content-encoding" not in plain.headers
    assert packed.headers["content-encoding"] == "gzip"
    for answer in (plain, packed):
        assert answer.headers["vary"] == "Accept-Encoding"
        assert answer.headers["last-modified"] == plain.headers["last-modified"]
        assert answer.headers.get("content-length", str(len(answer.body))) == str(len(answer.body))
    assert packed.headers["content-type"] == plain.headers["content-type"]
    assert (await ask(app, f"/{name}", headers=GZIP)).body == packed.body


@pytest.mark.parametrize("name", ["page", "long"])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_either_tag_tells_that_nothing_has_changed(app: Quart, name: str, method: str) -> None:
    forms = ({}, GZIP)
    tags = [(await ask(app, f"/{name}", headers=form)).headers["etag"] for form in forms]
    assert len(set(tags)) == 2
    for form, own in zip(forms, tags, strict=True):
        for tag in (*tags, f"W/{tags[0]}", f"W/{tags[1]}", f'"x", {tags[1]}'):
            again = await ask(app, f"/{name}", method=method, headers={**form, "If-None-Match": tag})
            assert (again.status, again.body) == (304, b"")
            assert again.headers["etag"] == own
            assert again.headers["vary"] == "Accept-Encoding"
            assert not {"content-encoding", "content-length", "content-type"} & set(again.headers)
        changed = await ask(app, f"/{name}", method=method, headers={**form, "If-None-Match": '"x-gzip"'})
        assert changed.status == 200


@pytest.mark.parametrize("name", ["short", "page", "long", "picture", "error"])
async def test_head_has_the_headers_of_get(app: Quart, name: str) -> None:
    for form in ({}, GZIP):
        whole, head = await ask(app, f"/{name}", headers=form), await ask(app, f"/{name}", method="HEAD", headers=form)
        assert (head.status, head.body, head.headers) == (whole.status, b"", whole.headers)


async def test_what_is_left_as_it_is(app: Quart) -> None:
    for name, body in (("short", SHORT), ("picture", PAGE)):
        answer = await ask(app, f"/{name}", headers=GZIP)
        assert answer.body == body
        assert "content-encoding" not in answer.headers
    refused = await ask(app, "/page", headers={"Accept-Encoding": "gzip;q=0, *"})
    assert refused.body == PAGE


async def test_errors_and_style_sheets_are_compressed_too(app: Quart) -> None:
    error = await ask(app, "/error", headers=GZIP)
    assert (error.status, gzip.decompress(error.body)) == (404, PAGE)
    assert "etag" not in error.headers
    sheet = await ask(app, "/static/koiwai.css", headers=GZIP)
    assert gzip.decompress(sheet.body) == (await ask(app, "/static/koiwai.css")).body
    assert sheet.headers["content-type"] == "text/css; charset=utf-8"


async def test_a_long_answer_lets_others_have_their_turn(app: Quart) -> None:
    turns = 0

    async def other() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    busy = asyncio.create_task(other())
    await asyncio.sleep(0)
    before = turns
    await ask(app, "/page", headers=GZIP)
    for_a_page = turns - before
    before = turns
    await ask(app, "/long", headers=GZIP)
    busy.cancel()
    assert turns - before >= for_a_page + len(LONG) // SLICE
