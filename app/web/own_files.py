"""Files of posts that we read from the disk ourselves, to put them into something that readers keep."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from app.media_layout import Kind, hash_of, media_type, path_below, stored_at, stored_name
from app.media_links import media_on
from app.model import Media

if TYPE_CHECKING:
    from app.archive import Archive
    from app.board import Board


async def own_file(archive: Archive, board: Board, kind: Kind, media: Media) -> Path | None:
    """Where a post's file should lie; None where nobody may have it, or where another server has such files.

    What is None is never served at an address of its own either (see `app.media`). Whether there is such a file on
    the disk is not looked at.
    """
    settings = archive.settings.media
    name = stored_name(settings.layout, kind, media)
    elsewhere = settings.image_url if kind == "image" else settings.thumb_url
    if name is None or elsewhere or media_type(kind, name) is None or not media_on(archive.settings, board.name):
        return None
    if settings.layout == "asagi":
        allowed = archive.visible_file(board, name)
    else:
        media_hash = hash_of(name)
        allowed = media_hash is not None and await archive.visible_hash(media_hash)
    return path_below(settings.root, stored_at(settings.layout, board.name, kind, name)) if allowed else None
