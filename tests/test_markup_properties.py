"""What holds for any comment at all: safe and well-formed HTML, the same text everywhere, linear effort."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any, Literal
from xml.etree import ElementTree

import html5lib
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.markup import Close, Comment, Open, Quote, QuoteLink, Url, parse, to_bbcode, to_html, to_text

Dialect = Literal["bbcode", "html"]

NAMES = [
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
    "nope",
]
ALLOWED = {
    "span": {"class", "tabindex"},
    "a": {"href", "rel", "class", "data-function", "data-backlink", "data-board", "data-post"},
    "strong": {"class"},
    "code": {"class"},
    "em": set(),
    "s": set(),
    "sub": set(),
    "sup": set(),
    "pre": set(),
    "br": set(),
}

pieces = st.one_of(
    st.sampled_from([f"[{name}]" for name in NAMES]),
    st.sampled_from([f"[/{name}]" for name in NAMES]),
    st.sampled_from([f"[{name}:lit]" for name in NAMES] + ["[/b:lit]", "[code:lit:lit]", "[B:LIT]"]),
    st.sampled_from(["\n", "\n>", "\r\n", ">", ">>", ">>1", ">>12,3", ">>>/b/", ">>>/λ/5", ">>>/b/x", ">>>7"]),
    st.sampled_from(["http://x.y/", "https://x.y/(a", ")", "(", "[", "]", '"', "'", "<", "&", "&gt;", "&amp;lt;"]),
    st.sampled_from(["[fortune color=#abc]", '[fortune color="a"]', "[qstcolor=red]", "[qstcolor=<]", ":lit", "="]),
    st.sampled_from(["\u202e", "\u2066", "\u202c", "\u2069", "\x00", "\x1b", "\x85", "\ud800", "\ufffe", "\t"]),
    st.text(max_size=8),
)
# Machines are slow at times; how long one example takes says nothing here.
patient = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
bbcode_texts = st.lists(pieces, max_size=30).map("".join)
html_pieces = st.one_of(
    st.sampled_from(
        [
            f"<{name}>"
            for name in [
                "b",
                "i",
                "p",
                "pre",
                "code",
                "tt",
                "span",
                "a",
                "div",
                "br",
                "h1",
                "s",
                "script",
                "style",
                "svg",
            ]
        ]
    ),
    st.sampled_from(
        [
            f"</{name}>"
            for name in ["b", "i", "p", "pre", "code", "tt", "span", "a", "div", "h1", "s", "script", "style"]
        ]
    ),
    st.sampled_from(["<span class=quote>", "<span class=spoiler>", '<p class="body-line quote">', "<!--", "-->"]),
    st.sampled_from(["<a href='/b/res/1.html#2'>", "<a href=http://x.y/>", "<a href=javascript:x>", "<a onclick=x>"]),
    pieces,
)
html_texts = st.lists(html_pieces, max_size=30).map("".join)


def link(quote: Quote) -> QuoteLink:
    """Every third post is missing; no notes, so that the text of a page is the text of the comment."""
    href = None if quote.num % 3 == 0 else f"/{quote.board or 'a'}/post/{quote.num}/"
    return QuoteLink(href, "backlink", quote.board or "a", str(quote.num))


def write(comment: Comment) -> str:
    return str(to_html(comment, link, lambda board: f"/{board}/"))


def check_page(comment: Comment) -> None:
    """The HTML is well-formed, allowed, and shows what ``to_text`` says."""
    out = write(comment)
    out.encode()
    # As XML: every tag is closed in its order and every "<" and "&" is our own.
    ElementTree.fromstring(f"<div>{out.replace('<br>', '<br/>')}</div>")
    parser = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False)
    root = parser.parseFragment(f"<div>{out}</div>", container="body")[0]
    for element in root.iter():
        if element is root:
            continue
        assert element.tag in ALLOWED
        assert set(element.attrib) <= ALLOWED[element.tag]
        href = element.get("href", "/")
        assert href.startswith("/") or href.lower().startswith(("http://", "https://", "ftp://"))
        if element.tag == "br":
            element.text = "\n"
    assert "".join(root.itertext()) == to_text(comment)


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


@patient
@given(bbcode_texts)
def test_any_bbcode(stored: str) -> None:
    comment = parse(stored, "bbcode")
    check_nesting(comment)
    check_page(comment)
    again = parse(to_bbcode(comment), "bbcode")
    assert to_text(again) == to_text(comment)
    assert again.quotes == comment.quotes


@patient
@given(html_texts)
def test_any_html(stored: str) -> None:
    comment = parse(stored, "html")
    check_nesting(comment)
    check_page(comment)
    parse(to_bbcode(comment), "bbcode")


@patient
@given(st.text())
def test_any_text(stored: str) -> None:
    for dialect in ("bbcode", "html"):
        comment = parse(stored, dialect)  # type: ignore[arg-type]
        check_nesting(comment)
        check_page(comment)


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
    assert more_calls <= 64_000 * 40
