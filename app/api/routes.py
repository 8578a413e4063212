"""The table of all routes of the API: what is not in it is not answered, and what is in it is documented."""

from __future__ import annotations

from types import MappingProxyType
from typing import Any, Final

from quart import Blueprint, Response, request

from app.api import health, native
from app.api import parameters as p
from app.api.document import open_document
from app.api.encode import encode
from app.api.errors import JSON_TYPE, MethodNotAllowed, answer_programs
from app.api.query import Query
from app.api.routing import RestConverter, Route, add_route, preflight
from app.api.search_fields import SEARCH_FIELDS
from app.api.shapes import (
    BoardShape,
    BoardsShape,
    PostListShape,
    PostShape,
    SearchShape,
    ThreadListShape,
    ThreadShape,
)
from app.context import shared_links
from app.contract import EXTENSION, current_document
from app.errors import NotFound
from app.http import respond

_BOARD: Final = "/api/v1/boards/{board}"


async def openapi(query: Query) -> Response:
    servers = [{"url": shared_links().base or "/", "description": "this archive"}]
    return respond(encode({**current_document(), "servers": servers}), JSON_TYPE)


ROUTES: Final = (
    Route("Boards", "/api/v1/boards", native.boards, "All boards, in the operator's order", BoardsShape, errors=(400,)),
    Route("Boards", _BOARD, native.one_board, "One board", BoardShape, errors=(400, 404)),
    Route(
        "Threads",
        f"{_BOARD}/threads",
        native.threads,
        "Threads of a board, newest first, with their newest replies",
        ThreadListShape,
        parameters=(p.ORDER, p.BEFORE, p.AFTER, p.PAGE, p.THREADS, p.REPLIES, p.FIELDS, p.RENDERED),
        exclusive=(p.BEFORE, p.AFTER, p.PAGE),
        headers=("ETag", "Link"),
    ),
    Route(
        "Threads",
        f"{_BOARD}/catalog",
        native.catalog,
        "Threads of a board, without replies, for overviews",
        ThreadListShape,
        parameters=(p.ORDER, p.BEFORE, p.AFTER, p.OVERVIEW, p.FIELDS, p.RENDERED),
        exclusive=(p.BEFORE, p.AFTER),
        headers=("ETag", "Link"),
    ),
    Route(
        "Threads",
        f"{_BOARD}/threads/{{thread}}",
        native.one_thread,
        "One thread",
        ThreadShape,
        parameters=(p.AFTER_POST, p.FIELDS, p.RENDERED),
        headers=("ETag", "Last-Modified", "Link"),
    ),
    Route(
        "Posts",
        f"{_BOARD}/posts/{{post}}",
        native.one_post,
        "One post",
        PostShape,
        parameters=(p.FIELDS, p.RENDERED),
    ),
    Route(
        "Posts",
        f"{_BOARD}/media/{{hash}}",
        native.posts_with_media,
        "Posts with the same file, newest first",
        PostListShape,
        parameters=(p.BEFORE_POST, p.POSTS, p.FIELDS, p.RENDERED),
        headers=("ETag", "Link"),
    ),
    Route(
        "Search",
        "/api/v1/search",
        native.search,
        "Posts that have certain words, names, files or dates, newest first",
        SearchShape,
        parameters=(
            *SEARCH_FIELDS,
            p.BOARDS,
            p.SEARCH_ORDER,
            p.RESULTS,
            p.NEXT,
            p.RESULT_PAGE,
            p.HITS,
            p.FIELDS,
            p.RENDERED,
        ),
        examples=MappingProxyType({"text": "router"}),
        exclusive=(p.NEXT, p.RESULT_PAGE),
        errors=(400, 503),
        headers=("ETag", "Link"),
    ),
    Route("The API itself", "/api/openapi.json", openapi, "This description, as an OpenAPI document", errors=(400,)),
    Route(
        "Health",
        "/healthz",
        health.alive,
        "Whether the process runs; asks nothing of the database",
        content_type=health.TEXT_TYPE,
        errors=(),
        any_query=True,
    ),
    Route(
        "Health",
        "/readyz",
        health.ready,
        "Whether the archive can be read",
        content_type=health.TEXT_TYPE,
        errors=(503,),
        any_query=True,
    ),
)


def api_blueprint() -> Blueprint:
    """All routes, and all else below `/api/`, its errors included.

    Registering it gives the app the API's document (see `app.contract`). A page at `/api/` is for others to add.
    """
    blueprint = Blueprint("api", __name__)
    document = open_document(ROUTES)

    def prepare(state: Any) -> None:
        state.app.url_map.converters["api_rest"] = RestConverter
        state.app.extensions[EXTENSION] = document

    blueprint.record_once(prepare)
    for route in ROUTES:
        add_route(blueprint, route)
    unknown = ["POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
    for rule, methods in (("/api", unknown), ("/api/<api_rest:rest>", ["GET", *unknown])):
        blueprint.add_url_rule(
            rule,
            view_func=anything_else,
            methods=methods,
            provide_automatic_options=False,
            strict_slashes=False,
            merge_slashes=False,
        )
    answer_programs(blueprint)
    return blueprint


async def anything_else(rest: str = "") -> Response:
    """Preflight requests, and whatever the table does not hold."""
    if request.method == "OPTIONS":
        return preflight()
    if request.method not in {"GET", "HEAD"}:
        raise MethodNotAllowed
    raise NotFound("The API has no such address.")
