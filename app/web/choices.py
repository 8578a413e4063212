"""What FoolFuuka keeps in cookies, the order of an index, a theme, a language: here part of the address."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final
from urllib.parse import urlsplit

from quart import Blueprint, Response, request

from app.context import current_archive, page_links
from app.errors import NotFound
from app.urls import with_values
from app.web.render import redirect_to

_ORDERS: Final = MappingProxyType({"by_post": "bump", "by_thread": "creation"})


def add_routes(blueprint: Blueprint) -> None:
    blueprint.add_url_rule("/<board>/page_mode/<mode>/", view_func=page_mode, strict_slashes=False)
    blueprint.add_url_rule("/_/theme/<path:chosen>", view_func=theme)
    blueprint.add_url_rule("/_/language/<code>/", view_func=language, strict_slashes=False)


async def page_mode(board: str, mode: str) -> Response:
    known = current_archive().board(board)
    if mode not in _ORDERS:
        raise NotFound("There is no such order of threads.")
    return redirect_to(page_links().index(known.name, _ORDERS[mode]))


async def theme(chosen: str) -> Response:
    """`vendor/theme/style`, or without the style; the last of them is what a reader has chosen."""
    parts = [part for part in chosen.split("/") if part][:3]
    return _back("theme", parts[-1] if parts else "")


async def language(code: str) -> Response:
    return _back("language", code)


def _back(key: str, value: str) -> Response:
    """To the page of ours that the visitor came from, else to the front page, with the choice in its address."""
    return redirect_to(with_values(_came_from() or page_links().home(), {key: value}))


def _came_from() -> str | None:
    try:
        address = urlsplit(request.referrer or "")
    except ValueError:
        return None
    path = address.path
    ours = address.netloc == request.host and path.startswith(page_links().home()) and path.isascii()
    # Browsers take a backslash for a slash, and what begins with two for another host.
    return f"{path}?{address.query}" if ours and not path.startswith("//") and "\\" not in path else None
