"""Comments as plain text, and as canonical BBCode for readers that know only that."""

from __future__ import annotations

import re

from app.markup.clean import escape_entities
from app.markup.tokens import (
    BBCODE_TAGS,
    LINE_TAGS,
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

_NAMES = "|".join(BBCODE_TAGS)
# What would be read as a tag; any other option, as in "[b=1]", makes it text by itself.
_tag = re.compile(
    rf"(?ai)\[(/?(?:{_NAMES}))"
    r"((?::lit)*|(?<=fortune)(?::lit)* [^\[\]\n]{1,48}|(?<=qstcolor)(?::lit)*=[^\[\]\n]{1,48})\]"
)
# Code and formulas are literal; only their own closing tag and the mark of a literal tag mean something
# there.
_own_close = {
    name: re.compile(rf"(?ai)\[(/{name}|/?(?:{_NAMES})(?=:lit))((?::lit)*)\]") for name in ("code", "eqn", "math")
}


def to_text(comment: Comment, *, at_tags: str = "", spoilers: bool = True) -> str:
    """The visible text of the comment: its lines, without any markup; in place of each tag stands `at_tags`.

    Without `spoilers`, `[spoiler]` stands in place of what each hides.
    """
    out: list[str] = []
    hidden = 0  # spoilers that are open
    for token in comment.tokens:
        if not spoilers and isinstance(token, Open | Close) and token.tag == "spoiler":
            if isinstance(token, Open) and not hidden and not token.split:
                out.append("[spoiler]")
            hidden += 1 if isinstance(token, Open) else -1
        elif hidden:
            continue
        elif isinstance(token, Newline):
            out.append("\n")
        elif isinstance(token, Code):
            out.append(visible_code(token))
        elif isinstance(token, Math):
            out.append(token.tex)
        elif isinstance(token, Open | Close):
            out.append(at_tags)
        else:
            out.append(token.text)
    return "".join(out)


def to_bbcode(comment: Comment) -> str:
    """The comment in the BBCode that Asagi writers store; reading it again gives the same visible text.

    A tag that is mere text becomes ``[tag:lit]`` or ``[tag:lit=value]``. What BBCode lacks is written in the
    nearest way: a heading as bold, a link with words of its own as those words and the address.
    """
    out: list[str] = []
    words: list[str] = []  # texts side by side, escaped together: "[" and "b]" may have come apart
    for token in comment.tokens:
        if isinstance(token, Text):
            words.append(token.text)
            continue
        if words:
            out.append(_escaped("".join(words)))
            words.clear()
        if isinstance(token, Newline):
            out.append("\n")
        elif isinstance(token, Open):
            out.append(_opening(token))
        elif isinstance(token, Close):
            if not token.split and token.tag not in LINE_TAGS:
                out.append(f"[/{_name(token.tag)}]")
        elif isinstance(token, Quote):
            out.append(_with_address(token.text, canonical_quote(token)))
        elif isinstance(token, Url):
            out.append(_with_address(token.text, token.href))
        elif isinstance(token, Code):
            out.append(_literal("code", token.text))
        elif isinstance(token, Math):
            out.append(_literal("eqn" if token.display else "math", token.tex))
        else:
            out.append(token.text)
    out.append(_escaped("".join(words)))
    return escape_entities("".join(out))


def canonical_quote(quote: Quote) -> str:
    """The quote as it is typed: ``>>123``, ``>>123,1``, ``>>>/b/123``."""
    ghost = f",{quote.subnum}" if quote.subnum else ""
    board = "" if quote.board is None else f">/{quote.board}/"
    return f">>{board}{quote.num}{ghost}"


def _opening(token: Open) -> str:
    if token.split or token.tag in LINE_TAGS:
        return ""
    if token.value is None:
        return f"[{_name(token.tag)}]"
    if token.tag == "fortune":
        return f'[fortune color="{token.value}"]'
    return f"[{token.tag}={token.value}]"


def _name(tag: str) -> str:
    return "b" if tag == "heading" else tag


def _escaped(text: str) -> str:
    return _tag.sub(r"[\1:lit\2]", text) if "[" in text else text


def _literal(name: str, text: str) -> str:
    content = _own_close[name].sub(r"[\1\2:lit]", text)
    return f"[{name}]{content}[/{name}]"


def _with_address(text: str, address: str) -> str:
    return address if text == address else f"{_escaped(text)} {address}"
