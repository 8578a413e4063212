"""What an operator can set: names, types, defaults and limits, and nothing about files.

`settings_file.py` reads a TOML file into these structs. A new setting is one field here and one line in
`config.toml.example`; reading, limits and error messages follow from the field's type.
"""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal
from urllib.parse import urlsplit, urlunsplit

import msgspec
from msgspec import Meta

SECRET_KEYS = frozenset({"password"})
"""Keys whose values never appear in a message or a repr."""

RESERVED_BOARDS = frozenset({"_", "api", "static", "media", "healthz", "readyz", "metrics", "admin"})
"""First segments of our own addresses, which no board can have as its name."""

SIDE_TABLE_SUFFIXES = ("_threads", "_images", "_deleted", "_users", "_daily")
"""Endings of the tables beside a board's own (Asagi schema notes, section 1.7)."""

# Why an argument of a driver is not the operator's to set.
_READ_ONLY = "Koiwai reads only, in transactions of its own"
_PREPARED = "Koiwai prepares its connections itself"
_NOT_IN_TOML = "it is a Python object, which a TOML file cannot hold"
_PARTS = "write host, port, user, password and database as keys of their own"


def clean_url(text: str) -> str:
    """The address in canonical form, without a slash at its end; "" stays "". ValueError: what is wrong."""
    if not text:
        return ""
    try:
        parts = urlsplit(text)
        usable = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable or re.search(r"[^\w.~:/\[\]%!$&'()*+,;=@-]", text, re.ASCII):
        raise ValueError(
            "must be an absolute http or https address in ASCII, such as https://archive.example.org, "
            "without query and fragment"
        )
    if "@" in parts.netloc:
        raise ValueError("must not hold a user name or password")
    return urlunsplit((parts.scheme, parts.netloc.lower(), parts.path.rstrip("/"), "", ""))


def clean_site_host(text: str) -> str:
    """A web site's host in lower case, a port allowed. ValueError says what is wrong."""
    if not re.fullmatch(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:[0-9]{1,5})?", text, re.ASCII | re.IGNORECASE):
        raise ValueError("must be a bare host name such as boards.example.org, without scheme and path")
    return text.lower()


def clean_database_host(text: str) -> str:
    """A database server's host, address or socket folder. ValueError if it looks like a whole URL."""
    if "://" in text or "@" in text or re.search(r"\s", text):
        raise ValueError(f"must be only a host name or an address; {_PARTS}")
    return text


Text = Annotated[str, Meta(min_length=1)]
Port = Annotated[int, Meta(ge=1, le=65_535)]
PoolMin = Annotated[int, Meta(ge=0, le=10_000)]
PoolMax = Annotated[int, Meta(ge=1, le=10_000)]
Seconds = Annotated[float, Meta(ge=0.001, le=86_400)]
Count = Annotated[int, Meta(ge=0, le=1_000_000_000)]
DatabaseHost = Annotated[str, Meta(min_length=1, extra={"clean": clean_database_host})]
SiteHost = Annotated[str, Meta(min_length=1, extra={"clean": clean_site_host})]
SiteUrl = Annotated[str, Meta(extra={"clean": clean_url})]
PostNum = Annotated[int, Meta(ge=1, le=2**31 - 1)]  # 32 bits, signed (Asagi schema notes, section 1.1)


