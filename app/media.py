"""Media files, laid out on the disk and in the address as Asagi does (Asagi schema notes, section 5.1).

`{board}/image/1234/56/1234567890123.jpg` and `{board}/thumb/1234/56/1234567890123s.jpg`: the two folders are
the first four and the next two characters of the file's own name. Of an address only the name is used; the
path on the disk is built anew from it, so an address has no way to lead out of the media folder. Symbolic
links that the operator has made inside that folder work.
"""

from __future__ import annotations

from pathlib import Path
from types import MappingProxyType
from typing import Final, Literal

from quart import Blueprint, Response

from app.context import current_archive
from app.errors import NotFound
from app.filenames import MEDIA_TYPES, THUMB_TYPES, usable_name
from app.sendfile import respond_file

Kind = Literal["image", "thumb"]

NO_FILE: Final = "There is no such file."

DOWNLOADS: Final = frozenset({"swf", "pdf"})
"""Extensions whose files may run code of their own; browsers save them instead of opening them."""

CACHE_CONTROL: Final = "public, max-age=86400"

SHORTEST_NAME: Final = 5
"""Characters; a shorter name has nothing to call its second folder by."""

SAFETY_HEADERS: Final = MappingProxyType(
    {"X-Content-Type-Options": "nosniff", "Content-Security-Policy": "default-src 'none'; sandbox"}
)


def media_type(kind: Kind, name: str) -> str | None:
    """The content type of a media file; None for a name that cannot be one of ours."""
    types = THUMB_TYPES if kind == "thumb" else MEDIA_TYPES
    if len(name) < SHORTEST_NAME or usable_name(name, types) != name:
        return None
    return types[name.rpartition(".")[2].lower()]


def media_path(root: Path, board: str, kind: Kind, name: str) -> Path | None:
    """Where the file `name` of a board lies under the media folder `root`. Touches no file.

    None when the path would not lie exactly where the layout puts it, whatever the name is.
    """
    parts = (board, kind, name[:4], name[4:6], name)
    path = root.joinpath(*parts)
    # A path drops "." and empty parts, and an absolute part replaces all before it: one that still consists
    # of just these parts, none of which climbs, lies below the root.
    if path.parts != (*root.parts, *parts) or ".." in parts:
        return None
    return path


def media_blueprint() -> Blueprint:
    """The routes of the media files. What is not served is NotFound: unknown, banned, or all switched off."""
    blueprint = Blueprint("media", __name__)
    for kind in ("image", "thumb"):
        # A dot in the last part keeps addresses of the hash search, which may hold slashes, away from here.
        blueprint.add_url_rule(
            f"/<board>/{kind}/<first>/<second>/<stem>.<extension>",
            endpoint=kind,
            view_func=_view,
            defaults={"kind": kind},
            strict_slashes=True,
            merge_slashes=False,
        )
    return blueprint


async def _view(board: str, first: str, second: str, stem: str, extension: str, kind: Kind) -> Response:
    archive = current_archive()
    name = f"{stem}.{extension}"
    content_type = media_type(kind, name)
    if content_type is None or (first, second) != (name[:4], name[4:6]) or not archive.settings.media.enabled:
        raise NotFound(NO_FILE)
    known_board = archive.board(board)
    path = media_path(archive.settings.media.root, known_board.name, kind, name)
    if path is None or not archive.visible_file(known_board, name):
        raise NotFound(NO_FILE)
    headers = dict(SAFETY_HEADERS)
    if extension.lower() in DOWNLOADS:
        headers["Content-Disposition"] = "attachment"
    response = await respond_file(path, content_type, cache_control=CACHE_CONTROL, headers=headers)
    if response is None:
        raise NotFound(NO_FILE)
    return response
