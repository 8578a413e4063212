"""Archive databases: `database_for` is the only way in, and loads only the driver that is asked for."""

from __future__ import annotations

from importlib import import_module
from types import MappingProxyType

from app.db.base import Database
from app.settings import DbSettings

_BACKENDS = MappingProxyType({"mysql": "app.db.mysql", "postgresql": "app.db.postgresql", "sqlite": "app.db.sqlite"})


def database_for(settings: DbSettings) -> Database:
    """The database that the settings name, not yet opened."""
    database: Database = import_module(_BACKENDS[settings.db_type]).connect(settings)
    return database
