"""What holds for any comment at all: safe and well-formed HTML, the same text everywhere, linear effort."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from typing import Any, Literal
from xml.etree import ElementTree

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.markup import (
    Close,
    Comment,
    Math,
    Open,
    Text,
    Url,
    parse,
    to_bbcode,
    to_foolfuuka,
    to_fourchan,
    to_html,
    to_text,
)
from tests.support.comments import MATHML, bbcode_texts, html_texts, link, shown

Dialect = Literal["bbcode", "html"]

FORMULA = re.findall(
    r"\w+",
    "mfrac mi mn mo mover mpadded mphantom mroot mrow mspace msqrt mstyle msub msubsup msup mtable mtd mtext mtr "
    "munder munderover",
)
FORMULA_ATTRIBUTES = set(
    re.findall(
        r"\w+",
        "accent accentunder columnalign depth displaystyle fence form height largeop linethickness lspace mathvariant "
        "maxsize minsize movablelimits rspace scriptlevel separator stretchy symmetric voffset width",
    )
)
ALLOWED: dict[str, set[str]] = {
    "span": {"class", "tabindex", "title"},
    "a": {"href", "rel", "class", "data-function", "data-backlink", "data-board", "data-post"},
    "strong": {"class"},
    "code": {"class"},
    "em": set(),
    "s": set(),
    "sub": set(),
    "sup": set(),
    "pre": {"tabindex"},
    "br": set(),
    f"{MATHML}math": {"display"},
    f"{MATHML}annotation": {"encoding"},
    f"{MATHML}semantics": set(),
    **dict.fromkeys((MATHML + name for name in FORMULA), FORMULA_ATTRIBUTES),
}
FOOLFUUKA = {
    "span": {"class", "style"},
    "a": {"href", "target", "rel", "class", "data-function", "data-backlink", "data-board", "data-post"},
    "strong": set(),
    "em": set(),
    "sub": set(),
    "sup": set(),
    "code": set(),
    "pre": set(),
    "script": {"type"},
    "br": set(),
}
FOURCHAN = {
    "span": {"class", "style"},
    "a": {"href", "class"},
    "s": set(),
    "b": set(),
    "i": set(),
    "u": set(),
    "del": set(),
    "sub": set(),
    "sup": set(),
    "strong": {"style"},
    "pre": {"class"},
    "br": set(),
}

# Machines are slow at times; how long one example takes says nothing here.
patient = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


def address(board: str) -> str:
    return f"/{board}/"


def write(comment: Comment) -> str:
    return str(to_html(comment, link, address))


def check_page(comment: Comment) -> None:
    """The HTML is well-formed, allowed, and shows what ``to_text`` says."""
    out = write(comment)
    out.encode()
    # As XML: every tag is closed in its order and every "<" and "&" is our own.
    ElementTree.fromstring(f"<div>{out.replace('<br>', '<br/>')}</div>")
    assert shown(out, ALLOWED, strict=True) == to_text(comment)


def check_foolfuuka(comment: Comment) -> None:
    """Whatever is stored: what is allowed and nothing else, all of the text, a script for each formula only."""
    out = to_foolfuuka(comment, link, address)
    out.encode()
    assert "".join(shown(out, FOOLFUUKA, strict=False).split()) == "".join(to_text(comment).split())
    assert out.lower().count("<script") == sum(isinstance(token, Math) for token in comment.tokens)
    assert out == out.strip(" \t\r\n\0\v")


def check_fourchan(comment: Comment) -> None:
    """Well-formed, with formulas between their tags."""
    out = to_fourchan(comment, link, address)
    ElementTree.fromstring(f"<div>{out.replace('<br>', '<br/>')}</div>")
    assert shown(out, FOURCHAN, strict=True) == to_text(Comment(tuple(map(with_tags, comment.tokens))))


def with_tags(token: Any) -> Any:
    if not isinstance(token, Math):
        return token
    return Text(f"[eqn]{token.tex}[/eqn]" if token.display else f"[math]{token.tex}[/math]")


def check_nesting(comment: Comment) -> None:
    stack: list[str] = []
    for token in comment.tokens:
        if isinstance(token, Open):
            stack.append(token.tag)
        elif isinstance(token, Close):
            assert stack.pop() == token.tag
        elif isinstance(token, Url):
            assert not set(token.href) & set(' "<>\n\u202e')
    assert stack == []
    assert len(set(comment.quotes)) == len(comment.quotes)


def check(comment: Comment) -> None:
    check_nesting(comment)
    check_page(comment)
    check_foolfuuka(comment)
    check_fourchan(comment)


@patient
@given(bbcode_texts)
def test_any_bbcode(stored: str) -> None:
    comment = parse(stored, "bbcode")
    check(comment)
    again = parse(to_bbcode(comment), "bbcode")
    assert to_text(again) == to_text(comment)
    assert again.quotes == comment.quotes


@patient
@given(html_texts)
def test_any_html(stored: str) -> None:
    comment = parse(stored, "html")
    check(comment)
    parse(to_bbcode(comment), "bbcode")


@patient
@given(st.text())
def test_any_text(stored: str) -> None:
    for dialect in ("bbcode", "html"):
        comment = parse(stored, dialect)  # type: ignore[arg-type]
        check(comment)


HOSTILE: list[tuple[Dialect, str, str, str]] = [
    ("bbcode", "", "[b]", ""),
    ("bbcode", "", "[b]x[/b]", ""),
    ("bbcode", "", "[/b]", ""),
    ("bbcode", "[i]" * 64, "[/b]", ""),
    ("bbcode", "", "[code]", ""),
    ("bbcode", "", "[math]x[/math]", ""),
    ("bbcode", "", ">>1 ", ""),
    ("bbcode", "", ">>1\n", ""),
    ("bbcode", "", ">\n", ""),
    ("bbcode", "", "\n[b]\n>[/b]", ""),
    ("bbcode", "[b]" * 60 + "\n>", "[/b][b]", ""),
    ("bbcode", "", "http://a)", ""),
    ("bbcode", "http://a", "(", ""),
    ("bbcode", "", "http://a[b]", ""),
    ("bbcode", "", "://", ""),
    ("bbcode", "[b", ":lit", ""),
    ("bbcode", "", "[fortune color=", ""),
    ("bbcode", "", "&gt;", ""),
    ("bbcode", "", "\u202e", ""),
    ("bbcode", "", " ", "x"),
    ("bbcode", "", "x", ""),
    ("bbcode", ">>>/", "a", ""),
    ("bbcode", ">>", "1", ""),
    ("bbcode", "", "@a.co.", ""),
    ("bbcode", "", "a-.co ", ""),
    ("bbcode", "[code]", ">>1 a.co/ ://", ""),
    ("bbcode", "[code]", 'def f(x): # "\n', ""),
    ("bbcode", "", "[code]int f();\nreturn '[/code]", ""),
    ("bbcode", "", "[math]\\frac ab[/math]", ""),
    ("bbcode", "[math]", "{", ""),
    ("html", "", "<b>", "x"),
    ("html", "", "<b></b> ", "x"),
    ("html", "", "<p>", "x"),
    ("html", "", "<span class=quote>&gt;<br>", "x"),
    ("html", "<span class=quote>" + "<b>" * 60, "<br>x", ""),
    ("html", "", "<a href=http://a>x", ""),
    ("html", "a", " \n", "x"),
    ("html", "", "&gt;", ""),
]


def effort(work: Callable[[], Any]) -> int:
    """How many calls, of Python and of C, ``work`` makes."""
    calls = 0

    def count(frame: object, event: str, argument: object) -> None:
        nonlocal calls
        calls += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        work()
    finally:
        sys.setprofile(before)
    return calls


def work_and_size(dialect: Dialect, stored: str) -> tuple[int, int]:
    sizes: list[int] = []

    def run() -> None:
        comment = parse(stored, dialect)
        sizes.append(len(write(comment)) + len(to_text(comment)) + len(to_bbcode(comment)))
        sizes.extend(len(emit(comment, link, address)) for emit in (to_foolfuuka, to_fourchan))
        sizes.append(len(comment.tokens))

    return effort(run), sum(sizes)


@pytest.mark.parametrize(("dialect", "start", "repeated", "end"), HOSTILE)
def test_effort_grows_with_the_length_only(dialect: Dialect, start: str, repeated: str, end: str) -> None:
    """Four times the text: about four times the calls and the output, up to 64 kB."""
    many = (64_000 - len(start)) // len(repeated)
    calls, size = work_and_size(dialect, start + repeated * (many // 4) + end)
    more_calls, more_size = work_and_size(dialect, start + repeated * many + end)
    assert more_calls <= 4.5 * calls + 1000
    assert more_size <= 4.5 * size + 1000
    assert more_calls <= 64_000 * 70
