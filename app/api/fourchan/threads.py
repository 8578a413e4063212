"""Threads and lists of threads as 4chan's interface answers them (FoolFuuka notes, section 8)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final, TypeVar

from msgspec import UNSET
from msgspec.structs import replace
from quart import Response

from app.api.answering import answer
from app.api.fourchan.posts import html_text, shaped
from app.api.fourchan.shapes import (
    FourchanCatalogPage,
    FourchanListed,
    FourchanListedPage,
    FourchanPage,
    FourchanPost,
    FourchanThread,
)
from app.api.fourchan.slugs import slug
from app.context import current_archive
from app.errors import NotFound
from app.exif import read_exif
from app.markup import parse, to_text
from app.model import Post, Thread, ThreadPreview, parse_number

if TYPE_CHECKING:
    from app.board import Board

PER_PAGE: Final = 10
"""Threads on an index page."""

_LISTED_PAGES: Final = 15
_READ_AT_ONCE: Final = 50  # threads
_LAST_REPLIES: Final = 5
_LARGEST_ARCHIVE: Final = 10_000  # threads

T = TypeVar("T")


async def thread(board: str, number: str) -> Response:
    known = current_archive().board(board)
    found = await _whole(known, parse_number(number))
    posts = [post for post in found.posts if not post.ghost]
    if not posts:
        raise NotFound("This thread is not in the archive.")
    shapes = await shaped(posts)
    images = sum(post.media is not None for post in posts[1:])
    opening = _opening(
        known, posts[0], shapes[posts[0].num], len(posts) - 1, images, sticky=found.sticky, closed=found.locked
    )
    replies = [shapes[post.num] for post in posts[1:]]
    return answer(FourchanThread([opening, *replies]), _modified(posts))


async def index(board: str, page: str) -> Response:
    archive = current_archive()
    known = archive.board(board)
    found = await archive.threads(
        known, page=_page(page), limit=PER_PAGE, replies=_LAST_REPLIES, pinned=True, ghosts=False
    )
    shapes = await shaped(_shown(found.threads))
    threads = [
        FourchanThread([_listed(known, each, shapes), *(shapes[post.num] for post in each.replies)])
        for each in found.threads
    ]
    return answer(FourchanPage(threads), _newest(found.threads))


async def catalog(board: str) -> Response:
    known = current_archive().board(board)
    found = await _first_pages(known)
    openings = []
    for some in _pieces(found, _READ_AT_ONCE):
        shapes = await shaped(_shown(some))
        openings += [
            replace(_listed(known, each, shapes), last_replies=[shapes[post.num] for post in each.replies])
            for each in some
        ]
    pages = [FourchanCatalogPage(place, part) for place, part in enumerate(_pieces(openings, PER_PAGE), 1)]
    return answer(pages, _newest(found))


async def threads(board: str) -> Response:
    found = await _first_pages(current_archive().board(board))
    listed = [FourchanListed(each.num, _last_modified(each), each.counts.posts - 1) for each in found]
    pages = [FourchanListedPage(place, part) for place, part in enumerate(_pieces(listed, PER_PAGE), 1)]
    return answer(pages, _newest(found))


async def archived(board: str) -> Response:
    archive = current_archive()
    known = archive.board(board)
    return answer(await archive.thread_numbers(known, _LARGEST_ARCHIVE), known.facts.newest)


def _page(number: str) -> int:
    try:
        return parse_number(number)
    except NotFound:
        raise NotFound("There is no page with such a number.") from None


async def _whole(board: Board, num: int) -> Thread:
    """A thread by its number; one without its opening post also by that of its first post, which lists name it by."""
    archive = current_archive()
    try:
        return await archive.whole_thread(board, num)
    except NotFound:
        thread_num = await archive.thread_of(board, num)
        if thread_num is None or (await archive.last_posts(board, thread_num, 1)).posts[0].num != num:
            raise
    return await archive.whole_thread(board, thread_num)


async def _first_pages(board: Board) -> list[ThreadPreview]:
    """The threads of the first pages, which are all that a live board has."""
    archive = current_archive()
    found: list[ThreadPreview] = []
    before = None
    while len(found) < _LISTED_PAGES * PER_PAGE:
        try:
            page = await archive.threads(
                board, before=before, limit=_READ_AT_ONCE, replies=_LAST_REPLIES, pinned=True, ghosts=False
            )
        except NotFound:  # the list has become shorter meanwhile
            break
        found += page.threads
        before = page.older
        if before is None:
            break
    return found[: _LISTED_PAGES * PER_PAGE]


def _listed(board: Board, each: ThreadPreview, shapes: dict[int, FourchanPost]) -> FourchanPost:
    """The first post of a thread in a list, with what is told of its thread there."""
    first = each.first
    images = each.counts.images - (first.media is not None)
    opening = _opening(
        board, first, shapes[first.num], each.counts.posts - 1, images, sticky=each.sticky, closed=each.locked
    )
    return replace(
        opening,
        omitted_posts=each.omitted,
        omitted_images=each.omitted_images,
        last_modified=_last_modified(each),
    )


def _opening(
    board: Board, post: Post, shape: FourchanPost, replies: int, images: int, *, sticky: bool, closed: bool
) -> FourchanPost:
    """The first post of a thread with what is told of the thread; `replies` and `images` do not count it.

    Where the archive lacks the opening post, the earliest there is tells it: clients look for it at the first.
    """
    exif = read_exif(post.exif)
    facts: dict[str, Any] = {}
    if sticky:
        facts["sticky"] = 1
    if closed:
        facts["closed"] = 1
    archived_on = exif.archived_on
    if archived_on is None and post.op and not post.deleted:
        archived_on = post.expired
    if archived_on is not None:
        facts |= {"archived": 1, "archived_on": archived_on}
    elif exif.unique_ips is not None:
        facts["unique_ips"] = exif.unique_ips
    tag = dict(exif.table).get("Tag")
    if tag is not None:
        facts["tag"] = html_text(tag)
    words = slug(post.subject or "") or slug(to_text(parse(post.comment, board.settings.comments)))
    if words:
        facts["semantic_url"] = words
    if shape.sub is UNSET and shape.com is UNSET:
        facts["com"] = ""  # one of the two is the title that clients give a thread
    return replace(shape, replies=replies, images=images, **facts)


def _shown(previews: Sequence[ThreadPreview]) -> list[Post]:
    return [post for each in previews for post in (each.first, *each.replies)]


def _modified(posts: Sequence[Post]) -> int:
    return max(max(post.time, post.expired or 0) for post in posts)


def _last_modified(each: ThreadPreview) -> int:
    return max(each.bumped, _modified(_shown([each])))


def _newest(previews: Sequence[ThreadPreview]) -> int | None:
    return max(map(_last_modified, previews), default=None)


def _pieces(whole: Sequence[T], size: int) -> Iterator[list[T]]:
    return (list(whole[start : start + size]) for start in range(0, len(whole), size))
