"""docs/search.md has the fields as the code has them, and its words mean what it says."""

from pathlib import Path

import pytest

from app.search.reference import with_fields
from app.search.words import read_words

SEARCH = (Path(__file__).resolve().parents[1] / "docs" / "search.md").read_text("utf-8")


def test_the_table_is_that_of_the_fields() -> None:
    assert with_fields(SEARCH) == SEARCH
    assert "| `since4pass` |" in SEARCH


@pytest.mark.parametrize(
    ("typed", "found", "not_found"),
    [
        ("cat dog", "A dog, a CAT.", "cat"),
        ('"cat dog"', "my cat\n dog", "dog cat dogs"),
        ("cat | dog", "dog", "bird"),
        ("a | b c", "b c", "a b"),
        ("-cat", "cats", "The cat."),
        ('-"cat dog"', "dog cat", "cat dog"),
        ("cat*", "Cats", "concat"),
        ("=Cat Dog", "Cat Dog", "cat dog"),
        ("e", "e", "é"),
        ("cat", "cat-food my_cat", "cats"),
        ("猫", "黒猫です", "犬"),
        ("100%", "100% sure", "100 sure"),
    ],
)
def test_words_mean_what_the_document_says(typed: str, found: str, not_found: str) -> None:
    words = read_words(typed)
    assert words.match(found)
    assert not words.match(not_found)
