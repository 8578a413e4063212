"""Archives served by the command for the programs of `clients`, each with a file on disk for every picture."""

import asyncio
import html
import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from msgspec import Struct

from tests.support import genuine
from tests.support.daemon import free_port
from tests.support.genuine import GENUINE, Contents, Genuine
from tests.support.process import READY, running

_STARTS = {"jpg": b"\xff\xd8\xff\xe0", "png": b"\x89PNG\r\n\x1a\n", "gif": b"GIF89a", "webm": b"\x1a\x45\xdf\xa3"}
"""How files of a kind begin: some programs name a file anew whose contents are of another kind."""


@contextmanager
def serving(
    folder: Path, kind: str, table: Mapping[str, Any], boards: Mapping[str, Mapping[str, Any]], media: Path
) -> Iterator[str]:
    """Serves a database with the command; gives the address, without a slash at the end.

    `table` is what stands in the `[db.…]` table of the kind, `boards` what stands in boards.toml.
    """
    tables = {"db": {"db_type": kind}, f"db.{kind}": table, "media": {"root": media}}
    (folder / "config.toml").write_text(_toml(tables), "utf-8")
    (folder / "boards.toml").write_text(_toml({f'boards."{name}"': keys for name, keys in boards.items()}), "utf-8")
    # Nobody reads what it writes, so it must not write much.
    with running(folder, "serve", "--port", str(free_port()), KOIWAI_LOG__REQUESTS="false") as koiwai:
        yield f"http://127.0.0.1:{koiwai.until(READY)[1]}"


def _toml(tables: Mapping[str, Mapping[str, Any]]) -> str:
    """Strings and numbers look the same in TOML and JSON."""
    lines = []
    for name, keys in tables.items():
        values = {key: str(value) if isinstance(value, Path) else value for key, value in keys.items()}
        lines += [f"[{name}]", *(f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in values.items())]
    return "\n".join(lines) + "\n"


class Picture(Struct, frozen=True):
    """A picture of a post."""

    board: str
    original: str
    """What it was called on the live site, which is a time and an extension."""
    filename: str
    """What it was called by who posted it; where that is not stored, `original`."""
    stored: str
    """What it is called on disk."""

    @property
    def contents(self) -> bytes:
        """Invented, and no two files have the same."""
        return _STARTS.get(self.stored.rpartition(".")[2], b"") + f"{self.board}/{self.stored}".encode()

    def save(self, media: Path) -> None:
        folder = media / self.board / "image" / self.stored[:4] / self.stored[4:6]
        folder.mkdir(parents=True, exist_ok=True)
        (folder / self.stored).write_bytes(self.contents)


class Posted(Struct, frozen=True):
    """What the tests need of a stored post."""

    num: int
    subnum: int
    thread_num: int
    title: str | None
    picture: Picture | None

    @property
    def op(self) -> bool:
        return self.num == self.thread_num and not self.subnum


class Archive(Struct, frozen=True):
    """A genuine archive that is being served."""

    base: str
    name: str
    posts: dict[str, list[Posted]]
    """By board, in the order of the numbers. They come straight from the tables, by no code of the program's."""
    true: dict[str, Any]
    """What truth.json says of it."""

    @property
    def main(self) -> str:
        """The board with the most posts."""
        return max(self.posts, key=lambda board: len(self.posts[board]))

    def thread(self, board: str, num: int) -> list[Posted]:
        return [post for post in self.posts[board] if post.thread_num == num]

    def threads(self, board: str) -> dict[int, list[Posted]]:
        found: dict[int, list[Posted]] = {}
        for post in self.posts[board]:
            found.setdefault(post.thread_num, []).append(post)
        return found

    def telling(self, board: str, pictures: int = 25) -> int:
        """A thread of about that many pictures."""
        threads = self.threads(board)
        return min(threads, key=lambda num: abs(len(pictures_of(threads[num])) - pictures))


def pictures_of(posts: list[Posted]) -> list[Picture]:
    return [post.picture for post in posts if post.picture is not None]


@contextmanager
def serving_genuine(request: pytest.FixtureRequest, name: str, packed: Path, folder: Path) -> Iterator[Archive]:
    """A genuine archive on the kind of database that its writer used."""
    archive = next(archive for archive in GENUINE if archive.name == name)
    true = json.loads((packed / "truth.json").read_text("utf-8"))["archives"][name]
    with _loaded(request, archive, packed / archive.file, folder) as (table, contents):
        posts = {board: _posts(board, contents, archive.writer) for board in true["boards"]}
        media = folder / "media"
        for picture in {picture for found in posts.values() for picture in pictures_of(found)}:
            picture.save(media)
        comments = "html" if archive.writer == "vichan" else "bbcode"
        boards = {board: {"comments": comments} for board in posts}
        with serving(folder, archive.kind, table, boards, media) as base:
            yield Archive(base, name, posts, true)


@contextmanager
def _loaded(
    request: pytest.FixtureRequest, archive: Genuine, packed: Path, folder: Path
) -> Iterator[tuple[dict[str, Any], dict[str, Contents]]]:
    """The table of config.toml that leads to the archive's database, and all that it holds."""
    if archive.kind == "sqlite":
        file = folder / "archive.db"
        genuine.unpack_sqlite(packed, file)
        yield {"database": file}, genuine.read_sqlite(file)
        return
    server: Any = request.getfixturevalue(f"{archive.kind}_server")
    with server.fresh_database() as name:
        if archive.kind == "mysql":
            genuine.load_dump_mysql(packed, server, name)
            contents = genuine.read_mysql(server, name)
        else:
            asyncio.run(genuine.load_dump_postgresql(packed, server, name))
            contents = asyncio.run(genuine.read_postgresql(server, name))
        yield server.settings_table(name), contents


def _posts(board: str, contents: dict[str, Contents], writer: str) -> list[Posted]:
    rows = _dicts(contents[board])
    # These writers keep one file for all posts with the same picture, the others one for each post.
    shares = writer in {"neofuuka", "asagi"}
    shared = {row["media_id"]: row["media"] for row in _dicts(contents[f"{board}_images"])} if shares else {}
    found = []
    for row in sorted(rows, key=lambda row: (row["num"], row["subnum"])):
        picture, original = None, row["media_orig"]
        if original:
            filename = html.unescape(row["media_filename"] or "") or original
            picture = Picture(board, original, filename, shared.get(row["media_id"]) or original)
            assert re.fullmatch(r"[0-9]{10,}[-0-9]*\.\w+", picture.stored), picture
        found.append(Posted(row["num"], row["subnum"], row["thread_num"], row["title"], picture))
    return found


def _dicts(contents: Contents) -> list[dict[str, Any]]:
    return [dict(zip(contents.columns, row, strict=True)) for row in contents.rows]
