"""Errors as FoolFuuka tells them: `{"error": "..."}`, much of it with status 200 (FoolFuuka notes, section 2)."""

from __future__ import annotations

import logging
from types import MappingProxyType
from typing import Final

from msgspec import Struct
from quart import Response
from werkzeug.exceptions import HTTPException

from app.api.encode import encode
from app.api.errors import JSON_TYPE
from app.errors import KoiwaiError, NotFound, Unavailable
from app.http import respond

METHODS: Final = "GET, HEAD, OPTIONS"

HEADERS: Final = MappingProxyType(
    {
        "Access-Control-Allow-Origin": "*",
        "Access-Control-Allow-Credentials": "true",
        "Access-Control-Allow-Methods": "GET, HEAD, POST, PUT, DELETE, OPTIONS",
        "Access-Control-Allow-Headers": "If-Modified-Since, If-None-Match",
        "Access-Control-Expose-Headers": "ETag, Last-Modified, Retry-After",
        "Access-Control-Max-Age": "604800",
        "X-Content-Type-Options": "nosniff",
    }
)
"""Every answer of FoolFuuka's interface, errors included: any site's script may read it."""

log = logging.getLogger("koiwai.api")


class Told(KoiwaiError):
    """Told with status 200, as FoolFuuka tells that there is no such thread or post, or that nothing was found."""

    status = 200


class Unacceptable(KoiwaiError):
    """A parameter that is missing or makes no sense."""

    status = 422


class NoPage(KoiwaiError):
    """A page of a search that has no number. FoolFuuka calls this a failure of its own."""

    status = 500
    message = "The page number is not valid."


class _Error(Struct, frozen=True):
    error: str


def error_response(error: Exception) -> Response:
    """The answer to an error in this interface. What is not meant for the public becomes a bare 500 and a log entry."""
    headers = dict(HEADERS)
    if isinstance(error, KoiwaiError) and not isinstance(error, NotFound):
        status, message = error.status, error.message
        if isinstance(error, Unavailable) and error.retry_after is not None:
            headers["Retry-After"] = str(error.retry_after)
    elif isinstance(error, HTTPException) and error.code == 405:
        status, message, headers["Allow"] = 405, "This archive only reads.", METHODS
    elif isinstance(error, NotFound) or (isinstance(error, HTTPException) and 400 <= (error.code or 500) < 500):
        status, message = 404, "Requested resource does not exist."
    else:
        status, message = 500, "Encountered an unknown error."
    if status == 500 and not isinstance(error, NoPage):
        log.error("A request of FoolFuuka's interface failed.", exc_info=error)
    return respond(encode(_Error(message)), JSON_TYPE, status=status, headers=headers)
