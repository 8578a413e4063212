"""The words in the address of a thread: `semantic_url`."""

from __future__ import annotations

import re
from typing import Final

LONGEST: Final = 50

_APOSTROPHE: Final = re.compile("['\u2019]")
_WORD: Final = re.compile("[a-z0-9]+")


def slug(text: str) -> str:
    """The first words of a text with hyphens between, as far as fifty characters go; "" for one without any.

    Only letters and digits of ASCII count, as in `lets-fold-together-2`.
    """
    found = ""
    # Only the beginning is looked at: comments are long, and the words of an address few.
    for word in _WORD.findall(_APOSTROPHE.sub("", text[: LONGEST * 10].lower())):
        longer = f"{found}-{word}" if found else word[:LONGEST]
        if len(longer) > LONGEST:
            break
        found = longer
    return found
