"""Genuine archives, each in its own kind of database: `koiwai stats` counts what truth.json says."""

import json
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from app.archive import Archive
from app.settings import BoardSettings
from app.stats.computing import Stride, compute
from tests.support.genuine import GENUINE, Genuine, load_dump_mysql, load_dump_postgresql, unpack_sqlite
from tests.support.reader import settings_for


@asynccontextmanager
async def opened(
    archive: Genuine, packed: Path, boards: list[str], request: pytest.FixtureRequest, folder: Path
) -> AsyncIterator[Archive]:
    with ExitStack() as stack:
        place: Any = folder / "archive.db"
        if archive.kind == "sqlite":
            unpack_sqlite(packed / archive.file, place)
        else:
            server = request.getfixturevalue(f"{archive.kind}_server")
            name = stack.enter_context(server.fresh_database())
            if archive.kind == "mysql":
                load_dump_mysql(packed / archive.file, server, name)
            else:
                await load_dump_postgresql(packed / archive.file, server, name)
            place = dict(server.settings_table(name))
        comments = "html" if archive.writer == "vichan" else "bbcode"
        settings = settings_for(archive.kind, place, {board: BoardSettings(comments=comments) for board in boards})
        found = Archive(settings)
        await found.open()
        try:
            yield found
        finally:
            await found.close()


@pytest.mark.parametrize("archive", GENUINE, ids=lambda archive: archive.name)
async def test_sums(archive: Genuine, genuine_archives: Path, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    truth = json.loads((genuine_archives / "truth.json").read_text())["archives"][archive.name]["boards"]
    async with opened(archive, genuine_archives, list(truth), request, tmp_path) as reading:
        for name, true in truth.items():
            found = await compute(reading.board(name), tmp_path, "Anonymous", stride=Stride(rows=300, most=300))
            assert found.posts == true["posts_not_ghost"] == sum(day.posts for day in found.days)
            assert sum(day.images for day in found.days) == true["posts_with_image"]
            # There a post with a name and a tripcode counts as both, and ghost posts count too.
            trips, names = sum(day.trips for day in found.days), sum(day.names for day in found.days)
            assert trips <= true["trip_posts"] <= trips + true["ghosts"]
            assert names <= true["named_posts"] <= names + trips + true["ghosts"]
            assert found.since == true["first_utc"]
            assert found.until == true["last_utc"] or (true["ghosts"] and found.until < true["last_utc"])
            assert min(true["threads"], 200) == len(found.threads)
            largest = {thread.num: (thread.posts, thread.images, thread.subject) for thread in found.threads}
            for thread in true["newest_by_bump"]:
                posts, images, subject = largest[thread["thread_num"]]
                assert posts <= thread["posts"] <= posts + true["ghosts"] and images == thread["images"]
                assert thread["subject"] is None or subject == thread["subject"]
