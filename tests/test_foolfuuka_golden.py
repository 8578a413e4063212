"""The answers that a FoolFuuka archive gave, asked for again of an archive with the same posts: nothing may differ but
what `DIFFERENCES` names."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from quart import Quart

from app import create_app
from app.resources import resource
from app.settings import AppSettings, MediaSettings, Settings, SiteSettings
from tests.support.asgi import ask
from tests.support.golden import ABSENT, Difference, differences, fill, read
from tests.support.stage import Stage, stage

__all__ = ["stage"]

HOST = "https://desuarchive.org"
MEDIA = "https://desu-usergeneratedcontent.xyz"
API = "/_/api/chan"
SEARCHED = "rust borrow checker"
"""What the recorded search was for, as its title says."""

DIFFERENCES = (
    # What 4plebs added, for clients that show it.
    Difference("thread.*.op.unique_ips", "unique_ips", ABSENT, "1"),
    Difference("index.*.op.unique_ips", "unique_ips", ABSENT, "1"),
    # Files have one address each, whichever way somebody asks.
    Difference("archives.site.media_http.0", "media_http", MEDIA.replace("https:", "http:"), MEDIA),
    # Preferences that operators of FoolFuuka set for each board. Nobody can post here, and what posts have is shown.
    *(
        Difference(f"archives.archives.{board}.{key}", key, theirs, ours)
        for board, key, theirs, ours in (
            ("*", "max_comment_characters_allowed", "1000", "4096"),
            ("1", "max_comment_lines_allowed", "50", "20"),
            ("1", "cooldown_new_comment", "120", "10"),
            ("2", "cooldown_new_comment", "180", "10"),
            ("*", "transparent_spoiler", True, False),
            ("1", "enable_flags", False, True),
            ("*", "display_exif", False, True),
            ("*", "enable_poster_hash", False, True),
        )
    ),
)
"""What we answer otherwise on purpose; docs/compatibility.md names it all."""

LEFT_OUT = (
    # The search found 4,286 posts more than were recorded.
    Difference("search.meta.total_found", "", 4290, 4),
)
"""What differs only because posts were left out of the recordings."""

BOARD_IDS = {"11": "1", "12": "2"}
"""Numbers of boards: FoolFuuka's come from its table of boards, ours from the order of the operator's."""


@pytest.fixture
def folder(genuine_archives: Path) -> Path:
    found = genuine_archives / "foolfuuka-golden"
    if not found.is_dir():
        pytest.skip("the folder ../shared/archives has no recorded answers of FoolFuuka")
    return found


@asynccontextmanager
async def serving(stage: Stage) -> AsyncIterator[Callable[[str], Any]]:
    """Asks the app over the stage, set up as the recorded archive is; gives the JSON of an answer of status 200."""
    settings = Settings(
        db=stage.place.settings(),
        app=AppSettings(url=HOST),
        site=SiteSettings(name="Desuarchive"),
        boards=stage.boards,
        media=MediaSettings(
            root=stage.media,
            image_url=f"{MEDIA}/{{board}}/image/{{path}}",
            thumb_url=f"{MEDIA}/{{board}}/thumb/{{path}}",
        ),
    )
    app: Quart = create_app(settings)
    async with app.test_app():

        async def answer(target: str) -> Any:
            answered = await ask(app, API + target)
            assert answered.status == 200, f"{target}: {answered.status} {answered.body[:400]!r}"
            return answered.json

        yield answer


@asynccontextmanager
async def filled(stage: Stage, folder: Path) -> AsyncIterator[Callable[[str], Any]]:
    fill(stage, "g", [read(folder, name) for name in ("index", "thread", "post", "search")])
    async with serving(stage) as answer:
        yield answer


def compare(name: str, theirs: Any, ours: Any) -> None:
    """Exactly the differences that are listed, each of them."""
    found = list(differences(name, theirs, ours))
    listed = [difference for difference in (*DIFFERENCES, *LEFT_OUT) if difference.where.startswith(f"{name}.")]
    assert [place for place in found if not any(place.meant_by(difference) for difference in listed)] == []
    assert [difference for difference in listed if not any(place.meant_by(difference) for place in found)] == []


async def test_an_invented_thread(stage: Stage) -> None:
    """Made by hand after the FoolFuuka notes, with what the recordings lack; nothing may differ here."""
    folder = Path(__file__).parent / "golden"
    fill(stage, "a", [read(folder, "thread")])
    async with serving(stage) as answer:
        assert list(differences("thread", read(folder, "thread"), await answer("/thread/?board=a&num=100"))) == []


@pytest.mark.parametrize("slash", ["", "/"])
async def test_a_thread(stage: Stage, folder: Path, slash: str) -> None:
    recorded = read(folder, "thread")
    (num,) = recorded
    async with filled(stage, folder) as answer:
        compare("thread", recorded, await answer(f"/thread{slash}?board=g&num={num}"))


async def test_an_index(stage: Stage, folder: Path) -> None:
    """The thread that was recorded by itself is the oldest one here, so it ends the page."""
    recorded, (num, thread) = read(folder, "index"), *read(folder, "thread").items()
    assert int(num) < min(map(int, recorded))
    recorded[num] = {"omitted": 0, "images_omitted": 0, "op": thread["op"], "posts": list(thread["posts"].values())}
    async with filled(stage, folder) as answer:
        compare("index", recorded, await answer("/index/?board=g&page=1"))
        assert await answer("/index/?board=g&page=2") == []


async def test_a_post(stage: Stage, folder: Path) -> None:
    """It was recorded within its thread, where what it quotes is at hand; by itself it leads there by a look-up."""
    recorded, (thread,) = read(folder, "post"), read(folder, "thread").values()
    num, quoted = recorded["num"], recorded["thread_num"]
    assert recorded == thread["posts"][num]
    there, elsewhere = f'/thread/{quoted}/#{quoted}" class="backlink op"', f'/post/{quoted}/" class="backlink"'
    assert there in recorded["comment_processed"]
    recorded["comment_processed"] = recorded["comment_processed"].replace(there, elsewhere)
    async with filled(stage, folder) as answer:
        compare("post", recorded, await answer(f"/post/?board=g&num={num}"))


async def test_a_search(stage: Stage, folder: Path) -> None:
    async with filled(stage, folder) as answer:
        compare("search", read(folder, "search"), await answer(f"/search/?boards=g&text={quote(SEARCHED)}"))


async def test_the_list_of_boards(stage: Stage, folder: Path) -> None:
    recorded = read(folder, "archives")
    recorded["archives"] = {BOARD_IDS[number]: board for number, board in recorded["archives"].items()}
    for board in recorded["archives"].values():
        stage.board(board["shortname"], title=board["name"])
    async with serving(stage) as answer:
        compare("archives", recorded, await answer("/archives/"))


async def test_what_is_not_there(stage: Stage, folder: Path) -> None:
    errors = json.loads((folder / "errors_http200.json").read_text())
    asked = {"thread_not_found": "/thread/?board=g&num=1", "no_results": "/search/?boards=g&text=nonexistent"}
    async with filled(stage, folder) as answer:
        assert {name: await answer(target) for name, target in asked.items()} == errors


def test_every_difference_is_noticed(folder: Path) -> None:
    """Whatever is changed in a recorded answer, a key, its place or a type, the comparison finds it."""
    recorded = read(folder, "thread")
    (thread,) = recorded.values()
    op = thread["op"]
    for key, value in op.items():
        for changed in (None if value is not None else "", str(value) + " ", [value]):
            thread["op"] = {**op, key: changed}
            assert list(differences("", read(folder, "thread"), recorded)), key
        thread["op"] = {inner: known for inner, known in op.items() if inner != key}
        assert list(differences("", read(folder, "thread"), recorded)), key
        if key != list(op)[-1]:
            thread["op"] = {**thread["op"], key: value}
            assert list(differences("", read(folder, "thread"), recorded)), key
    assert list(differences("", 1, True)) and list(differences("", 1, 1.0)) and list(differences("", [1], [1, 2]))


def test_the_documentation_names_every_difference() -> None:
    text = resource("docs/compatibility.md").read_text()
    assert [difference for difference in DIFFERENCES if f"`{difference.named}`" not in text] == []
