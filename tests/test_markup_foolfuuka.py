"""Comments as FoolFuuka's `comment_processed`: byte for byte as the FoolFuuka notes have it (section 3)."""

from __future__ import annotations

from html.entities import codepoint2name

import pytest

from app.markup import Comment, Math, Quote, QuoteLink, Text, escape_named, parse, to_foolfuuka

BASE = "https://h"
BOARDS = ("a", "b")
LOADED = {"100", "101", "102", "102_1"}


def link(quote: Quote) -> QuoteLink:
    """As in an answer about board a that holds thread 100 whole; there is a board b, but none called zz."""
    post = f"{quote.num}_{quote.subnum}" if quote.subnum else str(quote.num)
    if quote.board is None and post in LOADED:
        classes = "backlink op" if quote.num == 100 else "backlink"
        return QuoteLink(f"{BASE}/a/thread/100/#{post}", classes, "a", post)
    board = quote.board or "a"
    if board in BOARDS:
        return QuoteLink(f"{BASE}/{board}/post/{post}/", "backlink", board, post)
    return QuoteLink(f"//boards.4chan.org/{board}/thread/{post}", "", board, post)


def board_href(board: str) -> str:
    return f"{BASE}/{board}/" if board in BOARDS else f"//boards.4chan.org/{board}/"


def processed(stored: str) -> str:
    return to_foolfuuka(parse(stored, "bbcode"), link, board_href)


def anchor(href: str, classes: str, board: str, post: str, text: str) -> str:
    return (
        f'<a href="https://h/{href}" class="{classes}" data-function="highlight" data-backlink="true"'
        f' data-board="{board}" data-post="{post}">{text}</a>'
    )


def green(inner: str) -> str:
    return f'<span class="greentext">{inner}</span>'


def out(url: str, text: str | None = None) -> str:
    return f'<a href="{url}" target="_blank" rel="nofollow">{url if text is None else text}</a>'


OP = anchor("a/thread/100/#100", "backlink op", "a", "100", "&gt;&gt;100")

# The table of the notes.
EXACT = [
    (
        ">>100",
        '<span class="greentext"><a href="https://h/a/thread/100/#100" class="backlink op" data-function="highlight"'
        ' data-backlink="true" data-board="a" data-post="100">&gt;&gt;100</a></span>',
    ),
    (
        ">>101",
        '<span class="greentext"><a href="https://h/a/thread/100/#101" class="backlink" data-function="highlight"'
        ' data-backlink="true" data-board="a" data-post="101">&gt;&gt;101</a></span>',
    ),
    (
        ">>102,1",
        '<span class="greentext"><a href="https://h/a/thread/100/#102_1" class="backlink" data-function="highlight"'
        ' data-backlink="true" data-board="a" data-post="102_1">&gt;&gt;102,1</a></span>',
    ),
    (
        ">>999",
        '<span class="greentext"><a href="https://h/a/post/999/" class="backlink" data-function="highlight"'
        ' data-backlink="true" data-board="a" data-post="999">&gt;&gt;999</a></span>',
    ),
    (
        ">>>/b/123",
        '<span class="greentext"><a href="https://h/b/post/123/" class="backlink" data-function="highlight"'
        ' data-backlink="true" data-board="b" data-post="123">&gt;&gt;&gt;/b/123</a></span>',
    ),
    (">>>/b/", '<span class="greentext"><a href="https://h/b/">&gt;&gt;&gt;/b/</a></span>'),
    (
        ">>>/zz/5",
        '<span class="greentext"><a href="//boards.4chan.org/zz/thread/5">&gt;&gt;&gt;/zz/5</a></span>',
    ),
    (">be me\nok", '<span class="greentext">&gt;be me</span><br />\nok'),
    ("[spoiler]>x[/spoiler]", '<span class="spoiler">&gt;x</span>'),
    (
        ">g [spoiler]a\nb[/spoiler]",
        '<span class="greentext">&gt;g <span class="spoiler">a</span><br />\nb</span>',
    ),
    ("[code]a\nb[/code]", "<pre>a<br>b</pre>"),
    (
        "https://x.com/a?b=1&c=2",
        '<a href="https://x.com/a?b=1&amp;c=2" target="_blank" rel="nofollow">https://x.com/a?b=1&amp;c=2</a>',
    ),
    ('<b>& "q"', "&lt;b&gt;&amp; &quot;q&quot;"),
]

