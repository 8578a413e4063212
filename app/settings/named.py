"""A database that is named outside of the settings files: by a URL, or by variables."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from app.errors import SettingsError
from app.settings import DbSettings
from app.settings.layers import Collector, Layer, build, misfits
from app.settings.url import expand
from app.settings.variables import ENVIRONMENT, read_variables


def database_of_url(url: str, label: str, folder: Path) -> DbSettings:
    """The database that a URL names; paths in it start at `folder`. `label` is what complaints call the URL.

    Raises SettingsError with one line for each problem.
    """
    collector = Collector(folder, [])
    return _built(collector, expand(url, label, collector, None) | collector.layer)


def database_of_variables(environ: Mapping[str, str], folder: Path) -> DbSettings | None:
    """The database that variables name, None if they leave open which it is. Raises SettingsError."""
    collector = Collector(folder, [])
    layer = read_variables(environ, ENVIRONMENT, collector) | collector.layer
    if ("db", "db_type") not in layer and not collector.problems:
        return None
    return _built(collector, layer)


def _built(collector: Collector, layer: Layer) -> DbSettings:
    if not collector.problems:
        db = build(DbSettings, layer, ("db",), collector.base)
        collector.problems += misfits(db, layer, ("db",))
        if not collector.problems:
            return db
    raise SettingsError(*collector.problems)
