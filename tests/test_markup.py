"""Stored BBCode to our pages, to text and back: every form of the Asagi and FoolFuuka notes."""

from __future__ import annotations

import pytest

from app.markup import (
    BoardLink,
    Close,
    Code,
    Math,
    Open,
    Quote,
    QuoteLink,
    Text,
    Url,
    canonical_quote,
    parse,
    to_bbcode,
    to_html,
    to_text,
)


def link(quote: Quote) -> QuoteLink:
    """The post 1 is the OP, post 404 is in no archive, everything else is in thread 1."""
    if quote.num == 404:
        return QuoteLink(None, "deadlink", "", "")
    post = f"{quote.num}_{quote.subnum}" if quote.subnum else str(quote.num)
    board = quote.board or "a"
    note = "(OP)" if quote.num == 1 else ""
    return QuoteLink(f"/{board}/thread/1/#{post}", "backlink", board, post, note)


def board_href(board: str) -> str | None:
    return None if board == "zz" else f"/{board}/"


def html(stored: str) -> str:
    return str(to_html(parse(stored, "bbcode"), link, board_href))


def text(stored: str) -> str:
    return to_text(parse(stored, "bbcode"))


def anchor(post: str, words: str, board: str = "a") -> str:
    return (
        f'<a data-board="{board}" data-backlink="true" class="backlink" data-function="highlight"'
        f' href="/{board}/thread/1/#{post}" data-post="{post}">{words}</a>'
    )


TAGS = [
    ("[spoiler]x[/spoiler]", '<span class="spoiler" tabindex="0">x</span>'),
    ("[b]x[/b]", "<strong>x</strong>"),
    ("[i]x[/i]", "<em>x</em>"),
    ("[u]x[/u]", '<span class="underline">x</span>'),
    ("[o]x[/o]", '<span class="overline">x</span>'),
    ("[s]x[/s]", "<s>x</s>"),
    ("[sub]x[/sub]", "<sub>x</sub>"),
    ("[sup]x[/sup]", "<sup>x</sup>"),
    ("[banned]x[/banned]", '<strong class="banned">x</strong>'),
    ("[moot]x[/moot]", '<span class="moot">x</span>'),
    ("[info]x[/info]", '<span class="info">x</span>'),
    ("[shiftjis]x[/shiftjis]", '<span class="shift-jis" tabindex="0">x</span>'),
    ("[sjis]x[/sjis]", '<span class="shift-jis" tabindex="0">x</span>'),
    ('[fortune color="#FD4D32"]x[/fortune]', '<strong class="fortune fortune-2">x</strong>'),
    ("[fortune color=#abc]x[/fortune]", '<strong class="fortune fortune-9">x</strong>'),
    ("[fortune color=&quot;#abc&quot;]x[/fortune]", '<strong class="fortune fortune-9">x</strong>'),
    ("[qstcolor=red]x[/qstcolor]", '<span class="qst-color qst-red">x</span>'),
    ('[qstcolor="red"]x[/qstcolor]', '<span class="qst-color qst-red">x</span>'),
    ('[qstcolor=red" onclick="x]x', '<span class="qst-color">x</span>'),
    ("[qstcolor=a;b:url(//x.example)]x[/qstcolor]", '<span class="qst-color">x</span>'),
    (
        "[math]a<b[/math]",
        '<span class="math"><math><semantics><mrow><mi>a</mi><mo>&lt;</mo><mi>b</mi></mrow>'
        '<annotation encoding="application/x-tex">a&lt;b</annotation></semantics></math></span>',
    ),
    (
        "[eqn]x[b][/eqn]",
        '<span class="math display" tabindex="0"><math display="block"><semantics><mrow><mi>x</mi>'
        '<mo stretchy="false">[</mo><mi>b</mi><mo stretchy="false">]</mo></mrow>'
        '<annotation encoding="application/x-tex">x[b]</annotation></semantics></math></span>',
    ),
    (r"[math]\nosuch<[/math]", r'<code class="math">\nosuch&lt;</code>'),
    ("[eqn]{[/eqn]", '<code class="math display">{</code>'),
    ("[code]a[b]b[/b] >>1[/code]", "<code>a[b]b[/b] &gt;&gt;1</code>"),
    ("[code]a\n>b[/code]", '<pre tabindex="0"><code>a\n&gt;b</code></pre>'),
    ("[code]\na\n[/code]\nb", '<pre tabindex="0"><code>a</code></pre>\nb'),
    ("[code]a\nb[/code]\n\nc", '<pre tabindex="0"><code>a\nb</code></pre>\n<br>c'),
    ("[code]a\n>b", '<pre tabindex="0"><code>a\n&gt;b</code></pre>'),
    ("[SPOILER]x[/Spoiler]", '<span class="spoiler" tabindex="0">x</span>'),
    ("[b]x", "<strong>x</strong>"),
    ("[b]x\ny[/b]", "<strong>x<br>y</strong>"),
    ("[b][i]x[/b]y[/i]", "<strong><em>x</em></strong>y[/i]"),
    (
        "[spoiler]a[spoiler]b[/spoiler]c[/spoiler]",
        '<span class="spoiler" tabindex="0">a<span class="spoiler" tabindex="0">b</span>c</span>',
    ),
    ("2[sup]2[sup]2[/sup][/sup]", "2<sup>2[sup]2</sup>[/sup]"),
]

