"""`koiwai serve`: the archive that the settings describe, served."""

from __future__ import annotations

from pathlib import Path

import click

from app.commands.options import loaded_here
from app.commands.serving import listening, server_settings
from app.server import run


@click.command()
@listening
@click.option("--workers", type=click.IntRange(1, 256), help="Processes, in place of the number in hypercorn.toml (1).")
@click.option(
    "--config",
    "file",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Another file than ./hypercorn.toml with the settings of the server.",
)
def serve(host: str | None, port: int | None, workers: int | None, file: Path | None) -> None:
    """Serves the archive that config.toml and boards.toml describe.

    SIGTERM or Ctrl+C ends it once the requests under way are answered; a second signal ends it at once. The status
    is 1, after one line that says why, when it cannot start.
    """
    config = server_settings(file, Path.cwd(), host, port)
    config.workers = workers or config.workers
    loaded = loaded_here()
    run(loaded.settings, config, loaded.warnings)