class Section(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One table of a settings file. Its repr hides the values of `SECRET_KEYS`."""

    accepted_options: ClassVar[Mapping[str, Any]] = {}
    """A driver's further arguments: name -> type."""
    refused_options: ClassVar[Mapping[str, str]] = {}
    """Arguments that a driver has but an operator cannot set: name -> reason."""

    def __repr__(self) -> str:
        values = (
            f"{name}={'***' if name in SECRET_KEYS else repr(getattr(self, name))}" for name in self.__struct_fields__
        )
        return f"{type(self).__name__}({', '.join(values)})"

    def problems(self) -> Iterator[str]:
        """Sentences about values that are fine alone but do not go together; each starts with a key."""
        return iter(())


class DriverSection(Section, frozen=True, kw_only=True):
    """How one driver connects. `options` are further keyword arguments of the driver's own connect call."""

    options: dict[str, Any] = {}


class MysqlSettings(DriverSection, frozen=True, kw_only=True):
    """`[db.mysql]`, the keys of aiomysql. An empty `unix_socket` means TCP."""

    accepted_options: ClassVar[Mapping[str, Any]] = {
        "auth_plugin": str,
        "charset": Literal["utf8mb4", "utf8"],
        "connect_timeout": Seconds,
        "program_name": str,
        "read_default_file": Text,
        "read_default_group": Text,
        "ssl": bool,
    }
    refused_options: ClassVar[Mapping[str, str]] = {
        **dict.fromkeys(("conv", "cursorclass", "loop", "server_public_key"), _NOT_IN_TOML),
        **dict.fromkeys(("autocommit", "local_infile"), _READ_ONLY),
        **dict.fromkeys(("client_flag", "init_command", "sql_mode", "use_unicode"), _PREPARED),
        "echo": "it stands in [db]",
    }

    host: DatabaseHost = "127.0.0.1"
    port: Port = 3306
    unix_socket: str = ""
    db: Text = "asagi"
    user: str = "asagi"
    password: str = "asagi"
    minsize: PoolMin = 1
    maxsize: PoolMax = 50

    def problems(self) -> Iterator[str]:
        if self.minsize > self.maxsize:
            yield f"minsize must not be larger than maxsize, but {self.minsize} > {self.maxsize}"


class PostgresqlSettings(DriverSection, frozen=True, kw_only=True):
    """`[db.postgresql]`, the keys of asyncpg. `host` may be the folder of a Unix socket."""

    accepted_options: ClassVar[Mapping[str, Any]] = {
        "command_timeout": Seconds,
        "direct_tls": bool,
        "gsslib": Literal["gssapi", "sspi"],
        "krbsrvname": Text,
        "max_cacheable_statement_size": Count,
        "max_cached_statement_lifetime": Count,
        "passfile": Text,
        "server_settings": dict[str, str],
        "ssl": Literal["disable", "prefer", "allow", "require", "verify-ca", "verify-full"],
        "statement_cache_size": Count,
        "target_session_attrs": Literal["any", "primary", "standby", "read-write", "read-only", "prefer-standby"],
        "timeout": Seconds,
    }
    refused_options: ClassVar[Mapping[str, str]] = {
        **dict.fromkeys(("connection_class", "loop", "record_class"), _NOT_IN_TOML),
        **dict.fromkeys(("dsn", "service", "servicefile"), _PARTS),
    }
    refused_server_settings: ClassVar[Mapping[str, str]] = {
        **dict.fromkeys(("default_transaction_read_only", "transaction_read_only"), _READ_ONLY),
        "client_encoding": _PREPARED,
        "options": "write each server setting as a key of its own",
        "statement_timeout": "it stands in [db.pool]",
    }

    host: DatabaseHost = "localhost"
    port: Port = 5432
    user: Text = "asagi"
    password: str = "asagi"
    database: Text = "asagi"
    min_size: PoolMin = 1
    max_size: PoolMax = 50

    def problems(self) -> Iterator[str]:
        if self.min_size > self.max_size:
            yield f"min_size must not be larger than max_size, but {self.min_size} > {self.max_size}"
        for key in self.options.get("server_settings", {}):
            reason = self.refused_server_settings.get(key.lower())  # PostgreSQL ignores the case of these names
            if reason is not None:
                yield f"server_settings must not set {key.lower()}: {reason}"


class SqliteSettings(DriverSection, frozen=True, kw_only=True):
    """`[db.sqlite]`, the keys of sqlite3. `database` is a file."""

    accepted_options: ClassVar[Mapping[str, Any]] = {"cached_statements": Count, "timeout": Seconds}
    refused_options: ClassVar[Mapping[str, str]] = {
        **dict.fromkeys(("factory", "loop"), _NOT_IN_TOML),
        **dict.fromkeys(("autocommit", "isolation_level"), _READ_ONLY),
        **dict.fromkeys(("check_same_thread", "detect_types", "iter_chunk_size"), _PREPARED),
        "uri": "database is the path of a file, opened read-only",
    }

    database: Path = Path("archive.db")


class PoolSettings(Section, frozen=True, kw_only=True):
    """`[db.pool]`, the same for all databases. Both times are seconds."""

    acquire_timeout: Seconds = 5.0
    statement_timeout: Seconds = 10.0


class DbSettings(Section, frozen=True, kw_only=True):
    """`[db]`: the database in use (`db_type`); `echo` logs every statement as it is sent."""

    db_type: Literal["mysql", "postgresql", "sqlite"] = "mysql"
    echo: bool = False
    mysql: MysqlSettings = MysqlSettings()
    postgresql: PostgresqlSettings = PostgresqlSettings()
    sqlite: SqliteSettings = SqliteSettings()
    pool: PoolSettings = PoolSettings()


class AppSettings(Section, frozen=True, kw_only=True):
    """`[app]`: the public address ("" = taken from each request), the check of the boards at start, and the
    folder Koiwai may write to."""

    url: SiteUrl = ""
    validate_boards_db: bool = True
    state: Path = Path("var")


class MediaSettings(Section, frozen=True, kw_only=True):
    """`[media]`: whether files are served, and the folder that holds `{board}/image` and `{board}/thumb`."""

    enabled: bool = True
    root: Path = Path("media")


class ArchiveSettings(Section, frozen=True, kw_only=True):
    """`[archive]`: the live site the posts come from."""

    name: Text = "4chan"
    host: SiteHost = "boards.4chan.org"


class SiteSettings(Section, frozen=True, kw_only=True):
    """`[site]`: this site."""

    name: Text = "Koiwai"


class BoardSettings(Section, frozen=True, kw_only=True):
    """`[boards.{name}]`. Without a title a board is shown by its name alone.

    `clock` tells what the stored times are: New York wall clock read as if it were UTC, true UTC, or
    found out from the file names (Asagi schema notes, section 3.1). From post number `clock_switch_num`
    on, the other of the two clocks holds. `comments` tells whether comments are Asagi's tagged text or
    ready-made HTML (section 4.4).
    """

    title: str = ""
    clock: Literal["auto", "new_york", "utc"] = "auto"
    clock_switch_num: PostNum | None = None
    comments: Literal["bbcode", "html"] = "bbcode"

    def problems(self) -> Iterator[str]:
        if self.clock == "auto" and self.clock_switch_num is not None:
            yield (
                'clock_switch_num needs clock = "new_york" or "utc", '
                "which is then the clock of the posts before that number"
            )


class ConfigFile(Section, frozen=True, kw_only=True):
    """All tables of config.toml."""

    db: DbSettings = DbSettings()
    app: AppSettings = AppSettings()
    media: MediaSettings = MediaSettings()
    archive: ArchiveSettings = ArchiveSettings()
    site: SiteSettings = SiteSettings()


class Settings(ConfigFile, frozen=True, kw_only=True):
    """Everything that is set: config.toml and boards.toml, with all paths absolute.

    `boards` maps board names to their settings, in the order of the file. With `discover_boards` there is no
    such file, `boards` is empty, and every board found in the database is served.
    """

    boards: dict[str, BoardSettings] = {}
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
