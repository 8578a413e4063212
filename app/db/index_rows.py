"""All posts of a board for an index of them, piece by piece, and some of them again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from app.db.base import Database, Sql, values
from app.db.packed_rows import PackedRows
from app.db.pieces import Stride, read_piece
from app.db.schema import BoardTables

Row = tuple[Any, ...]


class IndexRows:
    """For one board. Rows are (place, *numbers, *texts); `place` is what the next piece goes on behind."""

    def __init__(self, database: Database, tables: BoardTables, numbers: Sequence[str], texts: Sequence[str]) -> None:
        posts, dialect = tables.posts, database.dialect
        self._database = database
        self._posts = dialect.quote(posts.name)
        self.place = place_column(tables)
        """The column by whose order all posts can be read piece by piece; None where no index helps."""
        of_numbers = [column if column in posts.columns else "0" for column in numbers]
        of_texts = [column if column in posts.columns else "NULL" for column in texts]
        place = self.place or "0"
        self._plain = ", ".join((place, *of_numbers, *of_texts))
        # Several posts may have one number.
        packing = dialect.packing((place, *of_numbers), of_texts) if self.place == "doc_id" else None
        self._packed = (
            PackedRows(database, self._posts, packing, self._plain, 1 + len(numbers), 1 + len(numbers) + len(texts))
            if packing is not None
            else None
        )
        self._columns = self._plain if self._packed is None else self._packed.columns
        # As an expression it keeps planners from walking through all numbers for the rows of one thread.
        self._num_in_thread = "num" if posts.has_index("thread_num", "num") else "num + 0"

    async def piece(self, after: int, stride: Stride, last: int | None = None) -> list[Row]:
        """The rows behind a place, and none behind the last, by place. None at the end alone."""
        if self._packed is not None and (found := await self._packed.joined(after, stride, last)):
            return found
        end, ends = ("", ()) if last is None else (f" AND {self.place} <= ?", (last,))

        def statement(rows: int) -> Sql:
            return Sql(
                f"SELECT {self._columns} FROM {self._posts} WHERE {self.place} > ?{end} ORDER BY {self.place} LIMIT ?",
                (after, *ends, rows),
            )

        while found := await read_piece(self._database, statement, stride):
            after = found[-1][0]
            if self.place == "num":
                # The last number may have more posts than these; the next piece begins with it.
                found = [row for row in found if row[0] != after] or await self._numbered(after)
            if found := await self._unpacked(found):
                return found
            # All of them have gone since they were seen.
        return []

    async def _numbered(self, num: int) -> list[Row]:
        """All rows of a number: where nobody replies any more, hundreds of ghost posts have the same."""
        return await self._database.fetch(Sql(f"SELECT {self._columns} FROM {self._posts} WHERE num = ?", (num,)))

    async def row_at(self, place: int) -> Row | None:
        """The row at a place, or one of those there."""
        statement = Sql(f"SELECT {self._plain} FROM {self._posts} WHERE {self.place} = ? LIMIT 1", (place,))
        return await self._database.fetch_one(statement)

    async def last_place(self) -> int:
        """0 on an empty board."""
        row = await self._database.fetch_one(Sql(f"SELECT MAX({self.place}) FROM {self._posts}"))
        return int(row[0] or 0) if row else 0

    async def place_behind(self, after: int, stride: Stride) -> int | None:
        """The place as many rows behind another as the stride has; None where there are not so many.

        The OFFSET is bounded by the stride, and walks along rows that are read next anyway."""

        def statement(rows: int) -> Sql:
            return Sql(
                f"SELECT {self.place} FROM {self._posts} WHERE {self.place} > ? ORDER BY {self.place} LIMIT 1 OFFSET ?",
                (after, rows - 1),
            )

        found = await read_piece(self._database, statement, stride)
        return int(found[0][0]) if found else None

    async def everything(self, limit: int) -> list[Row]:
        """For boards without an index to go by, as long as they are small."""
        statement = Sql(f"SELECT {self._plain} FROM {self._posts} ORDER BY num LIMIT ?", (limit,))
        return await self._database.fetch(statement)

    async def threads(self, thread_nums: Sequence[int], stride: Stride) -> list[Row]:
        """All rows of some threads that have few posts."""
        wanted = Sql(f"SELECT {self._columns} FROM {self._posts} WHERE thread_num IN") + values(thread_nums)
        return await self._unpacked(await read_piece(self._database, lambda rows: wanted, stride))

    async def thread_piece(self, thread_num: int, after: int, stride: Stride) -> list[Row]:
        """The rows of a thread with numbers behind one, by number, all of each number; none at its end."""

        def statement(rows: int) -> Sql:
            return Sql(
                f"SELECT {self._columns} FROM {self._posts} WHERE thread_num = ? AND num > ? "
                f"ORDER BY {self._num_in_thread} LIMIT ?",
                (thread_num, after, rows),
            )

        found = await self._unpacked(await read_piece(self._database, statement, stride))
        if not found:
            return []
        # The last number may have more posts than these, ghost posts; the next piece begins with it.
        last = found[-1][1]
        return [row for row in found if row[1] != last] or await self._unpacked(await self._numbered(last))

    async def _unpacked(self, rows: list[Row]) -> list[Row]:
        return rows if self._packed is None else await self._packed.unpacked(rows)


def place_column(tables: BoardTables) -> str | None:
    """The column by whose order all posts of a board can be read piece by piece; None where no index helps."""
    posts = tables.posts
    return next((each for each in ("doc_id", "num") if each in posts.columns and posts.has_index(each)), None)
