"""What can be done with a picture besides looking at it: save it, and look for other copies of it."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final
from urllib.parse import quote

from msgspec import Struct

from app.context import absolute_links, current_archive, page_links
from app.filenames import MEDIA_TYPES
from app.media_links import MediaLinks
from app.model import Post
from app.web.text import fit

SERVICES: Final = MappingProxyType(
    {
        "Google Lens": "https://lens.google.com/uploadbyurl?url={}",
        "SauceNAO": "https://saucenao.com/search.php?url={}",
        "IQDB": "https://iqdb.org/?url={}",
        "ImgOps": "https://imgops.com/start?url={}",
    }
)
"""Services that look for copies of a picture, and their addresses with braces for the picture's own."""

READABLE: Final = frozenset({"gif", "jpeg", "jpg", "png", "webp"})
"""Extensions, in lower case, of what these services can read."""


class Service(Struct, frozen=True, gc=False):
    """A picture at one of the services."""

    name: str
    href: str


class FileMenu(Struct, frozen=True, gc=False):
    """What a page offers to do with a file."""

    href: str
    saved_as: str
    """A name to save the file by: the uploader's, with the ending that the file has."""
    services: tuple[Service, ...]


def file_menu(post: Post) -> FileMenu | None:
    """The menu of the post's file; None where there is no file to be had."""
    media, settings = post.media, current_archive().settings
    href = None if media is None else MediaLinks(page_links(), settings).image(post.board, media)
    if media is None or href is None:
        return None
    services: tuple[Service, ...] = ()
    if settings.site.reverse_image_search and _ending(href) in READABLE:
        address = quote(MediaLinks(absolute_links(), settings).image(post.board, media) or "", safe="")
        services = tuple(Service(name, pattern.format(address)) for name, pattern in SERVICES.items())
    return FileMenu(href, _saved_as(fit(media.filename or ""), href), services)


def _ending(address: str) -> str:
    return address.rpartition(".")[2].lower()


def _saved_as(name: str, href: str) -> str:
    ending = _ending(href)
    kind = MEDIA_TYPES.get(ending)
    return name if not name or (kind and MEDIA_TYPES.get(_ending(name)) == kind) else f"{name}.{ending}"
