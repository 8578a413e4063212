"""Which files posts have and where they lie below the media folder (Asagi schema notes, section 5.1).

In the layout `asagi` each board has its own: `{board}/image/1366/82/1366825828123.png` and
`{board}/thumb/1366/82/1366825828123s.jpg`; the two folders are the first four and the next two characters of
the name. In the layout `sutra` all boards share `img/ab/cd/ef/{h}.png` and `thb/ab/cd/ef/{h}.jpg`, where `h` is
the file's hash and the folders are its first three pairs of characters. Nothing here touches a file.
"""

from __future__ import annotations

import re
from pathlib import Path
from types import MappingProxyType
from typing import Final, Literal

from app.filenames import MEDIA_TYPES, THUMB_TYPES, usable_name
from app.model import Media

Kind = Literal["image", "thumb"]
Layout = Literal["asagi", "sutra"]

SUTRA_FOLDERS: Final = MappingProxyType({"image": "img", "thumb": "thb"})

GENUINE_HASH: Final = re.compile(r"[A-Za-z0-9+/]{22}==", re.ASCII)
"""The base64 of an MD5; imported data has others, which name no file."""

_UNPADDED_HASH = re.compile(r"[A-Za-z0-9+/]{22}", re.ASCII)
_SHORTEST_NAME: Final = 5  # characters; a shorter name has nothing to call its second folder by
_FOLDERS: Final = MappingProxyType({"asagi": ((0, 4), (4, 6)), "sutra": ((0, 2), (2, 4), (4, 6))})


def standard_hash(text: str) -> str | None:
    """A hash in the form that is stored, from either alphabet, padded or not; None for what is none."""
    found = text.replace("-", "+").replace("_", "/").rstrip("=")
    return f"{found}==" if _UNPADDED_HASH.fullmatch(found) else None


def media_type(kind: Kind, name: str) -> str | None:
    """The content type of a media file; None for a name that cannot be one of ours."""
    types = THUMB_TYPES if kind == "thumb" else MEDIA_TYPES
    if len(name) < _SHORTEST_NAME or usable_name(name, types) != name:
        return None
    return types[name.rpartition(".")[2].lower()]


def stored_name(layout: Layout, kind: Kind, media: Media) -> str | None:
    """The name under which a post's file is stored; None where it has none, is banned or cannot be named."""
    if media.banned:
        return None
    own = media.image if kind == "image" else media.thumb
    if layout == "asagi":
        return own
    if media.hash is None or GENUINE_HASH.fullmatch(media.hash) is None:
        return None
    stem = media.hash.replace("+", "-").replace("/", "_")
    if kind == "thumb":
        return own and f"{stem}.jpg"
    return media.original and f"{stem}.{media.original.rpartition('.')[2]}"


def hash_of(name: str) -> str | None:
    """The hash, as posts have it, that a name of the layout `sutra` is made of; None for another name."""
    media_hash = name.rpartition(".")[0].replace("-", "+").replace("_", "/")
    return media_hash if GENUINE_HASH.fullmatch(media_hash) and not set("+/") & set(name) else None


def folders(layout: Layout, name: str) -> tuple[str, ...]:
    """The folders that a name stands in, both of images and of thumbnails."""
    return tuple(name[start:stop] for start, stop in _FOLDERS[layout])


def stored_at(layout: Layout, board: str, kind: Kind, name: str) -> tuple[str, ...]:
    """The parts of a file's path below the media folder. Under `sutra` the board does not matter."""
    top = (board, kind) if layout == "asagi" else (SUTRA_FOLDERS[kind],)
    return (*top, *folders(layout, name), name)


def path_below(root: Path, parts: tuple[str, ...]) -> Path | None:
    """The path made of `root` and these parts; None when it would not lie exactly there, whatever they are."""
    path = root.joinpath(*parts)
    # A path drops "." and empty parts, and an absolute part replaces all before it: one that still consists
    # of just these parts, none of which climbs, lies below the root.
    if path.parts != (*root.parts, *parts) or ".." in parts:
        return None
    return path
