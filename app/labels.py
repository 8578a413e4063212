"""What the headers of every answer about a board say: to filters that protect children, and to search engines."""

from __future__ import annotations

from typing import Final

from quart import Quart, Response, g, request

from app.context import current_archive

RATING: Final = "RTA-5042-1996-1400-1577-RTA"
"""The label by which filters know what is for adults, the same for all sites ("Restricted To Adults")."""


_TOLD: Final = "labelled_boards"


def tells_of(*boards: str) -> None:
    """The answer to the current request has posts of these boards, though its path names none of them."""
    g.setdefault(_TOLD, set()).update(boards)


def label_answers(app: Quart) -> None:
    """Labels all answers of `app`: pages, errors, redirects, files and JSON alike."""

    @app.after_request
    async def label(response: Response) -> Response:
        response.headers.setdefault("X-Content-Type-Options", "nosniff")
        named = (request.view_args or {}).get("board") or request.path.split("/", 2)[1]
        settings = current_archive().settings
        served = settings.boards
        boards = [served[name] for name in {named, *g.get(_TOLD, ())} if name in served]
        if any(board.nsfw for board in boards):
            response.headers["Rating"] = RATING
        if settings.site.robots == "deny" or any(board.hidden for board in boards):
            response.headers["X-Robots-Tag"] = "noindex"
        return response
