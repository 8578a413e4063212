"""The answer to a search, for the API and for the command `koiwai search --json`."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final, cast

from app.api.shapes import Answered, HitShape, PostShape, SearchShape, SnippetShape
from app.search.outcome import SearchResult
from app.search.snippets import snippet_of
from app.search.telling import about

if TYPE_CHECKING:
    from app.archive import Archive

_TURN: Final = 10
"""Comments, of up to 64 kB each, looked through in one go before other requests get their turn."""


async def search_shape(archive: Archive, result: SearchResult, shapes: Sequence[PostShape]) -> SearchShape:
    """`shapes` are those of the posts found, in their order."""
    hits = []
    for place, (post, shape) in enumerate(zip(result.posts, shapes, strict=True), 1):
        found = snippet_of(post.comment, archive.board(post.board).settings.comments, result.query)
        hits.append(HitShape(shape, SnippetShape(found.text, list(map(list, found.places)))))
        if place % _TURN == 0:
            await asyncio.sleep(0)
    return SearchShape(
        outcome=cast("Answered", result.outcome),
        about=about(result.query, archive.boards),
        boards=list(result.boards),
        total=result.total,
        exact=result.exact,
        reached=result.reached,
        hits=hits,
        cursor=result.cursor,
    )
