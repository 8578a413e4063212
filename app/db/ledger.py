"""Running sums of one board in a SQLite file of ours, for boards of any size.

Sums and the place up to which posts are counted change together, in one transaction: however a run ends, the next
one goes on where the file says, and no post is counted twice or left out.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Final

from msgspec import Struct

_OURS: Final = 0x6B6F6977
_VERSION: Final = 1
_CACHE: Final = 64  # MiB

_TABLES: Final = (
    "CREATE TABLE progress (only INTEGER PRIMARY KEY CHECK (only = 1), basis TEXT NOT NULL, place INTEGER NOT NULL, "
    "posts INTEGER NOT NULL, since INTEGER NOT NULL, until INTEGER NOT NULL)",
    "CREATE TABLE days (day INTEGER PRIMARY KEY, posts INTEGER, images INTEGER, sage INTEGER, names INTEGER, "
    "trips INTEGER)",
    "CREATE TABLE countries (country TEXT PRIMARY KEY, posts INTEGER) WITHOUT ROWID",
    "CREATE TABLE threads (num INTEGER PRIMARY KEY, posts INTEGER, images INTEGER)",
    "CREATE TABLE files (digest INTEGER PRIMARY KEY, posts INTEGER, num INTEGER)",
    "CREATE TABLE posters (trip TEXT, name TEXT, posts INTEGER, first INTEGER, last INTEGER, shown TEXT, "
    "PRIMARY KEY (trip, name)) WITHOUT ROWID",
)
_EARLIER: Final = (
    "CASE WHEN first = 0 OR (excluded.first > 0 AND excluded.first < first) THEN excluded.first ELSE first END"
)


class Sums(Struct):
    """What some posts add up to. Times are true Unix times, 0 for none."""

    posts: int = 0
    since: int = 0
    until: int = 0
    days: dict[int, list[int]] = {}
    """By day: posts, images, sage, names, trips."""
    countries: dict[str, int] = {}
    threads: dict[int, list[int]] = {}
    """By number of the thread: posts, images."""
    files: dict[str, list[int]] = {}
    """By hash: posts, the highest number of a post that has the file."""
    posters: dict[tuple[str, str], list[Any]] = {}
    """By tripcode and name ("" for those with a tripcode): posts, first time, last time, the name last used."""


class LedgerError(Exception):
    """A file that cannot be used. One sentence for the operator."""

    def __init__(self, sentence: str, *, lost: bool = False) -> None:
        """`lost`: its sums can never be used; else they may still be good, as when the disk is full."""
        super().__init__(sentence)
        self.lost = lost


class Ledger:
    """Open until `close`. Every method raises LedgerError where the file or the disk fails."""

    def __init__(self, file: Path) -> None:
        self._file = file
        try:
            self._connection = sqlite3.connect(file, isolation_level=None, check_same_thread=False)
        except sqlite3.Error as error:
            raise LedgerError(f"{file} cannot be opened: {error}.") from error
        try:
            self._prepare()
        except BaseException:
            self._connection.close()
            raise

    def _prepare(self) -> None:
        if self._number("PRAGMA application_id") != _OURS:
            if self._number("SELECT COUNT(*) FROM sqlite_master"):
                raise LedgerError(f"{self._file} is a database of another program.", lost=True)
            self._execute("BEGIN IMMEDIATE")
            for statement in _TABLES:
                self._execute(statement)
            self._execute("INSERT INTO progress VALUES (1, '', 0, 0, 0, 0)")
            self._execute(f"PRAGMA application_id = {_OURS}")
            self._execute(f"PRAGMA user_version = {_VERSION}")
            self._execute("COMMIT")
        if self._number("PRAGMA user_version") != _VERSION:
            raise LedgerError(f"{self._file} was made by another version of Koiwai.", lost=True)
        self._execute("PRAGMA journal_mode = WAL")
        self._execute("PRAGMA synchronous = NORMAL")
        self._execute(f"PRAGMA cache_size = -{_CACHE * 1024}")

    def __enter__(self) -> Ledger:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        self._connection.close()

    @property
    def basis(self) -> str:
        """What the sums rest on besides the posts; others cannot be added to them. "" for a new file."""
        return str(self._execute("SELECT basis FROM progress")[0][0])

    @property
    def progress(self) -> tuple[int, int, int, int]:
        """The place up to which posts are counted, how many they are, the earliest and the latest of their times."""
        place, posts, since, until = self._execute("SELECT place, posts, since, until FROM progress")[0]
        return place, posts, since, until

    def clear(self, basis: str) -> None:
        """Forgets all sums; what follows rests on `basis`."""
        self._execute("BEGIN IMMEDIATE")
        for table in ("days", "countries", "threads", "files", "posters"):
            self._execute(f"DELETE FROM {table}")
        self._execute("UPDATE progress SET basis = ?, place = 0, posts = 0, since = 0, until = 0", (basis,))
        self._execute("COMMIT")

    def add(self, sums: Sums, files: Sequence[tuple[int, int, int]], place: int) -> None:
        """Adds the sums of the posts up to a place. `files` are rows (digest of the hash, posts, number)."""
        self._execute("BEGIN IMMEDIATE")
        try:
            self._many(
                "INSERT INTO days VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (day) DO UPDATE SET "
                + ", ".join(f"{name} = {name} + excluded.{name}" for name in ("posts", "images", "sage", "names"))
                + ", trips = trips + excluded.trips",
                [(day, *counts) for day, counts in sums.days.items()],
            )
            self._many(
                "INSERT INTO countries VALUES (?, ?) ON CONFLICT (country) DO UPDATE SET "
                "posts = posts + excluded.posts",
                list(sums.countries.items()),
            )
            self._many(
                "INSERT INTO threads VALUES (?, ?, ?) ON CONFLICT (num) DO UPDATE SET "
                "posts = posts + excluded.posts, images = images + excluded.images",
                [(num, *counts) for num, counts in sums.threads.items()],
            )
            # In the order of the table, so that each page of it is touched once.
            self._many(
                "INSERT INTO files VALUES (?, ?, ?) ON CONFLICT (digest) DO UPDATE SET "
                "posts = posts + excluded.posts, num = MAX(num, excluded.num)",
                sorted(files),
            )
            self._many(
                "INSERT INTO posters VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (trip, name) DO UPDATE SET "
                f"posts = posts + excluded.posts, first = {_EARLIER}, "
                "last = MAX(last, excluded.last), shown = excluded.shown",
                [(trip, name, *rest) for (trip, name), rest in sums.posters.items()],
            )
            self._execute(
                "UPDATE progress SET place = ?, posts = posts + ?, until = MAX(until, ?), "
                "since = CASE WHEN since = 0 OR (? > 0 AND ? < since) THEN ? ELSE since END",
                (place, sums.posts, sums.until, sums.since, sums.since, sums.since),
            )
            self._execute("COMMIT")
        except BaseException:
            if self._connection.in_transaction:
                self._execute("ROLLBACK")
            raise

    def days(self) -> list[tuple[int, ...]]:
        """Rows (day, posts, images, sage, names, trips), oldest first."""
        return self._execute("SELECT day, posts, images, sage, names, trips FROM days ORDER BY day")

    def countries(self, most: int) -> list[tuple[str, int]]:
        return self._execute("SELECT country, posts FROM countries ORDER BY posts DESC, country LIMIT ?", (most,))

    def threads(self, most: int) -> list[tuple[int, int, int]]:
        """Rows (number, posts, images), the largest first."""
        return self._execute("SELECT num, posts, images FROM threads ORDER BY posts DESC, num LIMIT ?", (most,))

    def files(self, most: int) -> list[tuple[int, int, int]]:
        """Rows (digest, posts, number) of the files that were posted more than once, most often first."""
        return self._execute(
            "SELECT digest, posts, num FROM files WHERE posts > 1 ORDER BY posts DESC, num LIMIT ?", (most,)
        )

    def posters(self, most: int) -> list[tuple[str, str, int, int, int]]:
        """Rows (name, tripcode, posts, first time, last time), those with the most posts first."""
        return self._execute(
            "SELECT shown, trip, posts, first, last FROM posters ORDER BY posts DESC, trip, name LIMIT ?", (most,)
        )

    def _number(self, statement: str) -> int:
        return int(self._execute(statement)[0][0])

    def _execute(self, statement: str, args: Sequence[Any] = ()) -> list[Any]:
        try:
            return self._connection.execute(statement, args).fetchall()
        except sqlite3.Error as error:
            raise self._broken(error) from error

    def _many(self, statement: str, rows: Sequence[tuple[Any, ...]]) -> None:
        try:
            self._connection.executemany(statement, rows)
        except sqlite3.Error as error:
            raise self._broken(error) from error

    def _broken(self, error: sqlite3.Error) -> LedgerError:
        # Damage alone is of this very class: a full disk, a lock or missing rights are an OperationalError.
        return LedgerError(f"{self._file} cannot be used: {error}.", lost=type(error) is sqlite3.DatabaseError)
