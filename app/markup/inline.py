"""What a run of comment text may hold besides words: quotelinks, board links and URLs."""

from __future__ import annotations

import re

from app.markup.clean import BIDI_CONTROLS
from app.markup.tokens import BBCODE_TAGS, BoardLink, Quote, Url

MAX_NUM = 2**31 - 1
"""Largest post number: the column has 32 bits with a sign on PostgreSQL (Asagi schema notes, section 1.1)."""

QUOTE = r">>(?:([0-9]+)(?:,([0-9]+))?|>/(\w[\w-]*)/(?:([0-9]+)(?!-?\w)(?:,([0-9]+))?)?)"
"""A quotelink or board link. Groups: num, subnum, board, num there, subnum there; numbers unchecked."""

# Straight apostrophes stay inside (Wikipedia titles have them) but never end a URL.
_STOP = rf"\s<>\"\u201c\u201d\u201e\u00ab\u00bb{BIDI_CONTROLS}\[\x00-\x1f\x7f-\x9f"
# A "[" may be part of a URL unless it begins a tag.
_rest = re.compile(rf"(?=\w)[^{_STOP}]+(?:\[(?!/?(?ai:{'|'.join(BBCODE_TAGS)})[\]:= ])[^{_STOP}]*)*")
# ASCII punctuation but for the closing parenthesis, which is part of the URL when it is balanced; then the
# quotation marks, ellipsis, commas, stops and closing brackets of other scripts.
_TRAILING = (
    "`!([]{};:'\".,<>?*\u2018\u2019\u201a\u201b\u2026\u3001\u3002\uff0c\uff0e\uff01\uff1f\u300d\u300f\uff09\u3011"
)
# Characters behind "://". Without a bound, "http://a)http://a)..." would be read to its end at every URL.
_LONGEST = 2048
_SCHEMES = ("https", "http", "ftp")
_LONGEST_SCHEME = 5


def read_quote(match: re.Match[str]) -> Quote | BoardLink | None:
    """The link in ``match`` (of ``QUOTE``), whose text may be shorter than the match; None for mere text.

    A number outside 1..2^31-1 is no post: ``>>99999999999`` stays text, ``>>>/b/99999999999`` links the
    board. A subnum out of range is left out of the link.
    """
    if match.lastindex == 1:  # by far the most frequent form
        plain = post_number(match[1])
        return None if plain is None else Quote(None, plain, 0, match[0])
    num, subnum, board, board_num, board_subnum = match.group(1, 2, 3, 4, 5)
    start, text = match.start(), match.string
    if board is None:
        group, found, sub = 1, post_number(num), subnum
        if found is None:
            return None
    else:
        group, found, sub = 4, post_number(board_num), board_subnum
        if found is None:
            return BoardLink(board, text[start : match.end(3) + 1])
    if sub is not None:
        ghost = post_number(sub, least=0)
        if ghost is not None:
            return Quote(board, found, ghost, text[start : match.end(group + 1)])
    return Quote(board, found, 0, text[start : match.end(group)])


def post_number(digits: str | None, least: int = 1) -> int | None:
    """The number written in ``digits`` when it lies in ``least``..2^31-1, else None."""
    # Length first: int() of thousands of digits is slow and refused by Python.
    if digits is None or len(digits) > 10:
        return None
    number = int(digits)
    return number if least <= number <= MAX_NUM else None


def find_url(text: str, start: int, colon: int) -> Url | None:
    """The URL whose "://" stands at ``colon`` and whose scheme begins at ``start`` or later, or None.

    The URL ends before quotes, angle brackets, white space, controls and known tags; punctuation at its end
    and an unbalanced closing parenthesis are not part of it.
    """
    lead = text[max(start, colon - _LONGEST_SCHEME - 1) : colon].lower()
    for scheme in _SCHEMES:
        if lead.endswith(scheme):
            break
    else:
        return None
    before = lead[-len(scheme) - 1 : -len(scheme)]
    if before.isascii() and before.isalnum():
        return None
    match = _rest.match(text, colon + 3, colon + 3 + _LONGEST)
    if match is None:
        return None
    rest = _without_trailing(match.group())
    if not rest:
        return None
    url = text[colon - len(scheme) : colon + 3] + rest
    return Url(url, url)


def is_safe_href(href: str) -> bool:
    """Whether ``href`` is from end to end what ``find_url`` calls a URL, trailing punctuation aside."""
    scheme, mark, rest = href.partition("://")
    match = _rest.fullmatch(rest)
    return bool(mark) and scheme.lower() in _SCHEMES and match is not None


def _without_trailing(url: str) -> str:
    if ")" in url:
        depth = 0
        for at, character in enumerate(url):
            if character == "(":
                depth += 1
            elif character == ")":
                depth -= 1
                if depth < 0:
                    url = url[:at]
                    break
    return url.rstrip(_TRAILING)
