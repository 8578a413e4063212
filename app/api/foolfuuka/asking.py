"""What a request of FoolFuuka's interface asks for. Values are percent-decoded a second time, as FoolFuuka does:
programs put pieces of addresses that are still encoded into the query string."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote

from quart import request

from app.api.foolfuuka.errors import Unacceptable
from app.context import current_archive
from app.errors import NotFound
from app.model import LARGEST_NUMBER, PostId, parse_post_id

if TYPE_CHECKING:
    from app.board import Board

_DIGITS = re.compile(r"0*([0-9]+)", re.ASCII)
_WHOLE = re.compile(r"(-?)0*([0-9]+)", re.ASCII)
_POST = re.compile(r"[0-9]+(?:[_,][0-9]+)?", re.ASCII)
_TOO_MANY_DIGITS: Final = 11
_LONGEST_ROW: Final = 18  # digits; what begins so is larger than all rows


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
    """A number from 1 to 2^31; all larger ones are 2^31, which is no post's. Raises Unacceptable."""
    value = given(name)
    if value is None or value == "0":
        raise Unacceptable(f'The "{name}" parameter is missing.')
    match = _DIGITS.fullmatch(value)
    if match is None or (found := _bounded(match[1])) == 0:
        raise Unacceptable(f'The value for "{name}" is invalid.')
    return found


def asked_post() -> PostId:
    """The parameter `num` as `123`, `123_1` or `123,1`. Raises Unacceptable, NotFound for no post's number."""
    value = given("num")
    if value is None or value == "0":
        raise Unacceptable('The "num" parameter is missing.')
    if _POST.fullmatch(value) is None:
        raise Unacceptable('The value for "num" is invalid.')
    return parse_post_id(value)


def asked_row() -> int | None:
    """The parameter `latest_doc_id`, None where it is absent, 0 or negative. Raises Unacceptable."""
    value = given("latest_doc_id")
    if value is None:
        return None
    match = _WHOLE.fullmatch(value)
    if match is None:
        raise Unacceptable('The value for "latest_doc_id" is malformed.')
    return None if match[1] else int(match[2][:_LONGEST_ROW]) or None


def _bounded(digits: str) -> int:
    return min(int(digits[:_TOO_MANY_DIGITS]), LARGEST_NUMBER + 1)
