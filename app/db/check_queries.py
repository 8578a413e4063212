"""Statements of `koiwai check`: samples from the newest end of a board, by an index or not at all.

None of them reads more than `MOST_ROWS` rows of an archive, however large it is and whatever indexes it lacks.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from types import MappingProxyType
from typing import Final

from app.db.base import Dialect, Sql, join
from app.db.columns import POST_COLUMNS
from app.db.schema import BoardTables, Table

MOST_ROWS: Final = 10_000

_FILE_COLUMNS: Final = (
    ("num", "0"),
    ("subnum", "0"),
    ("thread_num", "0"),
    ("doc_id", "0"),
    ("timestamp", "0"),
    ("media_id", "0"),
    ("media_hash", "NULL"),
    ("media_orig", "NULL"),
    ("preview_orig", "NULL"),
    ("media_filename", "NULL"),
)
_LONGEST_COMMENT: Final = 2_000  # characters; what a comment is written in shows in its beginning

STORAGE: Final = MappingProxyType(
    {
        "mysql": Sql("SELECT table_name, engine FROM information_schema.tables WHERE table_schema = DATABASE()"),
        "postgresql": Sql(
            "SELECT relname, relkind::text FROM pg_class WHERE relnamespace = current_schema()::regnamespace "
            "AND relkind IN ('r', 'p', 'f')"
        ),
    }
)
"""Rows (table, MySQL's storage engine or PostgreSQL's letter for the kind of table)."""

TEXT_LENGTHS: Final = MappingProxyType(
    {
        "mysql": Sql(
            "SELECT table_name, column_name, character_maximum_length FROM information_schema.columns "
            "WHERE table_schema = DATABASE() AND character_maximum_length IS NOT NULL"
        )
    }
)
"""Rows (table, column, the most characters it holds), where that limits what an index can hold."""

WITHOUT_ORDER: Final = MappingProxyType(
    {
        "mysql": Sql(
            "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = DATABASE() "
            "AND data_type IN ('json', 'geometry', 'point', 'linestring', 'polygon', 'multipoint', "
            "'multilinestring', 'multipolygon', 'geometrycollection')"
        ),
        "postgresql": Sql(
            "SELECT c.relname, a.attname FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid "
            "JOIN pg_type AS t ON t.oid = a.atttypid "
            "WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p') "
            "AND COALESCE(NULLIF(t.typbasetype, 0), t.oid)::regtype::text IN "
            "('json', 'jsonpath', 'xml', 'point', 'line', 'lseg', 'box', 'path', 'polygon', 'circle')"
        ),
    }
)
"""Rows (table, column) of the columns on which no plain index can be made."""

_TYPES: Final = MappingProxyType(
    {
        "mysql": (
            "SELECT column_name, data_type FROM information_schema.columns "
            "WHERE table_schema = DATABASE() AND table_name = ?"
        ),
        "postgresql": (
            "SELECT a.attname, COALESCE(NULLIF(t.typbasetype, 0), t.oid)::regtype::text FROM pg_class AS c "
            "JOIN pg_attribute AS a ON a.attrelid = c.oid JOIN pg_type AS t ON t.oid = a.atttypid "
            "WHERE c.relname = ? AND c.relnamespace = current_schema()::regnamespace "
            "AND a.attnum > 0 AND NOT a.attisdropped"
        ),
        "sqlite": "SELECT name, type FROM pragma_table_xinfo(?)",
    }
)

# What Koiwai reads of the tables beside a board's.
_BESIDE: Final = (
    *("time_bump", "time_ghost_bump", "nreplies", "nimages"),
    *("media", "preview_op", "preview_reply", "banned", "md5"),
)


def column_types(dialect: Dialect, table: str) -> Sql:
    """Rows (column, its type in the words of the database) of a table or view."""
    return Sql(_TYPES[dialect.name], (table,))


def one_row(dialect: Dialect, table: Table) -> Sql:
    """Any row, with the columns that Koiwai reads. A view may read more for it."""
    wanted = (*(name for name, _ in POST_COLUMNS), *_BESIDE)
    listed = ", ".join(name for name in wanted if name in table.columns)
    return Sql(f"SELECT {listed} FROM {dialect.quote(table.name)} LIMIT 1")


class CheckQueries:
    """For one board. A statement that no index makes cheap is None."""

    def __init__(self, dialect: Dialect, tables: BoardTables) -> None:
        self._dialect = dialect
        self._tables = tables
        self._posts = dialect.quote(tables.posts.name)
        posts = tables.posts
        self.walked = next(
            (name for name in ("num", "doc_id") if name in posts.columns and posts.has_index(name)), None
        )
        """The column by whose index posts are walked from either end."""

    def newest_files(self, rows: int) -> Sql | None:
        """Rows (num, subnum, thread_num, doc_id, timestamp, media_id, media_hash, media_orig, preview_orig,
        media_filename) of the newest posts, whether or not they have a file."""
        have = self._tables.posts.columns
        listed = ", ".join(name if name in have else f"{literal} AS {name}" for name, literal in _FILE_COLUMNS)
        return self._walk(listed, "DESC", rows)

    def oldest_times(self, rows: int) -> Sql | None:
        """Rows (timestamp, media_orig) of the oldest posts."""
        return self._walk(f"{self._or('timestamp', '0')}, {self._or('media_orig', 'NULL')}", "ASC", rows)

    def newest_comments(self, rows: int) -> Sql | None:
        """Rows (the beginning of the comment) of the newest posts."""
        if "comment" not in self._tables.posts.columns:
            return None
        return self._walk(f"substr(comment, 1, {_LONGEST_COMMENT})", "DESC", rows)

    def newest_threads(self, rows: int) -> Sql | None:
        """Rows (thread_num, nreplies, nimages) of the threads with the highest numbers."""
        threads = self._tables.threads
        if threads is None or not threads.has_index("thread_num"):
            return None
        if not {"nreplies", "nimages"} <= threads.columns:
            return None
        return Sql(
            f"SELECT thread_num, nreplies, nimages FROM {self._dialect.quote(threads.name)} "
            "ORDER BY thread_num DESC LIMIT ?",
            (rows,),
        )

    def posts_of(self, thread_nums: Sequence[int], most: int) -> Sql | None:
        """Rows (thread_num, num, subnum, deleted, media_hash) of these threads, `most` of each thread at most."""
        if not self._tables.posts.has_index("thread_num"):
            return None
        columns = (
            f"thread_num, num, {self._or('subnum', '0')} AS subnum, {self._or('deleted', '0')} AS deleted, "
            f"{self._or('media_hash', 'NULL')} AS media_hash"
        )
        parts = (
            Sql(f"SELECT {columns} FROM {self._posts} WHERE thread_num = ? LIMIT ?", (num, most)) for num in thread_nums
        )
        return join(
            " UNION ALL ",
            (
                Sql(
                    f"SELECT thread_num, num, subnum, deleted, media_hash FROM ({part.text}) AS t{place}",
                    part.args,
                )
                for place, part in enumerate(parts)
            ),
        )

    def _walk(self, columns: str, direction: str, rows: int) -> Sql | None:
        if self.walked is None:
            return None
        return Sql(f"SELECT {columns} FROM {self._posts} ORDER BY {self.walked} {direction} LIMIT ?", (rows,))

    def _or(self, column: str, literal: str) -> str:
        return column if column in self._tables.posts.columns else literal


def tables_named_like(dialect: Dialect, names: Sequence[str]) -> Sql:
    """Rows (schema or database, table): tables of the whole server whose names end in one of these, in any case."""
    matching = join(" OR ", (Sql(f"{_NAME[dialect.name]} LIKE ?", (f"%{_escaped(name.lower())}",)) for name in names))
    return Sql(_ALL_TABLES[dialect.name]) + Sql(f"AND ({matching.text}) LIMIT 200", matching.args)


_NAME: Final = MappingProxyType(
    {"mysql": "LOWER(table_name)", "postgresql": "lower(c.relname)", "sqlite": "lower(name)"}
)
_ALL_TABLES: Final = MappingProxyType(
    {
        "mysql": "SELECT table_schema, table_name FROM information_schema.tables WHERE 1 = 1",
        "postgresql": (
            "SELECT n.nspname, c.relname FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace "
            "WHERE c.relkind IN ('r', 'p', 'f', 'v', 'm')"
        ),
        "sqlite": "SELECT 'main', name FROM sqlite_master WHERE type IN ('table', 'view')",
    }
)
CURRENT_SCHEMA: Final = MappingProxyType(
    {
        "mysql": Sql("SELECT DATABASE()"),
        "postgresql": Sql("SELECT current_schema()"),
        "sqlite": Sql("SELECT 'main'"),
    }
)
"""One row, one value: the schema (MySQL: the database) that tables are looked for in; NULL if there is none."""


def _escaped(text: str) -> str:
    r"""Without the wildcards of LIKE; all three databases take any character for `_`, which is near enough."""
    return text.replace("%", "_").replace("\\", "_")


def create_index(dialect: Dialect, table: Table, columns: Iterable[str], storage: str, lengths: dict[str, int]) -> str:
    """A CREATE INDEX statement that disturbs readers and writers as little as the database allows.

    `storage`: a value of `STORAGE`, "" where unknown. `lengths`: of MySQL's text columns, the characters they hold.
    """
    columns = tuple(columns)
    name = dialect.quote(_index_name(table.name, columns))
    where = dialect.quote(table.name)
    if dialect.name == "mysql":
        parts = (dialect.quote(column) + _prefix(lengths.get(column, 0)) for column in columns)
        online = " ALGORITHM=INPLACE LOCK=NONE" if storage.lower() == "innodb" else ""
        return f"CREATE INDEX {name} ON {where} ({', '.join(parts)}){online};"
    listed = ", ".join(map(dialect.quote, columns))
    how = " CONCURRENTLY" if dialect.name == "postgresql" and storage == "r" else ""
    return f"CREATE INDEX{how} {name} ON {where} ({listed});"


_LONGEST_INDEX_NAME: Final = 63  # bytes in PostgreSQL; 64 characters in MySQL
_LONGEST_KEY: Final = 191  # characters of utf8mb4 that fit into an index of InnoDB's older row formats


def _index_name(table: str, columns: Sequence[str]) -> str:
    """A name that no writer uses; where it would be too long, the table's part is cut."""
    ending = f"_{'_'.join(columns)}"
    room = _LONGEST_INDEX_NAME - len("koiwai_") - len(ending)
    return "koiwai_" + table.encode()[:room].decode("utf-8", "ignore") + ending


def _prefix(length: int) -> str:
    return f"({_LONGEST_KEY})" if length > _LONGEST_KEY else ""
