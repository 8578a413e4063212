"""FoolFuuka's interface, `/_/api/chan/{method}`: with and without a slash at the end, never by a redirect."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from types import MappingProxyType
from typing import Final

from quart import Blueprint, Response, request
from werkzeug.exceptions import HTTPException

from app.api.answering import nothing
from app.api.foolfuuka import site, statistics, threads
from app.api.foolfuuka.errors import HEADERS, METHODS, error_response
from app.api.foolfuuka.formatting import FormatPosts, keep_format
from app.api.foolfuuka.search import search
from app.errors import KoiwaiError, NotFound

VIEWS: Final[Mapping[str, Callable[[], Awaitable[Response]]]] = MappingProxyType(
    {
        "index": threads.index,
        "thread": threads.thread,
        "deleted": threads.deleted,
        "post": threads.post,
        "gallery": threads.gallery,
        "search": search,
        "boards": site.boards,
        "archives": site.archives,
        "site": site.site,
        "statistics": statistics.statistics,
    }
)
"""What the methods of the interface answer with."""

LISTED: Final = "/_/archives.json"
"""Where 4chan-X is told about this archive."""


def foolfuuka_blueprint(format_posts: FormatPosts) -> Blueprint:
    """`format_posts` makes the HTML of posts for clients that ask for a `theme`."""
    blueprint = Blueprint("foolfuuka", __name__)
    blueprint.record_once(lambda state: keep_format(state.app, format_posts))
    for rule in ("/_/api/chan/<method>/", "/_/api/chan/<method>/<path:rest>"):
        blueprint.add_url_rule(
            rule,
            view_func=answer,
            methods=["GET", "OPTIONS"],
            provide_automatic_options=False,
            strict_slashes=False,
            merge_slashes=False,
        )
    blueprint.add_url_rule(LISTED, view_func=answer_listed, methods=["GET", "OPTIONS"], provide_automatic_options=False)
    blueprint.after_request(_open_to_all)
    for kind in (KoiwaiError, HTTPException, Exception):
        blueprint.register_error_handler(kind, error_response)
    return blueprint


async def answer(method: str, rest: str = "") -> Response:
    """What follows the method in an address means nothing, as in FoolFuuka."""
    view = VIEWS.get(method)
    if view is None:
        raise NotFound
    return await _answered(view)


async def answer_listed() -> Response:
    return await _answered(site.listed_archive)


async def _answered(view: Callable[[], Awaitable[Response]]) -> Response:
    return nothing({"Allow": METHODS}) if request.method == "OPTIONS" else await view()


def _open_to_all(response: Response) -> Response:
    response.headers.update(HEADERS)
    return response
