"""Pages by keyboard alone: every stop can be seen, they come in the order of reading, and there is a way out."""

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.support.browser import DESKTOP, PHONE, visiting
from tests.support.page_kinds import KINDS
from tests.support.served import Served, served

__all__ = ["served"]

STOP = (Path(__file__).parent / "browser" / "stop.js").read_text("utf-8")
MOST = 900


def stops(page: Page) -> list[dict[str, Any]]:
    """Where the tabulator leads, from the top of the page until it leaves it."""
    found: list[dict[str, Any]] = []
    while len(found) < MOST:
        page.keyboard.press("Tab")
        stop = page.evaluate(STOP)
        if stop is None or (found and stop["place"] == found[0]["place"]):
            return found
        found.append(stop)
    raise AssertionError(f"no way out; the last stops: {[stop['name'] for stop in found[-4:]]}")


@pytest.mark.parametrize("window", [DESKTOP, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=() if name == "home" else pytest.mark.full)
        for name in ("home", "index", "thread", "catalog", "gallery", "search", "search-form", "statistics", "api")
    ],
)
def test_a_page_is_walked_through_by_keyboard(
    browser: Browser, served: Served, name: str, window: dict[str, int]
) -> None:
    with visiting(browser, served.base, viewport=window) as reader:
        way = stops(reader.open(KINDS[name].address))
    assert len(way) > 5
    for state, wanted in (("seen", True), ("marked", True), ("covered", False), ("moved", False)):
        assert [stop["name"] for stop in way if stop[state] != wanted] == [], f"{state} is not {wanted}"
    places = [stop["place"] for stop in way]
    assert places == sorted(places)


def test_the_first_stop_leads_past_the_header(browser: Browser, served: Served) -> None:
    with visiting(browser, served.base) as reader:
        page = reader.open("/g/")
        page.keyboard.press("Tab")
        assert page.evaluate(STOP)["seen"]
        page.keyboard.press("Enter")
        assert page.evaluate("document.activeElement.id") == "main"
        page.keyboard.press("Tab")
        assert page.evaluate(STOP)["main"]
