"""Threads and posts as FoolFuuka answers them (FoolFuuka notes, section 2)."""

from __future__ import annotations

from collections.abc import Sequence
from types import MappingProxyType
from typing import Final

from msgspec import UNSET
from msgspec.structs import replace
from quart import Response

from app.api.answering import answer, nothing
from app.api.foolfuuka.asking import asked_board, asked_number, asked_post, asked_row, given
from app.api.foolfuuka.errors import Told
from app.api.foolfuuka.posts import row_of, shaped
from app.api.foolfuuka.shapes import FoolPost, FoolThread, FoolThreadPreview
from app.api.parameters import ThreadOrder
from app.context import current_archive
from app.errors import NotFound
from app.model import LARGEST_NUMBER, Post, ThreadPage

_ORDERS: Final = MappingProxyType[str | None, ThreadOrder]({"by_post": "bump", "ghost": "ghost"})
_THREADS: Final = 10
_REPLIES: Final = 5
_OPS: Final = 100
"""Threads on a page of the index, their newest replies there, opening posts on a page of the gallery."""

_NO_THREAD: Final = "Thread not found."


async def index() -> Response:
    """A page of a board's threads with their newest replies."""
    board, page = asked_board(), asked_number("page")
    order = _ORDERS.get(given("order"), "creation")
    try:
        found = await current_archive().threads(
            board, order=order, page=page, limit=_THREADS, replies=_REPLIES, pinned=True
        )
    except NotFound:
        return answer([])
    return answer(await _previews(found) or [])


async def gallery() -> Response:
    """A page of a board's opening posts, newest first."""
    board, page = asked_board(), asked_number("page")
    try:
        found = await current_archive().catalog(board, order="creation", page=page, limit=_OPS)
    except NotFound:
        return answer([])
    shapes = await shaped([thread.first for thread in found.threads])
    return answer(
        [
            replace(shape, nreplies=str(thread.counts.posts), nimages=str(thread.counts.images))
            for shape, thread in zip(shapes, found.threads, strict=True)
        ]
    )


async def thread() -> Response:
    """A whole thread, or what of it was stored after the row `latest_doc_id`.

    The parameter `last_limit` means nothing, as in FoolFuuka.
    """
    board, num, latest = asked_board(), _asked_thread(), asked_row()
    archive = current_archive()
    if latest is not None:
        newer = await archive.newer_posts(board, num, min(latest, LARGEST_NUMBER))
        newer = [post for post in newer if row_of(post) > latest]
        if not newer:
            return nothing({})
        return answer({str(num): FoolThread(UNSET, _by_place(newer, await shaped(newer)))})
    try:
        found = await archive.whole_thread(board, num)
    except NotFound:
        raise Told(_NO_THREAD) from None
    # Where the opening post is missing the earliest one stands in for it: clients take `op` for granted.
    op, *replies = await shaped(found.posts)
    return answer({str(num): FoolThread(op, _by_place(found.posts[1:], replies))}, found.modified)


async def deleted() -> Response:
    """What of a thread was deleted on the live site."""
    board, num = asked_board(), _asked_thread()
    try:
        found = await current_archive().deleted_posts(board, num)
    except NotFound:
        raise Told(_NO_THREAD) from None
    posts = [post for post in found.posts if post.deleted]
    if not posts:
        raise Told(_NO_THREAD)
    by_place = _by_place(posts, await shaped(posts))
    op = by_place.pop(str(num)) if posts[0].op else UNSET
    return answer({str(num): FoolThread(op, by_place)}, found.modified)


async def post() -> Response:
    """One post."""
    board = asked_board("No board was selected.")
    try:
        found = await current_archive().post(board, asked_post())
    except NotFound:
        raise Told("Post not found.") from None
    (shape,) = await shaped([found])
    return answer(shape, found.expired or found.time)


def _asked_thread() -> int:
    num = asked_number("num")
    if num > LARGEST_NUMBER:
        raise Told(_NO_THREAD)
    return num


def _by_place(posts: Sequence[Post], shapes: Sequence[FoolPost]) -> dict[str, FoolPost]:
    return {str(post.id): shape for post, shape in zip(posts, shapes, strict=True)}


async def _previews(page: ThreadPage) -> dict[str, FoolThreadPreview]:
    shapes = iter(await shaped([post for thread in page.threads for post in (thread.first, *thread.replies)]))
    return {
        str(thread.num): FoolThreadPreview(
            omitted=thread.omitted,
            images_omitted=thread.omitted_images,
            op=next(shapes),
            posts=[next(shapes) for _ in thread.replies] or UNSET,
        )
        for thread in page.threads
    }
