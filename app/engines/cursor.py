"""The place between two pages of a search over several boards, as text for addresses.

`25~g.123~po.77_1~x.`: 25 hits so far; on /g/ it goes on with post 123, on /po/ with the ghost post 77_1, on /x/ there
is nothing left. Boards that are not named have not been begun.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

from msgspec import Struct

from app.errors import BadRequest
from app.model import LARGEST_NUMBER, PostId

_PLACE = re.compile(r"(\w[\w-]*)\.(?:([0-9]{1,10})(?:_([0-9]{1,10}))?)?")


class Cursor(Struct, frozen=True):
    seen: int = 0
    """Hits of earlier pages."""
    places: Mapping[str, PostId | None] = {}
    """The first post to look at, by board; None where all was looked at."""

    def is_done(self, board: str) -> bool:
        """Whether all of a board was looked at."""
        return board in self.places and self.places[board] is None

    def __str__(self) -> str:
        parts = (f"{name}.{'' if place is None else place}" for name, place in self.places.items())
        return "~".join((str(self.seen), *parts))


def read_cursor(text: str, boards: Collection[str]) -> Cursor:
    """Raises BadRequest for what is no cursor of a search in these boards."""
    seen, *parts = text.split("~")
    found: dict[str, PostId | None] = {}
    wrong = BadRequest('The parameter "cursor" is not a place in this search.')
    if not re.fullmatch("[0-9]{1,9}", seen, re.ASCII) or not parts:
        raise wrong
    for part in parts:
        match = _PLACE.fullmatch(part)
        if match is None or match[1] not in boards or match[1] in found:
            raise wrong
        place = None if match[2] is None else PostId(int(match[2]), int(match[3] or 0))
        if place is not None and max(place.num, place.subnum) > LARGEST_NUMBER:
            raise wrong
        found[match[1]] = place
    return Cursor(int(seen), found)
