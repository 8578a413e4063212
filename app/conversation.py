"""Posts that are shown together: their comments taken apart, and what each quote in them leads to."""

from __future__ import annotations

from collections.abc import Container, Sequence
from typing import Literal

from msgspec import Struct, field

from app.markup import Comment, Effort, Quote
from app.model import Post, PostId

Key = tuple[str, PostId]
"""Board and id of a post."""


class QuoteTarget(Struct, frozen=True):
    """What a quote leads to."""

    kind: Literal["here", "thread", "board", "dead", "elsewhere", "unknown"]
    """here: shown with the quoting post, in the same thread; thread: elsewhere on its board; board: on another
    board of this archive; dead: the archive does not have it; elsewhere: on a board this archive does not have;
    unknown: not looked up."""
    board: str
    id: PostId
    thread_num: int | None
    """The thread of the quoted post where the archive knows it."""
    op: bool
    """Whether the quoted post is the opening post of its thread."""


class Conversation(Struct, frozen=True):
    posts: tuple[Post, ...]
    comments: dict[Key, Comment]
    backlinks: dict[Key, tuple[PostId, ...]]
    """For each post that others of its thread, among `posts`, quote: those others, in order."""
    threads: dict[Key, int | None]
    """Thread of each quoted post that was looked up; None where the archive does not have it."""
    boards: Container[str]
    """Names of the boards this archive has."""
    effort: Effort = field(default_factory=Effort)
    """Spent as the comments are turned into HTML, each once."""

    def target(self, post: Post, quote: Quote) -> QuoteTarget:
        board = post.board if quote.board is None else quote.board
        target = PostId(quote.num, quote.subnum)
        if board not in self.boards:
            return QuoteTarget("elsewhere", board, target, None, op=False)
        if (board, target) not in self.threads:
            return QuoteTarget("unknown", board, target, None, op=False)
        thread_num = self.threads[board, target]
        if thread_num is None:
            return QuoteTarget("dead", board, target, None, op=False)
        op = target == PostId(thread_num)
        if board != post.board:
            return QuoteTarget("board", board, target, thread_num, op)
        shown_here = thread_num == post.thread_num and (board, target) in self.comments
        return QuoteTarget("here" if shown_here else "thread", board, target, thread_num, op)


def backlinks_among(posts: Sequence[Post], comments: dict[Key, Comment]) -> dict[Key, tuple[PostId, ...]]:
    """Which posts of the same thread quote which, by `>>123`; a post that quotes itself is not listed."""
    found: dict[Key, dict[PostId, None]] = {}
    threads = {(post.board, post.id): post.thread_num for post in posts}
    for post in posts:
        for quote in comments[post.board, post.id].quotes:
            quoted = (post.board, PostId(quote.num, quote.subnum))
            if quote.board is None and threads.get(quoted) == post.thread_num and quoted[1] != post.id:
                found.setdefault(quoted, {})[post.id] = None
    return {quoted: tuple(quoting) for quoted, quoting in found.items()}
