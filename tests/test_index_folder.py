"""What lies in the folder of indexes and is of no use: it is made anew and told of, and searches do without."""

import asyncio
import os
from collections.abc import Callable
from pathlib import Path

import pytest
import tantivy

from app.engines.tantivy.shelf import current_index, folder_of
from tests.support.indexes import app_of, asked, on_another_basis, words_in, write_kept
from tests.support.stage import Stage, stage
from tests.test_index_command import here, index, numbers, on_one_database, status

__all__ = ["here", "stage"]


def cut(folder: Path) -> None:
    """An index whose list of parts ends in the middle."""
    file = folder / "g000001" / "meta.json"
    file.write_text(file.read_text()[:40])


def emptied(folder: Path) -> None:
    for file in (folder / "g000001").iterdir():
        file.unlink()


def foreign(folder: Path) -> None:
    """An index of another program."""
    emptied(folder)
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("title")
    tantivy.Index(builder.build(), str(folder / "g000001"))


def damaged(folder: Path) -> None:
    file = next((folder / "g000001").glob("*.term"))
    file.write_bytes(os.urandom(file.stat().st_size))


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (cut, "it cannot be opened: "),
        (emptied, "it cannot be opened: "),
        (foreign, ""),
        (damaged, "it cannot be opened: "),
        (lambda folder: on_another_basis(folder / "g000001"), "its settings have changed."),
        (lambda folder: write_kept(folder / "g000001", '{"from": "the future"}'), "it says of itself what nobody "),
        (lambda folder: write_kept(folder / "g000001", "{"), "it says of itself what nobody understands: "),
    ],
)
@on_one_database
async def test_what_is_of_no_use_is_made_anew_and_told(
    stage: Stage, here: Path, spoil: Callable[[Path], None], why: str, caplog: pytest.LogCaptureFixture
) -> None:
    state, folder = here / "var", folder_of(here / "var", "g")
    await asyncio.to_thread(index)
    spoil(folder)
    assert "Traceback" not in "".join(status())
    code, lines = await asyncio.to_thread(index, "--verify", "--board", "g")
    assert code == 1 and len(lines) == 1 and lines[0].startswith("/g/: The index ")
    # Searches do without: by the tables, or not at all.
    for engine, answer in (("auto", 200), ("tantivy", 503)):
        caplog.clear()
        async with app_of(stage, state, engine) as running:
            for _ in range(3):
                await asked(running, "router", answer)
                assert (await asked(running, "router", boards="po"))["total"] == 1
        assert caplog.text.count("the search index of /g/ is of no use: ") == 1
    code, lines = await asyncio.to_thread(index, "--board", "g")
    assert (code, len(lines)) == (0, 2)
    assert lines[0].startswith(f"/g/: made anew: {why}") and lines[1] == "/g/: 3 posts added."
    assert words_in(state, "router") == [10, 11, 12]
    assert [path.name for path in folder.glob("g0*")] == ["g000002"]
    assert await asyncio.to_thread(index, "--board", "g") == (0, ["/g/: 0 posts added."])


@pytest.mark.parametrize(
    "text", [b"", b"zzz", b"../../etc", b"g000009\n", b"\xff\xfe", b"a\0b", b"g000001/../x", b"G000001"]
)
@on_one_database
async def test_a_pointer_that_leads_nowhere(stage: Stage, here: Path, text: bytes) -> None:
    """The index itself is good: it is gone on with."""
    state, folder = here / "var", folder_of(here / "var", "g")
    await asyncio.to_thread(index)
    (folder / "current").write_bytes(text)
    assert "Traceback" not in "".join(status())
    assert (await asyncio.to_thread(index, "--verify", "--board", "g"))[0] == 1
    async with app_of(stage, state, "tantivy") as running:
        await asked(running, "router", 503)
    assert (await asyncio.to_thread(index, "--board", "g"))[0] == 0
    assert current_index(folder) == folder / "g000001"
    assert numbers(here) == [10, 11, 12]


@on_one_database
def test_strange_files_are_left_alone(here: Path) -> None:
    folder = folder_of(here / "var", "g")
    folder.mkdir(parents=True)
    (folder / "notes.txt").write_text("mine")
    (folder / "g1").mkdir()
    (folder / "g000007").write_text("a file")
    assert index("--board", "g") == (0, ["/g/: 3 posts added."])
    assert index("--rebuild", "--board", "g") == (0, ["/g/: 3 posts added."])
    assert {"notes.txt", "g1", "g000007"} < {path.name for path in folder.iterdir()}
