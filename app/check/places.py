"""What lies on the disk: media files, the state folder, the banner."""

from __future__ import annotations

import os
from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from app.check.report import BoardReport, Notes
from app.check.samples import StoredFile
from app.looks import is_folder, is_there
from app.media_layout import Kind, Layout, path_below, stored_at, stored_name
from app.settings import Settings

_LOOKED_FOR: Final = 40  # files of each board
_LOOKED_THROUGH: Final = 1_000  # entries of the media folder
_NAMED: Final = 5
_NO_MEDIA_HERE: Final = frozenset({".db", ".sqlite", ".sqlite3", ".sql", ".toml", ".env"})


def look_at_state(settings: Settings, notes: Notes) -> None:
    folder = settings.app.state
    existing = folder
    while not is_there(existing) and existing != existing.parent:
        existing = existing.parent
    if not is_folder(existing):
        notes.fault("state-folder", f"[app] state is {folder}, but {existing} is no folder.")
    elif not os.access(existing, os.W_OK | os.X_OK):
        notes.fault("state-folder", f"[app] state is {folder}, but {existing} may not be written to.")
    elif is_there(folder):
        notes.ok("state-folder", f"The state folder {folder} can be written to.")
    else:
        notes.ok("state-folder", f"The state folder {folder} can be made.")
    if settings.db.db_type == "sqlite" and folder.resolve() == settings.db.sqlite.database.parent.resolve():
        notes.note(
            "state-beside-archive",
            "The state folder is the folder of the archive: better keep what Koiwai writes apart from it.",
        )


def look_at_banner(settings: Settings, notes: Notes) -> None:
    banner = settings.site.banner
    if banner is not None and not os.access(banner, os.R_OK):
        notes.warning("banner-missing", f"[site] banner is {banner}, which is not there or cannot be read.")


def look_at_media(settings: Settings, names: Sequence[str], notes: Notes) -> bool:
    """Whether there is a folder in which files can be looked for. `names`: the boards."""
    media = settings.media
    if not media.enabled:
        notes.ok("media-off", "Images and thumbnails are switched off.")
        return False
    for key, template in (("image_url", media.image_url), ("thumb_url", media.thumb_url)):
        if template and urlsplit(settings.app.url).scheme == "https" and urlsplit(template).scheme == "http":
            notes.warning(
                "media-url", f"[media] {key} begins with http:, but the site with https: browsers may refuse the files."
            )
        elif template:
            notes.ok("media-url", f"[media] {key} sends readers to {urlsplit(template).netloc}.")
    if media.image_url and media.thumb_url:
        return False
    entries: list[os.DirEntry[str]] = []
    try:
        with os.scandir(media.root) as found:
            entries = list(islice(found, _LOOKED_THROUGH))
    except OSError as error:
        notes.warning(
            "media-folder",
            f"The media folder {media.root} cannot be read: {error.strerror}. Images will be missing. Where there are "
            "none, set [media] enabled = false.",
        )
        return False
    notes.ok("media-folder", f"The media folder {media.root} can be read.")
    _look_for_surprises(entries, names, media.layout, notes)
    return True


def _look_for_surprises(
    entries: Sequence[os.DirEntry[str]], names: Sequence[str], layout: Layout, notes: Notes
) -> None:
    private = sorted(e.name for e in entries if e.name == ".env" or Path(e.name).suffix in _NO_MEDIA_HERE)
    if private:
        notes.warning(
            "media-private",
            f"The media folder holds what is no media: {_some(private)}. Koiwai does not serve it; a web server that "
            "is given this folder might.",
        )
    expected = set(names) if layout == "asagi" else {"img", "thb"}
    others = sorted(
        e.name for e in entries if e.name not in expected and not e.name.startswith(".") and is_folder(Path(e.path))
    )
    if others:
        what = "no board's" if layout == "asagi" else "neither img nor thb"
        notes.note("media-other-folders", f"The media folder holds folders that are {what}: {_some(others)}.")


def look_for_files(settings: Settings, board: BoardReport, files: Sequence[StoredFile], notes: Notes) -> None:
    """Whether the newest files of a board are where Koiwai looks for them, and where they are if not."""
    media = settings.media
    templates: dict[Kind, str] = {"image": media.image_url, "thumb": media.thumb_url}
    kinds: list[Kind] = [kind for kind in ("image", "thumb") if not templates[kind]]
    other: Layout = "sutra" if media.layout == "asagi" else "asagi"
    found_anything = False
    for kind in kinds:
        wanted = [file for file in files if stored_name(media.layout, kind, file.media) is not None][:_LOOKED_FOR]
        if not wanted:
            continue
        there = sum(_exists(media.root, media.layout, board.name, kind, file, own=False) for file in wanted)
        found_anything = found_anything or there > 0
        what = "images" if kind == "image" else "thumbnails"
        code = f"media-{what}"
        said = f"On the disk are {there} of the newest {len(wanted)} {what}"
        if there == len(wanted):
            notes.ok(code, f"{said}.")
            continue
        elsewhere = sum(_exists(media.root, other, board.name, kind, file, own=False) for file in wanted)
        own = sum(_exists(media.root, media.layout, board.name, kind, file, own=True) for file in wanted)
        if elsewhere > there:
            board.conventions.layout = other
            advice = f'set [media] layout = "{other}"'
            notes.fault("media-layout", f"{said}, but {elsewhere} lie there in the other layout: {advice}.")
        elif own > there:
            notes.warning(
                "media-names",
                f"{said} under the names of the table of pictures, where Koiwai looks, but {own} under the posts' own.",
            )
        elif 2 * there >= len(wanted):
            notes.note(code, f"{said}: readers do not get the others.")
        else:
            notes.warning(code, f"{said}: readers do not get the others.")
    if found_anything and board.conventions.layout is None:
        board.conventions.layout = media.layout


def _exists(root: Path, layout: Layout, board: str, kind: Kind, file: StoredFile, *, own: bool) -> bool:
    name = stored_name(layout, kind, file.own if own else file.media)
    path = None if name is None else path_below(root, stored_at(layout, board, kind, name))
    try:
        return path is not None and path.is_file()
    except (OSError, ValueError):  # a name longer than the file system's
        return False


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - _NAMED:,} more" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more
