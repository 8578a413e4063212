"""The operator's picture at the top of pages, served from an address of our own."""

from __future__ import annotations

import logging
from types import MappingProxyType
from typing import Final

from quart import Blueprint, Response

from app.context import current_archive
from app.errors import NotFound
from app.sendfile import regular_file, respond_file

log = logging.getLogger("koiwai.site")

CACHE_CONTROL: Final = "public, max-age=3600"

_TYPES: Final = MappingProxyType(
    {
        ".png": "image/png",
        ".jpg": "image/jpeg",
        ".jpeg": "image/jpeg",
        ".gif": "image/gif",
        ".webp": "image/webp",
        ".avif": "image/avif",
    }
)
"""Types of the pictures that the setting allows."""


def add_routes(blueprint: Blueprint) -> None:
    blueprint.add_url_rule("/_/banner", view_func=banner, strict_slashes=True)
    blueprint.before_app_serving(_warn_of_a_missing_file)


async def banner() -> Response:
    path = current_archive().settings.site.banner
    if path is not None and (content_type := _TYPES.get(path.suffix.lower())) is not None:
        response = await respond_file(path, content_type, cache_control=CACHE_CONTROL)
        if response is not None:
            return response
    raise NotFound("This site has no banner.")


async def _warn_of_a_missing_file() -> None:
    path = current_archive().settings.site.banner
    if path is not None and regular_file(path) is None:
        log.warning("[site] banner: %s cannot be read, so pages are shown without it", path)
