"""The catalog: many threads at a glance, sorted and filtered as the reader likes."""

from __future__ import annotations

from collections.abc import Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, Literal

from msgspec import Struct
from quart import Blueprint, Response, request

from app.context import current_archive, page_links
from app.errors import BadRequest
from app.markup import Comment, parse, to_text
from app.media_links import MediaLinks
from app.model import ThreadPage, ThreadPreview
from app.search import Query
from app.search.folding import fold
from app.web.board_page import render_board
from app.web.paging import paginate
from app.web.params import choice, cursors
from app.web.render import in_turns
from app.web.search_address import search_address
from app.web.text import counted, fit
from app.web.tiles import catalog_tile, replies_of

if TYPE_CHECKING:
    from app.board import Board

CATALOG_THREADS: Final = 150
_LONGEST_FILTER: Final = 100

Sort = Literal["bump", "creation", "replies", "images"]
Size = Literal["small", "large"]
SORTS: Final[tuple[Sort, ...]] = ("bump", "creation", "replies", "images")
SIZES: Final[tuple[Size, ...]] = ("small", "large")

_LABELS: Final = MappingProxyType(
    {"bump": "Last bump", "creation": "Newest thread", "replies": "Most replies", "images": "Most images"}
)


class Told(Struct, frozen=True):
    """A thread, what its first post says, and its place in the list that it was taken from."""

    thread: ThreadPreview
    comment: Comment
    place: int


class Choices(Struct, frozen=True):
    """How a reader wants the catalog, as its address says."""

    sort: Sort = "bump"
    size: Size = "small"
    bare: bool = False
    """Whether the tiles show no words."""
    words: str = ""
    """The threads shown have all of these."""

    @property
    def order(self) -> Literal["bump", "creation"]:
        """The list that the threads come from. The other sorts would need a look at every thread of the board."""
        return "creation" if self.sort == "creation" else "bump"

    def values(self) -> dict[str, str]:
        """The parameters of its address; those that need not be given are ""."""
        return {
            "sort": "" if self.sort == SORTS[0] else self.sort,
            "size": "" if self.size == SIZES[0] else self.size,
            "text": "off" if self.bare else "",
            "filter": self.words,
        }


def add_routes(blueprint: Blueprint) -> None:
    blueprint.add_url_rule("/<board>/catalog/", view_func=catalog, strict_slashes=False)


async def catalog(board: str) -> Response:
    archive, links = current_archive(), page_links()
    known = archive.board(board)
    choices = _choices()
    before, after = cursors()
    page = await archive.catalog(
        known,
        order=choices.order,
        before=before,
        after=after,
        limit=CATALOG_THREADS,
        pinned=choices.order == "bump",
    )
    shown = await _shown(page, choices, known)
    files = MediaLinks(links, archive.settings)
    return render_board(
        "catalog.html",
        known,
        page_name="Catalog",
        tab="catalog",
        action=links.catalog(board),
        feed_href=links.feed(board),
        choices=choices,
        sorts=[(sort, _LABELS[sort]) for sort in SORTS],
        longest_filter=_LONGEST_FILTER,
        found_note=_found_note(page, choices, len(shown)),
        sorted_note=_sorted_note(page),
        as_listed=choices.sort == choices.order,
        search_href=_search_of(choices.words, board) if choices.words else None,
        tiles=await in_turns(shown, lambda each: catalog_tile(each.thread, each.comment, each.place, links, files)),
        pages=paginate(
            page,
            before=lambda cursor: links.catalog(board, before=cursor, **choices.values()),
            after=lambda cursor: links.catalog(board, after=cursor, **choices.values()),
        ),
    )


def _choices() -> Choices:
    """Raises BadRequest naming the parameter that is wrong."""
    words = " ".join(fit(request.args.get("filter", "")).split())
    if len(words) > _LONGEST_FILTER:
        raise BadRequest(f'The parameter "filter" must have at most {_LONGEST_FILTER} characters.')
    return Choices(
        sort=choice("sort", SORTS),
        size=choice("size", SIZES),
        bare=choice("text", ("on", "off")) == "off",
        words=words,
    )


async def _shown(page: ThreadPage, choices: Choices, board: Board) -> Sequence[Told]:
    told = await in_turns(
        range(len(page.threads)),
        lambda place: Told(
            page.threads[place], parse(page.threads[place].first.comment, board.settings.comments), place
        ),
    )
    if choices.words:
        words = fold(choices.words).split()
        told = [each for each in told if _has(each, words)]
    if choices.sort == "replies":
        told.sort(key=lambda each: -replies_of(each.thread))
    elif choices.sort == "images":
        told.sort(key=lambda each: -each.thread.counts.images)
    return told


def _has(told: Told, words: Sequence[str]) -> bool:
    first = told.thread.first
    said = fold("\n".join((first.subject or "", first.name or "", to_text(told.comment))))
    return all(word in said for word in words)


def _found_note(page: ThreadPage, choices: Choices, shown: int) -> str:
    """How many of the threads have the words of the filter."""
    if not choices.words:
        return ""
    verb = "has" if shown == 1 else "have"
    return f"{shown} of {_threads_of(page)} {verb} “{choices.words}” in the subject, name or comment."


def _sorted_note(page: ThreadPage) -> str:
    """What a sort means that knows this page only; "" where the page has all threads."""
    if page.newer is None and page.older is None:
        return ""
    return f"Sorted are the {_threads_of(page)}; pages follow one another by last bump."


def _threads_of(page: ThreadPage) -> str:
    on_page = "" if page.newer is None and page.older is None else " on this page"
    return counted(len(page.threads), "thread") + on_page


def _search_of(words: str, board: str) -> str | None:
    """The search of all threads that were opened with these words and had replies; None where they make no search."""
    try:
        query = Query(boards=(board,), by_thread=True).with_("op", words)
    except ValueError:
        return None
    return search_address(page_links(), board, query)
