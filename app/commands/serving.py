"""What the commands that serve share: where they listen."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
from hypercorn.config import Config

from app.errors import SettingsError
from app.server_config import server_config


def listening(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options of a command that serves."""
    port = click.option(
        "--port",
        type=click.IntRange(1, 65_535),
        envvar="PORT",
        show_envvar=True,  # in complaints too
        help="TCP port, in place of the one in hypercorn.toml (9001).",
    )
    host = click.option("--host", help="Address to listen on, in place of the one in hypercorn.toml (127.0.0.1).")
    return host(port(command))


def server_settings(file: Path | None, folder: Path, host: str | None, port: int | None) -> Config:
    """The settings of the server; `host` and `port`, where they are given, stand in for all its addresses."""
    try:
        config = server_config(file, folder)
    except SettingsError as error:
        raise click.ClickException(str(error)) from error
    if host is not None or port is not None:
        config.bind = [replaced(config.bind[0], host, port)]
    return config


def replaced(address: str, host: str | None, port: int | None) -> str:
    """A TCP address like `address`, with another host or port; 127.0.0.1:9001 stands in for what it lacks."""
    old_host, _, old_port = address.rpartition(":") if "/" not in address else ("", "", "")
    host = host or old_host.strip("[]") or "127.0.0.1"
    port = port or (int(old_port) if old_port.isascii() and old_port.isdigit() else 9001)
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
