"""Comments stored as the HTML of a vichan-like site."""

from __future__ import annotations

import pytest

from app.markup import (
    Code,
    Comment,
    Newline,
    Open,
    Quote,
    QuoteLink,
    Text,
    Url,
    parse,
    to_bbcode,
    to_html,
    to_text,
)


def read(stored: str) -> Comment:
    return parse(stored, "html")


def html(stored: str) -> str:
    return str(to_html(read(stored), lambda quote: QuoteLink(None, "deadlink", "", "")))


INLINE = [
    ('<span class="quote">&gt;x</span>', '<span class="greentext">&gt;x</span>'),
    ('<p class="body-line ltr quote">&gt;x</p>', '<span class="greentext">&gt;x</span>'),
    ('<span class="quote">&gt;x<br/>&gt;y</span>', '<span class="greentext">&gt;x<br>&gt;y</span>'),
    ('<span class="spoiler">x</span>', '<span class="spoiler" tabindex="0">x</span>'),
    ('<span class="heading">x</span>', '<strong class="heading">x</strong>'),
    ("<h2>x</h2>y", '<strong class="heading">x</strong><br>y'),
    ('<span class="public_ban">x</span>', '<strong class="banned">x</strong>'),
    ("<strong>x</strong><b>y</b>", "<strong>x</strong><strong>y</strong>"),
    ("<em>x</em><i>y</i>", "<em>x</em><em>y</em>"),
    ("<u>x</u><s>y</s>", '<span class="underline">x</span><s>y</s>'),
    ("<sub>x</sub><sup>y</sup>", "<sub>x</sub><sup>y</sup>"),
    ("<tt>a</tt> <code>b &lt; c</code>", "<code>a</code> <code>b &lt; c</code>"),
    (
        'a<br/><pre class="hljs"><code>if (a)\n    &lt;b&gt;</code></pre>c',
        'a<br><pre tabindex="0"><code>if (a)\n    &lt;b&gt;</code></pre>\nc',
    ),
    ("<pre>one</pre><br/>two", '<pre tabindex="0"><code>one</code></pre>\ntwo'),
    ("<b>x", "<strong>x</strong>"),
    ("<b><i>x</b>y</i>", "<strong><em>x</em></strong><em>y</em>"),
    ("3 < 5 &gt; 2 &amp; caf&eacute; &hellip;", "3 &lt; 5 &gt; 2 &amp; café …"),
    ("&amp;lt;b&amp;gt;", "&amp;lt;b&amp;gt;"),
]


@pytest.mark.parametrize(("stored", "expected"), INLINE)
def test_markup(stored: str, expected: str) -> None:
    assert html(stored) == expected


LINES = [
    ("a<br/>b<br>c", "a\nb\nc"),
    ("a<br/><br/>b", "a\n\nb"),
    ("<br/><br/>a<br/>", "a"),
    ('<p class="body-line ltr ">a</p><p class="body-line ltr ">b</p>', "a\nb"),
    ('<p class="body-line">a</p><p class="body-line empty "></p><p class="body-line">b</p>', "a\n\nb"),
    ("<p>a</p>b<p>c</p>", "a\nb\nc"),
    ("<p>a</p>\n  <p>b</p>\n", "a\nb"),
    ("a\n  b", "a b"),
    ("a<br/>\n  b", "a\nb"),
    ("<div><p>a</p></div><div>b</div>", "a\nb"),
    ("dns     53", "dns     53"),
]


@pytest.mark.parametrize(("stored", "expected"), LINES)
def test_lines(stored: str, expected: str) -> None:
    assert to_text(read(stored)) == expected


QUOTES = [
    ("/b/res/123.html#456", "&gt;&gt;456", Quote(None, 456, 0, ">>456")),
    ("/b/res/123.html#q456", "&gt;&gt;456", Quote(None, 456, 0, ">>456")),
    ("/b/res/123.html", "&gt;&gt;123", Quote(None, 123, 0, ">>123")),
    ("/b/res/123+50.html#456", "&gt;&gt;456", Quote(None, 456, 0, ">>456")),
    ("/b/res/123.html#456", "&gt;&gt;&gt;/b/456", Quote("b", 456, 0, ">>>/b/456")),
    ("/%CE%BB/res/1.html#2", "&gt;&gt;&gt;/λ/2", Quote("λ", 2, 0, ">>>/λ/2")),
    ("/b/res/123.html#456", "<b>this</b>\n one", Quote("b", 456, 0, "this one")),
    ("/b/res/123.html#456", "", Quote("b", 456, 0, ">>>/b/456")),
]


@pytest.mark.parametrize(("href", "words", "quote"), QUOTES)
def test_links_to_posts(href: str, words: str, quote: Quote) -> None:
    comment = read(f'<a onclick="highlightReply(1, event);" href="{href}">{words}</a>')
    assert comment.tokens == (quote,)
    assert comment.quotes == (quote,)


