"""Private servers that offer TLS, with certificates that the tests choose."""

import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.settings import DbSettings
from tests.support.certificates import Authority, Identity
from tests.support.daemon import make_folder, write_file
from tests.support.databases import Place
from tests.support.servers import PostgresqlServer, Server, start_mysql, start_pgbouncer, start_postgresql

RULES_OF_POSTGRESQL = """
local all all scram-sha-256
hostssl all shows_certificate all scram-sha-256 clientcert=verify-ca
hostnossl all shows_certificate,wants_tls all reject
hostssl all wants_plain_text all reject
host all all all scram-sha-256
"""
USERS = {"shows_certificate": "REQUIRE X509", "wants_tls": "REQUIRE SSL", "wants_plain_text": ""}
"""Users of both kinds of server, with what MariaDB is told about them (it cannot refuse TLS)."""
PASSWORD = "S3cret"


@dataclass(frozen=True)
class TlsServer:
    """A server whose certificate is made out to localhost, and to nothing else, by ``authority``."""

    server: Server
    authority: Authority
    account: str | None
    shown: Identity
    folder: Path

    @property
    def kind(self) -> str:
        return self.server.kind

    @property
    def database(self) -> str:
        return "mysql" if self.kind == "mysql" else "postgres"

    def place(self) -> Place:
        return Place(self.kind, self.server.settings_table(self.database), server=self.server, name=self.database)

    def settings(self, **changes: Any) -> DbSettings:
        """Settings that lead to the server by the name in its certificate."""
        return self.place().settings(**{"host": "localhost", "sslrootcert": self.authority.certificate, **changes})

    @contextmanager
    def showing(self, identity: Identity) -> Iterator[None]:
        """The server shows another certificate for a while."""
        usual = Identity(self.folder / "usual.pem", self.folder / "usual.key")
        self.shown.copy_to(usual, self.account)
        try:
            self._show(identity)
            yield
        finally:
            self._show(usual)

    def _show(self, identity: Identity) -> None:
        identity.copy_to(self.shown, self.account)
        if self.kind == "mysql":
            self.place().execute("FLUSH SSL")
            return
        loaded = "SELECT pg_conf_load_time()"
        before = self.place().execute(loaded)
        self.place().execute("SELECT pg_reload_conf()")  # which only asks for it
        deadline = time.monotonic() + 30
        while self.place().execute(loaded) == before:
            assert time.monotonic() < deadline, "PostgreSQL does not read its settings again"
            time.sleep(0.01)


@contextmanager
def tls_server(kind: str, postgresql: PostgresqlServer | None = None) -> Iterator[TlsServer]:
    """Starts a server of a kind: mysql, postgresql, or pgbouncer before ``postgresql``."""
    folder = make_folder("koiwai-ca", None, None)
    own: list[tuple[Identity, str | None]] = []
    try:
        authority = Authority(folder)
        identity = authority.identity("localhost")

        def prepare(inside: Path, account: str | None) -> list[str]:
            shown = Identity(inside / "server.pem", inside / "server.key")
            identity.copy_to(shown, account)
            own.append((shown, account))
            trusted = write_file(inside / "trusted.pem", authority.certificate.read_text("ascii"), account)
            rules = write_file(inside / "rules", RULES_OF_POSTGRESQL, account)
            names = {"certificate": shown.certificate, "key": shown.key, "authority": trusted, "rules": rules}
            return [option.format(**names) for option in _OPTIONS[kind]]

        server: Server
        if kind == "mysql":
            server = start_mysql(prepare=prepare)
        elif kind == "postgresql":
            server = start_postgresql(prepare=prepare)
        else:
            assert postgresql is not None
            server = start_pgbouncer(postgresql, prepare=prepare)
        with_tls = TlsServer(server, authority, own[0][1], own[0][0], folder)
        try:
            if kind != "pgbouncer":
                _make_users(with_tls)
            yield with_tls
        finally:
            server.close()
    finally:
        shutil.rmtree(folder)


_OPTIONS = {
    "mysql": (
        *("--ssl", "--ssl-cert={certificate}", "--ssl-key={key}", "--ssl-ca={authority}"),
        "--performance-schema=on",  # where it tells what clients call themselves
    ),
    "postgresql": (
        *("-c", "ssl=on", "-c", "ssl_cert_file={certificate}", "-c", "ssl_key_file={key}"),
        *("-c", "ssl_ca_file={authority}", "-c", "hba_file={rules}"),
    ),
    "pgbouncer": (
        "client_tls_sslmode = require",
        "client_tls_cert_file = {certificate}",
        "client_tls_key_file = {key}",
    ),
}


def _make_users(server: TlsServer) -> None:
    place = server.place()
    for user, demand in USERS.items():
        if server.kind == "mysql":
            place.execute(f"CREATE USER '{user}'@'%' IDENTIFIED BY '{PASSWORD}' {demand}")
            place.execute(f"GRANT SELECT ON *.* TO '{user}'@'%'")
        else:
            place.execute(f"CREATE ROLE {user} LOGIN PASSWORD '{PASSWORD}'")
