"""Media files over HTTP, at addresses that follow the layout on the disk (see `app.media_layout`).

Of an address only the name is used, and the folders are compared with it; the path on the disk is built anew,
so an address has no way to lead out of the media folder. Symbolic links that the operator has made inside that
folder work. What is not served is NotFound: unknown, banned, of the other layout, or switched off.
"""

from __future__ import annotations

from typing import Final

from quart import Blueprint, Response

from app.context import current_archive
from app.errors import NotFound
from app.media_layout import SUTRA_FOLDERS, Kind, folders, hash_of, media_type, path_below, stored_at
from app.media_links import media_on
from app.sendfile import hand_over, respond_file
from app.urls import path_of

NO_FILE: Final = "There is no such file."

DOWNLOADS: Final = frozenset({"swf", "pdf"})
"""Extensions whose files may run code of their own; browsers save them instead of opening them."""

CACHE_CONTROL: Final = "public, max-age=86400"

NO_SCRIPTS: Final = "default-src 'none'; sandbox"
"""The security policy of a file that is opened by itself."""

PLAYS: Final = "default-src 'none'; media-src 'self'; style-src 'unsafe-inline'"
"""That of films and sounds: browsers show them in a page of their own, which a sandbox cuts off from the file."""


def media_blueprint() -> Blueprint:
    """The routes of the media files, of both layouts."""
    blueprint = Blueprint("media", __name__)
    for kind, folder in SUTRA_FOLDERS.items():
        # A dot in the last part keeps addresses of the hash search, which may hold slashes, away from here.
        for layout, rule, view in (
            ("asagi", f"/<board>/{kind}/<first>/<second>/<stem>.<extension>", _file_of_board),
            ("sutra", f"/_/media/{folder}/<first>/<second>/<third>/<stem>.<extension>", _shared_file),
        ):
            blueprint.add_url_rule(
                rule,
                endpoint=f"{layout}_{kind}",
                view_func=view,
                defaults={"kind": kind},
                strict_slashes=True,
                merge_slashes=False,
            )
    return blueprint


async def _file_of_board(board: str, first: str, second: str, stem: str, extension: str, kind: Kind) -> Response:
    archive, name = current_archive(), f"{stem}.{extension}"
    if archive.settings.media.layout != "asagi" or (first, second) != folders("asagi", name):
        raise NotFound(NO_FILE)
    known = archive.board(board)
    if not (media_on(archive.settings, known.name) and archive.visible_file(known, name)):
        raise NotFound(NO_FILE)
    return await _answer(kind, name, stored_at("asagi", known.name, kind, name))


async def _shared_file(first: str, second: str, third: str, stem: str, extension: str, kind: Kind) -> Response:
    archive, name = current_archive(), f"{stem}.{extension}"
    media, media_hash = archive.settings.media, hash_of(name)
    if media.layout != "sutra" or media_hash is None or (first, second, third) != folders("sutra", name):
        raise NotFound(NO_FILE)
    if not (media.enabled and await archive.visible_hash(media_hash)):
        raise NotFound(NO_FILE)
    return await _answer(kind, name, stored_at("sutra", "", kind, name))


async def _answer(kind: Kind, name: str, place: tuple[str, ...]) -> Response:
    """The file itself, or the word to the server in front that may send it."""
    media, content_type = current_archive().settings.media, media_type(kind, name)
    path = path_below(media.root, place)
    if content_type is None or path is None:
        raise NotFound(NO_FILE)
    plays = content_type.startswith(("video/", "audio/"))
    headers = {"X-Content-Type-Options": "nosniff", "Content-Security-Policy": PLAYS if plays else NO_SCRIPTS}
    if name.rpartition(".")[2].lower() in DOWNLOADS:
        headers["Content-Disposition"] = "attachment"
    if media.delivery == "direct":
        response = await respond_file(path, content_type, cache_control=CACHE_CONTROL, headers=headers)
    else:
        if media.delivery == "x-accel-redirect":
            headers["X-Accel-Redirect"] = media.accel_location + path_of(place)
        else:
            # lighttpd and mod_xsendfile 1.0 decode the path, mod_xsendfile 0.12 takes it as it stands: this suits all.
            headers["X-Sendfile"] = str(path).replace("%", "%25")
        response = await hand_over(path, content_type, cache_control=CACHE_CONTROL, headers=headers)
    if response is None:
        raise NotFound(NO_FILE)
    return response
