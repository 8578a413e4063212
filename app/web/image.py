"""The posts of a board that have the same file."""

from __future__ import annotations

import re

from quart import Blueprint, Response
from quart.blueprints import BlueprintSetupState
from werkzeug.routing import BaseConverter

from app.context import absolute_links, current_archive, page_links
from app.urls import urlsafe_hash
from app.web.board_page import post_views, render_board
from app.web.file_menu import file_menu
from app.web.paging import PageLink
from app.web.params import post_parameter
from app.web.render import Card, redirect_to, render_posts

_HASH_AND_PAGE = re.compile(r"(.{22})=?=?(?:/([0-9]{1,9}))?/?", re.ASCII)


class MediaHashConverter(BaseConverter):
    """A base64 MD5 in a path: 22 characters of either alphabet, with or without padding, a page and a closing slash.

    The standard alphabet has a slash, and servers decode `%2F` before they route, so a hash may seem to be
    several segments long. Media files, whose addresses begin alike, have a dot in their names.
    """

    regex = "[A-Za-z0-9+/_-]{22}=?=?(?:/[0-9]+)?/?"
    part_isolating = False


def add_routes(blueprint: Blueprint) -> None:
    blueprint.record_once(_add_converter)
    blueprint.add_url_rule("/<board>/image/<media_hash:text>", view_func=same_image)
    blueprint.add_url_rule("/<board>/image/<text>/", view_func=same_image, strict_slashes=False)


async def same_image(board: str, text: str) -> Response:
    archive, links = current_archive(), page_links()
    known, before = archive.board(board), post_parameter("before")
    match = _HASH_AND_PAGE.fullmatch(text)
    media_hash = text if match is None else match[1]
    if match is not None and match[2] and int(match[2]) > 1:
        pairs = (("image", urlsafe_hash(media_hash)), ("page", match[2].lstrip("0")))
        return redirect_to(links.search(known.name, pairs))
    found = await archive.posts_with_media(known, media_hash, before=before)
    views, _ = await post_views(found.posts)
    first = PageLink("← Newest", links.hash(board, media_hash), "prev", "prev")
    pages = [first] if before is not None else []
    if found.older is not None:
        pages.append(PageLink("Older →", links.hash(board, media_hash, found.older), "next", "next"))
    return render_board(
        "posts.html",
        known,
        page_name="Posts with the same file",
        card=Card(absolute_links().hash(known.name, media_hash)),
        menu=next((menu for post in found.posts if (menu := file_menu(post)) is not None), None),
        note=f"File hash (MD5): {urlsafe_hash(media_hash)}",
        posts=await render_posts(found.posts, views.found),
        pages=pages,
    )


def _add_converter(state: BlueprintSetupState) -> None:
    state.app.url_map.converters["media_hash"] = MediaHashConverter
