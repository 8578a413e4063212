"""`koiwai config`: the settings as they are in the end, and where each of them comes from."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click
import msgspec

from app.commands.options import say
from app.errors import SettingsError
from app.settings.file import load_all
from app.settings.show import as_table, as_toml


@click.command()
@click.option("--json", "for_programs", is_flag=True, help="Print JSON; mistakes too, as a list named problems.")
def config(for_programs: bool) -> None:
    """Prints the settings that hold here, secrets masked, each that is not the default with its source.

    What is wrong with them is printed instead, with status 1.
    """
    try:
        loaded = load_all(os.environ, Path.cwd())
    except SettingsError as error:
        if not for_programs:
            raise click.ClickException(str(error)) from error
        say(_json({"problems": error.problems}))
        sys.exit(1)
    if for_programs:
        say(_json(as_table(loaded)))
        return
    say(as_toml(loaded), nl=False)
    for warning in loaded.warnings:
        click.echo(f"Warning: {warning}", err=True)


def _json(value: object) -> str:
    return msgspec.json.format(msgspec.json.encode(value), indent=2).decode()
