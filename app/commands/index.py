"""`koiwai index`: makes and keeps the indexes that searches are answered from, and goes on where it ended."""

from __future__ import annotations

import asyncio
import logging
import signal
import threading
from collections.abc import Callable, Sequence
from contextlib import closing, nullcontext
from functools import partial
from pathlib import Path
from typing import cast

import click
from msgspec.structs import replace

from app.archive import Archive
from app.board import Board
from app.commands.options import loaded_here, opened_archive, say
from app.commands.progress import AWAY, Progress, alone
from app.db.base import reason
from app.engines.tantivy.shelf import current_index, folder_of
from app.engines.tantivy.snapshot import basis_of
from app.errors import KoiwaiError, Unavailable
from app.indexing.apart import apart
from app.indexing.building import Build, now
from app.indexing.feeding import Readers, Task
from app.indexing.generations import CannotIndex, finished, generation, known_boards
from app.indexing.memory import prepare_memory
from app.indexing.rereading import Changes, reread
from app.indexing.status import status_line
from app.indexing.turns import Turn, by_turns
from app.indexing.verifying import Verdict, verify
from app.settings import Settings


@click.command()
@click.option("--board", "boards", metavar="NAME", multiple=True, help="Index this board; several may be named.")
@click.option("--follow", metavar="SECONDS", type=click.IntRange(1), help="Go on, looking for new posts so often.")
@click.option("--rebuild", is_flag=True, help="Make the index anew; the old one is searched until it is whole.")
@click.option("--verify", "verifying", is_flag=True, help="Compare the index with the archive, and change nothing.")
@click.option("--status", is_flag=True, help="Print what has been indexed, and change nothing.")
@click.pass_context
def index(
    context: click.Context,
    boards: Sequence[str],
    follow: int | None,
    *,
    rebuild: bool,
    verifying: bool,
    status: bool,
) -> None:
    """Indexes the posts of all boards, so that searches are quick.

    What is indexed already is kept: only new rows are read, and threads of the last days once more. It may be ended at
    any time, and goes on when it is started again. The status is 1 if a board could not be indexed or its index is
    not right, and 75 if trying again may help.
    """
    logging.getLogger("koiwai").addHandler(logging.NullHandler())  # what would be logged is told in a line here
    if sum((follow is not None, verifying, status)) > 1 or (rebuild and (verifying or status)):
        raise click.UsageError("--follow, --verify and --status do not go together, nor --rebuild with the last two.")
    settings = loaded_here().settings
    folder = settings.app.state / "index"
    if status:
        for name in boards or settings.boards or known_boards(settings.app.state):
            say(f"/{name}/: {status_line(folder_of(settings.app.state, name))}")
        return
    prepare_memory()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        # Who only compares needs nobody to be away.
        with nullcontext() if verifying else alone(folder, "index"):
            work = _follow(settings, boards, follow, rebuild=rebuild) if follow else None
            work = work or _once(settings, boards, rebuild=rebuild, verifying=verifying)
            context.exit(asyncio.run(work))
    except asyncio.CancelledError:
        raise click.Abort from None
    except OSError as error:
        raise click.ClickException(f"The folder {folder} cannot be used: {error.strerror or error}.") from error


async def _once(settings: Settings, names: Sequence[str], *, rebuild: bool, verifying: bool) -> int:
    """The status of the command."""
    _at_first_signal((signal.SIGINT,), cast("asyncio.Task[int]", asyncio.current_task()).cancel)
    with closing(Readers()) as readers:
        if not verifying and (rebuild or _is_new(settings, names)):
            readers.start()
        async with opened_archive(settings, names) as archive:
            wanted = dict.fromkeys(names or archive.boards)
            boards = (partial(_board, archive, name, readers, rebuild=rebuild, verifying=verifying) for name in wanted)
            return _worst(await by_turns(boards))


def _is_new(settings: Settings, names: Sequence[str]) -> bool:
    """Whether a board is to be indexed for the first time: it is likely to have many posts."""
    state = settings.app.state
    return any(current_index(folder_of(state, name)) is None for name in names or settings.boards)


