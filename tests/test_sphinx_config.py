"""The command `koiwai sphinx-config`: what it prints, what it refuses, and that Sphinx reads the archive with it."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pymysql
import pytest
from click.testing import CliRunner, Result

from app.cli import main
from app.engines.sphinx.alphabet import Alphabet
from app.engines.sphinx.charset import charset_table, ngram_chars
from app.engines.sphinx.config import value
from app.engines.sphinx.naming import index_names
from tests.support.daemon import ServerFailed, free_port, run_as
from tests.support.databases import Place, fresh_place
from tests.support.servers import Server
from tests.support.settings_files import problems
from tests.support.sphinx import Sphinx, configured, listening
from tests.support.stage import Stage

_LARGEST_VALUE = 32_000
"""Characters: Sphinx cuts off a longer value of a file without a word."""


@pytest.fixture(scope="module", params=["mysql", "postgresql"])
def stage(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with fresh_place(request.param, request, tmp_path_factory.mktemp("archive")) as place:
        stage = Stage(place, tmp_path_factory.mktemp("media"))
        stage.board()
        stage.post(1, 1, comment="first post", capcode="M", deleted=1, spoiler=1, media_filename="cat.png", trip="!abc")
        stage.post(2, 1, comment="reply", title="Subject", sticky=1)
        stage.posts({"num": 2, "thread_num": 1, "subnum": 1, "comment": "ghost"})
        yield stage


def printed(folder: Path, config: str, *options: str, boards: str = '[boards.g]\nclock = "utc"\n') -> Result:
    """What the command does with some settings."""
    (folder / "config.toml").write_text(config, "utf-8")
    (folder / "boards.toml").write_text(boards, "utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        return CliRunner().invoke(main, ["sphinx-config", *options])


def test_sqlite_cannot_be_read(tmp_path: Path) -> None:
    result = printed(tmp_path, '[db]\ndb_type = "sqlite"\n')
    assert result.exit_code == 1
    assert result.stderr == 'Error: Sphinx cannot read SQLite. Use engine = "tantivy" or "sql" for this archive.\n'


def test_a_database_that_is_away(tmp_path: Path) -> None:
    result = printed(tmp_path, f'[db]\ndb_type = "mysql"\n[db.mysql]\nport = {free_port()}\n')
    assert result.exit_code == 75
    assert result.stdout == ""


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--host", "a b:1"), '"a b:1" must be a host and a port'),
        (("--host", "h:9312", "--part", "2"), "There is no host 2: --host names 1."),
        (("--folder", "/a\nb"), "cannot stand in a configuration of Sphinx"),
        (("--delta", "0"), "0 is not in the range"),
    ],
)
def test_options_that_make_no_sense(tmp_path: Path, options: tuple[str, ...], said: str) -> None:
    result = printed(tmp_path, '[db]\ndb_type = "mysql"\n', *options)
    assert result.exit_code == 2
    assert said in result.stderr


def test_what_sphinx_reads(stage: Stage, sphinx: Callable[..., Sphinx], tmp_path: Path) -> None:
    """FoolFuuka's names, with what stands in the tables."""
    server = sphinx(
        lambda inside, port: configured(
            stage.place, tmp_path / "home", ["g"], "--folder", str(inside), "--listen", listening(port)
        )
    )
    columns = dict(server.ask("DESCRIBE g_main"))
    fields = {name for name, kind in columns.items() if kind == "field"}
    assert fields == {"name", "trip", "email", "title", "comment", "media_filename", "media_hash", "pid", "country"}
    names = "num, subnum, tnum, cap, has_image, is_internal, is_spoiler, is_deleted, is_sticky, is_op, board, mid"
    assert columns.keys() - fields == {"id", "timestamp", *names.split(", ")}
    rows = server.ask(f"SELECT {names} FROM g_ancient ORDER BY num ASC, subnum ASC")
    assert [tuple(map(int, row)) for row in rows] == [
        (1, 0, 1, ord("M"), 1, 0, 1, 1, 0, 1, 1, 0),
        (2, 0, 1, ord("N"), 0, 0, 0, 0, 1, 0, 1, 0),
        (2, 1, 1, ord("N"), 0, 1, 0, 0, 0, 0, 1, 0),
    ]


