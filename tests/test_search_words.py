"""What people type as words, and what has them: examples, and the same said a second time, letter by letter."""

# ruff: noqa: RUF001 - letters that look alike are the matter here

import re
from itertools import pairwise

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from app.search.folding import bare, fold, variants
from app.search.words import LONGEST_TEXT, MOST_TERMS, Words, read_words
from tests.support import search_model as model

QUICK = settings(max_examples=150, deadline=None)
TYPED = st.lists(
    st.one_of(
        st.sampled_from(
            ['"', "-", "|", " ", "*", "=", "cat", "Cat", "ca", "a", "b", "ß", "猫", "σ", "ς", "İ", "ı", "\u0301"]
        ),
        st.text('abAB猫ねñÑ%_!\\"-*|= \t', max_size=4),
    ),
    max_size=8,
).map("".join)
TEXT = st.text('abAB猫ねñÑ%_!\\"-*|= \t\ncatß σςΣİıI\u0301\u0300한', max_size=30)


@pytest.mark.parametrize(
    ("typed", "has", "lacks"),
    [
        (
            "cat",
            ["cat", "a Cat!", "(CAT)", "cat-dog", "_cat_", "cat猫", "猫cat", "\ncat\n"],
            ["cats", "concat", "cat1", ""],
        ),
        ("cat dog", ["dog, cat", "cat\ndog"], ["cat", "dogcat"]),
        ("cat | dog", ["cat", "dog"], ["bird"]),
        ("cat | dog bird", ["bird cat", "dog bird"], ["cat dog", "bird"]),
        ('"cat dog"', ["a cat  dog", "CAT\n\tDOG"], ["cat, dog", "dog cat", "cat dogs", "concat dog", "catdog"]),
        ('"cat dog', ["a cat dog"], ["cat, dog"]),
        ("cat -dog", ["cat", "cat dogs"], ["cat dog", "bird"]),
        ("-dog", ["", "cat", "hotdog"], ["a dog"]),
        ('-"cat dog"', ["cat", "dog cat"], ["cat dog"]),
        ("cat*", ["cat", "cats", "catalogue"], ["concat"]),
        ("c++", ["C++", "c+++", "use c++."], ["c+", "cc++"]),
        ("50%", ["50% off", "50%"], ["50", "150%", "500"]),
        ("a_b", ["a_b", "A_B"], ["a b", "axb", "a_bc"]),
        ("c*t", ["c*t"], ["cat", "cart"]),
        ('"*"', ["*", "a * b", "cat*"], ["cat"]),
        ("=Cat Dog", ["Cat Dog"], ["cat dog", "Cat Dog ", " Cat Dog", "Cat Dogs", ""]),
        ("=*", ["*"], ["a", ""]),
        ("猫", ["猫", "我爱猫吗", "cat猫"], ["犬"]),
        ("한국", ["한국어"], ["한 국"]),
        ("привет", ["ПРИВЕТ", "Привет!"], ["приветы"]),
        ("σίσυφος", ["ΣΊΣΥΦΟΣ", "σίσυφοσ"], ["σισυφος"]),
        ("straße", ["STRAẞE", "straße"], ["strasse"]),
        ("izmir", ["IZMIR"], ["İzmir", "ızmir"]),
        ("cafe", ["cafe", "CAFE"], ["café", "cafe\u0301"]),
        ("हिन्द", ["हिन्द"], ["हिन्दी"]),
        ("\u212a", ["\u212a"], ["k", "K"]),
        (">>123", [">>123", "see >>123!"], [">>1234", ">123"]),
        ("(a|a)*", ["(a|a)", "x (a|a)b"], ["aaaa"]),
    ],
)
def test_has_words(typed: str, has: list[str], lacks: list[str]) -> None:
    words = read_words(typed)
    assert [text for text in has if not words.match(text)] == []
    assert [text for text in lacks if words.match(text)] == []


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("", "holds no word to look for"),
        ('" "', "holds no word to look for"),
        ("* | - **", "holds no word to look for"),
        ("a | -b", "as an alternative"),
        ("-a | b", "as an alternative"),
        ("x" * (LONGEST_TEXT + 1), "at most 500 characters"),
        ("a " * (MOST_TERMS + 1), "at most 30 words"),
        ("a\0b", "no text can have"),
        ("a\ud800b", "no text can have"),
        ("=a\x1bb", "no text can have"),
    ],
)
def test_says_what_is_wrong_with_words(typed: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        read_words(typed)


@QUICK
@example('"a b', "a b")
@example("a|b", "a|b")
@example('"a"b', "a b")
@example("a*b*", "a*bc")
@given(TYPED, TEXT)
def test_matches_what_a_reader_would_find(typed: str, text: str) -> None:
    words = _read(typed)
    if words is not None:
        assert words.match(text) == model.has_words(typed, text), words


@QUICK
@example("|*")
@example("| =a*")
@example('--"a')
@example('-"-"')
@example("--a*")
@given(TYPED)
def test_words_can_be_written_and_read_again(typed: str) -> None:
    words = _read(typed)
    if words is not None:
        assert read_words(str(words)) == words


@QUICK
@example("İ", "I=Ñ")
@example("café", "a cafe")
@example("cafe", "a café")
@given(TYPED, TEXT)
def test_spans_are_places_of_wanted_words(typed: str, text: str) -> None:
    words = _read(typed)
    if words is None:
        return
    spans = words.spans(text)
    assert spans == sorted(spans)
    assert all(0 <= start < end <= len(text) for start, end in spans)
    assert all(before[1] <= behind[0] for before, behind in pairwise(spans))
    if words.match(text) and words.all_of:
        assert spans
    for group in words.all_of:
        for term in group:
            alone = Words(all_of=((term,),))
            without_accents = re.search(term.bare_pattern, bare(fold(text))) is not None
            assert bool(alone.spans(text)) == (alone.match(text) or without_accents)


@QUICK
@given(st.text())
def test_folding_keeps_places(text: str) -> None:
    folded = fold(text)
    assert len(folded) == len(text)
    assert fold(folded) == folded
    assert folded == "".join(map(fold, text))
    assert folded == model.folded(text)
    assert all(letter in variants(same) for letter, same in zip(text, folded, strict=True))


def test_letters_that_are_equal_are_forms_of_one_letter() -> None:
    for letter in map(chr, range(0x20000)):
        folded = fold(letter)
        assert letter in variants(folded)
        assert all(fold(form) == folded for form in variants(folded))


def _read(typed: str) -> Words | None:
    """None for what cannot be searched for; everything else is left to the test."""
    try:
        return read_words(typed)
    except ValueError:
        return None


@pytest.mark.parametrize(
    ("typed", "text", "found"),
    [
        ("cafe", "un café noir", ["café"]),
        ("cafe", "café, cafe", ["cafe"]),  # as it was typed, where it stands so
        ("A", "Ａ b", ["Ａ"]),
        ("tokyo", "in Tōkyō*", ["Tōkyō"]),
        ("Ёлка", "моя елка", ["елка"]),
    ],
)
def test_words_that_an_index_finds_without_accents_are_marked(typed: str, text: str, found: list[str]) -> None:
    assert [text[start:end] for start, end in read_words(typed).spans(text)] == found
