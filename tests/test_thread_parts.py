"""What interfaces of other software need beside our own: whole threads, newer posts, files by the live site's name."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from app import archive, thread_parts
from app.errors import NotFound
from app.model import Post, PostId, SharedFile
from tests.support.stage import Stage, stage

__all__ = ["stage"]

HASH = "a" * 22 + "=="


def _ids(posts: Iterable[Post]) -> list[str]:
    return [str(post.id) for post in posts]


@pytest.mark.parametrize("length", [1, 2, 5, 6, 7])
async def test_a_whole_thread_has_every_post_once(stage: Stage, monkeypatch: pytest.MonkeyPatch, length: int) -> None:
    stage.board()
    stage.posts(*({"num": num, "thread_num": 100} for num in (100, 101, 102, 103)), {"num": 104, "thread_num": 104})
    stage.post(103, 100, subnum=1, timestamp_expired=1_900_000_000)
    stage.post(105, 100, media_hash=HASH, media_orig="1366825828123.jpg")
    # Posts that moderators removed and a scraper brought back: in slices of one, slices without posts.
    stage.post(106, 100)
    stage.post(101, 100, subnum=1)
    removed = {"thread_num": 100, "timestamp": 1, "timestamp_expired": 0, "op": 0}
    stage.add("g_deleted", {"num": 106, "subnum": 0, **removed}, {"num": 101, "subnum": 1, **removed})
    async with stage.running() as app:
        monkeypatch.setattr(thread_parts, "THREAD_SLICE", length)
        thread = await app.archive.whole_thread(app.board(), 100)
        assert _ids(thread.posts) == ["100", "101", "102", "103", "103_1", "105"]
        assert (thread.counts.posts, thread.counts.images, thread.next) == (6, 1, None)
        assert thread.modified == max(max(post.time, post.expired or 0) for post in thread.posts) > 1_899_000_000
        with pytest.raises(NotFound):
            await app.archive.whole_thread(app.board(), 101)


async def test_newer_posts_are_those_stored_later(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    stage.board()
    stage.posts(*({"num": num, "thread_num": 100} for num in (100, 103, 101)), {"num": 104, "thread_num": 104})
    stage.post(103, 100, subnum=1)
    async with stage.running() as app:
        board = app.board()
        doc_ids = {post.id: post.doc_id for post in (await app.archive.thread(board, 100)).posts}
        assert _ids(await app.archive.newer_posts(board, 100, doc_ids[PostId(103)])) == ["101", "103_1"]
        assert _ids(await app.archive.newer_posts(board, 100, doc_ids[PostId(103, 1)])) == []
        assert _ids(await app.archive.newer_posts(board, 100, 0)) == ["100", "101", "103", "103_1"]
        assert _ids(await app.archive.newer_posts(board, 999, 0)) == []
        # Of more than are told at once, those that were stored first: the last row told is where a client goes on.
        monkeypatch.setattr(archive, "THREAD_SLICE", 2)
        assert _ids(await app.archive.newer_posts(board, 100, 0)) == ["100", "103"]
        assert _ids(await app.archive.newer_posts(board, 100, doc_ids[PostId(103)])) == ["101", "103_1"]


async def test_files_are_found_by_the_live_site_s_name(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    stage.board()
    stage.board("old", "oldasagi")
    for num, name in ((100, "1366825828123.jpg"), (101, "1366825828123.png"), (102, "1366825828123.jpg"), (103, None)):
        stage.post(num, 100, media_orig=name, media_hash=name and HASH)
    async with stage.running() as app:
        board, find = app.board(), app.archive.posts_with_original
        assert _ids(await find(board, ["1366825828123.jpg"])) == ["102", "100"]
        assert _ids(await find(board, ["1366825828123.jpg", "1366825828123.png"])) == ["102", "101", "100"]
        assert _ids(await find(board, ["1366825828124.jpg"])) == _ids(await find(board, [])) == []
        monkeypatch.setattr(board, "small", False)
        assert _ids(await find(board, ["1366825828123.png"])) == ["101"], "found by the index that Asagi makes"
        unindexed = app.board("old")
        monkeypatch.setattr(unindexed, "small", False)
        with pytest.raises(NotFound, match="no index"):
            await find(unindexed, ["1366825828123.jpg"])


async def test_a_post_knows_the_row_of_its_picture(stage: Stage) -> None:
    stage.board()
    stage.add(
        "g_images",
        {
            "media_id": 7,
            "media_hash": HASH,
            "media": "1300000000001.jpg",
            "preview_op": "1300000000001s.jpg",
            "preview_reply": "../1s.jpg",
            "total": 3,
            "banned": 0,
        },
    )
    picture = {"media_hash": HASH, "media_orig": "1366825828123.jpg", "preview_orig": "1366825828123s.jpg"}
    stage.post(100, media_id=7, **picture)
    stage.post(101, **{**picture, "preview_orig": "a/b.jpg"})
    async with stage.running() as app:
        own, alone = [(await app.archive.post(app.board(), PostId(num))).media for num in (100, 101)]
        assert own is not None and alone is not None
        assert (own.id, own.original_thumb) == (7, "1366825828123s.jpg")
        assert own.shared == SharedFile("1300000000001s.jpg", None, 3)
        assert (alone.id, alone.original_thumb, alone.shared) == (0, None, None)
