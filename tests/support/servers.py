"""Throw-away database servers for the tests, and databases on them.

``start_mysql``, ``start_postgresql`` and ``start_pgbouncer`` start private servers on 127.0.0.1 and on unix
sockets in temporary folders; ``given_mysql`` and ``given_postgresql`` use servers that run already. Nothing
is left behind: not after ``close``, and not when the tests are killed. Everything here is synchronous and
also works inside a running event loop, which it holds up.
"""

import asyncio
import re
import secrets
import signal
import socket
import subprocess
from collections.abc import Callable, Coroutine, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import asyncpg
import pymysql

from tests.support.daemon import Daemon, account_of, find_program, free_port, make_folder, write_file

Command = list[str | Path]
# Puts files into a server's folder for its account, and gives further options (PgBouncer: lines of its settings).
Prepare = Callable[[Path, str | None], Sequence[str]]

USER = "koiwai"
# Data that nobody needs after a power cut need not reach the disk.
POSTGRESQL_SETTINGS = (
    *("-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off"),
    *("-c", "wal_level=minimal", "-c", "max_wal_senders=0", "-c", "autovacuum=off", "-c", "jit=off"),
    *("-c", "shared_buffers=64MB", "-c", "max_connections=200", "-c", "dynamic_shared_memory_type=mmap"),
)
MYSQL_SETTINGS = (
    *("--skip-log-bin", "--innodb-flush-log-at-trx-commit=0", "--innodb-doublewrite=off"),
    *("--skip-name-resolve", "--performance-schema=off", "--innodb-buffer-pool-size=64M"),
    *("--max-connections=200", "--max-allowed-packet=64M"),
    "--skip-ssl",
    *("--character-set-server=utf8mb4", "--collation-server=utf8mb4_general_ci"),
)


@dataclass(frozen=True)
class Server:
    """A server; ``socket`` is what its clients take as such: a file for MySQL, a folder for PostgreSQL."""

    kind: str
    host: str
    port: int
    socket: Path | None
    user: str
    password: str
    daemon: Daemon | None = None

    def start(self) -> None:
        """Start again after ``stop`` or ``kill``, on the same port and data."""
        self._own().start()

    def stop(self) -> None:
        self._own().stop()

    def kill(self) -> None:
        """End the server without its clean shutdown; the data stays."""
        self._own().kill()

    def close(self) -> None:
        """Stop the server and remove its data; a given server is left alone."""
        if self.daemon is not None:
            self.daemon.close()

    @contextmanager
    def fresh_database(self) -> Iterator[str]:
        """A new, empty database of a name of its own, dropped afterwards; gives the name."""
        name = f"koiwai_test_{secrets.token_hex(6)}"
        self.create_database(name)
        try:
            yield name
        finally:
            self.drop_database(name)

    def create_database(self, name: str) -> None:
        raise NotImplementedError

    def drop_database(self, name: str) -> None:
        """Drop the database if it exists, whoever is connected to it."""
        raise NotImplementedError

    def connect_kwargs(self, database: str) -> dict[str, Any]:
        """Arguments of the driver's ``connect`` (aiomysql, asyncpg) for TCP."""
        raise NotImplementedError

    def settings_table(self, database: str) -> dict[str, str | int]:
        """The table of config.toml that leads to ``database``: ``[db.mysql]`` or ``[db.postgresql]``."""
        raise NotImplementedError

    def ping(self) -> None:
        """Raises OSError or an error of the driver when the server does not answer."""
        self._execute("SELECT 1")

    def reachable(self) -> bool:
        """Whether anything accepts connections on the server's port."""
        with socket.socket() as client:
            return client.connect_ex((self.host, self.port)) == 0

    def _execute(self, sql: str) -> None:
        raise NotImplementedError

    def _address(self) -> dict[str, str | int]:
        return {"host": self.host, "port": self.port, "user": self.user, "password": self.password}

    def _own(self) -> Daemon:
        if self.daemon is None:
            raise RuntimeError(f"The {self.kind} server was given by its URL: the tests do not start or stop it.")
        return self.daemon


