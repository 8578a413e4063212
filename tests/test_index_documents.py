"""What an index holds of a post: its words, its facts, and a digest that tells every change."""

# ruff: noqa: RUF001 - letters that look alike are the matter here

from __future__ import annotations

import random
import string
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from app.engines.tantivy import analysis, schema
from app.engines.tantivy.analysis import spaced, words_of
from app.engines.tantivy.conditions import Conditions
from app.engines.tantivy.documents import NUMBERS, TEXTS, digests_of, digests_with, place_in, prepared
from app.engines.tantivy.schema import FACTS, cells, day, fact, large_cell, place_number, place_of
from app.engines.tantivy.shelf import folder_of
from app.engines.tantivy.snapshot import Kept, basis_of
from app.engines.tantivy.windows import large_cells
from app.model import LARGEST_NUMBER, PostId
from app.search import FIELDS, read_query
from app.search.candidate import searchable_comment
from app.settings import BoardSettings
from tests.support import search_tokens
from tests.support.indexes import archive_of, kept_in, opened_index, updated
from tests.support.stage import NOON, Stage, stage

__all__ = ["stage"]

on_one_database = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
ODD = "\x1f\x00\t\n\x0b\x1c\x85\xa0\u2028\u3000\u0301\u200d\ufeffA1é猫カｶﾊパ한ﬁİßΣςК_-+.'\"<>&🐈𝐀²①½ℵ"
TEXT = st.text(max_size=40) | st.text(ODD, max_size=30) | st.text(st.characters(codec="ascii"), max_size=40)


# words


@given(st.lists(TEXT, max_size=8))
@settings(max_examples=300, deadline=None)
@example(["a\x1fb", "", "plain", "\x1f", "é", ""])
def test_many_texts_at_once_have_the_words_of_each(texts: list[str]) -> None:
    assert [each.split() for each in spaced(texts)] == [words_of(each) for each in texts]


@given(st.text(ODD, max_size=30))
@settings(max_examples=500, deadline=None)
def test_words_are_what_they_are_said_to_be(text: str) -> None:
    assert tuple(words_of(text)) == search_tokens.words(text)


@given(TEXT)
@settings(max_examples=500, deadline=None)
def test_words_have_no_white_space_and_are_words_by_themselves(text: str) -> None:
    for word in words_of(text):
        assert word and not any(letter.isspace() for letter in word)
        # What takes the texts of an index apart does so at white space alone.
        assert word.split() == [word]
        assert words_of(word) == [word], (text, word)


@given(TEXT)
@settings(max_examples=300, deadline=None)
def test_plain_texts_are_read_by_the_quick_way_as_by_the_other(text: str) -> None:
    plain = text.encode("ascii", "ignore").decode()
    assert words_of(plain) == analysis._folded(plain).split()


# digests

ROW: dict[str, Any] = {
    "place": 7, "num": 5, "subnum": 0, "thread_num": 5, "timestamp": NOON, "media_w": 1, "media_h": 2, "media_size": 3,
    "spoiler": 0, "sticky": 0, "deleted": 0, "comment": "a router", "title": "a title", "name": "Bob", "email": "sage",
    "media_filename": "a.png", "media_hash": "h", "media_orig": "1.png", "trip": "!t", "poster_hash": "id",
    "poster_country": "DE", "capcode": "N", "exif": "{}",
}  # fmt: skip


@on_one_database
async def test_every_change_of_a_column_changes_the_digest(stage: Stage, tmp_path: Path) -> None:
    assert list(ROW) == ["place", *NUMBERS, *TEXTS]
    stage.board()
    async with archive_of(stage, tmp_path) as archive:
        board = archive.board("g")
        (first,) = digests_of(board, [tuple(ROW.values())])
        assert digests_of(board, [tuple(ROW.values())]) == [first]
        seen = {first}
        for column in (*NUMBERS, *TEXTS):
            value = ROW[column] + 1 if column in NUMBERS else f"{ROW[column]}x"
            for other in (value, None if column in TEXTS else value + 1):
                (digest,) = digests_of(board, [tuple({**ROW, column: other}.values())])
                assert digest not in seen, column
                assert 0 <= digest < 2**64
                seen.add(digest)
        low, high = digests_with("a router")
        assert low <= first <= high
        (other,) = digests_of(board, [tuple({**ROW, "comment": "a router "}.values())])
        assert not low <= other <= high
        # Whatever a driver gives.
        odd = {"num": Decimal(5), "name": b"\xff", "media_w": 1e300, "title": 7, "spoiler": True}
        assert len(digests_of(board, [tuple({**ROW, key: value}.values()) for key, value in odd.items()])) == len(odd)
        prepared(board, [tuple({**ROW, key: value}.values()) for key, value in odd.items()])
        huge = [tuple({**ROW, "media_w": width}.values()) for width in (2**64, -(2**64), 10**40)]
        one, *others = digests_of(board, [tuple(ROW.values()), *huge])
        assert one == first and len({one, *others}) == 4
        prepared(board, huge)
        assert digests_of(board, []) == prepared(board, []) == []


# documents