def test_nothing_private_and_no_password_is_printed(stage: Stage, tmp_path: Path) -> None:
    text = configured(stage.place, tmp_path / "home", ["g"])
    assert not re.search("poster_ip|delpass|REPLACE|INSERT|UPDATE", text)
    password = str(stage.place.table["password"])
    assert f"sql_pass = {password}\n" in text
    home = tmp_path / "home"
    result = printed(home, (home / "config.toml").read_text("utf-8"))
    assert result.exit_code == 0, result.stderr
    assert result.stdout == text.replace(password, "PASSWORD")


def test_boards_that_are_named(stage: Stage, tmp_path: Path) -> None:
    stage.place.execute("CREATE TABLE IF NOT EXISTS po (num integer, thread_num integer)")
    text = configured(stage.place, tmp_path / "home", ["g", "po"], "--board", "po")
    assert re.findall(r"(?m)^index (\w+)", text) == ["koiwai_words", "po_ancient", "po_main", "po_delta"]
    home = tmp_path / "home"
    config, boards = ((home / name).read_text("utf-8") for name in ("config.toml", "boards.toml"))
    result = printed(home, config, "--board", "x", boards=boards)
    assert (result.exit_code, result.stderr) == (1, "Error: There is no board x in boards.toml.\n")


def test_boards_that_would_have_the_same_indexes(stage: Stage, tmp_path: Path) -> None:
    names = ("λ", "U03BB")
    for name in names:
        stage.place.execute(f"CREATE TABLE IF NOT EXISTS {stage.place.quote(name)} (num integer, thread_num integer)")
    home = tmp_path / "home"
    configured(stage.place, home, ["λ"])
    boards = "".join(f'[boards."{name}"]\nclock = "utc"\n' for name in names)
    result = printed(home, (home / "config.toml").read_text("utf-8"), boards=boards)
    assert result.exit_code == 1
    assert result.stderr.endswith("Error: The boards λ and U03BB would have indexes of the same name.\n")


@pytest.mark.parametrize("kind", ["mysql", "postgresql"])
def test_hostile_names_and_passwords_of_the_database(
    kind: str, request: pytest.FixtureRequest, sphinx: Callable[..., Sphinx], tmp_path: Path
) -> None:
    """The indexer logs in with them, reads, and cannot write."""
    server: Server = request.getfixturevalue(f"{kind}_server")
    user, password = "ko#i", """p#a'"\\ =s{s}$start;#"""
    with fresh_place(kind, request, tmp_path) as place:
        stage = Stage(place, tmp_path)
        stage.board()
        stage.post(1, comment="reachable")
        quoted = "'" + password.replace("'", "''") + "'"
        if kind == "mysql":
            quoted = pymysql.converters.escape_string(password)
            place.execute(f"CREATE USER '{user}'@'%' IDENTIFIED BY '{quoted}'", f"GRANT SELECT ON *.* TO '{user}'@'%'")
        else:
            place.execute(f'CREATE USER "{user}" PASSWORD {quoted}', f'GRANT SELECT ON g TO "{user}"')
        try:
            table = {**place.table, "user": user, "password": password}
            read = Place(kind, table, server=server, name=place.name)
            running = sphinx(
                lambda inside, port: configured(
                    read, tmp_path / "home", ["g"], "--folder", str(inside), "--listen", listening(port)
                )
            )
            assert running.ask("SELECT num FROM g_ancient WHERE MATCH('reachable')") == [(1,)]
        finally:
            if kind == "postgresql":
                place.execute(f'REVOKE ALL ON g FROM "{user}"')
            place.execute(f"DROP USER '{user}'@'%'" if kind == "mysql" else f'DROP USER "{user}"')


@pytest.mark.parametrize("text", ["a\nb", " a", "a ", "a\\", "\0"])
def test_what_cannot_stand_in_a_file(text: str) -> None:
    with pytest.raises(ValueError, match="cannot stand"):
        value(text)


