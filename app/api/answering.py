"""JSON answers of the interfaces that we copy, which are no errors."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from quart import Response

from app.api.encode import encode
from app.api.errors import JSON_TYPE
from app.http import respond


def answer(value: Any, modified: int | None = None) -> Response:
    """`value` as JSON. `modified` (Unix seconds) makes its Last-Modified."""
    return respond(encode(value), JSON_TYPE, last_modified=modified)


def nothing(headers: Mapping[str, str]) -> Response:
    """An answer without contents (204)."""
    response = Response(b"", status=204, headers=dict(headers))
    del response.headers["Content-Type"]
    del response.headers["Content-Length"]  # a 204 must have none (RFC 9110, 8.6)
    return response
