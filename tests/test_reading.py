"""Rows become posts: whatever form a driver gives a value, and whatever a writer meant by it."""

from collections.abc import Collection, Mapping
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.db.columns import POST_COLUMNS
from app.model import Media, Post
from app.reading import Picture, flag, number, read_picture, read_post, unescape_once

HASH = "AbCdEfGhIjKlMnOpQrStUw=="
PICTURE = Picture(5, HASH, "1300000000001.jpg", "1300000000001s.jpg", "1300000000002s.jpg", False)

PLAIN: dict[str, Any] = {
    **{name: None for name, _ in POST_COLUMNS},
    **{"doc_id": 9, "num": 101, "subnum": 0, "thread_num": 100, "capcode": "N"},
}
FILE = {"media_hash": HASH, "media_orig": "1366825828123.png", "preview_orig": "1366825828123s.jpg", "media_id": 5}


def _read(
    columns: Mapping[str, Any], pictures: Collection[Picture] = (), banned: Collection[str] = frozenset()
) -> Post:
    row = {**PLAIN, **columns}
    assert list(row) == [name for name, _ in POST_COLUMNS]
    return read_post("g", tuple(row.values()), 5, None, {picture.media_id: picture for picture in pictures}, banned)


def _media(
    columns: Mapping[str, Any], pictures: Collection[Picture] = (), banned: Collection[str] = frozenset()
) -> Media:
    media = _read({**FILE, **columns}, pictures, banned).media
    assert media is not None
    return media


def test_a_row_of_nothing() -> None:
    post = _read({})
    assert (post.board, post.doc_id, post.num, post.subnum, post.thread_num, post.time) == ("g", 9, 101, 0, 100, 5)
    texts = (post.name, post.trip, post.subject, post.email, post.capcode, post.poster_hash, post.country)
    assert {*texts, post.comment, post.exif, post.media, post.expired} == {None}
    assert {post.op, post.deleted, post.sticky, post.locked, post.ghost} == {False}


@pytest.mark.parametrize("column", ["name", "trip", "title", "email", "poster_hash", "poster_country", "comment",
                                    "exif"])  # fmt: skip
def test_empty_text_and_none_are_the_same(column: str) -> None:
    assert _read({column: ""}) == _read({column: None}) != _read({column: "x"})


@pytest.mark.parametrize("column", ["name", "trip", "title", "email", "poster_hash", "poster_country", "comment",
                                    "exif"])  # fmt: skip
def test_text_of_other_types(column: str) -> None:
    """SQLite stores what it is given; binary columns of the servers arrive as bytes."""
    assert _read({column: b"caf\xc3\xa9 \xff"}) == _read({column: "café \ufffd"})
    assert _read({column: 12}) == _read({column: "12"})
    assert _read({column: b""}) == _read({column: None})


def test_names_of_files_as_bytes() -> None:
    binary = {name: value.encode() for name, value in FILE.items() if isinstance(value, str)}
    assert _media(binary) == _media({})
    assert _media({**binary, "media_id": 5}, [PICTURE]) == _media({}, [PICTURE])


@pytest.mark.parametrize("stored", ["many", b"x", float("nan"), float("inf"), "1e3"])
def test_what_is_no_number_counts_as_none(stored: Any) -> None:
    assert number(stored) == 0
    assert _media({"media_w": stored}).width == 0


@pytest.mark.parametrize("stored", ["N", "", " ", None, "N "])
def test_no_capcode(stored: str | None) -> None:
    assert _read({"capcode": stored}).capcode is None


@pytest.mark.parametrize("stored", ["M", "M  "])
def test_a_capcode(stored: str) -> None:
    assert _read({"capcode": stored}).capcode == "M"


@pytest.mark.parametrize("stored", [101, Decimal(101), "101"])
def test_numbers_in_any_form(stored: Any) -> None:
    post = _read({"num": stored, "thread_num": stored, "subnum": None, "media_hash": HASH, "media_w": stored})
    assert (post.num, post.thread_num, post.subnum, post.op) == (101, 101, 0, True)
    assert type(post.num) is int
    assert post.media is not None
    assert post.media.width == 101


@pytest.mark.parametrize("stored", [True, 1, "1", Decimal(1)])
def test_flags_that_are_set(stored: Any) -> None:
    assert flag(stored) is True
    post = _read({"deleted": stored, "sticky": stored, "locked": stored, "media_hash": HASH, "spoiler": stored})
    assert (post.deleted, post.sticky, post.locked, post.media and post.media.spoiler) == (True,) * 4