@pytest.mark.parametrize(
    "href",
    [
        "/sec/src/1.png",
        "javascript:alert(1)",
        "java\tscript:alert(1)",
        "data:text/html,x",
        "//evil.example/",
        "mailto:a@b.c",
        "/b/res/99999999999.html",
        "/%22%3E/res/1.html",
        "/a%2Fb/res/1.html",
        "http://x y/",
        "https://",
        "",
    ],
)
def test_other_links_become_text(href: str) -> None:
    assert read(f'<a href="{href}">words</a>').tokens == (Text("words"),)


def test_links_out() -> None:
    assert read('<a href="https://x.com/?a=1&amp;b=2" onclick="x">go</a>').tokens == (
        Url("https://x.com/?a=1&b=2", "go"),
    )


def test_only_the_sites_own_links_count() -> None:
    comment = read("&gt;&gt;5 said http://x.com/ [spoiler]so[/spoiler]<br/>&gt;and so")
    assert comment.quotes == ()
    assert comment.tokens == (
        Text(">>5 said http://x.com/ [spoiler]so[/spoiler]"),
        Newline(),
        Text(">and so"),
    )


HOSTILE = [
    ("<script>alert(1)</script>a", "a"),
    ("<style>x</style>a<!-- b -->", "a"),
    ('<img src=x onerror="alert(1)">a', "a"),
    ("<textarea><b>x</textarea>a", "a"),
    ('<b onmouseover="x" style="y" id="main">a</b></div></body>', "<strong>a</strong>"),
    ("&lt;script&gt;", "&lt;script&gt;"),
    ('<span class="quote&quot; x">a</span>', "a"),
    ("a\x00&#1;\ud800", "a\ufffd\ufffd\ufffd"),
]


@pytest.mark.parametrize(("stored", "expected"), HOSTILE)
def test_hostile_html(stored: str, expected: str) -> None:
    assert html(stored) == expected


def test_an_open_direction_is_closed() -> None:
    assert to_text(read("<b>\u202ea</b>")) == "\u202ea\u202c"


def test_nesting_is_capped() -> None:
    stored = "<b>" * 500 + "x" + "</b>" * 500 + "y"
    assert read(stored).tokens.count(Open("b")) == 64
    out = html(stored)
    assert out == "<strong>" * 3 + "x" + "</strong>" * 3 + "y"


@pytest.mark.parametrize("stored", [None, "", "<p></p><br/><b></b>", "<script>x</script>", " \n "])
def test_empty_comments(stored: str | None) -> None:
    assert parse(stored, "html").tokens == ()


BBCODE = [
    ("[spoiler]x[/SPOILER] [nope]", "[spoiler:lit]x[/SPOILER:lit] [nope]"),
    ("[<span>b]</span>x", "[b:lit]x"),
    ("[b:lit]", "[b:lit:lit]"),
    ("[fortune color=red]x [b=1]", "[fortune:lit color=red]x [b=1]"),
    ("[qstcolor=red]x", "[qstcolor:lit=red]x"),
    ("&amp;gt; &amp;nope;", "&amp;gt; &nope;"),
    ('<span class="spoiler">x<br/>y</span>', "[spoiler]x\ny[/spoiler]"),
    ('<span class="heading">x</span>', "[b]x[/b]"),
    ('<span class="public_ban">x</span>', "[banned]x[/banned]"),
    ("<code>[b] [/code] [i:lit]</code>", "[code][b] [/code:lit] [i:lit:lit][/code]"),
    ('<span class="quote">&gt;x</span>', ">x"),
    ('<a href="/b/res/1.html#2">&gt;&gt;2</a>', ">>2"),
    ('<a href="/b/res/1.html#2">there</a>', "there >>>/b/2"),
    ('<a href="http://x.com/">http://x.com/</a>', "http://x.com/"),
    ('<a href="http://x.com/">here</a>', "here http://x.com/"),
]


@pytest.mark.parametrize(("stored", "expected"), BBCODE)
def test_canonical_bbcode(stored: str, expected: str) -> None:
    assert to_bbcode(read(stored)) == expected


@pytest.mark.parametrize(
    "stored",
    [
        "[spoiler]x[/spoiler] [b:lit] [fortune color=red] [qstcolor=red]y[/qstcolor] [b=1]",
        "<code>[/code] [/code:lit] [i:lit]</code><pre>[code]\nx</pre>",
        "&amp;gt; &amp;amp; &amp;nope; &amp;#91;b]",
    ],
)
def test_canonical_bbcode_shows_the_same_text(stored: str) -> None:
    comment = read(stored)
    assert to_text(parse(to_bbcode(comment), "bbcode")) == to_text(comment)


def test_code_keeps_its_lines() -> None:
    assert read("<code>a<br/>b</code>").tokens == (Code("a\nb", True),)
