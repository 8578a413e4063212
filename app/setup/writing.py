"""The files that `koiwai setup` makes: config.toml, boards.toml and .env."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from tempfile import mkstemp
from types import MappingProxyType
from typing import Any, Final

from dotenv.parser import parse_stream
from msgspec import Struct
from msgspec.structs import asdict

from app.looks import is_there
from app.settings import BoardSettings, DbSettings, DriverSection, MediaSettings, Section, SiteSettings
from app.settings.toml import comment, toml_key, toml_value

CONFIG: Final = "config.toml"
BOARDS: Final = "boards.toml"
ENV: Final = ".env"

_PASSWORD: Final = MappingProxyType(
    {"mysql": "KOIWAI_DB__MYSQL__PASSWORD", "postgresql": "KOIWAI_DB__POSTGRESQL__PASSWORD"}
)
_DEFAULTS: Final = "Keys that are not here have their defaults; docs/configuration.md explains them all."


class Choices(Struct, frozen=True):
    """What the operator decided."""

    db: DbSettings
    media: MediaSettings
    site: SiteSettings
    boards: dict[str, BoardSettings]


def files(choices: Choices, folder: Path) -> dict[str, str]:
    """The text of each file of `folder`, by name. Only .env, which servers alone need, holds a password.

    Raises OSError or UnicodeDecodeError for a .env that is there and cannot be read.
    """
    made = {CONFIG: _config(choices, folder), BOARDS: _boards(choices.boards)}
    variable = _PASSWORD.get(choices.db.db_type)
    if variable is not None:
        password = _driver(choices.db).password  # type: ignore[attr-defined]  # both servers have one
        made[ENV] = f"{_other_lines(folder / ENV, variable)}{variable}={_quoted(password)}\n"
    return made


def _other_lines(path: Path, variable: str) -> str:
    """What a `.env` that is there already holds besides this variable."""
    if not is_there(path):
        return "# Secrets of Koiwai: keep this file to yourself.\n"
    with path.open(encoding="utf-8-sig", newline="") as file:
        kept = [binding.original.string for binding in parse_stream(file) if binding.key != variable]
    text = "".join(kept)
    return text if text.endswith("\n") or not text else f"{text}\n"


def write(folder: Path, name: str, text: str) -> None:
    """Makes the file or replaces it, in one step; .env can be read by its owner only, from its first moment."""
    handle, new = mkstemp(prefix=f"{name}.", dir=folder)  # nobody else may read it
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
    if name != ENV:
        Path(new).chmod(0o644)
    Path(new).replace(folder / name)


def _config(choices: Choices, folder: Path) -> str:
    db, driver = choices.db, _driver(choices.db)
    sections = {
        "db": {"db_type": db.db_type},
        f"db.{db.db_type}": _changed(driver) | driver.options,
        "media": _changed(choices.media),
        "site": _changed(choices.site),
    }
    parts = [_comment("Settings of Koiwai, written by `koiwai setup`.")]
    for header, values in sections.items():
        if values:
            lines = [f"{toml_key(name)} = {toml_value(_short(value, folder))}\n" for name, value in values.items()]
            parts.append(f"[{header}]\n{''.join(lines)}")
    return "\n".join(parts)


def _comment(text: str) -> str:
    return "".join(f"{line}\n" for line in comment(f"{text} {_DEFAULTS}"))


def _short(value: Any, folder: Path) -> Any:
    """A path below the folder of config.toml stays right when that folder is moved."""
    return value.relative_to(folder) if isinstance(value, Path) and value.is_relative_to(folder) else value


def _driver(db: DbSettings) -> DriverSection:
    section: DriverSection = getattr(db, db.db_type)
    return section


def _changed(section: Section) -> dict[str, Any]:
    """The keys that differ from their defaults, without secrets and sections of their own."""
    usual = asdict(type(section)())
    return {
        name: value
        for name, value in asdict(section).items()
        if value != usual[name] and name not in section.secret_keys and not isinstance(value, (dict, Section))
    }


def _boards(boards: Mapping[str, BoardSettings]) -> str:
    lines = [_comment("The boards to serve, in the order in which they are listed."), "\n[boards]\n"]
    for name, settings in boards.items():
        values = _changed(settings)
        if values.keys() <= {"title"}:
            value = toml_value(settings.title)
        else:
            value = f"{{ {', '.join(f'{key} = {toml_value(entry)}' for key, entry in values.items())} }}"
        lines.append(f"{toml_key(name)} = {value}\n")
    return "".join(lines)


def _quoted(text: str) -> str:
    """In single quotes, in which only the quote itself and backslashes are special."""
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"
