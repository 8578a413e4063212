"""Colours that posts name, as classes of our style sheet: never more than a choice among these."""

from __future__ import annotations

import re
from typing import Final

FORTUNES: Final = (
    (0xF5, 0x1C, 0x6A),
    (0xFD, 0x4D, 0x32),
    (0xE7, 0x89, 0x0C),
    (0xBA, 0xC2, 0x00),
    (0x7F, 0xEC, 0x11),
    (0x43, 0xFD, 0x3B),
    (0x16, 0xF1, 0x74),
    (0x00, 0xCB, 0xB0),
    (0x08, 0x93, 0xE1),
    (0x2A, 0x56, 0xFB),
    (0x60, 0x23, 0xF8),
    (0x9D, 0x05, 0xDA),
    (0xD3, 0x02, 0xA7),
)
"""Red, green and blue of the live site's fortunes; the first is that of the class `fortune-1`."""

QUESTS: Final = frozenset({"red", "green", "blue"})
"""Colours of quest threads that there are classes for, such as `qst-red`."""

_HEXADECIMAL: Final = re.compile(r"#?(?:[0-9a-f]{3}|[0-9a-f]{6})", re.IGNORECASE | re.ASCII)


def fortune_class(colour: str) -> str:
    """The class of the fortune whose colour is nearest to `colour`, such as "#fd4d32"; "" for what is no colour."""
    if _HEXADECIMAL.fullmatch(colour) is None:
        return ""
    digits = colour.removeprefix("#")
    if len(digits) == 3:
        digits = "".join(digit * 2 for digit in digits)
    wanted = bytes.fromhex(digits)
    distances = [sum((a - b) ** 2 for a, b in zip(wanted, fortune, strict=True)) for fortune in FORTUNES]
    return f"fortune-{distances.index(min(distances)) + 1}"


def quest_class(colour: str) -> str:
    """The class of a colour's name; "" for one without."""
    name = colour.lower()
    return f"qst-{name}" if name in QUESTS else ""
