"""The views of our own API, `/api/v1/`. Each asks the archive one question and gives the answer a shape."""

from __future__ import annotations

from msgspec import Struct
from quart import Response

from app.api import parameters as p
from app.api.encode import encode
from app.api.errors import JSON_TYPE
from app.api.kinds import Parameter
from app.api.posts import finder, shaped
from app.api.query import Query
from app.api.search_answer import search_shape
from app.api.search_fields import SEARCH_FIELDS
from app.api.shapes import BoardsShape, PostListShape, PostShape
from app.api.shaping import board_shape, id_or_null, thread_list_shape, thread_shape
from app.context import current_archive, page_links, shared_links
from app.errors import BadRequest, NotFound
from app.http import respond
from app.labels import tells_of
from app.model import Post, ThreadPage, listed, parse_number, parse_post_id
from app.search import read_query


async def boards(query: Query) -> Response:
    return _answer(BoardsShape([board_shape(board) for board in listed(current_archive().boards)]))


async def one_board(query: Query, board: str) -> Response:
    found = current_archive().boards.get(board)
    if found is None:
        raise NotFound("There is no such board in this archive.")
    return _answer(board_shape(found))


async def threads(query: Query, board: str) -> Response:
    archive = current_archive()
    page = await archive.threads(
        archive.board(board),
        order=query[p.ORDER],
        before=query[p.BEFORE],
        after=query[p.AFTER],
        page=query[p.PAGE],
        limit=query[p.THREADS],
        replies=query[p.REPLIES],
    )
    return await _answer_threads(query, page)


async def catalog(query: Query, board: str) -> Response:
    archive = current_archive()
    page = await archive.catalog(
        archive.board(board),
        order=query[p.ORDER],
        before=query[p.BEFORE],
        after=query[p.AFTER],
        limit=query[p.OVERVIEW],
    )
    return await _answer_threads(query, page)


async def one_thread(query: Query, board: str, thread: str) -> Response:
    archive = current_archive()
    found = await archive.thread(archive.board(board), parse_number(thread), after=query[p.AFTER_POST])
    shape = thread_shape(found, await _shaped(query, found.posts))
    onward = {} if shape.next is None else {"next": query.moved(p.AFTER_POST, shape.next)}
    return _answer(shape, last_modified=found.modified, ways=onward)


async def one_post(query: Query, board: str, post: str) -> Response:
    archive = current_archive()
    found = await archive.post(archive.board(board), parse_post_id(post))
    (shape,) = await _shaped(query, [found])
    return _answer(shape)


async def posts_with_media(query: Query, board: str, hash: str) -> Response:
    archive = current_archive()
    # No form of a 16-byte hash ends in a slash, so one at the end is the address's own.
    page = await archive.posts_with_media(
        archive.board(board), hash.removesuffix("/"), before=query[p.BEFORE_POST], limit=query[p.POSTS]
    )
    shape = PostListShape(page.board, await _shaped(query, page.posts), id_or_null(page.older))
    return _answer(shape, ways={} if shape.older is None else {"next": query.moved(p.BEFORE_POST, shape.older)})


async def search(query: Query) -> Response:
    archive = current_archive()
    parameters: tuple[Parameter[str | None], ...] = (*SEARCH_FIELDS, p.BOARDS, p.SEARCH_ORDER, p.RESULTS)
    wanted = read_query([(each.name, query[each] or "") for each in parameters], archive.boards).query
    if not wanted.filters:
        raise BadRequest("Nothing to search for: give a field, such as text=word.")
    result = await archive.search(wanted, limit=query[p.HITS], cursor=query[p.NEXT], page=query[p.RESULT_PAGE] or 1)
    tells_of(*{post.board for post in result.posts})
    shape = await search_shape(archive, result, await _shaped(query, result.posts))
    onward = {} if shape.cursor is None else {"next": query.moved(p.NEXT, shape.cursor, p.RESULT_PAGE)}
    return _answer(shape, ways=onward)


async def _answer_threads(query: Query, page: ThreadPage) -> Response:
    posts: list[Post] = []
    for preview in page.threads:
        posts += (preview.first, *preview.replies)
    ways = {}
    if page.older is not None:
        ways["next"] = query.moved(p.BEFORE, page.older, p.AFTER, p.PAGE)
    if page.newer is not None:
        ways["prev"] = query.moved(p.AFTER, page.newer, p.BEFORE, p.PAGE)
    return _answer(thread_list_shape(page, finder(posts, await _shaped(query, posts))), ways=ways)


async def _shaped(query: Query, posts: list[Post] | tuple[Post, ...]) -> list[PostShape]:
    return await shaped(
        current_archive(),
        posts,
        shared=shared_links(),
        pages=page_links(),
        fields=query[p.FIELDS],
        rendered=query[p.RENDERED],
    )


def _answer(shape: Struct, *, last_modified: int | None = None, ways: dict[str, str] | None = None) -> Response:
    """`ways` are addresses of the answers before and after this one, by their relation to it."""
    link = ", ".join(f'<{address}>; rel="{relation}"' for relation, address in (ways or {}).items())
    return respond(encode(shape), JSON_TYPE, last_modified=last_modified, headers={"Link": link} if link else None)
