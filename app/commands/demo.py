"""`koiwai demo`: a small invented archive, made if there is none yet, and served."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import click

from app.commands.serving import listening, server_settings
from app.errors import SettingsError
from app.resources import resource
from app.server import run
from app.server_config import FILE
from app.settings.file import load_settings

_STATE: Final = Path("var")


@click.command()
@listening
def demo(host: str | None, port: int | None) -> None:
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
    run(settings, server_settings(resource(FILE), Path.cwd(), host, port))
