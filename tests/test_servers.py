"""The servers the other tests rely on: they start, stop, come back, and leave nothing behind."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import aiomysql
import asyncpg
import pymysql
import pytest

from tests.support.daemon import MissingServer
from tests.support.servers import (
    MysqlServer,
    PostgresqlServer,
    Server,
    given_mysql,
    given_postgresql,
    start_pgbouncer,
)

REPOSITORY = Path(__file__).resolve().parents[1]


class Client:
    """A connection of the driver the application uses, with the same methods for both."""

    def __init__(self, driver: Any) -> None:
        self.driver = driver

    async def execute(self, sql: str) -> None:
        if isinstance(self.driver, aiomysql.Connection):
            async with self.driver.cursor() as cursor:
                await cursor.execute(sql)
        else:
            await self.driver.execute(sql)

    async def value(self, sql: str) -> Any:
        """The first column of the first row."""
        if isinstance(self.driver, aiomysql.Connection):
            async with self.driver.cursor() as cursor:
                await cursor.execute(sql)
                return (await cursor.fetchone())[0]
        return await self.driver.fetchval(sql)


@asynccontextmanager
async def connected(server: Server, arguments: Mapping[str, Any]) -> AsyncIterator[Client]:
    if isinstance(server, MysqlServer):
        mysql = await aiomysql.connect(**arguments, autocommit=True)
        try:
            yield Client(mysql)
        finally:
            mysql.close()
    else:
        postgresql = await asyncpg.connect(**arguments, statement_cache_size=0)
        try:
            yield Client(postgresql)
        finally:
            postgresql.terminate()
            # The transport closes in the loop's next turn.
            await asyncio.sleep(0)


async def read(server: Server, database: str, sql: str) -> Any:
    async with connected(server, server.connect_kwargs(database)) as client:
        return await client.value(sql)


async def fill(server: Server, database: str) -> None:
    """A table ``post`` with one row, committed."""
    async with connected(server, server.connect_kwargs(database)) as client:
        await client.execute("CREATE TABLE post (comment TEXT)")
        await client.execute("INSERT INTO post VALUES ('λ 🍓')")


async def test_fresh_database_is_empty_stores_any_text_and_is_dropped(shared_server: Server) -> None:
    with shared_server.fresh_database() as name:
        await fill(shared_server, name)
        assert await read(shared_server, name, "SELECT comment FROM post") == "λ 🍓"
    with pytest.raises((pymysql.err.OperationalError, asyncpg.InvalidCatalogNameError)) as error:
        await read(shared_server, name, "SELECT 1")
    assert name in str(error.value)


async def test_database_is_dropped_while_somebody_is_connected(shared_server: Server) -> None:
    with shared_server.fresh_database() as name:
        await fill(shared_server, name)
        async with connected(shared_server, shared_server.connect_kwargs(name)) as client:
            shared_server.drop_database(name)
            with pytest.raises((pymysql.Error, asyncpg.PostgresError, asyncpg.InterfaceError)):
                await client.value("SELECT comment FROM post")


async def test_databases_have_the_encoding_of_the_archives(
    mysql_server: MysqlServer,
    mysql_database: str,
    postgresql_server: PostgresqlServer,
    postgresql_database: str,
) -> None:
    assert await read(mysql_server, mysql_database, "SELECT @@character_set_database") == "utf8mb4"
    assert await read(postgresql_server, postgresql_database, "SHOW server_encoding") == "UTF8"


def test_strange_database_names_are_refused(shared_server: Server) -> None:
    with pytest.raises(ValueError, match="no database name"):
        shared_server.create_database("a`b")
    with pytest.raises(ValueError, match="no database name"):
        shared_server.drop_database('a"b')


async def test_settings_table_holds_what_the_driver_takes(shared_server: Server) -> None:
    with shared_server.fresh_database() as name:
        async with connected(shared_server, shared_server.settings_table(name)) as client:
            current = "SELECT database()" if isinstance(shared_server, MysqlServer) else "SELECT current_database()"
            assert await client.value(current) == name


async def test_server_goes_away_and_comes_back_with_its_data(own_server: Server) -> None:
    own_server.create_database("archive")
    await fill(own_server, "archive")
    for go_away in (own_server.stop, own_server.kill):
        go_away()
        assert not own_server.reachable()
        own_server.start()
        assert await read(own_server, "archive", "SELECT comment FROM post") == "λ 🍓"


async def test_private_server_listens_on_its_unix_socket(shared_server: Server) -> None:
    if shared_server.daemon is None:
        pytest.skip("the server is not a private one")
    arguments = shared_server.connect_kwargs("postgres")
    if isinstance(shared_server, MysqlServer):
        arguments = {
            "unix_socket": str(shared_server.socket),
            "user": arguments["user"],
            "password": arguments["password"],
        }
    else:
        arguments["host"] = str(shared_server.socket)
    async with connected(shared_server, arguments) as client:
        assert await client.value("SELECT 1") == 1


async def test_wrong_password_is_refused(shared_server: Server) -> None:
    arguments = {**shared_server.connect_kwargs("postgres"), "password": "wrong"}
    with pytest.raises(
        (pymysql.err.OperationalError, asyncpg.InvalidPasswordError), match=r"(?i)access denied|password"
    ):
        async with connected(shared_server, arguments):
            pass


async def test_pgbouncer_keeps_no_session_between_transactions(
    pgbouncer_server: PostgresqlServer, postgresql_server: PostgresqlServer, postgresql_database: str
) -> None:
    await fill(postgresql_server, postgresql_database)
    assert await read(pgbouncer_server, postgresql_database, "SELECT comment FROM post") == "λ 🍓"
    # In transaction mode two clients take turns on one connection of the server.
    arguments = pgbouncer_server.connect_kwargs(postgresql_database)
    async with connected(pgbouncer_server, arguments) as one, connected(pgbouncer_server, arguments) as other:
        backends = {await client.value("SELECT pg_backend_pid()") for client in (one, other, one, other)}
    assert len(backends) == 1


def test_given_server_is_neither_stopped_nor_removed(shared_server: Server) -> None:
    kind, password = shared_server.kind, quote(shared_server.password, safe="")
    url = f"{kind}://{shared_server.user}:{password}@{shared_server.host}:{shared_server.port}/whatever"
    given = given_mysql(url) if kind == "mysql" else given_postgresql(url)
    with given.fresh_database():
        pass
    with pytest.raises(RuntimeError, match="given by its URL"):
        given.stop()
    given.close()
    assert shared_server.reachable()


def test_url_of_a_given_server_is_read_and_checked() -> None:
    server = given_mysql("mysql://me:p%40ss@db.example/x")
    assert (server.host, server.port, server.user, server.password) == ("db.example", 3306, "me", "p@ss")
    for bad in ("db.example", "postgresql://me@host/", "mysql://host:3306/", "mysql://me@host:port/"):
        with pytest.raises(ValueError, match=r"^TEST_MYSQL_URL must look like mysql://"):
            given_mysql(bad)
    with pytest.raises(ValueError, match=r"^TEST_POSTGRESQL_URL must look like postgresql://"):
        given_postgresql("mysql://me@host/")


def test_pgbouncer_needs_no_restart_when_postgresql_comes_back(
    own_postgresql_server: PostgresqlServer,
) -> None:
    try:
        bouncer = start_pgbouncer(own_postgresql_server)
    except MissingServer as error:
        pytest.skip(str(error))
    try:
        own_postgresql_server.stop()
        own_postgresql_server.start()
        with bouncer.fresh_database() as name:
            assert name.startswith("koiwai_test_")
    finally:
        bouncer.close()
