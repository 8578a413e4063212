"""What programs take single values for, and what would break them: the leaves of their contracts."""

import base64
import binascii
import json
import re
from collections.abc import Mapping
from typing import Any, Final

import lxml.html

from tests.support.contracts import Leaf, Shape

_DATE = r"[1-9]\d?/[1-9]\d?/\d\d\((?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)\)\d{1,2}:\d\d"
_LARGEST_INT: Final = 2**31 - 1


def _text(value: Any) -> bool:
    return isinstance(value, str)


def _matching(pattern: str) -> Any:
    compiled = re.compile(pattern, re.ASCII)
    return lambda value: isinstance(value, str) and compiled.fullmatch(value) is not None


def _whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _readable_as_int(value: Any) -> bool:
    """Java's streaming readers take a number, or text of nothing but digits, that 32 bits hold."""
    digits = isinstance(value, str) and re.fullmatch(r"\d{1,10}", value, re.ASCII) is not None
    return (digits or _whole(value)) and 0 <= int(value) <= _LARGEST_INT


def _absolute(value: Any) -> bool:
    return value is None or bool(_matching(r"https?://[^/]+/\S+")(value))


def _base64(length: int, padding: str = "") -> Any:
    def good(value: Any) -> bool:
        if not isinstance(value, str):
            return False
        try:
            return value == "" or len(base64.b64decode(value + padding, altchars=b"-_" if padding else None)) == length
        except (binascii.Error, ValueError):
            return False

    return good


def _exif(value: Any) -> bool:
    try:
        return value is None or (isinstance(value, str) and isinstance(json.loads(value), dict))
    except ValueError:
        return False


def _readable_comment(value: Any) -> bool:
    """Links with the class `backlink` are taken apart at their slashes: a board, `post` or `thread`, a number, and
    for a thread the anchor of a post. No other link may have that class."""
    if not isinstance(value, str):
        return False
    if not value:
        return True
    for link in lxml.html.fragment_fromstring(value, create_parent="div").iter("a"):
        scheme, *parts = (link.get("href") or "").split("/")
        if "backlink" not in (link.get("class") or "").split():
            continue
        if scheme not in ("http:", "https:") or len(parts) < 6 or parts[0] or not parts[1] or not parts[2]:
            return False
        _, _, _, kind, post, anchor, *more = parts
        if more or kind not in ("post", "thread") or not re.fullmatch(r"[\w-]+", post):
            return False
        if kind == "thread" and not (post.isdigit() and re.fullmatch(r"#\d+(_\d+)?", anchor)):
            return False
        if link.get("data-board") is None or link.get("data-post") is None:
            return False
    return True


KINDS: Final[Mapping[str, Leaf]] = {
    "text": Leaf("text", _text, (None, 7, False)),
    "null": Leaf("text or null", lambda value: value is None or _text(value), (7, False, [])),
    "words": Leaf("text that is not empty", _matching(r"(?s:.+)"), (None, "", 7)),
    "number": Leaf("a number as text", _matching(r"[1-9]\d{0,9}"), (None, 7, "", "x", "0")),
    "count": Leaf("a count as text", _matching(r"\d{1,10}"), (None, 7, "", "x", False)),
    "integer": Leaf("a number", _whole, (None, "7", True, 7.5)),
    "time": Leaf("a time in seconds", lambda value: _whole(value) and value > 10**9, (None, "1657627200", True, 7)),
    "readable": Leaf("what nextInt reads", _readable_as_int, (None, True, "", "x", 2**31)),
    "flag": Leaf('"0" or "1"', lambda value: value in ("0", "1"), (None, 0, 1, True, "", "yes")),
    "truth": Leaf("true or false", lambda value: isinstance(value, bool), (None, 0, "0")),
    "unknown": Leaf("null or a number", lambda value: value is None or _whole(value), ("7", False), null=True),
    "capcode": Leaf("the letter of a capcode", _matching("(?s:.)"), (None, "", "mod", 7)),
    "date": Leaf("a date as 4chan writes it", _matching(_DATE), (None, 7, "", "2022-07-12")),
    "country": Leaf("text, false or null", lambda value: value in (None, False) or _text(value), (7, True, [])),
    "link": Leaf("an address with a host, or null", _absolute, ("", "/a/image/1657/62/1657627200001.jpg", 7)),
    "hash": Leaf("an MD5 in base64", _base64(16), (None, "x", 7, "abcd")),
    "safe": Leaf("an MD5 in base64 for addresses", _base64(16, "=="), (None, "x", 7)),
    # Hayden fails over a file whose names are all lost: empty here, null in FoolFuuka.
    "stamped": Leaf("a file name that is a number, if any", _matching(r"(\d+\.\w+)?"), (None, "x.jpg", 7)),
    "exif": Leaf("null or text that is a JSON object", _exif, ("{", "[]", 7, {})),
    "comment": Leaf("HTML whose links can be taken apart", _readable_comment, (None, 7)),
}
POST_KEY: Final = Leaf("a post number, with that of a ghost post behind _", _matching(r"\d+(_\d+)?"), (None, 7, "x"))


def keyed(**kinds: str) -> dict[str, Shape]:
    """Fields by their kind: `text="name trip"`."""
    return {field: KINDS[kind] for kind, fields in kinds.items() for field in fields.split()}
