"""Catalog and gallery: which threads and pictures are shown, in which order, and where their links lead."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from urllib.parse import quote
from xml.etree.ElementTree import Element

import pytest

from app.engines import Found
from app.web import catalog, gallery
from tests.support.pages import EVIL, SHOWN, having, one, text
from tests.support.searching import link, page_of, sqlite_stage
from tests.support.stage import NOON, Running, Stage, stage

__all__ = ["sqlite_stage", "stage"]

BUMPED = {100: 50, 200: 90, 300: 70, 400: 10, 500: 30}
REPLIES = {100: 3, 200: 0, 300: 1, 400: 2, 500: 1}
IMAGES = {100: 1, 200: 1, 300: 2, 400: 3, 500: 0}
STICKY = 400


def _file(name: int, **columns: Any) -> dict[str, Any]:
    return {
        "media_orig": f"{NOON + name}000.png",
        "preview_orig": f"{NOON + name}000s.jpg",
        "media_filename": f"file {name}.png",
        "media_w": 640,
        "media_h": 480,
        "media_size": 2048,
        "preview_w": 250,
        "preview_h": 188,
        **columns,
    }


def _fill(stage: Stage) -> None:
    """Five threads whose order by bump, creation, replies and images differs; the sticky one was bumped first."""
    stage.board()
    for thread in BUMPED:
        rows = [(thread + place) for place in range(REPLIES[thread] + 1)]
        for place, num in enumerate(rows):
            stage.post(num, thread, **(_file(num) if place < IMAGES[thread] else {}))
    stage.threads(
        *(
            {"thread_num": num, "time_bump": NOON + bumped, "sticky": int(num == STICKY)}
            for num, bumped in BUMPED.items()
        )
    )


def _nums(page: Element) -> list[int]:
    """Numbers of the posts that the tiles are of, from what is heard of each."""
    heard = ((tile.get("aria-label") or text(tile)) for tile in having(page, "tile_link"))
    return [int(words.rpartition(" ")[2]) for words in heard]


async def test_a_catalog_is_sorted_by_what_the_threads_truly_have(stage: Stage) -> None:
    _fill(stage)
    async with stage.running() as running:
        page = await page_of(running, "/g/catalog/")
        assert _nums(page) == [400, 200, 300, 100, 500]
        counts = {num: text(line) for num, line in zip(_nums(page), having(page, "tile_counts"), strict=True)}
        assert counts == {
            100: "3 replies / 1 image",
            200: "0 replies / 1 image",
            300: "1 reply / 2 images",
            400: "2 replies / 3 images sticky",
            500: "1 reply / 0 images",
        }
        (line, *_) = having(page, "tile_counts")
        assert line.get("title") == "Last bump: 12 Jul 2022 12:00 UTC"
        assert _nums(await page_of(running, "/g/catalog/?sort=bump")) == [400, 200, 300, 100, 500]
        assert _nums(await page_of(running, "/g/catalog/?sort=creation")) == [500, 400, 300, 200, 100]
        assert _nums(await page_of(running, "/g/catalog/?sort=replies")) == [100, 400, 300, 500, 200]
        assert _nums(await page_of(running, "/g/catalog/?sort=images")) == [400, 300, 200, 100, 500]


async def test_a_sort_by_size_knows_its_page_and_says_so(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    _fill(stage)
    monkeypatch.setattr(catalog, "CATALOG_THREADS", 3)
    async with stage.running() as running:
        seen = []
        address = "/g/catalog/?sort=replies&size=large&text=off"
        for expected in ([400, 300, 200], [100, 500]):
            page = await page_of(running, address)
            assert _nums(page) == expected
            (note,) = having(page, "note wall_note")
            assert note.get("hidden") is None
            assert text(note).startswith(f"Sorted are the {len(expected)} threads on this page;")
            seen += _nums(page)
            if len(seen) < len(BUMPED):
                address = link(page, "Older →")
                assert re.fullmatch(r"/g/catalog/\?before=[0-9-]+&sort=replies&size=large&text=off", address)
        assert link(page, "← Newer").endswith("&sort=replies&size=large&text=off")
        plain = await page_of(running, "/g/catalog/")
        assert having(plain, "note wall_note")[0].get("hidden") is not None  # the script shows it
        assert link(plain, "Older →").count("&") == 0
        later = await page_of(running, link(await page_of(running, "/g/catalog/?sort=creation"), "Older →"))
        assert _nums(later) == [200, 100]


async def test_the_form_says_what_is_chosen(sqlite_stage: Stage) -> None:
    _fill(sqlite_stage)
    async with sqlite_stage.running() as running:
        for address, sort, size, bare, words in (
            ("/g/catalog/", "bump", "small", False, ""),
            ("/g/catalog/?sort=images&size=large&text=off&filter=POST++100", "images", "large", True, "POST 100"),
            ("/g/catalog/?sort=creation&size=small&text=on&filter=", "creation", "small", False, ""),
        ):
            page = await page_of(running, address)
            form = one(page, "wall_choices")
            assert (form.get("method"), form.get("action")) == ("get", "/g/catalog/")
            chosen = [option.get("value") for option in form.iter("option") if option.get("selected") is not None]
            assert chosen == [each for each in (sort, size) if each != "small"]
            (box, field) = form.iter("input")
            assert (box.get("checked") is not None, field.get("value")) == (bare, words)
            assert all(text(label) for label in form.iter("label")) and len(list(form.iter("label"))) == 4
            classes = [
                "wall",
                "catalog",
                *(["wall_large"] if size == "large" else []),
                *(["wall_bare"] if bare else []),
            ]
            assert having(page, " ".join(classes))


@pytest.mark.parametrize(
    ("address", "parameter"),
    [
        ("catalog/?sort=size", "sort"),
        ("catalog/?sort=", "sort"),
        ("catalog/?size=huge", "size"),
        ("catalog/?text=none", "text"),
        (f"catalog/?filter={'x' * 101}", "filter"),
        ("catalog/?before=%3Cb%3E", "before"),
        ("catalog/?sort=images&after=1", "after"),
        ("gallery/?tab=all", "tab"),
        ("gallery/2/?tab=images", "tab"),
        ("gallery/?tab=images&cursor=%3Cb%3E", "cursor"),
        ("gallery/?tab=images&cursor=0~po.1", "cursor"),
        ("gallery/?before=x", "before"),
    ],
)
async def test_a_wrong_parameter_is_named(sqlite_stage: Stage, address: str, parameter: str) -> None:
    _fill(sqlite_stage)
    async with sqlite_stage.running() as running:
        page = await page_of(running, f"/g/{address}", 400)
        assert f'parameter "{parameter}"' in text(one(page, "alert"))


async def test_a_filter_looks_through_subject_name_and_the_whole_comment(sqlite_stage: Stage) -> None:
    sqlite_stage.board()
    sqlite_stage.post(1, title="Straße der ROUTER", comment="Nothing.")
    sqlite_stage.post(2, name="Router Bob", comment="Mine.")
    sqlite_stage.post(3, comment=f"{'word ' * 300}[spoiler]rou[/spoiler]ter at last")
    sqlite_stage.post(4, comment="[spoiler]A switch[/spoiler]", email="router")
    sqlite_stage.threads(*({"thread_num": num} for num in (1, 2, 3, 4)))
    async with sqlite_stage.running() as running:
        for words, expected in (
            ("router", [3, 2, 1]),
            ("  ROUT ", [3, 2, 1]),
            ("router bob", [2]),
            ("straße", [1]),
            ("spoiler", []),
            ("switch", [4]),
        ):
            page = await page_of(running, f"/g/catalog/?filter={quote(words)}")
            assert _nums(page) == expected
            verb = "has" if len(expected) == 1 else "have"
            note = text(one(page, "note wall_note"))
            asked = words.strip()
            assert note.startswith(f"{len(expected)} of 4 threads {verb} “{asked}” in the subject, name or comment.")
            search = f"/g/search/?op={quote(asked)}&results=thread"
            assert link(page, "Search all threads") == search
            await running.ask(search)
            assert having(page, "empty") == []
        page = await page_of(running, "/g/catalog/?filter=%22")
        assert not [each for each in page.iter("a") if text(each) == "Search all threads"]


async def test_hostile_words_stay_text(sqlite_stage: Stage) -> None:
    evil = EVIL.replace("\x00", "").replace("\ud800", "")
    sqlite_stage.board()
    sqlite_stage.post(1, title=evil, name=evil, comment=evil, **_file(1, media_filename=evil))
    sqlite_stage.threads({"thread_num": 1})
    async with sqlite_stage.running() as running:
        for address in ("catalog/", f"catalog/?filter={quote(evil)}", "gallery/", "gallery/?tab=images"):
            page = await page_of(running, f"/g/{address}")  # html5lib finds no fault, so nothing of it is a tag
            assert [script.get("src") is None for script in page.iter("script")] == [True, False]
            assert _nums(page) == [1]
        page = await page_of(running, f"/g/catalog/?filter={quote(evil)}")
        assert f"“{SHOWN}" in text(one(page, "note wall_note"))
        (tile,) = having(page, "tile")
        assert (tile.get("data-poster") or "").startswith(SHOWN)


async def test_the_newest_images_are_all_there_each_once(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    _fill(stage)
    monkeypatch.setattr(gallery, "GALLERY_IMAGES", 3)
    async with stage.running() as running:
        seen = []
        address = "/g/gallery/?tab=images"
        while address:
            page = await page_of(running, address)
            seen.append(_nums(page))
            assert len(seen) < 5
            older = [each for each in page.iter("a") if text(each) == "Older →"]
            address = older[0].get("href") or "" if older else ""
        assert seen == [[402, 401, 400], [301, 300, 200], [100]]
        assert link(page, "← Newest") == "/g/gallery/?tab=images"
        first, second, _ = having(await page_of(running, "/g/gallery/?tab=images"), "tile")
        picture, file = first.iter("a")
        assert picture.get("href") == "/g/thread/400/#402"
        assert next(second.iter("a")).get("href") == "/g/thread/400/#401"
        full = f"/g/image/{str(NOON)[:4]}/{str(NOON)[4:6]}/{NOON + 402}000.png"
        assert (file.get("href"), file.get("rel"), text(file)) == (full, "noreferrer", "2KiB, 640x480")
        told = {name: picture.get(name) for name in ("data-full", "data-kind", "data-w", "data-h", "data-spoiler")}
        assert told == {
            "data-full": full, "data-kind": "image", "data-w": "640", "data-h": "480", "data-spoiler": None,
        }  # fmt: skip


async def test_files_that_cannot_be_shown_leave_no_gap(stage: Stage) -> None:
    stage.board()
    banned = "AAAAAAAAAAAAAAAAAAAAAA=="
    stage.add(
        "g_images",
        {"media_id": 1, "media_hash": banned, "media": "1.png", "preview_op": "1s.jpg", "banned": 1, "total": 1},
    )
    stage.post(1, **_file(1, media_hash=banned, media_id=1))
    stage.post(2, **_file(2, media_orig=None, preview_orig=None))
    stage.post(3, **_file(3, spoiler=1))
    stage.post(4, **_file(4, media_orig="1657627200000.webm"))
    stage.post(5, **_file(5, media_orig="1657627200000.pdf"))
    async with stage.running() as running:
        page = await page_of(running, "/g/gallery/?tab=images")
        assert _nums(page) == [5, 4, 3]
        pdf, video, spoiler = having(page, "tile_link")
        assert (pdf.get("data-full"), video.get("data-kind")) == (None, "video")
        assert spoiler.get("data-spoiler") is not None and not list(spoiler.iter("img"))
        assert one(spoiler, "spoiler_box") is not None
        assert "1s.jpg" not in await running.text("/g/gallery/?tab=images")


async def test_tabs_veil_and_boards_without_files(sqlite_stage: Stage) -> None:
    _fill(sqlite_stage)
    sqlite_stage.board("adult", nsfw=True)
    sqlite_stage.post(1, board="adult", **_file(1))
    sqlite_stage.board("dry", media=False)
    sqlite_stage.post(1, board="dry", **_file(1))
    async with sqlite_stage.running() as running:
        for address, current in (("/g/gallery/", "Threads"), ("/g/gallery/?tab=images", "Images")):
            page = await page_of(running, address)
            (tabs,) = [nav for nav in page.iter("nav") if nav.get("aria-label") == "Pictures of"]
            assert [text(each) for each in tabs.iter("a") if each.get("aria-current") == "page"] == [current]
            assert [each.get("href") for each in tabs.iter("a")] == ["/g/gallery/", "/g/gallery/?tab=images"]
        assert having(await page_of(running, "/adult/gallery/?tab=images"), "unveil")
        page = await page_of(running, "/dry/gallery/?tab=images")
        assert text(one(page, "note wall_note")) == "The files of this board are not shown here."
        assert not having(page, "tile")


async def test_a_wall_whose_time_was_up_goes_on(sqlite_stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    _fill(sqlite_stage)
    async with sqlite_stage.running() as running:
        _stop_at(running, "0~g.301", monkeypatch)
        page = await page_of(running, "/g/gallery/?tab=images")
        assert text(one(page, "note wall_note")).startswith("Time was up before the page was full.")
        onward = link(page, "Go on from there")
        assert not having(page, "paginate") and not having(page, "empty")
        monkeypatch.undo()
        assert _nums(await page_of(running, onward)) == [301, 300, 200, 100]


def _stop_at(running: Running, place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async def search(*asked: Any, **places: Any) -> Found:
        return Found((), 0, False, place, stopped=True, reached=NOON)

    monkeypatch.setattr(running.archive._engine, "search", search)


def test_the_sheet_of_walls_is_brief() -> None:
    folder = Path(__file__).resolve().parents[1] / "static" / "css"
    assert sum((folder / name).stat().st_size for name in ("55-walls.css", "56-lightbox.css")) <= 3_000
