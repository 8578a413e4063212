"""Rows of a board whose values a server puts together: its driver decodes every row, and every value, in Python.

Many rows at once come as JSON, single ones with signs between their values. What cannot be taken apart again is read
column by column.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from operator import itemgetter
from typing import Any, Final

import msgspec

from app.db.base import PACKED_BETWEEN, Database, Packing, Sql, StatementRefused, values
from app.db.pieces import Stride, read_piece

Row = tuple[Any, ...]

_AT_ONCE: Final = 500
_BETWEEN: Final = PACKED_BETWEEN.encode()
_FEW: Final = 0.25  # part of the rows asked for
_LONG: Final = 1_000  # bytes of a row


class PackedRows:
    """For one board, whose rows have their place in the column doc_id. Rows are (place, *numbers, *texts)."""

    def __init__(self, database: Database, posts: str, packing: Packing, plain: str, numbers: int, width: int) -> None:
        """`posts` is the table, `plain` lists the columns; of `width` values the first are `numbers`."""
        self._database = database
        self._posts = posts
        self._plain = plain
        self._numbers = numbers
        self._width = width
        self._rows = packing.rows
        self._refused = False
        # A type that is made here, which no checker follows.
        row: Any = tuple[(int,) * numbers + (str,) * (width - numbers)]  # type: ignore[misc]
        self._decode: Callable[[bytes], list[Row]] = msgspec.json.Decoder(list[row]).decode
        self.columns = f"doc_id, {packing.row}"
        """To be selected; `unpacked` makes rows of it."""

    async def joined(self, after: int, stride: Stride, last: int | None) -> list[Row]:
        """The rows behind a place, and none behind the last, read as one. Nothing where that cannot be done, or brings
        few rows because so many places are empty."""
        asked = end = 0

        def statement(rows: int) -> Sql:
            nonlocal asked, end
            asked = rows
            end = after + rows if last is None else min(after + rows, last)
            return Sql(
                f"SELECT COUNT(*), {self._rows} FROM {self._posts} WHERE doc_id > ? AND doc_id <= ?", (after, end)
            )

        if self._refused:
            return []
        try:
            ((count, packed),) = await read_piece(self._database, statement, stride)
        except StatementRefused:  # by a server that sends little at a time, or knows no JSON
            self._refused = True
            return []
        if not packed or (count < asked * _FEW and end != last):
            return []
        rows = self._decoded(packed)
        rows.sort(key=itemgetter(0))  # a server may join them in any order
        if len(rows) == count and after < rows[0][0] and rows[-1][0] <= end:
            return rows
        if count * _LONG < len(packed):  # the server has cut off what was too long
            stride.bound()
        return []

    async def unpacked(self, rows: list[Row]) -> list[Row]:
        """Rows of the selected `columns`, in their order."""
        found = [self._cut(packed) for _, packed in rows]
        whole = [row for row in found if row is not None]
        if len(whole) == len(found):
            return whole
        left = {place: packed for (place, packed), row in zip(rows, found, strict=True) if row is None}
        # As they are where they are read with others: what an index knows them by must not depend on that.
        torn = [place for place, packed in left.items() if packed is not None and packed.count(_BETWEEN) >= self._width]
        read = await self._read_as_json(torn)
        read |= await self._read(place for place in left if place not in read)
        # One that has gone meanwhile is left out.
        each = (row or read.get(place) for (place, _), row in zip(rows, found, strict=True))
        return [row for row in each if row is not None]

    def _decoded(self, packed: bytes) -> list[Row]:
        """Nothing where a column of a type of its own holds what is no number, or the server has cut off the end."""
        try:
            return self._decode(b"[%b]" % packed)
        except (msgspec.DecodeError, UnicodeDecodeError):
            return []

    def _cut(self, packed: bytes | None) -> Row | None:
        """The values, if they can be told apart."""
        if packed is None:  # longer than the server sends anything
            return None
        parts = packed.decode("utf-8", "replace").split(PACKED_BETWEEN)
        if len(parts) != self._width:  # a text has such a character itself
            return None
        try:
            return (*map(int, parts[: self._numbers]), *parts[self._numbers :])
        except ValueError:  # a column of a type of its own holds what is no number
            return None

    async def _read_as_json(self, places: Sequence[int]) -> dict[int, Row]:
        """Rows by place, as far as they can be read so."""
        found: dict[int, Row] = {}
        remaining = iter(places)
        while some := list(islice(remaining, _AT_ONCE)):
            read = await self._read_as_one(some)
            if len(read) < len(some):  # one of them spoils the others, or all are too long together
                for place in some:
                    read |= await self._read_as_one([place])
            found |= read
        return found

    async def _read_as_one(self, places: Sequence[int]) -> dict[int, Row]:
        statement = Sql(f"SELECT {self._rows} FROM {self._posts} WHERE doc_id IN") + values(places)
        try:
            ((packed,),) = await self._database.fetch(statement)
        except StatementRefused:  # as in `joined`; asked again each time, or a row would depend on what came before it
            return {}
        return {row[0]: row for row in self._decoded(packed or b"")}

    async def _read(self, places: Iterable[int]) -> dict[int, Row]:
        """Rows by place, column by column."""
        found: dict[int, Row] = {}
        remaining = iter(places)
        while some := list(islice(remaining, _AT_ONCE)):
            statement = Sql(f"SELECT {self._plain} FROM {self._posts} WHERE doc_id IN") + values(some)
            found |= {row[0]: row for row in await self._database.fetch(statement)}
        return found
