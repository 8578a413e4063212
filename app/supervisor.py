"""Several processes that serve together: started, watched, replaced when they die, and ended.

They are forked, so that they share the listening sockets and most of their memory. The parent itself opens
nothing and runs no thread, which is what makes forking safe at any time.
"""

from __future__ import annotations

import logging
import math
import os
import selectors
import signal
import socket
import sys
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final, NoReturn

log = logging.getLogger("koiwai.server")

Ready = Callable[[str], None]
"""Called by a process once it serves, with a word about what."""

_SIGNALS: Final = (signal.SIGTERM, signal.SIGINT, signal.SIGCHLD)
_SPARE: Final = 5.0  # seconds beyond those that a process itself takes to end
_SHORTEST_PAUSE, _LONGEST_PAUSE = 0.25, 30.0  # seconds until a dead process is replaced
_MEMORY: Final = 60.0  # seconds for which a death makes the pause longer


def supervise(
    count: int,
    work: Callable[[Ready, int], int],
    *,
    announce: Ready,
    refuse: Callable[[], None],
    startup: float,
    patience: float,
) -> int:
    """Runs `work` in `count` processes until SIGTERM or SIGINT; the result is the status to end with.

    `work` gets a function to call once it serves, and a file descriptor on which the parent's end shows; it ends by
    SIGTERM within `patience` seconds, or is killed a little later. The first process starts alone: what keeps it from
    serving is said once. Once all of them serve, `announce` is called with the word of the last; from then on one that
    dies is replaced, and a replacement that does not serve after `startup` seconds is killed and replaced in turn.
    Once they are to end, `refuse` is called, which closes the parent's copies of the listening sockets. A second
    signal ends everything at once.
    """
    return _Supervisor(count, work, announce, refuse, startup, patience).run()


@dataclass
class _Worker:
    pid: int
    report: int | None
    """Where it tells that it serves: read end of a pipe; None once it has, or has ended."""
    late: float
    """When it is killed unless it serves by then; infinite at the first start, and once it serves or is killed."""
    serves: bool = False


