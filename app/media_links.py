"""The addresses of a post's image and thumbnail, for pages, feeds and every API: one place, one gate."""

from __future__ import annotations

from urllib.parse import urlsplit

from app.media_layout import Kind, folders, stored_name
from app.model import Media
from app.settings import MediaSettings, Settings
from app.urls import Links, path_of, segment


def media_on(settings: Settings, board: str) -> bool:
    """Whether the files of this board are shown and served at all."""
    own = settings.boards.get(board)
    return settings.media.enabled and (own is None or own.media)


def media_origins(media: MediaSettings) -> tuple[str, ...]:
    """Scheme, host and port of the other servers that have our files, each once."""
    if not media.enabled:
        return ()
    addresses = [urlsplit(template) for template in (media.image_url, media.thumb_url) if template]
    return tuple(dict.fromkeys(f"{address.scheme}://{address.netloc.lower()}" for address in addresses))


class MediaLinks:
    """Addresses of files that this server has start as `links` do; those on other servers are absolute anyway."""

    def __init__(self, links: Links, settings: Settings) -> None:
        self._links = links
        self._settings = settings
        self._on: dict[str, bool] = {}

    def on(self, board: str) -> bool:
        """Whether anything of this board's files is shown, be it only a placeholder."""
        known = self._on.get(board)
        if known is None:
            known = self._on[board] = media_on(self._settings, board)
        return known

    def image(self, board: str, media: Media) -> str | None:
        """None where there is nothing to lead to: no such file, banned, or media switched off."""
        return self._address("image", self._settings.media.image_url, board, media)

    def thumb(self, board: str, media: Media) -> str | None:
        """None as for `image`. A spoilered file has one too."""
        return self._address("thumb", self._settings.media.thumb_url, board, media)

    def _address(self, kind: Kind, template: str, board: str, media: Media) -> str | None:
        layout = self._settings.media.layout
        name = stored_name(layout, kind, media)
        if name is None or not self.on(board):
            return None
        if template:
            path = path_of((*folders(layout, name), name))
            return template.format(board=segment(board), path=path, name=segment(name))
        return self._links.file(layout, kind, board, name)
