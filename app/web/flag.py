"""Pictures of countries' flags: those of the package django-countries, of which nothing else is used.

Where it is not installed, flags are shown as words only.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from types import MappingProxyType
from typing import Final

from quart import Blueprint, Response

from app.countries import COUNTRIES
from app.errors import NotFound
from app.http import respond

_CACHING: Final = "public, max-age=2592000"  # a month: countries seldom change theirs


def add_routes(blueprint: Blueprint) -> None:
    blueprint.add_url_rule("/_/flag/<code>", view_func=flag)


async def flag(code: str) -> Response:
    path = flags().get(code)
    if path is None:
        raise NotFound("There is no flag of this country.")
    return respond(await asyncio.to_thread(path.read_bytes), "image/gif", cache_control=_CACHING)


@lru_cache(maxsize=1)
def flags() -> Mapping[str, Path]:
    """The pictures by code, in lower case, of the countries that posts can be from; looked for once per process."""
    package = find_spec("django_countries")  # which is not imported: it would want Django
    if package is None or package.origin is None:
        return MappingProxyType({})
    folder = Path(package.origin).parent / "static" / "flags"
    codes = (code.lower() for code in COUNTRIES)
    return MappingProxyType({code: path for code in codes if (path := folder / f"{code}.gif").is_file()})
