"""Kinds of query parameters: each knows how its value is read, and what the API's document says of it.

`read` takes the text as it stands in the address, or None where the parameter is absent, and raises BadRequest
with a sentence that names the parameter. `schema` is JSON Schema; its `title` describes the values to people where
the rest does not.
"""

from __future__ import annotations

from typing import Any, Final, Generic, Literal, Protocol, TypeVar

from msgspec import Struct

from app.errors import BadRequest, NotFound
from app.model import LARGEST_NUMBER, PostId, parse_post_id

C = TypeVar("C", bound=str)
D = TypeVar("D", int, None)
T_co = TypeVar("T_co", covariant=True)

POST_NUMBER: Final = "^[0-9]{1,10}([_,][0-9]{1,10})?$"
"""The form of a post's number, as `123` or, for a ghost post, `123_1`."""


class Parameter(Protocol[T_co]):
    """A parameter of a route."""

    @property
    def name(self) -> str: ...

    @property
    def description(self) -> str: ...

    def read(self, value: str | None) -> T_co: ...

    def schema(self) -> dict[str, Any]: ...


class Integer(Struct, Generic[D], frozen=True):
    """A whole number within bounds."""

    name: str
    description: str
    default: D
    lowest: int
    highest: int = LARGEST_NUMBER

    def read(self, value: str | None) -> int | D:
        if value is None:
            return self.default
        if value.isascii() and value.isdigit() and len(value) <= 10 and self.lowest <= int(value) <= self.highest:
            return int(value)
        raise BadRequest(f'The parameter "{self.name}" must be a whole number from {self.lowest} to {self.highest}.')

    def schema(self) -> dict[str, Any]:
        bounds = {"type": "integer", "minimum": self.lowest, "maximum": self.highest}
        return bounds if self.default is None else {**bounds, "default": self.default}


class Choice(Struct, Generic[C], frozen=True):
    """One of some words, the first of them where the parameter is absent."""

    name: str
    description: str
    options: tuple[C, ...]

    def read(self, value: str | None) -> C:
        if value is None:
            return self.options[0]
        for option in self.options:
            if option == value:
                return option
        raise BadRequest(f'The parameter "{self.name}" must be one of: {", ".join(self.options)}.')

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "enum": list(self.options), "default": self.options[0]}


class Flag(Struct, frozen=True):
    """`1` for yes, `0` or absent for no."""

    name: str
    description: str

    def read(self, value: str | None) -> bool:
        options: tuple[Literal["0"], Literal["1"]] = ("0", "1")
        return Choice(self.name, self.description, options).read(value) == "1"

    def schema(self) -> dict[str, Any]:
        return {"type": "integer", "enum": [0, 1], "default": 0}


class Cursor(Struct, frozen=True):
    """A place in a list or a search, as an earlier answer named it. The archive judges its form."""

    name: str
    description: str

    def read(self, value: str | None) -> str | None:
        return value

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "title": "a cursor", "minLength": 1}


class PostNumber(Struct, frozen=True):
    """The number of a post."""

    name: str
    description: str

    def read(self, value: str | None) -> PostId | None:
        if value is None:
            return None
        try:
            return parse_post_id(value)
        except NotFound:
            raise BadRequest(f'The parameter "{self.name}" must be the number of a post, as 123 or 123_1.') from None

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "title": "a post number", "pattern": POST_NUMBER}


class Names(Struct, frozen=True):
    """Some of `options`, each once, with commas between; None where the parameter is absent."""

    name: str
    description: str
    options: tuple[str, ...]

    def read(self, value: str | None) -> frozenset[str] | None:
        if value is None:
            return None
        given = value.split(",")
        for name in given:
            if name not in self.options:
                raise BadRequest(
                    f'The parameter "{self.name}" does not know "{name[:50]}"; it knows: {", ".join(self.options)}.'
                )
            if given.count(name) > 1:
                raise BadRequest(f'The parameter "{self.name}" names "{name}" twice.')
        return frozenset(given)

    def schema(self) -> dict[str, Any]:
        return {
            "type": "array",
            "title": "names, with commas between",
            "items": {"type": "string", "enum": list(self.options)},
            "minItems": 1,
            "uniqueItems": True,
        }
