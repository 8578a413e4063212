"""The command `koiwai`."""

from __future__ import annotations

from importlib import import_module
from typing import Final

import click

from app.version import VERSION

COMMANDS: Final = ("check", "config", "demo", "index", "search", "serve", "setup", "sphinx-config", "stats")


class _Commands(click.Group):
    """Loads a command when it is asked for: all of them together take a second or two."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        name = cmd_name.replace("-", "_")
        command: click.Command = getattr(import_module(f"app.commands.{name}"), name)
        return command


@click.group(name="koiwai", cls=_Commands, help="Reads Asagi imageboard archives and serves them as pages and as JSON.")
@click.version_option(VERSION, prog_name="koiwai", message="%(prog)s %(version)s")
def main() -> None:
    pass
