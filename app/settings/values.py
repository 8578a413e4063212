"""Single values out of a file, a variable or a URL: whether they suit their setting, and how messages speak of them."""

import difflib
import re
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

# What a variable may hold for true and false.
_BOOLEANS: Mapping[str, bool] = {
    **dict.fromkeys(("true", "yes", "on", "1"), True),
    **dict.fromkeys(("false", "no", "off", "0"), False),
}

# How numbers are written in a variable.
_NUMBERS: tuple[tuple[type[inspect.Type], str, type[int] | type[float]], ...] = (
    (inspect.IntType, r"[+-]?\d{1,100}", int),
    (inspect.FloatType, r"[+-]?(\d{1,100}(\.\d{0,100})?|\.\d{1,100})([eE][+-]?\d{1,3})?", float),
)


def checked(kind: inspect.Type, value: Any, *, secret: bool) -> Any:
    """`value` as its setting holds it. ValueError with the rest of a sentence that starts with the key."""
    clean = (kind.extra or {}).get("clean") if isinstance(kind, inspect.Metadata) else None
    kind = bare(kind)
    types = _EXPECTED[type(kind)]
    if type(value) not in types:  # not isinstance: for it, true is an integer
        raise ValueError(f"must be {_WORDS[types[-1]]}, not {shown(value, secret=secret)}")
    if isinstance(kind, inspect.LiteralType) and value not in kind.values:
        choices = [str(choice) for choice in kind.values]
        words = f"{', '.join(map(quoted, choices[:-1]))} or {quoted(choices[-1])}"
        raise ValueError(f"must be {words}, not {shown(value, secret=secret)}{meant(closest(value, choices))}")
    if isinstance(kind, (inspect.IntType, inspect.FloatType)):
        low, high = kind.ge, kind.le
        assert low is not None and high is not None, "every number among the settings has two limits"
        if not low <= value <= high:
            raise ValueError(f"must be from {low} to {high}, not {shown(value, secret=secret)}")
        return float(value) if isinstance(kind, inspect.FloatType) else value
    for name, entry in value.items() if isinstance(kind, inspect.DictType) else ():
        if type(entry) is not str:
            raise ValueError(
                f"must hold text only, but {quoted(name)} is {shown(entry, secret=type(entry) is not bool)}"
            )
    if isinstance(value, str):
        if not value and (isinstance(kind, inspect.CustomType) or getattr(kind, "min_length", None)):
            raise ValueError("must not be empty")
        if not secret and any(unicodedata.category(character) == "Cc" for character in value):
            raise ValueError("must not hold control characters")
    if isinstance(kind, inspect.CustomType):
        return Path(value)
    return clean(value) if clean is not None else value


def bare(kind: inspect.Type) -> inspect.Type:
    """The type itself, without what is said about it, and without "or None", which is for a key left out."""
    if isinstance(kind, inspect.Metadata):
        kind = kind.type
    if isinstance(kind, inspect.UnionType):
        kind = next(member for member in kind.types if not isinstance(member, inspect.NoneType))
    return kind


def may_be_absent(kind: inspect.Type) -> bool:
    """Whether None is what the key has when nobody sets it."""
    inner = kind.type if isinstance(kind, inspect.Metadata) else kind
    return isinstance(inner, inspect.UnionType)


def from_text(kind: inspect.Type, text: str, *, secret: bool) -> Any:
    """What a variable or a part of a URL means for a setting, for `checked`; None leaves it unset.

    ValueError with the rest of a sentence that starts with the key.
    """
    if not text and may_be_absent(kind):
        return None
    if not text.isascii() and any(unicodedata.category(character) == "Cs" for character in text):
        raise ValueError("is not UTF-8 text")
    kind = bare(kind)
    if isinstance(kind, inspect.DictType):
        raise ValueError("cannot be set here: it is a table, which only config.toml can hold")  # noqa: TRY004
    if isinstance(kind, inspect.BoolType):
        if text.lower() not in _BOOLEANS:
            raise ValueError(f"must be true or false, not {shown(text, secret=secret)}")
        return _BOOLEANS[text.lower()]
    for struct, pattern, number in _NUMBERS:
        if isinstance(kind, struct):
            if not re.fullmatch(pattern, text, re.ASCII):
                raise ValueError(f"must be {_WORDS[number]}, not {shown(text, secret=secret)}")
            return number(text)
    return text


def shown(value: Any, *, secret: bool = False) -> str:
    """A value in words; only its kind if it is secret, a URL (it may hold a password) or beyond 64 bits."""
    words = _WORDS.get(type(value), "a date or time")
    if isinstance(value, str):
        return words if secret or "://" in value else f"the text {quoted(value)}"
    if secret or not isinstance(value, (int, float)) or (type(value) is int and abs(value) >= 2**63):
        return words
    return str(value).lower() if isinstance(value, bool) else f"the {words.split()[1]} {value}"


def closest(word: str, candidates: list[str], likeness: float = 0.6) -> str:
    """The candidate, in quotes, that `word` most likely misspells; "" if none is close."""
    return "".join(map(quoted, difflib.get_close_matches(word.lower(), candidates, n=1, cutoff=likeness)))


def meant(guess: str) -> str:
    return f" (did you mean {guess}?)" if guess else ""


def quoted(text: str) -> str:
    """Text in double quotes, at most 60 characters of it, fit for one line of a terminal."""
    short = text if len(text) <= 60 else text[:59] + "…"
    return '"' + "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in short) + '"'
