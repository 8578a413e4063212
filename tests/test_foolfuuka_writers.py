"""Every thread of the invented archive through FoolFuuka's interface, as each writer leaves it."""

from __future__ import annotations

from pathlib import Path

import pytest
from quart import Quart

from app import create_app
from app.demo.boards import invent
from app.demo.media import render_all
from app.demo.model import DemoArchive
from app.demo.rows import Pictures
from app.demo.writers import WRITERS
from tests.support.asgi import Answer, ask
from tests.support.foolfuuka import address, check_post, check_safe, check_thread, posts_of
from tests.support.load import boards_for, load_sqlite
from tests.support.reader import settings_for
from tests.support.shelf import board_settings


@pytest.fixture(scope="module")
def invented() -> tuple[DemoArchive, Pictures]:
    archive = invent()
    return archive, render_all(archive)


async def told(app: Quart, method: str, **parameters: object) -> Answer:
    answer = await ask(app, address(method, **parameters))
    assert answer.status == 200
    return answer


@pytest.mark.parametrize("name", ["asagi", "hayden", "ritual", "vichan", "oldasagi"])
async def test_every_thread(name: str, invented: tuple[DemoArchive, Pictures], tmp_path: Path) -> None:
    writer, (archive, pictures) = WRITERS[name], invented
    path = tmp_path / "archive.db"
    load_sqlite(path, archive, writer, pictures)
    boards = boards_for(archive, writer)
    app = create_app(settings_for("sqlite", path, {board.name: board_settings(writer, board) for board in boards}))
    statuses = set()
    async with app.test_app():
        for board in boards:
            kept = {(post.num, post.subnum): post for post in writer.posts(board)}
            for num in {post.thread_num for post in kept.values()}:
                thread = check_thread((await told(app, "thread", board=board.name, num=num)).json)
                shown = {(int(post["num"]), int(post["subnum"])): post for post in posts_of(thread)}
                assert sorted(shown) == sorted(key for key, post in kept.items() if post.thread_num == num)
                assert list(shown) == sorted(shown)
                for post in shown.values():
                    check_safe(post)
                    statuses.add(post["media"] and post["media"]["media_status"])
                deleted = (await told(app, "deleted", board=board.name, num=num)).json
                gone = [post for post in shown.values() if post["deleted"] == "1"]
                assert len(posts_of(check_thread(deleted)) if "error" not in deleted else []) == len(gone)
            for post in (await told(app, "gallery", board=board.name, page=1)).json:
                check_post(post, listed=True)
            for order in ("by_thread", "by_post", "ghost"):
                index = (await told(app, "index", board=board.name, page=1, order=order)).json
                for post in [post for thread in (index or {}).values() for post in posts_of(thread)]:
                    check_post(post)
    assert {None, "normal"} <= statuses
    assert ("banned" in statuses) == ("_images" in writer.suffixes and not writer.html)