@on_one_database
async def test_documents_are_json_of_what_the_schema_names_whatever_texts_hold(stage: Stage, tmp_path: Path) -> None:
    """What a document has beside the fields of the schema would be left out without a word."""
    stage.board()
    letters = f"{ODD}{string.punctuation}\\ "
    chosen = random.Random(7)
    texts = [column for column in TEXTS if column not in ("capcode", "exif")]
    rows = [
        {**ROW, **{column: "".join(chosen.choices(letters, k=chosen.randrange(30))) for column in texts}}
        for _ in range(500)
    ]
    async with archive_of(stage, tmp_path) as archive:
        board = archive.board("g")
        found = prepared(board, [tuple(row.values()) for row in [ROW, *rows]])
    whole, *documents = (msgspec.json.decode(post.document) for post in found)
    assert set(whole) == {FACTS, "place", "thread", *schema.NUMBERS, *schema.WORDS.values()}
    for row, document in zip(rows, documents, strict=True):
        for column in ("title", "name", "email"):
            assert document.get(schema.WORDS[column], "").split() == words_of(row[column])
        assert document.get("text", "").split() == words_of(searchable_comment(row["comment"], board.settings.comments))
        facts = document[FACTS].split(" ")
        named = {"subject": "title", "username": "name", "email": "email", "tripcode": "trip", "uid": "poster_hash"}
        for key, column in named.items():
            assert (fact(key, row[column]) in facts) == bool(row[column])
        assert document.get("length", 0) == len(row["comment"])


# places and facts


@given(st.integers(0, LARGEST_NUMBER), st.integers(0, LARGEST_NUMBER))
def test_places(num: int, subnum: int) -> None:
    post = PostId(num, subnum)
    assert place_of(place_number(post)) == post
    assert place_in((1, num, subnum)) == post
    assert place_number(post) < place_number(PostId(num, subnum + 1)) < 2**63
    assert place_number(PostId(num, LARGEST_NUMBER)) < place_number(PostId(num + 1))
    small, large = cells(num).split()
    assert small.startswith(f"2{large[1:]}") and large == large_cell(num)


def test_places_that_no_post_has() -> None:
    for num in (-1, -(2**70), 2**33, 2**70, 1e300, "x", None, Decimal(-1)):
        place = place_in((1, num, num))
        assert 0 <= place_number(place) < 2**64


@given(st.text(max_size=60), st.text(max_size=60))
@settings(deadline=None)
def test_facts_are_one_word_and_differ_as_values_do(one: str, other: str) -> None:
    said, different = fact("name", one), fact("name", other)
    assert said.split() == [said] and len(said) < 60
    assert (said == different) == (one == other) or "\ufffd" in said + different or not (one + other).isprintable()


def test_days() -> None:
    assert [day(0), day(86_399), day(86_400)] == ["300000", "300000", "300001"]


# fields


@on_one_database
async def test_every_field_has_a_condition_that_tells_posts_apart(stage: Stage, tmp_path: Path) -> None:
    stage.board()
    stage.posts({"num": 1, "thread_num": 1, "comment": "router"}, {"num": 2, "thread_num": 1, "comment": "switch"})
    async with archive_of(stage, tmp_path) as archive:
        await updated(archive)
        index, searcher = opened_index(tmp_path)
        conditions = Conditions(index.schema, searcher)
        for field in FIELDS:
            for each in read_query([(field.key, example_of(field.key, field.example))], archive.boards).query.filters:
                if field.key in ("start", "end"):
                    found = [conditions.times(each.value, None), conditions.times(None, each.value)]
                else:
                    found = conditions.of(each)
                assert found, field.key
                for one in found:
                    assert 0 <= one.most <= searcher.num_docs
                    searcher.search(one.query, limit=1)


def example_of(key: str, given: str) -> str:
    choices = {"capcode": "mod", "file": "with", "spoiler": "spoiler", "type": "op", "sticky": "sticky",
               "deleted": "deleted", "ghost": "only"}  # fmt: skip
    return given or choices[key]


@on_one_database
async def test_posts_in_cells(stage: Stage, tmp_path: Path) -> None:
    stage.board()
    nums = sorted({*random.Random(3).sample(range(1, 400_000), 50), 65_535, 65_536, 131_071})
    stage.posts(*({"num": num, "thread_num": 1} for num in nums))
    async with archive_of(stage, tmp_path) as archive:
        await updated(archive)
    _, searcher = opened_index(tmp_path)
    found = large_cells(searcher)
    assert [cell.low for cell in found] == sorted({num >> 16 << 16 for num in nums})
    assert [cell.posts for cell in found] == [sum(cell.low <= num <= cell.high for num in nums) for cell in found]


# what documents depend on


async def test_other_settings_of_a_board_make_another_basis(stage: Stage, tmp_path: Path) -> None:
    stage.board()
    found = set()
    others: tuple[dict[str, Any], ...] = ({}, {"clock": "new_york"}, {"clock_switch_num": 5}, {"comments": "html"})
    for changed in others:
        stage.boards["g"] = BoardSettings(**{"clock": "utc", **changed})
        async with archive_of(stage, tmp_path) as archive:
            found.add(basis_of(archive.board("g")))
    assert len(found) == len(others)
    assert all(str(stage.place.kind) in basis for basis in found)


@on_one_database
async def test_an_index_on_another_basis_is_not_searched(
    stage: Stage, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    stage.board()
    stage.post(1, comment="router")
    async with archive_of(stage, tmp_path) as archive:
        await updated(archive)
    first = kept_in(tmp_path).basis
    stage.boards["g"] = BoardSettings(clock="new_york")
    query = [("text", "router")]
    async with archive_of(stage, tmp_path) as archive:
        for _ in range(2):
            result = await archive.search(read_query(query, archive.boards).query)
            assert result.total == 1
        assert caplog.text.count('it was made with other settings; "koiwai index" makes it anew') == 1
        await updated(archive)
    assert kept_in(tmp_path).basis != first
    assert [path.name for path in folder_of(tmp_path, "g").glob("g0*")] == ["g000002"]


def test_what_an_index_says_of_itself_can_be_read_by_later_versions() -> None:
    kept = msgspec.json.decode(b'{"basis": "1 x", "place": 5, "what": "is new"}', type=Kept)
    assert (kept.basis, kept.place, kept.complete) == ("1 x", 5, False)
