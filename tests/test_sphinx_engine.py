"""The engine that asks a Sphinx server: all pages of many matches, a server that is away or silent, a shared index."""

import asyncio
import logging
import re
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pymysql
import pytest

from app.engines.sphinx.catalogue import WORDS
from app.engines.sphinx.client import OutOfTime
from app.errors import Unavailable
from app.search import read_query
from app.settings import SearchSettings, SphinxSettings
from tests.support.daemon import free_port
from tests.support.databases import fresh_place
from tests.support.sphinx import Sphinx, configured, foolfuuka_config, listening
from tests.support.stage import Running, Stage

POSTS = 137
"""More than a few answers of ten posts each."""


@pytest.fixture(scope="module")
def archive(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """Boards of which all posts have one word, and a ghost post under each tenth."""
    with fresh_place("mysql", request, tmp_path_factory.mktemp("archive")) as place:
        stage = Stage(place, tmp_path_factory.mktemp("media"))
        for board in ("g", "λ"):
            stage.board(board)
            nums = range(1, POSTS + 1)
            stage.posts(
                *({"num": num, "thread_num": (num - 1) // 5 * 5 + 1, "comment": f"common {num}"} for num in nums),
                board=board,
            )
            ghosts = [num for num in nums if num % 10 == 0]
            stage.posts(
                *(
                    {"num": num, "subnum": 1, "thread_num": (num - 1) // 5 * 5 + 1, "comment": "common ghost"}
                    for num in ghosts
                ),
                board=board,
            )
        yield stage


@pytest.fixture(scope="module")
def server(archive: Stage, sphinx: Callable[..., Sphinx], tmp_path_factory: pytest.TempPathFactory) -> Sphinx:
    return sphinx(lambda inside, port: own(archive, inside, port))


def own(archive: Stage, inside: Path, port: int, *options: str) -> str:
    return configured(
        archive.place, inside / "home", archive.boards, "--folder", str(inside), "--listen", listening(port), *options
    )


@asynccontextmanager
async def searching(archive: Stage, port: int, **sphinx: Any) -> AsyncIterator[Running]:
    settings = SearchSettings(engine="sphinx", sphinx=SphinxSettings(port=port, **sphinx))
    async with archive.running(search=settings) as running:
        yield running


async def everything(running: Running, limit: int = 7, **asked: str) -> list[tuple[str, int, int]]:
    """What all pages of a search show, one after the other."""
    found: list[tuple[str, int, int]] = []
    cursor: dict[str, str] = {}
    while True:
        answer = await running.ask(f"/api/v1/search?{urlencode({**asked, 'limit': str(limit), **cursor})}")
        found += [(hit["post"]["board"], hit["post"]["num"], hit["post"]["subnum"]) for hit in answer.json["hits"]]
        if answer.json["cursor"] is None:
            return found
        cursor = {"cursor": answer.json["cursor"]}


def all_posts(board: str) -> list[tuple[str, int, int]]:
    ghosts = [(board, num, 1) for num in range(10, POSTS + 1, 10)]
    return sorted([*((board, num, 0) for num in range(1, POSTS + 1)), *ghosts], reverse=True)


@pytest.mark.parametrize("order", ["desc", "asc"])
async def test_more_matches_than_max_matches_are_all_found_once(archive: Stage, server: Sphinx, order: str) -> None:
    expected = all_posts("g")[:: 1 if order == "desc" else -1]
    async with searching(archive, server.port, max_matches=10) as running:
        statements = _recorded(running)
        assert await everything(running, text="common", boards="g", order=order) == expected
        assert await everything(running, limit=250, text="common", boards="g", order=order) == expected
    asked = [statement for statement in statements if "MATCH" in statement]
    assert len(asked) > len(expected) / 10
    assert all(statement.count("10 OPTION max_matches = 10,") == 1 for statement in asked)


async def test_what_takes_the_server_too_long_goes_on_in_the_tables(archive: Stage, server: Sphinx) -> None:
    """It is told how long an answer may take: a quarter of what a search may, since half an answer is none."""
    async with searching(archive, server.port, max_matches=10) as running:
        statements = _recorded(running, late=3)
        assert await everything(running, limit=250, text="common", boards="g") == all_posts("g")
    asked = [statement for statement in statements if "MATCH" in statement]
    assert len(asked) == 3
    assert all("max_query_time = 1000," in statement for statement in asked)


async def test_threads_are_found_once_over_pages_and_answers(archive: Stage, server: Sphinx) -> None:
    async with searching(archive, server.port, max_matches=10) as running:
        found = await everything(running, limit=3, text="common", boards="g", results="thread")
    assert found == [("g", num, 0) for num in range((POSTS - 1) // 5 * 5 + 1, 0, -5)]


async def test_words_alone_are_asked_of_the_index(archive: Stage, server: Sphinx) -> None:
    """What it can tell nothing of needs no server at all."""
    async with searching(archive, server.port) as running:
        statements = _recorded(running)
        assert await everything(running, text="137", boards="g") == [("g", 137, 0)]
        assert [each for each in statements if each.startswith("SELECT")] != []
        statements.clear()
        assert len(await everything(running, ghost="only", boards="g")) == POSTS // 10
        assert statements == []
        assert await everything(running, text="!", boards="g") == []
        assert [each for each in statements if each.startswith("SELECT")] == []


async def test_a_board_whose_name_is_no_name_of_an_index(archive: Stage, server: Sphinx) -> None:
    assert ("u03bb_ancient", "local") in server.ask("SHOW TABLES")
    async with searching(archive, server.port) as running:
        assert await everything(running, text="ghost", boards="λ") == [each for each in all_posts("λ") if each[2]]


def _recorded(running: Running, late: int | None = None) -> list[str]:
    """The statements of a running archive's searches from now on; of those with words one may be answered too late."""
    said: list[str] = []
    client = running.archive._engine._close.__self__  # type: ignore[attr-defined]
    fetch = client.fetch

    async def recording(statement: str) -> Any:
        said.append(statement)
        if sum("MATCH" in each for each in said) == late:
            raise OutOfTime
        return await fetch(statement)

    client.fetch = recording
    return said


async def test_what_was_indexed_later_is_found_once(sphinx: Callable[..., Sphinx], archive: Stage) -> None:
    """The daily round: the newest rows anew with the delta, then with the main index; nothing twice."""
    server = sphinx(lambda inside, port: own(archive, inside, port, "--delta", "3"))
    num = POSTS + 1
    archive.post(num, comment="later news")
    try:
        async with searching(archive, server.port) as running:
            assert await everything(running, text="news") == []
            for index in ("g_delta", "g_main"):
                server.index(index)
                assert await everything(running, text="news") == [("g", num, 0)], index
            # An index may know what the archive no longer has.
            archive.place.execute(f"DELETE FROM g WHERE num = {num}")
            assert await everything(running, text="news") == []
    finally:
        archive.place.execute(f"DELETE FROM g WHERE num = {num}")


async def test_a_server_that_comes_and_goes(
    sphinx: Callable[..., Sphinx], archive: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    server = sphinx(lambda inside, port: own(archive, inside, port))
    async with searching(archive, server.port) as running:
        assert await everything(running, text="137", boards="g") == [("g", 137, 0)]
        server.daemon.stop()
        for _ in range(2):
            page = await running.text("/g/search/?text=137", 503)
            assert "Search is not available at the moment." in page
            answer = await running.ask("/api/v1/search?text=137&boards=g", 503)
            assert answer.json["error"]["message"] == "Search is not available at the moment."
        for target in ("/", "/g/", "/g/thread/1/", "/api/v1/boards/g/threads/1", "/g/search/", "/healthz", "/readyz"):
            await running.ask(target)
        assert caplog.text.count("the search server is away") == 1
        server.daemon.start()
        assert await everything(running, text="137", boards="g") == [("g", 137, 0)]
        assert caplog.text.count("the search server is back") == 1
        # It was restarted between two searches: nobody notices.
        server.daemon.stop()
        server.daemon.start()
        assert await everything(running, text="137", boards="g") == [("g", 137, 0)]
    assert not [record for record in caplog.records if record.levelno > logging.WARNING]


@asynccontextmanager
async def silent(greeting: bytes = b"") -> AsyncIterator[int]:
    """A server that accepts connections and then says no more than a greeting; gives its port."""
    held: list[asyncio.StreamWriter] = []

    async def accept(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        held.append(writer)
        writer.write(greeting)

    server = await asyncio.start_server(accept, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for writer in held:
            writer.close()


async def test_a_server_that_never_answers(archive: Stage) -> None:
    async with silent() as port, searching(archive, port, connect_timeout=0.2) as running:
        answer = await running.ask("/api/v1/search?text=137&boards=g", 503)
        assert answer.json["error"]["message"] == "Search is not available at the moment."


async def test_a_server_that_stops_in_the_middle(
    server: Sphinx, archive: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It accepts the log-in, but answers no statement: the time of the search ends it."""
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    greeting = await reader.read(1000)
    writer.close()
    ok = b"\x07\0\0\x02\0\0\0\x02\0\0\0"
    async with silent(greeting + ok) as port:
        settings = SearchSettings(engine="sphinx", time_budget=0.3, sphinx=SphinxSettings(port=port))
        async with archive.running(search=settings) as running:
            await running.ask("/api/v1/search?text=137&boards=g", 503)
            await running.ask("/g/")


async def test_a_server_behind_a_unix_socket(sphinx: Callable[..., Sphinx], archive: Stage) -> None:
    def write(inside: Path, port: int) -> str:
        return own(archive, inside, port).replace("    listen", f"    listen = {inside}/socket:mysql41\n    listen")

    server = sphinx(write)
    async with searching(archive, free_port(), unix_socket=str(server.daemon.folder / "socket")) as running:
        assert await everything(running, text="137", boards="g") == [("g", 137, 0)]


async def test_a_board_without_an_index(sphinx: Callable[..., Sphinx], archive: Stage) -> None:
    server = sphinx(lambda inside, port: own(archive, inside, port, "--board", "λ"))
    async with searching(archive, server.port) as running:
        answer = await running.ask("/api/v1/search?text=137&boards=g", 503)
        assert answer.json["error"]["message"] == "The board /g/ has no search index at the moment."
        assert await everything(running, text="137", boards="λ") == [("λ", 137, 0)]


@pytest.fixture
def hosts(sphinx: Callable[..., Sphinx], archive: Stage) -> tuple[Sphinx, Sphinx, Sphinx]:
    """Two hosts that hold half of the posts each, and the one that asks them."""
    ports = [free_port(), free_port()]
    options = [word for port in ports for word in ("--host", f"127.0.0.1:{port}")]

    def part(number: int) -> Callable[[Path, int], str]:
        def write(inside: Path, port: int) -> str:
            folder, share = ("--folder", str(inside)), ("--part", str(number))
            text = configured(archive.place, inside / "home", archive.boards, *folder, *options, *share)
            # Only the front asks it; we want to, too.
            return text.replace("    listen", f"    listen = {inside}/socket:mysql41\n    listen")

        return write

    halves = [sphinx(part(number), port) for number, port in enumerate(ports, 1)]
    return halves[0], halves[1], sphinx(lambda inside, port: own(archive, inside, port, *options))


def _held(host: Sphinx, index: str) -> int:
    """How many posts a host has in an index."""
    connected = pymysql.connect(unix_socket=str(host.daemon.folder / "socket"), charset="utf8mb4")
    with closing(connected) as connection, connection.cursor() as cursor:
        cursor.execute(f"SELECT COUNT(*) FROM {index}")
        return int(cursor.fetchall()[0][0])


async def test_posts_that_several_hosts_share(
    hosts: tuple[Sphinx, Sphinx, Sphinx], archive: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    one, other, front = hosts
    halves = [_held(host, "g_ancient") for host in (one, other)]
    assert sum(halves) == len(all_posts("g"))
    assert min(halves) > len(all_posts("g")) // 3
    assert (WORDS, "template") in front.ask("SHOW TABLES")
    async with searching(archive, front.port, max_matches=10) as running:
        assert await everything(running, text="common", boards="g") == all_posts("g")
        assert await everything(running, text="comm*", boards="g", order="asc") == all_posts("g")[::-1]
        assert await everything(running, text="7", boards="g") == [("g", 7, 0)]
        # Half of the posts must not look like all of them.
        other.daemon.stop()
        answer = await running.ask("/api/v1/search?text=common&boards=g", 503)
        assert answer.json["error"]["message"] == "Search is not available at the moment."
        assert caplog.text.count("the search server has no whole answer") == 1
        other.daemon.start()
        assert await everything(running, text="common", boards="g") == all_posts("g")


async def test_hosts_of_which_nothing_can_be_asked(hosts: tuple[Sphinx, Sphinx, Sphinx], archive: Stage) -> None:
    """FoolFuuka's configuration knows no index that tells how words are cut; plain words are found all the same."""
    front = hosts[2]
    plain = re.sub(
        rf"index {WORDS}\n\{{.*?\n\}}", "", (front.daemon.folder / "sphinx.conf").read_text("utf-8"), flags=re.S
    )
    front.daemon.stop()
    (front.daemon.folder / "sphinx.conf").write_text(plain, "utf-8")
    front.daemon.start()
    async with searching(archive, front.port) as running:
        statements = _recorded(running)
        assert await everything(running, text="common", boards="g") == all_posts("g")
        assert any('"common"' in each for each in statements)
        statements.clear()
        # Words that are too short for any index, and beginnings, are left to the comparison.
        assert await everything(running, text="7", boards="g") == [("g", 7, 0)]
        assert not any("MATCH" in each for each in statements)


async def test_foolfuukas_index_is_read_as_it_is(sphinx: Callable[..., Sphinx], archive: Stage) -> None:
    server = sphinx(lambda inside, port: foolfuuka_config(archive.place, ["g"], inside, port))
    async with searching(archive, server.port) as running:
        assert await everything(running, text="common", boards="g") == all_posts("g")


async def test_a_server_that_grants_fewer_matches(archive: Stage, server: Sphinx) -> None:
    """Sphinx before 2.2 has a limit of its own, which it tells."""
    async with searching(archive, server.port, max_matches=1000) as running:
        engine = running.archive._engine
        client = engine._close.__self__  # type: ignore[attr-defined]
        fetch = client.fetch

        async def granting(statement: str) -> Any:
            found = re.search("max_matches = ([0-9]+)", statement)
            if found and int(found[1]) > 50:
                said = f"per-query max_matches={found[1]} out of bounds (per-server max_matches=50)"
                raise Unavailable("Search is not available at the moment.") from Exception(said)
            return await fetch(statement)

        client.fetch = granting
        query = read_query({"text": "common", "boards": "g"}.items(), ["g"]).query
        found = await running.archive.search(query, limit=250)
        assert len(found.posts) == len(all_posts("g"))
