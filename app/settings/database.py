"""`[db]`: which database holds the archive, and how each driver connects to it."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal

import msgspec

from app.settings.section import (
    SEPARATE_PARTS,
    Count,
    DatabaseHost,
    PoolMax,
    PoolMin,
    Port,
    Seconds,
    Section,
    Text,
    says,
)

# Why an argument of a driver is not the operator's to set.
_READ_ONLY = "Koiwai reads only, in transactions of its own"
_PREPARED = "Koiwai prepares its connections itself"
_NOT_IN_TOML = "it is a Python object, which a TOML file cannot hold"
_SSLMODE = "write sslmode"

SslMode = Literal["disable", "allow", "prefer", "require", "verify-ca", "verify-full"]
"""The six modes of PostgreSQL's own client library, for MySQL too."""


class DriverSection(Section, frozen=True, kw_only=True):
    """How one driver connects. `options` are further keyword arguments of the driver's own connect call."""

    options: dict[str, Any] = msgspec.field(default_factory=dict)


class ServerSection(DriverSection, frozen=True, kw_only=True):
    """What is the same for every database server. The three paths are None where they are not set."""

    secret_keys: ClassVar[frozenset[str]] = frozenset({"password"})

    sslmode: Annotated[
        SslMode,
        says(
            '"disable": never TLS. "allow": TLS only if the server insists. "prefer": TLS where the server offers it. '
            '"require": TLS or no connection. "verify-ca": the certificate of the server must also be signed by a '
            'trusted authority. "verify-full": and be made out to the host name. Unix sockets never use TLS.'
        ),
    ] = "prefer"
    sslrootcert: Annotated[
        Path | None, says("File with the certificates of the authorities to trust, in place of the system's.", "ca.pem")
    ] = None
    sslcert: Annotated[
        Path | None, says("File with our own certificate, for servers that ask for one.", "client.pem")
    ] = None
    sslkey: Annotated[Path | None, says("File with the key of our own certificate.", "client.key")] = None
    connect_timeout: Annotated[Seconds, says("Seconds a server has to accept a connection.")] = 10.0
    application_name: Annotated[str, says("What we call ourselves in the server's list of connections.")] = "koiwai"

    def problems(self) -> Iterator[str]:
        if (self.sslcert is None) != (self.sslkey is None):
            yield "sslcert and sslkey must be set together"
        if self.sslrootcert is not None and self.sslmode not in {"verify-ca", "verify-full"}:
            yield (
                f'sslrootcert has no effect with sslmode = "{self.sslmode}": '
                'only "verify-ca" and "verify-full" check the certificate'
            )
        if self.sslcert is not None and self.sslmode == "disable":
            yield 'sslcert has no effect with sslmode = "disable"'


class MysqlSettings(ServerSection, frozen=True, kw_only=True):
    """`[db.mysql]`, the keys of aiomysql. An empty `unix_socket` means TCP."""

    accepted_options: ClassVar[Mapping[str, Any]] = {
        "auth_plugin": Annotated[str, says("The authentication plugin, where the server's own choice does not work.")],
        "charset": Annotated[Literal["utf8mb4", "utf8"], says('Without it "utf8mb4".')],
        "read_default_file": Annotated[
            Text, says("An option file of MySQL's own programs; what it holds overrides the keys here.")
        ],
        "read_default_group": Annotated[Text, says('The group of that file. Without it "client".')],
    }
    refused_options: ClassVar[Mapping[str, str]] = {
        **dict.fromkeys(("conv", "cursorclass", "loop", "server_public_key"), _NOT_IN_TOML),
        **dict.fromkeys(("autocommit", "local_infile"), _READ_ONLY),
        **dict.fromkeys(("client_flag", "init_command", "sql_mode", "use_unicode"), _PREPARED),
        "echo": "it stands in [db]",
        "program_name": "write application_name",
        "ssl": _SSLMODE,
    }

    host: Annotated[DatabaseHost, says("The server's name or address.")] = "127.0.0.1"
    port: Annotated[Port, says("Its TCP port.")] = 3306
    unix_socket: Annotated[str, says("Path of a Unix socket, used in place of host and port unless it is empty.")] = ""
    db: Annotated[Text, says("The database that holds the archive's tables.")] = "asagi"
    user: Annotated[str, says("A user that may only read is enough, and recommended.")] = "asagi"
    password: Annotated[str, says("The user's password.")] = "asagi"
    minsize: Annotated[PoolMin, says("Connections each worker keeps open.")] = 1
    maxsize: Annotated[PoolMax, says("The most connections each worker opens.")] = 50

    def problems(self) -> Iterator[str]:
        yield from super().problems()
        if self.minsize > self.maxsize:
            yield f"minsize must not be larger than maxsize, but {self.minsize} > {self.maxsize}"


