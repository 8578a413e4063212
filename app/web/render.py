"""From values to a page: the template environment, and what every page has around its content.

Templates are rendered by an environment of our own, not by Quart's: that one is asynchronous, which costs
about twice the time, and escapes by file name. Ours escapes everything, always.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, cast

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from msgspec import Struct
from quart import Response, current_app

from app.context import current_archive, page_links
from app.http import respond
from app.model import Post
from app.web.view import PostView

EXTENSION: Final = "koiwai.templates"
"""The key of the template environment in `app.extensions`."""

SECURITY_HEADERS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "Content-Security-Policy": (
            "default-src 'none'; img-src 'self'; media-src 'self'; style-src 'self'; form-action 'self'; "
            "base-uri 'none'; frame-ancestors 'none'"
        ),
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin",
    }
)

_SLICE: Final = 100
"""Posts rendered at a stretch. Between two slices other requests get their turn."""


class BoardLink(Struct, frozen=True, gc=False):
    """A board in the list at the top of each page."""

    name: str
    title: str
    href: str
    current: bool


def make_environment() -> Environment:
    """The environment of all templates, which lie in `templates/` beside the `app` package."""
    folder = Path(__file__).resolve().parents[2] / "templates"
    return Environment(
        loader=FileSystemLoader(folder),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )


def render(
    template: str,
    *,
    title: str,
    board: str | None = None,
    status: int = 200,
    last_modified: int | None = None,
    headers: Mapping[str, str] | None = None,
    **values: Any,
) -> Response:
    """The page made of `template` and `values`, with all headers.

    `title` is the page's own part of the window title; the site's name follows it. `board` names the board
    that the page belongs to; it need not exist. `last_modified` is in Unix seconds.
    """
    archive, links = current_archive(), page_links()
    site = archive.settings.site.name
    html = (
        _environment()
        .get_template(template)
        .render(
            window_title=f"{title} - {site}" if title else site,
            site=site,
            home_href=links.home(),
            style_href=links.static("koiwai.css"),
            boards=[
                BoardLink(name, listed.title, links.board(name), name == board)
                for name, listed in archive.boards.items()
            ],
            **values,
        )
    )
    return respond(
        html.encode("utf-8", "replace"),
        "text/html; charset=utf-8",
        status=status,
        last_modified=last_modified,
        headers={**SECURITY_HEADERS, **(headers or {})},
    )


def redirect_to(address: str) -> Response:
    """A 302 to `address`, which must come from `Links`."""
    return respond(
        f"See {address}\n".encode(),
        "text/plain; charset=utf-8",
        status=302,
        headers={**SECURITY_HEADERS, "Location": address},
    )


async def render_posts(posts: Sequence[Post], view: Callable[[Post], PostView]) -> Markup:
    """The HTML of many posts, made in slices, so that one huge thread does not hold up everybody else."""
    macro = cast(Any, _environment().get_template("post.html").module).posts
    parts = []
    for start in range(0, len(posts), _SLICE):
        if start:
            await asyncio.sleep(0)
        parts.append(macro([view(post) for post in posts[start : start + _SLICE]]))
    return Markup("").join(parts)


def _environment() -> Environment:
    return cast(Environment, current_app.extensions[EXTENSION])
