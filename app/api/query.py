"""The query string of an API request. Whatever is unknown or malformed is refused by name, never ignored."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar, cast

from quart import request

from app.api.kinds import Parameter
from app.errors import BadRequest
from app.urls import same_address

T = TypeVar("T")


class Query:
    """The parameters of the current request, all of them read.

    `allowed` are those that the route knows; at most one of the `exclusive` ones may be given. Raises BadRequest
    with a sentence that names the parameter.
    """

    def __init__(self, allowed: Sequence[Parameter[Any]], exclusive: Sequence[Parameter[Any]] = ()) -> None:
        self._given: dict[str, str] = {}
        names = [parameter.name for parameter in allowed]
        for name, values in request.args.lists():
            if name not in names:
                known = ", ".join(names) or "none"
                raise BadRequest(f'There is no parameter "{name[:50]}" here; known parameters: {known}.')
            if len(values) != 1 or not values[0]:
                raise BadRequest(f'The parameter "{name}" must be given once, with a value.')
            self._given[name] = values[0]
        both = [parameter.name for parameter in exclusive if parameter.name in self._given]
        if len(both) > 1:
            raise BadRequest(f"Give only one of the parameters {' and '.join(both)}.")
        self._read = {parameter: parameter.read(self._given.get(parameter.name)) for parameter in allowed}

    def __getitem__(self, parameter: Parameter[T]) -> T:
        """The value of one of the route's parameters."""
        return cast("T", self._read[parameter])

    def moved(self, place: Parameter[Any], value: str, *others: Parameter[Any]) -> str:
        """This request's address with `place` set to `value`, and without the `others`, which name a place too."""
        left_out = {parameter.name for parameter in others}
        kept = {name: given for name, given in self._given.items() if name not in left_out}
        return same_address({**kept, place.name: value})
