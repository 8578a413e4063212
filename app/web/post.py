"""The address of a post whose thread the visitor does not know."""

from __future__ import annotations

from quart import Blueprint, Response

from app.context import absolute_links, current_archive, page_links
from app.model import parse_post_id
from app.web.render import render


def add_routes(blueprint: Blueprint) -> None:
    blueprint.add_url_rule("/<board>/post/<number>/", view_func=post, strict_slashes=False)


async def post(board: str, number: str) -> Response:
    """Lead to the post in its thread by a page with a meta refresh: FoolFuuka's clients read that page."""
    archive = current_archive()
    known = archive.board(board)
    found = await archive.post(known, parse_post_id(number))
    target, href = (
        links.thread(found.board, found.thread_num, None if found.op else found.id)
        for links in (absolute_links(), page_links())
    )
    return render("redirect.html", title=f"/{board}/ - No. {found.id}", board=board, target=target, href=href)
