"""4chan's interface: `/boards.json`, `/{board}/catalog.json` and its kin."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from typing import Any, Final

from quart import Blueprint, Response, request
from werkzeug.exceptions import HTTPException
from werkzeug.routing import BaseConverter

from app.api.answering import nothing
from app.api.fourchan import threads
from app.api.fourchan.boards import boards
from app.api.fourchan.errors import HEADERS, METHODS, error_response
from app.errors import KoiwaiError

View = Callable[..., Awaitable[Response]]

ROUTES: Final[tuple[tuple[str, View], ...]] = (
    ("/boards.json", boards),
    ("/<board>/threads.json", threads.threads),
    ("/<board>/catalog.json", threads.catalog),
    ("/<board>/archive.json", threads.archived),
    ("/<board>/<fourchan_page:page>.json", threads.index),
    ("/<board>/thread/<number>.json", threads.thread),
    ("/<board>/res/<number>.json", threads.thread),
)
"""Addresses, and what answers them."""

_PATH: Final = re.compile(r"/(?:boards|[^/]+/(?:threads|catalog|archive|[0-9]+)|[^/]+/(?:thread|res)/[^/]+)\.json/?")


class _PageConverter(BaseConverter):
    """The number of a page, however long: the view refuses what is none."""

    regex = "[0-9]+"


def is_fourchan(path: str) -> bool:
    """Whether an address is one of 4chan's interface."""
    return _PATH.fullmatch(path) is not None


def fourchan_blueprint() -> Blueprint:
    """All routes of 4chan's interface."""
    blueprint = Blueprint("fourchan", __name__)

    def prepare(state: Any) -> None:
        state.app.url_map.converters["fourchan_page"] = _PageConverter

    blueprint.record_once(prepare)
    for rule, view in ROUTES:
        blueprint.add_url_rule(
            rule,
            endpoint=re.sub(r"\W+", "_", rule),
            view_func=_with_options(view),
            methods=["GET", "OPTIONS"],
            provide_automatic_options=False,
            strict_slashes=False,
            merge_slashes=False,
        )
    blueprint.after_request(_open_to_all)
    for kind in (KoiwaiError, HTTPException, Exception):
        blueprint.register_error_handler(kind, error_response)
    return blueprint


def _with_options(view: View) -> View:
    async def answer(**places: Any) -> Response:
        return nothing({"Allow": METHODS}) if request.method == "OPTIONS" else await view(**places)

    return answer


def _open_to_all(response: Response) -> Response:
    response.headers.update(HEADERS)
    return response
