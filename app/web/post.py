"""The address of a post whose thread the visitor does not know."""

from __future__ import annotations

import re
from typing import Final

from quart import Blueprint, Response, request

from app.context import absolute_links, current_archive, page_links
from app.model import parse_post_id
from app.web.params import short_form
from app.web.render import redirect_to, render

_ID: Final = re.compile(r"[0-9]+(?:[_,][0-9]+)?", re.ASCII)


def add_routes(blueprint: Blueprint) -> None:
    blueprint.add_url_rule("/<board>/post/", view_func=typed, methods=["GET", "POST"], strict_slashes=False)
    blueprint.add_url_rule("/<board>/post/<path:number>", view_func=post)


async def post(board: str, number: str) -> Response:
    """Lead to the post in its thread by a page with a meta refresh: FoolFuuka's clients read that page."""
    archive = current_archive()
    known, number = archive.board(board), number.removesuffix("/")
    if (found_id := _ID.search(number)) is not None and found_id[0] != number:
        return redirect_to(page_links().post(known.name, parse_post_id(found_id[0])))
    found = await archive.post(known, parse_post_id(number))
    target, href = (
        links.thread(found.board, found.thread_num, None if found.op else found.id)
        for links in (absolute_links(), page_links())
    )
    return render(
        "redirect.html",
        title=f"/{known.name}/ - No. {found.id}",
        board=known.name,
        target=target,
        href=href,
        heading="Post found",
        go_on="Go to the post",
    )


async def typed(board: str) -> Response:
    """A number typed into a form of FoolFuuka's, with or without what people write around it."""
    known = current_archive().board(board)
    text = (await short_form()).get("post", "") if request.method == "POST" else ""
    found = _ID.search(text)
    return redirect_to(page_links().post(known.name, parse_post_id(found[0] if found else text)))
