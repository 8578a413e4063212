"""Builds the token sequence of one comment and keeps it well nested."""

from __future__ import annotations

from app.markup.tokens import (
    NEWLINE,
    BoardLink,
    Close,
    Comment,
    Open,
    Quote,
    Text,
    Token,
)

MAX_DEPTH = 64
"""Tags open at once. Browsers get slow with thousands of them; people use two or three."""


class Builder:
    """Collects tokens; ``close`` and ``newline`` insert the split tokens that keep the nesting right.

    The stack holds the ranges that are open. At most one of them is a line range (green or quoteline), at
    ``line_at``; tags below it were opened before the line began and outlive it.
    """

    __slots__ = ("board_links", "line_at", "quotes", "stack", "tokens")

    def __init__(self) -> None:
        self.tokens: list[Token] = []
        self.stack: list[Open] = []
        self.line_at = -1
        self.quotes: dict[tuple[str | None, int, int], Quote] = {}
        self.board_links: dict[str, BoardLink] = {}

    def text(self, text: str) -> None:
        """Add visible text, which may be empty."""
        if text:
            self.tokens.append(Text(text))

    def refer(self, link: Quote | BoardLink) -> None:
        """Add a quotelink or board link and remember what it refers to."""
        self.tokens.append(link)
        if isinstance(link, Quote):
            self.quotes.setdefault((link.board, link.num, link.subnum), link)
        else:
            self.board_links.setdefault(link.board, link)

    def is_full(self) -> bool:
        """Whether no more tags may be opened."""
        return len(self.stack) >= MAX_DEPTH

    def open(self, tag: str, value: str | None = None) -> None:
        """Open a tag; the caller has asked ``is_full``."""
        token = Open(tag, value)
        self.stack.append(token)
        self.tokens.append(token)

    def open_line(self, tag: str) -> None:
        """Mark the line that begins here as ``tag``; it ends with the line."""
        self.line_at = len(self.stack)
        token = Open(tag)
        self.stack.append(token)
        self.tokens.append(token)

    def is_open(self, tag: str) -> bool:
        """Whether ``tag`` is open."""
        for token in self.stack:  # noqa: SIM110  (a generator costs ten times as much)
            if token.tag == tag:
                return True
        return False

    def close(self, tag: str) -> bool:
        """Close the innermost open ``tag`` and all that was opened inside it; False when there is none.

        A line range inside it is cut: it goes on behind the closed tag. Line ranges themselves end with
        ``newline`` only.
        """
        stack, add = self.stack, self.tokens.append
        for at in range(len(stack) - 1, -1, -1):
            if stack[at].tag == tag:
                break
        else:
            return False
        line_at = self.line_at
        for index in range(len(stack) - 1, at - 1, -1):
            add(Close(stack[index].tag, at < index == line_at))
        line = stack[line_at] if at < line_at else None
        del stack[at:]
        if line is not None:
            self.line_at = at
            line = Open(line.tag, None, True)
            stack.append(line)
            add(line)
        return True

    def newline(self) -> None:
        """End the line, and with it its line range."""
        line_at = self.line_at
        if line_at < 0:
            self.tokens.append(NEWLINE)
            return
        stack, add = self.stack, self.tokens.append
        inner = stack[line_at + 1 :]
        for token in reversed(inner):
            add(Close(token.tag, True))
        add(Close(stack[line_at].tag))
        add(NEWLINE)
        del stack[line_at:]
        self.line_at = -1
        for token in inner:
            again = Open(token.tag, token.value, True)
            stack.append(again)
            add(again)

    def finish(self) -> Comment:
        """Close what is open and hand over the comment."""
        for token in reversed(self.stack):
            self.tokens.append(Close(token.tag))
        self.stack.clear()
        return Comment(tuple(self.tokens), tuple(self.quotes.values()), tuple(self.board_links.values()))
