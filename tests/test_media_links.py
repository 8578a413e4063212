"""Addresses of images and thumbnails: layouts, other servers, and files that get none."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from app.media_layout import hash_of, stored_name
from app.media_links import MediaLinks, media_origins
from app.model import Media
from app.settings import BoardSettings, MediaSettings, Settings
from app.urls import Links
from app.web.themes import SNIPPET_HASH
from tests.support.asgi import ask
from tests.support.media_app import HASH, SUTRA_IMAGE, SUTRA_THUMB
from tests.support.pages import MEDIA as PICTURE
from tests.support.pages import FakeArchive, app_of

MEDIA = msgspec.structs.replace(PICTURE, hash=HASH, image="1300000000000.png", original="1366825828123.png")


def addresses(media: Media, board: str = "g", boards: Any = (), **settings: Any) -> tuple[str | None, str | None]:
    """Of the image and of the thumbnail."""
    links = MediaLinks(Links("/sub"), Settings(media=MediaSettings(**settings), boards=dict(boards)))
    return links.image(board, media), links.thumb(board, media)


def test_layout_asagi() -> None:
    assert addresses(MEDIA, "λ") == (
        "/sub/%CE%BB/image/1300/00/1300000000000.png",
        "/sub/%CE%BB/thumb/1366/82/1366825828123s.jpg",
    )


def test_layout_sutra() -> None:
    encoded = SUTRA_IMAGE.replace("=", "%3D"), SUTRA_THUMB.replace("=", "%3D")
    assert addresses(MEDIA, layout="sutra") == (f"/sub{encoded[0]}", f"/sub{encoded[1]}")


@pytest.mark.parametrize(
    ("changes", "image", "thumb"),
    [
        ({"hash": None}, False, False),
        ({"hash": "ab+/EFghijklmnopqrstuw"}, False, False),
        ({"hash": "ab+/EFghijklmnopqrstuw==="}, False, False),
        ({"hash": "../../../../../../etc/=="}, False, False),
        ({"hash": "ab+/EFghijklmnopqrstuw==\n"}, False, False),
        ({"original": None}, False, True),
        ({"thumb": None}, True, False),
        ({"image": None}, True, True),
    ],
)
def test_what_sutra_cannot_name(changes: dict[str, Any], image: bool, thumb: bool) -> None:
    found = addresses(msgspec.structs.replace(MEDIA, **changes), layout="sutra")
    assert (found[0] is not None, found[1] is not None) == (image, thumb)


def test_the_hash_in_a_name_of_sutra() -> None:
    for kind in ("image", "thumb"):
        assert hash_of(stored_name("sutra", kind, MEDIA) or "") == HASH
    # The other alphabet, no padding, a second extension, no name at all: each would be another file.
    for name in ("ab+_EFghijklmnopqrstuw==.png", "ab-_EFghijklmnopqrstuw.png", "ab-_EFghijklmnopqrstuw==.a.png", ""):
        assert hash_of(name) is None


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("https://cdn.example/{board}/image/{path}", "https://cdn.example/%CE%BB/image/a%20b%25/c%26/a%20b%25c%26.png"),
        ("https://cdn.example:8443/{name}", "https://cdn.example:8443/a%20b%25c%26.png"),
        ("http://cdn.example/x?file={name}&of={board}", "http://cdn.example/x?file=a%20b%25c%26.png&of=%CE%BB"),
    ],
)
def test_other_servers(template: str, expected: str) -> None:
    media = msgspec.structs.replace(MEDIA, image="a b%c&.png")
    assert addresses(media, "λ", image_url=template)[0] == expected
    assert (addresses(media, "λ", image_url=template)[1] or "").startswith("/sub/%CE%BB/thumb/")
    thumb = msgspec.structs.replace(MEDIA, thumb="a b%c&.png")
    assert addresses(thumb, "λ", thumb_url=template)[1] == expected


def test_sutra_on_another_server() -> None:
    template = "https://cdn.example/img/{path}"
    place = SUTRA_IMAGE.removeprefix("/_/media").replace("=", "%3D")
    assert addresses(MEDIA, layout="sutra", image_url=template)[0] == f"https://cdn.example{place}"


TEMPLATES: dict[str, Any] = {"image_url": "https://cdn.example/{path}", "thumb_url": "https://cdn.example/{name}"}


@pytest.mark.parametrize("layout", ["asagi", "sutra"])
@pytest.mark.parametrize("templates", [{}, TEMPLATES])
def test_files_without_addresses(layout: str, templates: dict[str, str]) -> None:
    banned = msgspec.structs.replace(MEDIA, banned=True)
    assert addresses(banned, layout=layout, **templates) == (None, None)
    assert addresses(MEDIA, layout=layout, enabled=False, **templates) == (None, None)
    boards = {"g": BoardSettings(media=False), "a": BoardSettings()}
    assert addresses(MEDIA, "g", boards, layout=layout, **templates) == (None, None)
    assert None not in addresses(MEDIA, "a", boards, layout=layout, **templates)
    assert None not in addresses(MEDIA, "elsewhere", boards, layout=layout, **templates)


@pytest.mark.parametrize(
    ("image", "thumb", "origins"),
    [
        ("", "", ()),
        ("https://cdn.example/{board}/{path}", "", ("https://cdn.example",)),
        ("", "http://t.example:8080/{name}", ("http://t.example:8080",)),
        ("https://cdn.example/i/{path}", "https://CDN.example/t/{path}", ("https://cdn.example",)),
        ("https://i.example/?x={path}", "https://t.example/{path}", ("https://i.example", "https://t.example")),
    ],
)
async def test_pages_may_load_pictures_from_these_servers_only(
    image: str, thumb: str, origins: tuple[str, ...]
) -> None:
    media = MediaSettings(image_url=image, thumb_url=thumb)
    assert media_origins(media) == origins
    archive = FakeArchive()
    archive.settings = Settings(media=media)
    sources = " ".join(("'self'", *origins))
    for address in ("/g/thread/100/", "/nowhere", "/g/thread/101/"):
        answer = await ask(app_of(archive), address)
        assert answer.headers["content-security-policy"] == (
            f"default-src 'none'; img-src {sources}; media-src {sources}; style-src 'self'; "
            f"script-src 'self' {SNIPPET_HASH}; connect-src 'self'; "
            "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
        )


async def test_switched_off_media_needs_no_other_server() -> None:
    archive = FakeArchive()
    archive.settings = Settings(media=MediaSettings(enabled=False, **TEMPLATES))
    policy = (await ask(app_of(archive), "/g/")).headers["content-security-policy"]
    assert "cdn.example" not in policy
