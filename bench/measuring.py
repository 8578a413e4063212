"""How long searches take, how many statements they ask, and how many rows the database reads for them."""

import ast
import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Final

import pytest
from msgspec import Struct

from app.archive import Archive
from app.errors import Unavailable
from app.search import read_query
from app.settings import AppSettings, BoardSettings, SearchSettings, Settings
from bench.cases import BOARD, Case
from bench.posts import SHARES
from tests.support.databases import Place
from tests.support.recorder import Cost, Recorder

AT_ONCE: Final = (1, 8)
LIMIT: Final = 25


class Timing(Struct, frozen=True):
    """Seconds; half of the searches take no longer than `half`, 99 of 100 no longer than `most`."""

    half: float
    most: float
    runs: int
    refused: int
    """How many were answered by 503."""


class Measured(Struct, frozen=True):
    case: Case
    outcome: str
    shown: int
    total: int
    exact: bool
    statements: int
    rows: int
    """That the database reads for all statements together."""
    plan: str
    """Of the statement that reads most."""
    statement: str
    timings: dict[int, Timing]
    """By how many searches run at once."""


class Patience(Struct, frozen=True):
    """How often a search is repeated: `runs` times, fewer when that takes more than some seconds, but three times."""

    runs: int
    seconds: float


async def opened(place: Place, state: Path | None = None) -> Archive:
    """With `state` searches are answered from the indexes there, else from the archive's own tables."""
    archive = Archive(
        Settings(
            db=place.settings(),
            boards={share.board: BoardSettings(clock="new_york") for share in SHARES},
            app=AppSettings() if state is None else AppSettings(state=state),
            search=SearchSettings(engine="sql" if state is None else "tantivy"),
        )
    )
    await archive.open()
    return archive


async def measured(archive: Archive, place: Place, case: Case, patience: Patience) -> Measured:
    query = read_query(case.pairs, archive.boards, None if case.everywhere else BOARD).query
    cursor: str | None = None
    if case.second_page:
        cursor = (await archive.search(query, limit=LIMIT)).cursor
    with pytest.MonkeyPatch.context() as patch:
        recorder = Recorder(patch)
        found = await archive.search(query, limit=LIMIT, cursor=cursor)
    timings = {
        at_once: await timed(lambda: archive.search(query, limit=LIMIT, cursor=cursor), at_once, patience)
        for at_once in AT_ONCE
    }
    costs = recorder.costs(place)
    costliest = max(costs, key=lambda cost: cost.rows)
    return Measured(
        case=case,
        outcome=found.outcome,
        shown=len(found.posts),
        total=found.total,
        exact=found.exact,
        statements=len(recorder.statements),
        rows=sum(cost.rows for cost in costs),
        plan=_brief(costliest, place.kind),
        statement=costliest.statement.text,
        timings=timings,
    )


async def timed(work: Callable[[], Awaitable[Any]], at_once: int, patience: Patience) -> Timing:
    """Runs some work again and again, so many times at once."""
    took: list[float] = []
    refused = 0
    end = time.monotonic() + patience.seconds

    async def again() -> None:
        nonlocal refused
        while len(took) < max(patience.runs, at_once) and (time.monotonic() < end or len(took) < 3):
            began = time.monotonic()
            try:
                await work()
            except Unavailable:
                refused += 1
            took.append(time.monotonic() - began)

    await asyncio.gather(*(again() for _ in range(at_once)))
    took.sort()
    return Timing(took[len(took) // 2], took[min(len(took) - 1, len(took) * 99 // 100)], len(took), refused)


def _brief(cost: Cost, kind: str) -> str:
    """A plan in a line."""
    if kind == "sqlite":
        return cost.plan
    if kind == "mysql":
        return "; ".join(
            f"{table} {way} {key or '-'} ({extra or ''})"
            for _, _, table, way, _, key, _, _, _, extra in ast.literal_eval(cost.plan)
        )
    return _nodes(json.loads(cost.plan))


def _nodes(node: dict[str, Any]) -> str:
    name = " ".join(str(node[key]) for key in ("Node Type", "Index Name", "Relation Name") if key in node)
    below = [_nodes(child) for child in node.get("Plans", [])]
    return name + (f" < {below[0]}" if len(below) == 1 else f" < [{' | '.join(below)}]" if below else "")
