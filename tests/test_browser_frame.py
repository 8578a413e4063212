"""What stands around every page, in a real browser: themes that are chosen there, and lists of very many boards."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor

import pytest
from playwright.sync_api import Browser, Page, Route

from app.assets import assets
from app.model import BoardSummary
from tests.support.asgi import ask
from tests.support.browser import DESKTOP, PHONE, SMALL_PHONE, Visitor, visiting
from tests.support.contrast import palettes
from tests.support.pages import FakeArchive, app_of
from tests.support.served import Served, served

__all__ = ["served"]

CHROME = {theme: colours["chrome"] for theme, colours in palettes(assets()["koiwai.css"].body.decode()).items()}
MANY = "http://many.example"
TARGETS = """
(within) => [...document.querySelectorAll(within)]
  .map((element) => [element, element.getBoundingClientRect()]) // at least 24 CSS pixels in both directions
  .filter(([element, box]) => box.width && (box.width < 24 || box.height < 24))
  .map(([element, box]) => `${element.outerHTML.slice(0, 60)} ${box.width} ${box.height}`)
"""


def theme_of(page: Page) -> str:
    return str(page.evaluate("document.documentElement.dataset.theme"))


def colours_told(page: Page) -> list[str]:
    """What the browser is told to paint around the page, once the script has."""
    found: list[str] = page.evaluate("[...document.querySelectorAll('meta[name=theme-color]')].map((m) => m.content)")
    return found


def ground(page: Page) -> str:
    return str(page.evaluate("getComputedStyle(document.body).backgroundColor"))


def choose(page: Page, theme: str) -> None:
    page.get_by_label("Theme").select_option(theme)


def test_a_theme_is_chosen_at_once_and_stays(browser: Browser, served: Served) -> None:
    with visiting(browser, served.base, color_scheme="light") as reader:
        page = reader.open("/g/")
        light = ground(page)
        assert theme_of(page) == "auto"
        assert not page.get_by_role("button", name="Use").is_visible()
        page.evaluate("window.stays = true")
        choose(page, "tomorrow")
        assert (theme_of(page), page.evaluate("window.stays"), page.url) == ("tomorrow", True, f"{reader.base}/g/")
        assert colours_told(page) == [CHROME["tomorrow"]]
        dark = ground(page)
        assert dark != light
        for address in ("/", "/g/catalog/", "/nowhere-but/"):
            page.goto(reader.base + address)
            assert (theme_of(page), ground(page), page.get_by_label("Theme").input_value()) == (
                "tomorrow",
                dark,
                "tomorrow",
            )
        page.reload()
        assert theme_of(page) == "tomorrow"


def test_the_chosen_theme_is_there_before_the_script_runs(browser: Browser, served: Served) -> None:
    with visiting(browser, served.base, color_scheme="light") as reader:
        choose(reader.open("/g/"), "dark")
        reader.context.route("**/koiwai.js*", lambda route: route.fulfill(body="", content_type="text/javascript"))
        page = reader.open("/g/catalog/")
        assert theme_of(page) == "dark"
        assert page.evaluate("document.querySelector('meta[name=color-scheme]').content") == "dark"


def test_a_choice_is_seen_in_other_windows(browser: Browser, served: Served) -> None:
    with visiting(browser, served.base) as reader:
        first, second = reader.open("/g/"), reader.context.new_page()
        second.goto(f"{reader.base}/ck/")
        choose(second, "burichan")
        first.wait_for_function("document.documentElement.dataset.theme === 'burichan'")
        assert first.get_by_label("Theme").input_value() == "burichan"
        assert colours_told(first) == [CHROME["burichan"]]


def test_auto_follows_the_system_and_others_do_not(browser: Browser, served: Served) -> None:
    with visiting(browser, served.base, color_scheme="light") as reader:
        page = reader.open("/g/")
        light = ground(page)
        assert colours_told(page) == [CHROME["light"]]
        page.emulate_media(color_scheme="dark")
        page.wait_for_function("(colour) => document.querySelector('meta[name=theme-color]').content === colour",
                               arg=CHROME["dark"])  # fmt: skip
        assert ground(page) != light
        choose(page, "light")
        assert (ground(page), colours_told(page)) == (light, [CHROME["light"]])
        choose(page, "auto")
        assert (ground(page) != light, colours_told(page)) == (True, [CHROME["dark"]])


def test_a_theme_in_the_address_holds_until_another_is_chosen(browser: Browser, served: Served) -> None:
    with visiting(browser, served.base) as reader:
        choose(reader.open("/g/"), "futaba")
        page = reader.open("/g/?order=creation&theme=yotsuba#main")
        assert theme_of(page) == "yotsuba"
        choose(page, "yotsuba-b")
        assert page.url == f"{reader.base}/g/?order=creation#main"
        page.reload()
        assert theme_of(page) == "yotsuba-b"
        assert theme_of(reader.open("/g/?theme=nonsense")) == "yotsuba-b"


def test_without_script_the_form_does_it(browser: Browser, served: Served) -> None:
    with visiting(browser, served.base, java_script_enabled=False) as reader:
        page = reader.open("/_/search/?text=the&order=asc")
        page.get_by_label("Theme").select_option("yotsuba")
        page.get_by_role("button", name="Use").click()
        assert page.url == f"{reader.base}/_/search/?text=the&order=asc&theme=yotsuba"
        assert page.locator("html").get_attribute("data-theme") == "yotsuba"
        assert page.get_by_label("Theme").input_value() == "yotsuba"


@pytest.fixture(scope="module")
def many_boards() -> Mapping[str, bytes]:
    """A board's page of an archive with eighty boards, and what it loads, by path."""
    archive = FakeArchive()
    names = ["g", *(chr(97 + number % 26) * (1 + number // 26) for number in range(80) if number != 6)]
    archive.boards = {name: BoardSummary(name, f"Board {name}", True, 1, 1, 1, nsfw=name > "p") for name in names}

    async def answers() -> dict[str, bytes]:
        app = app_of(archive)
        return {path: (await ask(app, path)).body for path in ("/", "/g/", "/_/about/")}

    with ThreadPoolExecutor(1) as pool:  # in this thread the browser has an event loop of its own
        pages = pool.submit(lambda: asyncio.run(answers())).result()
    return {**pages, **{f"/static/{name}": asset.body for name, asset in assets().items()}}


def among_many(reader: Visitor, answers: Mapping[str, bytes], address: str) -> Page:
    types = {"css": "text/css", "js": "text/javascript"}

    def answer(route: Route) -> None:
        path = route.request.url.removeprefix(MANY).partition("?")[0]
        body = answers.get(path, b"")
        route.fulfill(body=body, content_type=types.get(path.rpartition(".")[2], "text/html"))

    reader.context.route("**/*", answer)
    return reader.open(address)


@pytest.mark.parametrize("size", [SMALL_PHONE, PHONE, DESKTOP], ids=lambda size: str(size["width"]))
def test_eighty_boards_leave_room_for_the_page(
    browser: Browser, many_boards: Mapping[str, bytes], size: dict[str, int]
) -> None:
    with visiting(browser, MANY, viewport=size) as reader:
        page = among_many(reader, many_boards, "/g/")
        assert not reader.scrolls_sideways()
        heading = page.locator("h1").bounding_box()
        assert heading is not None and heading["y"] < 240
        links = page.get_by_role("navigation", name="Boards").get_by_role("link")
        if size != DESKTOP:
            assert not links.first.is_visible()
            page.get_by_role("checkbox", name="All 80 boards").focus()
            page.keyboard.press("Space")
        assert (links.count(), links.last.is_visible(), reader.scrolls_sideways()) == (80, True, False)
        assert page.evaluate(TARGETS, ".board_list a") == []
        reader.open("/")
        assert not reader.scrolls_sideways()
        reader.open("/_/about/")
        assert not reader.scrolls_sideways()


@pytest.mark.parametrize("address", ["/", "/g/", "/g/thread/999/", "/_/about/", "/_/help/"])
def test_targets_of_the_frame_are_large_enough(browser: Browser, served: Served, address: str) -> None:
    with visiting(browser, served.base, viewport=SMALL_PHONE) as reader:
        page = reader.open(address)
        frame = ":is(.site_header, .crumbs, .site_footer, .tabs, .ways_on, .line_form) :is(a, button, input, select)"
        assert page.evaluate(TARGETS, frame) == []
        assert not reader.scrolls_sideways()
