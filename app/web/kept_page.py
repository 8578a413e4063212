"""A whole thread as one HTML file that needs nothing else: style and thumbnails are inside, scripts are not.

It is made while it is sent, so the longest thread needs no more memory than a part of it.
"""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncGenerator, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from markupsafe import Markup
from msgspec import Struct

from app.assets import assets
from app.context import absolute_links, live_links
from app.labels import RATING
from app.media_layout import media_type
from app.media_links import MediaLinks, media_on
from app.model import Media, Post, PostId, Thread
from app.sendfile import regular_file
from app.settings import Settings
from app.urls import Links, LiveLinks
from app.web.board_page import thread_title
from app.web.flag import flags
from app.web.own_files import own_file
from app.web.render import in_turns, macros
from app.web.text import counted, fit
from app.web.themes import scheme_of
from app.web.view import PostViews

if TYPE_CHECKING:
    from app.archive import Archive
    from app.board import Board

KEPT_POLICY: Final = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
"""Stands in the file too: nothing in it can ask any server for anything."""

MOST_PICTURES: Final = 20 * 1024 * 1024
"""Bytes of thumbnails in one file; the rest are left out, which its last line says."""

_LARGEST_PICTURE: Final = 1024 * 1024  # bytes; thumbnails have some ten thousand
_AT_ONCE: Final = 25  # posts printed at a stretch


class KeptLinks(Links, frozen=True, kw_only=True):
    """Absolute addresses, but places in the file itself for the posts of its own thread."""

    board_name: str
    num: int

    def thread(self, board: str, num: int, anchor: PostId | None = None) -> str:
        if (board, num) != (self.board_name, self.num):
            return super().thread(board, num, anchor)
        return "" if anchor is None else f"#{anchor}"

    def flag(self, code: str) -> str:
        """The picture itself."""
        return _flag(code)


@cache
def _flag(code: str) -> str:
    return _data("image/gif", flags()[code].read_bytes())  # half a kilobyte, read once


def _data(content_type: str | None, content: bytes) -> str:
    """An address that holds what it leads to."""
    return f"data:{content_type};base64,{base64.b64encode(content).decode()}"


class KeptThumbs(MediaLinks):
    """Thumbnails as addresses that hold them, once they are loaded; images lead to the archive."""

    def __init__(self, links: Links, settings: Settings) -> None:
        super().__init__(links, settings)
        self._loaded: dict[Media, str] = {}
        self._room = MOST_PICTURES
        self.left_out = 0
        """How many there was no room for."""

    async def load(self, archive: Archive, board: Board, posts: Sequence[Post]) -> None:
        """Takes the thumbnails of these posts in, and forgets those of others."""
        pictures = [post.media for post in posts if post.media is not None and not post.media.spoiler]
        places = [(media, await own_file(archive, board, "thumb", media)) for media in pictures]
        await asyncio.to_thread(self._read, places)

    def thumb(self, board: str, media: Media) -> str | None:
        return self._loaded.get(media)

    def _read(self, places: Sequence[tuple[Media, Path | None]]) -> None:
        self._loaded = {}
        for media, path in places:
            found = None if path is None else regular_file(path)
            if path is None or found is None:
                continue
            if found.st_size > min(self._room, _LARGEST_PICTURE):
                self.left_out += 1
                continue
            try:
                picture = path.read_bytes()
            except OSError:
                continue  # gone since
            self._room -= len(picture)
            self._loaded[media] = _data(media_type("thumb", path.name), picture)


class KeptHead(Struct, frozen=True):
    """What stands above the posts of the file, and in its head."""

    title: str
    address: str
    board_label: str
    counts: str
    theme: str
    scheme: str
    style: Markup
    policy: str
    rating: str | None
    veiled: bool


async def kept_page(archive: Archive, board: Board, num: int) -> AsyncGenerator[bytes, None]:
    """The file, piece by piece. Raises NotFound where there is no such thread."""
    found = await archive.thread(board, num)
    absolute = absolute_links()
    conversation = await archive.conversation(found.posts[:1])
    about, theme = archive.boards[board.name], archive.settings.site.theme
    head = KeptHead(
        title=thread_title(board, num, found.op, conversation),
        address=absolute.thread(board.name, num),
        board_label=f"/{board.name}/ - {fit(about.title)}" if about.title != board.name else f"/{board.name}/",
        counts=f"{counted(found.counts.posts, 'post')}, {counted(found.counts.images, 'image')}",
        theme=theme,
        scheme=scheme_of(theme),
        style=Markup(assets()["koiwai.css"].body.decode()),  # our own file: nothing in it to escape
        policy=KEPT_POLICY,
        rating=RATING if about.nsfw else None,
        veiled=about.nsfw and media_on(archive.settings, board.name),
    )
    links = KeptLinks(absolute.base, board_name=board.name, num=num)
    return _Printer(archive, board, links, live_links()).pieces(head, found)


class _Printer:
    """Prints one file. All that belongs to the request was looked up before, as the request is over by then."""

    def __init__(self, archive: Archive, board: Board, links: KeptLinks, live: LiveLinks) -> None:
        self._archive = archive
        self._board = board
        self._links = links
        self._live = live
        self._thumbs = KeptThumbs(links, archive.settings)
        self._print_posts = macros("post.html").posts
        self._frame = macros("kept.html")

    async def pieces(self, head: KeptHead, found: Thread) -> AsyncGenerator[bytes, None]:
        yield _encoded(self._frame.head(head))
        posts = found.posts
        if found.op is not None:
            views = await self._views(posts)
            await self._thumbs.load(self._archive, self._board, posts[:1])
            yield _encoded(self._print_posts([views.opening(found.op)], caller=Markup))
            posts = posts[1:]
        yield _encoded(self._frame.replies())
        async for piece in self._printed(found.posts, posts):
            yield piece
        if found.next is not None:
            async for part in self._archive.thread_slices(self._board, found.num, found.next):
                async for piece in self._printed(part, part):
                    yield piece
        media = self._archive.settings.media
        elsewhere = media_on(self._archive.settings, self._board.name) and bool(media.thumb_url)
        yield _encoded(self._frame.foot(head, self._thumbs.left_out, elsewhere))

    async def _printed(self, together: Sequence[Post], posts: Sequence[Post]) -> AsyncGenerator[bytes, None]:
        """`posts`, which are all or some of those that were read `together`."""
        views = await self._views(together)
        for start in range(0, len(posts), _AT_ONCE):
            some = posts[start : start + _AT_ONCE]
            await self._thumbs.load(self._archive, self._board, some)
            yield _encoded(self._print_posts(await in_turns(some, views.reply)))

    async def _views(self, posts: Sequence[Post]) -> PostViews:
        return PostViews(
            self._links,
            await self._archive.conversation(posts),
            files=self._thumbs,
            anonymous=fit(self._archive.settings.site.anonymous_name),
            live=self._live,
        )


def _encoded(html: str) -> bytes:
    return html.encode("utf-8", "replace")
