"""Interfaces for programs: our own, and beside it those of FoolFuuka and 4chan, whose clients we serve unchanged."""

from __future__ import annotations

from collections.abc import Callable

from quart import Response

from app.api.errors import error_response, is_for_programs
from app.api.foolfuuka.errors import error_response as foolfuuka_error
from app.api.foolfuuka.routes import LISTED, foolfuuka_blueprint
from app.api.fourchan.errors import error_response as fourchan_error
from app.api.fourchan.routes import fourchan_blueprint, is_fourchan
from app.api.routes import api_blueprint

__all__ = ["api_blueprint", "error_answer", "foolfuuka_blueprint", "fourchan_blueprint"]


def error_answer(path: str) -> Callable[[Exception], Response] | None:
    """What tells of an error at an address of programs, in the form that they know; None for a page's address."""
    if path in ("/_/api", LISTED) or path.startswith("/_/api/"):
        return foolfuuka_error
    if is_fourchan(path):
        return fourchan_error
    return error_response if is_for_programs(path) else None
