"""A real browser, Debian's Chromium driven by Playwright, and pages that are watched while they are used.

Tests that use it must not be asynchronous: Playwright keeps an event loop of its own running in their thread.
"""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.support.daemon import MissingServer

PHONE = {"width": 390, "height": 844}
SMALL_PHONE = {"width": 320, "height": 640}
DESKTOP = {"width": 1280, "height": 900}

_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
"""As root Chromium needs the first; without the rest it asks its makers' servers for things."""


def chromium() -> str:
    """The program. Raises MissingServer where it is not installed."""
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
    `strangers` the addresses on other hosts that were asked for.
    """

    def __init__(self, browser: Browser, base: str, **options: Any) -> None:
        """`options` are those of `Browser.new_context`: viewport, java_script_enabled, has_touch, color_scheme ..."""
        self.base = base
        self.faults: list[str] = []
        self.strangers: list[str] = []
        self.context: BrowserContext = browser.new_context(**{"viewport": DESKTOP, **options})
        self.page: Page = self.context.new_page()
        self.page.on("console", lambda message: self._note(message.type, message.text))
        self.page.on("pageerror", lambda error: self.faults.append(f"error: {error}"))
        self.page.on("request", lambda request: self._meet(request.url))

    def _note(self, kind: str, text: str) -> None:
        if kind in ("error", "warning"):
            self.faults.append(f"{kind}: {text}")

    def _meet(self, address: str) -> None:
        parts = urlsplit(address)
        if parts.scheme in ("http", "https") and f"{parts.scheme}://{parts.netloc}" != self.base:
            self.strangers.append(address)

    def open(self, address: str) -> Page:
        """Goes to an address of the site and waits until the page and its script are there."""
        self.page.goto(self.base + address, wait_until="load")
        return self.page

    def scrolls_sideways(self) -> bool:
        """Whether something sticks out of the window at its right."""
        return bool(self.page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"))

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
    finally:
        visitor.close()
