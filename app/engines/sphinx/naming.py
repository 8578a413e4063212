"""What the indexes of a board are called."""

from __future__ import annotations

import re
from typing import Final

WORDS: Final = "koiwai_words"
"""An index without posts that tells how those of other hosts cut words: a server does not ask these for us."""
SHORTEST_PREFIX: Final = 2
"""Letters before a `*` in indexes of our own: the words that begin with one letter are too many to be looked for."""

_OTHERS: Final = re.compile(r"[^0-9A-Za-z_]")


def safe_name(board: str) -> str:
    """The board's name where it is made of ASCII letters, digits and _, as FoolFuuka's are; all else becomes its code
    point: `λ` is `u03bb`, `a-b` is `au002db`. Indexes cannot be called otherwise."""
    return _OTHERS.sub(lambda match: f"u{ord(match[0]):04x}", board)


def index_names(patterns: str, board: str) -> list[str]:
    """All indexes that a board may have, by `[search.sphinx] indexes`."""
    return [pattern.strip().replace("{board}", safe_name(board)) for pattern in patterns.split(",")]
