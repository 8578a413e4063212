"""Errors as pages: an honest status, a sentence that helps, and a way on."""

from __future__ import annotations

import logging
from types import MappingProxyType
from typing import Final

from quart import Response, request
from werkzeug.exceptions import HTTPException

from app.context import current_archive, page_links
from app.errors import Internal, KoiwaiError, Unavailable
from app.search.telling import board_label
from app.telemetry import REQUEST_ID
from app.web.missing import ways_on
from app.web.render import Crumb, render

_LOG = logging.getLogger("koiwai.web")

_HEADINGS: Final = MappingProxyType(
    {
        400: "That request makes no sense",
        404: "Not found",
        405: "Not possible here",
        500: "Something went wrong",
        503: "Not available at the moment",
    }
)
_SENTENCES: Final = MappingProxyType(
    {
        404: "There is no page at this address.",
        405: "This archive can only be read.",
    }
)
_OTHER: Final = "The request could not be answered."


def error_page(error: Exception) -> Response:
    """The page for any error. An unexpected one is logged with its traceback and told without details."""
    headers = {}
    if isinstance(error, KoiwaiError):
        status, message = error.status, error.message
        if isinstance(error, Unavailable) and error.retry_after is not None:
            headers["Retry-After"] = str(error.retry_after)
    elif isinstance(error, HTTPException) and error.code is not None and error.code < 500:
        status, message = error.code, _SENTENCES.get(error.code, _OTHER)
        for name, value in error.get_headers():
            if name.lower() == "allow":
                headers[name] = value
    else:
        _LOG.error("%s %s failed", request.method, request.path, exc_info=error)
        status, message = Internal.status, Internal.message
    return _page(status, message, headers)


def _page(status: int, message: str, headers: dict[str, str]) -> Response:
    links, boards = page_links(), current_archive().boards
    name = request.path.split("/", 2)[1]
    board = boards.get(name)
    heading = _HEADINGS.get(status, "Error")
    above = [] if board is None else [Crumb(board_label(board), links.board(name))]
    return render(
        "error.html",
        title=heading,
        board=None if board is None else name,
        status=status,
        headers=headers,
        crumbs=[*above, Crumb(heading)],
        heading=heading,
        message=message,
        request_id=REQUEST_ID.get() if status >= 500 else "",
        board_href=None if board is None else links.board(name),
        board_label=None if board is None else board_label(board),
        ways_on=ways_on(request.path, board) if status == 404 else None,
    )
