"""Where an archive may be: SQLite files near by, and database servers on this machine."""

from __future__ import annotations

import socket
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Final, Literal

from msgspec import Struct

from app.looks import is_folder
from app.settings import DbSettings, MysqlSettings, PostgresqlSettings, SqliteSettings

Kind = Literal["sqlite", "mysql", "postgresql"]

MYSQL_SOCKETS: Final = ("/run/mysqld/mysqld.sock", "/var/lib/mysql/mysql.sock", "/tmp/mysql.sock")
POSTGRESQL_FOLDERS: Final = ("/run/postgresql", "/tmp")
_ENDINGS: Final = frozenset({".db", ".sqlite", ".sqlite3"})
_MAGIC: Final = b"SQLite format 3\x00"
_MOST_FILES: Final = 20
_MOST_ENTRIES: Final = 2_000  # of one folder; a folder of media files has millions
_PATIENCE: Final = 0.5  # seconds; a server on this machine answers at once


class Place(Struct, frozen=True):
    """A place that may hold an archive: what to call it, and the settings that lead there.

    For servers user, password and database are the defaults, which are still to be asked for.
    """

    kind: Kind
    label: str
    db: DbSettings


def sqlite_place(file: Path) -> Place:
    """The place that this file is, whether it exists or not."""
    settings = DbSettings(db_type="sqlite", sqlite=SqliteSettings(database=file.absolute()))
    return Place("sqlite", f"SQLite file {file}", settings)


def at_home(text: str) -> Path:
    """A path as people type it: `~` is somebody's home, unless there is nobody of that name."""
    try:
        return Path(text).expanduser()
    except RuntimeError:
        return Path(text)


def places(folder: Path) -> list[Place]:
    """SQLite files in `folder` and in the folders inside it, then servers that listen on this machine."""
    return [*map(sqlite_place, islice(_sqlite_files(folder), _MOST_FILES)), *_mysql_servers(), *_postgresql_servers()]


def _sqlite_files(folder: Path) -> Iterator[Path]:
    inner: list[Path] = []
    for path in _entries(folder):
        if _is_sqlite(path):
            yield path
        elif is_folder(path) and not path.name.startswith("."):
            inner.append(path)
    for one in inner:
        yield from filter(_is_sqlite, _entries(one))


def _entries(folder: Path) -> list[Path]:
    try:
        return sorted(islice(folder.iterdir(), _MOST_ENTRIES))
    except OSError:
        return []


def _is_sqlite(path: Path) -> bool:
    if path.suffix.lower() not in _ENDINGS:
        return False
    try:
        with path.open("rb") as file:
            return file.read(len(_MAGIC)) == _MAGIC
    except OSError:
        return False


def _mysql_servers() -> Iterator[Place]:
    for path in MYSQL_SOCKETS:
        if _is_socket(Path(path)):
            mysql = MysqlSettings(unix_socket=path)
            yield Place("mysql", f"MariaDB or MySQL server at {path}", DbSettings(db_type="mysql", mysql=mysql))
            return
    mysql = MysqlSettings()
    if _listens(mysql.host, mysql.port):
        label = f"MariaDB or MySQL server at {mysql.host}:{mysql.port}"
        yield Place("mysql", label, DbSettings(db_type="mysql", mysql=mysql))


def _postgresql_servers() -> Iterator[Place]:
    postgresql = PostgresqlSettings()
    for folder in POSTGRESQL_FOLDERS:
        if _is_socket(Path(folder, f".s.PGSQL.{postgresql.port}")):
            by_socket = PostgresqlSettings(host=folder)
            label = f"PostgreSQL server at {folder}"
            yield Place("postgresql", label, DbSettings(db_type="postgresql", postgresql=by_socket))
            return
    if _listens(postgresql.host, postgresql.port):
        label = f"PostgreSQL server at {postgresql.host}:{postgresql.port}"
        yield Place("postgresql", label, DbSettings(db_type="postgresql", postgresql=postgresql))


def _is_socket(path: Path) -> bool:
    try:
        return path.is_socket()
    except OSError:  # a folder that we may not enter
        return False


def _listens(host: str, port: int) -> bool:
    try:
        with socket.create_connection((host, port), timeout=_PATIENCE):
            return True
    except OSError:
        return False


def media_folder(near: Sequence[Path], boards: Sequence[str]) -> Path | None:
    """The first folder in or beside `near` that holds files of one of the boards, in either layout."""
    for start in near:
        for folder in (start, start / "media", start / "boards", start / "images"):
            if layout_of(folder, boards) is not None:
                return folder.absolute()
    return None


def layout_of(folder: Path, boards: Sequence[str]) -> Literal["asagi", "sutra"] | None:
    """How the files below `folder` are laid out, None where it holds none."""
    if any(is_folder(folder / board / kind) for board in boards for kind in ("image", "thumb")):
        return "asagi"
    return "sutra" if any(is_folder(folder / kind) for kind in ("img", "thb")) else None
