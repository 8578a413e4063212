"""The looks that readers choose among, and how a page has the chosen one before anything of it is shown."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable
from types import MappingProxyType
from typing import Final

from msgspec import Struct

from app.web.text import fit

THEMES: Final = MappingProxyType(
    {
        "auto": "Light or dark, as the system",
        "light": "Light",
        "dark": "Dark",
        "yotsuba": "Yotsuba",
        "yotsuba-b": "Yotsuba B",
        "futaba": "Futaba",
        "burichan": "Burichan",
        "tomorrow": "Tomorrow",
    }
)
"""Names as they stand in addresses, settings and `data-theme`, each with its label."""

DARK: Final = frozenset({"dark", "tomorrow"})

_CHROME: Final = MappingProxyType(
    {
        "light": "#dfe5f8",
        "dark": "#212429",
        "yotsuba": "#fce5d0",
        "yotsuba-b": "#e1e6f8",
        "futaba": "#f6d2ba",
        "burichan": "#d0d6ee",
        "tomorrow": "#24272a",
    }
)
"""The colour of each theme at the top of its pages, `--chrome` in the style sheet, for what browsers paint above."""

_MOST_KEPT: Final = 32
_LONGEST_KEPT: Final = 500
"""Parameters of an address, and characters of each, that the choice of a theme carries on."""

SNIPPET: Final = (
    '(r=>{let q=new URLSearchParams(location.search).get("theme"),k;'
    'try{k=localStorage.getItem("koiwai.theme")}catch{}'
    'let t=[q,k].find(t=>(r.dataset.themes+"").split(" ").includes(t));'
    'if(t){r.dataset.theme=t;let m=document.querySelector("meta[name=color-scheme]");'
    'm&&(m.content=t=="auto"?"light dark":/dark|tomorrow/.test(t)?"dark":"light")}})(document.documentElement)'
)
"""The one script in a page itself: without it a page would be shown in one theme and then change to another."""

SNIPPET_HASH: Final = "'sha256-" + base64.b64encode(hashlib.sha256(SNIPPET.encode()).digest()).decode() + "'"
"""Allows just this script in the security policy of pages."""


class ThemeColour(Struct, frozen=True, gc=False):
    """A colour for the browser's own bars, and the media query under which it holds, "" for always."""

    colour: str
    media: str = ""


class ThemeForm(Struct, frozen=True, gc=False):
    """The choice among the themes, sent to the address of the page itself."""

    theme: str
    kept: tuple[tuple[str, str], ...]
    """The other parameters of the address, by name and value."""


def theme_form(theme: str, asked: Iterable[tuple[str, str]]) -> ThemeForm:
    """The form on a page in `theme`; `asked` are the parameters of its address."""
    kept = [
        (fit(name), fit(value)) for name, value in asked if name != "theme" and len(name) + len(value) < _LONGEST_KEPT
    ]
    return ThemeForm(theme, tuple(kept[:_MOST_KEPT]))


def colours_of(theme: str) -> tuple[ThemeColour, ...]:
    if theme != "auto":
        return (ThemeColour(_CHROME[theme]),)
    return tuple(ThemeColour(_CHROME[scheme], f"(prefers-color-scheme: {scheme})") for scheme in ("light", "dark"))


def scheme_of(theme: str) -> str:
    """What browsers are told of a theme before they have its style sheet."""
    return "light dark" if theme == "auto" else "dark" if theme in DARK else "light"
