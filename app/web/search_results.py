"""What a search page shows of what was found: posts or pictures, the ways to look at them, the way on."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from markupsafe import Markup
from msgspec import Struct
from msgspec.structs import replace

from app.context import absolute_links, current_archive, page_links
from app.engines.walking import MOST_PAGES
from app.media_links import MediaLinks
from app.model import BoardSummary, Post, listed
from app.search import Query
from app.search.outcome import SearchResult
from app.search.telling import found_line, reach_line
from app.urls import Links
from app.web.board_page import Tab, post_views
from app.web.paging import PageLink
from app.web.render import render_posts
from app.web.search_address import Asking, Place, search_address
from app.web.tiles import Tile, post_tile
from app.web.view import Action, PostView, PostViews

_BOARDS_OFFERED: Final = 5


class ResultView(Struct, frozen=True):
    """One page of what was found, as the template prints it."""

    found: str
    reach: str
    onward_href: str | None
    """Where the search goes on that stopped before the page was full."""
    posts: Markup
    tiles: tuple[Tile, ...]
    """Instead of posts, in the gallery."""
    pages: tuple[PageLink, ...]


async def result_view(asking: Asking, result: SearchResult) -> ResultView:
    links = page_links()
    gallery = asking.place.gallery
    onward = None if result.cursor is None else _place(asking, Place(result.cursor, gallery=gallery), links)
    return ResultView(
        found=_found(asking, result),
        reach=reach_line(result),
        onward_href=onward if result.outcome == "stopped early" else None,
        posts=Markup() if gallery else await _posts(asking, result, links),
        tiles=_tiles(result.posts, links) if gallery else (),
        pages=_pages(asking, result, onward, links),
    )


def controls(
    asking: Asking, boards: Mapping[str, BoardSummary], found_on: Sequence[str]
) -> tuple[tuple[Tab, ...], ...]:
    """The same search otherwise: order, grouping, look, boards. `found_on` names the boards of the posts shown."""
    links, query, gallery = page_links(), asking.query, asking.place.gallery

    def link(text: str, other: Query, *, as_gallery: bool = gallery, current: bool = False) -> Tab:
        return Tab(text, search_address(links, asking.board, other, Place(gallery=as_gallery)), current)

    rows = [
        (
            link("Newest first", replace(query, oldest_first=False), current=not query.oldest_first),
            link("Oldest first", replace(query, oldest_first=True), current=query.oldest_first),
        ),
        (
            link("Posts", replace(query, by_thread=False), current=not query.by_thread),
            link("Threads", replace(query, by_thread=True), current=query.by_thread),
        ),
    ]
    if query.get("file") != "without":
        rows.append(
            (
                link("List", query, as_gallery=False, current=not gallery),
                link("Gallery", query, as_gallery=True, current=gallery),
            )
        )
    rows.append(
        (
            link("Permalink", query),
            Tab("Feed", feed_address(links, asking), current=False),
        )
    )
    return (*rows, *([where] if (where := _other_boards(asking, boards, found_on, links)) else []))


def feed_address(links: Links, asking: Asking) -> str:
    """The feed of a search, which has the newest posts whatever the page shows."""
    newest = replace(asking.query, oldest_first=False)
    return links.search(asking.board, newest.pairs(boards=asking.board is None), feed=True)


def _other_boards(
    asking: Asking, boards: Mapping[str, BoardSummary], found_on: Sequence[str], links: Links
) -> tuple[Tab, ...]:
    place = Place(gallery=asking.place.gallery)
    names = tuple(dict.fromkeys(found_on))[:_BOARDS_OFFERED] if asking.board is None and len(boards) > 1 else ()
    found = [
        Tab(f"Only /{name}/", search_address(links, name, replace(asking.query, boards=(name,)), place), current=False)
        for name in names
        if asking.query.boards != (name,)
    ]
    if asking.query.boards and len(listed(boards)) > 1:
        everywhere = search_address(links, None, replace(asking.query, boards=()), place)
        found.insert(0, Tab("Search all boards", everywhere, current=False))
    return tuple(found)


def _found(asking: Asking, result: SearchResult) -> str:
    """In FoolFuuka's words where programs may read the number off them."""
    if asking.by_path and result.exact and result.total != 1:
        return f"{result.total} results found"
    return found_line(result)


