"""The settings as they are in the end, for the operator's eyes: secrets masked, each value with its source."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from app.settings import BoardSettings, Section, Settings
from app.settings.file import Loaded
from app.settings.keys import Key, Place, config_keys, config_sections, keys_of
from app.settings.toml import toml_key, toml_value

_HIDDEN = "***"


def as_toml(loaded: Loaded) -> str:
    """Both files as one TOML text. Each part is a valid file by itself once the secrets are put back.

    A value that differs from its default is marked with its source. The sections of the databases that are not used
    are left out where they hold nothing but defaults.
    """
    lines = ["# config.toml"]
    unused = {"mysql", "postgresql", "sqlite"} - {loaded.settings.db.db_type}
    for where in config_sections():
        keys = [key for key in config_keys().values() if key.place[:-1] == where]
        if not keys or (where[-1] in unused and not any(key.place in loaded.origins for key in keys)):
            continue
        lines += ["", f"[{'.'.join(where)}]"]
        lines += [_line(key, loaded) for key in keys if not key.option or key.place in loaded.origins]
    lines += ["", "", "# boards.toml", ""]
    if loaded.settings.discover_boards:
        lines.append("# There is none: every board found in the database is served.")
    else:
        lines.append("[boards]")
        lines += [f"{toml_key(name)} = {_board(board)}" for name, board in loaded.settings.boards.items()]
    return "\n".join(lines) + "\n"


def as_table(loaded: Loaded) -> dict[str, Any]:
    """The same for programs: `config`, `boards`, `discover_boards`, `origins` of what is set, `files`, `warnings`."""
    settings = loaded.settings
    sections: dict[Place, dict[str, Any]] = {}
    for where in config_sections():
        sections[where] = {
            key.name: _plain(_masked(key, settings))
            for key in config_keys().values()
            if key.place[:-1] == where and (not key.option or key.place in loaded.origins)
        }
        if where:
            sections[where[:-1]][where[-1]] = sections[where]
    return {
        "config": sections[()],
        "boards": {name: _fields(board) for name, board in settings.boards.items()},
        "discover_boards": settings.discover_boards,
        "origins": {".".join(place): source for place, source in loaded.origins.items()},
        "files": {
            "config.toml": _plain(loaded.config_file),
            ".env": _plain(loaded.dotenv_file),
            "boards.toml": _plain(loaded.boards_file),
        },
        "warnings": list(loaded.warnings),
    }


def _line(key: Key, loaded: Loaded) -> str:
    value = _masked(key, loaded.settings)
    if value is None:
        return f"# {key.name} is not set"
    source = loaded.origins.get(key.place)
    differs = source is not None and (key.option or _value(key, loaded.settings) != key.default)
    return f"{key.name} = {toml_value(value)}{f'  # {source}' if differs else ''}"


def _value(key: Key, settings: Settings) -> Any:
    section: Any = settings
    for name in key.place[:-1]:
        section = getattr(section, name)
    return section.options[key.name] if key.option else getattr(section, key.name)


def _masked(key: Key, settings: Settings) -> Any:
    value = _value(key, settings)
    if isinstance(value, dict):
        return dict.fromkeys(value, _HIDDEN)
    return _HIDDEN if key.secret and value else value


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, Path) else value


def _board(board: BoardSettings) -> str:
    """The value of a board in boards.toml: its title, or a table of what differs from the defaults."""
    changed = {key.name: getattr(board, key.name) for key in keys_of(BoardSettings)}
    usual = BoardSettings()
    changed = {name: value for name, value in changed.items() if value != getattr(usual, name)}
    return toml_value(board.title if changed.keys() <= {"title"} else changed)


def _fields(section: Section) -> dict[str, Any]:
    return {name: _plain(getattr(section, name)) for name in section.__struct_fields__}
