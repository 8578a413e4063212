"""The routes of our own API, `/api/v1/`. Each asks the archive one question and gives the answer a shape."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

from msgspec import Struct
from quart import Blueprint, Response, request
from werkzeug.routing import BaseConverter

from app.api.encode import encode
from app.api.errors import JSON_TYPE, METHODS, OPEN_HEADERS, MethodNotAllowed, answer_errors_in_json
from app.api.posts import finder, shaped
from app.api.query import Query
from app.api.shapes import (
    BoardsShape,
    PostListShape,
    board_shape,
    id_or_null,
    thread_list_shape,
    thread_shape,
)
from app.context import current_archive
from app.errors import NotFound
from app.http import respond
from app.model import Post, ThreadPage, parse_number, parse_post_id

DEFAULT_THREADS, MOST_THREADS = 10, 50
DEFAULT_REPLIES, MOST_REPLIES = 5, 10
DEFAULT_CATALOG, MOST_CATALOG = 150, 150
DEFAULT_POSTS, MOST_POSTS = 25, 100

PREFLIGHT_HEADERS: Final = MappingProxyType(
    {
        "Allow": METHODS,
        "Access-Control-Allow-Methods": METHODS,
        "Access-Control-Allow-Headers": "If-None-Match, If-Modified-Since",
        "Access-Control-Max-Age": "86400",
    }
)


class RestConverter(BaseConverter):
    """The rest of an address, slashes included wherever they stand: a base64 hash may begin with one."""

    part_isolating = False
    regex = r".*?"
    weight = 500  # tried after everything more exact


def api_blueprint() -> Blueprint:
    """All of `/api/`, its errors included: no request below that address is answered by anything else."""
    blueprint = Blueprint("api", __name__, url_prefix="/api")
    blueprint.record_once(lambda state: state.app.url_map.converters.update(api_rest=RestConverter))
    board = "/v1/boards/<board>"
    for rule, view in (
        ("/v1/boards", boards),
        (board, one_board),
        (f"{board}/threads", threads),
        (f"{board}/catalog", catalog),
        (f"{board}/threads/<num>", thread),
        (f"{board}/posts/<num>", post),
        (f"{board}/media/<api_rest:media_hash>", posts_with_media),
    ):
        blueprint.add_url_rule(
            rule,
            view_func=view,
            provide_automatic_options=False,
            strict_slashes=False,
            merge_slashes=False,
        )
    for rule in ("", "/<api_rest:rest>"):
        blueprint.add_url_rule(
            rule,
            view_func=anything_else,
            methods=["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"],
            provide_automatic_options=False,
            strict_slashes=False,
            merge_slashes=False,
        )
    blueprint.after_request(_open_to_all)
    answer_errors_in_json(blueprint)
    return blueprint


async def boards() -> Response:
    Query()
    return _answer(BoardsShape([board_shape(board) for board in current_archive().boards.values()]))


async def one_board(board: str) -> Response:
    Query()
    found = current_archive().boards.get(board)
    if found is None:
        raise NotFound("There is no such board in this archive.")
    return _answer(board_shape(found))


async def threads(board: str) -> Response:
    query = Query("order", "before", "after", "page", "limit", "replies", "rendered")
    query.at_most_one("before", "after", "page")
    archive = current_archive()
    page = await archive.threads(
        archive.board(board),
        order=query.choice("order", ("bump", "creation", "ghost")),
        before=query.text("before"),
        after=query.text("after"),
        page=query.page(),
        limit=query.integer("limit", DEFAULT_THREADS, 1, MOST_THREADS),
        replies=query.integer("replies", DEFAULT_REPLIES, 0, MOST_REPLIES),
    )
    return await _answer_threads(page, query.flag("rendered"))


async def catalog(board: str) -> Response:
    query = Query("order", "before", "after", "limit", "rendered")
    query.at_most_one("before", "after")
    archive = current_archive()
    page = await archive.catalog(
        archive.board(board),
        order=query.choice("order", ("bump", "creation", "ghost")),
        before=query.text("before"),
        after=query.text("after"),
        limit=query.integer("limit", DEFAULT_CATALOG, 1, MOST_CATALOG),
    )
    return await _answer_threads(page, query.flag("rendered"))


async def thread(board: str, num: str) -> Response:
    query = Query("after", "rendered")
    archive = current_archive()
    after = query.post_id("after")
    found = await archive.thread(archive.board(board), parse_number(num), after=after)
    posts = await shaped(found.posts, rendered=query.flag("rendered"))
    return _answer(thread_shape(found, posts), last_modified=found.modified)


async def post(board: str, num: str) -> Response:
    query = Query("rendered")
    archive = current_archive()
    found = await archive.post(archive.board(board), parse_post_id(num))
    (shape,) = await shaped([found], rendered=query.flag("rendered"))
    return _answer(shape)


async def posts_with_media(board: str, media_hash: str) -> Response:
    query = Query("before", "limit", "rendered")
    archive = current_archive()
    # No form of a 16-byte hash ends in a slash, so one at the end is the address's own.
    page = await archive.posts_with_media(
        archive.board(board),
        media_hash.removesuffix("/"),
        before=query.post_id("before"),
        limit=query.integer("limit", DEFAULT_POSTS, 1, MOST_POSTS),
    )
    posts = await shaped(page.posts, rendered=query.flag("rendered"))
    return _answer(PostListShape(page.board, posts, id_or_null(page.older)))


async def anything_else(rest: str = "") -> Response:
    """Preflight requests, and whatever the routes above do not answer."""
    if request.method == "OPTIONS":
        response = Response(b"", status=204, headers=dict(PREFLIGHT_HEADERS))
        del response.headers["Content-Type"]
        del response.headers["Content-Length"]  # a 204 must have none (RFC 9110, 8.6)
        return response
    if request.method not in {"GET", "HEAD"}:
        raise MethodNotAllowed
    raise NotFound("The API has no such address.")


async def _answer_threads(page: ThreadPage, rendered: bool) -> Response:
    posts: list[Post] = []
    for preview in page.threads:
        posts += (preview.first, *preview.replies)
    shapes = await shaped(posts, rendered=rendered)
    return _answer(thread_list_shape(page, finder(posts, shapes)))


def _answer(shape: Struct, last_modified: int | None = None) -> Response:
    return respond(encode(shape), JSON_TYPE, last_modified=last_modified)


def _open_to_all(response: Response) -> Response:
    response.headers.update(OPEN_HEADERS)
    return response
