"""`/_/random/`: a redirect to a thread by chance."""

from __future__ import annotations

from quart import Blueprint, Response, request

from app.context import current_archive, page_links
from app.errors import BadRequest, NotFound, Unavailable
from app.labels import tells_of
from app.model import listed
from app.random_thread import random_thread
from app.web.render import redirect_to
from app.web.text import fit


def add_routes(blueprint: Blueprint) -> None:
    blueprint.add_url_rule("/_/random/", view_func=random, strict_slashes=False)


async def random() -> Response:
    """To a thread of the board that the parameter `board` names, else of any that is listed."""
    archive, name = current_archive(), request.args.get("board", "")
    if name and name not in archive.boards:
        raise BadRequest(f'The parameter "board" must be one of the boards: this archive does not have {fit(name)}.')
    names = [name] if name else [board.name for board in listed(archive.boards) if board.available]
    boards = []
    for each in names:
        try:
            boards.append(archive.board(each))
        except Unavailable:
            if name:
                raise
    found = await random_thread(boards)
    if found is None:
        raise NotFound(f"There are no threads {f'on /{name}/' if name else 'in this archive'} yet.")
    board, num = found
    tells_of(board.name)
    response = redirect_to(page_links().thread(board.name, num))
    response.headers["Cache-Control"] = "no-store"  # each visit is to lead elsewhere
    return response