class MysqlServer(Server):
    """MariaDB or MySQL."""

    def create_database(self, name: str) -> None:
        self._execute(f"CREATE DATABASE `{_checked(name)}` CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci")

    def drop_database(self, name: str) -> None:
        self._execute(f"DROP DATABASE IF EXISTS `{_checked(name)}`")

    def connect_kwargs(self, database: str) -> dict[str, Any]:
        return {**self._address(), "db": database, "charset": "utf8mb4"}

    def settings_table(self, database: str) -> dict[str, str | int]:
        return {**self._address(), "db": database}

    def _execute(self, sql: str) -> None:
        # A statement that waits must fail, not hang: a test may have left a connection open.
        connection = pymysql.connect(**self._address(), connect_timeout=10, read_timeout=60)
        try:
            with connection.cursor() as cursor:
                cursor.execute(sql)
        finally:
            connection.close()


class PostgresqlServer(Server):
    """PostgreSQL, or PgBouncer in front of one."""

    def kill(self) -> None:
        super().kill()
        # Its lock in System V shared memory outlives a killed PostgreSQL. Its pid file names it in line 7.
        with suppress(OSError, IndexError):
            lines = (self._own().folder / "data" / "postmaster.pid").read_text("utf-8").splitlines()
            subprocess.run(["ipcrm", "-m", lines[6].split()[1]], capture_output=True, check=False)

    def create_database(self, name: str) -> None:
        self._execute(f"CREATE DATABASE \"{_checked(name)}\" ENCODING 'UTF8' TEMPLATE template0")

    def drop_database(self, name: str) -> None:
        self._execute(f'DROP DATABASE IF EXISTS "{_checked(name)}" WITH (FORCE)')

    def connect_kwargs(self, database: str) -> dict[str, Any]:
        return {**self._address(), "database": database}

    def settings_table(self, database: str) -> dict[str, str | int]:
        return self.connect_kwargs(database)

    def _execute(self, sql: str) -> None:
        _run_apart(self._execute_async(sql))

    async def _execute_async(self, sql: str) -> None:
        # Without arguments asyncpg prepares nothing, which is what PgBouncer's transaction mode needs.
        connection = await asyncpg.connect(**self.connect_kwargs("postgres"), timeout=10, command_timeout=60)
        try:
            await connection.execute(sql)
        finally:
            await connection.close()


def start_mysql(inside: Path | None = None, prepare: Prepare = lambda *_: ()) -> MysqlServer:
    """Start a private MariaDB in a new folder ``inside`` another; raises MissingServer, ServerFailed."""
    advice = "MariaDB is not installed; install mariadb-server-core mariadb-client-core, or set TEST_MYSQL_URL"
    installer, program = find_program("mariadb-install-db", advice), find_program("mariadbd", advice)
    account, port, password = account_of("mysql", "nobody"), free_port(), secrets.token_hex(16)
    folder = make_folder("koiwai-my", inside, account)
    init = write_file(
        folder / "init.sql",
        f"CREATE USER IF NOT EXISTS '{USER}'@'%' IDENTIFIED BY '{password}';\n"
        f"GRANT ALL ON *.* TO '{USER}'@'%' WITH GRANT OPTION;\n",
        account,
    )
    data, here = f"--datadir={folder}/data", (f"--tmpdir={folder}", f"--pid-file={folder}/pid")
    install: Command = [installer, "--no-defaults", data, "--skip-test-db"]
    install += ["--auth-root-authentication-method=normal"]
    command: Command = [program, "--no-defaults", *MYSQL_SETTINGS, data, *here, f"--init-file={init}"]
    command += prepare(folder, account)
    command += ["--bind-address=127.0.0.1", f"--port={port}", f"--socket={folder}/socket"]

    def probe() -> None:
        server.ping()

    daemon = Daemon(command, folder, account, signal.SIGTERM, probe, (OSError, pymysql.Error))
    server = MysqlServer("mysql", "127.0.0.1", port, folder / "socket", USER, password, daemon)
    daemon.first_start(install)
    return server


