"""Search pages: of one board, and of all of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from msgspec.structs import replace
from quart import Blueprint, Response, request

from app.context import absolute_links, current_archive, page_links, shared_links
from app.errors import BadRequest, NotFound, Unavailable
from app.labels import RATING, tells_of
from app.media_links import media_on
from app.model import parse_post_id
from app.search import InvalidSearch
from app.search.telling import about
from app.web.board_page import render_board
from app.web.jump import jump
from app.web.params import short_form
from app.web.render import Crumb, redirect_to, render
from app.web.search_address import (
    Asking,
    Pairs,
    is_canonical,
    kept_pairs,
    path_pairs,
    query_pairs,
    read_asking,
    search_address,
)
from app.web.search_advice import advice, from_the_beginning, reminders, swapped_dates
from app.web.search_form import search_form
from app.web.search_results import controls, feed_address, result_view
from app.web.text import fit, one_line

if TYPE_CHECKING:
    from app.search.outcome import SearchResult

PAGE: Final = 25
GALLERY_PAGE: Final = 100
"""Posts on a page."""

_TITLE: Final = 70
_IGNORED_NAMED: Final = 5


def add_routes(blueprint: Blueprint) -> None:
    for folder in ("/_", "/<board>"):
        blueprint.add_url_rule(f"{folder}/search/", view_func=search, methods=["GET"])
        blueprint.add_url_rule(f"{folder}/search/", view_func=posted, methods=["POST"])
        blueprint.add_url_rule(f"{folder}/search/<path:rest>", view_func=search_by_path)
        blueprint.add_url_rule(f"{folder}/advanced_search/", view_func=advanced)


async def search(board: str | None = None) -> Response:
    """The address with a query string, which is the one to link to; others that mean the same lead there."""
    sent = pairs = query_pairs(request.query_string)
    typed = next((value.strip() for key, value in pairs if key == "q" and value.strip()), "")
    if typed:
        if (target := await jump(typed, board)) is not None:
            return redirect_to(target)
        pairs = [*((key, value) for key, value in pairs if key not in ("q", "text")), ("text", typed)]
    asking = _read(board, pairs)
    if isinstance(asking, Response):
        return asking
    # Keys that mean nothing would be lost on the way; the page names them.
    if not is_canonical(sent, asking) and not asking.ignored:
        return redirect_to(_canonical(asking, pairs))
    return await _answer(asking)


async def search_by_path(rest: str, board: str | None = None) -> Response:
    """FoolFuuka's addresses, answered where they are."""
    pairs = [*path_pairs(request.scope["raw_path"], request.root_path), *query_pairs(request.query_string)]
    asking = _read(board, pairs)
    return asking if isinstance(asking, Response) else await _answer(replace(asking, by_path=True))


async def posted(board: str | None = None) -> Response:
    """A form as FoolFuuka's pages send it: a redirect to the address that means the same."""
    form = await short_form()
    pairs = [(key, value) for key, value in form.items(multi=True) if not key.startswith("submit_")]
    if "submit_search_global" in form:
        board = None
    elif "submit_post" in form:
        named = [value for key, value in pairs if key in ("board", "boards", "boards[]")]
        target = _post_address(board or (named[0] if len(named) == 1 else None), form.get("text", ""))
        if target is not None:
            return redirect_to(target, 303)
    asking = _read(board, pairs)
    return asking if isinstance(asking, Response) else redirect_to(_canonical(asking, pairs), 303)


async def advanced(board: str | None = None) -> Response:
    """The form, with nothing asked."""
    return _page(board, [])


def _post_address(board: str | None, text: str) -> str | None:
    try:
        return None if board is None else page_links().post(board, parse_post_id(text.strip().removeprefix(">>")))
    except NotFound:
        return None


def _read(board: str | None, pairs: Pairs) -> Asking | Response:
    """What is asked, or the page that says what is wrong with it."""
    archive = current_archive()
    if board is not None:
        archive.board(board)
    try:
        return read_asking(pairs, archive.boards, board)
    except InvalidSearch as error:
        return _page(
            board,
            pairs,
            status=error.status,
            error=error,
            problem=fit(error.message),
            advice=swapped_dates(pairs, archive.boards, board) if error.key == "start" else (),
        )
    except BadRequest as error:
        return _no_place(board, pairs, error)


