"""Where pages of a search begin, by their number: FoolFuuka's clients know no cursors.

Without it page 40 would find the 39 pages before it once more, and a search that runs out of time would stop at the
same post however often it is asked. What one process has answered, another does not know; it begins at the start then.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from typing import Final, cast

from quart import current_app

MOST: Final = 5_000
LONGEST_KEPT: Final = 600.0
"""Places remembered at once, and for how many seconds: new posts move what a number means."""

_EXTENSION: Final = "koiwai.foolfuuka.search_places"

Page = tuple[object, int]
"""A search, as a value that can be compared, and the number of one of its pages."""


class SearchPlaces:
    """Cursors of pages that have not been asked for yet, or not been found yet."""

    def __init__(self) -> None:
        self._cursors: OrderedDict[Page, tuple[str, float]] = OrderedDict()

    def get(self, page: Page) -> str | None:
        """The cursor where the page begins; None when that is not known, or not any more."""
        cursor, known_at = self._cursors.get(page, (None, 0.0))
        return cursor if time.monotonic() - known_at < LONGEST_KEPT else None

    def put(self, page: Page, cursor: str) -> None:
        self._cursors[page] = (cursor, time.monotonic())
        self._cursors.move_to_end(page)
        if len(self._cursors) > MOST:
            self._cursors.popitem(last=False)


def current_places() -> SearchPlaces:
    """Those of the running app."""
    return cast("SearchPlaces", current_app.extensions.setdefault(_EXTENSION, SearchPlaces()))
