"""The tables in docs/api.md, made of the same table of routes and the same shapes as the API itself."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Final

from app.api.document import open_document
from app.api.routes import ROUTES
from app.contract import operations, schemas

_PLACE: Final = re.compile(r"<!-- (parameters|fields) of (\w+) -->\n.*?<!-- end -->", re.DOTALL)


def with_tables(text: str) -> str:
    """The Markdown text with its tables made anew.

    `<!-- parameters of threads -->` and `<!-- end -->` hold the table of an operation's parameters,
    `<!-- fields of Post -->` and `<!-- end -->` that of an object's fields. Raises KeyError for a name that the API
    does not know.
    """
    document = open_document(ROUTES)
    asked = {operation.name: operation for operation in operations(document)}
    objects = {schema.name: schema for schema in schemas(document)}

    def parameters(name: str) -> str:
        table = _table(
            ("parameter", "values", "default", "meaning"),
            ((f"`{one.name}`", one.values, one.default, one.meaning) for one in asked[name].parameters),
        )
        return f"{table}\n\n{asked[name].note}".rstrip()

    def fields(name: str) -> str:
        return _table(
            ("field", "type", "meaning"),
            ((f"`{one.name}`", "".join(word.text for word in one.type), one.meaning) for one in objects[name].fields),
        )

    tables: dict[str, Callable[[str], str]] = {"parameters": parameters, "fields": fields}
    return _PLACE.sub(
        lambda place: f"<!-- {place[1]} of {place[2]} -->\n\n{tables[place[1]](place[2])}\n\n<!-- end -->", text
    )


def _table(heads: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [heads, ("---",) * len(heads), *rows]
    return "\n".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |" for line in lines)
