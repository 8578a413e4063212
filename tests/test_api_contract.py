"""The API keeps what its OpenAPI document promises, whatever it is asked: hundreds of invented requests, good and bad.

The requests are the same on every run. What the document cannot say in general (which boards and numbers there are,
that two parameters exclude each other) is told to the inventor of the requests; what it promises is taken as it is,
with one thing made stricter: a field that it does not know counts as a breach.
"""

from __future__ import annotations

import copy
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import Case, GenerationMode
from schemathesis.core.failures import FailureGroup

from app.api.document import open_document
from app.api.routes import ROUTES
from app.search import FIELDS
from tests.support.served import Served, served

__all__ = ["served"]

EXAMPLES = {"GET": 12, "HEAD": 6, "OPTIONS": 2}
EXCLUSIVE = ("before", "after", "cursor", "page")
THREADS = ("threads", "catalog")
SEARCH = "/api/v1/search"
SEARCHED = {field.key: [value for value, _ in field.kind.options] or [field.example] for field in FIELDS}
"""Values of the fields of a search, one of which must be given."""

METHODS = ("GET", "HEAD", "OPTIONS")
GOOD = [(method, route.path) for route in ROUTES for method in METHODS]
BAD = [(method, route.path) for route in ROUTES for method in METHODS[:2] if route.parameters or len(route.places) > 1]
"""Requests that break the rules of the document; a route without any rules has none, OPTIONS never looks."""

Document = dict[str, Any]


@pytest.fixture(scope="module")
def document(served: Served) -> Document:
    """What the server says of itself, narrowed to what its archive has."""
    found: Document = served.json("/api/openapi.json")
    page = served.json("/api/v1/boards/g/threads?limit=4&order=ghost&replies=10")["threads"]
    page += served.json("/api/v1/boards/g/threads?limit=4")["threads"]
    posts = [post for thread in page for post in (thread["op"], *thread["replies"])]
    ids = [f"{post['num']}_{post['subnum']}" if post["subnum"] else str(post["num"]) for post in posts]
    hashes = [post["media"]["hash"] for post in posts if post["media"]]
    assert any("_" in post for post in ids) and hashes
    known: dict[str, list[Any]] = {
        "board": ["g", "ck", "λ", "nothing"],
        "thread": [*(thread["num"] for thread in page), 7],
        "post": [*ids, "7", "7_1"],
        "hash": [*hashes, *(one.replace("/", "_").replace("+", "-").rstrip("=") for one in hashes), "A" * 22],
    }
    cursors = [thread["cursor"] for thread in page]
    for path, item in found["paths"].items():
        for place in item.get("parameters", []):
            _only(place, known[place["name"]])
            if place["name"] == "board" and path.count("{") > 1:
                _only(place, ["g", "nothing"])  # the numbers are those of one board
        for method in ("get", "head"):
            for parameter in item[method].get("parameters", []):
                if parameter["name"] in {"before", "after"}:
                    _only(parameter, cursors if path.endswith(THREADS) else ids)
    for schema in found["components"]["schemas"].values():
        schema["additionalProperties"] = False
    return found


def _narrow_search(parameter: Document) -> None:
    """Values that are good, and go together: a pattern lets through numbers that are too large, and no word at all."""
    name = parameter["name"]
    if name == "boards":
        parameter["schema"]["items"]["enum"] = ["g", "ck", "λ"]
    elif name == "cursor":
        _only(parameter, ["3~g.88410342_1"])
    elif name == "type":
        _only(parameter, ["reply"])  # the field "op" finds no others
    elif name in SEARCHED:
        _only(parameter, SEARCHED[name])


def _only(parameter: Document, values: list[Any]) -> None:
    """The first word of a parameter's schema is what it is, so that breaking it breaks the kind too."""
    parameter["schema"] = {"type": parameter["schema"]["type"], "enum": values}


def try_out(served: Served, document: Document, mode: GenerationMode, method: str, path: str) -> set[int]:
    """Asks invented questions of one kind; the statuses of the answers, each of which is as documented."""
    document = copy.deepcopy(document)
    if mode is GenerationMode.POSITIVE:
        for parameter in document["paths"][SEARCH][method.lower()].get("parameters", []):
            _narrow_search(parameter)
    schema = schemathesis.openapi.from_dict(document)
    schema.config.update(base_url=served.base)
    found: set[int] = set()

    @settings(
        max_examples=EXAMPLES[method],
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=schema[path][method].as_strategy(generation_mode=mode))
    def ask(case: Case) -> None:
        if mode is GenerationMode.POSITIVE:
            for name in [name for name in EXCLUSIVE if name in case.query][1:]:
                del case.query[name]
            if path == SEARCH and "cursor" in case.query:
                case.query.pop("boards", None)  # which may leave out the board of the cursor
            if path == SEARCH and not case.query.keys() & SEARCHED:
                case.query["text"] = "the"
        response = case.call()
        found.add(response.status_code)
        case.validate_response(response)

    ask()
    return found


@pytest.mark.parametrize(("method", "path"), GOOD)
def test_good_questions(served: Served, document: Document, method: str, path: str) -> None:
    statuses = try_out(served, document, GenerationMode.POSITIVE, method, path)
    assert statuses <= {200, 204, 404}
    assert statuses & {200, 204}


@pytest.mark.parametrize(("method", "path"), BAD)
def test_bad_questions(served: Served, document: Document, method: str, path: str) -> None:
    assert try_out(served, document, GenerationMode.NEGATIVE, method, path) <= {400, 404}


@pytest.mark.parametrize("broken", ["field left out of the document", "field never sent", "field of another type"])
def test_a_breach_is_found(served: Served, document: Document, broken: str) -> None:
    false = copy.deepcopy(document)
    for name in ("Post", "PostPart") if broken == "field of another type" else ("ThreadList",):
        schema = false["components"]["schemas"][name]
        if broken == "field left out of the document":
            del schema["properties"]["pages"]
            schema["required"].remove("pages")
        elif broken == "field never sent":
            schema["properties"]["pagination"] = {"type": "object"}
            schema["required"].append("pagination")
        else:
            schema["properties"]["num"] = {"type": "string"}
    with pytest.raises(FailureGroup):
        try_out(served, false, GenerationMode.POSITIVE, "GET", "/api/v1/boards/{board}/threads")


def test_an_undocumented_status_is_found(served: Served, document: Document) -> None:
    false = copy.deepcopy(document)
    path = false["paths"]["/api/v1/boards/{board}"]
    del path["get"]["responses"]["404"]
    _only(path["parameters"][0], ["nothing"])
    with pytest.raises(FailureGroup):
        try_out(served, false, GenerationMode.POSITIVE, "GET", "/api/v1/boards/{board}")


def test_the_document_is_the_table_of_routes(served: Served) -> None:
    said = served.json("/api/openapi.json")
    assert said.pop("servers") == [{"url": "/", "description": "this archive"}]
    assert said == open_document(ROUTES)
