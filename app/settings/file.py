"""Reading config.toml, boards.toml and variables into `Settings`, with a sentence for every mistake in them.

The structs of this package say which keys exist and what their values may be; nothing here names a setting
apart from the few needed to find the files.
"""

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from app.errors import SettingsError
from app.looks import is_there
from app.settings import BoardSettings, ConfigFile, Settings, check_board_name
from app.settings.keys import Place
from app.settings.layers import Collector, Layer, build, misfits
from app.settings.url import expand
from app.settings.values import quoted, shown
from app.settings.variables import BOARDS, CONFIG, DOTENV, ENVIRONMENT, read_dotenv, read_variables
from app.settings.warnings import warnings

# The folder that `koiwai demo` fills, served when nothing is configured.
_DEMO = {
    "db": {"db_type": "sqlite", "sqlite": {"database": "var/archive.db"}},
    "app": {"state": "var/state"},
    "media": {"root": "var/media"},
}


class Loaded(NamedTuple):
    """The settings, and what was noticed on the way.

    `config_file`, `dotenv_file` and `boards_file` are the files that were read, None where there is none; without a
    file of boards, those found in the database are served. `origins` tells of each key that some source sets which
    one it was: ("db", "mysql", "port") -> "environment: KOIWAI_DB__MYSQL__PORT". `warnings` are sentences about what
    works but ought to be looked at.
    """

    settings: Settings
    config_file: Path | None
    dotenv_file: Path | None
    boards_file: Path | None
    origins: dict[Place, str]
    warnings: tuple[str, ...]


def load_settings(environ: Mapping[str, str], folder: Path) -> Settings:
    """The settings alone: see `load_all`."""
    return load_all(environ, folder).settings


def load_all(environ: Mapping[str, str], folder: Path) -> Loaded:
    """Find and read the settings: config.toml, over it `.env` beside it, the variables in `environ`, and DATABASE_URL.

    `environ` may name the files in KOIWAI_CONFIG and KOIWAI_BOARDS, relative to `folder`; otherwise they are
    `folder/config.toml` and the boards.toml beside it (else `folder/boards.toml`). Variables that say which database
    to read make config.toml unnecessary, and boards.toml too. Without either, an archive in `folder/var` is served as
    it is. Paths in a file start at its folder, those in `environ` at `folder`; in the result they are absolute.

    Raises SettingsError with one line for each problem.
    """
    folder = folder.absolute()
    config_name, boards_name = environ.get(CONFIG), environ.get(BOARDS)
    config_path = folder / (config_name or "config.toml")
    beside, here = config_path.parent / "boards.toml", folder / "boards.toml"
    boards_path = folder / boards_name if boards_name else here if is_there(here) and not is_there(beside) else beside

    problems: list[str] = []
    table = _read_toml(config_path)
    dotenv_path = config_path.parent / DOTENV
    dotenv = read_dotenv(dotenv_path)
    from_file = Collector(config_path.parent, problems)
    from_dotenv, from_environ = Collector(config_path.parent, problems), Collector(folder, problems)
    implied: Layer = {}
    if table is not None:
        from_file.table(ConfigFile, table, (), config_path.name)
        implied |= _expand_url(from_file, config_path.name)
    implied |= read_variables(dotenv or {}, DOTENV, from_dotenv)
    implied |= read_variables(environ, ENVIRONMENT, from_environ)
    variables = from_dotenv.layer | from_environ.layer
    unconfigured = table is None and not config_name and not any(place[0] == "db" for place in variables)
    if unconfigured and os.access(folder / "var" / "archive.db", os.F_OK):
        from_file.table(ConfigFile, _DEMO, (), "the archive in var")
    elif unconfigured or (table is None and config_name):
        advice = "copy config.toml.example to it, set DATABASE_URL, or run `koiwai demo` for a small archive to try"
        if config_name or not problems:  # a variable with a mistake may have meant to name the database
            problems.append(_missing(config_path, CONFIG if config_name else None, advice))
        raise SettingsError(*problems)

    layer = implied | from_file.layer | variables
    config = build(ConfigFile, layer, (), config_path.parent)
    if not problems:
        problems += misfits(config, layer, ())
    boards = _read_boards(boards_path, problems)
    if boards is None and unconfigured and not boards_name:
        boards_path = folder / "var" / "boards.toml"
        boards = _read_boards(boards_path, problems)
    elif boards is None and (boards_name or (table is not None and ("db", "db_type") not in variables)):
        advice = "boards.toml.example shows what it must hold"
        problems.append(_missing(boards_path, BOARDS if boards_name else None, advice))
    if problems:
        raise SettingsError(*problems)
    settings = Settings(
        **{name: getattr(config, name) for name in ConfigFile.__struct_fields__},
        boards=boards or {},
        discover_boards=boards is None,
    )
    files = ((config_path, from_file.layer), (dotenv_path, from_dotenv.layer))
    return Loaded(
        settings,
        config_path if table is not None else None,
        dotenv_path if dotenv is not None else None,
        boards_path if boards is not None else None,
        {place: entry.origin.source for place, entry in layer.items()},
        tuple(warnings(settings, variables, files)),
    )


