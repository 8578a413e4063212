"""What a request of FoolFuuka's interface asks for. Values are percent-decoded a second time, as FoolFuuka does:
programs put pieces of addresses that are still encoded into the query string."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import unquote

from quart import request

from app.api.foolfuuka.errors import Unacceptable
from app.context import current_archive
from app.errors import NotFound
from app.model import LARGEST_NUMBER, PostId, parse_post_id

if TYPE_CHECKING:
    from app.board import Board

_DIGITS = re.compile(r"0*([0-9]{1,10})", re.ASCII)


def given(name: str) -> str | None:
    """The value of a parameter; None where it is absent or empty."""
    return unquote(request.args.get(name, "")) or None


def pairs() -> list[tuple[str, str]]:
    """All parameters that have a value, in their order."""
    every = ((name, unquote(value)) for name, value in request.args.items(multi=True))
    return [(name, value) for name, value in every if value]


def asked_board(missing: str = "No board selected.") -> Board:
    """The board that is asked about. Raises Unacceptable, with the sentence `missing`, for none that is served."""
    name = given("board")
    if name is None:
        raise Unacceptable(missing)
    try:
        return current_archive().board(name)
    except NotFound:
        raise Unacceptable(missing) from None


def asked_number(name: str) -> int:
    """A number from 1 to 2^31-1. Raises Unacceptable."""
    value = given(name)
    if value is None or value == "0":
        raise Unacceptable(f'The "{name}" parameter is missing.')
    match = _DIGITS.fullmatch(value)
    if match is None or not 1 <= int(match[1]) <= LARGEST_NUMBER:
        raise Unacceptable(f'The value for "{name}" is invalid.')
    return int(match[1])


def asked_post() -> PostId:
    """The parameter `num` as `123`, `123_1` or `123,1`. Raises Unacceptable."""
    value = given("num")
    if value is None:
        raise Unacceptable('The "num" parameter is missing.')
    try:
        return parse_post_id(value)
    except NotFound:
        raise Unacceptable('The value for "num" is invalid.') from None
