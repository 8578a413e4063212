"""Files as 4chan's interface tells of them: by the live site's own name, in parts."""

from __future__ import annotations

import re
from typing import Final

from app.api.fourchan.shapes import FileKeys
from app.markup import escape_site
from app.markup.clean import clean
from app.media_layout import standard_hash
from app.model import Media

_NUMBER: Final = re.compile(r"[1-9][0-9]{0,15}", re.ASCII)
"""Names that are numbers, as far as every program can hold them: below 2^53, and without a zero in front."""

_LARGEST: Final = 2**53 - 1


def file_keys(media: Media, tim: int | None) -> FileKeys:
    """The file of a post; `tim` is its long name where a shorter one is stored.

    A client builds the file's address of `tim` and `ext`: where the file had no name that can stand in an address,
    or is banned, it is told as deleted.
    """
    if media.banned or media.original is None:
        return FileKeys(filedeleted=1)
    stem, _, extension = media.original.rpartition(".")
    name = media.filename or media.original
    keys = FileKeys(
        filename=escape_site(clean(name.rpartition(".")[0] or name)),
        ext=f".{escape_site(extension)}",
        w=media.width,
        h=media.height,
        tn_w=media.thumb_width,
        tn_h=media.thumb_height,
        tim=_tim(stem, tim),
        fsize=media.size,
    )
    media_hash = standard_hash(media.hash or "")
    if media_hash is not None:
        keys["md5"] = media_hash
    if media.spoiler:
        keys["spoiler"] = 1
    return keys


def _tim(stem: str, long: int | None) -> int | str:
    """The name without its extension: a number where it is one, as 4chan's are."""
    if _NUMBER.fullmatch(stem) is None or int(stem) > _LARGEST:
        return escape_site(stem)
    return long if long is not None and str(long).startswith(stem) else int(stem)
