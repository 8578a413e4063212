"""`koiwai setup`: from a database to settings that work, by questions or, with `--yes`, without any."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import click
import msgspec

from app.check import run
from app.commands.check import plan_for, tell
from app.errors import SettingsError
from app.settings import BoardSettings, DbSettings, DriverSection, MediaSettings, Settings, SiteSettings
from app.settings.file import load_all
from app.settings.named import database_of_url, database_of_variables
from app.settings.variables import BOARDS as BOARDS_VARIABLE
from app.settings.variables import CONFIG as CONFIG_VARIABLE
from app.setup.asking import NoAnswer, asked_archive, found_archive, wanted_boards
from app.setup.finding import at_home, layout_of, media_folder
from app.setup.known_boards import ADULT, TITLES
from app.setup.looking import NO_BOARDS, CannotLook, Seen, look
from app.setup.writing import CONFIG, ENV, Choices, files, write


@click.command()
@click.option("--yes", is_flag=True, help="Ask nothing: take what is given or found, else defaults.")
@click.option(
    "--database",
    metavar="URL",
    help="The archive: mysql://user:password@host/database, postgresql://... or sqlite:///file. Without it, the one "
    "that DATABASE_URL or other variables name.",
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
    for name in (CONFIG_VARIABLE, BOARDS_VARIABLE):
        if name in os.environ:
            raise NoAnswer(f"{name} names settings elsewhere, but config.toml and boards.toml are made here: unset it.")
    try:
        db, seen = _archive(folder, database, ask=not yes)
    except (SettingsError, CannotLook) as error:
        raise click.ClickException(str(error)) from error
    names = wanted_boards(seen, boards, ask=not yes)
    near = [folder] if db.db_type != "sqlite" else [db.sqlite.database.parent, folder]
    media = _media(media_root, near, names, ask=not yes)
    if site_name is None:
        usual = SiteSettings().name
        site_name = usual if yes else click.prompt("Name of the site", default=usual)
    choices = Choices(db, media, SiteSettings(name=site_name), {name: _board(name) for name in names})
    choices = _with_comment_dialects(choices)
    try:
        texts = files(choices, folder)
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise click.ClickException(f"Nothing was written. {folder / ENV} cannot be read: {reason}.") from error
    _must_be_understood(texts)
    existing = [name for name in texts if (folder / name).exists()]
    if existing and yes and not overwrite:
        raise NoAnswer(f"There is already {' and '.join(existing)} here; --overwrite replaces it.")
    _write(texts, folder, keep=[] if overwrite else [name for name in existing if not _may_replace(name)])
    _end(context, db, folder)


def _archive(folder: Path, url: str | None, *, ask: bool) -> tuple[DbSettings, Seen]:
    """The archive that is given, found or asked for. Raises SettingsError, CannotLook or NoAnswer."""
    given = database_of_variables(os.environ, folder) if url is None else database_of_url(url, "--database", folder)
    if given is None:
        return asked_archive(folder) if ask else found_archive(folder)
    seen = asyncio.run(look(given))
    if not seen.boards:
        raise NoAnswer(NO_BOARDS)
    return given, seen


def _media(given: Path | None, near: Sequence[Path], boards: Sequence[str], *, ask: bool) -> MediaSettings:
    """Where the files are. Nothing is shown of them when nobody knows."""
    root = given.absolute() if given is not None else media_folder(near, boards)
    if given is None and ask:
        answer = click.prompt('Folder of the images and thumbnails ("none" for none)', default=str(root or "none"))
        root = None if answer == "none" else at_home(answer).absolute()
    if root is None:
        return MediaSettings(enabled=False)
    return MediaSettings(root=root, layout=layout_of(root, boards) or "asagi")


def _board(name: str) -> BoardSettings:
    return BoardSettings(title=TITLES.get(name, ""), nsfw=name in ADULT)


def _with_comment_dialects(choices: Choices) -> Choices:
    """The boards' comments as they were found to be stored; what cannot be told stays at its default."""
    settings = Settings(db=choices.db, media=choices.media, boards=choices.boards)
    report = asyncio.run(run(settings))
    found = {board.name: board.conventions.comments for board in report.boards}
    boards = {
        name: msgspec.structs.replace(board, comments=found.get(name) or board.comments)
        for name, board in choices.boards.items()
    }
    return msgspec.structs.replace(choices, boards=boards)


def _must_be_understood(texts: Mapping[str, str]) -> None:
    """Nothing is written that could not be read again, such as a name with a line end in it."""
    with TemporaryDirectory() as scratch:
        for name, text in texts.items():
            write(Path(scratch), name, text)
        try:
            load_all({}, Path(scratch))
        except SettingsError as error:
            raise click.ClickException(f"Nothing was written. {error}") from error


def _may_replace(name: str) -> bool:
    question = f"There is already a {name}."
    if name == ENV:
        return click.confirm(f"{question} Set the password in it? Its other lines stay.", default=False)
    return click.confirm(f"{question} Replace it?", default=False)


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


def _end(context: click.Context, db: DbSettings, folder: Path) -> None:
    """A check of what is there now, and the way on."""
    try:
        loaded = load_all(os.environ, folder)
    except SettingsError as error:
        raise click.ClickException(str(error)) from error
    report = asyncio.run(run(loaded.settings, plan_for(loaded)))
    click.echo()
    tell(report)
    if _reads(loaded.settings.db) != _reads(db):
        others = {source for place, source in loaded.origins.items() if place[0] == "db" and source != CONFIG}
        raise click.ClickException(f"Another database than the one chosen counts, by {', '.join(sorted(others))}.")
    if report.faulty:
        context.exit(1)
    click.echo("Serve the archive with: koiwai serve")


def _reads(db: DbSettings) -> tuple[str, DriverSection]:
    """What decides which database is read, and how."""
    section: DriverSection = getattr(db, db.db_type)
    return db.db_type, section
