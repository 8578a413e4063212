"""A small archive to search in, and what its search pages say."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element

import pytest

from tests.support.databases import fresh_place
from tests.support.pages import document, having, one, text
from tests.support.stage import Running, Stage

HASH = "AAAAAAAAAAAAAAAAAAAAAA=="
FILE = {
    "media_hash": HASH,
    "media_orig": "1657627200000.png",
    "preview_orig": "1657627200000s.jpg",
    "media_filename": "old router.png",
    "media_w": 640,
    "media_h": 480,
    "media_size": 2048,
    "preview_w": 125,
    "preview_h": 94,
}


def fill(stage: Stage) -> None:
    """Two boards: /g/ of 63 posts with a router in the comment, four of them with a file, and /po/ of two."""
    stage.board("g", title="Technology", clock="new_york")
    stage.board("po")
    for thread in (100, 140):
        stage.post(thread, title="Old hardware", comment="Which router?", **FILE)
    plain = [num for num in range(101, 160) if num not in (110, 150, 140)]
    stage.posts(*({"num": num, "thread_num": 100 if num < 140 else 140, "comment": f"A router {num}"} for num in plain))
    stage.posts(*({"num": num, "thread_num": 100, "comment": "my router", "name": "Bob", **FILE} for num in (110, 150)))
    stage.posts({"num": 100, "thread_num": 100, "subnum": 1, "comment": "router, haunted"})
    stage.posts({"num": 159, "thread_num": 140, "subnum": 2, "comment": "router again"})
    stage.posts(
        {"num": 100, "thread_num": 100, "comment": "a paper router"},
        {"num": 101, "thread_num": 100, "comment": "paper"},
        board="po",
    )


@pytest.fixture
def sqlite_stage(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Stage]:
    """An empty stage for what has nothing to do with the kind of database."""
    with fresh_place("sqlite", request, tmp_path) as place:
        yield Stage(place, tmp_path / "media")


@asynccontextmanager
async def filled(stage: Stage) -> AsyncIterator[Running]:
    fill(stage)
    async with stage.running() as running:
        yield running


async def page_of(running: Running, address: str, status: int = 200) -> Element:
    return document(await running.ask(address, status))


def places(page: Element) -> list[tuple[str, str]]:
    """Board and number of the posts on a page, in order."""
    numbers = [having(article, "post_number") for article in articles(page)]
    boards = [article.get("data-board") or "" for article in articles(page)]
    return [
        (board, (number[0].get("data-post") or "").replace(",", "_"))
        for board, number in zip(boards, numbers, strict=True)
    ]


def articles(page: Element) -> list[Element]:
    return [each for each in page.iter("article") if (each.get("class") or "").startswith("post ")]


def link(page: Element, words: str) -> str:
    """Where the first link with exactly these words leads."""
    return next(each.get("href") or "" for each in page.iter("a") if text(each) == words)


def link_texts(element: Element) -> list[str]:
    return [text(each) for each in element.iter("a")]


def summary(page: Element) -> list[str]:
    """What was searched for; what was found, and how far that reaches."""
    (heading,) = (each for each in page.iter("h3") if each.get("class") == "section_title")
    said, found = heading.text or "", next(heading.iter("small"))
    (reach,) = one(page, "search_summary").iter("p")
    return [" ".join(said.split()), f"{text(found)} {text(reach)}"]


def fields(page: Element) -> dict[str, str]:
    """What stands in the form: values by name, of those that are not empty."""
    found: dict[str, Any] = {}
    for each in one(page, "search_form").iter():
        name = each.get("name")
        if each.tag == "input" and name and (each.get("type") != "checkbox" or each.get("checked") is not None):
            found[name] = ".".join(filter(None, (found.get(name), each.get("value"))))
        elif each.tag == "select" and name:
            found[name] = next((option.get("value") for option in each if option.get("selected") is not None), "")
    return {name: value for name, value in found.items() if value}


def alert(page: Element) -> str:
    return text(one(one(page, "alert"), "alert-heading"))


def is_open(page: Element) -> bool:
    return one(page, "search_form").get("open") is not None
