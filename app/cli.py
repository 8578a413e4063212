"""The command `koiwai`."""

from __future__ import annotations

import click

from app.commands.check import check
from app.commands.config import config
from app.commands.demo import demo
from app.commands.index import index
from app.commands.search import search
from app.commands.serve import serve
from app.commands.setup import setup
from app.commands.sphinx_config import sphinx_config
from app.commands.stats import stats
from app.version import VERSION


@click.group(name="koiwai", help="Reads Asagi imageboard archives and serves them as pages and as JSON.")
@click.version_option(VERSION, prog_name="koiwai", message="%(prog)s %(version)s")
def main() -> None:
    pass


for command in (serve, demo, setup, config, check, search, index, sphinx_config, stats):
    main.add_command(command)
