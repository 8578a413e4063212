"""Makes stored text fit to show: leftover entities, line ends, control characters, text direction."""

from __future__ import annotations

import re
from html.entities import html5

_NONCHARACTERS = "".join(f"{chr(plane * 0x10000 + 0xFFFE)}-{chr(plane * 0x10000 + 0xFFFF)}" for plane in range(17))
# Not allowed in HTML or XML, or (surrogates) not even in UTF-8. Tab and newline are.
_UNFIT = f"\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef{_NONCHARACTERS}"
_OPENS_EMBEDDING = "\u202a\u202b\u202d\u202e"
_OPENS_ISOLATE = "\u2066\u2067\u2068"
_END_EMBEDDING = "\u202c"
_END_ISOLATE = "\u2069"
BIDI_CONTROLS = _OPENS_EMBEDDING + _OPENS_ISOLATE + _END_EMBEDDING + _END_ISOLATE
"""Characters that change the direction of the text after them."""

_unusual = re.compile(f"[\r{BIDI_CONTROLS}{_UNFIT}]")
_unfit = re.compile(f"[{_UNFIT}]")
_bidi = re.compile(f"[{BIDI_CONTROLS}]")
_entity = re.compile(r"&(?:#([0-9]{1,7})|#[xX]([0-9a-fA-F]{1,6})|([A-Za-z][A-Za-z0-9]{1,31}));")


def clean(text: str) -> str:
    """``text`` with "\\n" as its only line end, no unfit character and no direction left open at its end.

    An unfit character becomes U+FFFD, so that the reader sees that something was there.
    """
    # Printable text needs nothing, and asking is some fifty times faster than the search.
    if text.replace("\n", "").isprintable() or _unusual.search(text) is None:
        return text
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return _close_directions(_unfit.sub("\ufffd", text))


def decode_entities(text: str) -> str:
    """Decode, once, the well-formed entities writers left in the text.

    Old Asagi decoded only decimal entities and four names (Asagi schema notes, section 4.3). Unknown names,
    numbers of control characters and surrogates, and anything without its semicolon stay as they are.
    """
    return _entity.sub(_decoded, text) if "&" in text else text


def escape_entities(text: str) -> str:
    """The inverse of ``decode_entities``: text that it turns back into ``text``."""
    return _entity.sub(_escaped, text) if "&" in text else text


def trim(text: str) -> str:
    """``text`` without blank lines at its start and white space at its end; the first line stays indented."""
    text = text.rstrip()
    if text[:1].isspace():
        indent = len(text) - len(text.lstrip())
        return text[text.rfind("\n", 0, indent) + 1 :]
    return text


def _decoded(match: re.Match[str]) -> str:
    decimal, hexadecimal, name = match.groups()
    if name is not None:
        character = html5.get(f"{name};", "")
    else:
        number = int(decimal) if decimal is not None else int(hexadecimal, 16)
        character = chr(number) if number <= 0x10FFFF else ""
    if not character or character in "\t\n\r" or _unfit.match(character):
        return match.group()
    return character


def _escaped(match: re.Match[str]) -> str:
    written = match.group()
    return written if _decoded(match) == written else f"&amp;{written[1:]}"


def _close_directions(text: str) -> str:
    """Append the terminators ``text`` lacks; an override left open would mirror what follows the comment."""
    open_marks: list[str] = []
    isolates = 0
    for mark in _bidi.findall(text):
        if mark in _OPENS_EMBEDDING:
            open_marks.append(_END_EMBEDDING)
        elif mark in _OPENS_ISOLATE:
            open_marks.append(_END_ISOLATE)
            isolates += 1
        elif mark == _END_EMBEDDING:
            if open_marks and open_marks[-1] == mark:
                open_marks.pop()
        elif isolates:
            # The end of an isolate also ends every embedding opened inside it.
            while open_marks.pop() != _END_ISOLATE:
                pass
            isolates -= 1
    return text + "".join(reversed(open_marks))
