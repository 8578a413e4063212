"""From values to a page, with what every page has around its content."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from types import MappingProxyType
from typing import Any, Final, TypeVar, cast

from jinja2 import Environment
from markupsafe import Markup
from msgspec import Struct
from quart import Response, current_app, request

from app.assets import assets
from app.context import current_archive, page_links
from app.http import respond
from app.labels import RATING
from app.media_links import media_origins
from app.model import Post, listed
from app.settings import MediaSettings
from app.urls import Links
from app.web.site import site_view
from app.web.text import fit
from app.web.themes import SNIPPET, SNIPPET_HASH, THEMES, colours_of, scheme_of, theme_form
from app.web.view import PostView

T = TypeVar("T")
R = TypeVar("R")

EXTENSION: Final = "koiwai.templates"
"""The key of the template environment in `app.extensions`."""


@lru_cache(maxsize=8)
def security_headers(media: MediaSettings) -> Mapping[str, str]:
    """What a page may load, pictures from the operator's media servers among it, and what it tells others."""
    pictures = " ".join(("'self'", *media_origins(media)))
    return MappingProxyType(
        {
            "Content-Security-Policy": (
                f"default-src 'none'; img-src {pictures}; media-src {pictures}; style-src 'self'; "
                f"script-src 'self' {SNIPPET_HASH}; connect-src 'self'; "
                "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
            ),
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "same-origin",
        }
    )


_SLICE: Final = 100
"""Posts rendered at a stretch. Between two slices other requests get their turn."""

_STRETCH: Final = 0.02
"""Seconds after which they get it before."""


class BoardLink(Struct, frozen=True, gc=False):
    """A board in the list at the top of each page."""

    name: str
    title: str
    href: str
    current: bool
    nsfw: bool


class Crumb(Struct, frozen=True, gc=False):
    """A step on the way to a page; the last of them is the page itself and has no address."""

    text: str
    href: str | None = None


class Card(Struct, frozen=True, gc=False):
    """What other sites and search engines are told of a page."""

    address: str
    """Its one address, absolute."""
    description: str = ""
    """"" for what is said of the board or the site."""
    title: str = ""
    """"" for the window title."""
    picture: str | None = None
    """The absolute address of a picture for it."""
    kind: str = "website"
    """The type of Open Graph: website or article."""


class SearchBox(Struct, frozen=True, gc=False):
    """Where the search box of a page leads."""

    place: str
    """What is searched there, as part of its label."""
    action: str
    everywhere: str | None
    """The search of all boards, where `action` is that of one."""


def render(
    template: str,
    *,
    title: str,
    board: str | None = None,
    status: int = 200,
    last_modified: int | None = None,
    headers: Mapping[str, str] | None = None,
    card: Card | None = None,
    crumbs: Sequence[Crumb] = (),
    **values: Any,
) -> Response:
    """The page made of `template` and `values`, with all headers.

    `title` is the page's own part of the window title; the site's name follows it. `board` names the board
    that the page belongs to; it need not exist. `last_modified` is in Unix seconds. `card` is what others are told
    of the page, without which they are told little. `crumbs` is the way to it from the front page, which is not among
    them; a page that gives none lies right below the front page. The value `search_words`, which
    may be left out, stands in the search box.
    """
    archive, links = current_archive(), page_links()
    boards = archive.boards
    about = boards.get(board) if board is not None else None
    site = site_view(archive.settings.site, links)
    theme = request.args.get("theme", "")
    theme = theme if theme in THEMES else site.theme
    description = fit(about.description or "") if about else site.description
    html = (
        _environment()
        .get_template(template)
        .render(
            window_title=f"{title} - {site.name}" if title else site.name,
            site=site,
            home_href=links.home(),
            about_href=links.about(),
            help_href=links.help(),
            api_href=links.api(),
            favicon_href=links.favicon(),
            icon_href=links.static("favicon.svg"),
            opensearch_href=links.opensearch(),
            search_box=_search_box(links, None if about is None else about.name),
            style_href=_asset(links, "koiwai.css"),
            script_href=_asset(links, "koiwai.js"),
            snippet=Markup(SNIPPET),  # fixed text: escaped, it would not have the hash that the policy knows
            themes=THEMES,
            theme=theme_form(theme, request.args.items(multi=True)),
            scheme=scheme_of(theme),
            colours=colours_of(theme),
            card=card,
            told_title=(card and card.title) or title or site.name,
            told_description=(card and card.description) or description,
            told_picture=card.picture if card and not (about and about.nsfw) else None,
            crumbs=crumbs or ([Crumb(title)] if title else []),
            boards=[
                BoardLink(entry.name, fit(entry.title), links.board(entry.name), entry.name == board, entry.nsfw)
                for entry in listed(boards)
            ],
            description=description,
            rating=RATING if about and about.nsfw else None,
            hidden=archive.settings.site.robots == "deny" or (about is not None and about.hidden),
            **values,
        )
    )
    return respond(
        html.encode("utf-8", "replace"),
        "text/html; charset=utf-8",
        status=status,
        last_modified=last_modified,
        headers={**security_headers(archive.settings.media), **(headers or {})},
    )


def render_xml(template: str, content_type: str, *, last_modified: int | None = None, **values: Any) -> Response:
    """An XML document for programs, made of `template` and `values`, which must be fit for XML."""
    xml = _environment().get_template(template).render(**values)
    return respond(
        xml.encode("utf-8", "replace"),
        f"{content_type}; charset=utf-8",
        last_modified=last_modified,
        headers=security_headers(current_archive().settings.media),
    )


def redirect_to(address: str, status: int = 302, headers: Mapping[str, str] | None = None) -> Response:
    """A redirect to `address`, which must come from `Links` or `MediaLinks`."""
    return respond(
        f"See {address}\n".encode(),
        "text/plain; charset=utf-8",
        status=status,
        headers={**security_headers(current_archive().settings.media), "Location": address, **(headers or {})},
    )


async def render_posts(posts: Sequence[Post], view: Callable[[Post], PostView]) -> Markup:
    """The HTML of many posts, made in slices, so that one huge thread does not hold up everybody else."""
    macro = macros("post.html").posts
    parts = []
    for start in range(0, len(posts), _SLICE):
        if start:
            await asyncio.sleep(0)
        parts.append(macro(await in_turns(posts[start : start + _SLICE], view)))
    return Markup("").join(parts)


async def in_turns(things: Sequence[T], make: Callable[[T], R]) -> list[R]:
    """What `make` makes of each, others getting their turn whenever it has taken a while.

    A few posts of code or formulas, or a long comment, may take as long as a hundred other posts.
    """
    made, began = [], time.monotonic()
    for thing in things:
        if time.monotonic() - began > _STRETCH:
            await asyncio.sleep(0)
            began = time.monotonic()
        made.append(make(thing))
    return made


def macros(template: str) -> Any:
    """The macros of a template, to be called one by one."""
    return _environment().get_template(template).module


def _asset(links: Links, name: str) -> str:
    return links.static(name, assets()[name].version)


def _search_box(links: Links, board: str | None) -> SearchBox:
    if board is None:
        return SearchBox("all boards", links.search(), None)
    return SearchBox(f"/{board}/", links.search(board), links.search())


def _environment() -> Environment:
    return cast(Environment, current_app.extensions[EXTENSION])
