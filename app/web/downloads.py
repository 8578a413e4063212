"""Threads to keep: as one page, or the pictures in a ZIP file. Both are made while they are sent."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping
from types import TracebackType
from typing import Final, cast
from urllib.parse import quote
from weakref import WeakSet

from quart import Blueprint, Response, current_app, request
from quart.wrappers.response import ResponseBody

from app.context import current_archive
from app.errors import Unavailable
from app.model import parse_number
from app.web.kept_page import KEPT_POLICY, kept_page
from app.web.picture_zip import picture_zip

EXTENSION: Final = "koiwai.downloads"
"""The key of the Slots in `app.extensions`."""

AT_ONCE: Final = 2
"""Downloads that one process makes at a time: each keeps a thread for reading files and a database busy."""

MOST_OPEN: Final = 16
"""Downloads of one process altogether, those included whose clients are slow."""

_PATIENCE: Final = 1.0
"""Seconds for a piece of at most some 256 KiB; a client who needs more keeps nobody else from downloading."""

_RETRY_AFTER: Final = 30  # seconds


class Slot:
    """The right to make one download, held as long as this value is."""

    __slots__ = ("__weakref__",)


class Slots:
    """Who makes a download. One whose body was never asked for goes away with it, and so frees its slot."""

    def __init__(self) -> None:
        self._taken: WeakSet[Slot] = WeakSet()
        self._open: WeakSet[Slot] = WeakSet()

    def take(self) -> Slot:
        """Raises Unavailable while all are taken."""
        if len(self._taken) >= AT_ONCE or len(self._open) >= MOST_OPEN:
            raise Unavailable(
                "Others are downloading threads at the moment. Please try again in a minute.", retry_after=_RETRY_AFTER
            )
        slot = Slot()
        self._taken.add(slot)
        self._open.add(slot)
        return slot

    def lend(self, slot: Slot) -> None:
        """Lets another begin, while little is done for this one: its client is slow."""
        self._taken.discard(slot)

    def free(self, slot: Slot) -> None:
        self._taken.discard(slot)
        self._open.discard(slot)


class Streamed(ResponseBody):
    """A body that is made while it is sent; when it is out, or the client is gone, its slot is free."""

    def __init__(self, pieces: AsyncGenerator[bytes, None], slots: Slots, slot: Slot) -> None:
        self._pieces = pieces
        self._slots = slots
        self._slot = slot

    async def __aenter__(self) -> Streamed:
        return self

    async def __aexit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, tb: TracebackType | None
    ) -> None:
        self._slots.free(self._slot)
        await self._pieces.aclose()

    async def __aiter__(self) -> AsyncGenerator[bytes, None]:
        loop = asyncio.get_running_loop()
        async for piece in self._pieces:
            waiting = loop.call_later(_PATIENCE, self._slots.lend, self._slot)
            try:
                yield piece
            finally:
                waiting.cancel()


def add_routes(blueprint: Blueprint) -> None:
    blueprint.add_url_rule("/<board>/thread/<number>/download.html", view_func=page, strict_slashes=True)
    blueprint.add_url_rule("/<board>/thread/<number>/download.zip", view_func=pictures, strict_slashes=True)


async def page(board: str, number: str) -> Response:
    archive = current_archive()
    known, num = archive.board(board), parse_number(number)
    slots = _slots()
    slot = slots.take()
    try:
        pieces = await kept_page(archive, known, num)
    except BaseException:
        slots.free(slot)
        raise
    policy = {"Content-Security-Policy": KEPT_POLICY}
    return _attached(Streamed(pieces, slots, slot), f"{known.name}-{num}.html", "text/html; charset=utf-8", policy)


async def pictures(board: str, number: str) -> Response:
    archive = current_archive()
    known, num = archive.board(board), parse_number(number)
    slots = _slots()
    slot = slots.take()
    try:
        size, pieces = await picture_zip(archive, known, num)
    except BaseException:
        slots.free(slot)
        raise
    length = {"Content-Length": str(size)}
    return _attached(Streamed(pieces, slots, slot), f"{known.name}-{num}.zip", "application/zip", length)


def _attached(body: Streamed, name: str, content_type: str, headers: Mapping[str, str]) -> Response:
    """The answer that browsers save under this name."""
    plain = name.encode("ascii", "replace").decode().replace("?", "_")
    sent = {
        "Content-Disposition": f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}",
        "Cache-Control": "no-cache",
        **headers,
    }
    response = Response(b"" if request.method == "HEAD" else body, content_type=content_type)
    del response.headers["Content-Length"]
    response.headers.update(sent)
    response.timeout = None  # a slow download may take its time; the server notices a connection that died
    return response


def _slots() -> Slots:
    return cast(Slots, current_app.extensions.setdefault(EXTENSION, Slots()))
