"""The looks that readers choose among, and how a page has the chosen one before anything of it is shown."""

from __future__ import annotations

import base64
import hashlib
from types import MappingProxyType
from typing import Final

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

SNIPPET: Final = (
    '(r=>{let t=new URLSearchParams(location.search).get("theme");'
    'try{t=t||localStorage.getItem("koiwai.theme")}catch{}'
    'if((r.dataset.themes+"").split(" ").includes(t)){r.dataset.theme=t;'
    'let m=document.querySelector("meta[name=color-scheme]");'
    'm&&(m.content=t=="auto"?"light dark":/dark|tomorrow/.test(t)?"dark":"light")}})(document.documentElement)'
)
"""The one script in a page itself: without it a page would be shown in one theme and then change to another."""

SNIPPET_HASH: Final = "'sha256-" + base64.b64encode(hashlib.sha256(SNIPPET.encode()).digest()).decode() + "'"
"""Allows just this script in the security policy of pages."""


def scheme_of(theme: str) -> str:
    """What browsers are told of a theme before they have its style sheet."""
    return "light dark" if theme == "auto" else "dark" if theme in DARK else "light"
