"""Parameters of an API request. Whatever is unknown or malformed is refused by name, never ignored."""

from __future__ import annotations

from typing import Literal, TypeVar

from quart import request

from app.errors import BadRequest, NotFound
from app.model import PostId, parse_number, parse_post_id

Choice = TypeVar("Choice", bound=str)


class Query:
    """The query string of the current request, which may hold only the parameters named in `allowed`.

    Every method raises BadRequest with a sentence that names the parameter.
    """

    def __init__(self, *allowed: str) -> None:
        self._values: dict[str, str] = {}
        for name, values in request.args.lists():
            if name not in allowed:
                known = ", ".join(allowed) or "none"
                raise BadRequest(f'There is no parameter "{name[:50]}" here; known parameters: {known}.')
            if len(values) != 1 or not values[0]:
                raise BadRequest(f'The parameter "{name}" must be given once, with a value.')
            self._values[name] = values[0]

    def text(self, name: str) -> str | None:
        """The value as it is; None where the parameter is absent."""
        return self._values.get(name)

    def integer(self, name: str, default: int, lowest: int, highest: int) -> int:
        """A whole number within these bounds."""
        value = self._values.get(name)
        if value is None:
            return default
        if value.isascii() and value.isdigit() and len(value) <= 10 and lowest <= int(value) <= highest:
            return int(value)
        raise BadRequest(f'The parameter "{name}" must be a whole number from {lowest} to {highest}.')

    def page(self) -> int | None:
        """The parameter `page`, a page number from 1 up."""
        value = self._values.get("page")
        if value is None:
            return None
        try:
            return parse_number(value)
        except NotFound:
            raise BadRequest('The parameter "page" must be a whole number from 1 up.') from None

    def choice(self, name: str, options: tuple[Choice, ...]) -> Choice:
        """One of `options`, the first of them where the parameter is absent."""
        value = self._values.get(name)
        if value is None:
            return options[0]
        for option in options:
            if option == value:
                return option
        raise BadRequest(f'The parameter "{name}" must be one of: {", ".join(options)}.')

    def flag(self, name: str) -> bool:
        """`1` for yes, `0` or absent for no."""
        options: tuple[Literal["0"], Literal["1"]] = ("0", "1")
        return self.choice(name, options) == "1"

    def post_id(self, name: str) -> PostId | None:
        """The number of a post, such as `123` or, for a ghost post, `123_1`."""
        value = self._values.get(name)
        if value is None:
            return None
        try:
            return parse_post_id(value)
        except NotFound:
            raise BadRequest(f'The parameter "{name}" must be the number of a post, as 123 or 123_1.') from None

    def at_most_one(self, *names: str) -> None:
        """Refuse a request that gives several of these parameters, which exclude each other."""
        given = [name for name in names if name in self._values]
        if len(given) > 1:
            raise BadRequest(f"Give only one of the parameters {' and '.join(given)}.")
