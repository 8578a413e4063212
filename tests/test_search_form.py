"""The search form: always at hand, made of the fields, and never losing what was typed."""

from __future__ import annotations

from itertools import product
from xml.etree.ElementTree import Element

from app.model import BoardSummary
from app.search import FIELDS
from tests.support.asgi import ask
from tests.support.pages import EVIL, FakeArchive, app_of, document, having, one, page, text
from tests.support.searching import alert, fields, filled, is_open, link, link_texts, page_of, places, sqlite_stage
from tests.support.stage import Stage

__all__ = ["sqlite_stage"]


async def test_nothing_asked_is_the_form(sqlite_stage: Stage) -> None:
    async with filled(sqlite_stage) as running:
        for address in ("/_/search/", "/g/search/", "/_/advanced_search/", "/g/advanced_search"):
            found = await page_of(running, address)
            assert is_open(found)
            for name in ("search_summary", "search_controls", "search_advice", "alert"):
                assert not having(found, name)
            assert not [each for each in found.iter("meta") if each.get("name") == "robots"]
            boards = [each.get("value") for each in found.iter("input") if each.get("name") == "boards"]
            assert boards == (["g", "po"] if "_/" in address else [])
            _check_labels(found)
        assert "Search" in link_texts(one(await page_of(running, "/g/"), "tabs"))


def _check_labels(found: Element) -> None:
    ids = [each.get("id") for each in found.iter() if each.get("id")]
    assert len(ids) == len(set(ids))
    labels = {each.get("for") for each in found.iter("label")}
    typed = set()
    for each in one(found, "search_form").iter():
        if each.tag == "select" or (each.tag == "input" and each.get("type") == "text"):
            typed.add(each.get("name"))
            assert each.get("id") in labels
            assert set((each.get("aria-describedby") or "").split()) <= set(ids)
    assert typed == {"order"} | {field.key for field in FIELDS}
    (chooser,) = (each for each in found.iter("input") if each.get("type") == "file")
    assert chooser.get("hidden") is not None and chooser.get("data-search-image") is not None
    assert chooser.get("name") is None and one(found, "drop_zone").get("hidden") is not None


SENSELESS: tuple[tuple[str, str, dict[str, str]], ...] = (
    ("/g/search/?text=cat&width=wide", "width", {"text": "cat", "width": "wide"}),
    ("/g/search/text/cat/width/wide/", "width", {"text": "cat", "width": "wide"}),
    ("/_/search/?num=99999999999999999999&trip=!a", "num", {"num": "9" * 20, "tripcode": "!a"}),
    ("/_/search/?capcode=king&uid=x", "capcode", {"uid": "x"}),
    ("/g/search/?start=2022&end=2021", "start", {"start": "2022", "end": "2021"}),
    ("/_/search/?order=up&text=a", "order", {"text": "a"}),
)
"""Addresses, the field that is wrong, and what stands in the form."""


async def test_what_makes_no_sense_stays_in_the_form(sqlite_stage: Stage) -> None:
    async with filled(sqlite_stage) as running:
        for asked, key, kept in SENSELESS:
            found = await page_of(running, asked, 400)
            assert is_open(found) and fields(found) == kept
            (wrong,) = (each for each in found.iter() if each.get("aria-invalid"))
            assert wrong.get("name") == key and wrong.get("autofocus") is not None
            said = {each.get("id"): text(each) for each in found.iter()}
            assert said[f"error_{key}"] == alert(found)
            assert f'"{key}"' in alert(found) and f"error_{key}" in (wrong.get("aria-describedby") or "")


async def test_swapped_dates_and_unknown_boards(sqlite_stage: Stage) -> None:
    async with filled(sqlite_stage) as running:
        swapped = await page_of(running, "/g/search/?start=2023&end=2021&text=router", 400)
        address = link(swapped, "Swap the two dates")
        assert address == "/g/search/?text=router&start=2021-01-01&end=2023-12-31"
        assert places(await page_of(running, address))
        unknown = await page_of(running, "/_/search/?boards=g.nix&text=a", 400)
        assert text(one(one(unknown, "search_boards"), "field_error")) == alert(unknown)
        assert fields(unknown) == {"boards": "g", "text": "a"}


HOSTILE = (
    "%22%27%3E%3Cscript%3Ealert(1)%3C%2Fscript%3E",
    "%00",
    "%ED%A0%80%F0%9F",
    "x" * 5000,
    "9" * 400,
    "-%22",
    "%E2%80%AE%E2%81%A6",
    "%25_%5C%27%20OR%201%3D1%20--",
    "%EF%BF%BE%08",
    "%7C%20%7C%20-a%20%7C%20-*",
    "{{7*7}}",
    "%22" + "%20".join(f"w{n}" for n in range(60)) + "%22",
    "a%20" + "c" * 497,
    "%22a*%22%20-%22-b%22%20%22=%22",
)


async def test_hostile_values(sqlite_stage: Stage) -> None:
    keys = ("text", "op", "username", "tripcode", "image", "start", "capcode", "boards", "zzz")
    async with filled(sqlite_stage) as running:
        for place, (key, value) in enumerate(product(keys, HOSTILE)):
            forms = (f"/_/search/?{key}={value}&uid=a", f"/g/search/uid/a/{key}/{value}/", f"/g/search/?{key}={value}")
            address = forms[place % 3]
            answer = await ask(running.app, address)
            assert answer.status in (200, 302, 400), address
            if answer.status == 302:
                answer = await running.ask(answer.headers["location"])
            assert b"<script>alert" not in answer.body
            document(answer)


async def test_hostile_names_and_eighty_boards() -> None:
    archive = FakeArchive()
    archive.boards |= {f"b{n}": BoardSummary(f"b{n}", EVIL, True, 1, 1, 1) for n in range(80)}
    found = await page(app_of(archive), "/_/search/")
    choice = one(found, "search_boards")
    assert len([each for each in choice.iter("input") if each.get("name") == "boards"]) == 83
    assert [each.get("open") for each in choice.iter("details")] == [None]
    assert text(next(choice.iter("summary"))) == "Choose among 83 boards"
