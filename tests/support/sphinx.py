"""Private Sphinx servers for tests, with indexes by `koiwai sphinx-config` or in FoolFuuka's layout."""

import json
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import pymysql

from tests.support.daemon import Daemon, find_program, free_port, make_folder, run_as, write_file
from tests.support.databases import Place
from tests.support.process import surroundings

ADVICE = "Sphinx is not installed; install sphinxsearch"

Write = Callable[[Path, int], str]
"""Makes a configuration for a folder and a port."""


@dataclass
class Sphinx:
    """A running searchd on ``port`` of 127.0.0.1. ``close`` ends it and removes its folder."""

    port: int
    daemon: Daemon
    programs: dict[str, Path] = field(default_factory=dict)

    @property
    def log(self) -> str:
        return (self.daemon.folder / "searchd.log").read_text("utf-8", errors="replace")

    def index(self, *names: str) -> None:
        """Makes indexes anew, as cron does, while the server runs; returns when it has taken them over."""
        arguments = [
            "--config",
            self.daemon.folder / "sphinx.conf",
            "--rotate",
            "--sighup-each",
            *(names or ("--all",)),
        ]
        before = self.log.count("rotating index: all indexes done")
        run_as(None, [self.programs["indexer"], *arguments], self.daemon.folder)
        self.daemon.wait_until(lambda: self.log.count("rotating index: all indexes done") > before)

    def ask(self, statement: str) -> list[tuple[Any, ...]]:
        """What it answers to SphinxQL."""
        with self.asking() as ask:
            return ask(statement)

    @contextmanager
    def asking(self) -> Iterator[Callable[[str], list[tuple[Any, ...]]]]:
        """`ask` for many statements: all of them by one connection."""
        connected = pymysql.connect(host="127.0.0.1", port=self.port, charset="utf8mb4")
        with closing(connected) as connection, connection.cursor() as cursor:

            def ask(statement: str) -> list[tuple[Any, ...]]:
                cursor.execute(statement)
                return list(cursor.fetchall())

            yield ask

    def close(self) -> None:
        self.daemon.close()


def start_sphinx(write: Write, port: int | None = None) -> Sphinx:
    """Start a searchd in a new folder, with its indexes made; raises MissingServer, ServerFailed."""
    programs = {name: find_program(name, ADVICE) for name in ("searchd", "indexer")}
    port, folder = port or free_port(), make_folder("koiwai-sx", None, None)
    try:
        text = write(folder, port)
    except BaseException:
        shutil.rmtree(folder)  # no daemon removes it yet
        raise
    settings = write_file(folder / "sphinx.conf", text, None)

    def probe() -> None:
        socket.create_connection(("127.0.0.1", port), timeout=5).close()

    searchd = [programs["searchd"], "--config", settings, "--nodetach"]
    indexer = [programs["indexer"], "--config", settings, "--all"] if "source " in text else None
    daemon = Daemon(searchd, folder, None, signal.SIGTERM, probe, (OSError,))
    daemon.first_start(indexer)
    return Sphinx(port, daemon, programs)


def listening(port: int) -> str:
    """The option `--listen` for a server that a test asks."""
    return f"127.0.0.1:{port}:mysql41"


