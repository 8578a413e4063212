"""Which threads are read again, and when; what has changed in them is put right, and nothing else is read."""

import asyncio
from pathlib import Path

import pytest

from app.archive import Archive
from app.board import Board
from app.db.index_rows import IndexRows
from app.db.pieces import Stride
from app.indexing import rereading
from app.indexing.generations import CannotIndex
from app.indexing.rereading import DAY, LIVELY, RECENT
from app.model import PostId
from app.search import read_query
from app.threads import DerivedThreads
from tests.support.indexes import archive_of, judged, kept_in, posts_in, updated, words_in
from tests.support.stage import NOON, Stage, stage

__all__ = ["stage"]

NOW = 2_000_000_000


@pytest.fixture
def read_again(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The threads whose posts are asked for."""
    asked: list[int] = []
    threads = IndexRows.threads

    async def noted(rows: IndexRows, nums: list[int], stride: Stride) -> list[tuple[object, ...]]:
        asked.extend(nums)
        return await threads(rows, nums, stride)

    monkeypatch.setattr(IndexRows, "threads", noted)
    return asked


def bumped(stage: Stage, **ages: int) -> None:
    """A thread for each name, t7 for thread 7, of which the last bump was so many seconds before the newest."""
    for name, age in ages.items():
        num, time = int(name[1:]), NOON + 30 * DAY - age
        stage.posts({"num": num, "thread_num": num, "timestamp": time})
        stage.threads({"thread_num": num, "time_bump": time})


async def test_recent_threads_are_read_again_each_hour_and_lively_ones_each_time(
    stage: Stage, tmp_path: Path, read_again: list[int]
) -> None:
    stage.board()
    bumped(stage, t1=RECENT + 9, t2=RECENT - 9, t3=LIVELY + 9, t4=LIVELY - 9, t5=0)
    stage.execute(f'UPDATE "g" SET timestamp = {NOON} WHERE num = 2')
    async with archive_of(stage, tmp_path) as archive:
        await updated(archive, now=NOW)
        assert read_again == []  # they were all just read
        for seconds, threads in (
            (0, {2, 3, 4, 5}),
            (9, {4, 5}),
            (LIVELY - 1, {4, 5}),
            (LIVELY, {2, 3, 4, 5}),
            (LIVELY + 9, {4, 5}),
            (-9, {2, 3, 4, 5}),  # the clock was put back
        ):
            read_again.clear()
            await updated(archive, following=True, now=NOW + seconds)
            assert set(read_again) == threads, seconds
            assert len(read_again) == len(threads)
        # A run that does not follow has been long in coming.
        read_again.clear()
        await updated(archive, now=NOW)
        assert set(read_again) == {2, 3, 4, 5}


@pytest.mark.parametrize("clock", ["utc", "new_york"])
async def test_threads_are_recent_by_the_newest_thread_not_by_the_clock_on_the_wall(
    stage: Stage, tmp_path: Path, read_again: list[int], clock: str
) -> None:
    """Archives that nobody writes to any more are read again too, and that is soon done."""
    stage.board(clock=clock)
    bumped(stage, t1=RECENT + DAY, t2=0)
    async with archive_of(stage, tmp_path) as archive:
        for _ in range(2):
            await updated(archive, now=NOW)
    assert read_again == [2]


async def test_ghost_posts_make_an_old_thread_recent(stage: Stage, tmp_path: Path, read_again: list[int]) -> None:
    stage.board()
    bumped(stage, t1=99 * DAY, t2=90 * DAY, t3=0)
    stage.execute(f'UPDATE "g_threads" SET time_ghost_bump = {NOON + 30 * DAY - 9} WHERE thread_num = 1')
    async with archive_of(stage, tmp_path) as archive:
        for _ in range(2):
            await updated(archive, following=True, now=NOW)
    assert set(read_again) == {1, 3}


async def test_more_threads_than_one_list_has(
    stage: Stage, tmp_path: Path, read_again: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Many of them bumped in the same second."""
    monkeypatch.setattr(rereading, "_THREADS_LISTED", 3)
    monkeypatch.setattr(rereading, "_THREADS_AT_ONCE", 2)
    stage.board()
    bumped(stage, **{f"t{num}": 9 if num < 8 else 0 for num in range(1, 12)})
    async with archive_of(stage, tmp_path) as archive:
        await updated(archive, now=NOW)
        stage.execute("""UPDATE "g" SET comment = 'edited'""")
        _, changes = await updated(archive, now=NOW)
        assert (changes.threads, changes.updated, changes.added, changes.removed) == (11, 11, 0, 0)
    assert sorted(read_again) == list(range(1, 12))
    assert words_in(tmp_path, "edited") == list(range(1, 12))


@pytest.mark.parametrize("writer", ["asagi", "bare"])
async def test_what_changes_is_put_right(stage: Stage, tmp_path: Path, writer: str) -> None:
    stage.board(writer=writer)
    rows = [{"num": num, "thread_num": 10 if num < 20 else 20, "comment": f"router {num}"} for num in range(10, 30)]
    stage.posts(*rows)
    if writer == "asagi":
        stage.threads({"thread_num": 10}, {"thread_num": 20})
    async with archive_of(stage, tmp_path) as archive:
        assert (await updated(archive, now=NOW))[0] == 20
        added, changes = await updated(archive, now=NOW)
        assert (added, changes.threads, changes.updated, changes.added, changes.removed) == (0, 2, 0, 0, 0)
        stage.execute("""UPDATE "g" SET comment = 'a modem' WHERE num IN (11, 21)""")
        stage.execute("""UPDATE "g" SET deleted = '1' WHERE num = 12""")
        stage.execute('DELETE FROM "g" WHERE num IN (13, 29)')  # 29 had the highest doc_id of all
        stage.posts({"num": 10, "thread_num": 10, "subnum": 1, "comment": "router of a ghost"})
        added, changes = await updated(archive, now=NOW)
        # Its doc_id may be that of the row that has gone.
        assert (added + changes.added, changes.updated, changes.removed) == (1, 3, 2)
        assert words_in(tmp_path, "modem") == [11, 21]
        assert words_in(tmp_path, "router") == [10, 10, *(n for n in range(12, 29) if n not in (13, 21))]
        assert (await judged(archive)).right
        _, changes = await updated(archive, now=NOW)
        assert (changes.updated, changes.added, changes.removed) == (0, 0, 0)


async def test_rows_that_come_late_with_a_lower_doc_id(stage: Stage, tmp_path: Path) -> None:
    """Transactions do not end in the order of their numbers."""
    stage.board()
    stage.posts({"num": 1, "thread_num": 1, "doc_id": 1}, {"num": 3, "thread_num": 1, "doc_id": 9})
    stage.threads({"thread_num": 1})
    async with archive_of(stage, tmp_path) as archive:
        await updated(archive, now=NOW)
        stage.posts({"num": 2, "thread_num": 1, "doc_id": 5}, {"num": 4, "thread_num": 1, "doc_id": 12})
        added, changes = await updated(archive, following=True, now=NOW)
        assert (added, changes.added) == (1, 1)
        assert [post.num for post in posts_in(tmp_path)] == [1, 2, 3, 4]
        assert kept_in(tmp_path).place == 12


async def test_rows_that_come_while_threads_are_read_again_are_not_there_twice(
    stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage.board()
    stage.post(1)
    stage.threads({"thread_num": 1})
    recent = rereading._recent

    async def and_another_comes(board: Board, now: int, seconds: int) -> list[int]:
        stage.post(2, 1, comment="meanwhile")
        return await recent(board, now, seconds)

    async with archive_of(stage, tmp_path) as archive:
        await updated(archive, now=NOW)
        monkeypatch.setattr(rereading, "_recent", and_another_comes)
        assert (await updated(archive, now=NOW))[0] == 0
        assert [post.num for post in posts_in(tmp_path)] == [1]
        monkeypatch.undo()
        assert (await updated(archive, now=NOW))[0] == 1
        assert [post.num for post in posts_in(tmp_path)] == [1, 2]


async def test_a_thread_without_a_row_among_the_threads(stage: Stage, tmp_path: Path) -> None:
    stage.board()
    bumped(stage, t1=99)
    stage.posts({"num": 5, "thread_num": 5, "timestamp": NOON + 30 * DAY})
    async with archive_of(stage, tmp_path) as archive:
        await updated(archive, now=NOW)
        stage.execute("""UPDATE "g" SET comment = 'edited' WHERE num = 5""")
        _, changes = await updated(archive, following=True, now=NOW)
        assert (changes.threads, changes.updated) == (2, 1)
        # A thread that is there no more has lost its row too.
        stage.execute('DELETE FROM "g" WHERE num = 1')
        stage.execute('DELETE FROM "g_threads"')
        await archive.board("g").refresh()
        _, changes = await updated(archive, following=True, now=NOW + LIVELY)
        assert changes.removed == 1
    assert posts_in(tmp_path) == [PostId(5)]


async def test_a_list_of_threads_that_is_still_being_put_together_is_not_waited_for(
    stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, read_again: list[int]
) -> None:
    """On a large board without a table of threads that takes long."""

    async def never(threads: DerivedThreads) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr("app.board._PATIENCE", 0)
    monkeypatch.setattr(DerivedThreads, "load", never)
    stage.board(writer="bare")
    times = {1: NOON - RECENT - 9, 2: NOON - LIVELY - 9, 3: NOON}
    stage.posts(*({"num": num, "thread_num": num, "timestamp": time} for num, time in times.items()))
    async with archive_of(stage, tmp_path) as archive:
        await updated(archive, now=NOW)
        stage.execute("""UPDATE "g" SET comment = 'edited'""")
        await updated(archive, now=NOW)
        assert set(read_again) == {2, 3}
        read_again.clear()
        await updated(archive, following=True, now=NOW + 1)
        assert read_again == [3]
    assert words_in(tmp_path, "edited") == [2, 3]


async def test_a_post_that_moves_to_another_thread(
    stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rereading, "_THREADS_AT_ONCE", 1)
    stage.board()
    bumped(stage, t1=9, t2=0, t3=5)
    stage.posts(*({"num": num, "thread_num": num - 7} for num in (8, 9, 10)))
    async with archive_of(stage, tmp_path) as archive:
        await updated(archive, now=NOW)
        # Threads are read newest first: one goes to a thread that comes before its own, another to one after.
        stage.execute('UPDATE "g" SET thread_num = 3 WHERE num IN (8, 9)')
        await updated(archive, now=NOW)
        assert [post.num for post in posts_in(tmp_path)] == [1, 2, 3, 8, 9, 10]
        assert (await judged(archive)).right
        assert set(await found(archive, "tnum", "3")) == {3, 8, 9, 10}


async def test_what_moderators_remove_is_taken_out_in_whatever_thread(stage: Stage, tmp_path: Path) -> None:
    stage.board()
    bumped(stage, t1=99 * DAY, t2=0)
    stage.posts(*({"num": num, "thread_num": num % 2 + 1, "timestamp": NOON} for num in range(10, 20)))
    removed = {"subnum": 0, "timestamp": NOON, "timestamp_expired": 0}
    stage.add("g_deleted", {"num": 10, "thread_num": 1, **removed})  # and yet the row is there
    async with archive_of(stage, tmp_path) as archive:
        await updated(archive, now=NOW)
        assert [post.num for post in posts_in(tmp_path)] == [1, 2, *range(11, 20)]
        stage.add("g_deleted", *({"num": num, "thread_num": num % 2 + 1, **removed} for num in (13, 14, 999)))
        await archive.board("g").refresh()
        # Searches know before the index does.
        assert sorted(await found(archive, "text", "post")) == [1, 2, *(n for n in range(11, 20) if n not in (13, 14))]
        for following, counted in ((True, 2), (False, 0)):
            _, changes = await updated(archive, following=following, now=NOW)
            assert (changes.updated, changes.added, changes.removed) == (0, 0, counted)
        assert [post.num for post in posts_in(tmp_path)] == [1, 2, *(n for n in range(11, 20) if n not in (13, 14))]
        assert (await judged(archive)).right


async def test_a_post_that_moderators_give_back(stage: Stage, tmp_path: Path) -> None:
    stage.board()
    bumped(stage, t1=0)
    stage.add("g_deleted", {"num": 1, "subnum": 0, "thread_num": 1, "timestamp": NOON, "timestamp_expired": 0})
    async with archive_of(stage, tmp_path) as archive:
        await updated(archive, now=NOW)
        assert posts_in(tmp_path) == []
        stage.execute('DELETE FROM "g_deleted"')
        await archive.board("g").refresh()
        _, changes = await updated(archive, now=NOW)
        assert changes.added == 1 and posts_in(tmp_path) == [PostId(1)]


async def test_nothing_is_written_where_nothing_has_changed(
    stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage.board()
    bumped(stage, t1=0)
    async with archive_of(stage, tmp_path) as archive:
        await updated(archive, now=NOW)
        await updated(archive, following=True, now=NOW)
        file = tmp_path / "index" / "g" / "g000001" / "meta.json"
        before = file.stat()
        monkeypatch.setattr("app.indexing.building.HEAP", 0)  # no writer is made with so little
        await updated(archive, following=True, now=NOW + 1)
        after = file.stat()
    assert (before.st_ino, before.st_mtime_ns) == (after.st_ino, after.st_mtime_ns)


async def test_an_empty_board(stage: Stage, tmp_path: Path) -> None:
    stage.board()
    async with archive_of(stage, tmp_path) as archive:
        for _ in range(3):
            assert (await updated(archive, now=NOW))[0] == 0
        assert kept_in(tmp_path).complete and posts_in(tmp_path) == []
        assert await found(archive, "text", "post") == []
        assert (await judged(archive)).right
        bumped(stage, t1=0)
        assert (await updated(archive, now=NOW))[0] == 1


async def found(archive: Archive, key: str, value: str) -> list[int]:
    """The numbers of what a search finds, in an archive that looks at its indexes each time."""
    result = await archive.search(read_query([(key, value)], archive.boards).query, limit=100)
    return [post.num for post in result.posts]


@pytest.fixture(autouse=True)
def looks_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.engines.tantivy.shelf._LOOK_EVERY", 0)


async def test_a_time_that_is_still_to_come_hides_no_other(stage: Stage, tmp_path: Path, read_again: list[int]) -> None:
    stage.board()
    stage.post(1, timestamp=NOON)
    stage.post(2, timestamp=2**31 - 1)
    stage.threads({"thread_num": 1, "time_bump": NOON}, {"thread_num": 2, "time_bump": 2**31 - 1})
    async with archive_of(stage, tmp_path) as archive:
        await updated(archive, now=NOON + DAY)
        stage.execute("""UPDATE "g" SET comment = 'another' WHERE num = 1""")
        await updated(archive, now=NOON + 2 * DAY)
        assert set(read_again) == {1, 2}
        assert words_in(tmp_path, "another") == [1]


async def test_a_thread_that_is_too_large_is_read_piece_by_piece(
    stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, read_again: list[int]
) -> None:
    monkeypatch.setattr(rereading, "_MOST_POSTS", 5)
    stage.board()
    stage.posts(*({"num": num, "thread_num": 1, "comment": "word"} for num in range(1, 24)))
    stage.posts(*({"num": 7, "subnum": ghost, "thread_num": 1, "comment": "word"} for ghost in range(1, 9)))
    stage.post(30, comment="small")
    stage.threads({"thread_num": 1, "time_bump": NOON}, {"thread_num": 30, "time_bump": NOON})
    async with archive_of(stage, tmp_path) as archive:
        await updated(archive, now=NOW)
        stage.execute("""UPDATE "g" SET comment = 'another' WHERE num IN (1, 7, 12, 23)""")
        stage.execute('DELETE FROM "g" WHERE num = 13')
        _, changes = await updated(archive, now=NOW + 2 * LIVELY)
        assert read_again == [30]
        assert (changes.updated, changes.removed, changes.added, changes.threads) == (12, 1, 0, 2)
        assert words_in(tmp_path, "another") == [1, *[7] * 9, 12, 23]
        assert len(posts_in(tmp_path)) == 31
        assert (await judged(archive)).right


async def test_a_post_that_is_stored_anew_takes_the_place_of_the_old_one(stage: Stage, tmp_path: Path) -> None:
    stage.board()
    stage.post(1, comment="secret")
    stage.post(2, comment="word", timestamp=NOON + 10 * DAY)
    stage.threads({"thread_num": 1, "time_bump": NOON}, {"thread_num": 2, "time_bump": NOON + 10 * DAY})
    async with archive_of(stage, tmp_path) as archive:
        await updated(archive, now=NOW)
        stage.execute('DELETE FROM "g" WHERE num = 1')
        stage.post(1, comment="open")
        await updated(archive, now=NOW)
        assert words_in(tmp_path, "secret") == []
        assert words_in(tmp_path, "open") == [1]
        assert (await judged(archive)).right


async def test_rows_that_a_server_has_lost_and_given_to_others(stage: Stage, tmp_path: Path) -> None:
    """As when it was killed before it had written them out."""
    stage.board()
    stage.posts(*({"num": num, "thread_num": 1, "comment": f"word{num}"} for num in range(1, 11)))
    stage.threads({"thread_num": 1})
    async with archive_of(stage, tmp_path) as archive:
        await updated(archive, now=NOW)
        stage.post(11, 1, comment="lost")
        await updated(archive, now=NOW)
        lost = max(int(row[0]) for row in stage.place.execute("SELECT doc_id FROM g"))
        stage.execute(f'DELETE FROM "g" WHERE doc_id = {lost}')
        stage.post(12, 1, comment="kept", doc_id=lost)
        await updated(archive, now=NOW)
        assert [post.num for post in posts_in(tmp_path)] == [*range(1, 11), 12]
        assert words_in(tmp_path, "kept") == [12] and words_in(tmp_path, "lost") == []
        assert (await judged(archive)).right
        # All of them others': that is another archive.
        stage.execute('UPDATE "g" SET thread_num = 2')
        with pytest.raises(CannotIndex, match="another archive seems to have taken its place"):
            await updated(archive, now=NOW)
