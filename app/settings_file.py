"""Reading config.toml and boards.toml into `Settings`, with a sentence for every mistake in them.

The structs of `settings.py` say which keys exist and what their values may be; nothing here names a setting
apart from the few needed to find the files.
"""

import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar

import msgspec
from msgspec import inspect

from app.errors import SettingsError
from app.settings import SECRET_KEYS, BoardSettings, ConfigFile, Section, Settings, check_board_name
from app.settings_values import checked, closest, meant, quoted, shown

S = TypeVar("S", bound=Section)
_Place = tuple[str, ...]  # the names in the header of a table, ("db", "mysql") for [db.mysql]

# The two drivers call the same thing by different names, too unlike for a comparison of spelling.
_SYNONYMS = {"db": "database", "database": "db"}

# The folder that `koiwai demo` fills, served when nothing is configured.
_DEMO = {
    "db": {"db_type": "sqlite", "sqlite": {"database": "var/archive.db"}},
    "app": {"state": "var"},
    "media": {"root": "var/media"},
}


def load_settings(environ: Mapping[str, str], folder: Path) -> Settings:
    """Find and read the settings files.

    `environ` may name them in KOIWAI_CONFIG and KOIWAI_BOARDS, relative to `folder`; otherwise they are
    `folder/config.toml` and the boards.toml beside it (else `folder/boards.toml`). Without a config.toml, an
    archive in `folder/var` is served as it is. Paths inside config.toml are relative to its folder, and absolute in
    the result.

    Raises SettingsError with one line for each problem of both files.
    """
    folder = folder.absolute()
    config_name, boards_name = environ.get("KOIWAI_CONFIG"), environ.get("KOIWAI_BOARDS")
    config_path = folder / (config_name or "config.toml")
    beside, here = config_path.parent / "boards.toml", folder / "boards.toml"
    boards_path = folder / boards_name if boards_name else here if here.exists() and not beside.exists() else beside

    table = _read_toml(config_path)
    unconfigured = table is None and not config_name and os.access(folder / "var" / "archive.db", os.F_OK)
    if unconfigured:
        table = _DEMO
    elif table is None:
        advice = "copy config.toml.example to it, or run `koiwai demo` for a small archive to try"
        raise SettingsError(_missing(config_path, "KOIWAI_CONFIG" if config_name else None, advice))

    problems: list[str] = []
    config = _Reader(config_path, problems).section(ConfigFile, table, ())
    boards = _read_boards(boards_path, problems)
    if boards is None and unconfigured and not boards_name:
        boards = _read_boards(folder / "var" / "boards.toml", problems)
    elif boards is None:
        advice = "boards.toml.example shows what it must hold"
        problems.append(_missing(boards_path, "KOIWAI_BOARDS" if boards_name else None, advice))
    if problems:
        raise SettingsError(*problems)
    tables = {name: getattr(config, name) for name in ConfigFile.__struct_fields__}
    return Settings(**tables, boards=boards or {}, discover_boards=boards is None)


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
    reader = _Reader(path, problems)
    boards: dict[str, BoardSettings] = {}
    for key in tables:
        if key != "boards":
            reader.complain((), f"unknown key {quoted(key)} (every board stands under [boards])")
    entries = tables.get("boards", {})
    if not isinstance(entries, dict):
        reader.complain((), f"boards must be a table, not {shown(entries)}")
        return boards
    if not entries:
        reader.complain(("boards",), "there must be at least one board")
    for name, entry in entries.items():
        try:
            check_board_name(name)
        except ValueError as error:
            reader.complain(("boards",), f"{quoted(name)} cannot be a board: {error}")
            continue
        if isinstance(entry, (str, dict)):
            entry = {"title": entry} if isinstance(entry, str) else entry
            boards[name] = reader.section(BoardSettings, entry, ("boards", name))
        else:
            reader.complain(("boards",), f"{name} must be a title or a table, not {shown(entry)}")
    return boards


class _Reader:
    """Turns the tables of one file into structs and writes what is wrong with them to `problems`."""

    def __init__(self, path: Path, problems: list[str]) -> None:
        self.path = path
        self.problems = problems

    def complain(self, where: _Place, sentence: str) -> None:
        header = f"[{'.'.join(where)}] " if where else ""
        self.problems.append(f"{self.path.name}: {header}{sentence}")

    def section(self, struct: type[S], table: Mapping[str, Any], where: _Place) -> S:
        """The struct for one table. Where a value is wrong, the default stands in after the complaint."""
        before = len(self.problems)
        fields = {field.name: field for field in _fields(struct)}
        accepted, refused = struct.accepted_options, struct.refused_options
        values: dict[str, Any] = {}
        options: dict[str, Any] = {}
        for key, value in table.items():
            if key in fields:
                continue
            if key in accepted:
                self._put(options, key, inspect.type_info(accepted[key]), value, where)
            elif key in refused:
                self.complain(where, f"{key} cannot be set: {refused[key]}")
            else:
                self._unknown(key, isinstance(value, dict), [*fields, *accepted], where)
        for key, field in fields.items():
            if (inner := _inner(field)) is not None:
                entry = table.get(key, {})
                if isinstance(entry, dict):
                    values[key] = self.section(inner, entry, (*where, key))
                else:
                    self.complain(where, f"{key} must be a table, not {shown(entry, secret=True)}")
            elif key in table:
                self._put(values, key, field.type, table[key], where)
            elif isinstance(field.default, Path):
                values[key] = self.path.parent / field.default
        if options:
            values["options"] = options
        result = struct(**values)
        if len(self.problems) == before:
            for sentence in result.problems():
                self.complain(where, sentence)
        return result

    def _put(self, to: dict[str, Any], key: str, kind: inspect.Type, value: Any, where: _Place) -> None:
        try:
            fitting = checked(kind, value, secret=key in SECRET_KEYS)
        except ValueError as error:
            self.complain(where, f"{key} {error}")
        else:
            to[key] = self.path.parent / fitting if isinstance(fitting, Path) else fitting

    def _unknown(self, key: str, is_table: bool, known: list[str], where: _Place) -> None:
        homes = [path[:-1] for path in _paths(ConfigFile, ()) if path[-1] == key and len(path) > 1]
        if _SYNONYMS.get(key) in known:
            guess = quoted(_SYNONYMS[key])
        elif close := closest(key, known):
            guess = close
        else:
            guess = f"[{'.'.join(homes[0])}] {key}" if homes and where[:1] != ("boards",) else ""
        self.complain(where, f"unknown {'section' if is_table else 'key'} {quoted(key)}{meant(guess)}")


def _fields(struct: type[Section]) -> list[inspect.Field]:
    """The keys of a table. The options of a driver are keys beside the others, not a key of their own."""
    info = inspect.type_info(struct)
    assert isinstance(info, inspect.StructType)
    return [field for field in info.fields if field.name != "options"]


def _inner(field: inspect.Field) -> type[Section] | None:
    """The struct of a field that is a table of its own."""
    struct = field.type.cls if isinstance(field.type, inspect.StructType) else None
    return struct if struct is not None and issubclass(struct, Section) else None


def _paths(struct: type[Section], where: _Place) -> Iterator[_Place]:
    """The path of every section and key below a struct."""
    for field in _fields(struct):
        path = (*where, field.name)
        yield path
        if (inner := _inner(field)) is not None:
            yield from _paths(inner, path)
