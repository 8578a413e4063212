"""One thread: all of it, its last posts, or the posts of it that were deleted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct
from quart import Blueprint, Response

from app.context import current_archive, live_links, page_links
from app.errors import NotFound
from app.exif import read_exif
from app.model import PostId, Thread, parse_number
from app.urls import Links
from app.web.board_page import post_views, render_board, thread_title
from app.web.params import path_number, post_parameter
from app.web.render import redirect_to, render_posts
from app.web.text import counted, fit

if TYPE_CHECKING:
    from app.board import Board

DEFAULT_LAST: Final = 50
LARGEST_LAST: Final = 1000
"""Posts in the last-N view: what its link offers, and the most anybody gets."""


class ThreadLink(Struct, frozen=True, gc=False):
    """Another way to look at the thread."""

    text: str
    href: str
    current: bool = False
    outside: bool = False


def add_routes(blueprint: Blueprint) -> None:
    blueprint.add_url_rule("/<board>/thread/<number>/", view_func=thread, strict_slashes=False)
    blueprint.add_url_rule("/<board>/thread/<number>/<path:words>", view_func=thread_with_words)
    blueprint.add_url_rule("/<board>/last/<count>/<number>/", view_func=last, strict_slashes=False)
    blueprint.add_url_rule("/<board>/last50/<number>/", view_func=last_50, strict_slashes=False)
    blueprint.add_url_rule("/<board>/deleted/<number>/", view_func=deleted, strict_slashes=False)


async def thread(board: str, number: str) -> Response:
    archive = current_archive()
    # Fuuka wrote S before the numbers of threads; links with it are still about.
    known, num, after = archive.board(board), parse_number(number.removeprefix("S")), post_parameter("after")
    try:
        found = await archive.thread(known, num, after=after)
    except NotFound:
        return await _to_its_thread(known, num)
    return await _page(known, found, "", "thread", after)


async def thread_with_words(board: str, number: str, words: str) -> Response:
    """The live site writes words behind the number; the thread has one address here."""
    known = current_archive().board(board)
    return redirect_to(page_links().thread(known.name, parse_number(number.removeprefix("S"))))


async def last(board: str, count: str, number: str) -> Response:
    archive = current_archive()
    known, num = archive.board(board), parse_number(number)
    wanted = min(path_number(count, "A thread cannot show that many last posts."), LARGEST_LAST)
    try:
        found = await archive.last_posts(known, num, wanted)
    except NotFound:
        return await _to_its_thread(known, num)
    return await _page(known, found, f"Last {counted(wanted, 'post')}", "last")


async def last_50(board: str, number: str) -> Response:
    known = current_archive().board(board)
    return redirect_to(page_links().last(known.name, DEFAULT_LAST, parse_number(number)))


async def deleted(board: str, number: str) -> Response:
    archive = current_archive()
    known, num = archive.board(board), parse_number(number)
    try:
        found = await archive.deleted_posts(known, num)
    except NotFound:
        return await _to_its_thread(known, num)
    return await _page(known, found, "Deleted posts only", "deleted")


async def _to_its_thread(board: Board, num: int) -> Response:
    """Lead from a reply's number to its place in its thread. Raises NotFound where there is no such post."""
    thread_num = await current_archive().thread_of(board, num)
    if thread_num is None or thread_num == num:
        raise NotFound("This thread is not in the archive.")
    return redirect_to(page_links().thread(board.name, thread_num, PostId(num)))


async def _page(board: Board, found: Thread, part: str, view: str, after: PostId | None = None) -> Response:
    links = page_links()
    views, conversation = await post_views(found.posts)
    opening = found.op
    replies = found.posts if opening is None else found.posts[1:]
    return render_board(
        "thread.html",
        board,
        page_name=", ".join(text for text in (f"Thread No. {found.num}", part) if text),
        title=thread_title(board, found.num, opening, conversation),
        last_modified=found.modified,
        thread_links=_thread_links(found, links, view),
        counts=_counts(found, after),
        num=found.num,
        opening=None if opening is None else views.opening(opening),
        replies=await render_posts(replies, views.reply),
        older_omitted=max(0, found.older_omitted),
        thread_href=links.thread(board.name, found.num),
        continued_from=None if after is None else str(after),
        next_href=None if found.next is None else links.thread_after(board.name, found.num, found.next),
    )


def _thread_links(found: Thread, links: Links, view: str) -> tuple[ThreadLink, ...]:
    board, num = found.board, found.num
    live = live_links()
    there = live.thread(board, num)
    return (
        ThreadLink("Whole thread", links.thread(board, num), current=view == "thread"),
        ThreadLink(f"Last {DEFAULT_LAST}", links.last(board, DEFAULT_LAST, num), current=view == "last"),
        ThreadLink("Deleted posts", links.deleted(board, num), current=view == "deleted"),
        *([ThreadLink(f"View on {fit(live.site.name)}", there, outside=True)] if there else []),
    )


def _counts(found: Thread, after: PostId | None) -> str:
    """`12 replies / 3 images / 9 posters`, of the whole thread, whatever part of it is shown."""
    has_op = found.op is not None or after is not None
    counts = [
        counted(found.counts.posts - has_op, "reply", "replies"),
        counted(found.counts.images, "image"),
    ]
    posters = read_exif(found.op.exif).unique_ips if found.op is not None else None
    if posters is not None:
        counts.append(counted(posters, "poster"))
    return " / ".join(counts)
