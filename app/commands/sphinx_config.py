"""`koiwai sphinx-config`: a configuration of Sphinx that makes an index of the archive."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Sequence
from typing import Final

import click

from app.archive import Archive
from app.commands.options import loaded_here, opened_archive, say
from app.commands.progress import Away
from app.db.sphinx_source import SphinxSource
from app.engines.sphinx.config import BoardPlan, Place, front, value, whole
from app.engines.sphinx.naming import safe_name
from app.errors import KoiwaiError, Unavailable
from app.reading import number
from app.settings import DbSettings, Settings

_FOLDER: Final = "/var/lib/sphinxsearch/data"
_LISTEN: Final = "127.0.0.1:9306:mysql41"
_DELTA: Final = 100_000
_PASSWORD: Final = "PASSWORD"
_HOST = re.compile(r"[A-Za-z0-9.-]+:[0-9]{1,5}")


@click.command("sphinx-config")
@click.option("--board", "boards", metavar="NAME", multiple=True, help="Index this board; several may be named.")
@click.option("--folder", metavar="FOLDER", default=_FOLDER, help=f"Where the index lies ({_FOLDER}).")
@click.option("--listen", metavar="ADDRESS", help=f"What searchd listens on, as its listen says it ({_LISTEN}).")
@click.option("--delta", type=click.IntRange(1, 10**9), default=_DELTA, help=f"Rows made anew each time ({_DELTA:,}).")
@click.option("--host", "hosts", metavar="HOST:PORT", multiple=True, help="A host of a distributed index; name all.")
@click.option("--part", type=click.IntRange(1), metavar="N", help="Print what the Nth of the hosts needs.")
@click.option("--with-password", is_flag=True, help="Print the password of the database, too.")
def sphinx_config(
    boards: Sequence[str],
    folder: str,
    listen: str | None,
    delta: int,
    hosts: Sequence[str],
    part: int | None,
    *,
    with_password: bool,
) -> None:
    """Prints a configuration for Sphinx, which makes an index of the archive that engine = "sphinx" asks.

    Nothing is written into the archive, neither now nor when the index is made. With --host the posts are shared by
    several hosts, each of which needs its --part; without --part the file is that of the host that asks them.
    """
    logging.getLogger("koiwai").addHandler(logging.NullHandler())  # what would be logged is told in a line here
    for host in hosts:
        if not _HOST.fullmatch(host):
            raise click.BadParameter(f'"{host}" must be a host and a port, such as 10.0.0.2:9312.')
    if part is not None and part > len(hosts):
        raise click.BadParameter(f"There is no host {part}: --host names {len(hosts)}.")
    try:
        value(folder)
        value(listen or _LISTEN)
    except ValueError as error:
        raise click.BadParameter(f"The folder or address {error}.") from error
    settings = loaded_here().settings
    plans = asyncio.run(_plans(settings, boards, delta))
    listening = hosts[part - 1] if part is not None else _LISTEN
    place = Place(folder.rstrip("/"), (listen or listening,))
    if hosts and part is None:
        say(_HEAD_OF_FRONT + front([plan.name for plan in plans], place, hosts), nl=False)
        return
    connection = _connection(settings.db, with_password=with_password)
    share = None if part is None else (part - 1, len(hosts))
    say(_HEAD + whole(settings.db.db_type, connection, plans, place, share), nl=False)


_HEAD: Final = """\
# Sphinx's configuration for this archive, made by koiwai sphinx-config. Whoever reads this file knows the database's
# password once it stands here: let only the user of Sphinx read it.
#
# indexer --all                          once, before searchd is started
# indexer --rotate NAME_delta ...        every few minutes: the newest posts
# indexer --rotate NAME_main ...         each night, and before a board has more new rows than its delta holds
# When main has grown large, make this file anew and all indexes with it.

"""
_HEAD_OF_FRONT: Final = """\
# Sphinx's configuration for the host that asks the others, made by koiwai sphinx-config. It has no index of its own
# and needs no indexer.

"""


async def _plans(settings: Settings, names: Sequence[str], delta: int) -> list[BoardPlan]:
    if settings.db.db_type == "sqlite":
        raise click.ClickException('Sphinx cannot read SQLite. Use engine = "tantivy" or "sql" for this archive.')
    try:
        async with opened_archive(settings, names) as archive:
            chosen = list(dict.fromkeys(names or archive.boards))
            _check_names(chosen)
            return [await _plan(archive, name, nth, delta) for nth, name in enumerate(chosen, 1)]
    except KoiwaiError as error:
        raise (Away if isinstance(error, Unavailable) else click.ClickException)(error.message) from error


async def _plan(archive: Archive, name: str, nth: int, delta: int) -> BoardPlan:
    board = archive.board(name)
    source = SphinxSource(board.database.dialect, board.tables, nth)
    ((newest,),) = await board.database.fetch(source.newest())
    return BoardPlan(name, source, number(newest), delta)


def _check_names(boards: Sequence[str]) -> None:
    named: dict[str, str] = {}
    for board in boards:
        # Some servers, and some file systems, do not tell cases apart.
        other = named.setdefault(safe_name(board).lower(), board)
        if other != board:
            raise click.ClickException(f"The boards {other} and {board} would have indexes of the same name.")


def _connection(db: DbSettings, *, with_password: bool) -> dict[str, str]:
    """How indexer reaches the database, as keys of a source."""
    if db.db_type == "mysql":
        mysql = db.mysql
        found = {"sql_host": mysql.host, "sql_port": str(mysql.port), "sql_db": mysql.db, "sql_user": mysql.user}
        if mysql.unix_socket:
            found |= {"sql_host": "localhost", "sql_sock": mysql.unix_socket}
        password = mysql.password
        for key, file in (("ca", mysql.sslrootcert), ("cert", mysql.sslcert), ("key", mysql.sslkey)):
            if file is not None:
                found[f"mysql_ssl_{key}"] = str(file)
    else:
        server = db.postgresql
        found = {"sql_host": server.host, "sql_port": str(server.port), "sql_db": server.database}
        found["sql_user"], password = server.user, server.password
    found["sql_pass"] = password if with_password else _PASSWORD if password else ""
    try:
        return {key: value(text) for key, text in found.items()}
    except ValueError as error:
        raise click.ClickException(f"A value of [db.{db.db_type}] {error}.") from error
