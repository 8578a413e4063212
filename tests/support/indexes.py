"""Indexes of boards, made as `koiwai index` makes them, and what is really in them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import tantivy
from click.testing import CliRunner, Result
from msgspec.structs import replace
from tantivy import Query

from app import create_app
from app.archive import Archive
from app.cli import main
from app.db.pieces import Stride
from app.engines.tantivy.shelf import current_index, folder_of
from app.engines.tantivy.snapshot import Kept, basis_of, open_index, read_kept
from app.indexing.building import Build
from app.indexing.generations import finished, generation
from app.indexing.rereading import Changes, reread
from app.indexing.verifying import Verdict, verify
from app.model import PostId
from app.settings import AppSettings, SearchSettings, Settings
from tests.support.stage import Running, Stage


def index_boards(settings: Settings) -> None:
    """Indexes all boards of the settings in their folder `[app] state`."""
    asyncio.run(indexed(settings))


async def indexed(settings: Settings) -> None:
    archive = Archive(settings)
    await archive.open()
    try:
        for name in archive.boards:
            await updated(archive, name)
    finally:
        await archive.close()


async def updated(
    archive: Archive,
    name: str = "g",
    *,
    rebuild: bool = False,
    following: bool = False,
    now: int = 1_000_000,
    stride: Stride | None = None,
) -> tuple[int, Changes]:
    """One run of the command over a board: how many posts it added, and what it put right."""
    board = archive.board(name)
    ours = generation(folder_of(archive.settings.app.state, name), basis_of(board), rebuild=rebuild)
    build = Build(board, ours, stride=stride)
    try:
        fresh = not build.kept.complete
        added = await build.catch_up()
        changes = Changes() if fresh else await reread(build, now=now, thoroughly=not following)
    finally:
        build.close()
    ours.take_over()
    return added, changes


async def judged(archive: Archive, name: str = "g") -> Verdict:
    """How an index compares with the archive, by the command's own judgement."""
    board = archive.board(name)
    return await verify(board, finished(folder_of(archive.settings.app.state, name), basis_of(board)))


def settings_over(stage: Stage, state: Path, engine: Any = "auto") -> Settings:
    return Settings(
        db=stage.place.settings(),
        app=AppSettings(state=state),
        boards=stage.boards,
        search=SearchSettings(engine=engine),
    )


@asynccontextmanager
async def archive_of(stage: Stage, state: Path) -> AsyncIterator[Archive]:
    """The archive of a stage, whose indexes are in the folder."""
    archive = Archive(settings_over(stage, state))
    await archive.open()
    try:
        yield archive
    finally:
        await archive.close()


@asynccontextmanager
async def app_of(stage: Stage, state: Path, engine: str = "auto") -> AsyncIterator[Running]:
    """The app over a stage, which searches the indexes in the folder."""
    app = create_app(settings_over(stage, state, engine))
    async with app.test_app():
        yield Running(app)


async def asked(running: Running, words: str, status: int = 200, **more: str) -> Any:
    """What the API answers to a search."""
    pairs = urlencode({"boards": "g", **({"text": words} if words else {}), **more})
    return (await running.ask(f"/api/v1/search?{pairs}", status)).json


async def numbers_found(running: Running, words: str, **more: str) -> list[int]:
    return sorted(hit["post"]["num"] for hit in (await asked(running, words, **{"limit": "100", **more}))["hits"])


# what is in an index, told without `app.indexing`


def opened_index(state: Path, board: str = "g") -> tuple[tantivy.Index, tantivy.Searcher]:
    path = current_index(folder_of(state, board))
    assert path is not None
    index = open_index(path)
    return index, index.searcher()


def kept_in(state: Path, board: str = "g") -> Kept:
    index, searcher = opened_index(state, board)
    return read_kept(index.schema, searcher)


def posts_in(state: Path, board: str = "g") -> list[PostId]:
    """The posts of an index in order, each as often as it is there."""
    _, searcher = opened_index(state, board)
    hits = searcher.search(Query.all_query(), limit=searcher.num_docs, count=False).hits
    places = searcher.fast_field_values("place", [address for _, address in hits])
    return sorted(PostId(place >> 31, place & (2**31 - 1)) for place in places if place is not None)


def words_in(state: Path, word: str, board: str = "g") -> list[int]:
    """The numbers of the posts whose comment has a word."""
    index, searcher = opened_index(state, board)
    query = Query.term_query(index.schema, "text", word)
    hits = searcher.search(query, limit=searcher.num_docs, count=False, order_by_field="place").hits
    return sorted(place >> 31 for place, _ in hits)


def write_kept(path: Path, kept: Kept | str) -> None:
    """Has an index say something else of itself."""
    index = tantivy.Index.open(str(path))
    writer = index.writer(15_000_000, 1)
    writer.delete_documents_by_term("facts", "kept")
    document = tantivy.Document()
    said = kept if isinstance(kept, str) else json.dumps({name: getattr(kept, name) for name in kept.__struct_fields__})
    document.add_text("kept", said)
    document.add_text("facts", "kept")
    writer.add_document(document)
    writer.commit()
    writer.wait_merging_threads()


def on_another_basis(path: Path) -> None:
    index = open_index(path)
    write_kept(path, replace(read_kept(index.schema, index.searcher()), basis="0 of long ago"))


# the command


def command_folder(stage: Stage, folder: Path) -> Path:
    """A folder in which the command finds the stage. State is in `var` there."""
    folder.mkdir(exist_ok=True)
    (folder / "media").mkdir(exist_ok=True)
    kind = stage.place.kind
    lines = [f'[db]\ndb_type = "{kind}"\n[db.{kind}]']
    lines += [
        f"{name} = {value if isinstance(value, int) else json.dumps(str(value))}"
        for name, value in stage.place.table.items()
    ]
    (folder / "config.toml").write_text("\n".join(lines) + "\n[log]\nrequests = false\n", "utf-8")
    boards = (f'[boards.{name}]\nclock = "{each.clock}"\n' for name, each in stage.boards.items())
    (folder / "boards.toml").write_text("".join(boards), "utf-8")
    return folder


def koiwai(*arguments: str) -> Result:
    """The command, in this process and folder."""
    result = CliRunner().invoke(main, arguments)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result