async def _posts(asking: Asking, result: SearchResult, links: Links) -> Markup:
    # Programs that read FoolFuuka's search pages know no relative addresses of pictures.
    views, _ = await post_views(result.posts, query=result.query, links=absolute_links() if asking.by_path else links)
    return await render_posts(result.posts, _apart(views, result.query, links))


def _apart(views: PostViews, query: Query, links: Links) -> Callable[[Post], PostView]:
    """Views of posts of several boards: their ids differ on one page.

    Each leads to its thread; a thread that was asked for leads to what was found in it.
    """
    taken: set[str] = set()

    def view(post: Post) -> PostView:
        found = views.found(post)
        first, *others = found.actions
        thread = [] if post.op else [Action(links.thread(post.board, post.thread_num), f"Thread {post.thread_num}")]
        if query.by_thread and post.thread_num:  # some writers leave 0, which is no thread to search in
            inside = replace(query.with_("tnum", str(post.thread_num)), boards=(post.board,), by_thread=False)
            thread.append(Action(search_address(links, post.board, inside), "Posts found in it"))
        anchor = found.anchor if found.anchor not in taken else f"{post.board}_{found.anchor}"
        taken.add(anchor)
        return replace(found, anchor=anchor, actions=(first, *thread, *others))

    return view


def _tiles(posts: Sequence[Post], links: Links) -> tuple[Tile, ...]:
    files = MediaLinks(links, current_archive().settings)
    return tuple(post_tile(post, links, files, with_board=True) for post in posts)


def _pages(asking: Asking, result: SearchResult, onward: str | None, links: Links) -> tuple[PageLink, ...]:
    """By cursor, so that nothing comes twice while posts come in; by number where the address has one."""
    place, gallery = asking.place, asking.place.gallery
    newer, older = ("← Oldest", "Newer →") if asking.query.oldest_first else ("← Newest", "Older →")
    first = _place(asking, Place(gallery=gallery), links)
    number = place.page or 1
    more = onward is not None and result.outcome != "stopped early" and number < MOST_PAGES
    pages = []
    if place.page is not None:
        before = first if number == 2 else _place(asking, Place(page=number - 1, gallery=gallery), links)
        pages.append(PageLink("← Previous", before, "prev", "prev"))
    elif place.cursor is not None:
        pages.append(PageLink(newer, first, "prev", "prev"))
    if asking.by_path and place.cursor is None and (result.posts or number > 1):
        pages += _numbers(asking, number, links, more=more)
    elif place.page is not None:
        pages.append(PageLink(str(number), None, "active"))
    if place.page is not None and more:
        older, onward = "Next →", _place(asking, Place(page=number + 1, gallery=gallery), links)
    if onward is not None:
        pages.append(PageLink(older, onward, "next", "next"))
    return tuple(pages)


def _numbers(asking: Asking, number: int, links: Links, *, more: bool) -> list[PageLink]:
    """The page and its neighbours in FoolFuuka's form: programs take the next one from such a link alone."""
    pairs = [*asking.query.pairs(boards=asking.board is None), *Place(gallery=asking.place.gallery).pairs()]
    found = []
    for each in range(max(1, number - 1), number + 1 + more):
        href = links.search_by_path(asking.board, [*pairs, ("page", str(each))])
        current = each == number
        found.append(PageLink(str(each), href, "active" if current else "", current=current))
    return found


def _place(asking: Asking, place: Place, links: Links) -> str:
    return search_address(links, asking.board, asking.query, place)
