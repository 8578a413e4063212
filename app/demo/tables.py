"""Columns, tables and indexes of an Asagi archive for three databases (Asagi schema notes, section 1).

One table of columns serves all writers; what a writer lacks is taken out of it. Statements are for empty
databases that the demo or a test has made; nothing here is ever sent to an archive.
"""

from typing import Any, Final, Literal

import msgspec

from app.demo.writers import Writer

DialectName = Literal["sqlite", "mysql", "postgresql"]

SUFFIXES: Final = ("_images", "", "_threads", "_deleted", "_users", "_daily")
"""Suffixes of the tables of a board, in an order that satisfies the foreign key of `media_id`."""

_KINDS: Final = {
    # kind: SQLite, MySQL, PostgreSQL
    "int": ("integer", "int unsigned", "integer"),
    "small": ("integer", "smallint unsigned", "integer"),
    "flag": ("integer", "tinyint(1)", "boolean"),
    "ip": ("text", "decimal(39,0) unsigned", "numeric(39,0)"),
    # Asagi began with 20 characters; archives that go on with 16-digit names have widened the columns.
    "file": ("text", "varchar(50)", "varchar(50)"),
    "hash": ("text", "varchar(25)", "varchar(25)"),
    "text100": ("text", "varchar(100)", "varchar(100)"),
    "trip": ("text", "varchar(25)", "varchar(25)"),
    "id": ("text", "varchar(8)", "varchar(8)"),
    # Two letters, but Ritual writes whole country names.
    "country": ("text", "varchar(60)", "varchar(60)"),
    "letter": ("text", "varchar(1)", "character(1)"),
    "text": ("text", "text", "text"),
    "tiny": ("text", "tinytext", "text"),
    "ban": ("integer", "smallint", "smallint"),
}
_SERIAL: Final = {
    "sqlite": "integer not null primary key autoincrement",
    "mysql": "int unsigned not null auto_increment primary key",
    "postgresql": "serial primary key",
}
_DIALECTS: Final[tuple[DialectName, ...]] = ("sqlite", "mysql", "postgresql")


class Column(msgspec.Struct, frozen=True):
    """A column: `kind` is 'serial', 'key' or a key of `_KINDS`; `rule` says what may stand in it.

    Rules: '' (anything), 'required', 'zero' (required, default 0), 'capcode' and 'media' (see `_type`).
    """

    name: str
    kind: str
    rule: str = ""


def _parse(text: str) -> tuple[Column, ...]:
    return tuple(Column(*item.split(":")) for item in text.split())


_TABLES: Final = {
    "": _parse(
        "doc_id:serial media_id:int:media poster_ip:ip:zero num:int:required subnum:int:required "
        "thread_num:int:zero op:flag:zero timestamp:int:required timestamp_expired:int:required "
        "preview_orig:file preview_w:small:zero preview_h:small:zero media_filename:text "
        "media_w:small:zero media_h:small:zero "
        "media_size:int:zero media_hash:hash media_orig:file spoiler:flag:zero deleted:flag:zero "
        "capcode:letter:capcode email:text100 name:text100 trip:trip title:text100 comment:text delpass:tiny "
        "sticky:flag:zero locked:flag:zero poster_hash:id poster_country:country exif:text"
    ),
    "_threads": _parse(
        "thread_num:key time_op:int:required time_last:int:required time_bump:int:required time_ghost:int "
        "time_ghost_bump:int time_last_modified:int:required nreplies:int:zero nimages:int:zero "
        "sticky:flag:zero locked:flag:zero"
    ),
    "_images": _parse(
        "media_id:serial media_hash:hash:required media:file preview_op:file preview_reply:file "
        "total:int:zero banned:ban:zero"
    ),
    "_users": _parse(
        "user_id:serial name:text100:required trip:trip:required "
        "firstseen:int:required postcount:int:required"
    ),
    "_daily": _parse(
        "day:key posts:int:required images:int:required sage:int:required anons:int:required "
        "trips:int:required names:int:required"
    ),
}  # fmt: skip

# name: columns; a leading * marks a unique index.
_INDEXES: Final = {
    "": {
        "*num_subnum_index": "num subnum",
        "thread_num_subnum_index": "thread_num num subnum",
        "subnum_index": "subnum",
        "op_index": "op",
        "media_id_index": "media_id",
        "media_hash_index": "media_hash",
        "media_orig_index": "media_orig",
        "name_trip_index": "name trip",
        "trip_index": "trip",
        "email_index": "email",
        "poster_ip_index": "poster_ip",
        "timestamp_index": "timestamp",
    },
    "_threads": {
        f"{column}_index": column
        for column in ("time_op", "time_bump", "time_ghost_bump", "time_last_modified", "sticky", "locked")
    },
    "_images": {"*media_hash_index": "media_hash", "total_index": "total", "banned_index": "banned"},
    "_users": {
        "*name_trip_index": "name trip",
        "firstseen_index": "firstseen",
        "postcount_index": "postcount",
    },
    "_daily": {},
    "_deleted": {},
}


