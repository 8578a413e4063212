"""How quickly `koiwai index` makes an index, and how quickly that could be done at all."""

import asyncio
import gc
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Final

from msgspec import Struct

from app.db.index_rows import IndexRows
from app.db.pieces import Stride
from app.engines.tantivy.documents import NUMBERS, TEXTS, Prepared
from app.engines.tantivy.schema import create
from app.indexing.batches import OwnBatches
from app.indexing.building import HEAP, MOST_AT_ONCE
from bench.cases import BOARD
from bench.measuring import opened
from bench.served import prepared
from tests.support.databases import Place

_BARE: Final = 200_000  # documents of the bare loop: all of them are in memory
_LOOK_EVERY: Final = 0.05  # seconds


class Built(Struct, frozen=True):
    """A whole run of `koiwai index`, from the start of its process to its end."""

    posts: int
    seconds: float
    start: float
    """Seconds of them in which nothing but the program itself was loaded, which the bare loop does not count either."""
    memory: int
    """Bytes at the most, without files that are mapped into memory."""
    resident: int
    """Bytes at the most, with those."""
    size: int
    """Bytes of the index."""

    @property
    def rate(self) -> float:
        return self.posts / self.seconds

    @property
    def rate_once_loaded(self) -> float:
        return self.posts / (self.seconds - self.start)


def build(place: Place, folder: Path, posts: int) -> Built:
    """Makes the indexes of all boards in an empty folder, which is then one to search in."""
    surroundings = prepared(place, folder)
    command = [sys.executable, "-m", "app", "index"]
    for _ in range(2):  # the second is no slower than what is measured: all is in memory
        began = time.perf_counter()
        subprocess.run([*command, "--status"], cwd=folder, env=surroundings, check=True, stdout=subprocess.DEVNULL)
        start = time.perf_counter() - began
    began = time.perf_counter()
    process = subprocess.Popen(command, cwd=folder, env=surroundings)
    memory = resident = 0
    while process.poll() is None:
        memory = max(memory, _memory(process.pid, "RssAnon"))
        resident = max(resident, _memory(process.pid, "VmHWM"))
        time.sleep(_LOOK_EVERY)
    seconds = time.perf_counter() - began
    if process.returncode:
        raise RuntimeError(f"koiwai index ended with status {process.returncode}")
    size = sum(file.stat().st_size for file in (folder / "var").rglob("*") if file.is_file())
    return Built(posts, seconds, start, memory, resident, size)


def bare_loop(file: Path) -> float:
    """Documents a second that one thread of the library takes when they are ready."""
    ready = asyncio.run(_ready(file))
    gc.freeze()  # or Python looks through all of them again and again
    with tempfile.TemporaryDirectory() as folder:
        writer = create(Path(folder)).writer(HEAP, 1)
        began = time.perf_counter()
        for post in ready:
            writer.add_json(post.document)
        writer.commit()
        writer.wait_merging_threads()
        return len(ready) / (time.perf_counter() - began)


async def _ready(file: Path) -> list[Prepared]:
    archive = await opened(Place("sqlite", {"database": file}, file=file))
    try:
        board = archive.board(BOARD)
        source = IndexRows(board.database, board.tables, NUMBERS, TEXTS)
        batches = OwnBatches(board, source, 0, await source.last_place(), Stride(rows=MOST_AT_ONCE, most=MOST_AT_ONCE))
        found: list[Prepared] = []
        while len(found) < _BARE and (batch := await batches.next()) is not None:
            found += batch.posts
        return found
    finally:
        await archive.close()


def _memory(process: int, which: str) -> int:
    """Bytes of a process and of those that it has started, by the name that the kernel has for them."""
    here = Path(f"/proc/{process}")
    try:
        lines = (here / "status").read_text("ascii").splitlines()
        # Any of its threads may have started some.
        children = [child for of in here.glob("task/*/children") for child in of.read_text("ascii").split()]
    except OSError:
        return 0
    own = next((int(line.split()[1]) * 1024 for line in lines if line.startswith(f"{which}:")), 0)
    return own + sum(_memory(int(child), which) for child in children)
