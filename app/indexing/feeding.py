"""Batches that processes of their own read and prepare while this one writes, so that no processor is idle."""

from __future__ import annotations

import asyncio
import logging
import multiprocessing
import os
import signal
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection
from typing import Any, Final

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
from app.indexing.memory import prepare_memory
from app.settings import Settings

READERS: Final = 2
"""What two of them prepare keeps a writer busy. More would only hold memory."""
ROWS: Final = 4_000
"""What a reader is given to read at a time."""
WORTH_STARTING: Final = 40_000
"""Rows from which on it is worth to start readers for them."""
WORTH_ASKING: Final = ROWS
"""Rows from which on it is worth to have readers that are there read them."""


class Task(Struct, frozen=True):
    """What a reader needs to know of a board."""

    settings: Settings
    """With this board alone, whose clock is known."""
    board: str
    basis: str
    """What its index was made on (`app.engines.tantivy.snapshot.basis_of`)."""


class _Stretch(Struct, frozen=True):
    """Rows behind a place, up to another."""

    after: int
    last: int


class _Sent(Struct, frozen=True):
    """What a reader sends; at the end of a stretch neither."""

    batch: Batch | None = None
    away: str = ""
    """Why the database cannot be read; trying again may help."""


class Readers:
    """Other processes, which end with this one. They are started for the first board that they are to read, which takes
    as long as reading some ten thousand rows, if not sooner, and stay for the next ones. `close` them."""

    def __init__(self) -> None:
        self._readers: list[_Reader] = []

    def start(self) -> None:
        """They get ready while other things are done."""
        try:
            while len(self._readers) < min(READERS, os.cpu_count() or 1):
                self._readers.append(_Reader())
        except BaseException:
            self.close()
            raise

    def feed(self, task: Task, rows: IndexRows, after: int, last: int, stride: Stride) -> FedBatches | None:
        """The rows of a board from behind a place, up to another; None where so few are read sooner without them.

        One board at a time."""
        if not all(reader.is_there() for reader in self._readers):
            self.close()
        if last - after < (WORTH_ASKING if self._readers else WORTH_STARTING):
            return None
        self.start()
        return FedBatches(self._readers, task, rows, after, last, stride, end=self.close)

    def close(self) -> None:
        while self._readers:
            self._readers.pop().close()


class FedBatches:
    """Read and prepared by other processes: stretches of rows, by turns."""

    def __init__(
        self,
        readers: Sequence[_Reader],
        task: Task,
        rows: IndexRows,
        after: int,
        last: int,
        stride: Stride,
        *,
        end: Callable[[], None],
    ) -> None:
        """`end` is called where readers are left with something to say."""
        self._rows = rows
        self._after, self._last = after, last
        self._stretch = Stride(rows=ROWS, most=ROWS)
        self._readers = readers
        self._task, self._stride = task, stride
        self._end = end
        self._turns: deque[_Reader] = deque()
        """Who has been given a stretch, in the order of stretches."""
        self._given = 0

    async def next(self) -> Batch | None:
        while True:
            await self._give()
            if not self._turns:
                return None
            sent = await apart(self._turns[0].receive, hurry=self._kill)
            if sent.away:
                raise Unavailable(sent.away)
            if sent.batch is not None:
                return sent.batch
            self._turns.popleft()

    async def _give(self) -> None:
        """So much that each reader has something to do while what it has done is taken."""
        while self._after < self._last and len(self._turns) < 2 * len(self._readers):
            last = await self._rows.place_behind(self._after, self._stretch)
            last = self._last if last is None else min(last, self._last)
            reader = self._readers[self._given % len(self._readers)]
            if self._given < len(self._readers):  # not sooner: whatever it has to say is received in one of its turns
                reader.begin(self._task, self._stride)
            reader.give(_Stretch(self._after, last))
            self._turns.append(reader)
            self._given += 1
            self._after = last

    def _kill(self) -> None:
        """So that nobody waits for what they have to say."""
        for reader in self._readers:
            reader.kill()

    def close(self) -> None:
        if self._turns:
            self._end()


class _Reader:
    """A process, seen from the one that writes."""

    def __init__(self) -> None:
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=_read, args=(theirs,), daemon=True)
        # A terminal's interrupt goes to all processes, but it is the one that writes that ends the others. Python's
        # helper must be there: where it is started, the signal is let through again.
        resource_tracker.ensure_running()
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            self._process.start()
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
        theirs.close()
        self._decode = msgspec.msgpack.Decoder(_Sent).decode

    def is_there(self) -> bool:
        """Whether it waits for something to do."""
        return self._process.is_alive() and not self._pipe.poll()

    def begin(self, task: Task, stride: Stride) -> None:
        """With a board; what is given next is of that one."""
        self._tell((task, stride))

    def give(self, stretch: _Stretch) -> None:
        self._tell(stretch)

    def _tell(self, told: tuple[Task, Stride] | _Stretch) -> None:
        with suppress(OSError):  # of one that has ended; what it said last, if anything, is still to be received
            self._pipe.send(told)

    def receive(self) -> _Sent:
        try:
            return self._decode(self._pipe.recv_bytes())
        except (EOFError, OSError):
            raise CannotIndex("A process that reads the archive has ended before its time.") from None

    def kill(self) -> None:
        self._process.kill()

    def close(self) -> None:
        self.kill()
        self._process.join()
        self._pipe.close()


def _read(pipe: Connection) -> None:
    """What the other process does."""
    logging.getLogger("koiwai").addHandler(logging.NullHandler())  # what would be logged is told by the other process
    prepare_memory()
    with suppress(BrokenPipeError, ConnectionResetError, EOFError):  # nobody wants more
        asyncio.run(_read_boards(pipe))


async def _read_boards(pipe: Connection) -> None:
    outbox = _Outbox(pipe)
    try:
        told: Any = await apart(pipe.recv)
        while True:
            task, stride = told
            told = await _read_board(pipe, outbox, task, stride)
    except (SettingsError, KoiwaiError) as error:
        await outbox.put(_Sent(away=reason(error) if isinstance(error, Unavailable) else str(error)))
    finally:
        await outbox.empty()


async def _read_board(pipe: Connection, outbox: _Outbox, task: Task, stride: Stride) -> Any:
    """Until something else comes than a stretch, which is given back: the next board."""
    boards = Boards(task.settings, database_for(task.settings.db), Pace(patience=0))
    await boards.open()
    try:
        board = boards.get(task.board)
        if basis_of(board) != task.basis:
            raise Unavailable(f"/{task.board}/ has changed just now.")
        rows = IndexRows(board.database, board.tables, NUMBERS, TEXTS)
        while isinstance(stretch := await apart(pipe.recv), _Stretch):
            batches = OwnBatches(board, rows, stretch.after, stretch.last, stride)
            while (batch := await batches.next()) is not None:
                await outbox.put(_Sent(batch))
            await outbox.put(_Sent())
        return stretch
    finally:
        await boards.close()


class _Outbox:
    """Sends one thing while the next is made: sending takes as long as the other process is busy."""

    def __init__(self, pipe: Connection) -> None:
        self._pipe = pipe
        self._encode = msgspec.msgpack.Encoder().encode
        self._sending: asyncio.Task[None] | None = None

    async def put(self, sent: _Sent) -> None:
        """Raises what went wrong with the one before."""
        await self.empty()
        self._sending = asyncio.create_task(apart(self._send, sent))

    async def empty(self) -> None:
        sending, self._sending = self._sending, None
        if sending is not None:
            await sending

    def _send(self, sent: _Sent) -> None:
        self._pipe.send_bytes(self._encode(sent))
