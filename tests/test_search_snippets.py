"""The part of a comment that a search shows: short, on one line, with the words that were searched for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.search import read_query
from app.search.folding import bare, fold
from app.search.snippets import LONGEST, Snippet, snippet, snippet_of
from app.search.words import read_words

FILLER = "lorem ipsum dolor sit amet " * 40


def marked(found: Snippet) -> list[str]:
    return [found.text[start:stop] for start, stop in found.places]


def of(text: str, words: str) -> Snippet:
    return snippet(text, read_words(words))


def test_a_short_comment_is_shown_whole_on_one_line() -> None:
    found = of("My\r\n\n  router\u3000is a Router.\n", "router")
    assert found.text == "My router is a Router."
    assert marked(found) == ["router", "Router"]


def test_around_the_first_place_cut_between_words() -> None:
    found = of(f"{FILLER}the Router, the other router {FILLER}", "router")
    assert marked(found) == ["Router", "router"]
    assert found.text[0] == found.text[-1] == "…"
    assert LONGEST - 30 < len(found.text) <= LONGEST
    words = {*FILLER.split(), "the", "other", "Router,", "router"}
    assert set(found.text.strip("…").split()) <= words
    assert 30 <= found.places[0][0] <= 70


@pytest.mark.parametrize(
    ("text", "begins", "ends"),
    [
        (f"router {FILLER}", "router lorem", "…"),
        (f"{FILLER} router", "…", "amet router"),
        (FILLER, "lorem ipsum", "…"),
        ("x" * 1000, "xxx", "x…"),
        (f"a {'x' * 1000}", "a xxx", "x…"),
        (f"{'x' * 1000} router {'y' * 1000}", "…router y", "y…"),
        ("猫" * 1000, "猫", "猫…"),
        ("", "", ""),
        (" \n ", "", ""),
    ],
)
def test_ends(text: str, begins: str, ends: str) -> None:
    found = of(text, "router")
    assert found.text.startswith(begins) and found.text.endswith(ends)
    assert len(found.text) <= LONGEST
    assert len(found.text) > LONGEST - 30 or len(text) < LONGEST
    assert marked(found) == ["router"] * (" router" in text or text.startswith("router"))


def test_a_place_that_is_longer_than_a_snippet_is_cut_with_it() -> None:
    phrase = " ".join(f"word{number}" for number in range(60))
    found = of(f"{FILLER}{phrase} {FILLER}", f'"{phrase}"')
    assert len(found.places) == 1
    assert marked(found)[0].startswith("word0 word1 ") and found.places[0][1] == len(found.text) - 1


def test_phrases_run_over_line_ends_and_left_out_words_are_no_places() -> None:
    assert marked(of("mechanical\nkeyboard, keyboards", '"mechanical keyboard" -mouse')) == ["mechanical keyboard"]
    assert marked(of("cats and dogs", "dog* | cat*")) == ["cat", "dog"]


def test_a_whole_text_is_one_place() -> None:
    assert of("Same\nhere", "=Same\nhere") == Snippet("Same here", ((0, 9),))
    assert of("same here", "=Same\nhere") == Snippet("same here")


def test_comments_as_they_are_stored() -> None:
    query = read_query([("text", "router"), ("username", "Bob")], ()).query
    assert snippet_of("[b]My[/b] router &amp;\n[spoiler]x[/spoiler]", "bbcode", query) == Snippet(
        "My router & x", ((3, 9),)
    )
    assert snippet_of("<p>My <em>router</em></p><p>x &lt;</p>", "html", query).text == "My router x <"
    assert snippet_of(None, "bbcode", query) == Snippet("")
    opened = read_query([("op", "router")], ()).query
    assert marked(snippet_of("a router", "bbcode", opened)) == ["router"]
    assert snippet_of("a router", "bbcode", read_query([("username", "Bob")], ()).query) == Snippet("a router")


WORDS = st.sampled_from(
    ["cat", "İ", "Straße", "ﬁsh", "dog" * 30, "猫犬", "\U0001f431", "cat\u0301", "catalog", "e" * 250]
)


@given(st.lists(WORDS | st.text(max_size=300), max_size=40).map(" ".join), WORDS, WORDS)
def test_every_snippet_keeps_the_rules(text: str, one: str, other: str) -> None:
    words = read_words(f"{one} | {other}"[:500])
    found = snippet(text, words)
    line = " ".join(text.split())
    assert len(found.text) <= LONGEST and "\n" not in found.text
    assert found.text.removeprefix("…").removesuffix("…") in line
    assert bool(found.places) == bool(words.spans(line))
    ends = 0
    for start, stop in found.places:
        assert ends <= start < stop <= len(found.text)
        ends = stop
    if found.places and found.places[0][1] < len(found.text) - 1:
        marked = fold(found.text[slice(*found.places[0])])
        # What stands nowhere as it was typed may be marked without its accents.
        assert marked in (fold(one), fold(other)) or bare(marked) in (bare(fold(one)), bare(fold(other)))
