"""The questions of `koiwai setup`. Every answer can be given beforehand; with `--yes` nothing is asked."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import click
import msgspec

from app.settings import DbSettings, MysqlSettings, PostgresqlSettings
from app.setup.finding import Place, at_home, places, sqlite_place
from app.setup.looking import NO_BOARDS, CannotLook, Seen, databases_beside, look, with_database

_MOST_LISTED: Final = 30


class NoAnswer(click.ClickException):
    """Something must be known and may not be asked for."""


def found_archive(folder: Path) -> tuple[DbSettings, Seen]:
    """The one archive that can be found without asking. Raises NoAnswer when there is none, or more than one."""
    archives, failures = [], []
    for place in places(folder):
        try:
            seen = asyncio.run(look(place.db))
        except CannotLook as error:
            failures.append(f"{place.label}: {error}")
        else:
            if seen.boards:
                archives.append((place, seen))
    if len(archives) == 1:
        place, seen = archives[0]
        click.echo(f"Found an archive: {place.label}.")
        return place.db, seen
    if archives:
        raise NoAnswer(
            f"There are several archives; name one with --database: {', '.join(p.label for p, _ in archives)}."
        )
    tried = "".join(f"\n  {failure}" for failure in failures)
    raise NoAnswer(f"No archive was found; name one with --database.{tried}")


def asked_archive(folder: Path) -> tuple[DbSettings, Seen]:
    """The archive that the operator names, asked for until it can be read and holds boards."""
    choices = _choices(folder)
    db: DbSettings | None = None
    while True:
        if db is None:
            picked = _pick("Which database holds the archive?", [place.label for place in choices])
            db = _details(choices[picked], folder)
        try:
            seen = asyncio.run(look(db))
        except CannotLook as error:
            click.echo(f"That did not work: {error}")
        else:
            if seen.boards:
                return db, seen
            click.echo(NO_BOARDS)
        db = _another_try(db)


def _choices(folder: Path) -> list[Place]:
    click.echo("Looking for SQLite files here and for database servers on this machine ...")
    return [
        *places(folder),
        Place("sqlite", "another SQLite file", DbSettings(db_type="sqlite")),
        Place("mysql", "another MariaDB or MySQL server", DbSettings(db_type="mysql")),
        Place("postgresql", "another PostgreSQL server", DbSettings(db_type="postgresql")),
    ]


def _pick(question: str, choices: Sequence[str]) -> int:
    for number, choice in enumerate(choices, 1):
        click.echo(f"  {number}  {choice}")
    picked: int = click.prompt(question, type=click.IntRange(1, len(choices)), default=1)
    return picked - 1


def _details(place: Place, folder: Path) -> DbSettings:
    """What is still to be known of a place: the file, or where the server is and who we are to it."""
    another = place.label.startswith("another ")
    if place.kind == "sqlite":
        if not another:
            return place.db
        return sqlite_place(folder / at_home(click.prompt("Path of the SQLite file"))).db
    return _log_in(_address(place.db) if another else place.db)


def _address(db: DbSettings) -> DbSettings:
    if db.db_type == "mysql":
        host, port = _host_and_port(db.mysql.host, db.mysql.port)
        if host.startswith("/"):
            return _with(db, unix_socket=host)
        return _with(db, host=host, port=port)
    host, port = _host_and_port(db.postgresql.host, db.postgresql.port)
    return _with(db, host=host, port=port)


def _host_and_port(host: str, port: int) -> tuple[str, int]:
    host = click.prompt("Host (or path of a Unix socket)", default=host)
    return host, port if host.startswith("/") else click.prompt("Port", type=click.IntRange(1, 65_535), default=port)


def _log_in(db: DbSettings) -> DbSettings:
    """User, password and database; the databases there are can be listed once the first two are right."""
    driver = _driver(db)
    db = _with(
        db,
        user=click.prompt("User (one that may only read is enough)", default=driver.user),
        password=click.prompt("Password", default="", hide_input=True, show_default=False),
    )
    try:
        names = asyncio.run(databases_beside(db))
    except CannotLook:
        names = []  # it will be told when the archive itself is opened
    if names:
        click.echo(f"Databases that hold boards: {', '.join(names[:_MOST_LISTED])}")
    return with_database(db, click.prompt("Database", default=names[0] if names else "asagi"))


def _another_try(db: DbSettings) -> DbSettings | None:
    if db.db_type == "sqlite" or not click.confirm("Try again with another user, password or database?", default=True):
        return None
    return _log_in(db)


def _driver(db: DbSettings) -> MysqlSettings | PostgresqlSettings:
    return db.mysql if db.db_type == "mysql" else db.postgresql


def _with(db: DbSettings, **values: Any) -> DbSettings:
    """The settings with these keys of the server changed."""
    return msgspec.structs.replace(db, **{db.db_type: msgspec.structs.replace(_driver(db), **values)})


def wanted_boards(seen: Seen, named: str | None, *, ask: bool) -> list[str]:
    """Names of the boards to serve, in order. Raises NoAnswer for one that the database does not hold."""
    click.echo("Boards in it:")
    for name, posts in seen.boards.items():
        click.echo(f"  /{name}/  {'' if posts is None else f'about {posts:,} posts'}".rstrip())
    while True:
        if named is None and ask and len(seen.boards) > 1:
            named = click.prompt("Boards to serve, with commas between them", default="all")
        if named is None or named.strip() == "all":
            return list(seen.boards)
        names = [name.strip().strip("/") for name in named.split(",") if name.strip()]
        unknown = [name for name in names if name not in seen.boards]
        if names and not unknown:
            return list(dict.fromkeys(names))
        problem = f"The database has no board {', '.join(f'/{name}/' for name in unknown)}." if unknown else "Name one."
        if not ask:
            raise NoAnswer(problem)
        click.echo(problem)
        named = None
