"""The answer to a search, for the API and for the command `koiwai search --json`."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final, cast

from app.api.shapes import Answered, HitShape, PostShape, SearchShape, SnippetShape
from app.search.outcome import SearchResult
from app.search.snippets import snippet_of
from app.search.telling import about

if TYPE_CHECKING:
    from app.archive import Archive

_TURN: Final = 0.01  # seconds until others get their turn; a comment may have 64 kB


async def search_shape(archive: Archive, result: SearchResult, shapes: Sequence[PostShape]) -> SearchShape:
    """`shapes` are those of the posts found, in their order."""
    hits = []
    began = time.monotonic()
    for post, shape in zip(result.posts, shapes, strict=True):
        found = snippet_of(post.comment, archive.board(post.board).settings.comments, result.query)
        hits.append(HitShape(shape, SnippetShape(found.text, list(map(list, found.places)))))
        if time.monotonic() - began > _TURN:
            await asyncio.sleep(0)
            began = time.monotonic()
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
