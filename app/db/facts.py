"""What a server tells about itself: product, limits, the rights of our user, TLS. For the operator, not for readers."""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Awaitable, Callable
from types import MappingProxyType
from typing import Any

from msgspec import Struct

from app.db.base import Database, SchemaChanged, Sql, StatementRefused, reason

log = logging.getLogger("koiwai.db")


class ServerFacts(Struct, frozen=True, kw_only=True):
    """None stands for what the server does not tell us, and for what the product does not have."""

    product: str
    """MariaDB, MySQL, PostgreSQL or SQLite."""
    version: str
    """Numbers and dots, such as 10.11.6."""
    max_connections: int | None = None
    """Connections the server has for ordinary users. Behind a pooler: the server that the pooler leads to."""
    user_limit: int | None = None
    """Connections our user, or our database, may have of these; None where there is no such limit."""
    connections: int | None = None
    """Connections of everybody at this moment, ours included."""
    may_write: bool | None = None
    """Whether our user's rights go further than reading. We do not write even then."""
    pooler: bool = False
    tls: str | None = None
    """The version of TLS, such as TLSv1.3; "" for plain text; None also behind a pooler, where no statement tells."""


async def server_facts(database: Database) -> ServerFacts:
    """Asks an open database a few cheap statements. Raises Unavailable when it cannot be reached."""
    return await _FACTS[database.dialect.name](database)


# Everything but these is a right to change something, or will be one day.
_HARMLESS = frozenset(
    {"USAGE", "SELECT", "SHOW DATABASES", "SHOW VIEW", "PROCESS", "REFERENCES", "EXECUTE", "REPLICATION CLIENT"}
    | {"BINLOG MONITOR", "SLAVE MONITOR", "REPLICA MONITOR", "SHOW_ROUTINE", "PROXY"}
)


async def _mysql(database: Database) -> ServerFacts:
    ((version, largest, limit),) = await database.fetch(
        Sql("SELECT VERSION(), @@max_connections, @@max_user_connections")
    )
    connected = await _ask(database, "SHOW GLOBAL STATUS LIKE 'Threads_connected'")
    tls = await _ask(database, "SHOW SESSION STATUS LIKE 'Ssl_version'")
    return ServerFacts(
        product="MariaDB" if "mariadb" in version.lower() else "MySQL",
        version=_numbers(version),
        max_connections=int(largest),
        user_limit=int(limit) or None,
        connections=int(connected[0][1]) if connected else None,
        may_write=_may_write([str(grant) for (grant,) in await _ask(database, "SHOW GRANTS")]),
        tls=str(tls[0][1]) if tls else None,
    )


def _may_write(grants: list[str]) -> bool | None:
    """What SHOW GRANTS says: `GRANT right, right (column, column) ON what TO whom`, or `GRANT role TO whom`."""
    found = [re.match("GRANT (.+?) ON ", grant) for grant in grants]
    rights = {
        right.strip().upper()
        for match in found
        if match is not None
        for right in re.sub(r"\([^)]*\)", "", match[1]).split(",")
    }
    if rights - _HARMLESS:
        return True
    # A role that stands in the list may hold any right.
    return False if grants and all(found) else None


async def _postgresql(database: Database) -> ServerFacts:
    ((version,),) = await database.fetch(Sql("SHOW server_version"))
    limits = await _ask(
        database,
        "SELECT sum(CASE name WHEN 'max_connections' THEN setting::int ELSE -setting::int END) FROM pg_settings "
        "WHERE name IN ('max_connections', 'superuser_reserved_connections', 'reserved_connections')",
    )
    own = await _ask(
        database,
        "SELECT min(most) FROM (SELECT rolconnlimit AS most FROM pg_roles WHERE rolname = current_user "
        "UNION ALL SELECT datconnlimit FROM pg_database WHERE datname = current_database()) AS limits WHERE most >= 0",
    )
    connected = await _ask(database, "SELECT sum(numbackends) FROM pg_stat_database")
    writes = await _ask(
        database,
        "SELECT (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) OR EXISTS (SELECT FROM pg_class "
        "WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p') "
        "AND (has_table_privilege(oid, 'INSERT, UPDATE, DELETE, TRUNCATE, TRIGGER') "
        "OR has_any_column_privilege(oid, 'INSERT, UPDATE')))",
    )
    tls = await _ask(database, "SELECT coalesce(version, '') FROM pg_stat_ssl WHERE pid = pg_backend_pid()")
    return ServerFacts(
        product="PostgreSQL",
        version=_numbers(version),
        max_connections=_whole(limits),
        user_limit=_whole(own),
        connections=_whole(connected),
        may_write=bool(writes[0][0]) if writes else None,
        pooler=database.pooler,
        tls=str(tls[0][0]) if tls and not database.pooler else None,
    )


async def _sqlite(database: Database) -> ServerFacts:
    ((version, file),) = await database.fetch(
        Sql("SELECT sqlite_version(), file FROM pragma_database_list WHERE name = 'main'")
    )
    return ServerFacts(product="SQLite", version=version, may_write=os.access(file, os.W_OK))


async def _ask(database: Database, statement: str) -> list[tuple[Any, ...]]:
    """The rows; none when a server that speaks the same language does not know the statement, or forbids it."""
    try:
        return await database.fetch(Sql(statement))
    except (SchemaChanged, StatementRefused) as error:
        log.debug("the server does not answer %s: %s", statement, reason(error))
        return []


def _whole(rows: list[tuple[Any, ...]]) -> int | None:
    return int(rows[0][0]) if rows and rows[0][0] is not None else None


def _numbers(version: str) -> str:
    found = re.match(r"[\d.]*\d", version)
    return found[0] if found else version


_FACTS: MappingProxyType[str, Callable[[Database], Awaitable[ServerFacts]]] = MappingProxyType(
    {"mysql": _mysql, "postgresql": _postgresql, "sqlite": _sqlite}
)
