"""The picture of this site in tabs and bookmarks, at the address where browsers look without being told.

It is drawn as `static/favicon.svg`. `static/favicon.ico` holds the same, as a browser drew it in 16 and 32 pixels: two
PNG files behind the head of an ICO file (6 bytes, and 16 for each).
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from quart import Blueprint, Response

from app.http import respond
from app.resources import resource

_CACHE_CONTROL: Final = "public, max-age=86400"


def add_routes(blueprint: Blueprint) -> None:
    blueprint.add_url_rule("/favicon.ico", view_func=favicon, strict_slashes=True)


async def favicon() -> Response:
    return respond(_picture(), "image/vnd.microsoft.icon", cache_control=_CACHE_CONTROL)


@lru_cache(maxsize=1)
def _picture() -> bytes:
    return (resource("static") / "favicon.ico").read_bytes()
