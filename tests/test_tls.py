"""TLS to servers: what each of the six modes accepts and refuses, and the one line that an operator gets."""

import asyncio
import logging
import shutil
import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app.db import database_for
from app.db.base import CannotOpen
from app.db.facts import server_facts
from app.db.tls import fault
from app.errors import Unavailable
from app.settings import DbSettings
from tests.support.certificates import Authority
from tests.support.daemon import make_folder
from tests.support.databases import Place, eventually, outcome
from tests.support.servers import PostgresqlServer, Server
from tests.support.tls_servers import PASSWORD, TlsServer, tls_server

MODES = ("disable", "allow", "prefer", "require", "verify-ca", "verify-full")
PLAIN, TLS = "in plain text", "with TLS"
NONE_OFFERED, UNTRUSTED, OTHER_HOST = "offers none", "authority that is not trusted", "not made out to 127.0.0.1"

# What comes of each mode, in the order of MODES.
RIGHT = (PLAIN, PLAIN, TLS, TLS, TLS, TLS)
EXPECTED = {
    "no TLS": (PLAIN, PLAIN, PLAIN, NONE_OFFERED, NONE_OFFERED, NONE_OFFERED),
    "right certificate": RIGHT,
    "unknown authority": (*RIGHT[:4], UNTRUSTED, UNTRUSTED),
    "other host": (*RIGHT[:5], OTHER_HOST),
}


@pytest.fixture(scope="module", params=["mysql", "postgresql"])
def secure(request: pytest.FixtureRequest) -> Iterator[TlsServer]:
    # The shared server of the kind is there, or this test is skipped as all others are.
    request.getfixturevalue(f"{request.param}_server")
    with tls_server(request.param) as server:
        yield server


@pytest.fixture(scope="module")
def stranger() -> Iterator[Authority]:
    """An authority nobody trusts."""
    folder = make_folder("koiwai-ca", None, None)
    yield Authority(folder)
    shutil.rmtree(folder)


async def result(settings: DbSettings) -> str:
    """How a database was connected to, or why not."""
    database = database_for(settings)
    error = await outcome(database.open())
    # No driver waits for the farewell of TLS after a refusal; whatever test comes next would be blamed for it.
    transports = getattr(asyncio.get_running_loop(), "_transports", {})
    assert error is None or await eventually(lambda: all(each._sock is None for each in list(transports.values())))
    if error is None:
        tls = (await server_facts(database)).tls
        assert tls is not None
        await database.close()
        return TLS if tls.startswith("TLSv1.") else PLAIN if tls == "" else tls
    assert isinstance(error, CannotOpen), repr(error)
    text = str(error)
    assert "\n" not in text and text.endswith(".") and not text.endswith("..")
    assert PASSWORD not in text
    return text


@pytest.mark.parametrize("case", EXPECTED)
@pytest.mark.parametrize("mode", MODES)
async def test_modes(
    request: pytest.FixtureRequest, secure: TlsServer, stranger: Authority, mode: str, case: str
) -> None:
    if case == "no TLS":
        plain: Server = request.getfixturevalue(f"{secure.kind}_server")
        if plain.daemon is None:
            pytest.skip("the given server may offer TLS")
        place = Place(secure.kind, plain.settings_table(secure.database))
        settings = place.settings(sslmode=mode, sslrootcert=secure.authority.certificate)
    else:
        changes: dict[str, dict[str, Any]] = {
            "right certificate": {},
            "unknown authority": {"sslrootcert": stranger.certificate},
            "other host": {"host": "127.0.0.1"},
        }
        settings = secure.settings(sslmode=mode, **changes[case])
    expected = EXPECTED[case][MODES.index(mode)]
    found = await result(settings)
    if expected in {PLAIN, TLS}:
        assert found == expected
    else:
        assert expected in found
        table = settings.mysql if secure.kind == "mysql" else settings.postgresql
        assert f"{table.host}:{table.port}" in found
        assert f'[db.{secure.kind}] sslmode is "{mode}"' in found


@pytest.mark.parametrize(("days", "reason"), [((-3, -1), "has expired"), ((1, 3), "not valid yet")])
async def test_a_certificate_whose_time_is_over_or_has_not_come(
    secure: TlsServer, days: tuple[int, int], reason: str
) -> None:
    with secure.showing(secure.authority.identity("localhost", first_day=days[0], last_day=days[1])):
        for mode in ("verify-ca", "verify-full"):
            assert reason in await result(secure.settings(sslmode=mode))
        assert await result(secure.settings(sslmode="require")) == TLS
    assert await result(secure.settings(sslmode="verify-full")) == TLS


