"""`/_/api/chan/statistics/`: what FoolFuuka's plugin answers, made of our statistics."""

import time
from pathlib import Path
from typing import Any

import pytest

from app import create_app
from app.settings import AppSettings, BoardSettings, Settings, SiteSettings
from app.stats.model import BoardStatistics, Day, LargeThread, Poster, RepostedImage
from app.stats.results import folder_of, results_file, write_results
from tests.support.asgi import ask
from tests.support.foolfuuka import API
from tests.support.stage import NOON, Stage, stage
from tests.test_stats import media_hash

__all__ = ["stage"]

NAMES = [
    "activity",
    "countries",
    "image-reposts",
    "largest-threads",
    "new-users",
    "population",
    "post-count",
    "post-rate",
]
TODAY = int(time.time()) // 86_400
STATISTICS = BoardStatistics(
    board="g",
    source="computed",
    made=NOON,
    posts=9,
    since=NOON,
    until=NOON + 9,
    days=(Day(19_000, 7, 3, 1, 2, 1, 4), Day(TODAY - 3, 2, 0, 0, 0, 0, 2)),
    countries=(("DE", 5), ("<b>", 1)),
    threads=(LargeThread(1, 5, 1, NOON, "Subject"), LargeThread(77, 2, 0, NOON, "gone")),
    images=(RepostedImage(media_hash(1), 3, 2), RepostedImage(media_hash(2), 2, 0)),
    posters=(Poster("Bob", "", 40, NOON, NOON + 1), Poster("", "!trip", 35, NOON + 5, 0), Poster("Al", "", 3, NOON, 0)),
)


async def answers(stage: Stage, state: Path, *names: str) -> list[dict[str, Any]]:
    settings = Settings(
        db=stage.place.settings(),
        boards=stage.boards,
        app=AppSettings(state=state),
        site=SiteSettings(anonymous_name="Nobody"),
    )
    app = create_app(settings)
    found = []
    async with app.test_app():
        for name in names:
            answer = await ask(app, f"{API}/statistics/?board=g&stat={name}")
            assert answer.status == 200, answer.body
            found.append(answer.json)
    return found


async def test_what_there_is(stage: Stage, tmp_path: Path) -> None:
    stage.board(nsfw=True)
    stage.posts(
        {"num": 1, "thread_num": 1, "title": "Sub & ject", "comment": "Words"},
        {"num": 3, "thread_num": 1, "title": None, "comment": None},
    )
    stage.add("g_images", {"media_hash": media_hash(1), "media": "1600000000000.jpg", "total": 3, "banned": 0})
    ((media_id,),) = stage.place.execute("SELECT media_id FROM g_images")
    stage.posts({"num": 2, "thread_num": 1, "media_id": media_id, "media_hash": media_hash(1)})
    folder_of(tmp_path).mkdir(parents=True)
    write_results(results_file(folder_of(tmp_path), "g"), STATISTICS)
    found = dict(zip(NAMES, await answers(stage, tmp_path, *NAMES), strict=True))
    for name, answer in found.items():
        assert list(answer) == ["statistic", "data"]
        timestamp = {} if name == "post-rate" else {"timestamp": str(NOON)}
        assert answer["statistic"] == {"name": name.replace("-", " ").title(), **timestamp}
    data = {name: answer["data"] for name, answer in found.items()}
    old = {"time": str(19_000 * 86_400), "posts": "7", "images": "3", "sage": "1"}
    new = {"time": str((TODAY - 3) * 86_400), "posts": "2", "images": "0", "sage": "0"}
    assert data["activity"] == {"board": [], "ghost": [], "karma": [new], "total": [old, new]}
    assert data["population"]["total"][0] == {"time": old["time"], "trips": "1", "names": "2", "anons": "4"}
    assert [day["time"] for day in data["population"]["year"]] == [new["time"]]
    assert data["countries"] == [
        {"poster_country": "DE", "countries": "5"},
        {"poster_country": "<b>", "countries": "1"},
    ]
    known, unknown = data["image-reposts"]
    assert known == {
        "media_id": str(media_id),
        "media_hash": media_hash(1),
        "media": "1600000000000.jpg",
        "preview_op": None,
        "preview_reply": None,
        "total": "3",
        "banned": "0",
    }
    assert (unknown["media_hash"], unknown["media"], unknown["total"]) == (media_hash(2), None, "2")
    first, gone = data["largest-threads"]
    assert first == {
        "thread_num": "1",
        "time_op": str(NOON),
        "nreplies": "5",
        "nimages": "1",
        "sticky": "0",
        "locked": "0",
        "title": "Sub & ject",
        "comment": "Words",
    }
    assert (gone["thread_num"], gone["title"], gone["comment"]) == ("77", None, None)
    assert data["post-count"][:2] == [
        {"name": "Bob", "trip": "", "postcount": "40"},
        {"name": "Nobody", "trip": "!trip", "postcount": "35"},
    ]
    assert [(user["trip"], user["firstseen"]) for user in data["new-users"]] == [
        ("!trip", str(NOON + 5)),
        ("", str(NOON)),
    ]
    rate = {"last_hour": "0", "per_minute": "0.0000"}
    assert data["post-rate"] == {"board": [rate], "ghost": [rate]}


async def test_the_last_hours(stage: Stage, tmp_path: Path) -> None:
    stage.board()
    now = int(time.time())
    stage.posts(
        {"num": 1, "thread_num": 1, "timestamp": now - 60}, {"num": 2, "thread_num": 1, "timestamp": now - 5_000}
    )
    activity, rate = await answers(stage, tmp_path, "activity", "post-rate")
    assert sum(int(moment["posts"]) for moment in activity["data"]["board"]) == 2
    assert all(list(moment) == ["time", "posts", "images", "sage"] for moment in activity["data"]["board"])
    assert rate["data"]["board"] == [{"last_hour": "1", "per_minute": "0.0167"}]


@pytest.mark.parametrize("database_kind", ["sqlite"])
async def test_what_there_is_not(stage: Stage, tmp_path: Path) -> None:
    stage.board(writer="oldasagi")
    stage.boards["later"] = BoardSettings()
    settings = Settings(
        db=stage.place.settings(), boards=stage.boards, app=AppSettings(state=tmp_path, validate_boards_db=False)
    )
    app = create_app(settings)
    async with app.test_app():
        listed = (await ask(app, f"{API}/statistics/")).json
        assert [list(each) for each in listed["enabled_statistics"]] == [[name] for name in NAMES]
        for query, sentence in (
            ("stat=activity", "No board selected."),
            ("stat=activity&board=nope", "No board selected."),
            ("stat=availability&board=g", "Statistic currently not available."),
            ("stat=%3Cb%3E&board=g", "Statistic currently not available."),
            ("stat=post-rate&board=g", "Statistic currently not available."),
        ):
            answer = await ask(app, f"{API}/statistics/?{query}")
            assert (answer.status, answer.json) == (422, {"error": sentence})
        assert (await ask(app, f"{API}/statistics/?board=later&stat=activity")).status == 503
