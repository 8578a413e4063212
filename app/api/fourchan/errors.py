"""Errors of 4chan's interface: the status tells all, a short JSON body says it in words."""

from __future__ import annotations

import logging
from types import MappingProxyType
from typing import Final

from msgspec import Struct
from quart import Response
from werkzeug.exceptions import HTTPException

from app.api.encode import encode
from app.api.errors import JSON_TYPE
from app.errors import KoiwaiError, Unavailable
from app.http import respond

METHODS: Final = "GET, HEAD, OPTIONS"

HEADERS: Final = MappingProxyType(
    {
        "Access-Control-Allow-Origin": "*",
        "Access-Control-Allow-Methods": METHODS,
        "Access-Control-Allow-Headers": "If-Modified-Since, If-None-Match",
        "Access-Control-Expose-Headers": "ETag, Last-Modified, Retry-After",
        "Access-Control-Max-Age": "604800",
        "X-Content-Type-Options": "nosniff",
    }
)
"""Every answer of 4chan's interface, errors included: any site's script may read it."""

log = logging.getLogger("koiwai.api")


class _Error(Struct, frozen=True):
    error: str


def error_response(error: Exception) -> Response:
    """The answer to an error in this interface. What is not meant for the public becomes a bare 500 and a log entry."""
    headers = dict(HEADERS)
    if isinstance(error, KoiwaiError):
        status, message = error.status, error.message
        if isinstance(error, Unavailable) and error.retry_after is not None:
            headers["Retry-After"] = str(error.retry_after)
    elif isinstance(error, HTTPException) and error.code == 405:
        status, message, headers["Allow"] = 405, f"This address answers only to {METHODS}.", METHODS
    elif isinstance(error, HTTPException) and 400 <= (error.code or 500) < 500:
        status, message = error.code or 400, "There is nothing here."
    else:
        status, message = 500, KoiwaiError.message
    if status == 500:
        log.error("A request of 4chan's interface failed.", exc_info=error)
    return respond(encode(_Error(message)), JSON_TYPE, status=status, headers=headers)
