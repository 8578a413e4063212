"""Comments as the `com` of 4chan's interface: the HTML that its clients take apart (FoolFuuka notes, section 8).

Every string that comes from a post passes ``escape_site``; all else is fixed text of this file. Links out are text, as
at 4chan, where it is the client that links them.
"""

from __future__ import annotations

from collections.abc import Callable
from html import escape

from app.markup.page import QuoteLink
from app.markup.tokens import (
    GREEN,
    QUOTE_LINE,
    BoardLink,
    Close,
    Code,
    Comment,
    Math,
    Newline,
    Open,
    Quote,
    visible_code,
)

_SPAN = "</span>"
# Opening and closing of each tag. 4chan knows no overline, editor's note or heading, and its <s> hides: what is struck
# out is <del>. Each element has but one form here, or HTML parsers would mistake what a closing tag closes.
_ELEMENTS = {
    GREEN: ('<span class="quote">', _SPAN),
    QUOTE_LINE: ("", ""),
    "spoiler": ("<s>", "</s>"),
    "b": ("<b>", "</b>"),
    "i": ("<i>", "</i>"),
    "u": ("<u>", "</u>"),
    "o": ('<span style="text-decoration: overline">', _SPAN),
    "s": ("<del>", "</del>"),
    "sub": ("<sub>", "</sub>"),
    "sup": ("<sup>", "</sup>"),
    "banned": ('<strong style="color: red;">', "</strong>"),
    "moot": ('<span class="moot" style="border: 1px dashed #c33; padding: 0 4px">', _SPAN),
    "info": ('<span class="info">', _SPAN),
    "fortune": ('<span class="fortune" style="color:%s"><b>', "</b></span>"),
    "shiftjis": ('<span class="sjis">', _SPAN),
    "qstcolor": ('<span class="%s">', _SPAN),
    "heading": ("<b>", "</b>"),
}
# The classes of 4chan's style sheet.
_QUEST_COLOURS = {"red": "mu-r", "green": "mu-g", "blue": "mu-b"}


def escape_site(text: str) -> str:
    """The text as 4chan's interface escapes it: `& < > " '`, the last one as `&#039;`."""
    return escape(text, quote=False).replace('"', "&quot;").replace("'", "&#039;")


def to_fourchan(comment: Comment, link: Callable[[Quote], QuoteLink], board_href: Callable[[str], str]) -> str:
    """The comment in 4chan's HTML. `link` says where a quote leads; without an address it is a dead link."""
    out: list[str] = []
    add = out.append
    for token in comment.tokens:
        if isinstance(token, Newline):
            add("<br>")
        elif isinstance(token, Close):
            add(_ELEMENTS[token.tag][1])
        elif isinstance(token, Open):
            add(_opening(token))
        elif isinstance(token, Quote):
            href = link(token).href
            text = escape_site(token.text)
            add(f'<span class="deadlink">{text}</span>' if href is None else _link(href, text))
        elif isinstance(token, BoardLink):
            add(_link(board_href(token.board), escape_site(token.text)))
        elif isinstance(token, Code):
            code = escape_site(visible_code(token)).replace("\n", "<br>")
            add(f'<pre class="prettyprint">{code}</pre>')
        elif isinstance(token, Math):
            tag = "eqn" if token.display else "math"
            tex = escape_site(token.tex).replace("\n", "<br>")
            add(f"[{tag}]{tex}[/{tag}]")
        else:
            add(escape_site(token.text))
    return "".join(out)


def _opening(token: Open) -> str:
    opening = _ELEMENTS[token.tag][0]
    if token.value is None:
        return opening
    if token.tag == "qstcolor":
        return opening % _QUEST_COLOURS.get(token.value.lower(), "qst-color")
    return opening % escape_site(token.value)


def _link(href: str, text: str) -> str:
    return f'<a href="{escape_site(href)}" class="quotelink">{text}</a>'
