"""Reading addresses: a wrong path is a missing page (404), a wrong parameter an error (400)."""

from __future__ import annotations

from typing import Final, TypeVar

from quart import request
from werkzeug.datastructures import MultiDict

from app.errors import BadRequest, NotFound
from app.model import LARGEST_NUMBER, PostId, parse_post_id

Word = TypeVar("Word", bound=str)


LONGEST_FORM: Final = 65_536
"""Bytes of a form that is sent by POST."""


def path_number(text: str, missing: str) -> int:
    """A number from 1 to 2^31-1 out of a path. Raises NotFound with the sentence `missing`."""
    if text.isascii() and text.isdigit() and len(text) <= 10 and 1 <= int(text) <= LARGEST_NUMBER:
        return int(text)
    raise NotFound(missing)


def page_number(text: str) -> int:
    return path_number(text, "There is no page with such a number.")


def choice(name: str, allowed: tuple[Word, ...]) -> Word:
    """The parameter `name`, or the first of `allowed` where it is not given. Raises BadRequest."""
    value = request.args.get(name, allowed[0])
    for word in allowed:
        if word == value:
            return word
    raise BadRequest(f'The parameter "{name}" must be {" or ".join(allowed)}.')


def cursors(*, with_page: bool = False) -> tuple[str | None, str | None]:
    """The parameters `before` and `after`, of which at most one makes sense. Raises BadRequest."""
    before, after = request.args.get("before"), request.args.get("after")
    if before is not None and after is not None:
        raise BadRequest('The parameters "before" and "after" cannot be used together.')
    if with_page and (before is not None or after is not None):
        given = "after" if before is None else "before"
        raise BadRequest(f'The parameter "{given}" cannot be used together with a page number.')
    return before, after


def post_parameter(name: str) -> PostId | None:
    """The parameter `name` as a post number (`123`, `123_1`), None where not given. Raises BadRequest."""
    value = request.args.get(name)
    if value is None:
        return None
    try:
        return parse_post_id(value)
    except NotFound:
        raise BadRequest(f'The parameter "{name}" must be a post number such as 123 or 123_1.') from None


async def short_form() -> MultiDict[str, str]:
    """The form that was sent by POST. Raises BadRequest for one that is too long."""
    if request.content_length is None or request.content_length > LONGEST_FORM:
        raise BadRequest("This form is too long.")
    return await request.form
