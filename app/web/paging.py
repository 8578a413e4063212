"""The links between the pages of a list."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from msgspec import Struct

from app.model import ThreadPage

_NEAR: Final = 2
"""Page numbers shown on each side of the current one, besides the first and the last."""


class PageLink(Struct, frozen=True, gc=False):
    """One item of a `paginate` list."""

    text: str
    href: str | None
    """None for a gap between page numbers."""
    classes: str = ""
    rel: str = ""
    current: bool = False


def paginate(
    page: ThreadPage,
    *,
    before: Callable[[str], str],
    after: Callable[[str], str],
    numbered: Callable[[int], str] | None = None,
) -> tuple[PageLink, ...]:
    """Newer, page numbers, older. `numbered` is None for a list whose pages have no numbers.

    Newer and older go by cursor, so that a reader who pages on sees no thread twice when others are bumped.
    """
    items = []
    if page.newer:
        items.append(PageLink("← Newer", after(page.newer), "prev", "prev"))
    if numbered is not None:
        items.extend(_numbers(page, numbered))
    if page.older:
        items.append(PageLink("Older →", before(page.older), "next", "next"))
    return tuple(items) if page.newer or page.older or page.pages > 1 else ()


def _numbers(page: ThreadPage, numbered: Callable[[int], str]) -> list[PageLink]:
    current = page.number or 0
    near = range(max(1, current - _NEAR), min(page.pages, max(current, 1) + _NEAR) + 1)
    items, last = [], 0
    for number in sorted({1, *near, page.pages}):
        if number > last + 1:
            items.append(PageLink("…", None, "disabled"))
        items.append(
            PageLink(str(number), numbered(number), "active", current=True)
            if number == current
            else PageLink(str(number), numbered(number))
        )
        last = number
    return items