PLAIN_TEXT = [
    "x[/b]",
    "[nope]x[/nope]",
    "[b foo]x",
    "[spoiler=1]x",
    "[fortune]x[/fortune]",
    "[fortune color=]x[/fortune]",
    '[fortune color="red;x:y"]x[/fortune]',
    '[fortune color="red]x[/fortune]',
    "[qstcolor]x[/qstcolor]",
    "[/code] [/math]",
    "[m]x[/m] [aa]y[/aa]",
    "[\u017fpoiler]x",
    "[]",
    "[b",
]


@pytest.mark.parametrize(("stored", "expected"), TAGS)
def test_tags(stored: str, expected: str) -> None:
    assert html(stored) == expected


@pytest.mark.parametrize("stored", PLAIN_TEXT)
def test_what_is_no_tag_stays_text(stored: str) -> None:
    assert text(stored) == stored
    assert "<" not in html(stored)


@pytest.mark.parametrize(
    "name",
    [
        "spoiler",
        "code",
        "math",
        "eqn",
        "sub",
        "sup",
        "b",
        "i",
        "o",
        "s",
        "u",
        "banned",
        "moot",
        "info",
        "fortune",
        "shiftjis",
        "sjis",
        "qstcolor",
    ],
)
def test_literal_marks_are_taken_off(name: str) -> None:
    stored = f"[{name}:lit]x[/{name}:lit]"
    assert html(stored) == f"[{name}]x[/{name}]"
    assert to_bbcode(parse(stored, "bbcode")) == stored
    assert text(f"[code]{stored}[/code]") == f"[{name}]x[/{name}]"


def test_literal_mark_of_an_unknown_tag_stays() -> None:
    assert text("[foo:lit]x") == "[foo:lit]x"


LINKS = [
    (">>100", anchor("100", "&gt;&gt;100")),
    (">>102,1", anchor("102_1", "&gt;&gt;102,1")),
    (">>100_1", anchor("100", "&gt;&gt;100") + "_1"),
    (">>100,", anchor("100", "&gt;&gt;100") + ","),
    (">>1", anchor("1", '&gt;&gt;1 <span class="quote-note">(OP)</span>')),
    (">>404", '<span class="deadlink" title="Not in this archive">&gt;&gt;404</span>'),
    (">>>/b/123", anchor("123", "&gt;&gt;&gt;/b/123", "b")),
    (">>>/b/123,1", anchor("123_1", "&gt;&gt;&gt;/b/123,1", "b")),
    (">>>/b/", '<a href="/b/">&gt;&gt;&gt;/b/</a>'),
    (">>>/zz/", "&gt;&gt;&gt;/zz/"),
    (">>>/g/tfo", '<a href="/g/">&gt;&gt;&gt;/g/</a>tfo'),
    (">>>/g/4chan", '<a href="/g/">&gt;&gt;&gt;/g/</a>4chan'),
    (">>>/λ/5", anchor("5", "&gt;&gt;&gt;/λ/5", "λ")),
    (">>>123", '<span class="greentext">&gt;' + anchor("123", "&gt;&gt;123") + "</span>"),
    (">>0", '<span class="greentext">&gt;&gt;0</span>'),
    (">>2147483648", '<span class="greentext">&gt;&gt;2147483648</span>'),
    (">>2147483647", anchor("2147483647", "&gt;&gt;2147483647")),
    (">>>/b/2147483648", '<a href="/b/">&gt;&gt;&gt;/b/</a>2147483648'),
    (">>7,2147483648", anchor("7", "&gt;&gt;7") + ",2147483648"),
    ("a>>5b", "a" + anchor("5", "&gt;&gt;5") + "b"),
    (">>>/b", '<span class="greentext">&gt;&gt;&gt;/b</span>'),
    ("&gt;&gt;5", anchor("5", "&gt;&gt;5")),
]


@pytest.mark.parametrize(("stored", "expected"), LINKS)
def test_quotelinks(stored: str, expected: str) -> None:
    assert html(stored) == expected


