"""The API described for programs: an OpenAPI 3.1 document made of the table of routes and the shapes of answers."""

from __future__ import annotations

from collections.abc import Iterable
from http import HTTPStatus
from types import MappingProxyType
from typing import Any, Final

import msgspec

from app.api.errors import JSON_TYPE, METHODS, ErrorAnswer
from app.api.routing import Route
from app.api.shapes import PostShape
from app.version import VERSION

_REF: Final = "#/components/schemas/{name}"
_SUFFIX: Final = "Shape"
_PART: Final = "PostPart"

_ABOUT: Final = (
    "Everything a page of this archive shows is also here for programs. Any script on any site may read; there are no "
    "keys and no cookies. Objects have all their fields, null where nothing is known; only posts have fewer where the "
    "parameter `fields` asks for fewer. Times are Unix seconds in UTC. More fields may come: ignore those you do not "
    "know. Send an answer's ETag back as If-None-Match, and what has not changed is not sent again. Answers are "
    "compressed for clients that accept gzip."
)
_STATUSES: Final = MappingProxyType(
    {
        204: "What browsers want to know before they ask for another site's script.",
        304: "The client has it already: nothing has changed.",
        400: "A parameter is unknown or malformed; the message names it.",
        404: "There is no such board, thread, post, file or page.",
        405: f"The API answers only to {METHODS}.",
        503: "The archive cannot be read at the moment.",
    }
)
_ERROR_HEADERS: Final = MappingProxyType({405: "Allow", 503: "Retry-After"})
_HEADERS: Final = MappingProxyType(
    {
        "ETag": ("names exactly this answer; send it back as If-None-Match", True),
        "Last-Modified": ("newest time or expiry among the posts; informs only, a date alone never gives a 304", True),
        "Link": ("the answers before (`prev`) and after (`next`) this one, where there are any", False),
        "Allow": ("the methods that work here", True),
        "Retry-After": ("in how many seconds to come back, where that is known", False),
    }
)


def open_document(routes: Iterable[Route]) -> dict[str, Any]:
    """The document of these routes, without `servers`, which depend on the request."""
    listed = tuple(routes)
    answers = dict.fromkeys(route.answer for route in listed if route.answer is not None)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Koiwai API", "version": VERSION, "description": _ABOUT},
        "tags": [{"name": group} for group in dict.fromkeys(route.group for route in listed)],
        "paths": {route.path: _path(route) for route in listed},
        "components": {
            "schemas": _schemas([*answers, ErrorAnswer]),
            "headers": {
                name: {"description": description, "required": required, "schema": {"type": "string"}}
                for name, (description, required) in _HEADERS.items()
            },
        },
    }


def _path(route: Route) -> dict[str, Any]:
    common = {"tags": [route.group], "summary": route.summary}
    rules = {}
    if route.exclusive:
        *some, last = (f"`{parameter.name}`" for parameter in route.exclusive)
        rules["description"] = f"Only one of {', '.join(some)} and {last} may be given."
    parameters = [
        {
            "name": parameter.name,
            "in": "query",
            "description": parameter.description,
            "schema": parameter.schema(),
            **({"example": route.examples[parameter.name]} if parameter.name in route.examples else {}),
            **({"style": "form", "explode": False} if parameter.schema()["type"] == "array" else {}),
        }
        for parameter in route.parameters
    ]
    places = [
        {
            "name": name,
            "in": "path",
            "required": True,
            "description": place.description,
            "schema": dict(place.schema),
            "example": place.example,
        }
        for name, place in route.places.items()
    ]
    found = {"parameters": places} if places else {}
    asked = {"parameters": parameters} if parameters else {}
    return {
        **found,
        "get": {**common, **rules, "operationId": route.name, **asked, "responses": _responses(route, bodies=True)},
        "head": {
            **common,
            "operationId": f"{route.name}_head",
            "description": "The headers alone.",
            **asked,
            "responses": _responses(route, bodies=False),
        },
        "options": {
            **common,
            "operationId": f"{route.name}_options",
            "description": "What may be asked here.",
            "responses": {"204": {"description": _STATUSES[204], "headers": _headers(["Allow"])}},
        },
    }


def _responses(route: Route, *, bodies: bool) -> dict[str, Any]:
    good = {"description": f"{route.summary}.", "headers": _headers(route.headers)}
    if bodies:
        good["content"] = {route.content_type: {"schema": _answer_schema(route)}}
    responses: dict[str, Any] = {
        "200": good,
        "304": {"description": _STATUSES[304], "headers": _headers(route.headers)},
    }
    for status in sorted({*route.errors, HTTPStatus.METHOD_NOT_ALLOWED}):
        responses[f"{status:d}"] = {"description": _STATUSES[status]}
        if status in _ERROR_HEADERS:
            responses[f"{status:d}"]["headers"] = _headers([_ERROR_HEADERS[status]])
        if bodies:
            responses[f"{status:d}"]["content"] = {JSON_TYPE: {"schema": {"$ref": _ref(ErrorAnswer)}}}
    return responses


def _headers(names: Iterable[str]) -> dict[str, Any]:
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}


def _answer_schema(route: Route) -> Any:
    if route.answer is not None:
        return _whole_or_part({"$ref": _ref(route.answer)})
    return {"type": "object" if route.content_type == JSON_TYPE else "string"}


def _schemas(structs: Iterable[type]) -> dict[str, Any]:
    """Schemas of the structs and of all they hold, by their public names; and what `fields` makes of a post."""
    _, found = msgspec.json.schema_components(structs, ref_template=_REF)
    schemas = {}
    for name, schema in found.items():
        public = _public(name)
        fields = {field: _whole_or_part(_renamed(inner)) for field, inner in schema["properties"].items()}
        schemas[public] = {**schema, "title": public, "properties": fields}
    whole = schemas[_public(PostShape.__name__)]
    schemas[_PART] = {
        **{key: value for key, value in whole.items() if key != "required"},
        "title": _PART,
        "description": "A post with only those fields that the parameter `fields` asked for.",
    }
    return schemas


def _public(name: str) -> str:
    return name.removesuffix(_SUFFIX)


def _ref(struct: type) -> str:
    return _REF.format(name=_public(struct.__name__))


def _renamed(schema: Any) -> Any:
    """The schema with the public names of what it refers to."""
    if isinstance(schema, dict):
        return {key: _public(item) if key == "$ref" else _renamed(item) for key, item in schema.items()}
    return [_renamed(item) for item in schema] if isinstance(schema, list) else schema


def _whole_or_part(schema: Any) -> Any:
    """The schema with each post as it is with and without the parameter `fields`."""
    if isinstance(schema, list):
        return [_whole_or_part(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    if schema.get("$ref") == _ref(PostShape):
        rest = {key: item for key, item in schema.items() if key != "$ref"}
        return {**rest, "anyOf": [{"$ref": _ref(PostShape)}, {"$ref": _REF.format(name=_PART)}]}
    return {key: _whole_or_part(item) for key, item in schema.items()}
