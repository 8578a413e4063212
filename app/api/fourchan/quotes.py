"""Where quotes lead in the comments of 4chan's interface."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.context import page_links
from app.markup import Quote, QuoteLink
from app.model import Post
from app.urls import Links

if TYPE_CHECKING:
    from app.archive import Archive
    from app.conversation import Conversation


class Quotes:
    """The links of the quotes in a conversation."""

    def __init__(self, archive: Archive, conversation: Conversation) -> None:
        self._conversation = conversation
        self._boards = archive.boards
        self._links = page_links()
        self._live = Links(f"//{archive.settings.archive.host}")

    def link(self, post: Post, quote: Quote) -> QuoteLink:
        """Where `quote` leads as it stands in `post`.

        Within a thread that is a place in it, whether the quoted post is in the same answer or not. A ghost post is in
        no answer, so a quote of it is dead.
        """
        target = self._conversation.target(post, quote)
        thread = target.thread_num
        if target.kind == "dead" or quote.subnum:
            href = None
        elif target.kind == "elsewhere":
            href = self._live.quoted_post(target.board, quote.num, quote.num)
        elif target.board == post.board and thread == post.thread_num:
            href = f"#p{quote.num}"
        else:
            # Of a thread that was not looked up the post's own number will do: it leads to the thread.
            href = self._links.quoted_post(target.board, quote.num if thread is None else thread, quote.num)
        return QuoteLink(href, "", target.board, str(target.id))

    def board(self, board: str) -> str:
        """The address of any board."""
        return (self._links if board in self._boards else self._live).board(board)
