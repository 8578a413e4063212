"""The list of boards in 4chan's interface."""

from __future__ import annotations

from tests.support.searching import sqlite_stage
from tests.support.stage import Stage

__all__ = ["sqlite_stage"]


async def test_boards(sqlite_stage: Stage) -> None:
    stage = sqlite_stage
    stage.board("g", title="Tech & <things>", description="All 'about' & it")
    stage.board("λ", nsfw=True)
    stage.board("secret", hidden=True)
    stage.posts(*({"num": num, "thread_num": num} for num in range(1, 12)))
    stage.threads(*({"thread_num": num} for num in range(1, 12)))
    stage.threads(*({"thread_num": num} for num in range(1, 11)), board="λ")
    stage.boards["later"] = stage.boards["g"]
    async with stage.running(validate_boards_db=False) as running:
        answer = await running.ask("/boards.json")
        await running.ask("/later/threads.json", 503)
        assert (await running.ask("/secret/threads.json")).json == []
    first, second = answer.json["boards"]
    assert list(answer.json) == ["boards"]
    assert first == {
        "board": "g",
        "title": "Tech & <things>",
        "ws_board": 1,
        "per_page": 10,
        "pages": 2,
        "max_filesize": 4194304,
        "max_webm_filesize": 4194304,
        "max_comment_chars": 2000,
        "max_webm_duration": 120,
        "bump_limit": 310,
        "image_limit": 150,
        "cooldowns": {"threads": 600, "replies": 60, "images": 60},
        "meta_description": "All &#039;about&#039; &amp; it",
        "is_archived": 1,
    }
    assert (second["board"], second["ws_board"], second["pages"]) == ("λ", 0, 1)
    assert second["meta_description"] == "&quot;/λ/ - λ&quot; in this archive."
