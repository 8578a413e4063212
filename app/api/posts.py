"""Posts of an answer turned into JSON shapes, with their comments in the forms that were asked for."""

from __future__ import annotations

import asyncio
from collections.abc import Container, Sequence
from typing import TYPE_CHECKING

from msgspec import UNSET
from msgspec.structs import replace

from app.api.shapes import PostShape, QuoteShape, RenderedShape
from app.api.shaping import ToShape, post_shape
from app.conversation import Conversation
from app.markup import parse, to_bbcode, to_text
from app.media_links import MediaLinks
from app.model import Post
from app.quotelinks import comment_html
from app.urls import Links

if TYPE_CHECKING:
    from app.archive import Archive

TURN = 100
"""Posts shaped in one go before other requests get their turn."""


async def shaped(
    archive: Archive,
    posts: Sequence[Post],
    *,
    shared: Links,
    pages: Links,
    fields: Container[str] | None = None,
    rendered: bool = False,
) -> list[PostShape]:
    """The shapes of `posts`, in their order. `rendered` adds each comment as our pages show it.

    `shared` makes the addresses of files, `pages` those within rendered comments.

    With `fields` (names of PostShape's fields) each shape has only these, the others are unset: JSON leaves them
    out, and what they would have cost is not done.
    """
    files = MediaLinks(shared, archive.settings)
    if fields is None:
        wanted: Container[str] = PostShape.__struct_fields__
        unset = {}
    else:
        wanted = fields
        unset = {name: UNSET for name in PostShape.__struct_fields__ if name not in fields}
        rendered = rendered or "rendered" in fields
        unset.pop("rendered", None)
    conversation = await archive.conversation(posts) if rendered else None
    boards = archive.boards
    shapes = []
    for place, post in enumerate(posts, 1):
        extra = UNSET if conversation is None else rendered_shape(pages, boards, conversation, post)
        comment = tagged_comment(archive, post) if "comment" in wanted else None
        shape = post_shape(post, wanted, comment, files, extra)
        shapes.append(replace(shape, **unset) if unset else shape)
        if place % TURN == 0:
            await asyncio.sleep(0)
    return shapes


def finder(posts: Sequence[Post], shapes: Sequence[PostShape]) -> ToShape:
    """A function from each of `posts` to its shape."""
    by_id = {(post.board, post.id): shape for post, shape in zip(posts, shapes, strict=True)}
    return lambda post: by_id[post.board, post.id]


def tagged_comment(archive: Archive, post: Post) -> str | None:
    """The comment as text with tags. Ready-made HTML of a site is never handed out, only its meaning."""
    if post.comment is None or archive.board(post.board).settings.comments != "html":
        return post.comment
    return to_bbcode(parse(post.comment, "html")) or None


def rendered_shape(links: Links, boards: Container[str], conversation: Conversation, post: Post) -> RenderedShape:
    """The comment of one of the conversation's posts as our pages show it."""
    key = (post.board, post.id)
    comment = conversation.comments[key]
    quotes = []
    for quote in comment.quotes:
        target = conversation.target(post, quote)
        quotes.append(QuoteShape(quote.board, quote.num, quote.subnum, target.kind, target.thread_num))
    return RenderedShape(
        html=str(comment_html(links, boards, conversation, post)),
        text=to_text(comment),
        quotes=quotes,
        backlinks=[str(post_id) for post_id in conversation.backlinks.get(key, ())],
    )
