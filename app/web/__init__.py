"""The pages. One module per family of pages; each adds its own routes."""

from __future__ import annotations

from quart import Blueprint
from quart.blueprints import BlueprintSetupState

# `app.markup.page` loads these two when a comment needs them. A program that serves pages does so at its start, when
# nobody waits: later a third of a second would pass for all its readers.
import app.markup.highlight
import app.markup.mathml  # noqa: F401
from app.web import (
    about,
    api_page,
    banner,
    catalog,
    choices,
    downloads,
    favicon,
    feed,
    flag,
    gallery,
    help,
    home,
    image,
    index,
    live_files,
    opensearch,
    post,
    random,
    robots,
    search,
    sitemap,
    statistics,
    thread,
)
from app.web.embedding import format_posts
from app.web.errors import error_page
from app.web.render import EXTENSION
from app.web.templating import make_environment

__all__ = ["error_page", "format_posts", "pages_blueprint"]


def pages_blueprint() -> Blueprint:
    """All pages, as one blueprint. Registering it gives the app its template environment.

    The app must hold the Archive (see `app.context`) before the first request, and should have
    `url_map.merge_slashes` off: a media hash may hold two slashes in a row.
    """
    blueprint = Blueprint("pages", __name__)
    blueprint.record_once(_prepare)
    pages = (
        home,
        about,
        help,
        api_page,
        robots,
        favicon,
        banner,
        opensearch,
        index,
        catalog,
        gallery,
        thread,
        downloads,
        post,
        image,
        search,
        feed,
        flag,
        random,
        sitemap,
        statistics,
    )
    for family in (*pages, choices, live_files):
        family.add_routes(blueprint)
    return blueprint


def _prepare(state: BlueprintSetupState) -> None:
    state.app.extensions[EXTENSION] = make_environment()