GREEN = [
    (">be me\nok", '<span class="greentext">&gt;be me</span><br>ok'),
    ("ok\n>be me", 'ok<br><span class="greentext">&gt;be me</span>'),
    (" >x", " &gt;x"),
    ("[spoiler]>x[/spoiler]", '<span class="spoiler" tabindex="0">&gt;x</span>'),
    (
        "[b]a\n>x\nb[/b]",
        '<strong>a<br><span class="greentext">&gt;x</span><br>b</strong>',
    ),
    (
        ">g [b]a\nb[/b]",
        '<span class="greentext">&gt;g <strong>a</strong></span><br><strong>b</strong>',
    ),
    (
        "[b]a\n>x[/b] y",
        '<strong>a<br><span class="greentext">&gt;x</span></strong><span class="greentext"> y</span>',
    ),
    (">a\n>b", '<span class="greentext">&gt;a</span><br><span class="greentext">&gt;b</span>'),
]


@pytest.mark.parametrize(("stored", "expected"), GREEN)
def test_greentext(stored: str, expected: str) -> None:
    assert html(stored) == expected


def test_a_line_that_begins_with_a_quotelink_is_marked_apart() -> None:
    tokens = parse(">>5 yes\n>no", "bbcode").tokens
    assert [token.tag for token in tokens if isinstance(token, Open)] == ["quoteline", "green"]
    assert tokens[:4] == (
        Open("quoteline"),
        Quote(None, 5, 0, ">>5"),
        Text(" yes"),
        Close("quoteline"),
    )


def test_crossing_markup_comes_back_when_split_tokens_are_skipped() -> None:
    def crossing(stored: str) -> str:
        out = ""
        for token in parse(stored, "bbcode").tokens:
            if isinstance(token, Open | Close):
                mark = "/" if isinstance(token, Close) else ""
                out += "" if token.split else f"<{mark}{token.tag}>"
            else:
                out += token.text if isinstance(token, Text) else "|"
        return out

    assert crossing(">g [spoiler]a\nb[/spoiler]") == "<green>>g <spoiler>a</green>|b</spoiler>"
    assert crossing("[spoiler]a\n>x[/spoiler] y") == "<spoiler>a|<green>>x</spoiler> y</green>"


URLS = [
    ("https://x.com/a?b=1&c=2", "https://x.com/a?b=1&c=2"),
    ("see http://x.com.", "http://x.com"),
    ("(http://x.com/a_(b))", "http://x.com/a_(b)"),
    ("(http://x.com/a)b", "http://x.com/a"),
    ("http://x.com/Rubik's_Cube'", "http://x.com/Rubik's_Cube"),
    ('"http://x.com/"', "http://x.com/"),
    ("<http://x.com/>", "http://x.com/"),
    ("[b]http://x.com/[/b]", "http://x.com/"),
    ("http://x.com/?a[]=1", "http://x.com/?a[]=1"),
    ("http://x.com/\u202egpj", "http://x.com/"),
    ("FTP://x.com/a", "FTP://x.com/a"),
    ("http://web.x/http://y.z/", "http://web.x/http://y.z/"),
    ("日本http://x.com/語", "http://x.com/語"),
    (">http://x.com/", "http://x.com/"),
]


@pytest.mark.parametrize(("stored", "href"), URLS)
def test_urls(stored: str, href: str) -> None:
    urls = [token for token in parse(stored, "bbcode").tokens if isinstance(token, Url)]
    assert urls == [Url(href, href)]


@pytest.mark.parametrize(
    "stored",
    [
        "www.x.com",
        "x.com/a",
        "javascript://x",
        "javascript:x",
        "data://x",
        "http://",
        "http://...",
        "xhttp://y",
    ],
)
def test_what_is_no_url(stored: str) -> None:
    assert parse(stored, "bbcode").tokens == (Text(stored),)


def test_url_html() -> None:
    assert html('http://x.com/?a=1&b=2"x') == (
        '<a href="http://x.com/?a=1&amp;b=2" rel="nofollow noreferrer noopener">http://x.com/?a=1&amp;b=2</a>&quot;x'
    )


ENTITIES = [
    ("&gt;&lt;&quot;&amp;", '><"&'),
    ("&#x27;&#39;&hearts;&eacute;", "''\u2665é"),
    ("&amp;gt;", "&gt;"),
    ("&gt &nope; &#; &", "&gt &nope; &#; &"),
    ("&#0;&#8;&#xD800;&#x110000;&#150;&#10;", "&#0;&#8;&#xD800;&#x110000;&#150;&#10;"),
]


@pytest.mark.parametrize(("stored", "expected"), ENTITIES)
def test_leftover_entities_are_decoded_once(stored: str, expected: str) -> None:
    assert text(stored) == expected
    assert text(to_bbcode(parse(stored, "bbcode"))) == expected