def _expand_url(from_file: Collector, name: str) -> Layer:
    """Replaces `[db] url` by the keys it stands for."""
    url = from_file.layer.pop(("db", "url"), None)
    if url is None or not url.value:
        return {}
    return expand(url.value, f"{name}: [db] url", from_file, from_file.layer.get(("db", "db_type")))


def _missing(path: Path, variable: str | None, advice: str) -> str:
    return f"{path}: there is no such file" + (f", but {variable} names it" if variable else f"; {advice}")


def _read_toml(path: Path) -> dict[str, Any] | None:
    """The tables of a TOML file, or None if there is no such file. SettingsError if it cannot be read."""
    try:
        text = path.read_bytes().decode("utf-8-sig")  # Windows editors put a byte order mark in front
    except (FileNotFoundError, NotADirectoryError):
        return None
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise SettingsError(f"{path.name}: is not UTF-8 text (line {line})") from None
    except OSError as error:
        raise SettingsError(f"{path}: cannot be read: {error.strerror}") from None
    try:
        tables: dict[str, Any] = msgspec.toml.decode(text)
    except (msgspec.DecodeError, ValueError, RecursionError) as error:
        # Only tomllib's own words are passed on: those of other errors may repeat a value of the file.
        reason = str(error) if isinstance(error, msgspec.DecodeError) else "a value is too large or too deep"
        raise SettingsError(f"{path.name}: is not valid TOML: {reason}{_hint(text, reason)}") from None
    return tables


def _hint(text: str, reason: str) -> str:
    """A remark on the likeliest reason for a syntax error in a file of boards: λ = "..." needs quotes."""
    place = re.search(r"at line (\d+)", reason)
    line = text.split("\n")[int(place[1]) - 1] if place else ""
    bare_key = re.match(r"""\s*\[*[^"'#=\]]*""", line)
    if bare_key is not None and not bare_key[0].isascii():
        return "; a name with letters beyond a-z must stand in quotes"
    return ""


def _read_boards(path: Path, problems: list[str]) -> dict[str, BoardSettings] | None:
    """The boards of a boards.toml, or None if there is no such file."""
    tables = _read_toml(path)
    if tables is None:
        return None
    boards: dict[str, BoardSettings] = {}
    for key in tables:
        if key != "boards":
            problems.append(f"{path.name}: unknown key {quoted(key)} (every board stands under [boards])")
    entries = tables.get("boards", {})
    if not isinstance(entries, dict):
        problems.append(f"{path.name}: boards must be a table, not {shown(entries)}")
        return boards
    before = f"{path.name}: [boards] "
    if not entries:
        problems.append(f"{before}there must be at least one board")
    for name, entry in entries.items():
        try:
            check_board_name(name)
        except ValueError as error:
            problems.append(f"{before}{quoted(name)} cannot be a board: {error}")
            continue
        if isinstance(entry, (str, dict)):
            board = Collector(path.parent, [])
            where = ("boards", name)
            table = {"title": entry} if isinstance(entry, str) else entry
            board.table(BoardSettings, table, where, path.name)
            boards[name] = build(BoardSettings, board.layer, where, path.parent)
            problems += board.problems or misfits(boards[name], board.layer, where)
        else:
            problems.append(f"{before}{name} must be a title or a table, not {shown(entry)}")
    return boards
