"""Errors in the API's own form, whatever goes wrong: `{"error": {"status": 404, "message": "..."}}`."""

from __future__ import annotations

import logging
from types import MappingProxyType
from typing import Final

from msgspec import Struct
from quart import Blueprint, Response
from werkzeug.exceptions import HTTPException

from app.api.encode import encode
from app.errors import KoiwaiError, Unavailable
from app.http import respond

JSON_TYPE = "application/json"

METHODS = "GET, HEAD, OPTIONS"
"""What every address of the API answers to."""

OPEN_HEADERS: Final = MappingProxyType(
    {
        "Access-Control-Allow-Origin": "*",
        "Access-Control-Expose-Headers": "ETag, Last-Modified",
        "X-Content-Type-Options": "nosniff",
    }
)
"""Every answer of the API: anybody's script may read it, and nobody's browser may take it for a page."""

log = logging.getLogger(__name__)


class MethodNotAllowed(KoiwaiError):
    """The API only reads (405)."""

    status = 405
    message = f"This address answers only to {METHODS}."


class ErrorFacts(Struct, frozen=True):
    """What went wrong: the HTTP status again, and a sentence for people."""

    status: int
    message: str


class ErrorAnswer(Struct, frozen=True):
    """The body of every answer that is an error."""

    error: ErrorFacts


def error_response(error: Exception) -> Response:
    """The JSON answer to an error. What is not meant for the public becomes a bare 500 and a log entry."""
    headers = dict(OPEN_HEADERS)
    if isinstance(error, HTTPException) and error.code == MethodNotAllowed.status:
        error = MethodNotAllowed()
    if isinstance(error, KoiwaiError):
        status, message = error.status, error.message
        if isinstance(error, Unavailable) and error.retry_after is not None:
            headers["Retry-After"] = str(error.retry_after)
        if isinstance(error, MethodNotAllowed):
            headers["Allow"] = METHODS
    elif isinstance(error, HTTPException) and error.code is not None and 400 <= error.code < 500:
        status, message = error.code, "This request is not understood."
    else:
        status, message = 500, KoiwaiError.message
    if status == 500:
        log.error("An API request failed.", exc_info=error)
    body = encode(ErrorAnswer(ErrorFacts(status, message)))
    return respond(body, JSON_TYPE, status=status, headers=headers)


def is_for_programs(path: str) -> bool:
    """Whether whoever asks for this address expects JSON, errors included."""
    return path.startswith("/api/") or path.strip("/") in {"api", "healthz", "readyz"}


def answer_errors_in_json(blueprint: Blueprint) -> None:
    """Give all errors that happen in routes of `blueprint` the API's form."""
    for kind in (KoiwaiError, HTTPException, Exception):
        blueprint.register_error_handler(kind, error_response)
