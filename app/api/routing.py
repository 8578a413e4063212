"""What a route of the API is, and how one becomes an address of the app.

The same value registers a route, reads its parameters and describes it, so these cannot differ.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from types import MappingProxyType
from typing import Any, Final

from msgspec import Struct
from quart import Blueprint, Response, request
from werkzeug.routing import BaseConverter

from app.api.answering import nothing
from app.api.errors import METHODS
from app.api.kinds import POST_NUMBER, Parameter
from app.api.query import Query
from app.model import LARGEST_NUMBER

PREFLIGHT_HEADERS: Final = MappingProxyType(
    {
        "Allow": METHODS,
        "Access-Control-Allow-Methods": METHODS,
        "Access-Control-Allow-Headers": "If-None-Match, If-Modified-Since",
        "Access-Control-Max-Age": "86400",
    }
)


class RestConverter(BaseConverter):
    """The rest of an address, slashes included wherever they stand: a base64 hash may begin with one."""

    part_isolating = False
    regex = r".*?"
    weight = 500  # tried after everything more exact


class Place(Struct, frozen=True):
    """A part of a path that names something."""

    description: str
    schema: MappingProxyType[str, Any]
    example: str | int
    rule: str
    """How the router writes it."""


BOARD: Final = Place(
    "the board's name, percent-encoded where it is not ASCII", MappingProxyType({"type": "string"}), "g", "<board>"
)
THREAD: Final = Place(
    "the thread's number",
    MappingProxyType({"type": "integer", "minimum": 1, "maximum": LARGEST_NUMBER}),
    123,
    "<thread>",
)
POST: Final = Place(
    "the post's number, as `123` or, for a ghost post, `123_1`",
    MappingProxyType({"type": "string", "pattern": POST_NUMBER}),
    "123",
    "<post>",
)
HASH: Final = Place(
    "MD5 of the file in base64, in the ordinary or the URL-safe alphabet, with or without `==`; a slash in it may be "
    "written as it is or as `%2F`",
    MappingProxyType({"type": "string"}),
    "CdsWDPNH2-bTYx8Uhpv0Sg",
    "<api_rest:hash>",
)
PLACES: Final = MappingProxyType({"board": BOARD, "thread": THREAD, "post": POST, "hash": HASH})
"""What may stand between braces in a path."""


class Route(Struct, frozen=True):
    """An address of the API. A view gets the query, and the parts of the path by name."""

    group: str
    path: str
    view: Callable[..., Awaitable[Response]]
    summary: str
    answer: type[Struct] | None = None
    """The shape of the JSON it answers with; None for other contents."""
    content_type: str = "application/json"
    parameters: tuple[Parameter[Any], ...] = ()
    examples: Mapping[str, str] = MappingProxyType({})
    """Values of those parameters that an example cannot do without."""
    exclusive: tuple[Parameter[Any], ...] = ()
    """Parameters of which at most one may be given."""
    errors: tuple[int, ...] = (400, 404, 503)
    """Statuses of its errors, apart from 405, which every address has."""
    headers: tuple[str, ...] = ("ETag",)
    """Headers of its answers that a client may want to read."""
    any_query: bool = False
    """Whether it ignores the query string, whatever that is."""

    @property
    def name(self) -> str:
        return self.view.__name__

    @property
    def places(self) -> dict[str, Place]:
        """The parts of its path that name something, in their order."""
        return {name: place for name, place in PLACES.items() if f"{{{name}}}" in self.path}


def add_route(blueprint: Blueprint, route: Route) -> None:
    """Let the blueprint, which has no prefix, answer a route."""

    async def view(**places: str) -> Response:
        if request.method == "OPTIONS":
            return preflight()
        if route.any_query:
            return await route.view(**places)
        return await route.view(Query(route.parameters, route.exclusive), **places)

    blueprint.add_url_rule(
        route.path.format_map({name: place.rule for name, place in PLACES.items()}),
        endpoint=route.name,
        view_func=view,
        methods=["GET", "OPTIONS"],
        provide_automatic_options=False,
        strict_slashes=False,
        merge_slashes=False,
    )


def preflight() -> Response:
    """The answer to a browser that asks what another site's script may do here."""
    return nothing(PREFLIGHT_HEADERS)
