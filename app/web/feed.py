"""Posts as Atom feeds (RFC 4287), for programs that tell their users what is new: searches, boards, threads."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from msgspec import Struct
from msgspec.structs import replace
from quart import Blueprint, Response, request

from app.context import absolute_links, current_archive
from app.errors import BadRequest
from app.labels import tells_of
from app.markup import parse
from app.model import Post, parse_number
from app.search.telling import about, board_label
from app.times import EARLIEST
from app.web.board_page import post_views
from app.web.render import render_xml
from app.web.search_address import query_pairs, read_asking
from app.web.text import excerpt, fit, one_line
from app.web.view import PostView

ENTRIES: Final = 25
"""Posts in a feed, newest first."""

_TITLE: Final = 100
"""Characters of a subject or a comment that go into an entry's title."""


class Entry(Struct, frozen=True):
    """A post as the template prints it."""

    id: str
    title: str
    author: str
    view: PostView


def add_routes(blueprint: Blueprint) -> None:
    blueprint.add_url_rule("/_/search/feed.atom", view_func=search_feed)
    blueprint.add_url_rule("/<board>/search/feed.atom", view_func=search_feed)
    blueprint.add_url_rule("/<board>/feed.atom", view_func=board_feed)
    blueprint.add_url_rule("/<board>/thread/<number>/feed.atom", view_func=thread_feed)


async def search_feed(board: str | None = None) -> Response:
    archive, links = current_archive(), absolute_links()
    if board is not None:
        archive.board(board)
    asking = read_asking(query_pairs(request.query_string), archive.boards, board)
    if not asking.query.filters:
        raise BadRequest("A feed needs something to search for, as in ?text=word.")
    query = replace(asking.query, oldest_first=False)
    found = await archive.search(query, limit=ENTRIES)
    pairs = query.pairs(boards=board is None)
    return await render_feed(
        found.posts,
        title=f"{about(query, archive.boards)} - {fit(archive.settings.site.name)}",
        href=links.search(board, pairs, feed=True),
        page_href=links.search(board, pairs),
    )


async def board_feed(board: str) -> Response:
    """The first posts of the newest threads."""
    archive, links = current_archive(), absolute_links()
    page = await archive.catalog(archive.board(board), order="creation", limit=ENTRIES)
    return await render_feed(
        [thread.first for thread in page.threads],
        title=f"{board_label(archive.boards[board])} - {fit(archive.settings.site.name)}",
        href=links.feed(board),
        page_href=links.index(board, "creation"),
    )


async def thread_feed(board: str, number: str) -> Response:
    """The newest posts of a thread."""
    archive, links = current_archive(), absolute_links()
    known = archive.board(board)
    thread = await archive.last_posts(known, parse_number(number), ENTRIES)
    first = thread.posts[0]
    said = one_line(first.subject or "", _TITLE) or excerpt(parse(first.comment, known.settings.comments), _TITLE)
    named = (f"/{board}/", said, f"No. {thread.num}", fit(archive.settings.site.name))
    return await render_feed(
        thread.posts[: -ENTRIES - 1 : -1],
        title=" - ".join(part for part in named if part),
        href=links.thread_feed(board, thread.num),
        page_href=links.thread(board, thread.num),
    )


async def render_feed(posts: Sequence[Post], *, title: str, href: str, page_href: str) -> Response:
    """The feed of these posts, newest first. `href`, its absolute address, names it; `page_href` is its page."""
    links = absolute_links()
    tells_of(*{post.board for post in posts})
    views, conversation = await post_views(posts, links=links)
    entries = []
    for post in posts:
        view = views.found(post)
        said = one_line(post.subject or "", _TITLE) or excerpt(conversation.comments[post.board, post.id], _TITLE)
        place = f"/{post.board}/ No. {view.shown_id}"
        entries.append(
            Entry(
                id=links.post(post.board, post.id),
                title=f"{said} - {place}" if said else place,
                author=" ".join(f"{view.author} {view.trip or ''}".split()) or place,
                view=view,
            )
        )
    return render_xml(
        "feed.xml",
        "application/atom+xml",
        last_modified=max((post.time for post in posts), default=None),
        title=title,
        href=href,
        page_href=page_href,
        updated=max((entry.view.machine_time for entry in entries), default=EARLIEST),
        entries=entries,
    )
