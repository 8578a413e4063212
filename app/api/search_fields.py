"""The fields of a search as parameters of a route: one for each row of `app.search.FIELDS`."""

from __future__ import annotations

import re
from typing import Any, Final

from msgspec import Struct

from app.errors import BadRequest
from app.search import FIELDS, Field
from app.search.dates import DateKind
from app.search.kinds import (
    ChoiceKind,
    CountryKind,
    ExactKind,
    ExtensionKind,
    HashKind,
    Kind,
    NumberKind,
    TextKind,
    YearKind,
)
from app.search.words import LONGEST_TEXT

_SIGN: Final = "(>=|<=|=|>|<)?"


class SearchField(Struct, frozen=True):
    """A field of a search. Its value is judged together with the others, by `app.search.read_query`."""

    field: Field

    @property
    def name(self) -> str:
        return self.field.key

    @property
    def description(self) -> str:
        field = self.field
        if isinstance(field.kind, ChoiceKind):
            return f"{field.label}: {'; '.join(f'`{value}`: {label}' for value, label in field.kind.options)}"
        hint = f": {field.hint}" if field.hint else ""
        return f"{field.label}{hint}; such as `{field.example}`"

    def read(self, value: str | None) -> str | None:
        # A search page takes an empty line of its form for "not asked"; of a program it is a slip.
        if value is not None and not value.strip():
            raise BadRequest(f'The parameter "{self.name}" must not be empty.')
        return value

    def schema(self) -> dict[str, Any]:
        return _schema(self.field.kind)


class BoardNames(Struct, frozen=True):
    """Names of boards, with commas or dots between; the archive knows which there are."""

    name: str
    description: str

    def read(self, value: str | None) -> str | None:
        if value is not None and not all(name.strip() for name in re.split("[.,]", value)):
            raise BadRequest(f'The parameter "{self.name}" must be names of boards, with commas between.')
        return value

    def schema(self) -> dict[str, Any]:
        return {
            "type": "array",
            "title": "names, with commas between",
            "items": {"type": "string", "minLength": 1},
            "minItems": 1,
        }


SEARCH_FIELDS: Final = tuple(map(SearchField, FIELDS))


def _schema(kind: Kind) -> dict[str, Any]:
    found: dict[str, Any] = {"type": "string"}
    if isinstance(kind, ChoiceKind):
        found |= {"enum": [value for value, _ in kind.options]}
    elif isinstance(kind, TextKind):
        found |= {"title": "words", "minLength": 1, "maxLength": LONGEST_TEXT}
    elif isinstance(kind, ExactKind | CountryKind):
        found |= {"title": "text", "minLength": 1, "maxLength": 100}
    elif isinstance(kind, HashKind):
        found |= {"title": "MD5 in base64", "pattern": "^[A-Za-z0-9+/_-]{22}(==)?$"}
    elif isinstance(kind, ExtensionKind):
        found |= {"title": "the ending of a file name", "pattern": r"^\.?[A-Za-z0-9]{1,10}$"}
    elif isinstance(kind, YearKind):
        found |= {"title": "a year", "pattern": "^20[0-9]{2}$"}
    elif isinstance(kind, NumberKind):
        found |= _number(kind)
    elif isinstance(kind, DateKind):
        found |= {
            "title": "a date",
            "pattern": "^[0-9]{4}([-/][0-9]{1,2}([-/][0-9]{1,2}([T ][0-9]{1,2}:[0-9]{2}(:[0-9]{2})?Z?)?)?)?$",
        }
    else:
        found |= {"minLength": 1}
    return found


def _number(kind: NumberKind) -> dict[str, Any]:
    if kind.only_equal:
        return {"title": "a number", "pattern": "^=?[0-9]{1,12}$"}
    unit = "([kKmMgG]?([iI]?[bB])?)?" if kind.units else ""
    return {"title": "a number, `>=` or `<=` before it", "pattern": f"^{_SIGN}[0-9]{{1,12}}{unit}$"}
