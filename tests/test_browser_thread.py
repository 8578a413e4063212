"""A thread in a real browser: its keys, the dialog that lists them, and the file that a reader takes home."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support.browser import PHONE, SMALL_PHONE, Visitor, visiting
from tests.support.served import Served, served

__all__ = ["served"]

FOCUSED = "document.activeElement.closest('article[data-doc-id]')?.id ?? null"


@pytest.fixture(scope="module")
def long_thread(served: Served) -> str:
    """The address of the demo's longest thread."""
    threads = served.json("/api/v1/boards/g/catalog")["threads"]
    return f"/g/thread/{max(threads, key=lambda thread: thread['posts'])['num']}/"


@pytest.fixture
def reader(browser: Browser, served: Served) -> Iterator[Visitor]:
    with visiting(browser, served.base) as visitor:
        yield visitor


def posts_of(page: Page) -> list[str]:
    ids: list[str] = page.eval_on_selector_all("#main article[data-doc-id]", "posts => posts.map(post => post.id)")
    return ids


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def test_keys_lead_from_post_to_post(reader: Visitor, long_thread: str) -> None:
    page = reader.open(long_thread)
    ids = posts_of(page)
    assert len(ids) > 10
    press(page, "j")
    assert page.evaluate(FOCUSED) == ids[0]
    press(page, "j", "j", "j", "j", "j", "j", "j", "j", "k")
    assert page.evaluate(FOCUSED) == ids[7]
    seen = page.evaluate(
        "(box => box.top >= 0 && box.bottom <= innerHeight)(document.activeElement.getBoundingClientRect())"
    )
    assert seen
    assert (
        page.evaluate("getComputedStyle(document.activeElement.querySelector('.post_wrapper')).outlineStyle") == "solid"
    )
    press(page, "b")
    assert page.evaluate(FOCUSED) == ids[-1]
    page.wait_for_function("scrollY + innerHeight >= document.documentElement.scrollHeight - 2")
    press(page, "j")
    assert page.evaluate(FOCUSED) == ids[-1]
    press(page, "k")
    assert page.evaluate(FOCUSED) == ids[-2]
    press(page, "t")
    assert page.evaluate("[scrollY, document.activeElement.id]") == [0, "main"]
    press(page, "k")
    assert page.evaluate(FOCUSED) is None


def test_keys_lead_from_page_to_page(reader: Visitor) -> None:
    page = reader.open("/g/")
    for key, address in (
        ("n", "**/g/?before=*"),
        ("p", "**/g/?after=*"),
        ("c", "**/g/catalog/"),
        ("g", "**/g/gallery/"),
    ):
        press(page, key)
        page.wait_for_url(address)
    press(page, "i")
    page.wait_for_url("**/g/")
    press(page, "j", "j")
    thread = page.evaluate("document.activeElement.closest('article').dataset.threadNum")
    post = page.evaluate(FOCUSED)
    assert post != thread
    press(page, "o")
    page.wait_for_url(f"**/g/thread/{thread}/#{post}")
    for key in ("/", "s"):
        press(page, "t", key)
        assert page.evaluate("document.activeElement.id") == "search_box_q"
        page.evaluate("document.activeElement.blur()")


def test_keys_lead_from_thread_to_thread_where_there_is_one_page(reader: Visitor) -> None:
    page = reader.open("/g/ghost/")
    threads = page.eval_on_selector_all("article.thread[data-doc-id]", "found => found.map(one => one.id)")
    assert len(threads) > 1 and not page.locator("a[rel=next]").count()
    press(page, "n", "j", "n")
    assert page.evaluate(FOCUSED) == threads[1]
    press(page, "p")
    assert page.evaluate(FOCUSED) == threads[0]


def test_keys_leave_typing_and_other_commands_alone(reader: Visitor, long_thread: str) -> None:
    page = reader.open(long_thread)
    box = page.locator("#search_box_q")
    box.press_sequentially("jc?g/")
    assert box.input_value() == "jc?g/"
    assert page.url.endswith(long_thread) and not page.locator("dialog[open]").count()
    page.evaluate("document.activeElement.blur()")
    page.evaluate("window.addEventListener('keydown', (event) => event.preventDefault(), true)")  # another script's key
    press(page, "j")
    assert page.evaluate(FOCUSED) is None
    page.reload()
    press(page, "Control+j", "Alt+j", "Meta+j")
    assert page.evaluate(FOCUSED) is None
    press(page, "j")
    assert page.evaluate(FOCUSED) is not None


