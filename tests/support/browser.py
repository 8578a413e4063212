"""A real browser, Debian's Chromium driven by Playwright, and pages that are watched while they are used.

Tests that use it must not be asynchronous: Playwright keeps an event loop of its own running in their thread.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Response, sync_playwright

from tests.support.daemon import MissingServer
from tests.support.page_kinds import LOST

PHONE = {"width": 390, "height": 844}
SMALL_PHONE = {"width": 320, "height": 640}
DESKTOP = {"width": 1280, "height": 900}

_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
"""As root Chromium needs the first, in a container the third; without the rest it asks its makers for things."""


def chromium() -> str:
    """The program. Raises MissingServer where it is not installed."""
    if os.environ.get("TEST_WITHOUT_SERVERS"):
        raise MissingServer("TEST_WITHOUT_SERVERS is set")
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if found is None:
        raise MissingServer("Chromium is not installed (Debian's package chromium; scripts/setup-browser)")
    return found


@contextmanager
def opened_browser() -> Iterator[Browser]:
    program = chromium()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=list(_FLAGS))
        try:
            yield browser
        finally:
            browser.close()


class Visitor:
    """One reader with a browser profile of their own: `page` is what they look at.

    What pages should never do is noted while they do it: `faults` has errors of scripts and messages of the console,
    `strangers` the addresses on other hosts that were asked for, `missing` what a page needs and did not get.
    `status` is what the page itself was answered with.
    """

    def __init__(self, browser: Browser, base: str, **options: Any) -> None:
        """`options` are those of `Browser.new_context`: viewport, java_script_enabled, has_touch, color_scheme ..."""
        self.base = base
        self.status = 0
        self.faults: list[str] = []
        self.strangers: list[str] = []
        self.missing: list[str] = []
        self.context: BrowserContext = browser.new_context(**{"viewport": DESKTOP, **options})
        self.page: Page = self.context.new_page()
        self.page.on("console", self._note)
        self.page.on("pageerror", lambda error: self.faults.append(f"error: {error}"))
        self.page.on("request", lambda request: self._meet(request.url))
        self.page.on("response", self._judge)

    def _note(self, message: ConsoleMessage) -> None:
        # What is answered with an error is judged below, where it is known what it was.
        if message.type in ("error", "warning") and not message.text.startswith("Failed to load resource"):
            self.faults.append(f"{message.type}: {message.text}")

    def _judge(self, response: Response) -> None:
        if response.request.is_navigation_request():
            self.status = response.status
        elif response.status >= 400 and unquote(response.url.rsplit("/", 1)[-1]) not in LOST:
            self.missing.append(f"{response.status}: {response.url}")

    def _meet(self, address: str) -> None:
        parts = urlsplit(address)
        if parts.scheme in ("http", "https") and f"{parts.scheme}://{parts.netloc}" != self.base:
            self.strangers.append(address)

    def open(self, address: str) -> Page:
        """Goes to an address of the site and waits until the page and its script are there."""
        self.page.goto(self.base + address, wait_until="load")
        return self.page

    def load_everything(self) -> None:
        """Pictures too that a browser would leave until they are scrolled to."""
        self.page.evaluate(
            """() => Promise.all([...document.images].map(async (image) => {
                image.loading = "eager";
                await image.decode().catch(() => {});
            }))"""
        )

    def scrolls_sideways(self) -> bool:
        """Whether something sticks out of the window at its right."""
        return bool(self.page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"))

    def reads(self) -> str:
        """The text that is shown, the site's own around it left out."""
        return self.page.locator("#main").inner_text()

    def picture(self, path: Path) -> None:
        self.page.screenshot(path=path, full_page=True)

    def close(self) -> None:
        self.context.close()


@contextmanager
def visiting(browser: Browser, base: str, **options: Any) -> Iterator[Visitor]:
    """A visitor for the time of a test; at its end nothing may have gone wrong on their pages."""
    visitor = Visitor(browser, base, **options)
    try:
        yield visitor
        assert visitor.faults == []
        assert visitor.strangers == []
        assert visitor.missing == []
    finally:
        visitor.close()
