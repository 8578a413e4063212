"""Comments as the `com` of 4chan's interface (FoolFuuka notes, section 8)."""

from __future__ import annotations

import pytest

from app.markup import Quote, QuoteLink, escape_site, parse, to_fourchan


def link(quote: Quote) -> QuoteLink:
    """As in an answer about thread 100 of board a; post 404 is in no archive."""
    if quote.num == 404:
        return QuoteLink(None, "x", "", "")
    if quote.board is None:
        return QuoteLink(f"#p{quote.num}", "x", "a", str(quote.num), " (OP)")
    return QuoteLink(f"/{quote.board}/thread/1#p{quote.num}", "x", quote.board, str(quote.num))


def board_href(board: str) -> str:
    return f"//h/{board}/?x=1&y"


def com(stored: str) -> str:
    return to_fourchan(parse(stored, "bbcode"), link, board_href)


COMMENTS = [
    ("x\ny\n\nz", "x<br>y<br><br>z"),
    (">be me\nok", '<span class="quote">&gt;be me</span><br>ok'),
    (">>100\n>a", '<a href="#p100" class="quotelink">&gt;&gt;100</a><br><span class="quote">&gt;a</span>'),
    (">>100 x", '<a href="#p100" class="quotelink">&gt;&gt;100</a> x'),
    (">>404", '<span class="deadlink">&gt;&gt;404</span>'),
    (">>>/b/5", '<a href="/b/thread/1#p5" class="quotelink">&gt;&gt;&gt;/b/5</a>'),
    (">>>/b/404", '<span class="deadlink">&gt;&gt;&gt;/b/404</span>'),
    (">>>/b/", '<a href="//h/b/?x=1&amp;y" class="quotelink">&gt;&gt;&gt;/b/</a>'),
    ("[spoiler]x[/spoiler]", "<s>x</s>"),
    (">g [spoiler]a\nb[/spoiler]", '<span class="quote">&gt;g <s>a</s></span><br><s>b</s>'),
    ("[b]\n>x[/b] y", '<b><br><span class="quote">&gt;x</span></b><span class="quote"> y</span>'),
    ("[code]a[b][/code]", '<pre class="prettyprint">a[b]</pre>'),
    ("[code]\na\n>>100\n[/code]\nx", '<pre class="prettyprint">a<br>&gt;&gt;100</pre><br>x'),
    ("[shiftjis]x[/shiftjis]", '<span class="sjis">x</span>'),
    ("[sjis]x[/sjis]", '<span class="sjis">x</span>'),
    (
        'a\n\n[fortune color="#fd4d32"]x[/fortune]',
        'a<br><br><span class="fortune" style="color:#fd4d32"><b>x</b></span>',
    ),
    ("[banned]x[/banned]", '<strong style="color: red;">x</strong>'),
    ("[b]x[/b]", "<b>x</b>"),
    ("[i]x[/i]", "<i>x</i>"),
    ("[u]x[/u]", "<u>x</u>"),
    ("[o]x[/o]", '<span style="text-decoration: overline">x</span>'),
    ("[s]x[/s]", "<del>x</del>"),
    ("[sub]x[/sub]", "<sub>x</sub>"),
    ("[sup]x[/sup]", "<sup>x</sup>"),
    ("[info]x[/info]", '<span class="info">x</span>'),
    ("[moot]x[/moot]", '<span class="moot" style="border: 1px dashed #c33; padding: 0 4px">x</span>'),
    ("[qstcolor=red]x[/qstcolor]", '<span class="mu-r">x</span>'),
    ("[qstcolor=Blue]x[/qstcolor]", '<span class="mu-b">x</span>'),
    ('[qstcolor=red" onclick="x]x', '<span class="qst-color">x</span>'),
    ("[math]a<b\nc[/math]", "[math]a&lt;b<br>c[/math]"),
    ("[eqn]a[/eqn]", "[eqn]a[/eqn]"),
    ("https://x.com/a?b=1&c=2 x.org", "https://x.com/a?b=1&amp;c=2 x.org"),
    ('<b>& "q" it\'s é', "&lt;b&gt;&amp; &quot;q&quot; it&#039;s é"),
    ("[b:lit]x", "[b]x"),
]


@pytest.mark.parametrize(("stored", "expected"), COMMENTS)
def test_com(stored: str, expected: str) -> None:
    assert com(stored) == expected


def test_escape_site() -> None:
    assert escape_site("&amp; <a href='x'>\"é\"") == "&amp;amp; &lt;a href=&#039;x&#039;&gt;&quot;é&quot;"


def test_addresses_are_escaped() -> None:
    evil = QuoteLink("#\"'><b>", "", "", "")
    html = to_fourchan(parse(">>1 >>>/b/", "bbcode"), lambda quote: evil, lambda board: '"><i>')
    assert html == (
        '<a href="#&quot;&#039;&gt;&lt;b&gt;" class="quotelink">&gt;&gt;1</a>'
        ' <a href="&quot;&gt;&lt;i&gt;" class="quotelink">&gt;&gt;&gt;/b/</a>'
    )


def test_comments_kept_as_html() -> None:
    stored = (
        '<h1>T</h1><p class="body-line quote">&gt;a <a href="/b/res/7.html#8">see</a></p>'
        '<p>x<br><a href="http://x.y/">words</a><pre>l1\n>l2</pre></p>'
    )
    assert to_fourchan(parse(stored, "html"), link, board_href) == (
        '<b>T</b><br><span class="quote">&gt;a <a href="/b/thread/1#p8" class="quotelink">see</a></span><br>'
        'x<br>words<br><pre class="prettyprint">l1<br>&gt;l2</pre>'
    )