TAGS = [
    ("[spoiler]x[/spoiler]", '<span class="spoiler">x</span>'),
    ("[SPOILER]x[/Spoiler]", '<span class="spoiler">x</span>'),
    ("[code]x[/code]", "<code>x</code>"),
    ("[b]x[/b]", "<strong>x</strong>"),
    ("[i]x[/i]", "<em>x</em>"),
    ("[u]x[/u]", '<span class="underline">x</span>'),
    ("[o]x[/o]", '<span class="overline">x</span>'),
    ("[s]x[/s]", '<span class="strikethrough">x</span>'),
    ("[sub]x[/sub]", "<sub>x</sub>"),
    ("[sup]x[/sup]", "<sup>x</sup>"),
    ("[eqn]x[/eqn]", '<script type="math/tex; mode=display">x</script>'),
    ("[math]x[/math]", '<script type="math/tex">x</script>'),
    ("[banned]x[/banned]", '<span class="banned">x</span>'),
    ("[info]x[/info]", '<span class="alert alert-info">x</span>'),
    (
        '[fortune color="#fd4d32"]x[/fortune]',
        '<strong><span class="fortune" style="color: #fd4d32">x</span></strong>',
    ),
    ("[shiftjis]x[/shiftjis]", '<span class="shift-jis">x</span>'),
    ("[sjis]x[/sjis]", '<span class="shift-jis">x</span>'),
    ("[qstcolor=red]x[/qstcolor]", '<span class="qst-color red">x</span>'),
    ('[qstcolor="red"]x[/qstcolor]', '<span class="qst-color red">x</span>'),
    ("[moot]x[/moot]", '<span class="moot" style="border: 1px dashed #c33; padding: 0 4px">x</span>'),
    ("[spoiler:lit]x[/spoiler:lit]", "[spoiler]x[/spoiler]"),
    ("[nope]x[/nope]", "[nope]x[/nope]"),
    ("[b][i]x[/b]y[/i]", "<strong><em>x</em></strong>y[/i]"),
    ("[b]x", "<strong>x</strong>"),
    ("\n[b]\n>x[/b] y\n\n", f"<strong><br />\n{green('&gt;x</strong> y')}"),
]

LINES = [
    (" \n\n[b]x[/b] \n\t", "<strong>x</strong>"),
    ("  x\r\ny\rz", "x<br />\ny<br />\nz"),
    ("[b]x\n[/b]", "<strong>x<br />\n</strong>"),
    ("x\n\ny", "x<br />\n<br />\ny"),
    (">>100 x", green(f"{OP} x")),
    ("x >>100", f"x {OP}"),
    (">>>100", green(f"&gt;{OP}")),
    ("[b]>x[/b]", "<strong>&gt;x</strong>"),
    (">>999_1", green(anchor("a/post/999/", "backlink", "a", "999", "&gt;&gt;999") + "_1")),
    (">>>/b/7,2", green(anchor("b/post/7_2/", "backlink", "b", "7_2", "&gt;&gt;&gt;/b/7,2"))),
    (">>>/zz/", green('<a href="//boards.4chan.org/zz/">&gt;&gt;&gt;/zz/</a>')),
    ("\n\n[fortune color=#abc]x", '<strong><span class="fortune" style="color: #abc">x</span></strong>'),
]

CODE = [
    ("[code]a[b]b[/b][/code]", "<code>a[b]b[/b]</code>"),
    ("[code]\na\n\nb\n[/code]", "<pre><br>a<br><br>b<br></pre>"),
    ("[code]\n>a[/code]", "<pre><br>&gt;a</pre>"),
    ("[code]1\n>>100;[/code]", f"<pre>1<br>{OP};</pre>"),
    ("[code]>>>/b/[/code]", '<code><a href="https://h/b/">&gt;&gt;&gt;/b/</a></code>'),
    ("[code]x 'http://a.b/?c';\n<&[/code]", f"<pre>x '{out('http://a.b/?c')}';<br>&lt;&amp;</pre>"),
    ("[code]cd x.com[/code]", f"<code>cd {out('http://x.com', 'x.com')}</code>"),
    ("[code]>>99999999999 ://[/code]", "<code>&gt;&gt;99999999999 ://</code>"),
    (">x [code]a\nb[/code] y\nz", green("&gt;x <pre>a<br>b</pre> y") + "<br />\nz"),
]

