"""The front page: which boards there are."""

from __future__ import annotations

from msgspec import Struct
from quart import Blueprint, Response

from app.context import current_archive, page_links
from app.model import BoardSummary, listed
from app.times import to_the_minute
from app.urls import Links
from app.web.render import render
from app.web.text import counted, fit


class BoardEntry(Struct, frozen=True, gc=False):
    """A board in the list."""

    name: str
    title: str
    href: str
    facts: tuple[str, ...]
    description: str
    nsfw: bool


def add_routes(blueprint: Blueprint) -> None:
    blueprint.add_url_rule("/", view_func=home)


async def home() -> Response:
    links = page_links()
    entries = [_entry(summary, links) for summary in listed(current_archive().boards)]
    return render("home.html", title="", entries=entries)


def _entry(summary: BoardSummary, links: Links) -> BoardEntry:
    facts = []
    if not summary.available:
        facts.append("not available yet")
    elif summary.newest is None:
        facts.append("no posts")
    else:
        if summary.posts is not None:
            facts.append("about " + counted(summary.posts, "post"))
        facts.append(f"newest post {to_the_minute(summary.newest)} UTC")
    return BoardEntry(
        name=summary.name,
        title=fit(summary.title or summary.name),  # programs need some words beside the name
        href=links.board(summary.name),
        facts=tuple(facts),
        description=fit(summary.description or ""),
        nsfw=summary.nsfw,
    )
