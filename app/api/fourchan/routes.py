"""4chan's interface: `/boards.json`, `/{board}/catalog.json` and its kin."""

from __future__ import annotations

import re
from typing import Final

from quart import Blueprint, Response
from werkzeug.exceptions import HTTPException

from app.api.fourchan.errors import HEADERS, error_response
from app.errors import KoiwaiError

_PATH: Final = re.compile(r"/(?:boards|[^/]+/(?:threads|catalog|archive|[0-9]+)|[^/]+/(?:thread|res)/[^/]+)\.json")


def is_fourchan(path: str) -> bool:
    """Whether an address is one of 4chan's interface."""
    return _PATH.fullmatch(path) is not None


def fourchan_blueprint() -> Blueprint:
    """All routes of 4chan's interface."""
    blueprint = Blueprint("fourchan", __name__)
    blueprint.after_request(_open_to_all)
    for kind in (KoiwaiError, HTTPException, Exception):
        blueprint.register_error_handler(kind, error_response)
    return blueprint


def _open_to_all(response: Response) -> Response:
    response.headers.update(HEADERS)
    return response