CLEANING = [
    ("a\r\nb\rc", "a\nb\nc"),
    ("\n \n  a\n\nb \n\n", "  a\n\nb"),
    ("a\x00b\x1b\x7f\x85\ufffe\U0001ffff\ud800c", "a\ufffdb" + "\ufffd" * 6 + "c"),
    ("a\tb", "a\tb"),
    ("a\u202eb", "a\u202eb\u202c"),
    ("\u2066a\u202bb", "\u2066a\u202bb\u202c\u2069"),
    ("\u2066a\u202bb\u2069c\u202c", "\u2066a\u202bb\u2069c\u202c"),
    ("\u2069a\u202c", "\u2069a\u202c"),
]


@pytest.mark.parametrize(("stored", "expected"), CLEANING)
def test_unfit_characters_and_open_directions(stored: str, expected: str) -> None:
    assert text(stored) == expected


@pytest.mark.parametrize("stored", [None, "", " \n\t\r\n"])
def test_empty_comments(stored: str | None) -> None:
    comment = parse(stored, "bbcode")
    assert (comment.tokens, comment.quotes, comment.board_links) == ((), (), ())
    assert (to_html(comment, link), to_text(comment), to_bbcode(comment)) == ("", "", "")


def test_quotes_are_distinct_and_in_order_of_first_mention() -> None:
    comment = parse(">>9\n>>>/b/9 >>>/b/ >>3,1 >>9 >>3 >>>/c/ >>>/b/", "bbcode")
    assert comment.quotes == (
        Quote(None, 9, 0, ">>9"),
        Quote("b", 9, 0, ">>>/b/9"),
        Quote(None, 3, 1, ">>3,1"),
        Quote(None, 3, 0, ">>3"),
    )
    assert comment.board_links == (BoardLink("b", ">>>/b/"), BoardLink("c", ">>>/c/"))
    assert [canonical_quote(quote) for quote in comment.quotes] == [">>9", ">>>/b/9", ">>3,1", ">>3"]


def test_quotes_in_code_and_math_do_not_count() -> None:
    comment = parse("[code]>>1[/code][math]>>2[/math][eqn]>>3", "bbcode")
    assert comment.quotes == ()
    assert comment.tokens == (Code(">>1", False), Math(">>2", False), Math(">>3", True))


def test_nesting_is_capped() -> None:
    comment = parse("[spoiler]" * 200 + "x" + "[/spoiler]" * 200, "bbcode")
    opened = [token for token in comment.tokens if isinstance(token, Open)]
    assert len(opened) == 64
    assert to_text(comment) == "[spoiler]" * 136 + "x" + "[/spoiler]" * 136


def test_a_page_nests_the_same_element_three_times_at_most() -> None:
    out = html("[i]" + "[b]" * 5 + "x" + "[/b]" * 5 + "y[/i]")
    assert out == "<em>" + "<strong>" * 3 + "x" + "</strong>" * 3 + "y</em>"


def test_link_parts_are_escaped() -> None:
    def hostile(quote: Quote) -> QuoteLink:
        return QuoteLink('/"><x>', '"<c>', '"<b>', '"<p>', "<n>")

    out = to_html(parse(">>5 >>>/b/", "bbcode"), hostile, lambda board: '/"<h>')
    for raw in ("<x>", "<c>", "<b>", "<p>", "<n>", "<h>"):
        assert raw not in out


@pytest.mark.parametrize("stored", [stored for stored, _ in TAGS + LINKS + GREEN + URLS] + PLAIN_TEXT)
def test_bbcode_is_read_again_as_the_same(stored: str) -> None:
    comment = parse(stored, "bbcode")
    again = parse(to_bbcode(comment), "bbcode")
    assert to_text(again) == to_text(comment)
    assert again.quotes == comment.quotes
    assert to_html(again, link, board_href) == to_html(comment, link, board_href)


@pytest.mark.parametrize(
    ("stored", "told"),
    [
        ("the [spoiler]butler[/spoiler] did it", "the [spoiler] did it"),
        ("[spoiler]a[spoiler]b[/spoiler]c[/spoiler]d", "[spoiler]d"),
        (">green [spoiler]x\ny[/spoiler] z", ">green [spoiler]\n z"),
        ("[spoiler]>>1 [b]x[/b] [code]y[/code] http://example.org/", "[spoiler]"),
        ("[b]bold[/b]", "bold"),
    ],
)
def test_text_without_spoilers_says_only_that_there_are_some(stored: str, told: str) -> None:
    assert to_text(parse(stored, "bbcode"), spoilers=False) == told
