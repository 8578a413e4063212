"""Where quotes lead in FoolFuuka's HTML. Nothing is looked up: what is not in the same answer has an address of its
own, which finds it (FoolFuuka notes, section 3)."""

from __future__ import annotations

from collections.abc import Container, Sequence

from app.markup import Quote, QuoteLink
from app.model import Post, PostId
from app.urls import Links, LiveLinks


class Quotes:
    """The links of the quotes in some posts that are answered together."""

    def __init__(self, posts: Sequence[Post], links: Links, live: LiveLinks, boards: Container[str]) -> None:
        """`boards` are the names of the archive's; quotes of others lead to the live site."""
        self._threads = {(post.board, post.id): post.thread_num for post in posts}
        self._links = links
        self._live = live
        self._boards = boards

    def link(self, post: Post, quote: Quote) -> QuoteLink:
        """Where `quote` leads as it stands in `post`."""
        board = post.board if quote.board is None else quote.board
        target = PostId(quote.num, quote.subnum)
        if board not in self._boards:
            return QuoteLink(self._live.quoted(board, quote.num), "", board, str(target))
        classes = "backlink"
        if quote.board is None and self._threads.get((board, target)) == post.thread_num:
            href = self._links.thread(board, post.thread_num, target)
            if target == PostId(post.thread_num):
                classes = "backlink op"
        else:
            href = self._links.post(board, target)
        return QuoteLink(href, classes, board, str(target))

    def board(self, board: str) -> str:
        """The address of any board."""
        return self._links.board(board) if board in self._boards else self._live.quoted(board)
