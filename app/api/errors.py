"""Errors in the API's own form, whatever goes wrong: `{"error": {"status": 404, "message": "..."}}`."""

from __future__ import annotations

import logging
from types import MappingProxyType
from typing import Annotated, Final

from msgspec import Meta, Struct
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
        "Access-Control-Expose-Headers": "ETag, Last-Modified, Link, Retry-After",
        "X-Content-Type-Options": "nosniff",
    }
)
"""Every answer of the API: anybody's script may read it, and nobody's browser may take it for a page."""

log = logging.getLogger("koiwai.api")


class MethodNotAllowed(KoiwaiError):
    """The API only reads (405)."""

    status = 405
    message = f"This address answers only to {METHODS}."


class ErrorFacts(Struct, frozen=True):
    """What went wrong."""

    status: Annotated[int, Meta(description="the HTTP status again")]
    message: Annotated[str, Meta(description="a sentence for people; it may change, programs go by `status`")]


class ErrorAnswer(Struct, frozen=True):
    """The body of every answer that is an error."""

    error: Annotated[ErrorFacts, Meta(description="the object that only errors have")]


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


def answer_programs(blueprint: Blueprint) -> None:
    """Give all answers of `blueprint` the API's headers, and the errors that happen in its routes the API's form."""
    blueprint.after_request(_open_to_all)
    for kind in (KoiwaiError, HTTPException, Exception):
        blueprint.register_error_handler(kind, error_response)


def _open_to_all(response: Response) -> Response:
    response.headers.update(OPEN_HEADERS)
    return response
