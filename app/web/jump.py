"""From what somebody typed or pasted to the post, thread or board that it names."""

from __future__ import annotations

import re
from collections.abc import Container
from typing import Final
from urllib.parse import unquote

from msgspec import Struct

from app.context import current_archive, page_links
from app.errors import NotFound, Unavailable
from app.model import Post, PostId, parse_post_id
from app.search.words import LONGEST_TEXT

_ID: Final = r"[0-9]{1,10}(?:[_,][0-9]{1,10})?"
_NUMBER = re.compile(rf"(?:>>|No\.? ?|#[pq]?)?({_ID})", re.ASCII | re.IGNORECASE)
_REFERENCE = re.compile(rf"(?:>>>)?/([^/\s?#]+)(?:/({_ID}))?/?", re.ASCII)
_ADDRESS = re.compile(
    r"((?:[a-z][a-z0-9+.-]*:)?//[^/\s?#]+|(?:[\w-]+(?:\.[\w-]+)+|localhost|\[[0-9a-f:.]+\])(?::[0-9]+)?)?"
    r"(/[^\s?#]*)(?:\?[^\s#]*)?(?:#(\S*))?",
    re.IGNORECASE,
)
# Threads and posts as FoolFuuka, Fuuka (`S123`), 4chan, older boards (`res`) and we ourselves write them.
_PATH = re.compile(
    rf"/([^/]+)/(?:thread|res|post|deleted|last50|last/[0-9]+)/S?({_ID})(?:\.[a-z]+)?(?:/.*)?", re.ASCII | re.DOTALL
)
_ANCHOR = re.compile(rf"(?:pc?|q)?({_ID})", re.ASCII)


class _Aim(Struct, frozen=True):
    """What a text names: a board where it names one, and posts, the first of which that exists is meant."""

    board: str | None
    posts: tuple[PostId, ...] = ()


async def jump(text: str, board: str | None) -> str | None:
    """The address of what `text` names: `123`, `>>123,1`, `>>>/g/123`, `/g/`, an address on any host; else None.

    `board` is the one on whose page it was typed. Elsewhere a mere number means the posts of all boards that are not
    hidden: one is the address, several are a search. What this archive lacks or cannot read now is None too: words
    to search for.
    """
    boards = current_archive().boards
    aim = _read(text.strip(), boards) if len(text) <= LONGEST_TEXT else None
    if aim is None:
        return None
    if aim.board is not None and not aim.posts:
        return page_links().board(aim.board)
    name = aim.board if aim.board is not None else board
    for wanted in aim.posts:
        names = [name] if name is not None else [each.name for each in boards.values() if not each.hidden]
        found = await _posts(names, wanted)
        if len(found) > 1:
            return page_links().search(pairs=[("num", str(wanted.num))])
        if found:
            (post,) = found
            return page_links().thread(post.board, post.thread_num, None if post.op else post.id)
    return None


def _read(text: str, boards: Container[str]) -> _Aim | None:
    if match := _NUMBER.fullmatch(text):
        return _aim(None, match[1])
    if (match := _REFERENCE.fullmatch(text)) and (name := unquote(match[1])) in boards:
        return _aim(name, match[2]) if match[2] else _Aim(name)
    match = _ADDRESS.fullmatch(text)
    if match is None:
        return None
    host, path, anchor = match.groups()
    if (inside := _PATH.search(path)) and (name := unquote(inside[1])) in boards:
        place = _ANCHOR.fullmatch(anchor or "")
        return _aim(name, *([place[1]] if place else []), inside[2])
    name = unquote(path.strip("/"))
    return _Aim(name) if host and name in boards else None


def _aim(board: str | None, *numbers: str) -> _Aim | None:
    """None where no number is one that a post can have."""
    posts = []
    for number in numbers:
        try:
            posts.append(parse_post_id(number))
        except NotFound:
            continue
    return _Aim(board, tuple(posts)) if posts else None


async def _posts(boards: list[str], wanted: PostId) -> list[Post]:
    """The posts with this number: as many as tell whether there are several."""
    archive = current_archive()
    found: list[Post] = []
    for name in boards:
        try:
            board = archive.board(name)
        except (NotFound, Unavailable):
            continue
        try:
            found.append(await archive.post(board, wanted))
        except NotFound:
            continue
        except Unavailable:
            break  # a database that is away would let each board wait for it anew
        if len(found) > 1:
            break
    return found
