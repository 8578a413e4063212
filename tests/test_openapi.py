"""The API described: the OpenAPI document for programs, and the page at /api/ for people."""

from __future__ import annotations

import re
from typing import Any

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator
from quart import Quart

from app.api import shapes
from app.api.errors import ErrorAnswer, ErrorFacts
from app.api.routes import ROUTES
from app.web import pages_blueprint
from tests.support.asgi import ask
from tests.support.fake_archive import FakeArchive, build_app
from tests.support.pages import document, is_own_script, text

DOCUMENT = "/api/openapi.json"


def site(url: str = "") -> Quart:
    app = build_app(FakeArchive(url=url))
    app.register_blueprint(pages_blueprint())
    return app


@pytest.fixture
def app() -> Quart:
    return site()


@pytest.fixture
async def said(app: Quart) -> Any:
    return (await ask(app, DOCUMENT)).json


async def test_it_is_valid(said: Any) -> None:
    assert said["openapi"].startswith("3.1.")
    OpenAPIV31SpecValidator(said).validate()


def test_every_object_is_in_it_by_its_public_name(said: Any) -> None:
    structs = [one for one in vars(shapes).values() if isinstance(one, type) and one.__module__ == shapes.__name__]
    assert len(structs) > 8
    expected = {struct.__name__.removesuffix("Shape"): struct for struct in (*structs, ErrorAnswer, ErrorFacts)}
    found = said["components"]["schemas"]
    assert set(found) == {*expected, "PostPart"}
    for name, struct in expected.items():
        assert list(found[name]["properties"]) == list(struct.__struct_fields__)
        optional = {"rendered"} if name == "Post" else set()
        assert set(found[name]["required"]) == set(struct.__struct_fields__) - optional
    assert list(found["PostPart"]["properties"]) == list(found["Post"]["properties"])
    assert "required" not in found["PostPart"]


def test_everything_is_explained(said: Any) -> None:
    for schema in said["components"]["schemas"].values():
        assert schema["description"]
        for name, field in schema["properties"].items():
            assert field["description"], name
    for item in said["paths"].values():
        for operation in (item["get"], item["head"]):
            assert operation["summary"]
            for parameter in (*item.get("parameters", ()), *operation.get("parameters", ())):
                assert parameter["description"]


def test_times_and_what_may_be_null(said: Any) -> None:
    post = said["components"]["schemas"]["Post"]["properties"]
    assert (post["time"]["type"], post["time"]["format"]) == ("integer", "unixtime")
    assert post["expired"]["format"] == "unixtime"
    assert {"type": "null"} in post["expired"]["anyOf"]
    assert {"type": "null"} in post["media"]["anyOf"]
    times = {
        name
        for schema in said["components"]["schemas"].values()
        for name, field in schema["properties"].items()
        if field.get("format") == "unixtime"
    }
    assert times == {"newest", "time", "expired", "bumped", "modified", "reached"}


def test_statuses_and_headers(said: Any) -> None:
    for route in ROUTES:
        item = said["paths"][route.path]
        for method in ("get", "head"):
            responses = item[method]["responses"]
            assert set(responses) == {"200", "304", "405", *map(str, route.errors)}
            assert "ETag" in responses["200"]["headers"] and "ETag" in responses["304"]["headers"]
            for status, response in responses.items():
                assert ("content" in response) == (method == "get" and status != "304")
        if "503" in item["get"]["responses"]:
            assert "Retry-After" in item["get"]["responses"]["503"]["headers"]
    assert (
        "Last-Modified"
        in said["paths"]["/api/v1/boards/{board}/threads/{thread}"]["get"]["responses"]["200"]["headers"]
    )


async def test_it_is_answered_like_the_rest(app: Quart) -> None:
    whole = await ask(app, DOCUMENT)
    assert whole.headers["access-control-allow-origin"] == "*"
    again = await ask(app, DOCUMENT, headers={"If-None-Match": whole.headers["etag"]})
    assert again.status == 304
    assert (await ask(app, DOCUMENT, method="HEAD")).headers == whole.headers
    assert (await ask(app, f"{DOCUMENT}?x=1")).status == 400


async def test_where_it_says_the_server_is() -> None:
    async def servers(app: Quart, root_path: str = "") -> list[str]:
        said = (await ask(app, DOCUMENT, root_path=root_path)).json
        return [server["url"] for server in said["servers"]]

    assert await servers(site()) == ["/"]
    assert await servers(site(), "/sub") == ["/sub"]
    assert await servers(site("https://a.example/x")) == ["https://a.example/x"]


async def test_the_page(app: Quart, said: Any) -> None:
    answer = await ask(app, "/api/")
    assert answer.status == 200
    assert answer.headers["content-security-policy"].startswith("default-src 'none';")
    assert (await ask(app, "/api")).body == answer.body
    root = document(answer)
    assert not [element for element in root.iter() if element.tag == "style" or element.get("style")]
    assert [is_own_script(element) for element in root.iter("script")] == [True, True]
    ids = [element.get("id") for element in root.iter() if element.get("id")]
    assert len(ids) == len(set(ids))
    hrefs = [element.get("href") or "" for element in root.iter("a")]
    for fragment in (href for href in hrefs if href.startswith("#")):
        assert fragment[1:] in ids
    assert DOCUMENT in hrefs
    headings = {text(element) for element in root.iter("h3")}
    assert {f"GET {route.path}" for route in ROUTES} <= headings
    assert set(said["components"]["schemas"]) <= headings
    words = {text(element) for element in root.iter("code")}
    assert {parameter.name for route in ROUTES for parameter in route.parameters} <= words
    assert {name for one in said["components"]["schemas"].values() for name in one["properties"]} <= words


async def test_the_examples_on_the_page_are_addresses_of_this_archive() -> None:
    async def examples(app: Quart, root_path: str = "") -> list[str]:
        root = document(await ask(app, "/api/", root_path=root_path))
        return [re.fullmatch(r"curl '(.*)'", text(element))[1] for element in root.iter("pre")]  # type: ignore[index]

    app = site()
    for address in await examples(app):
        assert address.startswith("http://archive.example/")
        assert (await ask(app, address.removeprefix("http://archive.example"))).status in {200, 404}
    assert "http://archive.example/sub/healthz" in await examples(app, "/sub")
    assert "https://a.example/x/api/v1/boards/g" in await examples(site("https://a.example/x"))


async def test_other_answers_below_the_page_are_those_of_the_api(app: Quart) -> None:
    for method, target, status in (("GET", "/api/nothing", 404), ("POST", "/api/", 405), ("DELETE", "/api", 405)):
        answer = await ask(app, target, method=method)
        assert answer.status == status
        assert answer.json["error"]["status"] == status
    assert (await ask(app, "/api/", method="OPTIONS")).status == 204
    whole, head = await ask(app, "/api/"), await ask(app, "/api/", method="HEAD")
    assert (head.status, head.body, head.headers) == (200, b"", whole.headers)
