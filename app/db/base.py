"""The contract of a database: statements as values, what differs between dialects, and six methods.

Every statement is written with `?` for its arguments; a dialect turns that into what its driver wants.
Statement text is made of our own words and of quoted identifiers only, never of users' text, so a
question mark in it always stands for an argument.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final, Protocol

from msgspec import Struct

from app.errors import Unavailable


class Sql(Struct, frozen=True):
    """A statement, or a piece of one, together with the arguments of its question marks."""

    text: str
    args: tuple[Any, ...] = ()
    columns: tuple[str, ...] = ()
    """What the columns of the result are called, where rows are wide: a dialect may have them read all at once."""

    def __add__(self, other: Sql) -> Sql:
        return Sql(f"{self.text} {other.text}", self.args + other.args)


def join(separator: str, parts: Iterable[Sql]) -> Sql:
    """The pieces with `separator` between them, arguments in the same order."""
    pieces = list(parts)
    return Sql(
        separator.join(piece.text for piece in pieces),
        tuple(argument for piece in pieces for argument in piece.args),
    )


def values(items: Sequence[Any]) -> Sql:
    """`(?, ?, ?)` for `IN`; at least one item."""
    return Sql(f"({', '.join('?' * len(items))})", tuple(items))


PACKED_BETWEEN: Final = "\x1f"
"""What stands between the values of several columns that are read as one."""


class Packing(Struct, frozen=True):
    """Expressions for many columns as one, in bytes: first whole numbers, 0 for NULL, then texts in UTF-8, empty for
    NULL. Both are quicker than columns; of rows by the thousand, JSON is quicker to take apart."""

    row: str
    """Of a row: the values, with PACKED_BETWEEN between them."""
    rows: str
    """Of all rows, in whatever order: lists of JSON, with commas between. A server may cut off what is very long."""


class DatabaseStats(Struct, frozen=True):
    """The connection pool at this moment."""

    size: int
    """Open connections."""
    idle: int
    largest: int
    """Connections the pool may open."""


class Dialect(Protocol):
    """Everything the three databases want said differently."""

    name: str
    ping: Sql
    """The cheapest statement that shows whether the archive can be read."""
    columns: Sql
    """Rows (table, column, is_table) of every table and view of the archive's schema that may be read.

    One that is broken must not keep the others from being listed; what is left out for that stands in `doubtful`."""
    doubtful: Sql | None
    """Rows (name) of what may be missing in `columns`, because only asking for it tells whether it can be read."""
    indexes: Sql
    """Rows (table, index, column) of every plain index, primary keys included, columns in index order."""

    rows_lie_by_key: bool
    """Whether a table is kept in the order of its primary key, and reading it so is several times quicker than having
    an index name the rows."""

    def quote(self, identifier: str) -> str:
        """The identifier as it stands in a statement; table names may be keywords, digits or non-ASCII."""

    def render(self, sql: Sql) -> str:
        """The text with the driver's own marks for arguments."""

    def columns_of(self, name: str) -> Sql:
        """The rows of `columns` for one of `doubtful`; where that cannot be read, the statement fails."""

    def equals(self, column: str) -> str:
        """A condition with one `?`: equal byte for byte, able to use the column's index."""

    def equals_by_index(self, column: str) -> str:
        """A condition with one `?`: all that the column's index has under a value, which may be more than equals it."""

    def equals_by_reading(self, column: str) -> str:
        """The same condition, written so that the column's index is of no use: for values that half the rows have."""

    def contains(self, column: str, parts: Sequence[str]) -> Sql:
        """A condition that holds for each text in which these parts (folded, see `app.search.folding`) follow one
        another, in upper or lower case. It may hold for others: which database folds what is a matter of locales."""

    def length(self, column: str) -> tuple[str, str]:
        """Expressions for a length in characters: one that is never too large, one that is never too small."""

    def packing(self, numbers: Sequence[str], texts: Sequence[str]) -> Packing | None:
        """How to read many columns as one. None where the driver reads columns as quickly."""

    def estimate(self, table: str) -> Sql:
        """One row, one number: about how many rows the table has, without reading them."""


class Database(Protocol):
    """One archive database. Read-only by construction; opened once per process."""

    dialect: Dialect
    edition: int
    """Counts up when another archive has taken this one's place; what is known of the old one is void then."""
    pooler: bool
    """Whether a pooler stands before the server, which gives each transaction any session it likes."""

    async def open(self) -> None:
        """Connects. Raises CannotOpen when waiting would not help, Unavailable when it might."""

    async def close(self) -> None:
        """Closes every connection; afterwards nothing of the database is left running."""

    async def fetch(self, sql: Sql) -> list[tuple[Any, ...]]:
        """All rows. Raises Unavailable when the database is away, busy, took too long, or refuses the statement."""

    async def fetch_one(self, sql: Sql) -> tuple[Any, ...] | None:
        """The first row, or None."""

    async def ping(self) -> None:
        """Raises Unavailable unless a statement can be answered now."""

    def stats(self) -> DatabaseStats: ...


class SchemaChanged(Unavailable):
    """A table or column that was there when the archive was opened is there no more."""

    message = "This part of the archive is not there at the moment."


class StatementRefused(Unavailable):
    """The database answers, but not this statement: rights, types or values stand against it. Others may work."""

    message = "This part of the archive cannot be read at the moment."


def reason(error: Exception) -> str:
    """Why something failed, in one line for the operator. Never for visitors: a database may have said it."""
    cause = error.__cause__ if isinstance(error, Unavailable) else None
    words = str(cause or "") or (str(error) if isinstance(error, Unavailable) else f"{type(error).__name__}: {error}")
    return words.strip().splitlines()[0].rstrip(".: ")


class CannotOpen(Exception):
    """The database refuses us for a reason that waiting will not mend. One line, for the operator."""
