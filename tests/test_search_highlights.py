"""The words of a search, marked where they stand in the posts that it found."""

from __future__ import annotations

import re
from collections.abc import Mapping
from xml.etree import ElementTree

import html5lib
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.markup import Comment, Quote, QuoteLink, parse, to_html
from app.search import read_query
from app.search.words import read_words
from app.web.board_page import post_views
from app.web.render import render_posts
from tests.support.pages import EVIL, OP, REPLY, FakeArchive, app_of

pieces = st.one_of(
    st.sampled_from(["cat", "Cat", "catalog", "dog", "12", " ", "\n", "\n>", ">>12", ">>>/b/", ">>>/b/12,3"]),
    st.sampled_from([f"[{slash}{tag}]" for tag in ("spoiler", "b", "code", "math", "sub") for slash in ("", "/")]),
    st.sampled_from(["https://cat.example/?a=cat&b='\"", "<script>", "&", "&amp;", "<", ">", '"', "'", "猫", "\u0130"]),
    st.sampled_from(["<b>", "</b>", "<a href=http://x.y/cat>", "</a>", "<pre>", "<!--", "\x00", "\ud800", "\u202e"]),
    st.text(max_size=5),
)
texts = st.lists(pieces, max_size=20).map("".join)
typed = st.sampled_from(
    [
        "cat",
        "cat*",
        "cat dog",
        '"cat dog"',
        "<script>",
        "&",
        "amp",
        "script",
        '12 "',
        "'",
        "猫",
        ">>12",
        "-cat",
        "i*",
        "=",
    ]
)
# Machines are slow at times; how long one example takes says nothing here.
patient = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


def link(quote: Quote) -> QuoteLink:
    return QuoteLink(f"/b/post/{quote.num}/" if quote.num % 2 else None, "backlink", "b", str(quote.num), "(OP)")


def html(comment: Comment, words: str | None = None) -> str:
    mark = None if words is None else read_words(words).spans
    return str(to_html(comment, link, lambda board: f"/{board}/", mark))


def marks(written: str) -> list[str]:
    root = html5lib.parse(written, namespaceHTMLElements=False)
    return ["".join(mark.itertext()) for mark in root.iter("mark")]


def test_where_nothing_is_looked_for_nothing_changes() -> None:
    comment = parse("[b]cat[/b]\n>cat >>12 https://cat.example/ [code]cat[/code] >>>/b/", "bbcode")
    assert html(comment) == html(comment, "horse") == html(comment, "-cat")
    assert "<mark>" not in html(comment)


@pytest.mark.parametrize(
    ("stored", "words", "found"),
    [
        ("A cat, a CAT and a catalog", "cat", ["cat", "CAT"]),
        ("cat catalog", "cat*", ["cat", "cat"]),
        ("cats and dogs [spoiler]cats[/spoiler]\n>cats", "cats", ["cats", "cats", "cats"]),
        (">>12 12", "12", ["12", "12"]),
        ("https://cat.example/cat", "cat", ["cat", "cat"]),
        ("[code]a < cat && cat[/code]", "cat &&", ["cat", "&&", "cat"]),
        ("<script>x</script>", "<script>", ["<script>"]),
        ("a & b &amp; c", "&", ["&", "&"]),
        ("say \"yes\" 'no'", '"say "" \'no\'', ["say", "'no'"]),
        ("black cat cat", '"black cat" cat', ["black cat", "cat"]),
        ("\u0130stanbul CAT", "cat", ["CAT"]),
        ("いい猫だ", "猫", ["猫"]),
        ("Cat", "=Cat", ["Cat"]),
        ("[math]cat[/math] >>>/cat/", "cat", []),
    ],
)
def test_words_are_marked_where_they_stand(stored: str, words: str, found: list[str]) -> None:
    assert marks(html(parse(stored, "bbcode"), words)) == found


def test_addresses_stay_as_they_are() -> None:
    written = html(parse("https://cat.example/?a=1&cat=2", "bbcode"), "cat")
    root = html5lib.parse(written, namespaceHTMLElements=False)
    assert [link.get("href") for link in root.iter("a")] == ["https://cat.example/?a=1&cat=2"]


@patient
@given(texts, typed, st.sampled_from(["bbcode", "html"]))
def test_marks_change_nothing_but_the_looks(stored: str, words: str, dialect: str) -> None:
    comment = parse(stored, dialect)  # type: ignore[arg-type]
    # Code in which words are marked is not coloured.
    plain = re.sub('<span class="code-[^"]*">([^<]*)</span>', r"\1", html(comment))
    try:
        written = html(comment, words)
    except ValueError:
        return  # no words
    assert written.replace("<mark>", "").replace("</mark>", "") == plain
    # As XML: each mark is closed before what it stands in.
    trees = [ElementTree.fromstring(f"<div>{each.replace('<br>', '<br/>')}</div>") for each in (plain, written)]
    assert "".join(trees[0].itertext()) == "".join(trees[1].itertext())
    spans = read_words(words).spans
    for mark in trees[1].iter("mark"):
        assert not list(mark)
        assert spans("".join(mark.itertext())) or words.startswith(('"', "="))


async def shown(asked: Mapping[str, str]) -> str:
    """The posts of a hostile thread as a search with these fields shows them."""
    archive = FakeArchive()
    posts = [OP, REPLY]
    query = read_query(asked.items(), archive.boards, "g").query
    async with app_of(archive).test_request_context("/g/search/"):
        views, _ = await post_views(posts, query=query)
        plain, _ = await post_views(posts)
        html = str(await render_posts(posts, views.found))
        assert unmarked(html) == unmarked(str(await render_posts(posts, plain.found)))
    html5lib.HTMLParser(strict=True).parseFragment(html)
    return html


def unmarked(html: str) -> str:
    """The same without marks; what templates escape and what we do differ in how they write quotation marks."""
    for old, new in (("<mark>", ""), ("</mark>", ""), ("&#34;", "&quot;"), ("&#39;", "&#x27;")):
        html = html.replace(old, new)
    return html


EVIL_WORDS = '"' + EVIL.partition("<!--")[0].replace('"', "") + '"'


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({}, {}),
        ({"text": "alert"}, {"text": 1}),
        ({"text": "green 100"}, {"text": 2}),
        ({"subject": "<script>"}, {"post_title": 1}),
        ({"subject": EVIL_WORDS}, {"post_title": 1}),
        ({"username": "script"}, {"post_author": 2}),
        ({"username": "anonymous"}, {}),
        ({"filename": "a very long name"}, {"post_file_filename": 10}),
        ({"filename": "jpeg"}, {"post_file_filename": 2}),
        ({"op": "alert"}, {"post_title": 1, "text": 1}),
        ({"op": "alert", "text": "script"}, {"post_title": 1, "text": 3}),
        ({"op": "alert", "subject": "=no such text"}, {"post_title": 1, "text": 1}),
        ({"op": "green"}, {}),  # only a reply says so
        ({"tripcode": "!alert", "uid": "alert", "email": "sage", "num": "100"}, {}),
    ],
)
async def test_fields_are_marked_in_their_own_places(asked: dict[str, str], found: dict[str, int]) -> None:
    root = html5lib.parse(await shown(asked), namespaceHTMLElements=False)
    parents = {child: parent for parent in root.iter() for child in parent}
    places: dict[str, int] = {}
    for mark in root.iter("mark"):
        element = mark
        while element.get("class") not in ("text", "post_title", "post_author", "post_file_filename"):
            element = parents[element]
        place = element.get("class") or ""
        places[place] = places.get(place, 0) + 1
    assert places == found
