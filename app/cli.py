"""The command `koiwai`."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click
from hypercorn.asyncio import serve as run_server
from hypercorn.config import Config
from hypercorn.utils import LifespanFailureError

from app import create_app
from app.errors import SettingsError
from app.settings import Settings
from app.settings_file import load_settings

if TYPE_CHECKING:
    from quart import Quart

_STATE: Final = Path("var")

_GRACE: Final = 5.0  # seconds that requests under way get when the server is stopped


def _listening(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options of a command that serves."""
    port = click.option(
        "--port",
        type=click.IntRange(1, 65_535),
        envvar="PORT",
        default=9001,
        show_default=True,
        help="TCP port.",
    )
    host = click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
    return host(port(command))


@click.group(name="koiwai", help="Reads Asagi imageboard archives and serves them as pages and as JSON.")
def main() -> None:
    pass


@main.command()
@_listening
def demo(host: str, port: int) -> None:
    """Makes a small invented archive in ./var, if there is none yet, and serves it."""
    try:
        from app.demo.make import DemoError, make_demo
    except ModuleNotFoundError as error:
        raise click.ClickException(f"The demo needs {error.name}: pip install 'koiwai[demo]'.") from error
    try:
        paths = make_demo(_STATE, lambda line: click.echo(line, err=True))
        settings = load_settings({"KOIWAI_CONFIG": str(paths.config)}, Path.cwd())
    except (DemoError, SettingsError) as error:
        raise click.ClickException(str(error)) from error
    _serve(settings, host, port)


@main.command()
@_listening
def serve(host: str, port: int) -> None:
    """Serves the archive that config.toml and boards.toml describe, in one process."""
    try:
        settings = load_settings(os.environ, Path.cwd())
    except SettingsError as error:
        raise click.ClickException(str(error)) from error
    _serve(settings, host, port)


def _serve(settings: Settings, host: str, port: int) -> None:
    """Runs until SIGINT or SIGTERM; ends with status 1 when the archive cannot be opened."""
    config = Config()
    config.bind = [f"[{host}]:{port}" if ":" in host else f"{host}:{port}"]
    config.graceful_timeout = _GRACE
    config.startup_timeout = 120.0  # longer than we ourselves wait for a database
    try:
        asyncio.run(_run(create_app(settings), config))
    except LifespanFailureError:
        sys.exit(1)  # the reason is in the log
    except OSError as error:
        raise click.ClickException(f"Cannot listen on {host}:{port}: {error.strerror}.") from error


async def _run(app: Quart, config: Config) -> None:
    """Serves until a signal says stop; one that comes while the archive is still being opened ends that."""
    loop, stop, started = asyncio.get_running_loop(), asyncio.Event(), asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        with suppress(NotImplementedError):  # on Windows, where Ctrl+C ends the loop
            loop.add_signal_handler(number, stop.set)

    async def until_stopped() -> None:
        started.set()  # the server asks for this once it listens
        await stop.wait()

    server = loop.create_task(run_server(app, config, shutdown_trigger=until_stopped))
    stopped = loop.create_task(stop.wait())
    await asyncio.wait({server, stopped}, return_when=asyncio.FIRST_COMPLETED)
    stopped.cancel()
    if not started.is_set() and not server.done():
        server.cancel()
        with suppress(asyncio.CancelledError):
            await server
        return
    await server
