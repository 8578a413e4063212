"""The command `koiwai search`: what it prints where, how it ends, and that nothing of a post steers a terminal."""

import asyncio
import json
import re
import shlex
import subprocess
from pathlib import Path
from typing import Any

import msgspec
import pytest
from click.testing import CliRunner, Result

from app import create_app
from app.cli import main
from app.demo.make import make_demo
from app.settings.file import load_settings
from tests.support.asgi import ask
from tests.support.daemon import free_port
from tests.support.process import command, surroundings, without_slow_steps
from tests.support.stage import Stage, stage

__all__ = ["stage"]

LINE = re.compile(r"/(\w+)/([0-9_]+) [0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2} UTC \S.*")


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the demo archive's settings."""
    return make_demo(tmp_path_factory.mktemp("searched") / "var", lambda line: None).config.parent


@pytest.fixture
def here(demo: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(demo)
    return demo


def koiwai(folder: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        command("search", *arguments),
        cwd=folder,
        env=surroundings(**variables),
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )
    done.stderr = without_slow_steps(done.stderr)
    return done


def searched(*arguments: str) -> Result:
    result = CliRunner().invoke(main, ["search", *arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def posts(lines: str) -> list[tuple[str, str]]:
    found = [LINE.fullmatch(line) for line in lines.splitlines()]
    assert all(found), lines
    return [(match[1], match[2]) for match in found if match]


def test_hits_on_one_stream_and_what_was_searched_on_the_other(here: Path) -> None:
    first = koiwai(here, "router", "--board", "g", "--limit", "3")
    assert first.returncode == 0
    assert len(posts(first.stdout)) == 3 and {board for board, _ in posts(first.stdout)} == {"g"}
    assert all("router" in line.lower() for line in first.stdout.splitlines())
    what, onward = first.stderr.splitlines()
    found = re.fullmatch(
        r"Posts on /g/ - Technology with “router” in the comment: ([0-9]+) posts found\. All of it was searched\.", what
    )
    assert found and int(found[1]) > 6
    program, name, *arguments = shlex.split(onward.removeprefix("Go on with: "))
    assert (program, name) == ("koiwai", "search")
    second = searched(*arguments)
    whole = searched("router", "boards=g", "--limit", "6")
    assert posts(whole.stdout) == posts(first.stdout) + posts(second.stdout)


def test_words_and_fields(here: Path) -> None:
    phrase = searched("--limit", "250", 'text="update at"', "boards=g")
    words = searched("--limit", "250", "update", "at", "boards=g")
    without = searched("--limit", "250", "boards=g", "--", '"update at"', "-router")
    assert 0 < len(posts(without.stdout)) < len(posts(phrase.stdout)) < len(posts(words.stdout))
    oldest = searched("--limit", "250", 'text="update at"', "boards=g", "order=asc")
    assert posts(oldest.stdout) == posts(phrase.stdout)[::-1]
    several = searched("--limit", "250", "file=with", "--board", "g", "--board", "ck")
    assert {board for board, _ in posts(several.stdout)} == {"g", "ck"}
    none = searched("zzqx")
    assert (none.exit_code, none.stdout) == (1, "")
    assert none.stderr == "Posts on all boards with “zzqx” in the comment: No posts found. All of it was searched.\n"


def test_json_is_what_the_api_answers(here: Path) -> None:
    async def answered(target: str) -> Any:
        app = create_app(load_settings({}, here))
        async with app.test_app():
            return (await ask(app, target)).json

    printed = searched("router", "boards=g", "file=with", "--limit", "2", "--json")
    assert (printed.exit_code, printed.stderr) == (0, "")
    answer = asyncio.run(answered("/api/v1/search?text=router&boards=g&file=with&limit=2"))
    assert json.loads(printed.stdout) == answer and answer["hits"]
    none = searched("zzqx", "--json")
    assert none.exit_code == 1 and json.loads(none.stdout)["outcome"] == "nothing found"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["usernme=Bob"], 'no search field "usernme"'),
        (["router", "limit=5"], 'no search field "limit"'),
        (["boards=g", "order=asc"], "Nothing to search for"),
        (["width=wide"], '"width" (Width) must be a number'),
        (["router", "--board", "nothing"], 'a board "nothing" that this archive does not have'),
        (["router", "text=other"], '"text" (Comment) is given twice'),
        (["router", "--cursor", "x\x1b[31m"], '"cursor" is not a place'),
        (["cat | -dog"], "alternative"),
        (["caf\udce9"], r'"caf\udce9" is not UTF-8 text'),
        (["a\x00b"], "a character that no text can have"),
        (["a" * 5000], "at most 500 characters"),
    ],
)
def test_mistakes_are_one_line(here: Path, arguments: list[str], said: str) -> None:
    result = searched(*arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    (line,) = result.stderr.splitlines()
    assert line.startswith("Error: ") and said in line and line.endswith(".")
    assert "\x1b" not in line


def test_wrong_use(here: Path) -> None:
    for arguments in ([], ["router", "--limit", "251"], ["router", "--boards", "g"], ["cat", "-dog"]):
        result = searched(*arguments)
        assert (result.exit_code, result.stdout) == (2, "") and "Usage:" in result.stderr


def test_bytes_that_are_no_text(demo: Path) -> None:
    done = koiwai(demo, "caf\udce9")
    assert (done.returncode, done.stderr) == (2, 'Error: "caf\\udce9" is not UTF-8 text.\n')


def test_settings_that_are_wrong_and_a_database_that_is_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "config.toml").write_text('[db]\ndb_type = "sqlight"\n')
    result = searched("router")
    assert (result.exit_code, result.stdout) == (2, "") and "sqlight" in result.stderr
    (tmp_path / "boards.toml").write_text('[boards]\ng = "Technology"\n')
    (tmp_path / "config.toml").write_text('[db]\ndb_type = "sqlite"\n[db.sqlite]\ndatabase = "missing.db"\n')
    result = searched("router")
    assert result.exit_code == 2 and len(result.stderr.splitlines()) == 1 and "missing.db" in result.stderr
    (tmp_path / "config.toml").write_text(
        f'[db]\ndb_type = "postgresql"\n[db.postgresql]\nhost = "127.0.0.1"\nport = {free_port()}\n'
        'database = "archive"\nuser = "reader"\npassword = "secret of the archive"\n'
    )
    away = searched("router")
    assert (away.exit_code, away.stdout) == (75, "")
    (line,) = away.stderr.splitlines()
    assert line.startswith("Error: The archive cannot be opened: ") and "secret" not in line


