"""Boards whose tables are not all there: the list of threads is put together, and what lacks a column is served."""

from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

import app.threads
from app import create_app
from app.settings import BoardSettings, Settings
from tests.support.databases import POSTS, THREADS, Place, fresh_place
from tests.support.reader import Reader

IMAGES = {
    "media_id": "int",
    "media_hash": "short",
    "media": "short",
    "preview_op": "short",
    "preview_reply": "short",
    "total": "int",
    "banned": "int",
}
START = 1_700_000_000
HASH = "AbCdEfGhIjKlMnOpQrStUv=="


@pytest.fixture(params=["sqlite", "mysql", "postgresql"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    with fresh_place(request.param, request, tmp_path) as place:
        yield place


@asynccontextmanager
async def served(place: Place, *names: str) -> AsyncIterator[Reader]:
    boards = {name: BoardSettings(clock="utc") for name in names}
    async with create_app(Settings(db=place.settings(), boards=boards)).test_app() as running:
        yield Reader(running.test_client())


def invented() -> list[dict[str, int]]:
    """Fourteen threads with replies, two bumped at the same second, and ghost posts in every third thread."""
    rows = []
    for index in range(14):
        num = 100 + 10 * index
        bump = START + 5000 + (index * 7 % 13) * 60
        rows += [
            {"num": num, "subnum": 0, "thread_num": num, "timestamp": START + index},
            {"num": num + 2, "subnum": 0, "thread_num": num, "timestamp": bump},
            {"num": num + 1, "subnum": 0, "thread_num": num, "timestamp": START + 100 + index},
        ]
        if index % 3 == 0:
            rows += [
                {"num": num + 1, "subnum": sub, "thread_num": num, "timestamp": START + 90_000 - 500 * index + sub}
                for sub in (1, 2)
            ]
    return rows


def expected(rows: list[dict[str, int]]) -> dict[str, list[int]]:
    """Thread numbers of each order, newest first."""
    bump: dict[int, int] = {}
    ghost: dict[int, int] = {}
    for row in rows:
        times = ghost if row["subnum"] else bump
        times[row["thread_num"]] = max(times.get(row["thread_num"], 0), row["timestamp"])
    return {
        "bump": sorted(bump, key=lambda num: (bump[num], num), reverse=True),
        "creation": sorted(bump, reverse=True),
        "ghost": sorted(ghost, key=lambda num: (ghost[num], num), reverse=True),
    }


def nums(answer: Any) -> list[int]:
    return [thread["num"] for thread in answer["threads"]]


def address(name: str, order: str, **more: Any) -> str:
    query = "&".join(f"{key}={value}" for key, value in {"order": order, "limit": 3, "replies": 1, **more}.items())
    return f"/api/v1/boards/{name}/threads?{query}"


def with_threads_table(place: Place, name: str, rows: list[dict[str, int]]) -> None:
    place.create(f"{name}_threads", THREADS)
    orders: dict[int, dict[str, int]] = {}
    for row in rows:
        thread = orders.setdefault(row["thread_num"], {"thread_num": row["thread_num"], "time_bump": 0})
        column = "time_ghost_bump" if row["subnum"] else "time_bump"
        thread[column] = max(thread.get(column, 0), row["timestamp"])
    place.insert(f"{name}_threads", *orders.values())


@pytest.mark.parametrize("derived", [True, False])
async def test_threads_are_listed_with_and_without_their_table(
    place: Place, derived: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app.threads, "_ROWS_AT_ONCE", 7)  # several pieces
    rows = invented()
    place.create("a", POSTS)
    place.insert("a", *rows)
    if not derived:
        with_threads_table(place, "a", rows)
    async with served(place, "a") as reader:
        for order, wanted in expected(rows).items():
            pages = [wanted[start : start + 3] for start in range(0, len(wanted), 3)]
            answers = [await reader.json(address("a", order))]
            while answers[-1]["older"] is not None:
                answers.append(await reader.json(address("a", order, before=answers[-1]["older"])))
            assert [nums(answer) for answer in answers] == pages
            assert answers[0]["pages"] == len(pages)
            back = answers[-1]
            for page in pages[-2:0:-1]:
                back = await reader.json(address("a", order, after=back["newer"]))
                assert nums(back) == page
            for number, page in enumerate(pages, start=1):
                assert nums(await reader.json(address("a", order, page=number))) == page
            await reader.json(address("a", order, page=len(pages) + 1), 404)
        await reader.html("/a/")
        await reader.html("/a/ghost/")
        await reader.html("/a/catalog/")


async def test_new_posts_arrive_in_a_derived_list(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(app.threads, "_LOOK_AGAIN_AFTER", 0.0)
    rows = invented()
    place.create("a", POSTS)
    place.insert("a", *rows)
    async with served(place, "a") as reader:
        first = await reader.json(address("a", "bump"))
        news = [
            {"num": 903, "subnum": 0, "thread_num": 110, "timestamp": START + 80_000},
            {"num": 904, "subnum": 0, "thread_num": 904, "timestamp": START + 80_001},
            {"num": 904, "subnum": 1, "thread_num": 904, "timestamp": START + 99_999},
        ]
        place.insert("a", *news)
        wanted = expected(rows + news)
        assert nums(await reader.json(address("a", "bump"))) == wanted["bump"][:3] != nums(first)
        assert wanted["bump"][:2] == [904, 110]
        assert nums(await reader.json(address("a", "ghost"))) == wanted["ghost"][:3]
        assert nums(await reader.json(address("a", "creation"))) == wanted["creation"][:3]


LACKING = (
    ("locked", "sticky", "poster_country", "exif"),
    ("subnum",),
    ("doc_id",),
    ("timestamp", "timestamp_expired"),
    ("media_hash", "media_orig", "preview_orig"),
    ("media_id",),
    ("deleted", "spoiler", "op"),
    tuple(set(POSTS) - {"num", "thread_num"}),
)


@pytest.mark.parametrize("lacking", LACKING, ids=lambda names: "all" if len(names) > 9 else "-".join(names))
@pytest.mark.parametrize("beside", [True, False], ids=["tables", "alone"])
async def test_a_board_that_lacks_columns_is_served(place: Place, lacking: tuple[str, ...], beside: bool) -> None:
    rows: list[Mapping[str, int | str]] = [
        {"num": 1, "thread_num": 1, "timestamp": START, "comment": "first", "media_hash": HASH, "media_id": 1},
        {"num": 2, "thread_num": 1, "timestamp": START + 5, "comment": "second", "media_orig": "1700000005000.png"},
    ]
    place.create("a", {name: kind for name, kind in POSTS.items() if name not in lacking})
    place.insert("a", *({name: value for name, value in row.items() if name not in lacking} for row in rows))
    if beside:
        place.create("a_threads", {"thread_num": "int", "time_bump": "int"})
        place.insert("a_threads", {"thread_num": 1, "time_bump": START + 5})
        place.create("a_images", IMAGES)
        place.insert("a_images", {"media_id": 1, "media_hash": HASH, "media": "1.png", "preview_op": "1s.jpg"})
        place.create("a_deleted", {"num": "int"})
    async with served(place, "a") as reader:
        thread = await reader.json("/api/v1/boards/a/threads/1")
        assert [post["num"] for post in thread["posts"]] == [1, 2]
        assert [post["comment"] for post in thread["posts"]] == (
            [None, None] if "comment" in lacking else ["first", "second"]
        )
        assert nums(await reader.json(address("a", "bump"))) == [1]
        assert nums(await reader.json(address("a", "creation"))) == [1]
        assert nums(await reader.json(address("a", "ghost"))) == []
        for page in ("", "ghost/", "catalog/", "thread/1/", "last/1/1/", "deleted/1/", "post/2/"):
            await reader.html(f"/a/{page}")
        found = await reader.json(f"/api/v1/boards/a/media/{HASH[:22].replace('/', '_')}")
        assert [post["num"] for post in found["posts"]] == ([] if "media_hash" in lacking else [1])


async def test_a_view_named_deleted_hides_nothing_and_a_table_does(place: Place) -> None:
    for name in ("a", "b"):
        place.create(name, POSTS)
        place.insert(
            name,
            {"num": 1, "thread_num": 1, "timestamp": START},
            {"num": 2, "thread_num": 1, "timestamp": START, "deleted": 1},
        )
    place.execute("CREATE VIEW a_deleted AS SELECT num, subnum, thread_num FROM a WHERE deleted = '1'")
    place.create("b_deleted", POSTS)
    place.insert("b_deleted", {"num": 2, "thread_num": 1})
    async with served(place, "a", "b") as reader:
        for name, shown in (("a", [1, 2]), ("b", [1])):
            thread = await reader.json(f"/api/v1/boards/{name}/threads/1")
            assert [post["num"] for post in thread["posts"]] == shown


async def test_an_empty_board_is_served(place: Place) -> None:
    place.create("a", POSTS)
    async with served(place, "a") as reader:
        assert nums(await reader.json(address("a", "bump"))) == []
        await reader.html("/a/")
        await reader.html("/a/thread/1/", 404)
