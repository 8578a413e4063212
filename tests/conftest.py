"""Fixtures for every test: database servers, other programs and genuine archives, each made when first asked for.

A missing server skips its tests and is named in the last lines of the run; where the environment variable CI
is set, it fails them instead, so that "all passed" there means tested on every database.
"""

import gc
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import aiosqlite
import pytest
from playwright.sync_api import Browser

from bench import load
from tests.support.browser import chromium, opened_browser
from tests.support.clients import find_client
from tests.support.daemon import MissingServer
from tests.support.judges import find_judge
from tests.support.nginx import Nginx, start_nginx
from tests.support.servers import (
    MysqlServer,
    PostgresqlServer,
    Server,
    given_mysql,
    given_postgresql,
    start_mysql,
    start_pgbouncer,
    start_postgresql,
)
from tests.support.sphinx import Sphinx, Write, start_sphinx

ARCHIVES = Path(__file__).resolve().parents[2] / "shared" / "archives"
NOT_TESTED = pytest.StashKey[dict[str, str]]()
_TOLD_EVERY = 120  # seconds

S = TypeVar("S")


def pytest_configure(config: pytest.Config) -> None:
    if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:  # as a shell has it for what runs in its background
        signal.signal(signal.SIGINT, signal.default_int_handler)
    config.stash[NOT_TESTED] = {}
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(_ToldAtOnce(config))


class _ToldAtOnce:
    """Names what fails when it fails, and where it is every few minutes: a run that is ended from outside never comes
    to its summary."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._began = self._told = time.monotonic()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        now = time.monotonic()
        if now - self._told > _TOLD_EVERY:
            self._told = now
            self._tell(f"after {now - self._began:.0f} s: {report.nodeid}")
        if report.failed:
            crash = getattr(report.longrepr, "reprcrash", None)
            why = (crash.message if crash else str(report.longrepr)).strip().splitlines() or [""]
            self._tell(f"FAILED ({report.when}) {report.nodeid}: {why[0]}")

    def _tell(self, line: str) -> None:
        terminal = self._config.pluginmanager.getplugin("terminalreporter")
        if terminal is not None:  # -p no:terminal
            terminal.write_line("\n" + ascii(line)[1:-1])


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Iterator[Any]:
    """Reports go from process to process, which halves of characters in what was written do not survive."""
    report = yield
    report.sections = [(name, text.encode("utf-8", "backslashreplace").decode()) for name, text in report.sections]
    return report


def pytest_sessionfinish(session: pytest.Session) -> None:
    """With several processes, each tells the first what it could not test."""
    if (told := getattr(session.config, "workeroutput", None)) is not None:
        told["not_tested"] = session.config.stash[NOT_TESTED]


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    node.config.stash[NOT_TESTED].update(getattr(node, "workeroutput", {}).get("not_tested", {}))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Name loudly what this run could not test."""
    missing = config.stash[NOT_TESTED]
    if missing:
        terminalreporter.section("NOT TESTED", sep="!", red=True, bold=True)
        for what, why in missing.items():
            terminalreporter.write_line(f"NOT TESTED: {what}: {why}", red=True)


@pytest.fixture(autouse=True)
def no_thread_of_sqlite_outlives_its_test() -> Iterator[None]:
    """One that does would keep the process from ending."""
    before = set(threading.enumerate())
    yield
    for thread in set(threading.enumerate()) - before:
        if "_connection_worker_thread" in thread.name:
            thread.join(timeout=5)
            if thread.is_alive():
                for connection in gc.get_objects():
                    if isinstance(connection, aiosqlite.Connection):
                        connection.stop()
                pytest.fail("a connection to SQLite was not closed")


@pytest.fixture(scope="session")
def mysql_server(request: pytest.FixtureRequest) -> Iterator[MysqlServer]:
    """The server of TEST_MYSQL_URL, else a private MariaDB; shared, so no test may stop it."""
    url = os.environ.get("TEST_MYSQL_URL")
    server = given_mysql(url) if url else _started(request, "MariaDB", start_mysql)
    yield server
    server.close()


@pytest.fixture(scope="session")
def postgresql_server(request: pytest.FixtureRequest) -> Iterator[PostgresqlServer]:
    """The server of TEST_POSTGRESQL_URL, else a private PostgreSQL; shared, so no test may stop it."""
    url = os.environ.get("TEST_POSTGRESQL_URL")
    server = given_postgresql(url) if url else _started(request, "PostgreSQL", start_postgresql)
    yield server
    server.close()


@pytest.fixture(scope="session")
def pgbouncer_server(request: pytest.FixtureRequest, postgresql_server: PostgresqlServer) -> Iterator[PostgresqlServer]:
    """PgBouncer in transaction mode before ``postgresql_server``, for every database of it."""
    server = _started(request, "PgBouncer", lambda: start_pgbouncer(postgresql_server))
    yield server
    server.close()


