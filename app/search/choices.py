"""Fields of which the value is one of a few words: what they are called, and which posts are so."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

from app.search.candidate import Candidate
from app.search.kinds import ChoiceKind, Option

CAPCODES: Final = MappingProxyType(
    {"user": "N", "mod": "M", "admin": "A", "dev": "D", "ver": "V", "founder": "F", "manager": "G"}
)
"""Values of the field `capcode` and the stored letters (Asagi schema notes, section 6.2)."""


def _has_capcode(value: str, post: Candidate) -> bool:
    return (post.stored("capcode").strip() or "N") == CAPCODES[value]


CAPCODE: Final = ChoiceKind(
    _has_capcode,
    Option("user", "ordinary user", "without a capcode"),
    Option("mod", "moderator", "by a moderator"),
    Option("admin", "administrator", "by an administrator"),
    Option("dev", "developer", "by a developer"),
    Option("ver", "verified", "by a verified user"),
    Option("founder", "founder", "by the founder"),
    Option("manager", "manager", "by a manager"),
)

FILE: Final = ChoiceKind(
    lambda value, post: post.has_file == (value == "with"),
    Option("with", "with a file", "with a file"),
    Option("without", "without a file", "without a file"),
)

SPOILER: Final = ChoiceKind(
    lambda value, post: post.has_file and post.flag("spoiler") == (value == "spoiler"),
    Option("spoiler", "hidden as a spoiler", "with a file that is hidden as a spoiler"),
    Option("not-spoiler", "not hidden", "with a file that is not hidden"),
)

TYPE: Final = ChoiceKind(
    lambda value, post: post.is_op == (value == "op"),
    Option("op", "opening posts", "that open a thread"),
    Option("reply", "replies", "that are replies"),
)

STICKY: Final = ChoiceKind(
    lambda value, post: post.flag("sticky") == (value == "sticky"),
    Option("sticky", "sticky", "that are sticky"),
    Option("not-sticky", "not sticky", "that are not sticky"),
)

DELETED: Final = ChoiceKind(
    lambda value, post: post.flag("deleted") == (value == "deleted"),
    Option("deleted", "deleted on the live site", "that were deleted on the live site"),
    Option("not-deleted", "not deleted", "that were not deleted"),
)

GHOST: Final = ChoiceKind(
    lambda value, post: (post.number("subnum") > 0) == (value == "only"),
    Option("only", "only ghost posts", "that are ghost posts"),
    Option("none", "no ghost posts", "that are no ghost posts"),
)