def configured(place: Place, home: Path, boards: Iterable[str], *options: str) -> str:
    """What `koiwai sphinx-config` prints for boards of a database; `home` is where its settings are put."""
    home.mkdir(exist_ok=True)
    table = "".join(f"{key} = {json.dumps(value)}\n" for key, value in place.table.items())
    (home / "config.toml").write_text(f'[db]\ndb_type = "{place.kind}"\n[db.{place.kind}]\n{table}', "utf-8")
    (home / "boards.toml").write_text("".join(f'[boards."{name}"]\nclock = "utc"\n' for name in boards), "utf-8")
    done = subprocess.run(
        [sys.executable, "-W", "error", "-m", "app", "sphinx-config", "--with-password", *options],
        cwd=home,
        env=surroundings(),
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    return done.stdout


def _spans(*spans: tuple[int, int]) -> Iterable[int]:
    return (code for first, last in spans for code in range(first, last + 1))


def _letters() -> dict[str, str]:
    """What FoolFuuka's charset_table comes to: ASCII and _, Russian, accents taken off some letters, and Chinese and
    Japanese characters as parts of words. All else stands between words."""
    found = {chr(code): chr(code).lower() for code in _spans((0x30, 0x39), (0x41, 0x5A), (0x61, 0x7A), (0x410, 0x44F))}
    found["_"] = "_"
    for plain, accented in (("a", "ÀÁÂÃàáâã"), ("c", "Çç"), ("e", "ÈÉÊËèéêë"), ("i", "ÌÍÎÏìíîï"), ("o", "ÒÓÔÕòóôõ")):
        found |= dict.fromkeys(accented, plain)
    found |= dict.fromkeys("ÙÚÛùúû", "u") | dict.fromkeys("Şş", "s") | dict.fromkeys("ÿŸ", "y")
    found |= {chr(code): chr(code) for code in _spans((0x3000, 0x30FF), (0x3400, 0x4DBF), (0x4E00, 0x9FCF))}
    for code in _spans((0xFF10, 0xFF19), (0xFF21, 0xFF3A), (0xFF41, 0xFF5A)):
        found[chr(code)] = chr(code - 0xFEE0).lower()
    return found


def _charset(letters: Mapping[str, str]) -> Iterator[str]:
    """Runs of characters that are folded alike, since a value may not be endless."""
    ordered = sorted((ord(c), ord(to)) for c, to in letters.items())
    for _, group in groupby(enumerate(ordered), lambda each: (each[1][0] - each[0], each[1][1] - each[1][0])):
        run = [pair for _, pair in group]
        (first, to), (last, last_to) = run[0], run[-1]
        yield f"U+{first:X}..U+{last:X}->U+{to:X}..U+{last_to:X}"


FOOLFUUKA_LETTERS: Final = MappingProxyType(_letters())
"""The characters of words in FoolFuuka's index, with what they are folded to."""

FOOLFUUKA_PREFIX: Final = 3

_UINTS = ("num", "subnum", "tnum", "cap", "board", "mid", "pip")
_BOOLS = ("has_image", "is_internal", "is_spoiler", "is_deleted", "is_sticky", "is_op")


def foolfuuka_config(place: Place, boards: Sequence[str], folder: Path, port: int) -> str:
    """Three indexes a board, one after the other by doc_id, in FoolFuuka's conventions; its counters stand for
    themselves. Some rows stand in two indexes."""
    assert place.kind == "mysql" and place.server is not None
    given = place.server.connect_kwargs(place.name)
    charset = ", \\\n".join(_charset(FOOLFUUKA_LETTERS))
    parts = [
        "source main\n{\n"
        f"type = mysql\nsql_host = {given['host']}\nsql_port = {given['port']}\nsql_user = {given['user']}\n"
        f"sql_pass = {given['password']}\nsql_db = {given['db']}\nsql_query_pre = SET NAMES utf8mb4\n"
        "sql_range_step = 10000\n"
        + "".join(f"sql_attr_uint = {name}\n" for name in _UINTS)
        + "".join(f"sql_attr_bool = {name}\n" for name in _BOOLS)
        + "sql_attr_timestamp = timestamp\n}\n",
    ]
    for number, board in enumerate(boards, 1):
        table = f"`{board}`"
        select = (
            f"SELECT doc_id, {number} AS board, timestamp, thread_num AS tnum, num, subnum, name, trip, email, title, "
            "comment, 0 AS mid, media_filename, media_hash, 0 AS pip, poster_hash AS pid, poster_country AS country, "
            "ASCII(capcode) AS cap, (subnum != 0) AS is_internal, spoiler AS is_spoiler, deleted AS is_deleted, "
            "sticky AS is_sticky, (num = thread_num) AS is_op, "
            "(media_filename != '' AND media_filename IS NOT NULL) AS has_image "
            f"FROM {table} WHERE doc_id >= $start AND doc_id <= $end"
        )
        for part, first, last in (
            ("main", "10", "30"),
            ("ancient", f"(SELECT MIN(doc_id) FROM {table})", "15"),
            ("delta", "25", f"(SELECT MAX(doc_id) FROM {table})"),
        ):
            settings = ("", "")
            if part == "main":
                settings = (f"charset_table = {charset}", f"min_prefix_len = {FOOLFUUKA_PREFIX}\nmin_word_len = 1")
            parent = ("main", "") if part == "main" else (f"{board}_main", f" : {board}_main")
            parts += [
                f"source {board}_{part} : {parent[0]}\n{{",
                f"sql_query = {select}\nsql_query_range = SELECT {first}, {last}\n}}",
                f"index {board}_{part}{parent[1]}\n{{\nsource = {board}_{part}\npath = {folder}/{board}_{part}",
                *settings,
                "}",
            ]
    parts.append(
        f"searchd\n{{\nlisten = 127.0.0.1:{port}:mysql41\nlog = {folder}/searchd.log\npid_file = {folder}/searchd.pid\n"
        "workers = threads\nbinlog_path =\n}\n"
    )
    return "\n".join(parts)
