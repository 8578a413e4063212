"""Serving: one process or several, what a signal does, and one line when it cannot start.

The connections are hypercorn's. Accepting and ending them is done here, because hypercorn by itself waits for as
long as clients like on Python 3.12 and newer, whatever `graceful_timeout` says.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import socket
import ssl
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Final, NoReturn

import click
from hypercorn.app_wrappers import ASGIWrapper
from hypercorn.asyncio.tcp_server import TCPServer
from hypercorn.asyncio.worker_context import WorkerContext
from hypercorn.config import Config
from hypercorn.typing import ASGIReceiveCallable, ASGISendCallable, ASGISendEvent, Scope
from quart import Quart

from app import create_app
from app.archive import Archive
from app.compat import timeout
from app.context import EXTENSION
from app.dates import EXTENSION as DATES
from app.dates import Dates
from app.errors import SettingsError
from app.looks import is_folder, is_there
from app.server_config import Listening
from app.settings import Settings
from app.supervisor import Ready, supervise
from app.telemetry import set_up_logging

log = logging.getLogger("koiwai.server")

_OTHERS: Final = ("asyncio", "hypercorn.error", "quart", "py.warnings")
_MOST_BOARDS: Final = 30  # named in the line at the start
_LINGER: Final = 1.0  # seconds that idle connections get for a request that is on its way when we are told to stop
_AFTERMATH: Final = 5.0  # seconds that requests which are cut off get to let go of what they hold


def run(settings: Settings, config: Config, warnings: Sequence[str] = ()) -> NoReturn:
    """Serves until SIGINT or SIGTERM, and ends the process: with status 1 and a line when it cannot start.

    `warnings` are what reading the settings has noticed.
    """
    set_up_logging(settings.log, *_OTHERS)
    logging.captureWarnings(True)
    config.errorlog = logging.getLogger("hypercorn.error")
    _check_state(settings.app.state)
    if config.workers > 1 and not hasattr(os, "fork"):
        raise click.ClickException("This system can run one worker only.")
    try:
        listening = Listening(config)
    except SettingsError as error:
        raise click.ClickException(str(error)) from error

    def announce(boards: str) -> None:
        facts = {"workers": config.workers, "database": settings.db.db_type, "boards": boards}
        log.info("Running on %s", listening.addresses, extra={"facts": facts})
        for warning in warnings:  # now that nothing worse is to be said
            log.warning("%s", warning)

    dates = Dates()  # made before any worker is forked: what one has answered, the others must know

    def work(ready: Ready, lifeline: int | None = None) -> int:
        app = create_app(settings)
        app.extensions[DATES] = dates
        return asyncio.run(_Process(app, config, listening.sockets).serve(ready, lifeline))

    try:
        if config.workers == 1:
            status = work(announce)
        else:
            status = supervise(
                config.workers,
                work,
                announce=announce,
                refuse=listening.close,
                startup=config.startup_timeout,
                patience=ending(config),
            )
    finally:
        listening.close()
    sys.exit(status)


def ending(config: Config) -> float:
    """Seconds within which a process ends that is told to."""
    return _LINGER + config.graceful_timeout + _AFTERMATH + config.shutdown_timeout


class _Process:
    """One process that serves `app` on `sockets`."""

    def __init__(self, app: Quart, config: Config, sockets: list[socket.socket]) -> None:
        self._app = app
        self._config = config
        self._sockets = sockets
        self._context = WorkerContext(None)
        self._stop = asyncio.Event()
        self._connections: dict[asyncio.Task[None], asyncio.StreamWriter] = {}

    async def serve(self, ready: Ready, lifeline: int | None) -> int:
        """Until told to stop; the result is the status to end with. `ready` is told the boards.

        A process of its own stops by SIGTERM or SIGINT; a second one ends it at once. With a `lifeline` it has a
        parent, which sends SIGTERM, perhaps more than once, and whose end shows on that file descriptor.
        """
        loop, stop = asyncio.get_running_loop(), self._stop
        loop.set_exception_handler(self._exception_in_loop)

        def told(number: int) -> None:
            stop.set()
            if lifeline is None:
                loop.remove_signal_handler(number)
                signal.signal(number, signal.SIG_DFL)

        def cut() -> None:
            assert lifeline is not None
            loop.remove_reader(lifeline)
            stop.set()

        with suppress(NotImplementedError):  # on Windows, where Ctrl+C ends the loop
            for number in (signal.SIGTERM,) if lifeline is not None else (signal.SIGTERM, signal.SIGINT):
                loop.add_signal_handler(number, told, number)
        if lifeline is not None:
            loop.add_reader(lifeline, cut)

        starting, stopped = loop.create_task(self._app.startup()), loop.create_task(stop.wait())
        await asyncio.wait({starting, stopped}, return_when=asyncio.FIRST_COMPLETED)
        if not starting.done():
            starting.cancel()
            with suppress(asyncio.CancelledError):
                await starting
            return 0
        if starting.exception() is not None:
            stopped.cancel()
            return 1  # the log has it
        servers = [await self._listen(sock) for sock in self._sockets]
        ready(_boards(self._app.extensions[EXTENSION]))
        await stopped
        for server in servers:
            server.close()
        if self._connections:
            await asyncio.wait(list(self._connections), timeout=_LINGER)
        await self._context.terminated.set()  # hypercorn ends those that are idle
        await self._drain()
        try:
            async with timeout(self._config.shutdown_timeout):
                await self._app.shutdown()
        except asyncio.TimeoutError:
            log.error("the archive could not be closed in %g s", self._config.shutdown_timeout)
            return 1
        return 0

    async def _listen(self, sock: socket.socket) -> asyncio.Server:
        tls = self._config.create_ssl_context()
        patience = None if tls is None else self._config.ssl_handshake_timeout
        return await asyncio.start_server(
            self._connected, sock=sock, backlog=self._config.backlog, ssl=tls, ssl_handshake_timeout=patience
        )

    def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        loop = asyncio.get_running_loop()
        connection = TCPServer(ASGIWrapper(self._answer), loop, self._config, self._context, {}, reader, writer)
        task = loop.create_task(connection.run())
        self._connections[task] = writer
        task.add_done_callback(self._parted)

    async def _answer(self, scope: Scope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
        """The app; once we are told to stop, its answers over HTTP/1 say that no other request can follow."""
        by_header = scope["type"] == "http" and scope["http_version"] != "2"

        async def parting(message: ASGISendEvent) -> None:
            if message["type"] == "http.response.start" and by_header and self._stop.is_set():
                message["headers"] = [*message["headers"], (b"connection", b"close")]
            await send(message)

        await self._app(scope, receive, parting)

    def _parted(self, task: asyncio.Task[None]) -> None:
        del self._connections[task]
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("a connection has failed", exc_info=error)

    async def _drain(self) -> None:
        """Lets the requests under way finish, and ends those that take too long."""
        if not self._connections:
            return
        await asyncio.wait(list(self._connections), timeout=self._config.graceful_timeout)
        if left := dict(self._connections):
            log.warning("%d connections were cut off after %g s", len(left), self._config.graceful_timeout)
            for task, writer in left.items():
                writer.transport.abort()  # what is written but not sent would keep it open
                task.cancel()
            await asyncio.wait(list(left), timeout=_AFTERMATH)

    def _exception_in_loop(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        error = context.get("exception")
        if isinstance(error, (ssl.SSLError, ConnectionError)):
            return  # whoever speaks no TLS, or breaks off, is no fault of ours
        if isinstance(error, AssertionError) and self._stop.is_set():
            return  # older Pythons stumble over a connection that arrives while they stop to listen
        loop.default_exception_handler(context)


def _boards(archive: Archive) -> str:
    names = list(archive.boards)
    return " ".join(names) if len(names) <= _MOST_BOARDS else str(len(names))


def _check_state(folder: Path) -> None:
    """A folder that cannot be written to is no reason not to serve."""
    nearest = next(place for place in (folder, *folder.parents) if is_there(place))
    if not (is_folder(nearest) and os.access(nearest, os.W_OK | os.X_OK)):
        log.warning("[app] state: %s cannot be written to", folder)
