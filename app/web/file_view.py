"""A post's file as templates print it."""

from __future__ import annotations

from typing import Final

from msgspec import Struct

from app.filenames import MEDIA_TYPES
from app.media_layout import GENUINE_HASH
from app.media_links import MediaLinks
from app.model import Media, Post
from app.urls import Links
from app.web.text import file_size, fit, short_file_name

REPLY_THUMB: Final = 125
OP_THUMB: Final = 250
TILE_THUMB: Final = 150
"""Longest side of a thumbnail, in CSS pixels."""


class FileView(Struct, frozen=True, gc=False):
    """Everything a template needs to print a file; attributes are None where there is nothing to print."""

    name: str
    """The uploader's name, shortened."""
    full_name: str
    facts: str
    """Size and dimensions: `123KiB, 640x480`."""
    image_href: str | None
    thumb_href: str | None
    width: int | None
    height: int | None
    alt: str
    md5: str
    same_href: str | None
    """Leads to the posts with the same file."""
    boxed: bool
    """False where media is switched off: facts only, neither picture nor placeholder."""
    box_class: str
    """Class of the placeholder that stands in for the thumbnail."""
    box_text: str
    pictured: bool
    """Whether a link stands around a thumbnail, or around what hides it."""
    full_width: int | None
    full_height: int | None
    """Pixels of the file itself, for scripts that show it in its place."""
    hidden_thumb: str | None
    """The thumbnail of a spoilered picture, for scripts that show it when asked to."""
    video: bool


def file_view(post: Post, links: Links, files: MediaLinks, *, longest_side: int) -> FileView | None:
    """The file of `post`, None without one; its thumbnail is scaled down to `longest_side` CSS pixels."""
    media = post.media
    if media is None:
        return None
    image = files.image(post.board, media)
    thumb = files.thumb(post.board, media)
    sized = media.width > 0 and media.height > 0
    width, height = _scaled(media, longest_side)
    stored_name = media.filename or media.original or media.image or "file without a name"
    name = fit(stored_name)
    box_class, box_text = _box(media, image)
    return FileView(
        name=fit(short_file_name(stored_name)),
        full_name=name,
        facts=_facts(media),
        image_href=image,
        thumb_href=None if media.spoiler else thumb,
        width=width,
        height=height,
        alt=name,
        md5=fit(media.hash or ""),
        same_href=_same(links, post.board, media.hash),
        boxed=files.on(post.board),
        box_class=box_class,
        box_text=box_text,
        pictured=image is not None and (thumb is not None or media.spoiler),
        full_width=media.width if sized else None,
        full_height=media.height if sized else None,
        hidden_thumb=thumb if media.spoiler else None,
        video=image is not None and MEDIA_TYPES.get(image.rpartition(".")[2].lower(), "").startswith("video/"),
    )


def _box(media: Media, image: str | None) -> tuple[str, str]:
    if media.banned:
        return "file_box banned_box", "File banned"
    if image is None:
        return "file_box missing_box", "File not available"
    if media.spoiler:
        return "spoiler_box", "Spoiler image"
    return "file_box", (media.image or media.original or "").rpartition(".")[2].upper() + " file"


def _facts(media: Media) -> str:
    facts = []
    if media.size > 0:
        facts.append(file_size(media.size))
    if media.width > 0 and media.height > 0:
        facts.append(f"{media.width}x{media.height}")
    return ", ".join(facts)


def _scaled(media: Media, longest_side: int) -> tuple[int | None, int | None]:
    width, height = media.thumb_width, media.thumb_height
    if width <= 0 or height <= 0:
        return None, None
    longest = max(width, height)
    if longest <= longest_side:
        return width, height
    return max(1, width * longest_side // longest), max(1, height * longest_side // longest)


def _same(links: Links, board: str, media_hash: str | None) -> str | None:
    if media_hash is None or GENUINE_HASH.fullmatch(media_hash) is None:
        return None
    return links.hash(board, media_hash)
