"""The table of fields in docs/search.md, made of the fields themselves."""

from __future__ import annotations

import re
from typing import Final

from app.search.fields import FIELDS, Field

_PLACE: Final = re.compile("<!-- fields -->\n.*?<!-- end -->", re.DOTALL)


def with_fields(text: str) -> str:
    """The Markdown text with the table between `<!-- fields -->` and `<!-- end -->` made anew."""
    lines = ["| key | finds posts | values |", "| --- | --- | --- |", *map(_row, FIELDS)]
    return _PLACE.sub("<!-- fields -->\n\n" + "\n".join(lines).replace("\\", r"\\") + "\n\n<!-- end -->", text)


def _row(field: Field) -> str:
    if field.kind.options:
        values = ", ".join(f"`{value}`: {label}" for value, label in field.kind.options)
        finds = field.label.lower()
    else:
        values = f"{field.hint}, such as `{field.example}`"
        finds = field.sentence.format("…")
    return f"| `{field.key}` | {finds} | {values.replace('|', chr(92) + '|')} |"
