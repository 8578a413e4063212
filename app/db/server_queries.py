"""Statements about a whole database server: which databases it has."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

from app.db.base import Sql

STARTING_POINTS: Final = MappingProxyType({"mysql": "information_schema", "postgresql": "postgres"})
"""The database of each kind of server that is always there to connect to."""

DATABASES: Final = MappingProxyType(
    {
        "mysql": Sql(
            "SELECT schema_name FROM information_schema.schemata WHERE schema_name NOT IN "
            "('information_schema', 'mysql', 'performance_schema', 'sys') ORDER BY schema_name LIMIT 50"
        ),
        "postgresql": Sql(
            "SELECT datname FROM pg_database WHERE datallowconn AND NOT datistemplate "
            "AND has_database_privilege(datname, 'CONNECT') ORDER BY datname LIMIT 50"
        ),
    }
)
"""Rows of one name each: databases that we may read, whatever they hold."""
