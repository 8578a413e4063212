"""Where a quote such as `>>123` leads, and how it is marked. Pages and API ask here, and nowhere else."""

from __future__ import annotations

from collections.abc import Container

from markupsafe import Markup

from app.conversation import Conversation, QuoteTarget
from app.markup import Quote, QuoteLink, Spans, to_html
from app.model import Post
from app.urls import Links

OP_NOTE = "(OP)"
"""Shown after a quote of the opening post of the same thread."""

CROSS_THREAD_NOTE = "→"
"""Shown after a quote that leaves its thread although its text does not say so."""


def comment_html(
    links: Links, boards: Container[str], conversation: Conversation, post: Post, mark: Spans | None = None
) -> Markup:
    """The comment of one of the conversation's posts as HTML for our pages.

    `boards` are the names of the archive's boards: a reference to another board stays text. `mark` says what to
    highlight in it.
    """
    return to_html(
        conversation.comments[post.board, post.id],
        lambda quote: quote_link(links, post, quote, conversation.target(post, quote)),
        lambda board: links.board(board) if board in boards else None,
        mark,
        conversation.effort,
    )


def quote_link(links: Links, post: Post, quote: Quote, target: QuoteTarget) -> QuoteLink:
    """The link for `quote` as it stands in `post`, given what the archive knows of its `target`.

    A quote of a known post leads to the post in its thread; of a post whose thread was not looked up, to
    the post's own address, which finds the thread. A quote of a post or board that the archive lacks is no link.
    """
    if target.kind == "dead":
        return QuoteLink(None, "deadlink", target.board, str(target.id))
    if target.kind == "elsewhere":
        return QuoteLink(None, "elsewhere", target.board, str(target.id))
    if target.thread_num is None:
        href = links.post(target.board, target.id)
    else:
        href = links.thread(target.board, target.thread_num, target.id)
    classes, note = "backlink", ""
    if target.board != post.board:
        classes = "backlink cross-board"
    elif target.thread_num not in {None, post.thread_num}:
        classes = "backlink cross-thread"
        note = CROSS_THREAD_NOTE if quote.board is None else ""
    elif target.op:
        classes, note = "backlink op", OP_NOTE
    return QuoteLink(href, classes, target.board, str(target.id), note)
