"""Indexes of boards, made as `koiwai index` makes them."""

import asyncio

from app.archive import Archive
from app.engines.tantivy.shelf import folder_of
from app.engines.tantivy.snapshot import basis_of
from app.indexing.building import Build
from app.indexing.generations import generation
from app.settings import Settings


def index_boards(settings: Settings) -> None:
    """Indexes all boards of the settings in their folder `[app] state`."""
    asyncio.run(indexed(settings))


async def indexed(settings: Settings) -> None:
    archive = Archive(settings)
    await archive.open()
    try:
        for name in archive.boards:
            board = archive.board(name)
            ours = generation(folder_of(settings.app.state, name), basis_of(board))
            build = Build(board, ours)
            try:
                await build.catch_up()
            finally:
                build.close()
            ours.take_over()
    finally:
        await archive.close()
