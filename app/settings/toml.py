"""Writing TOML: what a key, a value and a comment look like."""

from __future__ import annotations

import json
import re
import textwrap
from typing import Any

_WIDTH = 112


def toml_key(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else toml_value(name)


def toml_value(value: Any) -> str:
    """A scalar, a path or a table of them in one line."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return str(value)
    if isinstance(value, dict):
        return f"{{ {', '.join(f'{toml_key(name)} = {toml_value(entry)}' for name, entry in value.items())} }}"
    # The escapes of JSON are escapes of TOML too, which forbids a bare DEL besides.
    return json.dumps(str(value), ensure_ascii=False).replace("\x7f", "\\u007f")


def comment(text: str) -> list[str]:
    """A text as lines that start with #."""
    return textwrap.wrap(text, _WIDTH, initial_indent="# ", subsequent_indent="# ", break_on_hyphens=False)
