"""Posts as HTML inside FoolFuuka's JSON: the key `formatted`, for clients that ask for a `theme`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final, cast

from quart import current_app

from app.api.foolfuuka.asking import given
from app.model import Post

FormatPosts = Callable[[Sequence[Post]], Awaitable[Sequence[str]]]
"""Makes the HTML of each of some posts, as it stands on our pages, with absolute links."""

_EXTENSION: Final = "koiwai.foolfuuka.format"


def keep_format(app: Any, format_posts: FormatPosts) -> None:
    """Pages are not ours to make: the app says who does."""
    app.extensions[_EXTENSION] = format_posts


async def formatted(posts: Sequence[Post]) -> Sequence[str | bool]:
    """The value of `formatted` of each post: false without a theme in the request."""
    if given("theme") is None:
        return [False] * len(posts)
    return await cast("FormatPosts", current_app.extensions[_EXTENSION])(posts)
