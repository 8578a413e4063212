"""The `exif` column: JSON text in which every scraper keeps what found no column of its own.

Facts about its keys: Asagi schema notes, section 6.1. The text may be empty, cut off, of any shape, or
hostile; nothing here raises for it.
"""

from __future__ import annotations

import html
import re
from typing import Any, Final

import msgspec
from msgspec import Struct

from app.model import LARGEST_NUMBER

MOST_ROWS: Final = 60
LONGEST_NAME: Final = 60
LONGEST_VALUE: Final = 300
"""Limits of the table: rows, and characters of a name and of a value."""

_TIM: Final = re.compile(r"[1-9][0-9]{15}", re.ASCII)

_NOT_IN_TABLE: Final = frozenset(
    {
        "comment",
        "tim",
        "uniqueips",
        "archivedon",
        "since4pass",
        "trollcountry",
        "trollcountrycode",
        "trollcountryname",
    }
)
"""Keys (lower case, without underscores) that are shown elsewhere or, as `comment` (raw HTML), nowhere."""


class Exif(Struct, frozen=True):
    """What the `exif` column of one post says."""

    unique_ips: int | None = None
    """Number of posters in the thread when it was last seen; stored on opening posts."""
    since4pass: int | None = None
    """Year since which the poster has had a pass."""
    flag: tuple[str, str] | None = None
    """Board flag: code and name. Where only one of them is stored, it stands for both."""
    archived_on: int | None = None
    """When the live site archived the thread (Unix time)."""
    tim: int | None = None
    """The live site's name of the file in microseconds, 16 digits, where a shorter one is stored in its place."""
    table: tuple[tuple[str, str], ...] = ()
    """Camera or Oekaki facts, in stored order: name and value as plain text."""


_NOTHING: Final = Exif()


def read_exif(text: str | None) -> Exif:
    """Read the stored JSON. Anything unreadable gives an empty Exif."""
    if not text:
        return _NOTHING
    try:
        stored = msgspec.json.decode(text)
    except (msgspec.DecodeError, ValueError, RecursionError):
        return _NOTHING
    if not isinstance(stored, dict):
        return _NOTHING
    return Exif(
        unique_ips=_number(stored.get("uniqueIps")),
        since4pass=_number(stored.get("since4pass")),
        flag=_flag(stored),
        archived_on=_number(stored.get("archivedOn")),
        tim=_tim(stored.get("tim")),
        table=_table(stored),
    )


def _flag(stored: dict[str, Any]) -> tuple[str, str] | None:
    single = _text(stored.get("trollCountry")) or _text(stored.get("troll_country"))
    code = _text(stored.get("troll_country_code")) or single
    name = _text(stored.get("troll_country_name")) or single
    if not code and not name:
        return None
    return _cut(code or name, LONGEST_NAME), _cut(name or code, LONGEST_NAME)


def _table(stored: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    rows = []
    for key, value in stored.items():
        if key.replace("_", "").lower() in _NOT_IN_TABLE:
            continue
        name, shown = html.unescape(key).strip(), _text(value)
        if name and shown:
            rows.append((_cut(name, LONGEST_NAME), _cut(shown, LONGEST_VALUE)))
        if len(rows) == MOST_ROWS:
            break
    return tuple(rows)


def _number(value: object) -> int | None:
    """A positive number, stored as a number or as its digits."""
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 10:
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool) and 0 < value <= LARGEST_NUMBER:
        return value
    return None


def _tim(value: object) -> int | None:
    """A number of 16 digits, stored as a number or as text."""
    if isinstance(value, bool) or not isinstance(value, (int, str)):
        return None
    return int(value) if _TIM.fullmatch(str(value)) else None


def _text(value: object) -> str:
    """A value as plain text: entities decoded once, "" for nothing and for nested values."""
    if isinstance(value, str):
        return html.unescape(value).strip()
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return str(value)
    return ""


def _cut(text: str, length: int) -> str:
    return text if len(text) <= length else text[: length - 1] + "…"
