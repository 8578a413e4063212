"""One thread: all of it, its last posts, or the posts of it that were deleted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from quart import Blueprint, Response

from app.context import absolute_links, current_archive, page_links
from app.errors import NotFound
from app.media_links import MediaLinks
from app.model import Post, PostId, Thread, parse_number
from app.web.board_page import post_views, render_board, thread_title
from app.web.params import path_number, post_parameter
from app.web.render import Card, redirect_to, render_posts
from app.web.text import counted, excerpt
from app.web.thread_links import DEFAULT_LAST, View, kept_links, thread_counts, view_links

if TYPE_CHECKING:
    from app.board import Board
    from app.conversation import Conversation

LARGEST_LAST: Final = 1000
"""Posts in the last-N view: the most anybody gets."""

_SAID: Final = 200
"""Characters of the opening post that other sites show of a thread."""


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
    links, previous = page_links(), None
    if after is not None:
        before = await archive.part_before(known, num, after)
        previous = links.thread(known.name, num) if before is None else links.thread_after(known.name, num, before)
    return await _page(known, found, View(after=after), previous=previous)


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
    return await _page(known, found, View(last=wanted), part=f"Last {counted(wanted, 'post')}")


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
    return await _page(known, found, View(deleted=True), part="Deleted posts only")


async def _to_its_thread(board: Board, num: int) -> Response:
    """Lead from a reply's number to its place in its thread. Raises NotFound where there is no such post."""
    thread_num = await current_archive().thread_of(board, num)
    if thread_num is None or thread_num == num:
        raise NotFound("This thread is not in the archive.")
    return redirect_to(page_links().thread(board.name, thread_num, PostId(num)))


async def _page(board: Board, found: Thread, view: View, *, part: str = "", previous: str | None = None) -> Response:
    """`part` is what the page is called besides its thread; `previous` leads to the part before."""
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
        card=_card(board, found.num, opening, conversation),
        thread_links=view_links(found, links, view),
        kept_links=kept_links(found, links, view),
        feed_href=links.thread_feed(board.name, found.num),
        counts=thread_counts(found, view),
        num=found.num,
        opening=None if opening is None else views.opening(opening),
        replies=await render_posts(replies, views.reply),
        older_omitted=max(0, found.older_omitted),
        thread_href=links.thread(board.name, found.num),
        continued_from=None if view.after is None else str(view.after),
        previous_href=previous,
        next_href=None if found.next is None else links.thread_after(board.name, found.num, found.next),
    )


def _card(board: Board, num: int, opening: Post | None, conversation: Conversation) -> Card:
    """The whole thread, whatever part of it is shown; its picture where anybody may see it at once."""
    archive, links = current_archive(), absolute_links()
    said, picture = "", None
    if opening is not None:
        said = excerpt(conversation.comments.get((opening.board, opening.id)), _SAID)
        if opening.media is not None and not opening.media.spoiler:
            picture = MediaLinks(links, archive.settings).thumb(board.name, opening.media)
    return Card(links.thread(board.name, num), description=said, picture=picture, kind="article")
