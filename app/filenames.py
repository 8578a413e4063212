"""Server file names out of a database: which may be used in an address, and how cut-off ones are mended."""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import Final

THUMB_TYPES: Final = MappingProxyType(
    {"jpg": "image/jpeg", "jpeg": "image/jpeg", "png": "image/png", "gif": "image/gif", "webp": "image/webp"}
)
"""Extensions thumbnails may have, with their media types."""

MEDIA_TYPES: Final = MappingProxyType(
    {
        **THUMB_TYPES,
        "avif": "image/avif",
        "bmp": "image/bmp",
        "webm": "video/webm",
        "mp4": "video/mp4",
        "m4v": "video/mp4",
        "ogv": "video/ogg",
        "mp3": "audio/mpeg",
        "m4a": "audio/mp4",
        "ogg": "audio/ogg",
        "opus": "audio/ogg",
        "flac": "audio/flac",
        "wav": "audio/wav",
        "pdf": "application/pdf",
        "swf": "application/x-shockwave-flash",
    }
)
"""Extensions that are served at all, with their media types."""

# Separators, wildcards, quotes, markup, percent signs and control characters have no place in a file name that
# becomes part of a path and an address; nor has a leading dot.
_SAFE = re.compile(r"[^\x00-\x20./\\<>\"'%?#*|:&\x7f-\x9f][^\x00-\x1f/\\<>\"'%?#*|:&\x7f-\x9f\ud800-\udfff]*")
_LONGEST: Final = 200  # bytes; file systems allow 255

# Asagi's columns hold 20 characters; sixteen digits and a long ending need 21 (Asagi schema notes, section 1.2).
_CUT_NAME = re.compile(r"[0-9]{16}(?:s\.jp|\.web)", re.ASCII)
_CUT_LENGTH: Final = 20
_MENDED = MappingProxyType({"s.jp": "s.jpg", ".web": ".webm"})


def usable_name(name: str | None, types: MappingProxyType[str, str] = MEDIA_TYPES) -> str | None:
    """The server file name, mended where it was cut off; None when it must not become part of an address."""
    if not name:
        return None
    if len(name) == _CUT_LENGTH and _CUT_NAME.fullmatch(name):
        name = name[:16] + _MENDED[name[16:]]
    if _SAFE.fullmatch(name) is None or len(name.encode()) > _LONGEST:
        return None
    stem, dot, extension = name.rpartition(".")
    return name if stem and dot and extension.lower() in types else None
