"""Every kind of page that readers meet, by its address in the demo archive: what all tests of pages go through.

The demo is the same on every run, so that its numbers can be looked up in what it was invented from.
"""

from collections.abc import Container
from typing import NamedTuple
from urllib.parse import quote

import pytest

from app.demo.boards import invent
from app.demo.media import render
from app.demo.model import DemoPost

_POSTS = {board.name: board.posts for board in invent().boards}


class PageKind(NamedTuple):
    """`status` is what it is answered with; `stays` is false of what browsers leave at once, or save as a file."""

    name: str
    address: str
    status: int = 200
    stays: bool = True


def _thread(subject: str, board: str = "g") -> int:
    """The number of the first thread whose subject has these words."""
    return next(post.num for post in _POSTS[board] if post.num == post.thread_num and subject in (post.subject or ""))


def _posts(thread: int, board: str = "g") -> list[DemoPost]:
    return [post for post in _POSTS[board] if post.thread_num == thread]


def _spoken(comment: str, board: str = "g") -> DemoPost:
    """The first post with these words in its comment."""
    return next(post for post in _POSTS[board] if comment in (post.comment or ""))


_LONG = max((post.thread_num for post in _POSTS["g"]), key=lambda num: len(_posts(num)))
_SHORT = _spoken("Is anybody there?").num
_GHOSTS = _spoken("Live post 0 of ghost.").num
_HEADLESS = _spoken("Reply 1 to a post nobody saved.").thread_num
_DELETED = _thread("Deleted thread")
_REPLY = _posts(_LONG)[9].num
_PROGRAMMING = quote("λ")
_HTML = min(post.thread_num for post in _POSTS["λ"])
_PICTURES = _spoken("File 0.").num


def _hash(post: DemoPost) -> str:
    """Of its file, as addresses have it."""
    assert post.picture is not None
    return render(post.picture).md5.rstrip("=").translate(str.maketrans("+/", "-_"))


LONG_THREAD = f"/g/thread/{_LONG}/"
THREAD = f"/g/thread/{_PICTURES}/"

KINDS = {
    kind.name: kind
    for kind in (
        PageKind("home", "/"),
        PageKind("index", "/g/"),
        PageKind("index-page-2", "/g/page/2/"),
        PageKind("index-past-the-end", "/g/page/900/", 404),
        PageKind("index-by-creation", "/g/?order=creation"),
        PageKind("index-of-html", f"/{_PROGRAMMING}/"),
        PageKind("ghosts", "/g/ghost/"),
        PageKind("ghosts-page-1", "/g/ghost/1/"),
        PageKind("veiled", "/3/"),
        PageKind("catalog", "/g/catalog/"),
        PageKind("catalog-sorted", "/g/catalog/?sort=replies&size=large&text=off"),
        PageKind("gallery", "/g/gallery/"),
        PageKind("gallery-page-1", "/g/gallery/1/"),
        PageKind("gallery-images", "/g/gallery/?tab=images"),
        PageKind("thread", THREAD),
        PageKind("thread-short", f"/g/thread/{_SHORT}/"),
        PageKind("thread-long", LONG_THREAD),
        PageKind("thread-after", f"{LONG_THREAD}?after={_posts(_LONG)[300].num}"),
        PageKind("thread-of-people", f"/g/thread/{_thread('Who is who')}/"),
        PageKind("thread-of-markup", f"/g/thread/{_thread('Markup, all of it')}/"),
        PageKind("thread-of-quotes", f"/g/thread/{_spoken('Quote things here.').num}/"),
        PageKind("thread-of-exif", f"/g/thread/{_spoken('Exif form 0.').num}/"),
        PageKind("thread-hostile", f"/g/thread/{_thread('</title>')}/"),
        PageKind("thread-with-ghosts", f"/g/thread/{_GHOSTS}/"),
        PageKind("thread-headless", f"/g/thread/{_HEADLESS}/"),
        PageKind("thread-of-html", f"/{_PROGRAMMING}/thread/{_HTML}/"),
        PageKind("download", f"{THREAD}download.html", stays=False),
        PageKind("last", f"/g/last/50/{_LONG}/"),
        PageKind("deleted", f"/g/deleted/{_DELETED}/"),
        PageKind("deleted-none", f"/g/deleted/{_SHORT}/"),
        PageKind("post", f"/g/post/{_REPLY}/", stays=False),
        PageKind("redirect", "/g/redirect/1668902400123.jpg/", stays=False),
        PageKind("same-image", f"/g/image/{_hash(_spoken('Seen before.'))}/"),
        PageKind("statistics", "/g/statistics/"),
        PageKind("search-form", "/g/search/"),
        PageKind("search", "/g/search/?text=the"),
        PageKind("search-everywhere", "/_/search/?text=the"),
        PageKind("search-threads", "/g/search/?text=the&results=thread"),
        PageKind("search-gallery", "/g/search/?extension=png&view=gallery"),
        PageKind("search-nothing", "/g/search/?text=nowhereatall"),
        PageKind("search-refused", "/g/search/?start=yesterday-ish", 400),
        PageKind("search-by-path", "/g/search/text/the/page/2/"),
        PageKind("search-everywhere-by-path", "/_/search/text/the/"),
        PageKind("advanced", "/g/advanced_search/"),
        PageKind("advanced-everywhere", "/_/advanced_search/"),
        PageKind("about", "/_/about/"),
        PageKind("help", "/_/help/"),
        PageKind("api", "/api/"),
        PageKind("no-page", "/_/nowhere/", 404),
        PageKind("no-board", "/nowhere/", 404),
        PageKind("no-thread", "/g/thread/77/", 404),
        PageKind("refused", "/g/?order=sideways", 400),
    )
}

LOST = {
    name
    for posts in _POSTS.values()
    for post in posts
    if post.picture is not None and post.picture.missing
    for name in (post.picture.server_name, post.picture.thumb_name)
}
"""Names of files that the demo lacks on purpose."""


def each_kind(core: Container[str]) -> pytest.MarkDecorator:
    """A test of the parameter `kind`, once for each that browsers stay on; those not in `core` in "make test-full"."""
    return pytest.mark.parametrize(
        "kind",
        [
            pytest.param(kind, id=name, marks=() if name in core else pytest.mark.full)
            for name, kind in KINDS.items()
            if kind.stays
        ],
    )