def start_postgresql(inside: Path | None = None, prepare: Prepare = lambda *_: ()) -> PostgresqlServer:
    """Start a private PostgreSQL in a new folder ``inside`` another; raises MissingServer, ServerFailed."""
    advice = "PostgreSQL is not installed; install postgresql, or set TEST_POSTGRESQL_URL"
    initdb, program = find_program("initdb", advice), find_program("postgres", advice)
    account, port, password = account_of("postgres", "nobody"), free_port(), secrets.token_hex(16)
    folder = make_folder("koiwai-pg", inside, account)
    secret = write_file(folder / "password", password, account)
    install: Command = [initdb, "-D", folder / "data", "-U", USER, "--pwfile", secret]
    install += ["--auth=scram-sha-256", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"]
    command: Command = [program, "-D", folder / "data", "-k", folder, "-h", "127.0.0.1", "-p", str(port)]
    command += [*POSTGRESQL_SETTINGS, *prepare(folder, account)]
    return _start_postgresql("postgresql", install, command, folder, account, port, USER, password)


def start_pgbouncer(
    postgresql: PostgresqlServer, inside: Path | None = None, prepare: Prepare = lambda *_: ()
) -> PostgresqlServer:
    """Start PgBouncer in transaction mode before ``postgresql``, for every database of it."""
    program = find_program("pgbouncer", "PgBouncer is not installed; install pgbouncer")
    account, port = account_of("postgres", "nobody"), free_port()
    folder = make_folder("koiwai-pb", inside, account)
    users = write_file(folder / "users", f'"{postgresql.user}" "{postgresql.password}"\n', account)
    settings = write_file(
        folder / "pgbouncer.ini",
        f"[databases]\n* = host={postgresql.host} port={postgresql.port}\n"
        f"[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir = {folder}\n"
        f"auth_type = scram-sha-256\nauth_file = {users}\npool_mode = transaction\n"
        + "".join(f"{line}\n" for line in prepare(folder, account)),
        account,
    )
    command: Command = [program, settings]
    user, password = postgresql.user, postgresql.password
    return _start_postgresql("pgbouncer", None, command, folder, account, port, user, password)


def given_mysql(url: str) -> MysqlServer:
    """The server of ``TEST_MYSQL_URL``; raises ValueError with a sentence about a bad URL."""
    host, port, user, password = _parts("TEST_MYSQL_URL", url, ("mysql", "mariadb"), 3306)
    return MysqlServer("mysql", host, port, None, user, password)


def given_postgresql(url: str) -> PostgresqlServer:
    """The server of ``TEST_POSTGRESQL_URL``; raises ValueError with a sentence about a bad URL."""
    host, port, user, password = _parts("TEST_POSTGRESQL_URL", url, ("postgresql", "postgres"), 5432)
    return PostgresqlServer("postgresql", host, port, None, user, password)


def _start_postgresql(
    kind: str,
    install: Command | None,
    command: Command,
    folder: Path,
    account: str | None,
    port: int,
    user: str,
    password: str,
) -> PostgresqlServer:
    not_yet = (OSError, asyncpg.PostgresError, asyncpg.InterfaceError)

    def probe() -> None:
        server.ping()

    # SIGINT is "fast shutdown" for PostgreSQL (SIGTERM waits for the clients) and a clean end for PgBouncer.
    daemon = Daemon(command, folder, account, signal.SIGINT, probe, not_yet, {"LC_ALL": "C.UTF-8"})
    server = PostgresqlServer(kind, "127.0.0.1", port, folder, user, password, daemon)
    daemon.first_start(install)
    return server


def _run_apart(work: Coroutine[Any, Any, None]) -> None:
    """Run ``work`` in an event loop of its own thread: the caller's thread may have a running one."""
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, work).result()


def _checked(name: str) -> str:
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,62}", name):
        raise ValueError(f"{name!r} is no database name for tests: lower-case letters, digits and _ only.")
    return name


def _parts(variable: str, url: str, schemes: tuple[str, ...], port: int) -> tuple[str, int, str, str]:
    try:
        parts = urlsplit(url)
        host, port, scheme = parts.hostname, parts.port or port, parts.scheme
    except ValueError:
        host = scheme = None
    if host is None or scheme not in schemes or parts.username is None:
        raise ValueError(f"{variable} must look like {schemes[0]}://user:password@host:{port}/") from None
    return host, port, unquote(parts.username), unquote(parts.password or "")
