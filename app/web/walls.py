"""Many threads at a glance: the catalog (pictures and words) and the gallery (pictures)."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from msgspec import Struct
from quart import Blueprint, Response

from app.context import current_archive, page_links
from app.markup import parse
from app.media_links import MediaLinks
from app.model import ThreadPage, ThreadPreview
from app.urls import Links
from app.web.board_page import render_board
from app.web.file_view import TILE_THUMB, FileView, file_view
from app.web.paging import paginate
from app.web.params import cursors, page_number
from app.web.text import counted, excerpt, fit, one_line

if TYPE_CHECKING:
    from app.board import Board

CATALOG_THREADS: Final = 150
GALLERY_THREADS: Final = 100
_SUBJECT: Final = 120
_EXCERPT: Final = 240


class Tile(Struct, frozen=True):
    """One thread, or one post that was found."""

    href: str
    label: str
    """What the link leads to, for those who do not see the picture."""
    num: str
    file: FileView | None
    counts: str
    """`12 replies / 3 images`; of a post its file's size."""
    marks: tuple[str, ...]
    subject: str
    excerpt: str


def add_routes(blueprint: Blueprint) -> None:
    blueprint.add_url_rule("/<board>/catalog/", view_func=catalog, strict_slashes=False)
    blueprint.add_url_rule("/<board>/gallery/", view_func=gallery, strict_slashes=False)
    blueprint.add_url_rule("/<board>/gallery/<number>/", view_func=gallery, strict_slashes=False)


async def catalog(board: str) -> Response:
    archive, links = current_archive(), page_links()
    known = archive.board(board)
    before, after = cursors()
    page = await archive.catalog(known, before=before, after=after, limit=CATALOG_THREADS)
    return render_board(
        "wall.html",
        known,
        page_name="Catalog",
        tab="catalog",
        wall_class="catalog",
        tiles=_tiles(page, known, words=True),
        pages=paginate(
            page,
            before=lambda cursor: links.catalog(board, before=cursor),
            after=lambda cursor: links.catalog(board, after=cursor),
        ),
    )


async def gallery(board: str, number: str | None = None) -> Response:
    archive, links = current_archive(), page_links()
    known = archive.board(board)
    shown = None if number is None else page_number(number)
    before, after = cursors(with_page=shown is not None)
    if shown is None and before is None and after is None:
        shown = 1
    page = await archive.threads(
        known, order="creation", before=before, after=after, page=shown, limit=GALLERY_THREADS, replies=0
    )
    return render_board(
        "wall.html",
        known,
        page_name=f"Gallery, page {shown}" if shown and shown > 1 else "Gallery",
        tab="gallery",
        wall_class="gallery",
        tiles=_tiles(page, known, words=False),
        pages=paginate(
            page,
            before=lambda cursor: links.gallery(board, before=cursor),
            after=lambda cursor: links.gallery(board, after=cursor),
            numbered=partial(links.gallery, board),
        ),
    )


def _tiles(page: ThreadPage, board: Board, *, words: bool) -> list[Tile]:
    links = page_links()
    files = MediaLinks(links, current_archive().settings)
    return [_tile(thread, board, links, files, words=words) for thread in page.threads]


def _tile(thread: ThreadPreview, board: Board, links: Links, files: MediaLinks, *, words: bool) -> Tile:
    first = thread.first
    marks = [name for name, set_ in (("sticky", thread.sticky), ("locked", thread.locked)) if set_]
    if first.deleted:
        marks.append("deleted")
    replies = counted(thread.counts.posts - first.op, "reply", "replies")
    return Tile(
        href=links.thread(thread.board, thread.num),
        label=f"Thread No. {thread.num}",
        num=str(thread.num),
        file=file_view(first, links, files, longest_side=TILE_THUMB),
        counts=f"{replies} / {counted(thread.counts.images, 'image')}",
        marks=tuple(marks),
        subject=one_line(fit(first.subject), _SUBJECT) if words and first.subject else "",
        excerpt=excerpt(parse(first.comment, board.settings.comments), _EXCERPT) if words else "",
    )
