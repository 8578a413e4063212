"""`koiwai check` tells the conventions of every writer, of invented and genuine archives, on all kinds of databases."""

import asyncio
import json
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import msgspec
import pytest

from app.check import BoardReport, Report, run
from app.check.words import WIDTH, in_words
from app.demo.model import DemoBoard
from app.demo.writers import WRITERS, Writer
from app.settings import AppSettings, MediaSettings, Settings
from tests.support import genuine
from tests.support.genuine import GENUINE, Contents, Genuine
from tests.support.reader import settings_for
from tests.support.shelf import KINDS, Shelf, shelf_of


@pytest.fixture
def shelf(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Shelf:
    return shelf_of(request, tmp_path_factory)


def checked(settings: Settings) -> Report:
    report = asyncio.run(run(settings))
    assert msgspec.json.decode(msgspec.json.encode(report), type=Report) == report
    for line in in_words(report, lambda word, level: word):
        assert len(line) <= WIDTH or "/" in line.split()[-1], line  # a path stays whole
    codes = {finding.code for finding in report.findings}
    assert not codes & {"statement-failed", "statement-timeout", "database-lost", "sample-skipped"}
    return report


def codes_of(report: Report, board: str) -> set[str]:
    return {finding.code for finding in report.findings if finding.board == board}


def everything_auto(settings: Settings, folder: Path) -> Settings:
    """Without what the operator has said about the boards, and with folders that are there."""
    return msgspec.structs.replace(
        settings,
        boards={},
        discover_boards=True,
        media=MediaSettings(root=folder),
        app=AppSettings(state=folder),
    )


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", WRITERS)
def test_conventions_of_invented_archives(
    name: str, kind: str, shelf: Shelf, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    loaded = shelf.get(request, name, kind)
    report = checked(everything_auto(loaded.settings, tmp_path))
    assert {board.name for board in report.boards} >= {board.name for board in loaded.boards}
    for board in loaded.boards:
        found = next(report_of for report_of in report.boards if report_of.name == board.name)
        _is_as(loaded.writer, board, found)
        codes = codes_of(report, board.name)
        assert ("table-threads" in codes) == ("_threads" not in loaded.writer.suffixes)
        assert ("table-images" in codes) == ("_images" not in loaded.writer.suffixes)
        assert ("comments-differ" in codes) == loaded.writer.html
        assert ("column-locked" in codes) == (not loaded.writer.locked_column)
        assert ("index-media-hash" in codes) == loaded.writer.loose


def _is_as(writer: Writer, board: DemoBoard, found: BoardReport) -> None:
    conventions = found.conventions
    if writer.clock != "switched" or board.name == "g":  # small boards have too few files around the change
        assert conventions.clock == ("new_york" if writer.clock == "new_york" else "utc"), found
        assert (conventions.clock_switch_num is not None) == (writer.clock == "switched"), found
    assert conventions.clock_source == "file names"
    assert conventions.comments == ("html" if writer.html else "bbcode"), found
    if "_threads" in writer.suffixes:
        counted = "with_op" if writer.counts_op else "without_op"
        assert conventions.nreplies == counted, found
        assert conventions.nimages in (counted, None), found
    else:
        assert conventions.nreplies is None
    assert conventions.media == ("shared" if writer.dedup else "own"), found
    told = "escaped" if writer.escaped_filename else "plain"
    assert conventions.file_names in (told, None)
    if board.name == "g":
        assert conventions.file_names == told
    rows = len(writer.posts(board))
    assert found.posts is not None and 0.5 * rows <= found.posts <= 2 * rows + 10


NO_BOARDS = {"index_counters"}
"""A side table that the carrying over makes an empty board of."""

# What truth.json says in words, by writer.
_TRUTH = {
    "neofuuka": ("new_york", "with_op", "with_op", "shared", "escaped", "bbcode"),
    "ritual": ("utc", "without_op", "without_op", "own", "plain", "bbcode"),
    "asagi": ("new_york", "with_op", "with_op", "shared", "escaped", "bbcode"),
    "vichan": ("utc", "without_op", "without_op", "own", None, "html"),
    "oldasagi": ("new_york", "with_op", "with_op", "own", "escaped", "bbcode"),
}


@pytest.mark.parametrize("archive", GENUINE, ids=lambda archive: archive.name)
def test_conventions_of_genuine_archives(
    archive: Genuine, genuine_archives: Path, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    truth = json.loads((genuine_archives / "truth.json").read_text())["archives"][archive.name]
    clock, nreplies, nimages, media, file_names, comments = _TRUTH[archive.writer]
    assert (truth["clock"] == "UTC") == (clock == "utc")
    for kind, settings in _on_all_kinds(archive, genuine_archives, request, tmp_path):
        report = checked(everything_auto(settings, tmp_path))
        assert {board.name for board in report.boards} - NO_BOARDS == set(truth["boards"]), kind
        for board in report.boards:
            if board.name in NO_BOARDS:
                continue
            found, true = board.conventions, truth["boards"][board.name]
            assert (found.clock, found.clock_switch_num) == (clock, None), (kind, board)
            assert (found.nreplies, found.media, found.comments) == (nreplies, media, comments), (kind, board)
            assert found.nimages in (nimages, None), (kind, board)
            assert found.file_names in (file_names, None), (kind, board)
            assert board.newest_num == true["last_num"]
            assert board.posts is not None and 0.5 * true["posts"] <= board.posts <= 2 * true["posts"] + 10
        told = {board.conventions.file_names for board in report.boards}
        # The few names of the old archive that would be escaped are hostile ones, put there by hand.
        assert file_names in told or archive.writer == "oldasagi", kind


def _on_all_kinds(
    archive: Genuine, packed: Path, request: pytest.FixtureRequest, folder: Path
) -> Iterator[tuple[str, Settings]]:
    """The archive as it is, then its rows carried over to the two other kinds of databases."""
    with ExitStack() as stack:

        def fresh(kind: str) -> tuple[Any, str]:
            server = request.getfixturevalue(f"{kind}_server")
            return server, stack.enter_context(server.fresh_database())

        contents: dict[str, Contents]
        if archive.kind == "sqlite":
            file = folder / "archive.db"
            genuine.unpack_sqlite(packed / archive.file, file)
            contents = genuine.read_sqlite(file)
            yield "sqlite", settings_for("sqlite", file, {})
        else:
            file = folder / "carried.db"
            server, name = fresh(archive.kind)
            if archive.kind == "mysql":
                genuine.load_dump_mysql(packed / archive.file, server, name)
                contents = genuine.read_mysql(server, name)
            else:
                asyncio.run(genuine.load_dump_postgresql(packed / archive.file, server, name))
                contents = asyncio.run(genuine.read_postgresql(server, name))
            yield archive.kind, settings_for(archive.kind, server.settings_table(name), {})
            genuine.write_sqlite(file, contents, archive.writer)
            yield "sqlite", settings_for("sqlite", file, {})
        for kind in {"mysql", "postgresql"} - {archive.kind}:
            server, name = fresh(kind)
            write = genuine.write_mysql if kind == "mysql" else genuine.write_postgresql
            asyncio.run(write(server, name, contents, archive.writer))
            yield kind, settings_for(kind, server.settings_table(name), {})
