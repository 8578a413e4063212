"""Comment markup: one reading of what is stored, several ways to write it.

``parse`` turns a stored comment into a ``Comment``, a sequence of tokens; ``to_html``, ``to_text`` and
``to_bbcode`` write it, ``to_foolfuuka`` and ``to_fourchan`` as the clients of those expect it. A new output format is
one more function over the tokens; nothing here changes for it.
"""

from __future__ import annotations

from typing import Literal

from app.markup.bbcode import parse_bbcode
from app.markup.foolfuuka import escape_named, to_foolfuuka
from app.markup.fourchan import escape_site, to_fourchan
from app.markup.page import Effort, QuoteLink, Spans, marked, to_html
from app.markup.plain import canonical_quote, to_bbcode, to_text
from app.markup.site_html import parse_site_html
from app.markup.tokens import (
    EMPTY,
    BoardLink,
    Close,
    Code,
    Comment,
    Math,
    Newline,
    Open,
    Quote,
    Text,
    Token,
    Url,
)

__all__ = [
    "BoardLink",
    "Close",
    "Code",
    "Comment",
    "Effort",
    "Math",
    "Newline",
    "Open",
    "Quote",
    "QuoteLink",
    "Spans",
    "Text",
    "Token",
    "Url",
    "canonical_quote",
    "escape_named",
    "escape_site",
    "marked",
    "parse",
    "to_bbcode",
    "to_foolfuuka",
    "to_fourchan",
    "to_html",
    "to_text",
]


def parse(text: str | None, dialect: Literal["bbcode", "html"]) -> Comment:
    """Read a stored comment; None and "" are the empty comment. Any text is accepted.

    ``dialect`` is how the board stores comments: "bbcode", as all writers do for 4chan's boards, or "html"
    for the pages of a vichan-like site kept as they were (Asagi schema notes, section 4.4).
    """
    if not text:
        return EMPTY
    return parse_site_html(text) if dialect == "html" else parse_bbcode(text)