async def test_without_sslrootcert_the_authorities_of_the_system_count(
    secure: TlsServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert UNTRUSTED in await result(secure.settings(sslmode="verify-full", sslrootcert=None))
    monkeypatch.setenv("SSL_CERT_FILE", str(secure.authority.certificate))
    assert await result(secure.settings(sslmode="verify-full", sslrootcert=None)) == TLS


async def test_a_certificate_of_our_own(secure: TlsServer, stranger: Authority) -> None:
    def settings(**changes: Any) -> DbSettings:
        return secure.settings(sslmode="verify-full", user="shows_certificate", password=PASSWORD, **changes)

    ours, theirs = secure.authority.identity("reader"), stranger.identity("reader")
    assert await result(settings(sslcert=ours.certificate, sslkey=ours.key)) == TLS
    assert "refuses" in await result(settings())
    # What the server says of it may get lost as it hangs up (TLS 1.3).
    error = await outcome(database_for(settings(sslcert=theirs.certificate, sslkey=theirs.key)).open())
    assert isinstance(error, Unavailable) or "unknown ca" in str(error)


async def test_modes_of_two_steps_take_the_second_when_the_server_insists(secure: TlsServer) -> None:
    user = {"user": "wants_tls", "password": PASSWORD}
    assert "refuses" in await result(secure.settings(sslmode="disable", **user))
    assert await result(secure.settings(sslmode="allow", **user)) == TLS
    assert await result(secure.settings(sslmode="prefer", **user)) == TLS
    if secure.kind == "postgresql":  # MariaDB cannot insist on plain text
        user["user"] = "wants_plain_text"
        assert "refuses" in await result(secure.settings(sslmode="require", **user))
        assert await result(secure.settings(sslmode="prefer", **user)) == PLAIN


@pytest.mark.parametrize("mode", ["allow", "prefer"])
async def test_the_password_is_named_when_it_is_the_password(secure: TlsServer, mode: str) -> None:
    found = await result(secure.settings(sslmode=mode, user="wants_tls", password="wrong"))
    assert {"mysql": "Access denied", "postgresql": "password authentication failed"}[secure.kind] in found


async def test_with_tls_any_method_may_give_the_server_the_password(secure: TlsServer) -> None:
    if secure.kind == "postgresql":
        pytest.skip("PostgreSQL's methods have no names that a client could choose")
    options = {"auth_plugin": "mysql_clear_password"}
    assert await result(secure.settings(sslmode="require", options=options)) == TLS


@pytest.mark.parametrize("kind", [ssl.SSLEOFError, ssl.SSLZeroReturnError, ssl.SSLSyscallError])
def test_a_server_that_hangs_up_within_tls_is_no_fault_of_tls(kind: type[ssl.SSLError]) -> None:
    passing = kind(1, "it has hung up")
    wrapped = OSError("connection lost")
    wrapped.__cause__ = passing
    assert fault(passing, "host") is None
    assert fault(wrapped, "host") is None


async def test_a_unix_socket_needs_no_tls(secure: TlsServer, tmp_path: Path) -> None:
    path = str(secure.server.socket)
    way = {"unix_socket": path, "port": 1} if secure.kind == "mysql" else {"host": path}
    assert await result(secure.settings(sslmode="verify-full", **way, sslrootcert=tmp_path / "none")) == PLAIN


async def test_files_that_are_missing_or_of_no_use(secure: TlsServer, stranger: Authority, tmp_path: Path) -> None:
    ours, other = secure.authority.identity("reader"), stranger.identity("reader")
    none, junk = tmp_path / "none.pem", tmp_path / "junk.pem"
    junk.write_text("junk")
    pair = {"sslcert": ours.certificate, "sslkey": ours.key}
    for files, key in (
        ({"sslrootcert": none}, "sslrootcert"),
        ({"sslrootcert": junk}, "sslrootcert"),
        ({**pair, "sslcert": none}, "sslcert"),
        ({**pair, "sslkey": none}, "sslkey"),
        ({**pair, "sslcert": junk}, "sslcert, sslkey"),
        ({**pair, "sslkey": other.key}, "sslcert, sslkey"),
        ({**pair, "sslkey": secure.authority.encrypted(ours.key)}, "sslkey"),
    ):
        found = await result(secure.settings(sslmode="verify-full", **files))
        assert found.startswith(f"[db.{secure.kind}] {key}: ")
        assert any(str(file) in found for file in files.values())


async def test_pgbouncer_with_tls(postgresql_server: PostgresqlServer, stranger: Authority) -> None:
    with tls_server("pgbouncer", postgresql_server) as pooler:
        place = Place("pgbouncer", pooler.server.settings_table("postgres"))
        settings: dict[str, Any] = {"host": "localhost", "sslmode": "verify-full"}
        database = database_for(place.settings(**settings, sslrootcert=pooler.authority.certificate))
        await database.open()
        assert database.pooler
        await database.ping()
        await database.close()
        assert UNTRUSTED in await result(place.settings(**settings, sslrootcert=stranger.certificate))


async def test_no_secret_is_logged_while_connecting(secure: TlsServer, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    user = {"user": "wants_tls", "password": PASSWORD, "echo": True}
    for mode in MODES:
        await result(secure.settings(sslmode=mode, **user))
        await result(secure.settings(sslmode=mode, **{**user, "password": PASSWORD + "!"}))
    assert "SELECT" in caplog.text  # something is logged
    assert PASSWORD not in caplog.text


async def test_what_we_call_ourselves_is_seen_on_the_server(secure: TlsServer) -> None:
    name = "koiwai, " + "λ" * 80
    database = database_for(secure.settings(application_name=name))
    await database.open()
    if secure.kind == "mysql":
        statement = "SELECT attr_value FROM performance_schema.session_connect_attrs WHERE attr_name = 'program_name'"
    else:
        statement = "SELECT application_name FROM pg_stat_activity WHERE client_port > 0"  # signs for λ, by version
    names = [seen for (seen,) in secure.place().execute(statement)]
    assert any(seen.startswith("koiwai, ") and len(seen.encode()) <= 63 for seen in names)
    await database.close()
