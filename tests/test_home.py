"""The front page: what is new on all boards and how busy they are, without asking the database for it."""

from __future__ import annotations

from typing import Any

import lxml.html
import msgspec
import pytest
from markupsafe import Markup

from app.errors import Unavailable
from app.model import NewThread
from app.settings import BoardSettings, MediaSettings, Settings
from app.stats.model import BoardStatistics, Day
from app.web.activity import activity_of
from app.web.charts import sparkline
from tests.support import dashchan, kuroba
from tests.support.asgi import ask
from tests.support.pages import EVIL, MEDIA, PLAIN, SHOWN, FakeArchive, app_of, document, having, one, page, text
from tests.support.recorder import Recorder
from tests.support.stage import NOON, Stage, stage

__all__ = ["stage"]

DAY = 86_400
TODAY = 19_000
"""Days since 1970."""


def newest(archive: FakeArchive, board: str, *times: int, **changes: Any) -> None:
    """Gives the board threads that were created at these times, newest first."""
    post = msgspec.structs.replace(PLAIN, board=board, **changes)
    threads = tuple(
        NewThread(msgspec.structs.replace(post, num=time, thread_num=time, time=time), replies=time % 7)
        for time in times
    )
    archive.boards[board] = msgspec.structs.replace(archive.boards[board], latest=threads)


async def shown(archive: FakeArchive) -> list[str]:
    return [link.get("href", "") for link in one(await page(app_of(archive), "/"), "newest").iter("a")][:-1]


async def test_the_newest_threads_of_all_boards_stand_in_order_of_time() -> None:
    archive = FakeArchive()
    newest(archive, "g", 90, 70, 50)
    newest(archive, "λ", 100, 60)
    assert await shown(archive) == [f"/{board}/thread/{num}/" for board, num in
                                    (("%CE%BB", 100), ("g", 90), ("g", 70), ("%CE%BB", 60), ("g", 50))]  # fmt: skip
    newest(archive, "g", *range(99, 79, -1))
    assert len(await shown(archive)) == 12
    archive.boards["g"] = msgspec.structs.replace(archive.boards["g"], hidden=True)
    assert await shown(archive) == ["/%CE%BB/thread/100/", "/%CE%BB/thread/60/"]


async def test_a_thread_has_its_picture_its_words_and_its_facts() -> None:
    archive = FakeArchive()
    newest(archive, "g", 1366825828, media=MEDIA, subject=EVIL, comment=f"first\n{EVIL}")
    root = await page(app_of(archive), "/")
    (item,) = one(root, "newest").iter("li")
    assert text(one(item, "newest_title")).startswith(SHOWN)
    assert text(one(item, "newest_facts")) == "/g/ · 4 replies · 24 Apr 2013 17:50 UTC"
    assert text(one(item, "newest_excerpt")).startswith("first \"'><script>")
    (picture,) = item.iter("img")
    assert (picture.get("src"), picture.get("alt"), picture.get("width")) == (
        "/g/thumb/1366/82/1366825828123s.jpg",
        "",
        "80",
    )
    newest(archive, "g", 5, comment=None)
    assert text(one(await page(app_of(archive), "/"), "newest_title")) == "No. 5"


async def test_pictures_are_of_boards_that_are_safe_for_work_and_show_media() -> None:
    archive = FakeArchive()

    async def pictures() -> int:
        return len(list(one(await page(app_of(archive), "/"), "newest").iter("img")))

    newest(archive, "g", 5, media=MEDIA)
    assert await pictures() == 1
    for change in ({"spoiler": True}, {"banned": True, "image": None, "thumb": None}):
        newest(archive, "g", 5, media=msgspec.structs.replace(MEDIA, **change))
        assert await pictures() == 0
    newest(archive, "g", 5, media=MEDIA)
    archive.boards["g"] = msgspec.structs.replace(archive.boards["g"], nsfw=True)
    assert await pictures() == 0
    assert having(one(await page(app_of(archive), "/"), "newest"), "mark mark_nsfw")
    archive.settings = Settings(boards={"g": BoardSettings(nsfw=True)})
    assert (await ask(app_of(archive), "/")).headers["rating"].startswith("RTA-")
    archive = FakeArchive()
    newest(archive, "g", 5, media=MEDIA)
    archive.settings = Settings(media=MediaSettings(enabled=False))
    assert await pictures() == 0


async def test_a_board_that_is_away_keeps_nothing_else_from_being_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    archive = FakeArchive()
    newest(archive, "g", 7)
    newest(archive, "λ", 8)
    there = archive.board

    def board(name: str) -> Any:
        if name == "λ":
            raise Unavailable("Not now.")
        return there(name)

    monkeypatch.setattr(archive, "board", board)
    archive.numbers = statistics([1] * 70)
    assert await shown(archive) == ["/g/thread/7/"]
    assert len(having(await page(app_of(archive), "/"), "sparkline")) == 2


