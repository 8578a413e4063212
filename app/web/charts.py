"""The smallest of charts: a line as high as a line of text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from markupsafe import Markup, escape

_WIDTH: Final = 120
_HEIGHT: Final = 24
_EDGE: Final = 1
"""Kept free all around, so that the stroke is not cut off. All three are SVG's units, here CSS pixels."""


def sparkline(values: Sequence[int], label: str) -> Markup:
    """A line through at least two values from 0 up, left to right, as SVG; `label` says in words what it shows.

    It has no colours and no style: they are those of the class `sparkline`.
    """
    step = (_WIDTH - 2 * _EDGE) / (len(values) - 1)
    room, top = _HEIGHT - 2 * _EDGE, max(1, *values)
    points = " ".join(
        f"{_EDGE + place * step:.1f},{_HEIGHT - _EDGE - value / top * room:.1f}" for place, value in enumerate(values)
    )
    # Numbers and fixed words, but for the label.
    return Markup(
        f'<svg class="sparkline" role="img" aria-label="{escape(label)}" width="{_WIDTH}" height="{_HEIGHT}" '
        f'viewBox="0 0 {_WIDTH} {_HEIGHT}"><polyline points="{points}"/></svg>'
    )
