"""Patterns for looking into texts: parts that follow one another, with anything before, between and behind.

Letters beyond ASCII that have an upper and a lower case are written as a choice of all their forms where a database
folds only ASCII. Comments and file names are stored with markup and entities in them, so what is looked for is cut into
parts where these may stand; what is found is compared once more by `app.search`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from unicodedata import ucd_3_2_0

from app.search.folding import variants

# White space may be of any kind; the others may be stored as entities, or with a tag or its mark beside them.
_UNSAFE = re.compile(r"""[\s&<>"'\[\]:\\]+""")
_MOST_PATTERNS = 4
_LIKE_SPECIAL = re.compile("[!%_]")
_OF_UNICODE_32 = frozenset("ƞϙҋӆӊӎԁԃԅԇԉԋԍԏ")  # letters of which a case is no older


def safe_parts(words: Iterable[str]) -> tuple[str, ...]:
    """The pieces of folded words that are stored just as people see them."""
    return tuple(part for word in words for part in _UNSAFE.split(word) if part)


def is_plain(parts: Sequence[str]) -> bool:
    """Whether ASCII letters are the only ones of which there are two cases."""
    return all(part.isascii() or all(c.isascii() or len(variants(c)) == 1 for c in part) for part in parts)


def like_pattern(parts: Sequence[str]) -> str:
    """For LIKE with `!` as its sign of escape, on text in lower case or with a collation that knows none."""
    return "%" + "".join(_LIKE_SPECIAL.sub(r"!\g<0>", part) + "%" for part in parts)


def mysql_pattern(parts: Sequence[str]) -> str:
    """The same for MySQL's and MariaDB's older collations, which know the letter cases of Unicode 3.0: for younger ones
    any character may stand."""
    return "%" + "".join("".join(map(_known_to_mysql, part)) + "%" for part in parts)


def like_patterns(parts: Sequence[str]) -> list[str]:
    """For LIKE where it folds only ASCII: patterns of which one at least holds for a text that has these parts. Of the
    first letters all forms are tried, for later ones anything goes."""
    forms = ["%"]
    for part in parts:
        for character in part:
            found = [character] if character.isascii() else list(variants(character))
            found = (
                ["_"] if len(found) * len(forms) > _MOST_PATTERNS else [_LIKE_SPECIAL.sub(r"!\g<0>", c) for c in found]
            )
            forms = [form + each for form in forms for each in found]
        forms = [form + "%" for form in forms]
    return forms


def glob_pattern(parts: Sequence[str]) -> str:
    """For SQLite's GLOB, which tells letters apart byte for byte."""
    return "*" + "".join("".join(map(_choice, part)) + "*" for part in parts)


def regular_pattern(parts: Sequence[str]) -> str:
    """For PostgreSQL's `~`."""
    return ".*".join("".join(map(_regular, part)) for part in parts)


@lru_cache(maxsize=1000)
def _known_to_mysql(character: str) -> str:
    young = not character.isascii() and (
        character in _OF_UNICODE_32 or any(ucd_3_2_0.category(form) == "Cn" for form in variants(character))
    )
    return "_" if young else _LIKE_SPECIAL.sub(r"!\g<0>", character)


def _choice(character: str) -> str:
    forms = variants(character)
    return f"[{forms}]" if len(forms) > 1 or character in "*?[" else character


def _regular(character: str) -> str:
    forms = variants(character)
    if len(forms) > 1:
        return f"[{forms}]"
    return f"\\{character}" if character in r"\.^$*+?()[]{}|-" else character
