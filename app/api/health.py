"""Views for whatever watches over the process: is it running, and can it read its archive."""

from __future__ import annotations

import asyncio
from typing import Final

from quart import Response

from app.compat import timeout
from app.context import current_archive
from app.errors import Unavailable
from app.http import respond

PATIENCE: Final = 5.0
"""Seconds the archive has to answer before it counts as not ready."""

TEXT_TYPE: Final = "text/plain; charset=utf-8"


async def alive() -> Response:
    """200 as long as the process answers at all; asks nothing of the archive."""
    return _ok()


async def ready() -> Response:
    """200 when the archive can be read, else 503 with the reason."""
    try:
        async with timeout(PATIENCE):
            await current_archive().ping()
    except asyncio.TimeoutError:
        raise Unavailable("The archive does not answer in time.", retry_after=5) from None
    return _ok()


def _ok() -> Response:
    return respond(b"ok", TEXT_TYPE, cache_control="no-store")
