"""What a database tells the operator about itself."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.db import database_for
from app.db.facts import ServerFacts, server_facts
from tests.support.databases import KINDS, Place, fresh_place

PRODUCTS = {"sqlite": "SQLite", "mysql": "MariaDB", "postgresql": "PostgreSQL", "pgbouncer": "PostgreSQL"}
ACCOUNT, PASSWORD = "koiwai_facts", "S3cret"


@pytest.fixture(params=KINDS)
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    with fresh_place(request.param, request, tmp_path) as place:
        yield place


@pytest.fixture(params=["mysql", "postgresql"])
def account(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    """A database with one table, seen by an account without any right so far."""
    with fresh_place(request.param, request, tmp_path) as place:
        place.create("a", {"num": "int", "name": "int"})
        if place.kind == "mysql":
            place.execute(f"CREATE USER {ACCOUNT} IDENTIFIED BY '{PASSWORD}'", f"GRANT SELECT ON a TO {ACCOUNT}")
            drop = f"DROP USER {ACCOUNT}"
        else:
            place.execute(f"CREATE ROLE {ACCOUNT} LOGIN PASSWORD '{PASSWORD}'", f"GRANT SELECT ON a TO {ACCOUNT}")
            drop = f"DROP OWNED BY {ACCOUNT}; DROP ROLE {ACCOUNT}"
        table = {**place.table, "user": ACCOUNT, "password": PASSWORD}
        yield Place(place.kind, table, server=place.server, name=place.name)
        place.execute(*drop.split("; "))


async def facts_of(place: Place) -> ServerFacts:
    database = database_for(place.settings())
    await database.open()
    try:
        return await server_facts(database)
    finally:
        await database.close()


async def test_facts(place: Place) -> None:
    facts = await facts_of(place)
    assert facts.product == PRODUCTS[place.kind]
    assert all(part.isdigit() for part in facts.version.split("."))
    assert facts.pooler == (place.kind == "pgbouncer")
    assert facts.user_limit is None
    assert facts.may_write is True
    if place.kind == "sqlite":
        assert (facts.max_connections, facts.connections, facts.tls) == (None, None, None)
        return
    assert facts.max_connections is not None and facts.connections is not None
    assert 0 < facts.connections <= facts.max_connections
    assert facts.max_connections <= int(
        place.execute("SHOW max_connections" if place.column == 2 else "SELECT @@max_connections")[0][0]
    )
    assert facts.tls is None or not facts.pooler


async def test_a_file_that_may_only_be_read(
    tmp_path: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.access", lambda *_: False)  # to root every file is writable
    with fresh_place("sqlite", request, tmp_path) as place:
        assert (await facts_of(place)).may_write is False


@pytest.mark.parametrize("right", ["INSERT", "DELETE", "UPDATE (num)"])
async def test_rights_that_go_further_than_reading_are_found(account: Place, right: str) -> None:
    assert (await facts_of(account)).may_write is False
    account.execute(f"GRANT {right} ON a TO {ACCOUNT}")
    assert (await facts_of(account)).may_write is True


async def test_a_list_of_columns_is_no_right_of_its_own(account: Place) -> None:
    account.execute(f"REVOKE SELECT ON a FROM {ACCOUNT}", f"GRANT SELECT (num, name) ON a TO {ACCOUNT}")
    assert (await facts_of(account)).may_write is False


async def test_limits_of_the_account_are_found(account: Place) -> None:
    if account.kind == "mysql":
        account.execute(f"ALTER USER {ACCOUNT} WITH MAX_USER_CONNECTIONS 7")
    else:
        account.execute(f"ALTER ROLE {ACCOUNT} CONNECTION LIMIT 7")
    assert (await facts_of(account)).user_limit == 7


async def test_a_role_hides_what_it_may_do(account: Place) -> None:
    """Where the server lists only the name of a role, nothing is claimed."""
    if account.kind == "postgresql":
        pytest.skip("PostgreSQL answers for roles as well")
    account.execute("CREATE ROLE koiwai_role", f"GRANT koiwai_role TO {ACCOUNT}")
    try:
        assert (await facts_of(account)).may_write is None
    finally:
        account.execute("DROP ROLE koiwai_role")
