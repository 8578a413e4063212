"""Comments as HTML for our own pages.

Every string that comes from a post passes ``escape`` (the one of Python, three times as fast here as
markupsafe's); all else is fixed text of this file. No inline style, because the pages' content security
policy forbids it: colours are classes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from html import escape

import msgspec
from markupsafe import Markup

from app.markup.colours import fortune_class, quest_class
from app.markup.tokens import (
    BoardLink,
    Close,
    Code,
    Comment,
    Math,
    Newline,
    Open,
    Quote,
    Text,
    Url,
    visible_code,
)

Spans = Callable[[str], Iterable[tuple[int, int]]]
"""Beginning and end of each place in a text that is to be marked: in order, none reaching into another."""


class QuoteLink(msgspec.Struct, frozen=True, gc=False):
    """Where a quote leads and how it is shown.

    ``href`` None: the post is not in the archive. ``classes``: of the link, by spaces. ``board`` and ``post``
    ("123" or "123_1") are written as data attributes, for scripts. ``note``, such as "(OP)", follows the
    quote.
    """

    href: str | None
    classes: str
    board: str
    post: str
    note: str = ""


# Element and attributes of each tag. A line of quotelinks has none: our pages show it like any other line.
_ELEMENTS = {
    "green": ("span", ' class="greentext"'),
    "spoiler": ("span", ' class="spoiler" tabindex="0"'),
    "b": ("strong", ""),
    "i": ("em", ""),
    "u": ("span", ' class="underline"'),
    "o": ("span", ' class="overline"'),
    "s": ("s", ""),
    "sub": ("sub", ""),
    "sup": ("sup", ""),
    "banned": ("strong", ' class="banned"'),
    "moot": ("span", ' class="moot"'),
    "info": ("span", ' class="info"'),
    "fortune": ("strong", ' class="fortune"'),
    "shiftjis": ("span", ' class="shift-jis" tabindex="0"'),
    "qstcolor": ("span", ' class="qst-color"'),
    "heading": ("strong", ' class="heading"'),
}
# HTML parsers forget all but the last three of identical <strong>, <em> or <s> inside each other and then
# mistake what a closing tag closes. A fourth would not look different either.
_SAME_INSIDE_EACH_OTHER = 3
_MOST_WORKED_OUT = 8000
"""Characters of code and formulas of one comment that are coloured and drawn; more are shown as they are."""
MOST_ON_A_PAGE = 60_000
"""The same of all comments of a page together: without this, a thread of nothing but code would take a minute."""
_NARROW = 24
"""Characters of a formula within a line that fit on a phone."""
_OPEN = {tag: f"<{element}{attributes}>" for tag, (element, attributes) in _ELEMENTS.items()}
_CLOSE = {tag: f"</{element}>" for tag, (element, _) in _ELEMENTS.items()}


class Effort:
    """What the comments of one page may still cost: characters of code and formulas that are worked out."""

    def __init__(self, left: int = MOST_ON_A_PAGE) -> None:
        self._left = left

    def spend(self, characters: int) -> bool:
        """Whether there is enough left for these."""
        if characters > self._left:
            return False
        self._left -= characters
        return True


def to_html(
    comment: Comment,
    link: Callable[[Quote], QuoteLink],
    board_href: Callable[[str], str | None] | None = None,
    mark: Spans | None = None,
    effort: Effort | None = None,
) -> Markup:
    """The comment as well-formed HTML of phrasing elements and ``pre``, to stand inside a ``div``.

    ``link`` says where each quote leads; ``board_href`` gives the address of a board, or None for a board
    that the archive lacks, whose link is shown as text (as are all board links without ``board_href``).
    ``mark`` says what to highlight in each run of text, quote, link out or piece of code. ``effort`` is shared by
    the comments of a page.
    """
    effort = effort or Effort()
    written = escape if mark is None else partial(marked, spans=mark)
    out: list[str] = []
    add = out.append
    openings: list[str] = []  # what was written for each range that is open
    after_block = False
    worked_out = 0  # characters of code and formulas so far
    for token in comment.tokens:
        if isinstance(token, Text):
            add(written(token.text))
        elif isinstance(token, Newline):
            # A block ends its line by itself; a <br> would show an empty line.
            add("\n" if after_block else "<br>")
        elif isinstance(token, Close):
            add(_CLOSE[token.tag] if openings.pop() else "")
            continue
        elif isinstance(token, Open):
            opening = _OPEN.get(token.tag, "") if token.value is None else _open_coloured(token)
            if openings.count(opening) >= _SAME_INSIDE_EACH_OTHER:
                opening = ""
            openings.append(opening)
            add(opening)
            continue
        elif isinstance(token, Quote):
            add(_quote(token, link(token), written))
        elif isinstance(token, Url):
            add(f'<a href="{escape(token.href)}" rel="nofollow noreferrer noopener">{written(token.text)}</a>')
        elif isinstance(token, BoardLink):
            href = None if board_href is None else board_href(token.board)
            text = escape(token.text)
            add(text if href is None else f'<a href="{escape(href)}">{text}</a>')
        elif isinstance(token, Code):
            after_block = token.block
            text = visible_code(token)
            worked_out += len(text)
            coloured = mark is None and worked_out <= _MOST_WORKED_OUT and effort.spend(len(text))
            code = (coloured and _coloured(text)) or written(text)
            # What may be wider than its place can be scrolled by keyboard.
            add(f'<pre tabindex="0"><code>{code}</code></pre>' if after_block else f"<code>{code}</code>")
            continue
        else:
            worked_out += len(token.tex)
            add(_math(token, worked_out <= _MOST_WORKED_OUT and effort.spend(len(token.tex))))
        after_block = False
    return Markup("".join(out))


def marked(text: str, spans: Spans) -> str:
    """The text, escaped, with each of its ``spans`` as a ``mark`` element."""
    out: list[str] = []
    done = 0
    for start, end in spans(text):
        out.append(f"{escape(text[done:start])}<mark>{escape(text[start:end])}</mark>")
        done = end
    out.append(escape(text[done:]))
    return "".join(out)


def _quote(quote: Quote, link: QuoteLink, written: Callable[[str], str]) -> str:
    text = written(quote.text)
    note = f' <span class="quote-note">{escape(link.note)}</span>' if link.note else ""
    if link.href is None:
        return f'<span class="{escape(link.classes)}" title="Not in this archive">{text}{note}</span>'
    return (
        # In the order that compresses best: what differs from link to link side by side.
        f'<a data-board="{escape(link.board)}" data-backlink="true" class="{escape(link.classes)}"'
        f' data-function="highlight" href="{escape(link.href)}" data-post="{escape(link.post)}">{text}{note}</a>'
    )


# What colours code and draws formulas takes a third of a second to load, and few comments need it, few programs any.


def _coloured(code: str) -> str | None:
    from app.markup.highlight import highlighted

    return highlighted(code)


def _drawn(token: Math) -> str | None:
    from app.markup.mathml import mathml

    return mathml(token.tex, token.display)


def _math(token: Math, drawn: bool) -> str:
    classes = "math display" if token.display else "math"
    formula = _drawn(token) if drawn else None
    if formula is None:
        return f'<code class="{classes}">{escape(token.tex)}</code>'
    # What may be wider than a phone is scrolled in its place, by keyboard too.
    wide = ' tabindex="0"' if token.display or len(token.tex) > _NARROW else ""
    return f'<span class="{classes}"{wide}>{formula}</span>'


def _open_coloured(token: Open) -> str:
    colour = token.value or ""
    if token.tag == "fortune":
        return f'<strong class="{f"fortune {fortune_class(colour)}".rstrip()}">'
    return f'<span class="{f"qst-color {quest_class(colour)}".rstrip()}">'
