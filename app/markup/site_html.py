"""Reads comments stored as the HTML of a vichan-like site (Asagi schema notes, section 4.4).

The HTML is untrusted. It is parsed and cut down to an allow-list by nh3, whose output is regular: every tag
closed, every attribute in double quotes. That output becomes the same tokens that BBCode becomes, holding
decoded text only, so nothing of the stored HTML ever reaches a page as HTML.
"""

from __future__ import annotations

import re
from html import unescape
from urllib.parse import unquote

import msgspec
import nh3

from app.markup.builder import Builder
from app.markup.clean import clean
from app.markup.inline import is_safe_href, post_number
from app.markup.tokens import EMPTY, NEWLINE, Close, Code, Comment, Open, Quote, Url

_TAG_OF = {
    "b": "b",
    "strong": "b",
    "i": "i",
    "em": "i",
    "u": "u",
    "s": "s",
    "strike": "s",
    "del": "s",
    "sub": "sub",
    "sup": "sup",
}
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_BLOCKS = frozenset({"p", "div", "blockquote", "li", "pre", *_HEADINGS})
_CODE = frozenset({"code", "tt", "pre"})
# Classes of the site's spans and paragraphs.
_TAG_OF_CLASS = {
    "quote": "green",
    "spoiler": "spoiler",
    "heading": "heading",
    "public_ban": "banned",
}

_cleaner = nh3.Cleaner(
    tags={"a", "br", "span", *_TAG_OF, *_BLOCKS, *_CODE},
    attributes={"a": {"href"}, "*": {"class"}},
    clean_content_tags={"script", "style", "title", "textarea", "iframe", "noscript"},
    link_rel=None,
)
_piece = re.compile(r"<(/?)([a-z0-9]+)((?: [a-z]+=\"[^\"]*\")*)>|[^<]+")
_attribute = re.compile(r" ([a-z]+)=\"([^\"]*)\"")
# Markup written over several lines has white space that browsers do not show.
_fold = re.compile(r"\n\s*")
_post_href = re.compile(r"/([^/?#]+)/res/([0-9]+)(?:\+[0-9]+)?\.html(?:#q?([0-9]+))?")
_board = re.compile(r"\w[\w-]*")
_same_board = re.compile(r">>[0-9]+")


class _Element(msgspec.Struct):
    """An element that is open: its name, the tag it opened in the builder (if any), the address of a link."""

    name: str
    tag: str | None = None
    href: str | None = None


def parse_site_html(stored: str) -> Comment:
    """Read a stored comment. What is not on the allow-list is dropped; a typed "[spoiler]" stays text."""
    # Before nh3 because it takes no surrogates, after it because it decodes references to control characters.
    html = clean(_cleaner.clean(clean(stored)))
    reader = _Reader()
    for match in _piece.finditer(html):
        slash, name, attributes = match.groups()
        if name is None:
            reader.text(unescape(match.group()))
        elif slash:
            reader.end()
        else:
            reader.start(name, dict(_attribute.findall(attributes)))
    return reader.finish()


class _Reader:
    """Turns elements into tokens. Text inside code and links is collected first, then added whole."""

    __slots__ = ("at_line_start", "break_due", "builder", "captured", "capturing", "elements")

    def __init__(self) -> None:
        self.builder = Builder()
        self.elements: list[_Element] = []
        self.at_line_start = True
        self.break_due = False  # a block has ended: what comes next begins a line
        self.captured: list[str] = []
        self.capturing = 0  # elements open since a link or code began, itself included; 0 outside

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """An element begins."""
        if self.capturing:
            if name == "br":
                self.captured.append("\n")
            else:
                self.capturing += 1
            return
        if name == "br":
            self._newline()
            return
        element = _Element(name)
        self.elements.append(element)
        if name in _BLOCKS:
            self._begin_block()
        if name in _CODE:
            self.capturing = 1
        elif name == "a":
            href = unescape(attributes.get("href", ""))
            if _post_href.fullmatch(href) or is_safe_href(href):
                element.href = href
                self.capturing = 1
        else:
            element.tag = self._open(name, attributes.get("class", "").split())

    def end(self) -> None:
        """The innermost open element ends."""
        if self.capturing:
            self.capturing -= 1
            if self.capturing:
                return
        element = self.elements.pop()
        if element.name in _CODE:
            self._code(element.name)
        elif element.href is not None:
            self._link(element.href)
        elif element.tag is not None:
            self.builder.close(element.tag)
        if element.name in _BLOCKS:
            self.break_due = True

    def text(self, text: str) -> None:
        """A run of decoded text."""
        if self.capturing:
            self.captured.append(text)
            return
        text = _fold.sub(" ", text)
        if self.break_due or self.at_line_start:
            text = text.lstrip(" ")
            if not text:
                return
        self._content()
        self.builder.text(text)

    def finish(self) -> Comment:
        """The comment, without blank lines at either end."""
        comment = self.builder.finish()
        first, last = 0, len(comment.tokens)
        while last and comment.tokens[last - 1] is NEWLINE:
            last -= 1
        while first < last and comment.tokens[first] is NEWLINE:
            first += 1
        tokens = comment.tokens[first:last]
        if all(isinstance(token, Open | Close) for token in tokens):
            return EMPTY
        return msgspec.structs.replace(comment, tokens=tokens)

    def _open(self, name: str, classes: list[str]) -> str | None:
        tag = "heading" if name in _HEADINGS else _TAG_OF.get(name)
        if tag is None:
            tag = next((_TAG_OF_CLASS[a_class] for a_class in classes if a_class in _TAG_OF_CLASS), None)
        builder = self.builder
        if tag is None or builder.is_full():
            return None
        self._content()
        builder.open(tag)
        return tag

    def _begin_block(self) -> None:
        if self.break_due or not self.at_line_start:
            self._newline()

    def _content(self) -> None:
        """Something to show comes next."""
        if self.break_due:
            self._newline()
        self.at_line_start = False

    def _newline(self) -> None:
        self.break_due = False
        self.at_line_start = True
        if self.builder.tokens:
            self.builder.newline()

    def _take(self) -> str:
        text = "".join(self.captured)
        self.captured.clear()
        return text

    def _code(self, name: str) -> None:
        text = self._take()
        if text:
            self._content()
            self.builder.tokens.append(Code(text, name == "pre" or "\n" in text))

    def _link(self, href: str) -> None:
        text = _fold.sub(" ", self._take()).strip()
        self._content()
        token = _quote(href, text)
        if token is not None:
            self.builder.refer(token)
        elif is_safe_href(href):
            self.builder.tokens.append(Url(href, text or href))
        else:
            self.builder.text(text)


def _quote(href: str, text: str) -> Quote | None:
    match = _post_href.fullmatch(href)
    if match is None:
        return None
    board = unquote(match[1])
    num = post_number(match[3] or match[2])
    if num is None or _board.fullmatch(board) is None:
        return None
    if _same_board.fullmatch(text):
        return Quote(None, num, 0, text)
    return Quote(board, num, 0, text or f">>>/{board}/{num}")
