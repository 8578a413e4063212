"""Adds to a board's index what is not in it yet, in the order of rows, so that it can be ended at any moment.

How far it is stands in the index itself and is written together with the posts: after any end, even a hard one, it goes
on where the last writing was whole, with nothing lost and nothing twice.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Collection, Sequence
from typing import Final

import msgspec
import tantivy
from msgspec.structs import replace

from app.board import Board
from app.db.index_rows import IndexRows
from app.db.pieces import Place, Stride, Tell
from app.engines.tantivy.documents import NUMBERS, TEXTS, Prepared, digests_of, kept_document
from app.engines.tantivy.schema import FACTS, KEPT_FACT
from app.engines.tantivy.snapshot import Kept
from app.errors import Unavailable
from app.indexing.apart import apart
from app.indexing.batches import Batch, Batches, OwnBatches, prepared_in_slices
from app.indexing.generations import CannotIndex, Generation
from app.indexing.rows import Row, mark, wanted
from app.indexing.turns import Turn

Feed = Callable[[IndexRows, int, int, Stride], Batches | None]

HEAP: Final = 120_000_000
"""Bytes that the threads of the writer fill together; each writes out its part when that is full."""
THREADS: Final = 2
"""Of the writer: while one of them writes out what it has, the other goes on."""
COMMIT_EVERY: Final = 1_000_000
"""Posts that a hard end costs at most: they are read again."""
MOST_AT_ONCE: Final = 4_000
"""Rows of a statement; a comment may have 64 kB."""
SMALL: Final = 50_000
"""Rows of a board that may be read without an index."""
TAKEN_AWAY: Final = 10_000
"""The newest rows that moderators may have removed since the last run."""

_MARKS: Final = 5
_NO_INDEX: Final = "has no index on doc_id or num, so it cannot be read piece by piece."


class Build:
    """One run over one board. `close` it."""

    def __init__(
        self, board: Board, generation: Generation, *, stride: Stride | None = None, feed: Feed = lambda *rows: None
    ) -> None:
        """`feed` has others read for us, where that is quicker: from behind a place, up to another, at a stride."""
        self.board = board
        self.generation = generation
        self.kept = generation.kept
        self.rows = IndexRows(board.database, board.tables, NUMBERS, TEXTS)
        self._feed = feed
        self._again = False
        """Whether rows are read that may be in the index already."""
        self.stride = stride or Stride(most=MOST_AT_ONCE)
        self._writer: tantivy.IndexWriter | None = None

    @property
    def writer(self) -> tantivy.IndexWriter:
        """Made when it is needed: most of the time there is nothing to write."""
        if self._writer is None:
            self._writer = self.generation.index.writer(HEAP, THREADS)
        return self._writer

    def close(self) -> None:
        """Waits until the index is in order."""
        if self._writer is not None:
            self._writer.wait_merging_threads()
            self._writer = None

    async def catch_up(self, tell: Tell = lambda place: None, turn: Turn | None = None) -> int:
        """Adds all rows that are not in the index; how many those are. Raises CannotIndex, Unavailable."""
        turn = turn or Turn()
        board = self.board
        if self.rows.place is None:
            await turn.to_write()
            return await self._everything()
        last = await self.rows.last_place()
        if self.kept.place > last + TAKEN_AWAY:
            raise CannotIndex(
                f"/{board.name}/ has fewer rows than its index ({self.rows.place} ends at {last}, not at "
                f"{self.kept.place}): another archive seems to have taken its place. Index it anew with --rebuild."
            )
        await self._recognise()
        added = written = 0
        kept = self.kept
        batches = await apart(self._batches, last)
        try:
            batch = await batches.next() if kept.place < last else None
            await turn.to_write()
            while batch is not None:
                marks = ((batch.place, batch.mark), *self.kept.marks[: _MARKS - 1])
                kept = replace(self.kept, place=batch.place, marks=marks)
                # The next rows are read while these are added.
                reading = asyncio.create_task(batches.next())
                try:
                    added += await apart(self._take_in, batch)
                    if added - written >= COMMIT_EVERY:
                        await apart(self.commit, kept)
                        written = added
                except BaseException:
                    reading.cancel()
                    await asyncio.wait({reading})
                    raise
                tell(Place(board.name, batch.place, last, added))
                try:
                    batch = await reading
                except Unavailable:  # what was read until then is kept
                    if added > written:
                        await apart(self.commit, kept)
                    raise
        finally:
            await apart(batches.close)
        turn.all_read()
        if added > written or kept.place != self.kept.place or not self.kept.complete:
            await apart(self.commit, replace(kept, complete=True))
        return added

    def _batches(self, last: int) -> Batches:
        """By other processes where much is to be done."""
        after = self.kept.place
        fed = self._feed(self.rows, after, last, self.stride)
        return OwnBatches(self.board, self.rows, after, last, self.stride) if fed is None else fed

    async def _recognise(self) -> None:
        """Goes back behind rows that a server has lost, and given to others; rows that are gone tell nothing."""
        other = False
        for place, whose in self.kept.marks:
            row = await self.rows.row_at(place)
            if row is not None and mark(row) == whose:
                if other:
                    self.kept = replace(self.kept, place=place)
                    self._again = True
                return
            other = other or row is not None
        if other:
            raise CannotIndex(
                f"Row {self.kept.place} of /{self.board.name}/ is another post than in its index: another archive "
                "seems to have taken its place. Index it anew with --rebuild."
            )

    def _take_in(self, batch: Batch) -> int:
        if self.kept.complete or self._again:  # a post that was stored anew has another row than before
            self.take_out([post.place for post in batch.posts])
        return self.add(batch.posts)

    def add(self, posts: Sequence[Prepared]) -> int:
        """Adds posts that are not in the index; how many those are."""
        if posts:
            add = self.writer.add_json
            for post in posts:
                add(post.document)
        return len(posts)

    def take_out(self, places: Collection[int]) -> None:
        """Takes out the posts at these places, but none that are added afterwards."""
        if places:
            # Not by term: tantivy makes that one of a signed number, and finds nothing.
            query = tantivy.Query.term_set_query(self.generation.index.schema, "place", sorted(places))
            self.writer.delete_documents_by_query(query)

    def commit(self, kept: Kept) -> None:
        """Writes out what was added and taken away, and with it what the index says of itself."""
        self.writer.delete_documents_by_term(FACTS, KEPT_FACT)
        self.writer.add_document(kept_document(msgspec.json.encode(kept).decode()))
        self.writer.commit()
        self.kept = kept
        self.generation.index.reload()

    async def _everything(self) -> int:
        """A board without an index to go by is read whole, each time."""
        if not self.board.small:
            raise CannotIndex(f"/{self.board.name}/ {_NO_INDEX}")
        rows = await self.rows.everything(SMALL + 1)
        if len(rows) > SMALL:
            raise CannotIndex(f"/{self.board.name}/ {_NO_INDEX}")
        rows = list(wanted(self.board, rows))
        if self.kept.complete and await apart(self._is_all, rows):
            return 0
        await apart(self.writer.delete_all_documents)
        added = await apart(self.add, await apart(prepared_in_slices, self.board, rows))
        await apart(self.commit, replace(self.kept, complete=True))
        return added

    def _is_all(self, rows: Sequence[Row]) -> bool:
        """Whether the index has just these rows, as they are."""
        searcher = searcher_of(self.generation)
        query = tantivy.Query.all_query()
        hits = searcher.search(query, limit=searcher.num_docs + 1, count=False).hits
        digests = searcher.fast_field_values("digest", [address for _, address in hits])
        known = sorted(digest for digest in digests if digest is not None)  # what is no post has none
        return known == sorted(digests_of(self.board, rows))


def now() -> int:
    return int(time.time())


def searcher_of(generation: Generation) -> tantivy.Searcher:
    """What has been committed."""
    generation.index.reload()
    return generation.index.searcher()
