"""Reads recent threads again: posts are edited, deleted and flagged after they came into the index."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, Final

from msgspec import Struct
from msgspec.structs import replace
from tantivy import FieldType, Occur, Query

from app.board import Board
from app.db.pieces import Stride as TableStride
from app.db.thread_queries import Order
from app.engines.tantivy.documents import digests_of, place_in
from app.engines.tantivy.schema import place_number
from app.indexing.apart import apart
from app.indexing.batches import prepared_in_slices
from app.indexing.building import Build, searcher_of
from app.indexing.rows import Row, wanted
from app.model import LARGEST_NUMBER, PostId
from app.reading import number
from app.threads import Stretch

DAY: Final = 86_400
RECENT: Final = 3 * DAY
"""Threads bumped so long before the board's last bump, in seconds, may still change."""
LIVELY: Final = 3_600
"""Those are read again each time; the others once in as long a time."""

_THREADS_LISTED: Final = 500
_THREADS_AT_ONCE: Final = 20
_MOST_POSTS: Final = 4_000  # that are read together
_MOST_THREADS: Final = 65_000  # an aggregation lists no more values than that


class Changes(Struct):
    """What was put right."""

    threads: int = 0
    updated: int = 0
    added: int = 0
    fresh: set[int] = set()
    """The places of those: a post that was in another thread before is not taken out with that."""
    gone: set[int] = set()
    """The places of posts that were taken out."""

    @property
    def removed(self) -> int:
        return len(self.gone)


class Scope(Struct, frozen=True):
    """What is compared: posts of some threads, from a number up to another."""

    threads: Sequence[int]
    low: int = 1
    high: int = LARGEST_NUMBER


async def reread(build: Build, *, now: int, thoroughly: bool) -> Changes:
    """Brings recent threads up to date: those of the last days when it is time for it, else of the last hour.

    `thoroughly`: it is time for it, whenever that was the last time. Raises Unavailable.
    """
    due = thoroughly or not build.kept.since <= now < build.kept.since + LIVELY
    changes = Changes()
    seconds, listed = RECENT if due else LIVELY, build.board.tables.threads is not None
    # Without a table of threads their list is made of all posts there are, which takes long and tells no more.
    threads = await _recent(build.board, now, seconds) if listed else []
    if due or not listed:
        known = await apart(_recently_indexed, build, now, seconds)
        threads = list(dict.fromkeys((*threads, *known)))
    changes.threads = len(threads)
    sizes = await apart(_sizes, build, threads)
    for some in _groups(sizes):
        rows = await build.rows.threads(some, TableStride())
        await apart(_compare, build, Scope(some), rows, changes)
    for thread in (thread for thread, posts in sizes.items() if posts > _MOST_POSTS):
        await _reread_large(build, thread, changes)
    removed = build.board.moderation.removed
    if len(removed) != build.kept.removed:
        await apart(_take_out, build, removed, changes)
    if due or changes.updated or changes.added or changes.removed:
        since = now if due else build.kept.since
        await apart(build.commit, replace(build.kept, since=since, removed=len(removed)))
    return changes


async def _recent(board: Board, now: int, seconds: int) -> list[int]:
    """The threads that were bumped last; by ghost posts too. A time that is still to come tells nothing of others."""
    found: dict[int, None] = {}
    orders: tuple[Order, ...] = ("bump", "ghost")
    for order in orders:
        before: tuple[int, int] | None = None
        newest: int | None = None
        while keys := await board.threads.stretch(order, Stretch(_THREADS_LISTED, before=before)):
            past = (key.value for key in keys if key.value <= now + DAY)
            newest = next(past, None) if newest is None else newest
            recent = [key for key in keys if newest is None or key.value >= newest - seconds]
            found |= dict.fromkeys(key.num for key in recent)
            if len(recent) < len(keys) or len(found) >= _MOST_THREADS:
                break
            before = (keys[-1].value, keys[-1].num)
    return list(found)


