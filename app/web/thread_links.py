"""What stands above and below the posts of a thread: what there is of it, other views of it, ways to keep it."""

from __future__ import annotations

from typing import Final

from msgspec import Struct

from app.context import current_archive, live_links
from app.exif import read_exif
from app.model import PostId, Thread
from app.urls import Links
from app.web.picture_zip import packs_pictures
from app.web.text import counted, fit

DEFAULT_LAST: Final = 50

_LASTS: Final = (DEFAULT_LAST, 100, 250)
"""Numbers of last posts that are offered, as far as a thread is longer."""


class View(Struct, frozen=True, gc=False):
    """Which part of a thread is shown; as it stands, all of it, or its first part."""

    last: int | None = None
    """So many last posts of it."""
    deleted: bool = False
    """Only what was deleted on the live site."""
    after: PostId | None = None
    """The part behind this post."""


class ThreadLink(Struct, frozen=True, gc=False):
    """Another way to look at the thread, or to have it."""

    text: str
    href: str
    current: bool = False
    outside: bool = False
    saved_as: str = ""
    """The name under which browsers save what the link leads to; "" where they open it."""


def view_links(found: Thread, links: Links, view: View) -> tuple[ThreadLink, ...]:
    """The thread, its parts, and what can be found about it."""
    board, num, live = found.board, found.num, live_links()
    items = [ThreadLink("Whole thread", links.thread(board, num), current=view == View())]
    lasts = {count for count in _LASTS if found.counts.posts > count + 1}
    if view.last is not None:
        lasts.add(view.last)
    items += [
        ThreadLink(f"Last {count:,}", links.last(board, count, num), current=count == view.last)
        for count in sorted(lasts)
    ]
    gone = _deleted(found, view)
    if gone != 0 or view.deleted:
        text = f"Deleted posts ({gone:,})" if gone else "Deleted posts"
        items.append(ThreadLink(text, links.deleted(board, num), current=view.deleted))
    items.append(ThreadLink("Search this thread", links.search(board, [("tnum", str(num))])))
    items.append(ThreadLink("Feed", links.thread_feed(board, num)))
    there = live.thread(board, num)
    if there:
        items.append(ThreadLink(f"View on {fit(live.site.name)}", there, outside=True))
    return tuple(items)


def kept_links(found: Thread, links: Links, view: View) -> tuple[ThreadLink, ...]:
    """Ways to keep the thread."""
    board, num = found.board, found.num
    items = [ThreadLink("Page", links.download(board, num, "html"))]
    if found.counts.images and packs_pictures(current_archive().settings, board):
        items.append(ThreadLink("Pictures", links.download(board, num, "zip")))
    # The API gives a thread in the same parts as its page.
    items.append(ThreadLink("JSON", links.thread_json(board, num, view.after), saved_as=f"{board}-{num}.json"))
    return tuple(items)


def thread_counts(found: Thread, view: View) -> str:
    """`12 replies / 3 images / 9 posters`, of the whole thread, whatever part of it is shown."""
    has_op = found.op is not None or view.after is not None
    counts = [
        counted(found.counts.posts - has_op, "reply", "replies"),
        counted(found.counts.images, "image"),
    ]
    posters = _posters(found)
    if posters is not None:
        counts.append(counted(posters, "poster"))
    return " / ".join(counts)


def _posters(found: Thread) -> int | None:
    """As the live site counted them, else by the IDs that it gave out in the thread; None where nobody knows."""
    told = read_exif(found.op.exif).unique_ips if found.op is not None else None
    if told is not None or not _whole(found):
        return told
    ids = {post.poster_hash for post in found.posts}
    # Staff post under one ID or none, and boards without IDs have none: then they count nobody.
    return None if None in ids else len(ids)


def _deleted(found: Thread, view: View) -> int | None:
    """How many posts of the thread were deleted; None where that cannot be told from what is shown."""
    if view.deleted or _whole(found):
        return sum(post.deleted for post in found.posts)
    return None


def _whole(found: Thread) -> bool:
    """Whether every post of the thread is among those shown."""
    return found.next is None and len(found.posts) == found.counts.posts
