"""The site's own files: style sheet, script, pictures. They are few and small, so they are answered like pages."""

from __future__ import annotations

import asyncio
from pathlib import Path
from types import MappingProxyType
from typing import Final

from quart import Blueprint, Response, request

from app.assets import assets
from app.errors import NotFound
from app.http import respond
from app.resources import resource

TYPES: Final = MappingProxyType(
    {
        "css": "text/css; charset=utf-8",
        "ico": "image/vnd.microsoft.icon",
        "js": "text/javascript; charset=utf-8",
        "png": "image/png",
        "svg": "image/svg+xml",
        "txt": "text/plain; charset=utf-8",
        "woff2": "font/woff2",
    }
)
"""Content types by extension; a file of another kind is not served."""

VERSIONED: Final = "v"
"""Parameter that names the version of a file, which may then be kept for ever."""

_FOR_EVER: Final = "public, max-age=31536000, immutable"


def static_blueprint() -> Blueprint:
    """`/static/{name}`: files that lie directly in the folder `static`, and those of `app.assets`.

    Pages name the version of their style sheet and script, so that all are of one version; without it browsers ask
    each time whether a file is still the same.
    """
    folder, joined = resource("static"), assets()

    async def file(name: str) -> Response:
        content_type = TYPES.get(Path(name).suffix.removeprefix("."))
        if content_type is None:
            raise NotFound
        if (asset := joined.get(name)) is not None:
            current = request.args.get(VERSIONED) == asset.version
            caching = _FOR_EVER if current else "no-cache"
            return respond(asset.body, content_type, cache_control=caching, lasting=True)
        try:
            body = await asyncio.to_thread(Path(folder, name).read_bytes)
        except (OSError, ValueError):  # ValueError: a name the system cannot express
            raise NotFound from None
        return respond(body, content_type)

    blueprint = Blueprint("static", __name__)
    blueprint.add_url_rule("/static/<name>", view_func=file)
    return blueprint
