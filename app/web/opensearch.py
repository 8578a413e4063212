"""What browsers read to search this archive from their address bar (OpenSearch 1.1)."""

from __future__ import annotations

from typing import Final

from quart import Blueprint, Response

from app.context import absolute_links, current_archive
from app.web.render import render_xml
from app.web.text import one_line

_SHORT_NAME: Final = 16
_NAME: Final = 900
"""Characters that the format allows for a short name, and, of 1,024, for the name in the description."""

_TYPED: Final = "{searchTerms}"
"""Stands for what was typed, percent-encoded."""


def add_routes(blueprint: Blueprint) -> None:
    blueprint.add_url_rule("/_/opensearch/", view_func=opensearch, strict_slashes=False)


async def opensearch() -> Response:
    links, name = absolute_links(), current_archive().settings.site.name
    return render_xml(
        "opensearch.xml",
        "application/opensearchdescription+xml",
        short_name=one_line(name, _SHORT_NAME),
        name=one_line(name, _NAME),
        page_template=links.search(pairs=[("q", "")]) + _TYPED,
        feed_template=links.search(pairs=[("text", "")], feed=True) + _TYPED,
        href=links.opensearch(),
    )