async def test_programs_that_read_the_list_of_boards_are_not_confused() -> None:
    archive = FakeArchive()
    newest(archive, "g", 8, 7, media=MEDIA, subject="/a/ - b")
    archive.numbers = statistics([1] * 70)
    archive.boards["g"] = msgspec.structs.replace(archive.boards["g"], title="Things")
    html = (await ask(app_of(archive), "/")).body.decode()
    boards = [("g", "Things"), ("λ", "λ"), ("late", "Late")]
    assert dashchan.read_boards(html) == kuroba.read_boards(html) == boards
    assert "<time" not in html and "post_title" not in html and "post_author" not in html


def statistics(posts: list[int], source: Any = "computed") -> BoardStatistics:
    """Of one day after the other, the last of them today."""
    first = TODAY - len(posts) + 1
    days = tuple(Day(first + place, count, 0, 0, 0, 0, count) for place, count in enumerate(posts) if count)
    return BoardStatistics("g", source, TODAY * DAY + 5, sum(posts), 0, 0, days)


def values(drawing: Markup) -> list[float]:
    (line,) = lxml.html.fromstring(str(drawing)).iter("polyline")
    return [float(point.split(",")[1]) for point in (line.get("points") or "").split()]


def test_activity_is_a_line_of_weeks() -> None:
    found = activity_of(statistics([*[2] * 7, *[0] * 7, *[1] * 7, *[10] * 7]))
    assert found is not None
    assert found.fact == "70 in its last week"
    svg = lxml.html.fromstring(str(found.drawing))
    assert (svg.get("role"), svg.get("aria-label")) == (
        "img",
        "Posts in each of 4 weeks up to 8 January 2022: from 0 to 70, in the last week 70.",
    )
    assert values(found.drawing) == [18.6, 23.0, 20.8, 1.0]
    long = activity_of(statistics([1] * 2_000))
    assert long is not None and len(values(long.drawing)) == 52


@pytest.mark.parametrize(
    "unknown",
    [
        statistics([]),
        statistics([5] * 27),
        statistics([5] * 28, "sample"),  # its first day is a part of one
        msgspec.structs.replace(statistics([5] * 300), made=TODAY // 2 * DAY),  # a clock far ahead
    ],
    ids=["nothing", "too little", "too little of a sample", "days to come"],
)
def test_too_little_to_know_is_no_line(unknown: BoardStatistics) -> None:
    assert activity_of(unknown) is None


def test_a_line_lies_in_its_picture_whatever_the_numbers() -> None:
    for numbers in ([0, 0], [1, 10**12], [3] * 52):
        drawing = sparkline(numbers, 'a "label" <b>')
        assert all(1 <= value <= 23 for value in values(drawing)) and len(values(drawing)) == len(numbers)
        assert "<b>" not in drawing and lxml.html.fromstring(str(drawing)).get("aria-label") == 'a "label" <b>'


@pytest.mark.parametrize("writer", ["asagi", "bare"])
async def test_what_is_newest_and_oldest_is_looked_up_now_and_then(
    stage: Stage, writer: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage.board(writer=writer)
    nums = range(101, 116)
    stage.posts(*({"num": num, "thread_num": num} for num in nums))
    stage.posts(*({"num": num, "thread_num": 110} for num in (120, 121)))
    stage.post(50, 49)  # a thread without its first post
    stage.post(49, 49, subnum=1, timestamp=0)
    stage.board("empty", writer)
    if writer == "asagi":
        stage.threads(*({"thread_num": num} for num in [49, *nums]))
    async with stage.running() as app:
        about, empty = app.archive.boards["g"], app.archive.boards["empty"]
        assert (about.oldest, about.newest) == (NOON + 50, NOON + 121)
        assert (empty.oldest, empty.newest, empty.latest) == (None, None, ())
        assert [(thread.op.num, thread.replies) for thread in about.latest] == [
            (num, 2 if num == 110 else 0) for num in range(115, 103, -1)
        ]
        for name in ("g", "empty"):
            await app.archive.statistics(app.archive.board(name))  # from here on they are known
        recorder = Recorder(monkeypatch)
        links = [link.get("href") for link in one(document(await app.ask("/")), "newest").iter("a")]
        assert links[:2] == ["/g/thread/115/", "/g/thread/114/"]
        assert recorder.statements == []
        if writer == "asagi":
            stage.add("g_deleted", {"num": 115, "subnum": 0, "thread_num": 115, "op": 1, "timestamp": 1,
                                    "timestamp_expired": 0})  # fmt: skip
            await app.board().refresh()
            assert app.archive.boards["g"].latest[0].op.num == 114
