"""The API's OpenAPI document as people read it: rows for tables, on the page at `/api/` and in docs/api.md."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final, cast

from msgspec import Struct
from quart import current_app

from app.model import LARGEST_NUMBER

EXTENSION: Final = "koiwai.contract"
"""The key of the document in `app.extensions`."""


class Word(Struct, frozen=True):
    """A piece of a type's description; `schema` is the schema that it names, "" where it names none."""

    text: str
    schema: str = ""


class Field(Struct, frozen=True):
    """A field of a schema."""

    name: str
    type: tuple[Word, ...]
    meaning: str


class Schema(Struct, frozen=True):
    """An object in answers."""

    name: str
    meaning: str
    fields: tuple[Field, ...]


class Parameter(Struct, frozen=True):
    """A parameter of a route, or a part of its path."""

    name: str
    values: str
    default: str
    meaning: str


class Operation(Struct, frozen=True):
    """A question to the API."""

    name: str
    group: str
    path: str
    summary: str
    places: tuple[Parameter, ...]
    example: str
    """Its path, with those parameters that an example cannot do without, all values as names in braces."""
    examples: Mapping[str, str]
    """What stands for these names in an example."""
    parameters: tuple[Parameter, ...]
    note: str
    """What holds for several parameters together; "" where nothing does."""
    answer: tuple[Word, ...]
    content_type: str
    statuses: tuple[tuple[str, str], ...]


def current_document() -> dict[str, Any]:
    """The document of the running app's API; it has no `servers`."""
    return cast("dict[str, Any]", current_app.extensions[EXTENSION])


def operations(document: Mapping[str, Any]) -> list[Operation]:
    """What may be asked with GET, in the order of the document."""
    found = []
    for path, item in document["paths"].items():
        places = item.get("parameters", [])
        asked = item["get"]
        needed = [parameter for parameter in asked.get("parameters", []) if "example" in parameter]
        query = "&".join(f"{parameter['name']}={{{parameter['name']}}}" for parameter in needed)
        responses = asked["responses"]
        ((content_type, content),) = responses["200"]["content"].items()
        found.append(
            Operation(
                name=asked["operationId"],
                group=asked["tags"][0],
                path=path,
                summary=asked["summary"],
                places=tuple(_parameter(place) for place in places),
                example=f"{path}?{query}" if query else path,
                examples={each["name"]: str(each["example"]) for each in (*places, *needed)},
                parameters=tuple(_parameter(parameter) for parameter in asked.get("parameters", [])),
                note=asked.get("description", ""),
                answer=tuple(_words(content["schema"])),
                content_type=content_type,
                statuses=tuple((status, answer["description"]) for status, answer in responses.items()),
            )
        )
    return found


def schemas(document: Mapping[str, Any]) -> list[Schema]:
    """The objects in answers, in the order of the document."""
    return [
        Schema(
            name,
            schema["description"],
            tuple(
                Field(field, tuple(_words(inner)), inner["description"])
                for field, inner in schema["properties"].items()
            ),
        )
        for name, schema in document["components"]["schemas"].items()
    ]


def _parameter(parameter: Mapping[str, Any]) -> Parameter:
    schema = parameter["schema"]
    default = schema.get("default")
    return Parameter(
        parameter["name"], _values(schema), "" if default is None else f"`{default}`", parameter["description"]
    )


def _values(schema: Mapping[str, Any]) -> str:
    if "title" in schema:
        return cast("str", schema["title"])
    if "enum" in schema:
        return ", ".join(f"`{value}`" for value in schema["enum"])
    if schema["type"] == "integer":
        highest = schema["maximum"]
        return f"{schema['minimum']} and up" if highest == LARGEST_NUMBER else f"{schema['minimum']} to {highest}"
    return "text"


def _words(schema: Mapping[str, Any]) -> Iterator[Word]:
    """The type that a schema asks for, such as "list of Post", or "time or null"."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        yield Word(name, name)
    elif "anyOf" in schema:
        timely = schema.get("format") == "unixtime"
        for place, choice in enumerate(schema["anyOf"]):
            if place:
                yield Word(" or ")
            yield from _words(
                {**choice, "format": "unixtime"} if timely and choice.get("type") == "integer" else choice
            )
    elif schema.get("type") == "array":
        yield Word("list of ")
        yield from _words(schema["items"])
    elif schema.get("format") == "unixtime":
        yield Word("time")
    else:
        yield Word("string" if "enum" in schema else cast("str", schema["type"]))
