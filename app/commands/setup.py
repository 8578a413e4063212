"""`koiwai setup`: from a database to settings that work, by questions or, with `--yes`, without any."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

import click
import msgspec

from app.check import run
from app.commands.check import plan_for, tell
from app.errors import SettingsError
from app.settings import BoardSettings, DbSettings, MediaSettings, Settings, SiteSettings
from app.settings.file import load_all
from app.settings.layers import Collector, build, misfits
from app.settings.url import expand
from app.setup.asking import NoAnswer, asked_archive, found_archive, wanted_boards
from app.setup.finding import layout_of, media_folder
from app.setup.known_boards import ADULT, TITLES
from app.setup.looking import NO_BOARDS, CannotLook, look
from app.setup.writing import Choices, files, write


@click.command()
@click.option("--yes", is_flag=True, help="Ask nothing: take what is given or found, else defaults.")
@click.option(
    "--database",
    metavar="URL",
    envvar="DATABASE_URL",
    show_envvar=True,
    help="The archive: mysql://user:password@host/database, postgresql://... or sqlite:///file.",
)
@click.option("--boards", metavar="NAMES", help="The boards to serve, with commas between them; without it, all.")
@click.option("--media", "media_root", metavar="FOLDER", type=click.Path(path_type=Path), help="Folder of the files.")
@click.option("--name", "site_name", metavar="NAME", help="Name of the site.")
@click.option("--overwrite", is_flag=True, help="Replace files that are there already without asking.")
@click.pass_context
def setup(
    context: click.Context,
    *,
    yes: bool,
    database: str | None,
    boards: str | None,
    media_root: Path | None,
    site_name: str | None,
    overwrite: bool,
) -> None:
    """Finds or asks for an archive and writes config.toml, boards.toml and .env in the current folder."""
    folder = Path.cwd()
    try:
        if database is not None:
            db = _named(database, folder)
            seen = asyncio.run(look(db))
            if not seen.boards:
                raise click.ClickException(NO_BOARDS)
        else:
            db, seen = found_archive(folder) if yes else asked_archive(folder)
    except (SettingsError, CannotLook) as error:
        raise click.ClickException(str(error)) from error
    names = wanted_boards(seen, boards, ask=not yes)
    near = [folder] if db.db_type != "sqlite" else [db.sqlite.database.parent, folder]
    media = _media(media_root, near, names, ask=not yes)
    if site_name is None:
        usual = SiteSettings().name
        site_name = usual if yes else click.prompt("Name of the site", default=usual)
    choices = Choices(db, media, SiteSettings(name=site_name), {name: _board(name) for name in names})
    choices = _with_comment_dialects(choices, folder)
    texts = files(choices, folder)
    existing = [name for name in texts if (folder / name).exists()]
    if existing and yes and not overwrite:
        raise NoAnswer(f"There is already {' and '.join(existing)} here; --overwrite replaces it.")
    _write(texts, folder, keep=[] if overwrite else [name for name in existing if not _may_replace(name)])
    _end(context, folder)


def _named(url: str, folder: Path) -> DbSettings:
    """The database that a URL names. Raises SettingsError."""
    problems: list[str] = []
    collector = Collector(folder, problems)
    layer = expand(url, "--database", collector, None) | collector.layer
    db = build(DbSettings, layer, ("db",), folder)
    problems += [] if problems else misfits(db, layer, ("db",))
    if problems:
        raise SettingsError(*problems)
    return db


def _media(given: Path | None, near: Sequence[Path], boards: Sequence[str], *, ask: bool) -> MediaSettings:
    """Where the files are. Nothing is shown of them when nobody knows."""
    root = given.absolute() if given is not None else media_folder(near, boards)
    if given is None and ask:
        answer = click.prompt('Folder of the images and thumbnails ("none" for none)', default=str(root or "none"))
        root = None if answer == "none" else Path(answer).expanduser().absolute()
    if root is None:
        return MediaSettings(enabled=False)
    return MediaSettings(root=root, layout=layout_of(root, boards) or "asagi")


def _board(name: str) -> BoardSettings:
    return BoardSettings(title=TITLES.get(name, ""), nsfw=name in ADULT)


def _with_comment_dialects(choices: Choices, folder: Path) -> Choices:
    """The boards' comments as they were found to be stored; what cannot be told stays at its default."""
    settings = Settings(db=choices.db, media=choices.media, boards=choices.boards)
    report = asyncio.run(run(settings))
    found = {board.name: board.conventions.comments for board in report.boards}
    boards = {
        name: msgspec.structs.replace(board, comments=found.get(name) or board.comments)
        for name, board in choices.boards.items()
    }
    return msgspec.structs.replace(choices, boards=boards)


def _may_replace(name: str) -> bool:
    return click.confirm(f"There is already a {name}. Replace it?", default=False)


def _write(texts: Mapping[str, str], folder: Path, *, keep: Sequence[str]) -> None:
    for name, text in texts.items():
        if name in keep:
            click.echo(f"{name} stays as it is.")
            continue
        try:
            write(folder, name, text)
        except OSError as error:
            raise click.ClickException(f"{folder / name} cannot be written: {error.strerror}.") from error
        click.echo(f"Wrote {name}.")


def _end(context: click.Context, folder: Path) -> None:
    """A check of what is there now, and the way on."""
    try:
        loaded = load_all(os.environ, folder)
    except SettingsError as error:
        raise click.ClickException(str(error)) from error
    report = asyncio.run(run(loaded.settings, plan_for(loaded)))
    click.echo()
    tell(report)
    if report.faulty:
        context.exit(1)
    click.echo("Serve the archive with: koiwai serve")
