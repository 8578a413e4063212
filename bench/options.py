"""What the commands of the measurements have in common."""

import sys
import tempfile
from pathlib import Path

import click

kept_in = click.option(
    "--folder",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path(tempfile.gettempdir()) / "koiwai-bench",
    help="Where the SQLite files are kept for the next time.",
)


def tell(line: str) -> None:
    """How far it is."""
    click.echo(f"bench: {line}", err=True)
    sys.stderr.flush()
