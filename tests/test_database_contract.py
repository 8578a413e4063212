"""What every database does alike: rows, arguments, names, the log, and numbers about its connections."""

import logging
import threading
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from app.db import database_for
from app.db.base import Database, SchemaChanged, Sql, StatementRefused, join, reason, values
from app.errors import Unavailable
from tests.support.databases import KINDS, Place, fresh_place, outcome, threads_end

TEXTS = (
    "",
    'it\'s "quoted" `so`',
    "100% of %s and %(name)s and %%",
    "what? $1 :1 ?",
    "back\\slash \\' \\0 \\",
    "emoji \U0001f600 λ ﷽",
    "line\nbreak\ttab\rreturn",
    "'; DROP TABLE words; --",
    "a" * 60_000,
)
NAMES = ("λ", "3", "3d", "select", "table", 'quo"ted', "back`tick", "with space", "per%cent", "Upper", "a-b")


@pytest.fixture(params=KINDS)
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    with fresh_place(request.param, request, tmp_path) as place:
        yield place


@pytest.fixture
async def database(place: Place) -> AsyncIterator[Database]:
    database = database_for(place.settings())
    await database.open()
    yield database
    await database.close()


async def test_rows_are_tuples_in_order(database: Database) -> None:
    rows = await database.fetch(Sql("SELECT 1, 'a' UNION ALL SELECT 2, NULL ORDER BY 1"))
    assert rows == [(1, "a"), (2, None)]
    assert all(type(row) is tuple for row in rows)
    assert await database.fetch(Sql("SELECT 1 WHERE 1 = 0")) == []


async def test_fetch_one_gives_the_first_row_or_none(database: Database) -> None:
    assert await database.fetch_one(Sql("SELECT 1 UNION ALL SELECT 2 ORDER BY 1")) == (1,)
    assert await database.fetch_one(Sql("SELECT 1 WHERE 1 = 0")) is None


async def test_texts_pass_through_arguments_and_rows_unchanged(place: Place, database: Database) -> None:
    place.create("words", {"number": "int", "word": "text"})
    for number, text in enumerate(TEXTS):
        place.put("words", number, text)
    for number, text in enumerate(TEXTS):
        rows = await database.fetch(Sql("SELECT number, word FROM words WHERE word = ?", (text,)))
        assert rows == [(number, text)]
    rows = await database.fetch(Sql("SELECT word FROM words WHERE number IN") + values([3, 1, 2]) + Sql("ORDER BY 1"))
    assert {row[0] for row in rows} == set(TEXTS[1:4])


async def test_numbers_pass_through_arguments(place: Place, database: Database) -> None:
    place.create("numbers", {"number": "int"})
    place.insert("numbers", {"number": 1}, {"number": 2**31 - 1})
    statement = "SELECT number FROM numbers WHERE number = ?"
    assert await database.fetch(Sql(statement, (2**31 - 1,))) == [(2**31 - 1,)]
    assert await database.fetch(Sql(statement, (0,))) == []


async def test_a_nul_character_is_kept_where_the_database_has_one(place: Place, database: Database) -> None:
    if place.column == 2:
        pytest.skip("PostgreSQL has no NUL in texts")
    place.create("words", {"number": "int", "word": "text"})
    place.put("words", 1, "a\0b")
    assert await database.fetch(Sql("SELECT word FROM words WHERE word = ?", ("a\0b",))) == [("a\0b",)]


async def test_a_percent_sign_in_a_statement_means_itself(place: Place, database: Database) -> None:
    assert await database.fetch(Sql("SELECT 'a%b' , '%s', 7 % 4")) == [("a%b", "%s", 3)]
    place.create("words", {"word": "short"})
    place.insert("words", {"word": "50% off"})
    statement = Sql("SELECT word, '%s' FROM words WHERE word LIKE '%|%%' ESCAPE '|' AND word = ?", ("50% off",))
    found = await database.fetch(statement)
    assert found == [("50% off", "%s")]


@pytest.mark.parametrize("name", NAMES)
async def test_any_name_can_be_that_of_a_table_and_a_column(place: Place, database: Database, name: str) -> None:
    quote = database.dialect.quote
    place.create(name, {name: "int", "word": "short"})
    place.insert(name, {name: 5, "word": "five"})
    statement = Sql(f"SELECT {quote(name)} FROM {quote(name)} WHERE word = ?", ("five",))
    assert await database.fetch(statement) == [(5,)]
    described = {(table, column) for table, column, _ in await database.fetch(database.dialect.columns)}
    assert {(name, name), (name, "word")} <= described


def test_pieces_keep_their_arguments() -> None:
    piece = Sql("SELECT ?", (1,)) + Sql("WHERE x IN") + values(["a", "b"])
    assert piece == Sql("SELECT ? WHERE x IN (?, ?)", (1, "a", "b"))
    assert join(" UNION ", [piece, Sql("y", (3,))]).args == (1, "a", "b", 3)


