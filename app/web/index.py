"""A board's threads with their OPs and newest replies: by last bump, creation or last ghost post."""

from __future__ import annotations

from functools import partial
from typing import Final, Literal

from msgspec import Struct
from quart import Blueprint, Response

from app.context import current_archive, page_links
from app.model import ThreadPage, ThreadPreview
from app.urls import Links
from app.web.board_page import post_views, render_board
from app.web.paging import PageLink, paginate
from app.web.params import choice, cursors, page_number
from app.web.view import Action, PostView, PostViews

Order = Literal["bump", "creation", "ghost"]
ORDERS: Final[tuple[Order, ...]] = ("bump", "creation")
"""What `?order=` may say, the usual one first; the ghost index has an address of its own."""

LAST: Final = 50
"""Posts in the short view of a thread that is offered where more than this many are omitted."""


class ThreadBlock(Struct, frozen=True):
    """One thread of the list, as the template prints it."""

    num: int
    opening: PostView | None
    """None where the archive lacks the OP; the earliest post then stands among `replies`."""
    replies: tuple[PostView, ...]
    omitted: int
    omitted_images: int
    href: str


def add_routes(blueprint: Blueprint) -> None:
    blueprint.add_url_rule("/<board>/", view_func=index, strict_slashes=False)
    blueprint.add_url_rule("/<board>/page/<number>/", view_func=index, strict_slashes=False)
    blueprint.add_url_rule("/<board>/ghost/", view_func=ghost, strict_slashes=False)
    blueprint.add_url_rule("/<board>/ghost/<number>/", view_func=ghost, strict_slashes=False)


async def index(board: str, number: str | None = None) -> Response:
    page = None if number is None else page_number(number)
    return await _threads(board, choice("order", ORDERS), page)


async def ghost(board: str, number: str | None = None) -> Response:
    return await _threads(board, "ghost", None if number is None else page_number(number))


async def _threads(name: str, order: Order, number: int | None) -> Response:
    archive, links = current_archive(), page_links()
    board = archive.board(name)
    before, after = cursors(with_page=number is not None)
    if number is None and before is None and after is None:
        number = 1
    page = await archive.threads(board, order=order, before=before, after=after, page=number, pinned=order == "bump")
    posts = [post for thread in page.threads for post in (thread.first, *thread.replies)]
    views, _ = await post_views(posts)
    return render_board(
        "index.html",
        board,
        page_name=_page_name(order, number),
        tab=order,
        threads=[_block(thread, views, links) for thread in page.threads],
        pages=_pages(page, links),
        feed_href=links.feed(name),
    )


def _block(thread: ThreadPreview, views: PostViews, links: Links) -> ThreadBlock:
    href = links.thread(thread.board, thread.num)
    actions = [Action(href, "View thread")]
    if thread.omitted > LAST:
        actions.append(Action(links.last(thread.board, LAST, thread.num), f"Last {LAST}"))
    replies = thread.replies if thread.first.op else (thread.first, *thread.replies)
    return ThreadBlock(
        num=thread.num,
        opening=views.opening(thread.first, tuple(actions)) if thread.first.op else None,
        replies=tuple(views.reply(post) for post in replies),
        omitted=max(0, thread.omitted),
        omitted_images=max(0, thread.omitted_images),
        href=href,
    )


def _page_name(order: str, number: int | None) -> str:
    name = {"ghost": "Ghost posts", "creation": "New threads"}.get(order, "")
    page = f"Page {number}" if number and number > 1 else ""
    return ", ".join(part for part in (name, page) if part)


def _pages(page: ThreadPage, links: Links) -> tuple[PageLink, ...]:
    return paginate(
        page,
        before=partial(links.index_before, page.board, order=page.order),
        after=partial(links.index_after, page.board, order=page.order),
        numbered=partial(links.page, page.board, order=page.order),
    )
