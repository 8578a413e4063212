"""The gallery: walls of pictures, of a board's newest threads or of all its posts with a file."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from msgspec import Struct
from quart import Blueprint, Response, request

from app.context import current_archive, page_links
from app.errors import BadRequest
from app.media_links import MediaLinks
from app.search import Query
from app.web.board_page import Tab, render_board
from app.web.paging import PageLink, paginate
from app.web.params import choice, cursors, page_number
from app.web.tiles import Tile, post_tile, thread_tile

if TYPE_CHECKING:
    from app.board import Board

GALLERY_THREADS: Final = 100
GALLERY_IMAGES: Final = 100

_OFF: Final = "The files of this board are not shown here."


class Wall(Struct, frozen=True):
    """One page of pictures."""

    tiles: tuple[Tile, ...]
    pages: tuple[PageLink, ...]
    note: str = ""
    onward_href: str | None = None
    """Where it goes on when time was up before the page was full."""


def add_routes(blueprint: Blueprint) -> None:
    blueprint.add_url_rule("/<board>/gallery/", view_func=gallery, strict_slashes=False)
    blueprint.add_url_rule("/<board>/gallery/<number>/", view_func=gallery, strict_slashes=False)


async def gallery(board: str, number: str | None = None) -> Response:
    known, links = current_archive().board(board), page_links()
    shown = None if number is None else page_number(number)
    images = choice("tab", ("threads", "images")) == "images"
    if images and shown is not None:
        raise BadRequest('The parameter "tab" cannot be used together with a page number.')
    wall = await (_images(known) if images else _threads(known, shown))
    name = "Newest images" if images else "Gallery"
    return render_board(
        "gallery.html",
        known,
        page_name=f"{name}, page {shown}" if shown and shown > 1 else name,
        tab="gallery",
        views=(
            Tab("Threads", links.gallery(board), current=not images),
            Tab("Images", links.gallery(board, tab="images"), current=images),
        ),
        nothing="There are no images here." if images else "There are no threads here.",
        wall=wall,
    )


async def _threads(board: Board, number: int | None) -> Wall:
    archive, links = current_archive(), page_links()
    before, after = cursors(with_page=number is not None)
    if number is None and before is None and after is None:
        number = 1
    page = await archive.threads(
        board, order="creation", before=before, after=after, page=number, limit=GALLERY_THREADS, replies=0
    )
    files = MediaLinks(links, archive.settings)
    return Wall(
        tuple(thread_tile(thread, links, files) for thread in page.threads),
        paginate(
            page,
            before=lambda cursor: links.gallery(board.name, before=cursor),
            after=lambda cursor: links.gallery(board.name, after=cursor),
            numbered=partial(links.gallery, board.name),
        ),
    )


async def _images(board: Board) -> Wall:
    """Posts with a file, newest first, as far as a search gets in its time. Files that cannot be shown leave no gap."""
    archive, links = current_archive(), page_links()
    files, cursor = MediaLinks(links, archive.settings), request.args.get("cursor")
    if not files.on(board.name):
        return Wall((), (), _OFF)
    query = Query(boards=(board.name,)).with_("file", "with")
    found = await archive.search(query, limit=GALLERY_IMAGES, cursor=cursor)
    tiles = (post_tile(post, links, files, with_board=False) for post in found.posts)
    stopped = found.outcome == "stopped early"
    onward = None if found.cursor is None else links.gallery(board.name, tab="images", cursor=found.cursor)
    pages = []
    if cursor is not None:
        pages.append(PageLink("← Newest", links.gallery(board.name, tab="images"), "prev", "prev"))
    if onward is not None and not stopped:
        pages.append(PageLink("Older →", onward, "next", "next"))
    return Wall(
        tuple(tile for tile in tiles if tile.file and (tile.file.image_href or tile.file.thumb_href)),
        tuple(pages),
        "Time was up before the page was full." if stopped else "",
        onward if stopped else None,
    )
