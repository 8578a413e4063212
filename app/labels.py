"""What the headers of every answer about a board say: to filters that protect children, and to search engines."""

from __future__ import annotations

from typing import Final

from quart import Quart, Response, request

from app.context import current_archive

RATING: Final = "RTA-5042-1996-1400-1577-RTA"
"""The label by which filters know what is for adults, the same for all sites ("Restricted To Adults")."""


def label_answers(app: Quart) -> None:
    """Labels all answers of `app`: pages, errors, redirects, files and JSON alike."""

    @app.after_request
    async def label(response: Response) -> Response:
        response.headers.setdefault("X-Content-Type-Options", "nosniff")
        name = (request.view_args or {}).get("board") or request.path.split("/", 2)[1]
        board = current_archive().settings.boards.get(name)
        if board is not None and board.nsfw:
            response.headers["Rating"] = RATING
        if board is not None and board.hidden:
            response.headers["X-Robots-Tag"] = "noindex"
        return response
