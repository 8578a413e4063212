"""The front page and index pages in a real browser: threads opened in place, and pages that need no script."""

import pytest
from playwright.sync_api import Browser, Locator, expect

from tests.support.browser import PHONE, SMALL_PHONE, Visitor, visiting
from tests.support.served import Served, served

__all__ = ["served"]

INDEX = "/g/"


def shortened(reader: Visitor) -> Locator:
    """The first thread of the page that has replies left out."""
    return reader.page.locator("article.thread:has(.expand)").first


def replies(thread: Locator) -> list[str]:
    return [article.get_attribute("id") or "" for article in thread.locator("aside.posts article").all()]


@pytest.mark.parametrize("way", ["click", "keyboard"])
def test_a_thread_is_opened_in_place_and_closed_again(browser: Browser, served: Served, way: str) -> None:
    with visiting(browser, served.base, viewport=PHONE) as reader:
        page = reader.open(INDEX)
        thread = shortened(reader)
        few, number = replies(thread), thread.get_attribute("id")
        button = thread.get_by_role("button", name="Expand")
        omitted = int(thread.locator(".omitted_posts").inner_text())
        whole = [post["num"] for post in served.json(f"/api/v1/boards/g/threads/{number}")["posts"]]

        def press() -> float:
            target = thread.locator(".expand")
            target.scroll_into_view_if_needed()
            top = float(target.evaluate("button => button.getBoundingClientRect().top"))
            if way == "click":
                target.click()
            else:
                target.focus()
                page.keyboard.press("Enter")
            return top

        expect(button).to_have_attribute("aria-expanded", "false")
        top = press()
        closing = thread.get_by_role("button", name="Collapse")
        expect(closing).to_have_attribute("aria-expanded", "true")
        expect(closing).to_be_focused()
        assert abs(top - float(closing.evaluate("button => button.getBoundingClientRect().top"))) < 2
        every = replies(thread)
        assert len(every) == len(few) + omitted == len(whole) - 1
        assert every[-len(few) :] == few
        expect(thread.locator(".omitted")).to_be_hidden()
        expect(page.locator("#announced")).to_contain_text(f"{len(every)} replies")
        ids = [element.get_attribute("id") for element in page.locator("[id]").all()]
        assert len(ids) == len(set(ids))
        press()
        expect(button).to_be_focused()
        assert replies(thread) == few
        expect(thread.locator(".omitted")).to_be_visible()
        assert page.url == served.base + INDEX and not reader.scrolls_sideways()


def test_a_thread_that_cannot_be_had_is_told_of(browser: Browser, served: Served) -> None:
    with visiting(browser, served.base) as reader:
        page = reader.open(INDEX)
        thread = shortened(reader)
        few = replies(thread)
        page.route("**/thread/**", lambda route: route.fulfill(status=503, body="away"))
        thread.get_by_role("button", name="Expand").click()
        expect(thread.locator(".omitted_text")).to_contain_text("could not be loaded")
        expect(page.locator("#announced")).to_contain_text("could not be loaded")
        assert replies(thread) == few
        page.unroute("**/thread/**")
        thread.get_by_role("button", name="Expand").click()
        expect(thread.get_by_role("button", name="Collapse")).to_be_focused()
        assert "could not" not in thread.locator(".omitted_text").inner_text()
        assert [gone.split(":")[0] for gone in reader.missing] == ["503"]
        reader.missing.clear()


def test_of_a_very_long_thread_the_beginning_is_shown_and_said_to_be(browser: Browser, served: Served) -> None:
    with visiting(browser, served.base) as reader:
        page = reader.open(INDEX)
        thread = shortened(reader)
        onward = '<p class="continue"><a href="/g/thread/1/?after=5" rel="next">The thread goes on</a></p>'
        body = f'<article class="thread"><aside class="posts"><article id="5">x</article></aside></article>{onward}'
        page.route("**/thread/**", lambda route: route.fulfill(status=200, content_type="text/html", body=body))
        thread.get_by_role("button", name="Expand").click()
        expect(thread.locator(".omitted_text")).to_contain_text("This is the beginning.")
        link = thread.get_by_role("link", name="The thread goes on")
        expect(link).to_have_attribute("href", "/g/thread/1/?after=5")
        thread.get_by_role("button", name="Collapse").click()
        expect(link).to_have_count(0)


def test_without_scripts_the_link_leads_to_the_thread(browser: Browser, served: Served) -> None:
    with visiting(browser, served.base, java_script_enabled=False) as reader:
        page = reader.open(INDEX)
        assert page.locator(".expand").count() == 0
        link = page.get_by_role("link", name="View the whole thread").first
        link.click()
        assert "/g/thread/" in page.url
        assert page.locator("aside.posts article").count() > 5


@pytest.mark.parametrize("script", [True, False])
def test_the_front_page_fits_a_small_phone(browser: Browser, served: Served, script: bool) -> None:
    with visiting(browser, served.base, viewport=SMALL_PHONE, java_script_enabled=script) as reader:
        for board in ("g", "ck", "3", "%CE%BB"):
            reader.open(f"/{board}/statistics/")  # from here on they are known
        page = reader.open("/")
        assert not reader.scrolls_sideways()
        threads = page.locator(".newest li")
        assert threads.count() == 12
        assert page.locator(".boards .sparkline").count() > 0
        for target in page.locator(".boards a, .newest a").all():
            box = target.bounding_box()
            assert box is not None and box["height"] >= 24 and box["x"] + box["width"] <= 320
        page.get_by_role("link", name="A thread by chance").click()
        assert "/thread/" in page.url
