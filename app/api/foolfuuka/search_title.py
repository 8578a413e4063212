"""What was searched for, in the one sentence of HTML that FoolFuuka's answers carry."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from app.markup import escape_named
from app.markup.clean import clean
from app.search import Filter, Query
from app.search.kinds import ChoiceKind

_COMMENT: Final = "that contain {}"
"""The words of FoolFuuka for its commonest search, which programs may look for; all other fields are said in ours."""


def search_title(query: Query, typed: Mapping[str, str]) -> str:
    """`typed` has, by key, the values as they were sent: "Searching for posts that contain &lsquo;cat&rsquo;."."""
    if not query.filters:
        return "Displaying all posts with no filters applied."
    what = "threads that have posts" if query.by_thread else "posts"
    said = " and ".join(_said(each, typed) for each in query.filters)
    return f"Searching for {what} {said}{', oldest first' if query.oldest_first else ''}."


def _said(each: Filter, typed: Mapping[str, str]) -> str:
    if isinstance(each.field.kind, ChoiceKind):
        return escape_named(each.says)
    value = escape_named(clean(typed.get(each.field.key, each.text)))
    sentence = _COMMENT if each.field.key == "text" else escape_named(each.field.sentence)
    return sentence.replace("{}", f"&lsquo;{value}&rsquo;")
