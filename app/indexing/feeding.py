"""Batches that a process of its own reads and prepares while this one writes, so that two processors are busy."""

from __future__ import annotations

import asyncio
import gc
import logging
import multiprocessing
import signal
from collections.abc import Callable
from contextlib import suppress
from multiprocessing.connection import Connection
from typing import Final

import msgspec
from msgspec import Struct

from app.boards import Boards, Pace
from app.db import database_for
from app.db.base import reason
from app.db.index_rows import IndexRows
from app.db.pieces import Stride
from app.engines.tantivy.documents import NUMBERS, TEXTS
from app.engines.tantivy.snapshot import basis_of
from app.errors import KoiwaiError, SettingsError, Unavailable
from app.indexing.apart import apart
from app.indexing.batches import Batch, OwnBatches
from app.indexing.generations import CannotIndex
from app.settings import Settings

COLLECT_EVERY: Final = 200_000
"""Objects: rows and documents by the million have no cycles among them, and looking for some takes a fifth of the
time."""


class _Sent(Struct, frozen=True):
    """What comes through the pipe; at the end neither."""

    batch: Batch | None = None
    away: str = ""
    """Why the database cannot be read; trying again may help."""


class FedBatches:
    """Read and prepared by another process, which ends with this one."""

    def __init__(self, settings: Settings, board: str, basis: str, after: int, last: int, stride: Stride) -> None:
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe(duplex=False)
        arguments = (theirs, settings, board, basis, after, last, stride)
        self._process = context.Process(target=_feed, args=arguments, daemon=True)
        self._process.start()
        theirs.close()
        self._decode = msgspec.msgpack.Decoder(_Sent).decode

    async def next(self) -> Batch | None:
        sent = await apart(self._receive)
        if sent.away:
            raise Unavailable(sent.away)
        return sent.batch

    def _receive(self) -> _Sent:
        try:
            return self._decode(self._pipe.recv_bytes())
        except (EOFError, OSError):
            raise CannotIndex("The process that reads the archive has ended before its time.") from None

    def close(self) -> None:
        self._process.kill()
        self._process.join()
        self._pipe.close()


def _feed(pipe: Connection, settings: Settings, board: str, basis: str, after: int, last: int, stride: Stride) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # who started us ends us
    logging.getLogger("koiwai").addHandler(logging.NullHandler())  # what would be logged is told by the other process
    gc.freeze()
    gc.set_threshold(COLLECT_EVERY)
    encode = msgspec.msgpack.Encoder().encode
    with suppress(BrokenPipeError):  # nobody wants more
        asyncio.run(_send_all(lambda sent: pipe.send_bytes(encode(sent)), settings, board, basis, after, last, stride))


async def _send_all(
    send: Callable[[_Sent], None], settings: Settings, name: str, basis: str, after: int, last: int, stride: Stride
) -> None:
    boards = Boards(settings, database_for(settings.db), Pace(patience=0))
    try:
        await boards.open()
        try:
            board = boards.get(name)
            if basis_of(board) != basis:
                return
            rows = IndexRows(board.database, board.tables, NUMBERS, TEXTS)
            batches = OwnBatches(board, rows, after, last, stride)
            batch = await batches.next()
            while batch is not None:
                # The next rows are read while these are sent, which takes as long as the other process does.
                reading = asyncio.create_task(batches.next())
                await apart(send, _Sent(batch))
                batch = await reading
            send(_Sent())
        finally:
            await boards.close()
    except (SettingsError, KoiwaiError) as error:
        send(_Sent(away=reason(error) if isinstance(error, Unavailable) else str(error)))
