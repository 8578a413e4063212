"""The style sheet and the script of the site: many files in the repository, one each for browsers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from hashlib import blake2b
from types import MappingProxyType
from typing import Final

from msgspec import Struct

from app.resources import resource

FOLDERS: Final = MappingProxyType({"koiwai.css": "css", "koiwai.js": "js"})
"""Served name of what is joined, and the folder in `static` whose files go into it, in the order of their names."""

_COMMENT: Final = re.compile(r"/\*.*?\*/\s*", re.DOTALL)
_INDENT: Final = re.compile(r"\n\s+")


class Asset(Struct, frozen=True):
    """One file for browsers."""

    body: bytes
    version: str
    """Stands in its address, so that browsers may keep it for ever: with other bytes it has another address."""


@lru_cache(maxsize=1)
def assets() -> Mapping[str, Asset]:
    """The joined files by served name, read once per process."""
    return MappingProxyType({name: _joined(folder) for name, folder in FOLDERS.items()})


def _joined(folder: str) -> Asset:
    pieces = [path.read_text("utf-8") for path in sorted((resource("static") / folder).glob(f"*.{folder}"))]
    text = "\n".join(pieces)
    if folder == "css":
        text = _INDENT.sub("\n", _COMMENT.sub("", text))
    body = text.encode()
    return Asset(body, blake2b(body, digest_size=6).hexdigest())