def test_a_reader_that_has_gone_and_a_full_disk(demo: Path) -> None:
    with subprocess.Popen(
        command("search", "the", "--limit", "250"),
        cwd=demo,
        env=surroundings(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None and process.stderr is not None
        process.stdout.close()
        assert without_slow_steps(process.stderr.read()) == ""
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            command("search", "the"),
            cwd=demo,
            env=surroundings(),
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert done.returncode == 2
    assert without_slow_steps(done.stderr) == "Error: Cannot write to standard output: No space left on device.\n"


def test_a_terminal_without_all_letters(demo: Path) -> None:
    done = koiwai(demo, "the", "boards=λ", PYTHONIOENCODING="latin-1")
    assert done.returncode == 0 and done.stdout.startswith("/\\u03bb/")


def test_nothing_of_a_post_steers_a_terminal(stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stage.board("g")
    stage.posts(
        {
            "num": 1,
            "thread_num": 1,
            "name": "A\x1b[31m\nB",
            "trip": "!x\r",
            "title": "\u202e\x07title",
            "comment": "one\x1b]0;x\x07\r\n\n[b]word[/b] \u2028two\x9b",
        }
    )
    stage.post(2, 1, comment=None, name="word", media_hash="x", media_orig="1.png", media_filename="a\nb.png")
    table = stage.place.settings()
    section = msgspec.to_builtins(getattr(table, stage.place.kind), enc_hook=str)
    lines = [f"{key} = {json.dumps(value)}" for key, value in section.items() if value not in (None, {}, [])]
    (tmp_path / "config.toml").write_text(
        "\n".join([f'[db]\ndb_type = "{stage.place.kind}"\n[db.{stage.place.kind}]', *lines, ""])
    )
    (tmp_path / "boards.toml").write_text('[boards.g]\nclock = "utc"\n[boards.ck]\n')
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("KOIWAI_APP__VALIDATE_BOARDS_DB", "false")
    result = searched("word")
    assert result.exit_code == 0
    (line,) = result.stdout.removesuffix("\n").split("\n")
    assert line.isprintable()
    assert line.startswith("/g/1 2022-07-12 12:00 UTC A") and "word two" in line and r"\x1b" in line
    assert result.stderr.endswith("\nNot searched, because not available: /ck/.\n")
    bare = searched("username=word").stdout
    assert bare == "/g/2 2022-07-12 12:00 UTC word  [a b.png]\n"
