"""Names of files in 4chan's interface, of which its clients build addresses."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from app.api.fourchan.files import file_keys
from tests.support.fake_archive import PICTURE


@pytest.mark.parametrize(
    ("original", "long", "tim", "ext"),
    [
        ("1657627203123.jpg", None, 1657627203123, ".jpg"),
        ("1657627203123456.webm", None, 1657627203123456, ".webm"),
        ("1657627203123.jpg", 1657627203123456, 1657627203123456, ".jpg"),
        ("1657627203124.jpg", 1657627203123456, 1657627203124, ".jpg"),
        ("1425939200001-0.png", None, "1425939200001-0", ".png"),
        ("0123456789012.png", None, "0123456789012", ".png"),
        ("9999999999999999.png", None, "9999999999999999", ".png"),
        ("the best.of.swf", 1657627203123456, "the best.of", ".swf"),
        ("٣٣٣٣٣٣٣٣٣٣.png", None, "٣٣٣٣٣٣٣٣٣٣", ".png"),
    ],
)
def test_the_name_of_a_file(original: str, long: int | None, tim: int | str, ext: str) -> None:
    keys = file_keys(replace(PICTURE, original=original), long)
    assert (keys["tim"], keys["ext"]) == (tim, ext)


@pytest.mark.parametrize(
    ("filename", "shown"),
    [
        ("cat.png", "cat"),
        ("cat", "cat"),
        (".png", ".png"),
        (None, "1366825828123"),
        ("a.b.c", "a.b"),
        ("<x>\0.png", "&lt;x&gt;\ufffd"),
    ],
)
def test_the_uploaders_name(filename: str | None, shown: str) -> None:
    assert file_keys(replace(PICTURE, filename=filename), None)["filename"] == shown


def test_files_nobody_can_fetch() -> None:
    """What is told as a file has a name to fetch it by."""
    assert file_keys(replace(PICTURE, original=None), None) == {"filedeleted": 1}
    assert file_keys(replace(PICTURE, banned=True, spoiler=True), None) == {"filedeleted": 1}
    assert "md5" not in file_keys(replace(PICTURE, hash='"><b onclick=x>'), None)
