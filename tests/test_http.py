"""Answers with validators: what is sent, what is left out, and when nothing new is reported."""

from __future__ import annotations

import pytest
from quart import Quart, Response

from app.http import body_etag, etag_listed, respond
from tests.support.asgi import ask

BODY = "naïve\n".encode()
DATE = "Wed, 24 Apr 2013 17:50:28 GMT"
SECONDS = 1366825828


@pytest.fixture
def app() -> Quart:
    app = Quart(__name__)

    @app.get("/page")
    async def page() -> Response:
        return respond(BODY, "text/plain; charset=utf-8", last_modified=SECONDS, headers={"X-Kept": "yes"})

    @app.get("/gone")
    async def gone() -> Response:
        return respond(BODY, "text/plain; charset=utf-8", status=404)

    @app.get("/kept")
    async def kept() -> Response:
        return respond(BODY, "text/plain; charset=utf-8", cache_control="public, max-age=60")

    return app


async def test_whole_answer(app: Quart) -> None:
    response = await ask(app, "/page")
    assert response.status == 200
    assert response.body == BODY
    assert response.headers["content-type"] == "text/plain; charset=utf-8"
    assert response.headers["content-length"] == str(len(BODY))
    assert response.headers["last-modified"] == DATE
    assert response.headers["cache-control"] == "no-cache"
    assert response.headers["etag"] == body_etag(BODY)
    assert (await ask(app, "/kept")).headers["cache-control"] == "public, max-age=60"


def test_etag_is_strong_and_follows_the_bytes() -> None:
    assert body_etag(b"a") == body_etag(b"a") != body_etag(b"b")
    assert body_etag(b"a").startswith('"')
    assert len(body_etag(b"a")) == 34


async def test_head_has_the_headers_of_get_and_no_body(app: Quart) -> None:
    whole, head = await ask(app, "/page"), await ask(app, "/page", method="HEAD")
    assert head.status == 200
    assert head.body == b""
    assert head.headers == whole.headers


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("form", ["{}", "W/{}", '"x", {}', '{} , "x"', 'W/"x",W/{}', '"a,b", {}', "*", " * ", '"", {}'])
async def test_known_bytes_are_not_sent_again(app: Quart, method: str, form: str) -> None:
    headers = {"If-None-Match": form.format(body_etag(BODY))}
    response = await ask(app, "/page", method=method, headers=headers)
    assert response.status == 304
    assert response.body == b""
    assert response.headers["etag"] == body_etag(BODY)
    assert response.headers["last-modified"] == DATE
    assert response.headers["cache-control"] == "no-cache"
    assert response.headers["x-kept"] == "yes"
    assert "content-length" not in response.headers
    assert "content-type" not in response.headers


@pytest.mark.parametrize("form", ['"x"', "", "{bare}", '"*"', "{cut}", '"{bare}-zip"'])
async def test_other_tags_do_not_match(app: Quart, form: str) -> None:
    bare = body_etag(BODY).strip('"')
    response = await ask(app, "/page", headers={"If-None-Match": form.format(bare=bare, cut=f'"{bare}')})
    assert response.status == 200
    assert response.body == BODY


async def test_several_header_lines_are_one_list(app: Quart) -> None:
    headers = [("If-None-Match", '"x"'), ("If-None-Match", body_etag(BODY))]
    response = await ask(app, "/page", headers=headers)
    assert response.status == 304


async def test_a_date_alone_never_makes_a_304(app: Quart) -> None:
    response = await ask(app, "/page", headers={"If-Modified-Since": DATE})
    assert response.status == 200


async def test_errors_have_no_validators(app: Quart) -> None:
    response = await ask(app, "/gone", headers={"If-None-Match": "*"})
    assert response.status == 404
    assert response.body == BODY
    assert "etag" not in response.headers


def test_etag_listed_reads_tags_not_substrings() -> None:
    assert etag_listed('"a", "b"', '"b"')
    assert not etag_listed('"ab"', '"b"')
    assert not etag_listed(None, '"b"')
