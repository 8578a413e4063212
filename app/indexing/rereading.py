"""Reads recent threads again: posts are edited, deleted and flagged after they came into the index."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import islice
from typing import Any, Final

from msgspec import Struct
from msgspec.structs import replace
from tantivy import FieldType, Query

from app.board import Board
from app.db.thread_queries import Order
from app.engines.tantivy.documents import digests_of, place_in
from app.engines.tantivy.schema import place_number
from app.indexing.building import Build, apart, searcher_of
from app.model import PostId
from app.reading import number
from app.threads import Stretch

DAY: Final = 86_400
RECENT: Final = 3 * DAY
"""Threads bumped so long before the board's last bump, in seconds, may still change."""
LIVELY: Final = 3_600
"""Those are read again each time; the others once in as long a time."""

_THREADS_LISTED: Final = 500
_THREADS_AT_ONCE: Final = 20
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


async def reread(build: Build, *, now: int, thoroughly: bool) -> Changes:
    """Brings recent threads up to date: those of the last days when it is time for it, else of the last hour.

    `thoroughly`: it is time for it, whenever that was the last time. Raises Unavailable.
    """
    due = thoroughly or not build.kept.since <= now < build.kept.since + LIVELY
    changes = Changes()
    seconds, listed = RECENT if due else LIVELY, build.board.tables.threads is not None
    # Without a table of threads their list is made of all posts there are, which takes long and tells no more.
    threads = await _recent(build.board, seconds) if listed else []
    if due or not listed:
        known = await apart(_recently_indexed, build, seconds)
        threads = list(dict.fromkeys((*threads, *known)))
    for start in range(0, len(threads), _THREADS_AT_ONCE):
        await _reread(build, threads[start : start + _THREADS_AT_ONCE], changes)
    removed = build.board.moderation.removed
    if len(removed) != build.kept.removed:
        await apart(_take_out, build, removed, changes)
    if due or changes.updated or changes.added or changes.removed:
        since = now if due else build.kept.since
        await apart(build.commit, replace(build.kept, since=since, removed=len(removed)))
    return changes


async def _recent(board: Board, seconds: int) -> list[int]:
    """The threads that were bumped last; by ghost posts too."""
    found: dict[int, None] = {}
    orders: tuple[Order, ...] = ("bump", "ghost")
    for order in orders:
        before: tuple[int, int] | None = None
        newest: int | None = None
        while keys := await board.threads.stretch(order, Stretch(_THREADS_LISTED, before=before)):
            newest = keys[0].value if newest is None else newest
            recent = [key for key in keys if key.value >= newest - seconds]
            found |= dict.fromkeys(key.num for key in recent)
            if len(recent) < len(keys):
                break
            before = (keys[-1].value, keys[-1].num)
    return list(found)


def _recently_indexed(build: Build, seconds: int) -> list[int]:
    """The threads with the newest posts in the index: some have no row among the threads, or have gone with it."""
    searcher, schema = searcher_of(build.generation), build.generation.index.schema
    newest = searcher.search(Query.all_query(), limit=1, count=False, order_by_field="time").hits
    since = max(0, (newest[0][0] or 0) - seconds) if newest else 0
    recent = Query.range_query(schema, "time", FieldType.Unsigned, since, None)
    terms = {"terms": {"field": "thread", "size": _MOST_THREADS}}
    found: dict[str, Any] = searcher.aggregate(recent, {"threads": terms})
    return [int(bucket["key"]) for bucket in found["threads"]["buckets"]]


async def _reread(build: Build, threads: Sequence[int], changes: Changes) -> None:
    rows = await build.rows.threads(threads)
    await apart(_compare, build, threads, rows, changes)


def _compare(build: Build, threads: Sequence[int], rows: Sequence[tuple[Any, ...]], changes: Changes) -> None:
    removed = build.board.moderation.removed
    # Later rows are for `catch_up`: added here, they would be in the index twice.
    rows = [row for row in rows if number(row[0]) <= build.kept.place and place_in(row) not in removed]
    there: dict[int, tuple[tuple[Any, ...], int]] = {}
    for row, digest in zip(rows, digests_of(build.board, rows), strict=True):
        there.setdefault(place_number(place_in(row)), (row, digest))
    indexed = _indexed(build, threads)
    changes.threads += len(threads)
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
    build.add(fresh)


def _indexed(build: Build, threads: Sequence[int]) -> dict[int, list[int]]:
    """The digests that the index has of the posts of some threads, by place."""
    searcher, schema = searcher_of(build.generation), build.generation.index.schema
    query = Query.term_set_query(schema, "thread", list(threads))
    count = max(1, sum(searcher.doc_freq("thread", thread) for thread in threads))
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
