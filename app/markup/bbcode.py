"""Reads comments stored as text with BBCode-like tags, the form all Asagi writers use for 4chan's boards.

Tags and the forms a reader must accept: Asagi schema notes, section 4.2; nesting: FoolFuuka notes, section 3.
"""

from __future__ import annotations

import re

from app.markup.builder import Builder
from app.markup.clean import clean, decode_entities, trim
from app.markup.inline import QUOTE, find_url, read_quote
from app.markup.tokens import BBCODE_TAGS, EMPTY, GREEN, QUOTE_LINE, Code, Comment, Math

# Every alternative begins with a literal character, which lets the regex engine skip plain words quickly.
# Groups 1-5: quotelink; 6: "/" of a closing tag; 7: tag name; 8: option, ":lit" included.
_event = re.compile(rf"\n|{QUOTE}|\[(/?)([A-Za-z]{{1,8}})((?::[Ll][Ii][Tt])*(?:[ =][^\[\]\n]{{1,48}})?)\]|://")
_LAST_QUOTE_GROUP = 5
_quote = re.compile(QUOTE)
_lit = re.compile(rf"(?ai)\[(/?(?:{'|'.join(BBCODE_TAGS)})(?::lit)*):lit\]")
_fortune = re.compile(r"(?a) +color *= *(\"|'|)(#?\w{1,32})\1 *", re.IGNORECASE)
_qstcolor = re.compile(r"(?a)=(\"|'|)(\w{1,32})\1")

_OPTIONS = {"fortune": _fortune, "qstcolor": _qstcolor}
_LITERAL = {name: re.compile(rf"(?ai)\[/{name}\]") for name in ("code", "eqn", "math")}
_PLAIN = {
    name: "shiftjis" if name == "sjis" else name
    for name in BBCODE_TAGS
    if name not in _OPTIONS and name not in _LITERAL
}
_NO_COLOUR = "unknown"
_LIT = len(":lit")
_KNOWN = frozenset(BBCODE_TAGS)
# FoolFuuka allows one level of these (FoolFuuka notes, section 3); towers of them only make text unreadable.
_NOT_IN_ITSELF = frozenset({"sub", "sup"})


def parse_bbcode(stored: str) -> Comment:
    """Read a stored comment. Whatever is not valid markup stays visible as text."""
    text = trim(clean(decode_entities(stored)))
    if not text:
        return EMPTY
    builder = Builder()
    at = _begin_line(builder, text, 0)  # all before it has been read
    for match in _event.finditer(text):
        start = match.start()
        if start < at:
            continue
        group = match.lastindex
        if group is None:
            if text[start] == "\n":
                builder.text(text[at:start])
                builder.newline()
                at = _begin_line(builder, text, start + 1)
            else:
                at = _url(builder, text, at, start)
        elif group <= _LAST_QUOTE_GROUP:
            link = read_quote(match)
            if link is not None:
                builder.text(text[at:start])
                builder.refer(link)
                at = start + len(link.text)
        else:
            at = _tag(builder, text, at, match)
    builder.text(text[at:])
    return builder.finish()


def _begin_line(builder: Builder, text: str, at: int) -> int:
    """Mark the line at ``at`` when it begins with ">"; the end of the quotelink it begins with, or ``at``."""
    if not text.startswith(">", at):
        return at
    match = _quote.match(text, at)
    link = None if match is None else read_quote(match)
    if link is None:
        builder.open_line(GREEN)
        return at
    builder.open_line(QUOTE_LINE)
    builder.refer(link)
    return at + len(link.text)


def _url(builder: Builder, text: str, at: int, colon: int) -> int:
    url = find_url(text, at, colon)
    if url is None:
        return at
    start = colon - url.href.index(":")
    builder.text(text[at:start])
    builder.tokens.append(url)
    return start + len(url.href)


def _tag(builder: Builder, text: str, at: int, match: re.Match[str]) -> int:
    """Act on the tag in ``match``; returns its end, or ``at`` when it is mere text."""
    slash, written, option = match.group(6, 7, 8)
    name = written.lower()
    if name not in _KNOWN:
        return at
    start, end = match.span()
    if option.startswith(":"):
        builder.text(text[at:start])
        builder.text(f"[{slash}{written}{option[_LIT:]}]")
        return end
    if slash:
        if option or name in _LITERAL:
            return at
        tag = _PLAIN.get(name, name)
        if not builder.is_open(tag):
            return at
        builder.text(text[at:start])
        builder.close(tag)
        return end
    if name in _LITERAL:
        if option:
            return at
        builder.text(text[at:start])
        return _literal(builder, text, name, end)
    value = None
    if name in _OPTIONS:
        valid = _OPTIONS[name].fullmatch(option)
        if valid is None and not (name == "qstcolor" and option):
            return at
        # A colour that is none colours nothing; its text is styles that nobody typed to be read.
        value = _NO_COLOUR if valid is None else valid[2]
    elif option:
        return at
    tag = _PLAIN.get(name, name)
    if builder.is_full() or (tag in _NOT_IN_ITSELF and builder.is_open(tag)):
        return at
    builder.text(text[at:start])
    builder.open(tag, value)
    return end


def _literal(builder: Builder, text: str, name: str, start: int) -> int:
    """Add the code or formula that begins at ``start``; without a closing tag it takes all the rest."""
    closing = _LITERAL[name].search(text, start)
    content = text[start : closing.start() if closing else len(text)]
    # Writers mark tags typed inside code as literal, too.
    content = _lit.sub(r"[\1]", content)
    if name == "code":
        builder.tokens.append(Code(content, "\n" in content))
    else:
        builder.tokens.append(Math(content, name == "eqn"))
    return closing.end() if closing else len(text)
