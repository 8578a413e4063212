"""Text in SphinxQL: in a string, in the language of MATCH(), and names of indexes."""

from __future__ import annotations

import re
from typing import Final

_IN_STRING: Final = re.compile(r"[\\']")
_NEVER: Final = re.compile("[\x00-\x1f\x7f]")  # the server's scanner ends at NUL; the others stand between words anyway
_OPERATORS: Final = re.compile(r"""[\\()|\-!@~"&/^$=<>*%?'\[\]{}:,.+#;]""")
_NAME: Final = re.compile(r"\w+", re.ASCII)


def literal(text: str) -> str:
    """A string of a statement, with its quotation marks."""
    return "'" + _IN_STRING.sub(r"\\\g<0>", _NEVER.sub(" ", text)) + "'"


def plain(text: str) -> str:
    """Text for a query in which no character is an operator. Words that are operators (NEAR, MAYBE) are none between
    quotation marks."""
    return _OPERATORS.sub(r"\\\g<0>", _NEVER.sub(" ", text))


def keyword(word: str, *, goes_on: bool = False) -> str:
    """One word of a query; one that goes on finds all words that begin with it."""
    return f'"{plain(word)}{"*" if goes_on else ""}"'


def index_name(name: str) -> str:
    """An index in a statement. Names are made of ASCII letters, digits and _ (see `naming`), but may begin with a
    digit, or be a word of the language."""
    if not _NAME.fullmatch(name):
        raise ValueError(f"{name!r} is no name of an index")
    return f"`{name}`"
