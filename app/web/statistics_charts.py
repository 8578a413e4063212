"""Charts as SVG, drawn here: no script, no style of their own, and every figure also in words or in a table.

A drawing is stretched to the width there is, so it holds shapes only; the words around it are HTML, which keeps its
size on a phone. Colours are classes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from markupsafe import Markup, escape
from msgspec import Struct

_WIDTH: Final = 1000
_HEIGHT: Final = 240
_GAP: Final = 0.2
"""The part of a bar's room that is left free."""


class Series(Struct, frozen=True):
    """One kind of number along a chart."""

    name: str
    style: str
    """Class of its colour: a, b or c."""
    values: tuple[float | None, ...]
    """One for each period; None where there is nothing to say."""


class Scale(Struct, frozen=True):
    """What stands beside a chart."""

    top: str
    middle: str
    first: str
    last: str


class Chart(Struct, frozen=True):
    """A drawing, and what must be said of it in words."""

    drawing: Markup
    series: tuple[Series, ...]
    scale: Scale


def bars(title: str, labels: Sequence[str], series: Sequence[Series], told: Sequence[str]) -> Chart:
    """Bars, the series on top of each other. `told` says of each bar what it shows; `title` what all of them show.

    There is at least one label.
    """
    totals = [sum(each.values[place] or 0 for each in series) for place in range(len(labels))]
    top = round_up(max(totals))
    room = _WIDTH / len(labels)
    pieces = []
    for place, sentence in enumerate(told):
        floor, shapes = float(_HEIGHT), []
        for each in series:
            value = each.values[place] or 0
            if value:
                height = value / top * _HEIGHT
                floor -= height
                shapes.append(
                    f'<rect class="chart_{each.style}" x="{place * room + room * _GAP / 2:.1f}" y="{floor:.1f}" '
                    f'width="{room * (1 - _GAP):.1f}" height="{height:.1f}"/>'
                )
        pieces.append(f"<g>{''.join(shapes)}<title>{escape(sentence)}</title></g>" if shapes else "")
    scale = Scale(f"{top:,}", _plain(top / 2), labels[0], labels[-1])
    return Chart(_drawing(title, "".join(pieces)), tuple(series), scale)


def shares(title: str, labels: Sequence[str], series: Sequence[Series]) -> Chart:
    """Lines of percentages (0 to 100), with a gap where there is nothing to say. There is at least one label."""
    step = _WIDTH / max(1, len(labels) - 1)
    lines = [f'<path class="chart_line chart_{each.style}" d="{_path(each.values, step)}"/>' for each in series]
    return Chart(_drawing(title, "".join(lines)), tuple(series), Scale("100 %", "50 %", labels[0], labels[-1]))


def round_up(value: float) -> int:
    """The end of a scale that `value` fits into: 1, 2, 5, 10, 20, 50 and so on."""
    end = 1
    while True:
        for factor in (1, 2, 5):
            if value <= end * factor:
                return end * factor
        end *= 10


def _path(values: Sequence[float | None], step: float) -> str:
    parts, drawing = [], False
    for place, value in enumerate(values):
        if value is None:
            drawing = False
            continue
        x, y = place * step, (1 - value / 100) * _HEIGHT
        alone = not drawing and (place + 1 == len(values) or values[place + 1] is None)
        parts.append(f"{'L' if drawing else 'M'}{x:.1f} {y:.1f}" + ("h4" if alone else ""))
        drawing = True
    return "".join(parts)


def _plain(value: float) -> str:
    return f"{value:,.0f}" if value == int(value) else f"{value:,.1f}"


def _drawing(title: str, shapes: str) -> Markup:
    """`shapes` is SVG: numbers, fixed words, and what was escaped."""
    return Markup(
        f'<svg class="chart_drawing" viewBox="0 0 {_WIDTH} {_HEIGHT}" preserveAspectRatio="none" role="img" '
        f'aria-label="{escape(title)}"><path class="chart_grid" d="M0 0H{_WIDTH}M0 {_HEIGHT / 2:.0f}H{_WIDTH}'
        f'M0 {_HEIGHT}H{_WIDTH}"/>{shapes}</svg>'
    )
