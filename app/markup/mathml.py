"""Formulas as MathML, which browsers draw without a script.

`latex2mathml` reads the TeX; what it makes is trusted no more than the comment. Its elements are written anew, by
the tables below: what these lack is left out, and text is escaped here.
"""

from __future__ import annotations

import re
from functools import lru_cache
from html import escape, unescape
from types import MappingProxyType
from typing import Final
from xml.etree.ElementTree import Element

from latex2mathml.converter import Converter

from app.markup.clean import clean

LONGEST: Final = 1000
"""Characters of TeX that are drawn; longer formulas are shown as they were typed."""

_DEEPEST: Final = 60  # browsers forget what is nested in hundreds of elements
_MOST: Final = 1000  # elements; more are no formula that somebody typed
# Names of one's own can stand for each other, so that a line of TeX becomes a gigabyte.
_MACROS: Final = re.compile(r"\\(?:(?:re|provide)?newcommand|def|let|edef|gdef|xdef)(?![A-Za-z])|\\providecommand")

_ROWS: Final = frozenset({"mrow", "mstyle", "mpadded", "mphantom", "msqrt", "mtable", "mtr", "mtd"})
_PARTS: Final = MappingProxyType(
    {
        **dict.fromkeys(("mfrac", "mroot", "msub", "msup", "munder", "mover"), 2),
        **dict.fromkeys(("msubsup", "munderover"), 3),
    }
)
"""Elements that mean nothing without so many others inside them."""

_TEXTS: Final = frozenset({"mi", "mn", "mo", "mtext", "mspace"})
ELEMENTS: Final = _ROWS | _PARTS.keys() | _TEXTS
"""What stands inside a formula, besides `math`, `semantics` and `annotation`, which are written here."""

_WORD: Final = re.compile(r"true|false|prefix|infix|postfix|left|right|center|normal|[0-9]")
_LENGTH: Final = re.compile(r"[+-]?[0-9]?(?:\.[0-9]{1,4})?(?:em|ex)?")
ATTRIBUTES: Final = MappingProxyType(
    {
        **dict.fromkeys(("displaystyle", "scriptlevel", "stretchy", "fence", "separator", "form", "accent"), _WORD),
        **dict.fromkeys(("accentunder", "movablelimits", "largeop", "symmetric", "columnalign", "mathvariant"), _WORD),
        **dict.fromkeys(("width", "height", "depth", "voffset", "lspace", "rspace", "linethickness"), _LENGTH),
        **dict.fromkeys(("minsize", "maxsize"), _LENGTH),
    }
)
"""What each attribute may say. Colours, sizes of many lines, addresses and styles are none of these."""


@lru_cache(maxsize=256)
def mathml(tex: str, display: bool) -> str | None:
    """The formula as a `math` element, with its TeX inside for those who copy it; None where it cannot be drawn."""
    if len(tex) > LONGEST or _MACROS.search(tex):
        return None
    try:
        tree = Converter(display="block" if display else "inline").convert_to_element(tex)
        drawn = "".join(_written(child, _DEEPEST) for child in _bounded(tree))
    except Exception:  # whatever it stumbles over: readers see the TeX
        return None
    shown = ' display="block"' if display else ""
    annotation = f'<annotation encoding="application/x-tex">{escape(tex)}</annotation>'
    return f"<math{shown}><semantics>{drawn}{annotation}</semantics></math>"


def _bounded(tree: Element) -> Element:
    for count, _ in enumerate(tree.iter()):
        if count > _MOST:
            raise ValueError("too many elements")
    return tree


def _written(element: Element, deeper: int) -> str:
    """The element and all in it.

    Raises ValueError for an element or a command that is not known, and for too many inside each other.
    """
    if element.tag not in ELEMENTS or deeper == 0 or (element.text or "").startswith("\\"):
        raise ValueError(element.tag)
    if len(element) != _PARTS.get(element.tag, len(element)):
        raise ValueError("something is missing")
    attributes = "".join(
        f' {name}="{escape(value)}"'
        for name, value in element.attrib.items()
        if name in ATTRIBUTES and ATTRIBUTES[name].fullmatch(value)
    )
    # Its texts hold character references, as if they were XML already.
    text = escape(clean(unescape(element.text))) if element.text and element.tag in _TEXTS else ""
    inner = "".join(_written(child, deeper - 1) for child in element)
    return f"<{element.tag}{attributes}>{text}{inner}</{element.tag}>"
