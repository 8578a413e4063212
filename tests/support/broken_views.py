"""Views and tables with the columns of a board that no reader gets a row of, in each way a database has for that."""

from collections.abc import Iterator
from contextlib import contextmanager

from tests.support.databases import Place

SAID = {
    "sqlite": {"stale": "no such table: main.nosuch", "division": "integer overflow"},
    "mysql": {"stale": "(1356) View", "owner": "(1449) The user specified as a definer ('koiwai_gone'@'%')"},
    "postgresql": {
        "owner": "(42501) permission denied for table t",
        "division": "(22012) division by zero",
        "json": "(42883) could not identify an ordering operator for type json",
        "texts": "an argument does not fit the type of its column",
    },
}
"""Of each kind of database: the names of what cannot be read, with the beginning of what the database says."""


@contextmanager
def broken_views(place: Place) -> Iterator[dict[str, str]]:
    """Makes all that `SAID` names for this kind of database, over a table t that is in order."""
    place.create("t", {"num": "int", "thread_num": "int"})
    place.insert("t", {"num": 1, "thread_num": 1})
    _MAKERS[place.kind](place)
    try:
        yield SAID[place.kind]
    finally:
        if place.kind == "postgresql":
            place.execute("DROP OWNED BY koiwai_gone", "DROP ROLE koiwai_gone")


def _sqlite(place: Place) -> None:
    place.execute(
        "CREATE VIEW stale AS SELECT * FROM nosuch",
        "CREATE VIEW division AS SELECT abs(num - 1 - 9223372036854775807 - 1) AS num, thread_num FROM t",
    )


def _mysql(place: Place) -> None:
    place.execute(
        "CREATE USER IF NOT EXISTS koiwai_gone@'%'",
        "CREATE DEFINER = koiwai_gone@'%' SQL SECURITY DEFINER VIEW owner AS SELECT * FROM t",
        "DROP USER koiwai_gone@'%'",
        "CREATE TABLE nosuch (num int, thread_num int)",
        "CREATE VIEW stale AS SELECT * FROM nosuch",
        "DROP TABLE nosuch",
    )


def _postgresql(place: Place) -> None:
    place.execute(
        "CREATE ROLE koiwai_gone",
        "CREATE VIEW owner AS SELECT * FROM t",
        "GRANT CREATE ON SCHEMA public TO koiwai_gone",
        "ALTER VIEW owner OWNER TO koiwai_gone",
        f"GRANT SELECT ON owner TO {place.table['user']}",
        "CREATE VIEW division AS SELECT num / (num - num) AS num, thread_num FROM t",
        "CREATE TABLE json (num json, thread_num int)",
        "CREATE TABLE texts (num text, thread_num int)",
        "INSERT INTO json VALUES ('1', 1)",
        "INSERT INTO texts VALUES ('1', 1)",
    )


_MAKERS = {"sqlite": _sqlite, "mysql": _mysql, "postgresql": _postgresql}