async def _follow(settings: Settings, names: Sequence[str], seconds: int, *, rebuild: bool) -> int:
    """Until somebody ends it. What goes wrong is told, and tried again."""
    told = asyncio.Event()
    _at_first_signal((signal.SIGINT, signal.SIGTERM), told.set)
    async with opened_archive(settings, names) as archive:
        ending = asyncio.create_task(told.wait())
        while not ending.done():
            with closing(Readers()) as readers:
                for name in dict.fromkeys(names or archive.boards):
                    work = _board(archive, name, readers, Turn(), rebuild=rebuild, following=True)
                    working = asyncio.create_task(work)
                    await asyncio.wait({working, ending}, return_when=asyncio.FIRST_COMPLETED)
                    if not working.done():
                        working.cancel()
                        await asyncio.wait({working})
                        break
                    working.result()
            rebuild = False
            await asyncio.wait({ending}, timeout=seconds)
    return 0


def _at_first_signal(numbers: Sequence[signal.Signals], act: Callable[[], object]) -> None:
    """As the event loop does it, which wakes up for them: Python's own way may find out a minute late.

    A second one ends the command at once, which costs what was not written yet.
    """
    loop = asyncio.get_running_loop()

    def told() -> None:
        for number in numbers:
            loop.remove_signal_handler(number)
            signal.signal(number, signal.SIG_DFL)
        act()

    if threading.current_thread() is threading.main_thread():  # no other gets any
        for number in numbers:
            loop.add_signal_handler(number, told)


async def _board(
    archive: Archive,
    name: str,
    readers: Readers,
    turn: Turn,
    *,
    rebuild: bool = False,
    verifying: bool = False,
    following: bool = False,
) -> int:
    progress = Progress()
    try:
        board = archive.board(name)
        folder = folder_of(archive.settings.app.state, name)
        if verifying:
            return await _verify(archive, name, folder, progress)
        ours = await apart(lambda: generation(folder, basis_of(board), rebuild=rebuild))
        if ours.why:
            await turn.to_write()
            click.echo(f"/{name}/: made anew: {ours.why}.", err=True)
        task = Task(_settings_for(archive, board), name, basis_of(board))
        build = Build(board, ours, feed=partial(readers.feed, task))
        try:
            fresh = not build.kept.complete
            added = await build.catch_up(progress, turn)
            # One that is new takes over at once; and without places all was read just now.
            again = not fresh and ours.is_current and build.rows.place is not None
            changes = await reread(build, now=now(), thoroughly=not following) if again else Changes()
        finally:
            await apart(build.close)
        await apart(ours.take_over)
    except Unavailable as error:
        await turn.to_write()
        progress.end()
        click.echo(f"/{name}/: {reason(error)}. What was indexed is kept; start the command again.", err=True)
        return AWAY
    except (CannotIndex, KoiwaiError, ValueError) as error:
        await turn.to_write()
        progress.end()
        click.echo(f"/{name}/: {error}", err=True)
        return 1
    progress.end()
    if added or not following or changes.updated or changes.removed or changes.added:
        click.echo(f"/{name}/: {added:,} posts added{progress.pace()}{_said(changes)}.", err=True)
    return 0


def _settings_for(archive: Archive, board: Board) -> Settings:
    """For one board alone, whose clock is known by now."""
    clock = "new_york" if board.clock.new_york else "utc"
    own = replace(board.settings, clock=clock, clock_switch_num=board.clock.switch_num)
    return replace(archive.settings, boards={board.name: own}, discover_boards=False)


async def _verify(archive: Archive, name: str, folder: Path, progress: Progress) -> int:
    board = archive.board(name)
    ours = await asyncio.to_thread(finished, folder, basis_of(board))
    verdict = await verify(board, ours, progress)
    progress.end()
    click.echo(f"/{name}/: {verdict.posts:,} posts compared{progress.pace()}: {_judged(verdict)}.", err=True)
    return 0 if verdict.right else 1


def _said(changes: Changes) -> str:
    words = ((changes.updated, "brought up to date"), (changes.added, "added late"), (changes.removed, "taken out"))
    said = ", ".join(f"{count:,} {word}" for count, word in words if count)
    return f"; of {changes.threads:,} recent threads {said}" if said else ""


def _judged(verdict: Verdict) -> str:
    words = (
        (verdict.missing, "missing in the index"),
        (verdict.different, "other than in the archive"),
        (verdict.twice, "twice in the index"),
        (verdict.unknown, "not in the archive"),
    )
    said = ", ".join(f"{count:,} {word}" for count, word in words if count) or "all are right"
    return said + (f"; {verdict.later:,} have come since" if verdict.later else "")


def _worst(statuses: Sequence[int]) -> int:
    return max(statuses, key=(0, AWAY, 1).index, default=0)
