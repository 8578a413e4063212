"""Boards are read one after another and written one after another, the next read while one is written."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest

from app.indexing.turns import Turn, by_turns
from tests.support.indexes import command_folder, koiwai, words_in
from tests.support.stage import Stage, stage

__all__ = ["stage"]

Work = Callable[[Turn], Coroutine[Any, Any, int]]


class Boards:
    """Works that tell what they do. A board is written out at its event."""

    def __init__(self, *names: str) -> None:
        self.told: list[str] = []
        self.written = {name: asyncio.Event() for name in names}

    def work(self, name: str, status: int = 0) -> Work:
        async def work(turn: Turn) -> int:
            self.told.append(f"read {name}")
            await turn.to_write()
            self.told.append(f"write {name}")
            turn.all_read()
            try:
                await self.written[name].wait()
            except asyncio.CancelledError:
                self.told.append(f"cancelled {name}")
                raise
            self.told.append(f"end {name}")
            return status

        return work

    async def settled(self) -> list[str]:
        """What has been told once nobody can go on."""
        before: list[str] | None = None
        while before != self.told:
            before = list(self.told)
            for _ in range(10):
                await asyncio.sleep(0)
        return self.told


async def test_the_next_board_is_read_while_one_is_written_and_no_other() -> None:
    boards = Boards("a", "b", "c")
    working = asyncio.create_task(by_turns([boards.work("a", 1), boards.work("b", 2), boards.work("c", 3)]))
    assert await boards.settled() == ["read a", "write a", "read b"]
    boards.written["a"].set()
    assert (await boards.settled())[3:] == ["end a", "write b", "read c"]
    for written in boards.written.values():
        written.set()
    assert await working == [1, 2, 3]
    assert boards.told[6:] == ["end b", "write c", "end c"]


@pytest.mark.parametrize("at_once", [False, True])
async def test_where_one_fails_none_goes_on(at_once: bool) -> None:
    """The one before ends as if nothing had been, also where the next one fails while it is written."""
    boards = Boards("a", "c")

    async def failing(turn: Turn) -> int:
        if not at_once:
            await turn.to_write()
        raise OSError("no such folder")

    working = asyncio.create_task(by_turns([boards.work("a"), failing, boards.work("c")]))
    await boards.settled()
    boards.written["a"].set()
    with pytest.raises(OSError, match="no such folder"):
        await working
    assert boards.told == ["read a", "write a", "end a"]


async def test_where_one_fails_in_writing_the_next_is_not_written() -> None:
    boards = Boards("b", "c")
    full = asyncio.Event()

    async def failing(turn: Turn) -> int:
        turn.all_read()
        await full.wait()
        raise OSError("no space left")

    working = asyncio.create_task(by_turns([failing, boards.work("b"), boards.work("c")]))
    assert await boards.settled() == ["read b"]
    full.set()
    with pytest.raises(OSError, match="no space left"):
        await working
    assert boards.told == ["read b"]


async def test_cancelled_all_of_them_end() -> None:
    boards = Boards("a", "b")
    working = asyncio.create_task(by_turns([boards.work("a"), boards.work("b")]))
    await boards.settled()
    working.cancel()
    with pytest.raises(asyncio.CancelledError):
        await working
    assert boards.told == ["read a", "write a", "read b", "cancelled a"]


async def test_one_that_reads_nothing_lets_the_next_begin() -> None:
    boards = Boards("b")
    boards.written["b"].set()

    async def nothing(turn: Turn) -> int:
        return 75

    assert await by_turns([nothing, boards.work("b")]) == [75, 0]
    assert await by_turns([]) == []


def test_a_board_that_cannot_be_indexed_keeps_nothing_from_the_one_before(
    stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """/po/ is read while /g/ is brought up to date."""
    for board in ("g", "po"):
        stage.board(board)
        stage.posts({"num": 1, "thread_num": 1}, board=board)
        stage.threads({"thread_num": 1}, board=board)
    folder = command_folder(stage, tmp_path / "here")
    monkeypatch.chdir(folder)
    assert koiwai("index", "--board", "g").exit_code == 0
    stage.execute("""UPDATE "g" SET comment = 'edited'""")
    (folder / "var" / "index" / "po").write_text("in the way", "utf-8")
    result = koiwai("index")
    first, *_, last = result.stderr.splitlines()
    assert result.exit_code == 1 and "cannot be used" in last
    assert first == "/g/: 0 posts added; of 1 recent threads 1 brought up to date."
    assert words_in(folder / "var", "edited") == [1]