class _Supervisor:
    def __init__(
        self,
        count: int,
        work: Callable[[Ready, int], int],
        announce: Ready,
        refuse: Callable[[], None],
        startup: float,
        patience: float,
    ) -> None:
        self._count = count
        self._work = work
        self._announce = announce
        self._refuse = refuse
        self._startup = startup
        self._patience = patience + _SPARE
        self._workers: dict[int, _Worker] = {}
        self._complete = False  # all of them have served at the same time
        self._status = 0
        self._deadline: float | None = None  # when those that are to end are killed; None: nobody is to end
        self._deaths: deque[float] = deque()
        self._next_start = 0.0
        self._lifeline, self._hold = os.pipe()
        self._bell, self._ring = socket.socketpair()
        self._selector = selectors.DefaultSelector()

    def run(self) -> int:
        for end in (self._bell, self._ring):
            end.setblocking(False)
        signal.set_wakeup_fd(self._ring.fileno(), warn_on_full_buffer=False)
        for number in _SIGNALS:
            signal.signal(number, lambda *_: None)  # the number arrives at the bell
        self._selector.register(self._bell, selectors.EVENT_READ)
        self._start()
        while self._workers or self._deadline is None:
            for key, _ in self._selector.select(self._pause()):
                if key.data is None:
                    self._hear()
                else:
                    self._read_report(key.data)
            self._bury()
            self._go_on()
        signal.set_wakeup_fd(-1)
        for closed in (self._bell, self._ring, self._selector):
            closed.close()
        os.close(self._lifeline)
        os.close(self._hold)
        return self._status

    def _pause(self) -> float | None:
        """Seconds until something is to be done that nothing announces."""
        if self._deadline is not None:
            moment = self._deadline
        else:
            moment = min((worker.late for worker in self._workers.values()), default=math.inf)
            if len(self._workers) < self._count and self._may_start():
                moment = min(moment, self._next_start)
        return None if moment == math.inf else max(0.0, moment - time.monotonic())

    def _go_on(self) -> None:
        now = time.monotonic()
        if self._deadline is not None:
            if now >= self._deadline:
                self._signal_all(signal.SIGKILL)
                self._deadline = now + _SPARE
            return
        for worker in self._workers.values():
            if now >= worker.late:
                log.error("a worker does not serve after %g s", self._startup, extra={"facts": {"pid": worker.pid}})
                worker.late = math.inf
                os.kill(worker.pid, signal.SIGKILL)  # not yet buried, so the number is still its own
        if self._may_start() and now >= self._next_start:
            while len(self._workers) < self._count:
                self._start()

    def _may_start(self) -> bool:
        """Only the first one starts alone: later, one that hangs while it starts must not keep others from starting."""
        return self._complete or self._all_serve()

    def _hear(self) -> None:
        with suppress(BlockingIOError):
            for number in self._bell.recv(1000):
                if number in (signal.SIGTERM, signal.SIGINT):
                    if self._deadline is None:
                        self._end(0)
                    else:
                        self._signal_all(signal.SIGKILL)
                        self._status = 128 + number

    def _end(self, status: int) -> None:
        self._status = status
        self._deadline = time.monotonic() + self._patience
        self._refuse()
        self._signal_all(signal.SIGTERM)

    def _signal_all(self, number: signal.Signals) -> None:
        for pid in self._workers:
            with suppress(ProcessLookupError):
                os.kill(pid, number)

    def _start(self) -> None:
        report, tell = os.pipe()
        # A signal must not find the child with the parent's bell in its hands.
        signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
        pid = os.fork()
        if pid == 0:
            os.close(report)
            self._be_worker(tell)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS)
        os.close(tell)
        late = time.monotonic() + self._startup if self._complete else math.inf
        self._workers[pid] = _Worker(pid, report, late)
        self._selector.register(report, selectors.EVENT_READ, self._workers[pid])

    def _be_worker(self, tell: int) -> NoReturn:
        """The life of a child. It never returns into the parent's code."""
        status = 1
        try:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C reaches all; the parent passes it on as SIGTERM
            for number in (signal.SIGTERM, signal.SIGCHLD):
                signal.signal(number, signal.SIG_DFL)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS)
            self._selector.close()
            os.close(self._hold)
            for sibling in self._workers.values():
                if sibling.report is not None:
                    os.close(sibling.report)
            self._bell.close()
            self._ring.close()

            def ready(word: str) -> None:
                with suppress(BrokenPipeError):  # the parent is gone; the lifeline tells
                    os.write(tell, f"{word}\n".encode())
                os.close(tell)

            status = self._work(ready, self._lifeline)
        except BaseException:
            log.critical("a worker has failed", exc_info=True)
        finally:
            with suppress(Exception):
                sys.stderr.flush()
            os._exit(status)

    def _read_report(self, worker: _Worker) -> None:
        assert worker.report is not None
        word = os.read(worker.report, 4096).decode()
        self._forget_report(worker)
        if not word:
            return  # it has ended without a word
        worker.serves, worker.late = True, math.inf
        if not self._complete and len(self._workers) == self._count and self._all_serve():
            self._complete = True
            self._announce(word.rstrip())

    def _forget_report(self, worker: _Worker) -> None:
        if worker.report is not None:
            self._selector.unregister(worker.report)
            os.close(worker.report)
            worker.report = None

    def _all_serve(self) -> bool:
        return all(worker.serves for worker in self._workers.values())

    def _bury(self) -> None:
        for worker in list(self._workers.values()):
            pid, state = os.waitpid(worker.pid, os.WNOHANG)
            if pid:
                del self._workers[pid]
                self._forget_report(worker)
                self._mourn(worker, os.waitstatus_to_exitcode(state))

    def _mourn(self, worker: _Worker, status: int) -> None:
        if self._deadline is not None:
            if status not in (0, -signal.SIGTERM):  # that signal ends one that has hardly begun
                self._status = self._status or 1
        elif not self._complete:
            self._end(1)  # it has said why
        else:
            now = time.monotonic()
            while self._deaths and now - self._deaths[0] > _MEMORY:
                self._deaths.popleft()
            self._deaths.append(now)
            pause = min(_LONGEST_PAUSE, _SHORTEST_PAUSE * 2 ** (len(self._deaths) - 1))
            self._next_start = now + pause
            facts: dict[str, Any] = {"pid": worker.pid, "status": status, "pause": pause}
            log.error("a worker has ended; another one takes its place", extra={"facts": facts})
