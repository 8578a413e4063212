"""Posts as pieces of HTML that stand in the pages of others: in FoolFuuka's JSON, for its own scripts."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from app.context import absolute_links
from app.model import Post
from app.web.board_page import post_views
from app.web.render import render_posts

TURN = 50
"""Posts rendered in one go before other requests get their turn."""


async def format_posts(posts: Sequence[Post]) -> list[str]:
    """The HTML of each post as it stands in a thread on our pages, with absolute links."""
    views, _ = await post_views(posts, links=absolute_links())
    pieces = []
    for place, post in enumerate(posts, 1):
        pieces.append(str(await render_posts([post], views.reply)).strip())
        if place % TURN == 0:
            await asyncio.sleep(0)
    return pieces
