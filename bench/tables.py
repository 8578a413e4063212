"""What was measured, as Markdown."""

from collections.abc import Mapping, Sequence
from typing import Final

from bench.measuring import AT_ONCE, Measured, Timing
from bench.served import Asked

_TIMES: Final = tuple(f"{label}, {at_once} at once" for at_once in AT_ONCE for label in ("p50 ms", "p99 ms"))


def table(found: Sequence[Measured]) -> str:
    """A row for each search; times in milliseconds."""
    lines = _head(_TIMES, "outcome", "found", "statements", "rows read")
    for each in found:
        total = f"{each.total:,}" if each.exact else f"{each.total:,}+"
        counts = (each.outcome, total, str(each.statements), f"{each.rows:,}")
        lines.append(_line(each.case.name, *_cells(each.timings), *counts))
    return "\n".join(lines)


def served_table(found: Sequence[Asked]) -> str:
    """Likewise, of whole answers."""
    lines = _head([f"{what}: {label}" for what in ("page", "API") for label in _TIMES])
    lines += [_line(each.case.name, *_cells(each.page), *_cells(each.api)) for each in found]
    return "\n".join(lines)


def plans(found: Sequence[Measured]) -> str:
    """How the database goes about the statement of each search that reads most."""
    names: dict[str, list[str]] = {}
    for each in found:
        names.setdefault(each.plan, []).append(each.case.name)
    return "\n".join(f"- {plan}: {'; '.join(named)}" for plan, named in names.items())


def _head(times: Sequence[str], *others: str) -> list[str]:
    return [_line("search", *times, *others), "|---|" + "---:|" * (len(times) + len(others))]


def _line(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def _cells(timings: Mapping[int, Timing]) -> list[str]:
    cells = []
    for timing in (timings[at_once] for at_once in AT_ONCE):
        refused = f" ({timing.refused} of {timing.runs} refused)" if timing.refused else ""
        cells += [f"{timing.half * 1000:,.0f}", f"{timing.most * 1000:,.0f}{refused}"]
    return cells
