"""What search engines and other programs that walk the web are asked to leave alone (RFC 9309)."""

from __future__ import annotations

from typing import Final

from quart import Blueprint, Response

from app.context import absolute_links, current_archive, page_links
from app.http import respond

_LEFT_ALONE: Final = ("/*?", "/*/search/", "/*/full_image/", "/_/random/", "/api/", "/_/api/")
"""Pages without end, and what stands elsewhere too. An address with a query is one of many forms of a page; threads
are found by the sitemap, whose addresses have none."""

_ALLOWED: Final = ("/static/", "/*/search/$")
"""Style sheet and script have their version in a query; the forms of searches are pages like others."""

_CACHE_CONTROL: Final = "public, max-age=3600"


def add_routes(blueprint: Blueprint) -> None:
    blueprint.add_url_rule("/robots.txt", view_func=robots, strict_slashes=True)


async def robots() -> Response:
    """Hidden boards are not named: their pages themselves say that they want no index."""
    base = page_links().base
    if current_archive().settings.site.robots == "deny":
        lines = ["User-agent: *", f"Disallow: {base}/"]
    else:
        lines = [
            "User-agent: *",
            *(f"Disallow: {base}{path}" for path in _LEFT_ALONE),
            *(f"Allow: {base}{path}" for path in _ALLOWED),
            "",
            f"Sitemap: {absolute_links().sitemap()}",
        ]
    text = "\n".join(lines) + "\n"
    return respond(text.encode(), "text/plain; charset=utf-8", cache_control=_CACHE_CONTROL)