# Host names without a scheme, and what looks like them.
HOSTS = [
    ("see x.com.", f"see {out('http://x.com', 'x.com')}."),
    ("(WWW.X.co.uk/)", f"({out('http://WWW.X.co.uk/', 'WWW.X.co.uk/')})"),
    ("x.org/a_(b)&c), d", f"{out('http://x.org/a_(b)&amp;c', 'x.org/a_(b)&amp;c')}), d"),
    ("to...a-b.de/é", f"to...{out('http://a-b.de/&eacute;', 'a-b.de/&eacute;')}"),
    ("x.com y.net", f"{out('http://x.com', 'x.com')} {out('http://y.net', 'y.net')}"),
    ("x.com/a.com/b://c", out("http://x.com/a.com/b://c", "x.com/a.com/b://c")),
    ("x.com.foo", f"{out('http://x.com', 'x.com')}.foo"),
    ("-x.com (.x.com", f"-{out('http://x.com', 'x.com')} (.{out('http://x.com', 'x.com')}"),
    (f"{'x' * 99}.com/{'y' * 999}", out(f"http://{'x' * 99}.com/{'y' * 999}", f"{'x' * 99}.com/{'y' * 999}")),
    ("日本x.jp", f"日本{out('http://x.jp', 'x.jp')}"),
    ("me@x.com x.name@y.com", "me@x.com x.name@y.com"),
    ("e.g. x.zip .com -.com _x.com 1.5", "e.g. x.zip .com -.com _x.com 1.5"),
    ("ftp://x.com/ irc.x.com", f"{out('ftp://x.com/')} {out('http://irc.x.com', 'irc.x.com')}"),
]


@pytest.mark.parametrize(("stored", "expected"), EXACT + TAGS + LINES + CODE + HOSTS)
def test_bytes(stored: str, expected: str) -> None:
    assert processed(stored) == expected


def test_every_named_character_is_written_by_its_name() -> None:
    for number, name in codepoint2name.items():
        assert processed(f"x{chr(number)}y") == f"x&{name};y"
        assert escape_named(chr(number)) == f"&{name};"
    assert escape_named("it's ☺ 日本") == "it's ☺ 日本"


def test_references_are_escaped_again() -> None:
    written = "&amp; &#039; &#xE9; &eacute; &nope; &eacute & &;"
    assert escape_named(written) == written.replace("&", "&amp;")
    # What writers left in comments is shown as what it stands for, as FoolFuuka does by leaving it alone.
    assert processed("&gt;x &amp;gt; &hearts;") == '<span class="greentext">&gt;x &amp;gt; &hearts;</span>'


@pytest.mark.parametrize("name", ["math", "eqn"])
@pytest.mark.parametrize("end", ["</script>", "</SCRIPT >", "<!--<script>", "&lt;/script>", "</scr\nipt>"])
def test_no_formula_ends_its_script(name: str, end: str) -> None:
    html = processed(f"[{name}]a{end}<img src=x onerror=alert(1)>b[/{name}]")
    assert html.startswith('<script type="math/tex')
    assert html.endswith("b</script>")
    assert "<" not in html[1 : -len("</script>")].replace("<br />", "")


def test_a_formula_keeps_its_lines() -> None:
    assert to_foolfuuka(Comment((Math("a\nb", True),)), link, board_href) == (
        '<script type="math/tex; mode=display">a<br />\nb</script>'
    )


@pytest.mark.parametrize(
    "option", ['fortune color="red;x:y"', 'fortune color="#a" onclick="x"', "fortune color=url(//x)", "fortune"]
)
def test_what_is_no_colour_makes_no_fortune(option: str) -> None:
    assert "<strong" not in processed(f"[{option}]x[/fortune]")


def test_a_quest_colour_that_is_none_names_no_class() -> None:
    assert processed('[qstcolor=red" onclick="x]x[/qstcolor]') == '<span class="qst-color unknown">x</span>'


def test_addresses_are_escaped() -> None:
    evil = QuoteLink('https://h/"><b>', 'x"y', '"b', '"1')
    html = to_foolfuuka(parse(">>1 >>>/b/", "bbcode"), lambda quote: evil, lambda board: 'x"><i>')
    assert "<b>" not in html
    assert "<i>" not in html
    assert 'class="x&quot;y"' in html
    assert 'data-board="&quot;b" data-post="&quot;1"' in html


def test_a_quote_without_an_address_is_text() -> None:
    nowhere = QuoteLink(None, "", "", "", " (note)")
    assert to_foolfuuka(Comment((Text("x "), Quote(None, 1, 0, ">>1"))), lambda quote: nowhere, board_href) == (
        "x &gt;&gt;1"
    )


def test_comments_kept_as_html() -> None:
    stored = (
        '<h1>T</h1><p class="body-line quote">&gt;a <a href="/b/res/7.html#8">see</a></p>'
        '<p>x<br><a href="http://x.y/">words</a><pre>l1\n>l2</pre></p>'
    )
    assert to_foolfuuka(parse(stored, "html"), link, board_href) == (
        f"<strong>T</strong><br />\n{green('&gt;a ' + anchor('b/post/8/', 'backlink', 'b', '8', 'see'))}<br />\n"
        f"x<br />\n{out('http://x.y/', 'words')}<br />\n<pre>l1<br>&gt;l2</pre>"
    )