def _no_place(board: str | None, pairs: Pairs, error: BadRequest) -> Response:
    """The page of a search that is right, in which there is no such place."""
    return _page(
        board,
        pairs,
        status=error.status,
        problem=fit(error.message),
        advice=from_the_beginning(pairs, current_archive().boards, board),
    )


def _canonical(asking: Asking, pairs: Pairs) -> str:
    return page_links().search(asking.board, [*asking.pairs(), *kept_pairs(pairs)])


async def _answer(asking: Asking) -> Response:
    archive, wanted = current_archive(), asking.query
    if not wanted.filters:
        return _page(asking.board, asking.pairs(), notes=_ignored(asking))
    if asking.place.gallery and wanted.get("file") is None:
        wanted = wanted.with_("file", "with")
    try:
        result = await archive.search(
            wanted,
            limit=GALLERY_PAGE if asking.place.gallery else PAGE,
            cursor=asking.place.cursor,
            page=asking.place.page or 1,
        )
    except BadRequest as error:
        return _no_place(asking.board, asking.pairs(), error)
    except Unavailable as error:
        return _asked_page(
            asking,
            about(wanted, archive.boards),
            status=error.status,
            problem=error.message,
            headers={} if error.retry_after is None else {"Retry-After": str(error.retry_after)},
        )
    return await _found(asking, result)


async def _found(asking: Asking, result: SearchResult) -> Response:
    boards = current_archive().boards
    notes = [*_ignored(asking)]
    if result.outcome == "stopped early":
        notes.append("Time was up before the page was full. Dates, a name or rarer words make a search quicker.")
    if result.outcome == "nothing found" and result.total:
        notes.append("There are no more pages of it.")
    if result.exact and not result.total:
        notes += reminders(asking.query)
    found_on = [post.board for post in result.posts]
    return _asked_page(
        asking,
        about(result.query, boards),
        found_on=found_on,
        opened=False,
        notes=notes,
        result=await result_view(asking, result),
        controls=controls(asking, boards, found_on) if found_on or result.cursor or asking.place.gallery else (),
        advice=advice(asking.query, boards, asking.board) if result.exact and not result.total else (),
    )


def _asked_page(asking: Asking, said: str, **values: Any) -> Response:
    """The page of a search that was asked for, whatever came of it."""
    return _page(
        asking.board,
        asking.pairs(),
        title=one_line(said, _TITLE),
        about=said,
        canonical_href=search_address(absolute_links(), asking.board, asking.query),
        feed_href=feed_address(shared_links(), asking),
        **values,
    )


def _page(
    board: str | None,
    pairs: Pairs,
    *,
    title: str = "",
    opened: bool = True,
    error: InvalidSearch | None = None,
    headers: Mapping[str, str] | None = None,
    found_on: Sequence[str] = (),
    **values: Any,
) -> Response:
    """A search page with the form that `pairs` fill in; `values` are those of its template that say something."""
    archive, links = current_archive(), page_links()
    shown: dict[str, Any] = {
        **dict.fromkeys(("problem", "about", "canonical_href", "feed_href"), ""),
        **dict.fromkeys(("notes", "controls", "advice"), ()),
        "result": None,
        "search_words": fit(next((value for key, value in pairs if key == "text"), "")),
        "form": search_form(pairs, archive.boards, board, opened=opened, error=error),
        **values,
    }
    if board is not None:
        known = archive.board(board)
        return render_board(
            "search.html",
            known,
            page_name="Search",
            tab="search",
            title=title,
            layout="board.html",
            label="",
            headers=headers,
            **shown,
        )
    tells_of(*found_on)
    adult = [name for name in dict.fromkeys(found_on) if archive.boards[name].nsfw]
    return render(
        "search.html",
        title=title or "Search",
        crumbs=[Crumb("Search")],
        layout="search_all.html",
        heading="Search all boards" if len(archive.boards) > 1 else "Search",
        heading_href=links.search(),
        label=RATING if adult else "",
        veiled=any(media_on(archive.settings, name) for name in adult),
        headers=headers,
        **shown,
    )


def _ignored(asking: Asking) -> tuple[str, ...]:
    names = ", ".join(f"“{fit(name)}”" for name in asking.ignored[:_IGNORED_NAMED])
    return (f"Left out, because it means nothing here: {names}.",) if names else ()