@pytest.mark.parametrize("stored", [False, 0, "0", Decimal(0), None, ""])
def test_flags_that_are_not_set(stored: Any) -> None:
    assert flag(stored) is False
    assert number(stored) == 0


def test_a_post_is_the_op_by_its_numbers() -> None:
    assert _read({"num": 100}).op
    assert not _read({"num": 100, "subnum": 1}).op
    assert _read({"num": 100, "subnum": 1}).ghost


@pytest.mark.parametrize("column", ["media_hash", "media_orig", "media_filename"])
def test_any_mention_of_a_file_is_a_file(column: str) -> None:
    assert _read({column: ""}).media is None
    assert _read({column: "x"}).media is not None


def test_a_mark_alone_is_no_file() -> None:
    assert _read({"spoiler": 1, "media_id": 5}, [PICTURE]).media is None


def test_shared_pictures() -> None:
    reply = _media({}, [PICTURE])
    assert (reply.image, reply.thumb, reply.original) == (
        "1300000000001.jpg",
        "1300000000002s.jpg",
        "1366825828123.png",
    )
    assert _media({"num": 100}, [PICTURE]).thumb == "1300000000001s.jpg"


def test_thumbnails_are_lent() -> None:
    only_op = read_picture((5, HASH, "1300000000001.jpg", "1300000000001s.jpg", None, 0, 0))
    only_reply = read_picture((5, HASH, None, "", "1300000000002s.jpg", None, 0))
    neither = read_picture((5, HASH, "1300000000001.jpg", None, None, Decimal(0), 0))
    assert _media({}, [only_op]).thumb == "1300000000001s.jpg"
    assert _media({"num": 100}, [only_reply]).thumb == "1300000000002s.jpg"
    assert _media({}, [only_reply]).image == "1366825828123.png"
    assert _media({}, [neither]).thumb == "1366825828123s.jpg"


@pytest.mark.parametrize("media_id", [0, None, "", 6])
def test_posts_without_a_shared_picture_have_their_own(media_id: Any) -> None:
    media = _media({"media_id": media_id}, [PICTURE])
    assert (media.image, media.thumb) == ("1366825828123.png", "1366825828123s.jpg")


def test_a_picture_with_another_hash_is_another_picture() -> None:
    for media_hash in (HASH.lower(), HASH.rstrip("="), None):
        banned = Picture(5, media_hash, "1300000000001.jpg", None, None, True)
        media = _media({}, [banned])
        assert (media.image, media.thumb, media.banned) == ("1366825828123.png", "1366825828123s.jpg", False)


def test_banned_pictures_have_no_names() -> None:
    row = read_picture((5, HASH, "1300000000001.jpg", None, None, 1, 0))
    for media in (_media({}, [row]), _media({"media_id": 0}, banned=frozenset({HASH}))):
        assert (media.banned, media.image, media.thumb, media.hash) == (True, None, None, HASH)
    assert not _media({}, banned=frozenset({HASH.lower()})).banned
    assert not _media({"media_hash": None, "media_id": 0}, banned=frozenset({HASH})).banned


def test_names_that_no_server_gives_are_left_out() -> None:
    media = _media({"media_id": 0, "media_orig": "../../etc/passwd", "preview_orig": "x.svg"})
    assert (media.image, media.thumb, media.original) == (None, None, None)
    cut = _media({"media_id": 0, "media_orig": "1658260989011151.web", "preview_orig": "1658260989011151s.jp"})
    assert (cut.image, cut.thumb) == ("1658260989011151.webm", "1658260989011151s.jpg")


@pytest.mark.parametrize(
    ("stored", "name"),
    [
        ("it&#039;s &quot;quoted&quot; &amp; &lt;tagged&gt;.jpg", 'it\'s "quoted" & <tagged>.jpg'),
        ("fish &amp;amp; chips.jpg", "fish &amp; chips.jpg"),
        ("&#x706f;&#28783;.png", "灯灯.png"),
        ("AT&T.png", "AT&T.png"),
        ("a&b;c.png", "a&b;c.png"),
        ("Q&copy.png", "Q&copy.png"),
        ("&#99999999999;.png", "&#99999999999;.png"),
        ("plain.png", "plain.png"),
    ],
)
def test_file_names_are_unescaped_once(stored: str, name: str) -> None:
    assert unescape_once(stored) == name
    assert _media({"media_filename": stored}).filename == name


@given(st.text())
def test_unescaping_never_fails(text: str) -> None:
    assert isinstance(unescape_once(text), str)
