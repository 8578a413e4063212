"""The front page: which boards there are, how busy they are, and what is new on them."""

from __future__ import annotations

import asyncio
from typing import Final

from markupsafe import Markup
from msgspec import Struct
from quart import Blueprint, Response

from app.context import absolute_links, current_archive, page_links
from app.errors import NotFound, Unavailable
from app.model import BoardSummary, listed
from app.times import to_the_minute
from app.urls import Links
from app.web.activity import Activity, activity_of
from app.web.newest import newest_threads
from app.web.render import Card, render
from app.web.text import counted, fit

_PATIENCE: Final = 0.25
"""Seconds that the page waits for what nobody has asked for since the server was started."""


class BoardEntry(Struct, frozen=True, gc=False):
    """A board in the list."""

    name: str
    title: str
    href: str
    facts: tuple[str, ...]
    description: str
    nsfw: bool
    drawing: Markup | None
    """Its posts of the last year, week by week."""


def add_routes(blueprint: Blueprint) -> None:
    blueprint.add_url_rule("/", view_func=home)


async def home() -> Response:
    links = page_links()
    boards = listed(current_archive().boards)
    activities = await asyncio.gather(*(_activity(board.name) for board in boards))
    return render(
        "home.html",
        title="",
        card=Card(absolute_links().home()),
        entries=[_entry(*each, links) for each in zip(boards, activities, strict=True)],
        newest=newest_threads(),
        random_href=links.random(),
    )


async def _activity(board: str) -> Activity | None:
    """None also while nothing is known: the list of boards hardly waits for it."""
    archive = current_archive()
    try:
        statistics = await archive.statistics(archive.board(board), patience=_PATIENCE)
    except (NotFound, Unavailable):
        return None
    return None if statistics is None else activity_of(statistics)


def _entry(summary: BoardSummary, activity: Activity | None, links: Links) -> BoardEntry:
    facts = []
    if not summary.available:
        facts.append("not available yet")
    elif summary.newest is None:
        facts.append("no posts")
    else:
        if summary.posts is not None:
            facts.append("about " + counted(summary.posts, "post"))
        if activity is not None:
            facts.append(activity.fact)
        facts.append(f"newest post {to_the_minute(summary.newest)} UTC")
    return BoardEntry(
        name=summary.name,
        title=fit(summary.title or summary.name),  # programs need some words beside the name
        href=links.board(summary.name),
        facts=tuple(facts),
        description=fit(summary.description or ""),
        nsfw=summary.nsfw,
        drawing=None if activity is None else activity.drawing,
    )
