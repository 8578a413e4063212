"""What a comment is made of once its stored markup has been read.

A comment is a flat sequence of tokens. ``Open`` and ``Close`` are always well nested and every ``Open`` is
closed, so an emitter needs no stack: one table of opening and closing strings per output format is enough.

Texts in tokens are decoded text (never HTML) without control characters other than tab; line ends are
``Newline`` tokens, except inside ``Code`` and ``Math``, which keep "\\n".
"""

from __future__ import annotations

import msgspec

GREEN = "green"
"""Tag of greentext: to the end of its line in BBCode; as far as the site's own markup says on HTML boards."""

QUOTE_LINE = "quoteline"
"""Tag of a line that begins with a quotelink: our pages leave it plain, FoolFuuka shows it as greentext."""

LINE_TAGS = frozenset({GREEN, QUOTE_LINE})

INLINE_TAGS = frozenset(
    {
        "spoiler",
        "b",
        "i",
        "o",
        "s",
        "u",
        "sub",
        "sup",
        "banned",
        "moot",
        "info",
        "fortune",
        "shiftjis",
        "qstcolor",
        "heading",
    }
)
"""Every tag an ``Open`` can carry besides the line tags. "heading" comes only from HTML boards."""

BBCODE_TAGS = (
    "spoiler",
    "code",
    "sub",
    "sup",
    "eqn",
    "math",
    "b",
    "i",
    "o",
    "s",
    "u",
    "banned",
    "info",
    "moot",
    "fortune",
    "shiftjis",
    "sjis",
    "qstcolor",
)
"""Every tag name of stored BBCode (Asagi schema notes, section 4.2); "sjis" is an alias of "shiftjis"."""


class Text(msgspec.Struct, frozen=True, gc=False):
    """A run of visible text within one line."""

    text: str


class Open(msgspec.Struct, frozen=True, gc=False):
    """Start of a tagged range.

    ``value`` is the colour of fortune ("#fd4d32" or "fd4d32") and qstcolor ("red"), else None.
    ``split`` marks the second half of a range that was cut in two to keep the nesting right (a greentext line
    ends inside a spoiler, for instance). An emitter that writes crossing markup skips every split token.
    """

    tag: str
    value: str | None = None
    split: bool = False


class Close(msgspec.Struct, frozen=True, gc=False):
    """End of the innermost open range; ``split`` when the range goes on behind the cut (see ``Open``)."""

    tag: str
    split: bool = False


class Newline(msgspec.Struct, frozen=True, gc=False):
    """End of a line."""


class Quote(msgspec.Struct, frozen=True, gc=False):
    """A reference to a post: ``>>123``, ``>>123,1`` (ghost post, subnum 1) or ``>>>/b/123``.

    ``board`` None means the board of the comment itself; ``num`` lies in 1..2^31-1, ``subnum`` in 0..2^31-1.
    ``text`` is what the reader sees.
    """

    board: str | None
    num: int
    subnum: int
    text: str


class BoardLink(msgspec.Struct, frozen=True, gc=False):
    """A reference to a whole board: ``>>>/b/``. The board need not exist."""

    board: str
    text: str


class Url(msgspec.Struct, frozen=True, gc=False):
    """A link out. ``href`` begins with http, https or ftp; no space, double quote, angle bracket, control."""

    href: str
    text: str


class Code(msgspec.Struct, frozen=True, gc=False):
    """Literal code; ``block`` when it has lines of its own (the first and last line end are not content)."""

    text: str
    block: bool


class Math(msgspec.Struct, frozen=True, gc=False):
    """TeX source; ``display`` for a formula on a line of its own."""

    tex: str
    display: bool


Token = Text | Open | Close | Newline | Quote | BoardLink | Url | Code | Math


class Comment(msgspec.Struct, frozen=True):
    """A comment that has been read.

    ``quotes`` holds the distinct posts referred to, ``board_links`` the distinct boards, both in order of
    first mention. Two quotes are the same when board, num and subnum are; board None and the written name
    differ.
    """

    tokens: tuple[Token, ...]
    quotes: tuple[Quote, ...] = ()
    board_links: tuple[BoardLink, ...] = ()


NEWLINE = Newline()
EMPTY = Comment(())


def visible_code(code: Code) -> str:
    """The text of a code token as shown: a block loses the line ends next to its markers."""
    return code.text.strip("\n") if code.block else code.text
