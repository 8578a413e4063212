"""Maps of the site for search engines (sitemaps.org): an index of them, and one for each part of a board's threads."""

from __future__ import annotations

from itertools import islice
from typing import Final

from quart import Blueprint, Response

from app.context import absolute_links, current_archive
from app.errors import NotFound, Unavailable
from app.model import listed
from app.thread_maps import FIRST
from app.web.params import path_number
from app.web.render import render_xml

LARGEST_INDEX: Final = 50_000
"""Maps that the protocol allows in an index."""

_NO_MAP: Final = "There is no such map of this site."


def add_routes(blueprint: Blueprint) -> None:
    blueprint.add_url_rule("/sitemap.xml", view_func=sitemap_index)
    blueprint.add_url_rule("/_/sitemap/<board>/<part>.xml", view_func=sitemap)


async def sitemap_index() -> Response:
    """The maps of all boards that are listed and can be read now."""
    _check_welcome()
    archive, links = current_archive(), absolute_links()
    parts = []
    for about in listed(archive.boards):
        try:
            parts += [(about.name, start) for start in await archive.board(about.name).maps.starts()]
        except Unavailable:
            continue  # it is in the index when it is back; what search engines know of it, they do not forget at once
    maps = [links.sitemap(board, start) for board, start in islice(parts, LARGEST_INDEX)]
    return render_xml("sitemap_index.xml", "application/xml", maps=maps)


async def sitemap(board: str, part: str) -> Response:
    """At most `app.thread_maps.PART` threads from the number `part` on; before the first of them the board's page."""
    _check_welcome()
    archive, links = current_archive(), absolute_links()
    known = archive.board(board)
    start = path_number(part, _NO_MAP)
    if archive.boards[board].hidden:
        raise NotFound(_NO_MAP)
    pages = [links.thread(board, num) for num in await known.maps.part(start)]
    if start == FIRST:
        pages.insert(0, links.board(board))
    if not pages:
        raise NotFound(_NO_MAP)
    return render_xml("sitemap.xml", "application/xml", pages=pages)


def _check_welcome() -> None:
    """Raises NotFound where the operator keeps search engines away."""
    if current_archive().settings.site.robots == "deny":
        raise NotFound("This site has no map: its operator keeps search engines away.")
