"""Comments as the `com` of 4chan's interface: the HTML that its clients take apart (FoolFuuka notes, section 8)."""

from __future__ import annotations

from collections.abc import Callable

from app.markup.page import QuoteLink
from app.markup.tokens import Comment, Quote


def escape_site(text: str) -> str:
    """The text as 4chan's interface escapes it: `& < > " '`, the last one as `&#039;`."""
    raise NotImplementedError


def to_fourchan(comment: Comment, link: Callable[[Quote], QuoteLink], board_href: Callable[[str], str]) -> str:
    """The comment in 4chan's HTML. `link` says where a quote leads; without an address it is a dead link."""
    raise NotImplementedError