@pytest.fixture
def own_mysql_server(request: pytest.FixtureRequest) -> Iterator[MysqlServer]:
    """A private MariaDB for one test, which may stop, kill and start it."""
    server = _started(request, "MariaDB (stopped and started)", start_mysql)
    yield server
    server.close()


@pytest.fixture
def own_postgresql_server(request: pytest.FixtureRequest) -> Iterator[PostgresqlServer]:
    """A private PostgreSQL for one test, which may stop, kill and start it."""
    server = _started(request, "PostgreSQL (stopped and started)", start_postgresql)
    yield server
    server.close()


@pytest.fixture(scope="session")
def wrk(request: pytest.FixtureRequest) -> Path:
    """The program that asks for an address again and again."""
    return _started(request, "wrk", load.program)


@pytest.fixture(scope="module")
def nginx(request: pytest.FixtureRequest) -> Iterator[Callable[[str], Nginx]]:
    """Starts an nginx with the inside of a server block; all of them end with the module's last test."""
    started: list[Nginx] = []

    def start(block: str) -> Nginx:
        started.append(_started(request, "nginx", lambda: start_nginx(block)))
        return started[-1]

    yield start
    for server in started:
        server.close()


@pytest.fixture(scope="module")
def sphinx(request: pytest.FixtureRequest) -> Iterator[Callable[..., Sphinx]]:
    """Starts a searchd with a configuration and its indexes; all of them end with the module's last test."""
    started: list[Sphinx] = []

    def start(write: Write, port: int | None = None) -> Sphinx:
        started.append(_started(request, "Sphinx", lambda: start_sphinx(write, port)))
        return started[-1]

    yield start
    for server in started:
        server.close()


@pytest.fixture(scope="module")
def browser(request: pytest.FixtureRequest) -> Iterator[Browser]:
    """A real browser for one module, none of whose tests may be asynchronous; see tests/support/browser.py."""
    _started(request, "Chromium", chromium)
    with opened_browser() as opened:
        yield opened


@pytest.fixture(scope="session")
def judge(request: pytest.FixtureRequest) -> Callable[[str], Path]:
    """Where a package of `tests/browser` lies that judges pages; see tests/support/judges.py."""
    return lambda name: _started(request, name, lambda: find_judge(name))


@pytest.fixture(scope="session")
def client(request: pytest.FixtureRequest) -> Callable[[str], list[str]]:
    """Gives the command that starts a program of `CLIENTS`, which reads our archive as it would another's."""
    return lambda name: _started(request, name, lambda: find_client(name))


@pytest.fixture
def mysql_database(mysql_server: MysqlServer) -> Iterator[str]:
    """The name of a new, empty database on ``mysql_server``."""
    with mysql_server.fresh_database() as name:
        yield name


@pytest.fixture
def postgresql_database(postgresql_server: PostgresqlServer) -> Iterator[str]:
    """The name of a new, empty database on ``postgresql_server``."""
    with postgresql_server.fresh_database() as name:
        yield name


@pytest.fixture(params=["sqlite", "mysql", "postgresql"])
def database_kind(request: pytest.FixtureRequest) -> str:
    """Runs a test once per kind of database; the server of the kind is there."""
    kind: str = request.param
    if kind != "sqlite":
        request.getfixturevalue(f"{kind}_server")
    return kind


@pytest.fixture(params=["mysql", "postgresql"])
def shared_server(request: pytest.FixtureRequest) -> Server:
    """Runs a test once per shared server; the test may not stop it."""
    server: Server = request.getfixturevalue(f"{request.param}_server")
    return server


@pytest.fixture(params=["mysql", "postgresql"])
def own_server(request: pytest.FixtureRequest) -> Server:
    """Runs a test once per kind of server, with one of its own to stop, kill and start."""
    server: Server = request.getfixturevalue(f"own_{request.param}_server")
    return server


@pytest.fixture(scope="session")
def genuine_archives(request: pytest.FixtureRequest) -> Path:
    """The folder of genuine archives beside the repository; its absence skips and never fails."""
    if not (ARCHIVES / "truth.json").is_file():
        why = "the folder ../shared/archives is not beside the repository"
        request.config.stash[NOT_TESTED]["genuine archives"] = why
        pytest.skip(why)
    return ARCHIVES


def _started(request: pytest.FixtureRequest, what: str, start: Callable[[], S]) -> S:
    try:
        return start()
    except MissingServer as error:
        request.config.stash[NOT_TESTED][what] = str(error)
        if os.environ.get("CI"):
            pytest.fail(f"{error} (CI is set: everything must be tested)", pytrace=False)
        pytest.skip(str(error))
