"""Comments as FoolFuuka's `comment_processed`: the HTML that its clients take apart (FoolFuuka notes, section 3)."""

from __future__ import annotations

from collections.abc import Callable

from app.markup.page import QuoteLink
from app.markup.tokens import Comment, Quote


def escape_named(text: str, *, double: bool = True) -> str:
    """The text as HTML in which every character that HTML 4.01 has a name for is written by that name.

    Without `double`, what is a reference already stays as it is.
    """
    raise NotImplementedError


def to_foolfuuka(comment: Comment, link: Callable[[Quote], QuoteLink], board_href: Callable[[str], str]) -> str:
    """The comment in FoolFuuka's HTML, whose spans may cross.

    `link` says where a quote leads; one without classes is a bare link (a board that the archive lacks). Notes and
    missing addresses are not used. `board_href` gives the address of any board.
    """
    raise NotImplementedError
