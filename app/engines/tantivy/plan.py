"""What a search asks of one state of an index. Everything here takes its time: it is for threads."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from math import prod
from typing import Any, Final

from msgspec import Struct
from tantivy import FieldType, Occur, Order, Query

from app.engines.matching import Match
from app.engines.tantivy.conditions import Condition, Conditions, one_of
from app.engines.tantivy.schema import DAY, FACTS, place_number, place_of
from app.engines.tantivy.snapshot import Clauses, Snapshot
from app.engines.tantivy.windows import Cell, from_the_far_end
from app.model import PostId
from app.search import Query as Asked

_VERY_FEW: Final = 1_000
"""Posts whose times are fetched from the index and compared here."""
_FEW: Final = 20_000
"""Posts whose times the index compares one by one: quicker than to look up hundreds of days."""
_NO_END: Final = 2**63
_APART: Final = frozenset(("op", "start", "end"))
"""Fields that are no condition for each post by itself: for its thread, and both for its time."""
MOST_THREADS: Final = 65_000
"""An aggregation lists no more values than that."""


class Scope(Struct, frozen=True):
    """Where a search looks."""

    first: PostId | None = None
    """Where it begins, this post included; else at the end of the board that is looked at first."""
    cells: tuple[Cell, ...] = ()
    """Only posts in these; none stands for all."""
    threads: Collection[int] | None = None
    """Only posts of these threads."""
    before: PostId | None = None
    """Only posts that a search meets before this one."""


class Hits(Struct, frozen=True):
    """The first matches in order."""

    matches: list[Match]
    count: int
    """How many there are in all."""
    more: bool
    """Whether there are more than these, as far as one can see."""


class Plan:
    """For the filters of a search."""

    def __init__(self, snapshot: Snapshot, asked: Asked, removed: frozenset[PostId]) -> None:
        self._snapshot = snapshot
        self._searcher = snapshot.searcher
        self._up = asked.oldest_first
        conditions = Conditions(snapshot.schema, snapshot.searcher)
        others = [each for one in asked.filters if one.field.key not in _APART for each in conditions.of(one)]
        openers = [each for one in asked.filters if one.field.key == "op" for each in conditions.of(one)]
        left_out = snapshot.left_out(removed)
        self.posts = snapshot.searcher.num_docs
        self.most = min((each.most for each in others), default=self.posts)
        """Posts that can match, at most; that their threads are opened as asked is not looked at."""
        self.opened = bool(openers)
        """Whether it is asked how their threads are opened."""
        self.openers = min((each.most for each in openers), default=0)
        """Opening posts that can be as asked, at most."""
        self.share = prod(each.guess / max(self.posts, 1) for each in others if each.within)
        """A guess at which part of the posts matches that are of the time asked for."""
        if openers:
            self.share *= self.openers / max(openers[0].most, 1)
        self._days: Clauses = []
        self._times: tuple[int, int] | None = None
        """From one to another, where they are compared here."""
        others += self._within_times(conditions, asked.get("start"), asked.get("end"))
        self._openers: Clauses = [*map(_clause, openers), *left_out]
        self._clauses: Clauses = [*map(_clause, others), *left_out]
        if openers:
            self._clauses.append((Occur.MustNot, self._op))

    def _within_times(self, conditions: Conditions, start: int | None, end: int | None) -> list[Condition]:
        """What lets through the posts from one time to another, in the way that is quickest where so many are left."""
        if start is None and end is None:
            return []
        left = self.most
        days = None if start is None or end is None else conditions.days(start, end)
        if days is not None:
            self._days = [_clause(days)]
            self.most = min(self.most, days.most)
        if left <= _VERY_FEW:
            self._times = (start or 0, _NO_END if end is None else end)
            return []
        if days is None or left <= _FEW:
            return [conditions.times(start, end)]
        return [days] if _are_whole_days(start, end) else [days, conditions.times(start, end)]

    def find(self, scope: Scope, limit: int) -> Hits:
        clauses = [*self._clauses, *self._within(scope)]
        if self._times is None:
            found = self._search(clauses, limit)
            hits, count = found.hits, found.count
        else:
            hits = self._in_time(self._search(clauses, _VERY_FEW).hits, *self._times)
            hits, count = hits[:limit], len(hits)
        return Hits(self._matches(hits), count, more=len(hits) == limit)

    def count(self, scope: Scope) -> int:
        return self.find(scope, 1).count

    def _in_time(self, hits: Sequence[Any], start: int, end: int) -> list[Any]:
        walls = self._searcher.fast_field_values("wall", [address for _, address in hits])
        return [hit for hit, wall in zip(hits, walls, strict=True) if start <= int(wall or 0) <= end]

    def threads(self, scope: Scope) -> list[int]:
        """The threads of the matches, whatever opened them. The scope may have no more than MOST_THREADS posts."""
        if self._times is not None:
            return sorted({match.thread_num for match in self.find(scope, _VERY_FEW).matches})
        terms = {"terms": {"field": "thread", "size": MOST_THREADS}}
        query = _all_of([*self._clauses, *self._within(scope)])
        found: dict[str, Any] = self._searcher.aggregate(query, {"threads": terms})
        return [int(bucket["key"]) for bucket in found["threads"]["buckets"]]

    def opened_so(self, threads: Collection[int] | None) -> list[int]:
        """Of these threads, or of all, those whose opening post is as asked."""
        clauses = self._openers if threads is None else [*self._openers, self._in_threads(threads)]
        found = self._search(clauses, max(1, self.openers if threads is None else 2 * len(threads)))
        return [match.thread_num for match in self._matches(found.hits)]

    def posts_in(self, threads: Collection[int]) -> int:
        """How many posts some threads have together, about."""
        return sum(self._searcher.doc_freq("thread", thread) for thread in threads)

    def near_end(self) -> PostId | None:
        """The post of the days that are asked for which a search meets first; None where none is asked for."""
        hits = self._search(self._days, 1).hits if self._days else []
        return place_of(hits[0][0]) if hits else None

    def far_end(self, cells: Sequence[Cell]) -> Match | None:
        """The last post of all in cells that follow one another, ghost posts apart, as a search meets them."""
        no_ghost = (Occur.MustNot, Query.term_query(self._snapshot.schema, FACTS, "ghost", "basic"))
        # To put all posts of a window in order for one of them takes longer than the search itself.
        for term in from_the_far_end(cells, oldest_first=self._up):
            if self._searcher.doc_freq(FACTS, term):
                within = (Occur.Must, Query.term_query(self._snapshot.schema, FACTS, term, "basic"))
                if hits := self._search([within, no_ghost], 1, backwards=True).hits:
                    return self._matches(hits)[0]
        return None

    @property
    def _op(self) -> Query:
        return Query.term_query(self._snapshot.schema, FACTS, "op", "basic")

    def _search(self, clauses: Clauses, limit: int, *, backwards: bool = False) -> Any:
        order = Order.Asc if self._up != backwards else Order.Desc
        return self._searcher.search(_all_of(clauses), limit=limit, order_by_field="place", order=order)

    def _within(self, scope: Scope) -> Clauses:
        schema = self._snapshot.schema
        found: Clauses = []
        if scope.cells:
            found.append((Occur.Must, one_of(schema, FACTS, [cell.term for cell in scope.cells])))
        if scope.first is not None:
            found.append(self._from(scope.first, upwards=self._up))
        if scope.before is not None:
            end = scope.before
            met = PostId(end.num, end.subnum - 1) if self._up else PostId(end.num, end.subnum + 1)
            found.append(self._from(met, upwards=not self._up))
        if scope.threads is not None:
            found.append(self._in_threads(scope.threads))
        return found

    def _from(self, post_id: PostId, *, upwards: bool) -> tuple[Occur, Query]:
        place = place_number(post_id)
        low, high = (place, None) if upwards else (None, place)
        return Occur.Must, Query.range_query(self._snapshot.schema, "place", FieldType.Unsigned, low, high)

    def _in_threads(self, threads: Collection[int]) -> tuple[Occur, Query]:
        return Occur.Must, one_of(self._snapshot.schema, "thread", sorted(threads))

    def _matches(self, hits: Sequence[tuple[int, Any]]) -> list[Match]:
        """Of several rows of one post, which follow one another, one counts."""
        places = [place for place, _ in hits]
        addresses = [address for _, address in hits]
        threads = self._searcher.fast_field_values("thread", addresses)
        times = self._searcher.fast_field_values("time", addresses)
        found = [
            Match(place_of(place), int(thread or 0), int(time or 0))
            for place, thread, time in zip(places, threads, times, strict=True)
        ]
        return [match for match, place, before in zip(found, places, [None, *places], strict=False) if place != before]


def _are_whole_days(start: int | None, end: int | None) -> bool:
    return start is not None and end is not None and start % DAY == 0 and (end + 1) % DAY == 0


def _clause(condition: Condition) -> tuple[Occur, Query]:
    return (Occur.Must if condition.within else Occur.MustNot), condition.query


def _all_of(clauses: Clauses) -> Query:
    """A query of nothing but exceptions would find nothing."""
    if not any(occur == Occur.Must for occur, _ in clauses):
        clauses = [(Occur.Must, Query.all_query()), *clauses]
    return Query.boolean_query(clauses)
