"""Whether colours can be told apart, and the colours of each theme as the style sheet has them."""

from __future__ import annotations

import re

_RULES = re.compile(r':root(?:\[data-theme="([\w-]+)"\])? \{([^}]*)\}')
_COLOUR = re.compile(r"--([\w-]+): (#[0-9a-f]{3,6});")


def palettes(sheet: str) -> dict[str, dict[str, str]]:
    """The colours by name of each theme: of `auto` those on a dark system, of `light` those of the root."""
    screen = sheet.partition("@media print")[0]
    found: dict[str, dict[str, str]] = {}
    for theme, rules in _RULES.findall(screen):
        found.setdefault(theme or "light", {}).update(_COLOUR.findall(rules))
    return found


def contrast(first: str, second: str) -> float:
    """As WCAG 2 defines it, from 1 to 21."""
    darker, lighter = sorted((luminance(first), luminance(second)))
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour: str) -> float:
    digits = colour[1:] if len(colour) == 7 else "".join(2 * digit for digit in colour[1:])
    parts = (int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4))
    linear = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))
