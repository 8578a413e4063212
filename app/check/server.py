"""The database server: how it is reached, what it allows, and whether our connections fit."""

from __future__ import annotations

import ipaddress
from typing import Final

from msgspec.structs import replace

from app.check.report import DatabaseReport, Notes
from app.db.facts import ServerFacts
from app.settings import DbSettings

_ENOUGH: Final = 2
"""Connections that a check itself opens at most."""


def for_a_check(db: DbSettings) -> DbSettings:
    """The same database with a pool that does not get in anybody's way."""
    return replace(
        db,
        mysql=replace(db.mysql, minsize=1, maxsize=_ENOUGH),
        postgresql=replace(db.postgresql, min_size=1, max_size=_ENOUGH),
    )


def place_of(db: DbSettings) -> str:
    """Where the archive is, in a few words without a secret."""
    if db.db_type == "sqlite":
        return str(db.sqlite.database)
    if db.db_type == "mysql":
        return f"{db.mysql.unix_socket or f'{db.mysql.host}:{db.mysql.port}'}, database {db.mysql.db}"
    return f"{db.postgresql.host}:{db.postgresql.port}, database {db.postgresql.database}"


def look_at_server(db: DbSettings, facts: ServerFacts, workers: int, notes: Notes) -> DatabaseReport:
    """`workers`: processes that will serve the archive."""
    largest = {"mysql": db.mysql.maxsize, "postgresql": db.postgresql.max_size}.get(db.db_type)
    report = DatabaseReport(
        kind=db.db_type,
        where=place_of(db),
        product=facts.product,
        version=facts.version,
        tls=facts.tls,
        pooler=facts.pooler,
        may_write=facts.may_write,
        max_connections=_smaller(facts.max_connections, facts.user_limit),
        connections_in_use=facts.connections,
        connections_wanted=None if largest is None else workers * largest,
    )
    notes.ok("database", f"{facts.product} {facts.version} answers at {report.where}.")
    if facts.may_write and db.db_type == "sqlite":
        notes.note(
            "database-writable", "The file may be written to by this user. Koiwai never does; read access is enough."
        )
    elif facts.may_write:
        notes.note(
            "database-writable",
            "The user of the database may write to it. Koiwai never does, but whoever finds the password could: better "
            "use one that has no other right than SELECT.",
        )
    if facts.tls == "" and not _is_near(db):
        notes.warning(
            "tls-off", 'The connection leaves this machine and is not encrypted: set sslmode = "verify-full".'
        )
    if facts.pooler:
        notes.note(
            "pooler",
            "A connection pooler stands before the server: its own limits on connections count too, and are not seen.",
        )
    if largest is not None:
        _look_at_connections(report, workers, largest, notes)
    return report


def _look_at_connections(report: DatabaseReport, workers: int, largest: int, notes: Notes) -> None:
    wanted, limit, used = report.connections_wanted, report.max_connections, report.connections_in_use
    if wanted is None or limit is None:
        return
    key = "maxsize" if report.kind == "mysql" else "max_size"
    sums = f"{workers} worker{'s' if workers > 1 else ''} x {key} {largest} = {wanted} connections"
    if wanted > limit:
        notes.warning(
            "pool-too-large",
            f"{sums}, but the server has {limit} for us: when many readers come at once, some get 503. Lower {key} or "
            "raise the server's limit.",
        )
    elif used is not None and wanted + used > limit:
        notes.note(
            "pool-tight",
            f"{sums}; the server has {limit}, of which {used} are in use now. If those are not Koiwai's own, they do "
            "not all fit.",
        )
    else:
        notes.ok("pool", f"{sums}; the server has {limit}.")


def _is_near(db: DbSettings) -> bool:
    """Whether the server is reached without leaving this machine."""
    if db.db_type == "sqlite" or (db.db_type == "mysql" and db.mysql.unix_socket):
        return True
    host = db.mysql.host if db.db_type == "mysql" else db.postgresql.host
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.startswith(("/", "@"))


def _smaller(one: int | None, other: int | None) -> int | None:
    return min((limit for limit in (one, other) if limit is not None), default=None)
