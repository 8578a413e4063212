"""What an operator can set: names, types, defaults, limits and meaning of every key.

`database.py` and `site.py` hold the sections; a new setting is one field there, and reading, limits, messages, its
variable, the reference and the example files follow from it (`scripts/docs` writes them). `file.py` finds and reads
everything: config.toml itself, `variables.py` for `.env` and the environment, `url.py` for database URLs; `layers.py`
lays them over each other. `show.py` is what `koiwai config` prints, `reference.py` and `examples.py` make documents.
"""

import re

import msgspec

from app.settings.database import (
    DbSettings,
    DriverSection,
    MysqlSettings,
    PoolSettings,
    PostgresqlSettings,
    ServerSection,
    SqliteSettings,
)
from app.settings.search import SearchSettings, SphinxSettings
from app.settings.section import Section
from app.settings.site import (
    AppSettings,
    ArchiveSettings,
    BoardSettings,
    LogSettings,
    MediaSettings,
    SiteSettings,
)

__all__ = [
    "RESERVED_BOARDS",
    "SIDE_TABLE_SUFFIXES",
    "AppSettings",
    "ArchiveSettings",
    "BoardSettings",
    "ConfigFile",
    "DbSettings",
    "DriverSection",
    "LogSettings",
    "MediaSettings",
    "MysqlSettings",
    "PoolSettings",
    "PostgresqlSettings",
    "SearchSettings",
    "Section",
    "ServerSection",
    "Settings",
    "SiteSettings",
    "SphinxSettings",
    "SqliteSettings",
    "check_board_name",
]

RESERVED_BOARDS = frozenset({"_", "api", "static", "media", "healthz", "readyz", "metrics", "admin"})
"""First segments of our own addresses, which no board can have as its name."""

SIDE_TABLE_SUFFIXES = ("_threads", "_images", "_deleted", "_users", "_daily")
"""Endings of the tables beside a board's own (Asagi schema notes, section 1.7)."""


class ConfigFile(Section, frozen=True, kw_only=True):
    """All tables of config.toml."""

    db: DbSettings = DbSettings()
    app: AppSettings = AppSettings()
    log: LogSettings = LogSettings()
    media: MediaSettings = MediaSettings()
    archive: ArchiveSettings = ArchiveSettings()
    search: SearchSettings = SearchSettings()
    site: SiteSettings = SiteSettings()


class Settings(ConfigFile, frozen=True, kw_only=True):
    """Everything that is set: config.toml and boards.toml, with all paths absolute.

    `boards` maps board names to their settings, in the order of the file. With `discover_boards` there is no
    such file, `boards` is empty, and every board found in the database is served.
    """

    boards: dict[str, BoardSettings] = msgspec.field(default_factory=dict)
    discover_boards: bool = False


def check_board_name(name: str) -> None:
    """ValueError, with a sentence about the name, unless `name` can be a board of ours."""
    if not re.fullmatch(r"\w[\w-]*", name):
        raise ValueError("a board name consists of letters, digits, _ and -, and does not start with -")
    if name in RESERVED_BOARDS:
        raise ValueError("this name is reserved for addresses of Koiwai itself")
    for suffix in SIDE_TABLE_SUFFIXES:
        if name.endswith(suffix):
            raise ValueError(f"a name that ends in {suffix} means a side table of a board, not a board")
