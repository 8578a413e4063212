"""Single values out of a settings file: whether they suit their setting, and how a message speaks of them."""

import difflib
import unicodedata
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from msgspec import inspect

# The types of TOML values in the words of a message; all others are dates and times.
_WORDS: Mapping[type, str] = {
    bool: "true or false",
    int: "an integer",
    float: "a number",
    str: "text",
    dict: "a table",
    list: "an array",
}

# The TOML types that suit a setting's type; the last one names it in a message.
_EXPECTED: Mapping[type[inspect.Type], tuple[type, ...]] = {
    inspect.BoolType: (bool,),
    inspect.IntType: (int,),
    inspect.FloatType: (int, float),
    inspect.StrType: (str,),
    inspect.CustomType: (str,),
    inspect.LiteralType: (str,),
    inspect.DictType: (dict,),
}


def checked(kind: inspect.Type, value: Any, *, secret: bool) -> Any:
    """`value` as its setting holds it. ValueError with the rest of a sentence that starts with the key."""
    clean = None
    if isinstance(kind, inspect.Metadata):
        clean = (kind.extra or {}).get("clean")
        kind = kind.type
    if isinstance(kind, inspect.UnionType):  # "or None" is for a key left out: TOML has no null
        kind = next(member for member in kind.types if not isinstance(member, inspect.NoneType))
    types = _EXPECTED[type(kind)]
    if type(value) not in types:  # not isinstance: for it, true is an integer
        raise ValueError(f"must be {_WORDS[types[-1]]}, not {shown(value, secret=secret)}")
    if isinstance(kind, inspect.LiteralType) and value not in kind.values:
        choices = [str(choice) for choice in kind.values]
        words = f"{', '.join(map(quoted, choices[:-1]))} or {quoted(choices[-1])}"
        raise ValueError(f"must be {words}, not {shown(value)}{meant(closest(value, choices))}")
    if isinstance(kind, (inspect.IntType, inspect.FloatType)):
        low, high = kind.ge, kind.le
        assert low is not None and high is not None, "every number among the settings has two limits"
        if not low <= value <= high:
            raise ValueError(f"must be from {low} to {high}, not {shown(value)}")
        return float(value) if isinstance(kind, inspect.FloatType) else value
    for name, entry in value.items() if isinstance(kind, inspect.DictType) else ():
        if type(entry) is not str:
            raise ValueError(f"must hold text only, but {quoted(name)} is {shown(entry)}")
    if isinstance(value, str):
        if not value and (isinstance(kind, inspect.CustomType) or getattr(kind, "min_length", None)):
            raise ValueError("must not be empty")
        if not secret and any(unicodedata.category(character) == "Cc" for character in value):
            raise ValueError("must not hold control characters")
    if isinstance(kind, inspect.CustomType):
        return Path(value)
    return clean(value) if clean is not None else value


def shown(value: Any, *, secret: bool = False) -> str:
    """A value in words; only its kind if it is secret, a URL (it may hold a password) or beyond 64 bits."""
    words = _WORDS.get(type(value), "a date or time")
    if isinstance(value, str):
        return words if secret or "://" in value else f"the text {quoted(value)}"
    if secret or not isinstance(value, (int, float)) or (type(value) is int and abs(value) >= 2**63):
        return words
    return str(value).lower() if isinstance(value, bool) else f"the {words.split()[1]} {value}"


def closest(word: str, candidates: list[str]) -> str:
    """The candidate, in quotes, that `word` most likely misspells; "" if none is close."""
    return "".join(map(quoted, difflib.get_close_matches(word.lower(), candidates, n=1)))


def meant(guess: str) -> str:
    return f" (did you mean {guess}?)" if guess else ""


def quoted(text: str) -> str:
    """Text in double quotes, at most 60 characters of it, fit for one line of a terminal."""
    short = text if len(text) <= 60 else text[:59] + "…"
    return '"' + "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in short) + '"'
