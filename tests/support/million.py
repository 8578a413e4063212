"""An archive of a million posts in one board, made by the database itself in seconds.

Half the posts hold UTC and half New York time, so that a look for the clock has to search for the place of the
change. Tables come without secondary indexes; `add_indexes` makes those that Asagi makes, but for four on columns
that are the same in every post.
"""

import re
import sqlite3
from contextlib import closing
from typing import Final, cast

from app.demo.tables import DialectName, create_statements
from app.demo.writers import WRITERS
from tests.support.databases import Place

POSTS: Final = 1_000_000
FIRST: Final = 10_000_000
"""The number before the first post's."""
SWITCH: Final = FIRST + POSTS // 2 + 1
"""From this number on times are New York's."""
BOARD: Final = "g"

_LEFT_OUT: Final = re.compile(r"^CREATE TABLE|(trip|email|poster_ip)_index")
_IN_THREAD: Final = 50
_START: Final = 1_656_633_600  # 2022-07-01 00:00 UTC; two seconds from post to post stay in summer
_WRITER: Final = WRITERS["hayden"]

# n is the post's place from 1.
_SERIES: Final = {
    "sqlite": f"WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < {POSTS}) ",
    "mysql": "",
    "postgresql": "",
}
_FROM: Final = {
    "sqlite": "s",
    "mysql": f"(SELECT seq AS n FROM seq_1_to_{POSTS}) AS s",
    "postgresql": f"generate_series(1, {POSTS}) AS s(n)",
}


def _posts(kind: str) -> dict[str, str]:
    """Expressions for the columns of the posts; all others keep their defaults."""
    divide = "DIV" if kind == "mysql" else "/"
    time, flag = f"({_START} + n * 2)", ("n % 50 = 1" if kind == "postgresql" else "(n % 50 = 1)")
    digits = f"{time} * CAST(1000 AS {'SIGNED' if kind == 'mysql' else 'bigint'}) + n % 1000"
    text = {"sqlite": f"CAST({digits} AS text)", "mysql": digits, "postgresql": f"({digits})::text"}[kind]

    def joined(*parts: str) -> str:
        return f"CONCAT({', '.join(parts)})" if kind == "mysql" else " || ".join(parts)

    def file(value: str, other: str = "NULL") -> str:
        """Each third post has one."""
        return f"CASE WHEN n % 3 = 0 THEN {value} ELSE {other} END"

    padded = {
        "sqlite": "printf('%022d', n)",
        "mysql": "LPAD(n, 22, '0')",
        "postgresql": "lpad(n::text, 22, '0')",
    }[kind]
    none = "NULL" if kind == "postgresql" else "0"
    return {
        "doc_id": "n",
        "media_id": file(f"n {divide} 3", none),
        "num": f"{FIRST} + n",
        "subnum": "0",
        "thread_num": f"{FIRST} + ((n - 1) {divide} {_IN_THREAD}) * {_IN_THREAD} + 1",
        "op": flag,
        "timestamp": f"{time} - CASE WHEN n > {POSTS // 2} THEN 14400 ELSE 0 END",
        "timestamp_expired": "0",
        "media_filename": file("'a &amp; b.jpg'"),
        "media_hash": file(joined(padded, "'=='")),
        "media_orig": file(joined(text, "'.jpg'")),
        "preview_orig": file(joined(text, "'s.jpg'")),
        "name": "'Anonymous'",
        "comment": joined("'>>'", "n" if kind == "mysql" else "CAST(n AS text)", "'\nA line.'"),
    }


def _images(kind: str) -> dict[str, str]:
    posts = _posts(kind)
    return {
        "media_id": posts["media_id"],
        "media_hash": posts["media_hash"],
        "media": posts["media_orig"],
        "preview_reply": posts["preview_orig"],
        "total": "1",
    }


def _threads() -> dict[str, str]:
    last = f"{_START} + n * 2"
    return {
        "thread_num": f"{FIRST} + n",
        "time_op": last,
        "time_last": last,
        "time_bump": last,
        "time_last_modified": last,
        "nreplies": str(_IN_THREAD),
        "nimages": "CASE (n - 1) % 3 WHEN 0 THEN 16 ELSE 17 END",
    }


def fill_million(place: Place) -> None:
    """Makes the tables, with primary keys only, and fills them; that of pictures with those of the newest posts."""
    kind = cast("DialectName", place.kind)
    creating = [text for text in create_statements(kind, _WRITER, BOARD) if text.startswith("CREATE TABLE")]
    # A foreign key would be looked up a million times, and is nothing that a reader could notice.
    creating = [text.replace(', foreign key ("media_id") references "g_images" ("media_id")', "") for text in creating]
    _run(
        place,
        *creating,
        _insert(place, f"{BOARD}_images", _images(kind), f"WHERE n % 3 = 0 AND n > {POSTS * 9 // 10}"),
        _insert(place, BOARD, _posts(kind), ""),
        _insert(place, f"{BOARD}_threads", _threads(), f"WHERE n % {_IN_THREAD} = 1"),
    )


def add_indexes(place: Place) -> None:
    """Asagi's indexes, as the kind of database has them."""
    kind = cast("DialectName", place.kind)
    statements = [text for text in create_statements(kind, _WRITER, BOARD) if not _LEFT_OUT.search(text)]
    if kind == "mysql":  # reads a table once for all its indexes
        additions: dict[str, list[str]] = {}
        for text in statements:
            creating, _, rest = text.partition(" ON ")
            table, _, columns = rest.partition(" ")
            additions.setdefault(table, []).append(f"ADD {creating.removeprefix('CREATE ')} {columns}")
        statements = [f"ALTER TABLE {table} {', '.join(added)}" for table, added in additions.items()]
    _run(place, *statements)


def _insert(place: Place, table: str, row: dict[str, str], where: str) -> str:
    names = ", ".join(map(place.quote, row))
    return (
        f"INSERT INTO {place.quote(table)} ({names}) "
        f"{_SERIES[place.kind]}SELECT {', '.join(row.values())} FROM {_FROM[place.kind]} {where}"
    )


def _run(place: Place, *statements: str) -> None:
    if place.file is None:
        place.execute(*statements)
        return
    with closing(sqlite3.connect(place.file)) as connection:
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute("PRAGMA cache_size = -200000")
        for statement in statements:
            connection.execute(statement)
        connection.commit()
