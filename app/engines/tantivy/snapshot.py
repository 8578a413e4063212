"""One state of a board's index, which searches share until the index has changed."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import msgspec
import tantivy
from tantivy import Occur, Query

from app.db.index_rows import place_column
from app.engines.tantivy.schema import FACTS, FORMAT, KEPT, KEPT_FACT, place_number
from app.engines.tantivy.windows import large_cells
from app.model import PostId

if TYPE_CHECKING:
    from app.board import Board

_NAMED_AT_ONCE: Final = 1_000

Clauses = list[tuple[Occur, Query]]


class Kept(msgspec.Struct, frozen=True):
    """What an index says of itself. It is written together with the posts it speaks of, or not at all."""

    basis: str
    """What of the board's settings the documents depend on."""
    place: int = 0
    """The last row that is in it, by the column by which rows are read."""
    marks: tuple[tuple[int, str], ...] = ()
    """Some rows up to that one, the newest first, and whose they are: in another archive they are somebody else's."""
    complete: bool = False
    """Whether it has once had all there was."""
    since: int = 0
    """When threads of the last days were read again the last time, as Unix time."""
    removed: int = 0
    """How many posts moderators had removed when the index last went without them."""


class NoIndex(Exception):
    """What lies there is no index that can be used. One sentence for the operator."""


def basis_of(board: Board) -> str:
    """Documents made on another basis than the board has now are of no use."""
    clock, place = board.clock, place_column(board.tables)
    return (
        f"{FORMAT} {board.database.dialect.name} {place} {clock.new_york} {clock.switch_num} {board.settings.comments}"
    )


class Snapshot:
    """Raises NoIndex for what is none."""

    def __init__(self, index: tantivy.Index) -> None:
        try:
            index.reload()
            self.schema = index.schema
            self.searcher = index.searcher()
            self.kept = read_kept(index.schema, self.searcher)
            self.cells = large_cells(self.searcher)
        except (ValueError, OSError) as error:
            raise NoIndex(f"it cannot be read: {_reason(error)}") from error
        self._removed: frozenset[PostId] | None = None
        self._left_out: Clauses = []

    def left_out(self, removed: frozenset[PostId]) -> Clauses:
        """What no search finds: posts that were removed since they came into the index, and what is no post."""
        if self._removed is not removed:
            nothing_else = (Occur.MustNot, Query.term_query(self.schema, FACTS, KEPT_FACT, "basic"))
            still_there = self._those_there(removed)
            gone = [(Occur.MustNot, self.places(still_there))] if still_there else []
            self._left_out = [nothing_else, *gone]
            self._removed = removed
        return self._left_out

    def places(self, numbers: Iterable[int]) -> Query:
        """The posts at these places."""
        return Query.term_set_query(self.schema, "place", list(numbers))

    def _those_there(self, removed: Collection[PostId]) -> list[int]:
        found: list[int] = []
        numbers = sorted(map(place_number, removed))
        for start in range(0, len(numbers), _NAMED_AT_ONCE):
            some = self.places(numbers[start : start + _NAMED_AT_ONCE])
            hits = self.searcher.search(some, limit=_NAMED_AT_ONCE, count=False, order_by_field="place").hits
            found += [place for place, _ in hits]
        return found


def open_index(folder: Path) -> tantivy.Index:
    """Raises NoIndex for what is none."""
    try:
        index = tantivy.Index.open(str(folder))
        index.config_reader("manual")
    except (ValueError, OSError) as error:
        raise NoIndex(f"it cannot be opened: {_reason(error)}") from error
    return index


def _reason(error: Exception) -> str:
    if "PermissionDenied" in str(error):  # tantivy lets nobody else read what it writes, and readers take a lock
        return 'it belongs to another user; "koiwai index" must run as the user that the server runs as'
    return str(error).splitlines()[0]


def read_kept(schema: tantivy.Schema, searcher: tantivy.Searcher) -> Kept:
    """Of an index to which nothing was ever written, nothing. Raises NoIndex, and ValueError where it is damaged."""
    found: Any = searcher.search(Query.term_query(schema, FACTS, KEPT_FACT, "basic"), limit=1, count=False).hits
    if not found:
        return Kept(basis="")
    try:
        return msgspec.json.decode(searcher.doc(found[0][1])[KEPT][0], type=Kept)
    except msgspec.MsgspecError as error:
        raise NoIndex(f"it says of itself what nobody understands: {error}") from error
