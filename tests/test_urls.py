"""Addresses: their form, and that no text gets into one unencoded."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.model import PostId
from app.settings import ArchiveSettings
from app.urls import Links, LiveLinks, contact_link, segment

LINKS = Links("/sub")
LIVE = LiveLinks(ArchiveSettings())
OTHER = LiveLinks(
    ArchiveSettings(
        host="chan.example:8080",
        board_url="http://{host}/{board}/index.html",
        thread_url="http://{host}/{board}/res/{thread}.html",
        post_url="https://other.example/?b={board}&p={post}&t={thread}",
    )
)


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        (LINKS.home(), "/sub/"),
        (Links("").home(), "/"),
        (LINKS.static("koiwai.css"), "/sub/static/koiwai.css"),
        (LINKS.board("λ"), "/sub/%CE%BB/"),
        (LINKS.index("g"), "/sub/g/"),
        (LINKS.index("g", "creation"), "/sub/g/?order=creation"),
        (LINKS.index("g", "ghost"), "/sub/g/ghost/"),
        (LINKS.page("g", 1), "/sub/g/"),
        (LINKS.page("g", 3), "/sub/g/page/3/"),
        (LINKS.page("g", 3, "creation"), "/sub/g/page/3/?order=creation"),
        (LINKS.page("g", 3, "ghost"), "/sub/g/ghost/3/"),
        (LINKS.index_before("g", "5&6"), "/sub/g/?before=5%266"),
        (LINKS.index_after("g", "5", "creation"), "/sub/g/?after=5&order=creation"),
        (LINKS.index_before("g", "5", "ghost"), "/sub/g/ghost/?before=5"),
        (LINKS.catalog("g"), "/sub/g/catalog/"),
        (LINKS.catalog("g", before="1"), "/sub/g/catalog/?before=1"),
        (LINKS.gallery("g"), "/sub/g/gallery/"),
        (LINKS.gallery("g", 2), "/sub/g/gallery/2/"),
        (LINKS.gallery("g", after="7"), "/sub/g/gallery/?after=7"),
        (LINKS.thread("g", 12), "/sub/g/thread/12/"),
        (LINKS.thread("g", 12, PostId(13, 2)), "/sub/g/thread/12/#13_2"),
        (LINKS.thread_after("g", 12, PostId(99)), "/sub/g/thread/12/?after=99"),
        (LINKS.last("g", 50, 12), "/sub/g/last/50/12/"),
        (LINKS.deleted("g", 12), "/sub/g/deleted/12/"),
        (LINKS.post("g", PostId(13, 1)), "/sub/g/post/13_1/"),
        (LINKS.hash("g", "ab+/ef0123456789abcdef=="), "/sub/g/image/ab-_ef0123456789abcdef/"),
        (LINKS.hash("g", "ab-_", PostId(5)), "/sub/g/image/ab-_/?before=5"),
        (LINKS.file("asagi", "image", "g", "1366825828123.png"), "/sub/g/image/1366/82/1366825828123.png"),
        (LINKS.file("asagi", "thumb", "λ", "1366825828123s.jpg"), "/sub/%CE%BB/thumb/1366/82/1366825828123s.jpg"),
        (LINKS.file("asagi", "image", "f", "a b%c?.swf"), "/sub/f/image/a%20b%25/c%3F/a%20b%25c%3F.swf"),
        (LINKS.file("sutra", "image", "g", "ab-_ef==.png"), "/sub/_/media/img/ab/-_/ef/ab-_ef%3D%3D.png"),
        (LINKS.file("sutra", "thumb", "g", "ab-_ef==.jpg"), "/sub/_/media/thb/ab/-_/ef/ab-_ef%3D%3D.jpg"),
        (Links("https://a.example/x").board("g"), "https://a.example/x/g/"),
        (LINKS.banner(), "/sub/_/banner"),
        (LIVE.board("λ"), "https://boards.4chan.org/%CE%BB/"),
        (LIVE.thread("λ", 5), "https://boards.4chan.org/%CE%BB/thread/5"),
        (LIVE.post("λ", 5, 6), "https://boards.4chan.org/%CE%BB/thread/5#p6"),
        (OTHER.board("a/b"), "http://chan.example:8080/a%2Fb/index.html"),
        (OTHER.thread("λ", 5), "http://chan.example:8080/%CE%BB/res/5.html"),
        (OTHER.post("λ", 5, 6), "https://other.example/?b=%CE%BB&p=6&t=5"),
        (contact_link("me+you@a.example"), "mailto:me+you@a.example"),
        (contact_link('"a?b&c%"@a.example'), "mailto:%22a%3Fb%26c%25%22@a.example"),
        (contact_link("https://a.example/x?y=%20&z#q"), "https://a.example/x?y=%20&z#q"),
        (contact_link('https://a.example/"λ<'), "https://a.example/%22%CE%BB%3C"),
    ],
)
def test_form(address: str, expected: str) -> None:
    assert address == expected


@given(st.text(alphabet=st.characters()))
def test_segments_hold_only_unreserved_characters(text: str) -> None:
    assert set(segment(text)) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~%")


def test_characters_that_utf8_cannot_hold_are_replaced() -> None:
    assert segment("a\ud800b") == "a%3Fb"