def _recently_indexed(build: Build, now: int, seconds: int) -> list[int]:
    """The threads with the newest posts in the index: some have no row among the threads, or have gone with it."""
    searcher, schema = searcher_of(build.generation), build.generation.index.schema
    past = Query.range_query(schema, "time", FieldType.Unsigned, None, now + DAY)
    newest = searcher.search(past, limit=1, count=False, order_by_field="time").hits
    since = max(0, (newest[0][0] or 0) - seconds) if newest else 0
    recent = Query.range_query(schema, "time", FieldType.Unsigned, since, None)
    terms = {"terms": {"field": "thread", "size": _MOST_THREADS}}
    found: dict[str, Any] = searcher.aggregate(recent, {"threads": terms})
    return [int(bucket["key"]) for bucket in found["threads"]["buckets"]]


def _sizes(build: Build, threads: Sequence[int]) -> dict[int, int]:
    """About how many posts the index has of each thread."""
    searcher = searcher_of(build.generation)
    return {thread: searcher.doc_freq("thread", thread) for thread in threads}


def _groups(sizes: Mapping[int, int]) -> Iterator[list[int]]:
    """Threads that can be read together, those left out that are too large for that."""
    group: list[int] = []
    posts = 0
    for thread, size in sizes.items():
        if size > _MOST_POSTS:
            continue
        if group and (posts + size > _MOST_POSTS or len(group) == _THREADS_AT_ONCE):
            yield group
            group, posts = [], 0
        group.append(thread)
        posts += size
    if group:
        yield group


async def _reread_large(build: Build, thread: int, changes: Changes) -> None:
    """A thread of very many posts, piece by piece."""
    stride, after = TableStride(rows=_MOST_POSTS, most=_MOST_POSTS), 0
    while True:
        rows = await build.rows.thread_piece(thread, after, stride)
        last = number(rows[-1][1]) if rows else LARGEST_NUMBER
        await apart(_compare, build, Scope([thread], after + 1, last), rows, changes)
        if not rows:
            break
        after = last


def _compare(build: Build, scope: Scope, rows: Sequence[Row], changes: Changes) -> None:
    # Later rows are for `catch_up`: added here, they would be in the index twice.
    rows = [row for row in wanted(build.board, rows) if number(row[0]) <= build.kept.place]
    digests = digests_of(build.board, rows)
    there = {place_number(place_in(row)): (row, digest) for row, digest in zip(rows, digests, strict=True)}
    indexed = _indexed(build, scope)
    gone = indexed.keys() - there.keys() - changes.fresh
    changes.gone |= gone
    fresh = []
    for place, (row, digest) in there.items():
        known = indexed.get(place, [])
        if known == [digest]:
            continue
        changes.updated += bool(known)
        changes.added += not known
        changes.fresh.add(place)
        gone.add(place)
        fresh.append(row)
    build.take_out(gone)
    build.add(prepared_in_slices(build.board, fresh))


def _indexed(build: Build, scope: Scope) -> dict[int, list[int]]:
    """The digests that the index has of the posts of some threads, by place."""
    searcher, schema = searcher_of(build.generation), build.generation.index.schema
    low, high = place_number(PostId(scope.low)), place_number(PostId(scope.high, LARGEST_NUMBER))
    query = Query.boolean_query(
        [
            (Occur.Must, Query.term_set_query(schema, "thread", list(scope.threads))),
            (Occur.Must, Query.range_query(schema, "place", FieldType.Unsigned, low, high)),
        ]
    )
    count = max(1, sum(searcher.doc_freq("thread", thread) for thread in scope.threads))
    hits = searcher.search(query, limit=count, count=False, order_by_field="place").hits
    digests = searcher.fast_field_values("digest", [address for _, address in hits])
    found: dict[int, list[int]] = {}
    for (place, _), known in zip(hits, digests, strict=True):
        found.setdefault(place, []).append(int(known or 0))
    return found


def _take_out(build: Build, removed: Collection[PostId], changes: Changes) -> None:
    """Takes out what moderators removed, in whatever thread."""
    searcher, schema = searcher_of(build.generation), build.generation.index.schema
    places = iter(map(place_number, removed))
    while some := list(islice(places, 1_000)):
        query = Query.term_set_query(schema, "place", some)
        hits = searcher.search(query, limit=2 * len(some), count=False, order_by_field="place").hits
        gone = {place for place, _ in hits}
        changes.gone |= gone
        build.take_out(gone)