def test_the_keys_are_listed_in_a_dialog(reader: Visitor, long_thread: str) -> None:
    page = reader.open(long_thread)
    press(page, "j", "j")
    before = page.evaluate(FOCUSED)
    press(page, "?")
    dialog = page.get_by_role("dialog", name="Keys")
    expect(dialog).to_be_visible()
    expect(dialog.get_by_role("cell", name="j", exact=True)).to_be_visible()
    press(page, "j", "c", "?")  # keys are for what is below
    assert page.locator("dialog[open]").count() == 1 and page.url.endswith(long_thread)
    press(page, "Escape")
    expect(page.locator("dialog")).to_have_count(0)
    assert page.evaluate(FOCUSED) == before
    press(page, "?")
    dialog.get_by_role("button", name="Close").click()
    expect(page.locator("dialog")).to_have_count(0)
    page.route("**/_/help/", lambda route: route.fulfill(status=200, body="<!doctype html><title>another</title>"))
    press(page, "?")
    page.wait_for_url("**/_/help/")


def test_the_dialog_fits_a_small_phone(browser: Browser, served: Served, long_thread: str) -> None:
    with visiting(browser, served.base, viewport=SMALL_PHONE) as visitor:
        page = visitor.open(long_thread)
        press(page, "?")
        expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
        box = page.locator("dialog").bounding_box()
        assert box is not None and box["x"] >= 0 and box["x"] + box["width"] <= 320 and box["height"] <= 640
        assert not visitor.scrolls_sideways()
        assert page.evaluate("(d => d.scrollWidth <= d.clientWidth)(document.querySelector('dialog'))")


def test_keys_can_be_switched_off(reader: Visitor, long_thread: str) -> None:
    page = reader.open("/_/help/")
    box = page.get_by_label("Use keys such as j and k")
    expect(box).to_be_checked()
    box.press("Space")
    page = reader.open(long_thread)
    press(page, "j", "?", "c", "b")
    assert page.evaluate(FOCUSED) is None and page.evaluate("scrollY") == 0
    assert page.url.endswith(long_thread) and not page.locator("dialog").count()
    reader.open("/_/help/")
    box.press("Space")
    page = reader.open(long_thread)
    press(page, "j")
    assert page.evaluate(FOCUSED) is not None


def test_the_key_for_all_pictures(reader: Visitor, long_thread: str) -> None:
    page = reader.open(long_thread)
    first = page.locator("a.thread_image_link:has(img)").first
    small = first.locator("img").first.get_attribute("src")
    press(page, "e")
    page.wait_for_function(
        "small => [...document.querySelectorAll('a.thread_image_link img')].some(i => i.src.includes('/image/'))",
        arg=small,
    )
    press(page, "e")
    page.wait_for_function(
        "![...document.querySelectorAll('a.thread_image_link img')].some(i => i.src.includes('/image/'))"
    )


def test_the_kept_page_is_whole_by_itself(browser: Browser, reader: Visitor, long_thread: str, tmp_path: Path) -> None:
    page = reader.open(long_thread)
    ids = posts_of(page)
    with page.expect_download() as started:
        page.get_by_role("link", name="Page", exact=True).click()
    assert started.value.suggested_filename == f"g-{ids[0]}.html"
    started.value.save_as(tmp_path / "kept.html")
    with visiting(browser, "file://", viewport=PHONE) as home:
        asked: list[str] = []
        home.page.on("request", lambda request: asked.append(request.url))
        kept = home.open(str(tmp_path / "kept.html"))
        assert posts_of(kept) == ids
        assert not home.scrolls_sideways()
        pictures = kept.locator("img")
        assert pictures.count() > 3
        kept.evaluate(  # fails for a broken picture
            "Promise.all([...document.images].map((image) => ((image.loading = 'eager'), image.decode())))"
        )
        assert kept.evaluate("getComputedStyle(document.querySelector('.post_wrapper')).borderStyle") == "solid"
        quote = kept.locator(".text a.backlink[href^='#']").last
        target = quote.get_attribute("href")
        quote.click()
        assert kept.evaluate("location.hash") == target
        assert [address for address in asked if not address.startswith(("data:", "file:"))] == []


def test_a_thread_is_read_and_kept_without_scripts(browser: Browser, served: Served, long_thread: str) -> None:
    with visiting(browser, served.base, java_script_enabled=False) as visitor:
        page = visitor.open(long_thread)
        assert not page.get_by_role("button", name="View pictures").is_visible()
        page.get_by_role("link", name="Last 50").first.click()
        expect(page.get_by_text("posts omitted")).to_be_visible()
        with page.expect_download() as started:
            page.get_by_role("link", name="Pictures", exact=True).click()
        assert started.value.suggested_filename.endswith(".zip") and started.value.failure() is None


def test_on_a_small_phone_the_thread_begins_in_the_upper_half(
    browser: Browser, served: Served, long_thread: str
) -> None:
    with visiting(browser, served.base, viewport=SMALL_PHONE) as reader:
        page = reader.open(long_thread)
        start = page.locator("article.thread").bounding_box()
        assert start is not None
        assert start["y"] < 350  # of 640
