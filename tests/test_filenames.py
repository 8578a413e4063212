"""Server file names: which may become part of an address, and how those cut off by a narrow column are mended."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.filenames import MEDIA_TYPES, THUMB_TYPES, usable_name


@pytest.mark.parametrize(
    "name",
    ["1366825828123.jpg", "1658260989011151.webm", "1658260989011151s.jpg", "1366825828123.JPG", "cat & dog.png"[:3]
     + ".png", "灯台.gif", "a b.swf", "a.tar.pdf", "x.m4v"],
)  # fmt: skip
def test_usable_names(name: str) -> None:
    assert usable_name(name) == name


@pytest.mark.parametrize(
    "name",
    [None, "", ".", "..", "jpg", ".jpg", "..jpg", "../1.jpg", "a/b.jpg", "a\\b.jpg", "/etc/passwd.jpg", "1.jpg/",
     "1.svg", "1.html", "1.exe", "1.jpg.php", "1.", "1", "a%2e.jpg", "a?.jpg", "a#.jpg", "a*.jpg", "a|.jpg",
     "a:b.jpg", 'a".jpg', "a'.jpg", "<a>.jpg", "a&b.jpg", "a\n.jpg", "a\x00.jpg", "a.jpg\n", " a.jpg", "\x7f.jpg",
     "a\ud800.jpg", "a" * 197 + ".jpg", "灯" * 66 + ".jpg", "1.jpg ", "1\uff0ejpg"],
)  # fmt: skip
def test_names_that_never_get_into_an_address(name: str | None) -> None:
    assert usable_name(name) is None


@pytest.mark.parametrize(
    ("stored", "mended"),
    [
        ("1658260989011151.web", "1658260989011151.webm"),
        ("1658260989011151s.jp", "1658260989011151s.jpg"),
        ("1658260989011151.jpg", "1658260989011151.jpg"),
        # Not twenty characters that begin with sixteen digits: not cut off, and of no known kind.
        ("1366825828123.web", None),
        ("1366825828123s.jp", None),
        ("16582609890111515.web", None),
        ("١٦٥٨٢٦٠٩٨٩٠١١١٥١.web", None),
    ],
)
def test_names_that_were_cut_off(stored: str, mended: str | None) -> None:
    assert usable_name(stored) == mended


def test_thumbnails_are_pictures() -> None:
    assert usable_name("1366825828123s.jpg", THUMB_TYPES) == "1366825828123s.jpg"
    assert usable_name("1366825828123.webm", THUMB_TYPES) is None
    assert usable_name("1658260989011151.web", THUMB_TYPES) is None
    assert THUMB_TYPES.items() <= MEDIA_TYPES.items()


@given(st.text(max_size=250) | st.from_regex(r"\A[0-9]{16}(s\.jp|\.web)\Z"))
def test_what_is_usable_is_one_harmless_part_of_a_path(name: str) -> None:
    for candidate in (name, f"{name}.jpg"):
        found = usable_name(candidate)
        if found is not None:
            assert not set(found) & set("/\\<>\"'%?#*|:&\0\n\r")
            assert not found.startswith((".", " "))
            assert len(found.encode()) <= 200
            assert found.rpartition(".")[2].lower() in MEDIA_TYPES
            assert usable_name(found) == found