async def test_equals_tells_letter_cases_apart(place: Place, database: Database) -> None:
    place.create("hashes", {"hash": "short"})
    place.insert("hashes", {"hash": "AbC="}, {"hash": "aBc="})
    condition = database.dialect.equals("hash")
    statement = Sql(f"SELECT hash FROM hashes WHERE {condition}", ("aBc=",) * condition.count("?"))
    assert await database.fetch(statement) == [("aBc=",)]


async def test_stats_tell_of_connections(place: Place, database: Database) -> None:
    await database.ping()
    stats = database.stats()
    assert (stats.size, stats.idle) == (1, 1)
    assert stats.largest == {"sqlite": 4}.get(place.kind, 50)


async def test_a_faulty_statement_is_an_error_and_the_next_one_works(database: Database) -> None:
    error = await outcome(database.fetch(Sql("SELECT FROM WHERE")))
    assert isinstance(error, StatementRefused)
    await database.ping()
    assert database.stats().size == 1


@pytest.mark.parametrize("statement", ["SELECT num FROM no_such_table", "SELECT no_such_column FROM numbers"])
async def test_a_missing_table_or_column_says_so(place: Place, database: Database, statement: str) -> None:
    place.create("numbers", {"num": "int"})
    error = await outcome(database.fetch(Sql(statement)))
    assert isinstance(error, SchemaChanged)
    assert error.retry_after
    assert "no_such" not in error.message
    await database.ping()


async def test_an_argument_that_does_not_fit_is_not_taken_for_a_lost_server(
    place: Place, database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    place.create("numbers", {"number": "int"})
    error = await outcome(database.fetch(Sql("SELECT number FROM numbers WHERE number = ?", (2**70,))))
    assert error is None or isinstance(error, StatementRefused)  # MariaDB takes any number
    assert "away" not in caplog.text and str(2**70) not in caplog.text
    await database.ping()


async def test_what_the_server_says_of_a_statement_is_for_the_log_alone(
    place: Place, database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    place.create("words", {"word": "short"})
    place.insert("words", {"word": "secret"})
    faulty = Sql("SELECT no_such_function(word) FROM words WHERE word <> ? AND", ("hidden",))
    unreadable = {
        1: Sql("SELECT EXTRACTVALUE(word, '//') FROM words WHERE word <> ?", ("hidden",)),
        2: Sql("SELECT word::int FROM words WHERE word <> ?", ("hidden",)),
    }
    for statement in (faulty, unreadable.get(place.column, faulty)):
        error = await outcome(database.fetch(statement))
        assert isinstance(error, StatementRefused)
        assert error.message == StatementRefused.message and error.retry_after
        assert reason(error) in caplog.text and "FROM words" in caplog.text
        assert "hidden" not in caplog.text and "secret" not in caplog.text


async def test_a_complaint_is_not_repeated(
    database: Database, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(3):
        assert isinstance(await outcome(database.fetch(Sql("SELECT FROM WHERE"))), StatementRefused)
    assert caplog.text.count("a statement was refused") == 1
    monkeypatch.setattr("app.db.complaints._TOLD_FOR", 0.0)
    assert isinstance(await outcome(database.fetch(Sql("SELECT FROM WHERE"))), StatementRefused)
    assert caplog.text.count("a statement was refused") == 2


async def test_warnings_of_the_server_are_not_printed(place: Place, database: Database) -> None:
    """The driver of MariaDB would, and in tests a warning is an error."""
    place.create("words", {"word": "short"})
    place.insert("words", {"word": "secret"})
    condition = "word + 0 = 1" if place.column < 2 else "word = '1'"
    assert await database.fetch(Sql(f"SELECT word FROM words WHERE {condition}")) == []


async def test_closing_leaves_no_thread_and_further_statements_are_refused(place: Place) -> None:
    before = set(threading.enumerate())
    database = database_for(place.settings())
    await database.open()
    await database.ping()
    await database.close()
    assert database.stats().size == 0
    assert isinstance(await outcome(database.ping()), Unavailable)
    assert await threads_end(before)


@pytest.mark.parametrize("echo", [True, False])
async def test_echo_logs_each_statement_as_it_is_sent(
    place: Place, echo: bool, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "koiwai")
    database = database_for(place.settings(echo=echo))
    await database.open()
    await database.fetch(Sql("SELECT 'x' WHERE 1 = ? AND 2 = ?", (1, 2)))
    await database.close()
    rendered = {0: "1 = ? AND 2 = ?", 1: "1 = %s AND 2 = %s", 2: "1 = $1 AND 2 = $2"}[place.column]
    said = [record.getMessage() for record in caplog.records if record.name == "koiwai.sql"]
    assert said == ([f"SELECT 'x' WHERE {rendered} (1, 2)"] if echo else [])
    assert echo or "SELECT 'x'" not in caplog.text
