"""Addresses for whatever watches over the process: is it running, and can it read its archive."""

from __future__ import annotations

import asyncio
from typing import Final

from quart import Blueprint, Response

from app.api.errors import answer_errors_in_json
from app.context import current_archive
from app.errors import Unavailable
from app.http import respond

PATIENCE: Final = 5.0
"""Seconds the archive has to answer before it counts as not ready."""


def health_blueprint() -> Blueprint:
    """`/healthz` and `/readyz`. Their errors have the API's form."""
    blueprint = Blueprint("health", __name__)
    blueprint.add_url_rule("/healthz", view_func=alive, strict_slashes=False)
    blueprint.add_url_rule("/readyz", view_func=ready, strict_slashes=False)
    answer_errors_in_json(blueprint)
    return blueprint


async def alive() -> Response:
    """200 as long as the process answers at all; asks nothing of the archive."""
    return _ok()


async def ready() -> Response:
    """200 when the archive can be read, else 503 with the reason."""
    try:
        async with asyncio.timeout(PATIENCE):
            await current_archive().ping()
    except TimeoutError:
        raise Unavailable("The archive does not answer in time.", retry_after=5) from None
    return _ok()


def _ok() -> Response:
    return respond(b"ok", "text/plain; charset=utf-8", cache_control="no-store")
