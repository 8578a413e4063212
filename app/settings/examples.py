"""The text of config.toml.example and boards.toml.example, made from the structs of the settings."""

from __future__ import annotations

from collections.abc import Iterator

from app.settings import BoardSettings
from app.settings.keys import Key, config_keys, config_sections, keys_of
from app.settings.toml import comment, toml_value

DRIVERS = {"mysql": "aiomysql", "postgresql": "asyncpg", "sqlite": "sqlite3"}

_CONFIG_HEAD = """\
# Settings of Koiwai. Copy this file to config.toml, beside it boards.toml.example to boards.toml.
# Every key is here with its default, so a config.toml needs only the keys that differ. Relative paths start at the
# folder of config.toml. Variables override this file, in a file .env beside it or in the environment:
# KOIWAI_DB__MYSQL__PASSWORD is password in [db.mysql], and DATABASE_URL names the database in one line.
# docs/configuration.md explains all of it, and `koiwai config` prints the settings that hold in the end.
"""

_BOARDS_HEAD = """\
# The boards to serve, in the order in which they are listed. Copy this file to boards.toml.
# A board's name is the name of its table. Names with letters beyond a-z stand in quotes: "λ" = "Lambda".

[boards]
# The short form is name and title.
g = "Technology"

# The long form is a table, with any of these keys. The values are the defaults, except for the title,
# which is empty by default, and clock_switch_num, which is absent.
[boards.po]
"""


def config_example() -> str:
    lines = [_CONFIG_HEAD]
    for where in config_sections():
        keys = [key for key in config_keys().values() if key.place[:-1] == where]
        if keys:
            lines += [f"[{'.'.join(where)}]", *_lines(keys), ""]
    return "\n".join(lines[:-1]) + "\n"


def boards_example() -> str:
    shown = {"title": "Papercraft & Origami"}
    keys = [key._replace(default=shown.get(key.name, key.default)) for key in keys_of(BoardSettings)]
    return _BOARDS_HEAD + "\n".join(_lines(keys)) + "\n"


def _lines(keys: list[Key]) -> Iterator[str]:
    for key in keys:
        if not key.option:
            yield from comment(key.description)
            yield f"{'#' if key.default is None else ''}{key.name} = {toml_value(key.example)}"
    options = [key for key in keys if key.option]
    if options:
        names = ", ".join(key.name for key in options)
        yield from comment(f"Also understood, and handed to {DRIVERS[keys[0].place[1]]} as they are: {names}.")