def columns(writer: Writer, suffix: str) -> tuple[str, ...]:
    """Column names of the table `{board}{suffix}` as `writer` has it; KeyError for an unknown suffix."""
    return tuple(column.name for column in _columns(writer, suffix))


def create_statements(dialect: DialectName, writer: Writer, board: str) -> list[str]:
    """Statements that create all tables and indexes of `board`, one statement each."""
    statements = []
    for suffix in SUFFIXES:
        if suffix in writer.suffixes:
            statements.append(_create_table(dialect, writer, board, suffix))
            statements += _create_indexes(dialect, writer, board, suffix)
    return statements


def insert_statement(dialect: DialectName, writer: Writer, board: str, suffix: str) -> str:
    """An INSERT of one whole row, with the placeholders of sqlite3, aiomysql or asyncpg."""
    names = columns(writer, suffix)
    marks = {
        "sqlite": ["?"] * len(names),
        "mysql": ["%s"] * len(names),
        "postgresql": [f"${place}" for place in range(1, len(names) + 1)],
    }[dialect]
    listed = ", ".join(_quote(dialect, name) for name in names)
    return f"INSERT INTO {_quote(dialect, board + suffix)} ({listed}) VALUES ({', '.join(marks)})"


def bind(dialect: DialectName, writer: Writer, suffix: str, row: tuple[Any, ...]) -> tuple[Any, ...]:
    """Turn a row of `writers.rows` into what the driver of `dialect` takes.

    PostgreSQL has booleans for flags and NULL instead of 0 for "no picture" (Asagi schema notes, section
    1.1). SQLite keeps addresses as text.
    """
    found = []
    for column, value in zip(_columns(writer, suffix), row, strict=True):
        if dialect == "postgresql" and column.kind == "flag" and value is not None:
            value = bool(value)
        elif dialect == "postgresql" and column.rule == "media" and writer.dedup:
            value = value or None
        elif dialect == "sqlite" and column.kind == "ip" and value is not None:
            value = str(value)
        found.append(value)
    return tuple(found)


def _columns(writer: Writer, suffix: str) -> tuple[Column, ...]:
    table = _TABLES["" if suffix == "_deleted" else suffix]
    return table if writer.locked_column else tuple(column for column in table if column.name != "locked")


def _quote(dialect: DialectName, name: str) -> str:
    mark = "`" if dialect == "mysql" else '"'
    return mark + name.replace(mark, mark * 2) + mark


def _create_table(dialect: DialectName, writer: Writer, board: str, suffix: str) -> str:
    parts = [f"{_quote(dialect, c.name)} {_type(dialect, writer, c)}" for c in _columns(writer, suffix)]
    if dialect == "postgresql" and suffix == "" and writer.dedup:
        images = _quote(dialect, f"{board}_images")
        parts.append(f'foreign key ("media_id") references {images} ("media_id")')
    if suffix == "" and writer.loose:
        # The one key of such tables is unnamed, as in the old schema files of Ritual.
        parts.append(f"unique ({_quote(dialect, 'num')}, {_quote(dialect, 'subnum')})")
    ending = ""
    if dialect == "mysql":
        charset = writer.images_charset if suffix == "_images" else "charset=utf8mb4"
        ending = f" engine=InnoDB default {charset}"
    return f"CREATE TABLE {_quote(dialect, board + suffix)} ({', '.join(parts)}){ending}"


def _type(dialect: DialectName, writer: Writer, column: Column) -> str:
    if column.kind == "serial":
        return _SERIAL[dialect]
    if column.kind == "key":
        return f"{_KINDS['int'][_DIALECTS.index(dialect)]} not null primary key"
    kind = _KINDS[column.kind][_DIALECTS.index(dialect)]
    if writer.loose or not column.rule:
        return kind
    zero = "false" if dialect == "postgresql" and column.kind == "flag" else "0"
    rules = {
        "required": " not null",
        "zero": f" not null default {zero}",
        "capcode": " not null default 'N'",
        "media": "" if dialect == "postgresql" else " not null default 0",
    }
    return kind + rules[column.rule]


def _create_indexes(dialect: DialectName, writer: Writer, board: str, suffix: str) -> list[str]:
    indexes: dict[str, str] = _INDEXES[suffix]
    if writer.loose:
        indexes = {"thread_num_idx": "thread_num"} if suffix == "" else {}
    elif dialect == "postgresql" and suffix == "":
        # The original PostgreSQL tables have no index on media_id and none over (thread_num, num, subnum).
        indexes = {"thread_num_index" if k == "thread_num_subnum_index" else k: v for k, v in indexes.items()}
        indexes = indexes | {"thread_num_index": "thread_num", "num_index": "num"}
        del indexes["media_id_index"]
    statements = []
    for name, listed in indexes.items():
        unique = "UNIQUE " if name.startswith("*") else ""
        # MySQL names indexes per table, the others per schema.
        full = name.lstrip("*") if dialect == "mysql" else f"{board}{suffix}_{name.lstrip('*')}"
        names = ", ".join(_quote(dialect, column) for column in listed.split())
        statements.append(
            f"CREATE {unique}INDEX {_quote(dialect, full)} ON {_quote(dialect, board + suffix)} ({names})"
        )
    return statements