def test_the_indexer_only_reads(stage: Stage, sphinx: Callable[..., Sphinx], tmp_path: Path) -> None:
    """Statements that would write end the indexing."""
    server = sphinx(
        lambda inside, port: configured(
            stage.place, tmp_path / "home", ["g"], "--folder", str(inside), "--listen", listening(port)
        )
    )
    file = server.daemon.folder / "sphinx.conf"
    file.write_text(file.read_text("utf-8").replace("sql_range_step", "sql_query_pre = DELETE FROM g\n sql_range_step"))
    with pytest.raises(ServerFailed, match=r"(?i)read.only"):
        run_as(None, [server.programs["indexer"], "--config", file, "g_main", "--rotate"], server.daemon.folder)
    assert stage.place.execute("SELECT COUNT(*) FROM g") == [(3,)]


def test_all_letters_have_room_in_the_file() -> None:
    assert len(charset_table()) < _LARGEST_VALUE
    assert len(ngram_chars()) < _LARGEST_VALUE


async def test_an_index_of_ours_knows_all_words(stage: Stage, sphinx: Callable[..., Sphinx], tmp_path: Path) -> None:
    server = sphinx(
        lambda inside, port: configured(
            stage.place, tmp_path / "home", ["g"], "--folder", str(inside), "--listen", listening(port)
        )
    )

    async def ask(text: str) -> list[str]:
        return [str(row[1]) for row in server.ask(f"CALL KEYWORDS('{text}', 'koiwai_words')")]

    alphabet = Alphabet(ask, shortest_prefix=2)
    parts = ["cat", "привет", "straße", "हिन्दी", "猫が", "c++", "\U0001fbf9", "ᲀ", "my_cat", "x"]
    await alphabet.learn(parts)
    assert [alphabet.keywords(part, goes_on=False) for part in parts] == [
        ['"cat"'],
        ['"привет"'],
        ['"straße"'],
        ['"हिन्दी"'],
        ['"猫"', '"が"'],
        ['"c"'],
        ['"\U0001fbf9"'],
        ['"ᲀ"'],
        ['"my"', '"cat"'],
        ['"x"'],
    ]
    assert alphabet.keywords("x", goes_on=True) == []
    assert alphabet.keywords("a-ca", goes_on=True) == ['"a"', '"ca*"']
    assert alphabet.keywords("x" * 43, goes_on=False) == []


async def test_letters_that_an_index_tells_apart() -> None:
    """An index may know a letter in one of its cases only, or drop characters, or make several of one."""

    async def ask(text: str) -> list[str]:
        for old, new in (("é", " "), ("Я", "я"), ("\u00ad", ""), ("ß", "ss"), ("ẞ", "ss"), ("猫", " 猫 ")):
            text = text.replace(old, new)
        text = "".join(c.lower() if c.isascii() else c for c in text)
        return [word for word in text.split() if len(word) > 1 or not word.isascii()]

    alphabet = Alphabet(ask, shortest_prefix=None)
    parts = ["é", "яé", "яя", "ca\u00adt", "straße", "x猫", "xx", "x", "caé"]
    await alphabet.learn(parts)
    assert [alphabet.keywords(part, goes_on=False) for part in parts] == [
        [],
        [],
        ['"яя"'],
        [],
        ['"strasse"'],
        ['"猫"'],
        ['"xx"'],
        [],
        [],
    ]
    assert alphabet.keywords("xxx", goes_on=True) == []


def test_names_of_indexes() -> None:
    assert index_names("{board}_main, b_{board}", "g") == ["g_main", "b_g"]
    assert index_names("{board}_main", "a-λ") == ["au002du03bb_main"]


@pytest.mark.parametrize("names", ["g_main", "{board}_main, x", "{board};x", "{board} x", "{board}, "])
def test_names_of_indexes_that_make_no_sense(tmp_path: Path, names: str) -> None:
    (line,) = problems(tmp_path, f'[search.sphinx]\nindexes = "{names}"\n')
    assert "indexes must be names of letters, digits and _ with {board} in each" in line
