"""Comments of any kind for property tests, and what stands in the HTML that was made of them."""

from __future__ import annotations

from html import unescape

import html5lib
from hypothesis import strategies as st

from app.markup import Quote, QuoteLink

MATHML = "{http://www.w3.org/1998/Math/MathML}"
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

pieces = st.one_of(
    st.sampled_from([f"[{name}]" for name in NAMES]),
    st.sampled_from([f"[/{name}]" for name in NAMES]),
    st.sampled_from([f"[{name}:lit]" for name in NAMES] + ["[/b:lit]", "[code:lit:lit]", "[B:LIT]"]),
    st.sampled_from(["\n", "\n>", "\r\n", ">", ">>", ">>1", ">>12,3", ">>>/b/", ">>>/λ/5", ">>>/b/x", ">>>7"]),
    st.sampled_from(["x.com", ".de/", "@x.org", "..", "</script>", "javascript:x", "onerror=x", "a.b.co/(c"]),
    st.sampled_from(["http://x.y/", "https://x.y/(a", ")", "(", "[", "]", '"', "'", "<", "&", "&gt;", "&amp;lt;"]),
    st.sampled_from(["[fortune color=#abc]", '[fortune color="a"]', "[qstcolor=red]", "[qstcolor=<]", ":lit", "="]),
    st.sampled_from(
        ["[code]def f(x):\n  return 'a'  # b", "#include <a>\nint b;", "<div class='a'>", "$ cd ~ | ls -a"]
    ),
    st.sampled_from(
        ["[math]x^2", "[eqn]\\frac{a}{b}", "\\text{<b>}", "\\href{javascript:x}{y}", "\\", "{", "}", "_", "^"]
    ),
    st.sampled_from(["\u202e", "\u2066", "\u202c", "\u2069", "\x00", "\x1b", "\x85", "\ud800", "\ufffe", "\t"]),
    st.text(max_size=8),
)
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


def shown(out: str, allowed: dict[str, set[str]], *, strict: bool) -> str:
    """The text of the HTML, all of whose elements, attributes and addresses are allowed; of a formula, its TeX."""
    parser = html5lib.HTMLParser(strict=strict, namespaceHTMLElements=False)
    root = parser.parseFragment(f"<div>{out}</div>", container="body")[0]
    formulas = []
    for element in root.iter():
        if element is root:
            continue
        assert element.tag in allowed
        assert set(element.attrib) <= allowed[element.tag]
        href = element.get("href", "/")
        assert href.startswith("/") or href.lower().startswith(("http://", "https://", "ftp://"))
        assert not set(element.get("style", "")) & set("\"'()/\\@<>")
        if element.tag == f"{MATHML}math":
            tex = [note.text for note in element.iter(f"{MATHML}annotation")]
            drawn = {part.tag for part in element.iter()}
            assert len(tex) == 1 and drawn >= {f"{MATHML}semantics"}
            formulas.append((element, tex[0]))
        elif element.tag == "br":
            element.text = "\n"
        elif element.tag == "script":
            assert element.get("type") in ("math/tex", "math/tex; mode=display")
            tex = (element.text or "").replace("<br />", "")
            assert "<" not in tex
            element.text = unescape(tex)
    for element, source in formulas:
        del element[:]
        element.text = source
    return "".join(root.itertext())