class PostgresqlSettings(ServerSection, frozen=True, kw_only=True):
    """`[db.postgresql]`, the keys of asyncpg. `host` may be the folder of a Unix socket."""

    accepted_options: ClassVar[Mapping[str, Any]] = {
        "direct_tls": Annotated[bool, says("Begin with TLS, without asking the server first (PostgreSQL 17).")],
        "gsslib": Annotated[Literal["gssapi", "sspi"], says("The library for logins with Kerberos.")],
        "krbsrvname": Annotated[Text, says("The server's name in Kerberos.")],
        "max_cacheable_statement_size": Annotated[Count, says("Bytes a statement may have to be kept prepared.")],
        "max_cached_statement_lifetime": Annotated[
            Count, says("Seconds a prepared statement is kept; 0: as long as the connection.")
        ],
        "passfile": Annotated[Text, says('A password file (.pgpass), read where password = "".')],
        "server_settings": Annotated[
            dict[str, str], says('Run-time parameters of the server: {search_path = "asagi", jit = "off"}.')
        ],
        "statement_cache_size": Annotated[Count, says("Statements each connection keeps prepared; 0: none.")],
        "target_session_attrs": Annotated[
            Literal["any", "primary", "standby", "read-write", "read-only", "prefer-standby"],
            says("The kind of server to accept."),
        ],
    }
    refused_options: ClassVar[Mapping[str, str]] = {
        **dict.fromkeys(("connection_class", "loop", "record_class"), _NOT_IN_TOML),
        **dict.fromkeys(("dsn", "service", "servicefile"), SEPARATE_PARTS),
        "command_timeout": "it stands in [db.pool] as statement_timeout",
        "ssl": _SSLMODE,
        "timeout": "write connect_timeout",
    }
    refused_server_settings: ClassVar[Mapping[str, str]] = {
        **dict.fromkeys(("default_transaction_read_only", "transaction_read_only"), _READ_ONLY),
        "application_name": "it stands in [db.postgresql]",
        "client_encoding": _PREPARED,
        "options": "write each server setting as a key of its own",
        "statement_timeout": "it stands in [db.pool]",
    }

    host: Annotated[
        DatabaseHost, says('The server\'s name or address, or the folder of a Unix socket such as "/run/postgresql".')
    ] = "localhost"
    port: Annotated[Port, says("Its TCP port, which is also part of a socket's name.")] = 5432
    user: Annotated[Text, says("A user that may only read is enough, and recommended.")] = "asagi"
    password: Annotated[str, says('The user\'s password; "" for passfile or for a server that asks for none.')] = (
        "asagi"
    )
    database: Annotated[Text, says("The database that holds the archive's tables.")] = "asagi"
    min_size: Annotated[PoolMin, says("Connections each worker keeps open.")] = 1
    max_size: Annotated[PoolMax, says("The most connections each worker opens.")] = 50

    def problems(self) -> Iterator[str]:
        yield from super().problems()
        if self.min_size > self.max_size:
            yield f"min_size must not be larger than max_size, but {self.min_size} > {self.max_size}"
        if self.options.get("direct_tls") and self.sslmode in {"disable", "allow", "prefer"}:
            yield f'direct_tls needs sslmode = "require", "verify-ca" or "verify-full", not "{self.sslmode}"'
        if "passfile" in self.options and self.password:
            yield 'passfile has no effect unless password = ""'
        for key in self.options.get("server_settings", {}):
            reason = self.refused_server_settings.get(key.lower())  # PostgreSQL ignores the case of these names
            if reason is not None:
                yield f"server_settings must not set {key.lower()}: {reason}"


class SqliteSettings(DriverSection, frozen=True, kw_only=True):
    """`[db.sqlite]`, the keys of sqlite3. `database` is a file."""

    accepted_options: ClassVar[Mapping[str, Any]] = {
        "cached_statements": Annotated[Count, says("Statements each connection keeps prepared.")],
        "timeout": Annotated[
            Seconds, says("Seconds to wait for a file that a writer has locked. Without it acquire_timeout.")
        ],
    }
    refused_options: ClassVar[Mapping[str, str]] = {
        **dict.fromkeys(("factory", "loop"), _NOT_IN_TOML),
        **dict.fromkeys(("autocommit", "isolation_level"), _READ_ONLY),
        **dict.fromkeys(("check_same_thread", "detect_types", "iter_chunk_size"), _PREPARED),
        "uri": "database is the path of a file, opened read-only",
    }

    database: Annotated[Path, says("The database file.")] = Path("archive.db")


class PoolSettings(Section, frozen=True, kw_only=True):
    """`[db.pool]`, the same for all databases. All times are seconds."""

    acquire_timeout: Annotated[
        Seconds, says("Seconds a request waits for a free connection before it is answered with 503.")
    ] = 5.0
    statement_timeout: Annotated[Seconds, says("Seconds a statement may run before it is stopped.")] = 10.0
    idle_timeout: Annotated[
        Seconds,
        says("Seconds a connection may lie unused before it is closed, as long as the smallest number stays open."),
    ] = 300.0
    max_lifetime: Annotated[
        Seconds, says("Seconds after which a connection is replaced by a new one, however busy it is.")
    ] = 3600.0
    test_before_acquire: Annotated[
        bool,
        says(
            "Ask each connection for a sign of life before it is used. One round trip more per statement; without it a "
            "statement that meets a dead connection is tried once more on a new one."
        ),
    ] = False


class DbSettings(Section, frozen=True, kw_only=True):
    """`[db]`. After reading, `url` has become `db_type` and the keys of that database, and is "" again."""

    secret_keys: ClassVar[frozenset[str]] = frozenset({"url"})

    db_type: Annotated[
        Literal["mysql", "postgresql", "sqlite"],
        says("The database that holds the archive; of the sections below only that of this name is used."),
    ] = "mysql"
    url: Annotated[
        str,
        says(
            "All of it in one line, in place of db_type and the section of that name: sqlite:///archive.db, "
            "mysql://user:password@host/database, postgresql://user:password@host/database?sslmode=require."
        ),
    ] = ""
    echo: Annotated[bool, says("Log every statement with its values. For finding faults, not for daily use.")] = False
    slow_statement: Annotated[
        Seconds, says("Seconds after which a statement is logged as slow, without its values.")
    ] = 1.0
    mysql: MysqlSettings = MysqlSettings()
    postgresql: PostgresqlSettings = PostgresqlSettings()
    sqlite: SqliteSettings = SqliteSettings()
    pool: PoolSettings = PoolSettings()
