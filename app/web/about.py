"""The page about this site: what the archive holds, what of it is shown, and what serves it."""

from __future__ import annotations

from msgspec import Struct
from quart import Blueprint, Response

from app.context import absolute_links, current_archive, page_links
from app.model import BoardSummary, listed
from app.search.telling import board_label
from app.times import month
from app.urls import Links
from app.version import VERSION
from app.web.render import Card, render
from app.web.text import fit


class BoardHoldings(Struct, frozen=True, gc=False):
    """What the archive has of a board, in words."""

    label: str
    href: str
    posts: str
    since: str
    until: str


def add_routes(blueprint: Blueprint) -> None:
    blueprint.add_url_rule("/_/about/", view_func=about, strict_slashes=False)


async def about() -> Response:
    archive, links = current_archive(), page_links()
    site = fit(archive.settings.site.name)
    return render(
        "about.html",
        title="About",
        card=Card(absolute_links().about(), description=f"What {site} is, what it holds, and how to use it."),
        boards_held=[_holdings(board, links) for board in listed(archive.boards)],
        live_name=fit(archive.settings.archive.name),
        version=VERSION,
        search_href=links.search(),
    )


def _holdings(board: BoardSummary, links: Links) -> BoardHoldings:
    return BoardHoldings(
        label=board_label(board),
        href=links.board(board.name),
        posts="" if board.posts is None else f"{board.posts:,}",
        since="" if board.oldest is None else month(board.oldest),
        until="" if board.newest is None else month(board.newest),
    )
