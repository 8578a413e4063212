"""The list of boards, `/boards.json`."""

from __future__ import annotations

from quart import Response

from app.api.answering import answer
from app.api.fourchan.posts import html_text
from app.api.fourchan.shapes import FourchanBoard, FourchanBoards
from app.api.fourchan.threads import PER_PAGE
from app.context import current_archive
from app.model import BoardSummary, listed


async def boards() -> Response:
    """All boards that can be read and are not hidden."""
    served = [board for board in listed(current_archive().boards) if board.available]
    newest = max((board.newest for board in served if board.newest is not None), default=None)
    return answer(FourchanBoards([_shape(board) for board in served]), newest)


def _shape(board: BoardSummary) -> FourchanBoard:
    return FourchanBoard(
        board=board.name,
        title=board.title,
        ws_board=int(not board.nsfw),
        pages=max(1, -(-(board.threads or 0) // PER_PAGE)),
        meta_description=html_text(board.description or f'"/{board.name}/ - {board.title}" in this archive.'),
        per_page=PER_PAGE,
    )
