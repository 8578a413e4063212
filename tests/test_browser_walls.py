"""Catalog, galleries and the pictures they open, in a real browser: by mouse, by keyboard, and without scripts."""

from collections.abc import Iterator
from urllib.parse import parse_qsl, urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support.browser import SMALL_PHONE, Visitor, visiting
from tests.support.served import Served, served

__all__ = ["served"]

IMAGES = "/g/gallery/?tab=images"
SHOWN = ".tile:not([hidden])"
LOADED = "video => video.readyState || new Promise((done) => video.addEventListener('loadedmetadata', done))"


@pytest.fixture
def reader(browser: Browser, served: Served) -> Iterator[Visitor]:
    with visiting(browser, served.base) as visitor:
        yield visitor


def _numbers(page: Page, name: str) -> list[int]:
    return [int(value) for value in page.locator(SHOWN).evaluate_all(f"tiles => tiles.map(t => t.dataset.{name})")]


def _query(page: Page) -> str:
    return urlsplit(page.url).query


def test_the_catalog_is_filtered_as_words_are_typed(reader: Visitor) -> None:
    page = reader.open("/g/catalog/")
    all_tiles = page.locator(SHOWN).count()
    box = page.get_by_label("Filter")
    expect(page.get_by_role("button", name="Apply")).to_be_hidden()
    box.press_sequentially("COMPILER")
    expect(page.locator(SHOWN).first).to_contain_text("compiler", ignore_case=True)
    shown = page.locator(SHOWN).count()
    assert 0 < shown < all_tiles
    assert all("compiler" in words.lower() for words in page.locator(SHOWN).all_inner_texts())
    expect(page.locator("[data-found]")).to_contain_text(f"{shown} of {all_tiles} tiles")
    expect(page.locator("#announced")).to_have_text(f"{shown} shown")
    page.wait_for_url("**/g/catalog/?filter=COMPILER")
    box.press("Enter")  # the server looks through whole comments
    expect(page.locator("[data-found]")).to_contain_text("in the subject, name or comment.")
    assert page.locator(SHOWN).count() >= shown
    expect(box).to_be_focused()
    box.press("Escape")
    expect(page.locator(SHOWN)).to_have_count(all_tiles)
    expect(box).to_have_value("")
    page.wait_for_url("**/g/catalog/")


def test_the_catalog_is_sorted_in_place_and_remembers_how(reader: Visitor) -> None:
    page = reader.open("/g/catalog/")
    asked: list[str] = []
    page.on(
        "request", lambda request: asked.append(request.url) if request.resource_type in ("document", "fetch") else None
    )
    assert _numbers(page, "place") == sorted(_numbers(page, "place"))
    page.evaluate(
        """const link = Object.assign(document.createElement("a"), { href: "?before=5-5&size=small" });
        const pages = Object.assign(document.createElement("div"), { className: "paginate" });
        pages.append(link);
        document.querySelector("[data-catalog]").append(pages);"""
    )
    page.get_by_label("Sort by").select_option("replies")
    assert _numbers(page, "replies") == sorted(_numbers(page, "replies"), reverse=True)
    page.get_by_label("Sort by").select_option("images")
    assert _numbers(page, "images") == sorted(_numbers(page, "images"), reverse=True)
    page.get_by_label("Size").select_option("large")
    page.get_by_label("Pictures only").check()
    expect(page.locator(".tile_excerpt").first).to_be_hidden()
    page.wait_for_url("**/g/catalog/?sort=images&size=large&text=off")
    assert asked == []
    onward = page.locator(".paginate a").evaluate("link => link.search")
    # In which order depends on how quickly one choice follows the other.
    assert sorted(parse_qsl(onward[1:])) == [("before", "5-5"), ("size", "large"), ("sort", "images"), ("text", "off")]
    in_place = page.locator(".tile_link").evaluate_all("links => links.map(link => link.pathname)")
    reader.open("/g/catalog/")  # the next visit
    expect(page.get_by_label("Sort by")).to_have_value("images")
    expect(page.locator(".wall_large.wall_bare")).to_be_visible()
    assert page.locator(".tile_link").evaluate_all("links => links.map(link => link.pathname)") == in_place
    reader.open("/g/catalog/?sort=replies&size=small")  # what an address says counts more
    assert page.get_by_label("Sort by").input_value() == "replies"
    assert page.locator(".wall_large").count() == 0
    page.get_by_label("Sort by").select_option("bump")
    page.get_by_label("Pictures only").uncheck()
    reader.open("/g/catalog/")
    assert page.get_by_label("Sort by").input_value() == "bump"
    assert _numbers(page, "place") == sorted(_numbers(page, "place"))
    expect(page.locator(".tile_excerpt").first).to_be_visible()


def test_another_list_is_fetched_and_put_in_its_place(reader: Visitor) -> None:
    page = reader.open("/g/catalog/")
    page.evaluate("window.same = true")
    page.get_by_label("Sort by").select_option("creation")
    expect(page.locator("[data-list=creation]")).to_be_visible()
    page.wait_for_url("**/g/catalog/?sort=creation")
    assert page.evaluate("window.same")
    paths = page.locator(".tile_link").evaluate_all("links => links.map(link => link.pathname)")
    numbers = [int(path.rstrip("/").rpartition("/")[2]) for path in paths]
    assert numbers == sorted(numbers, reverse=True)


def test_the_catalog_without_scripts(browser: Browser, served: Served) -> None:
    with visiting(browser, served.base, java_script_enabled=False, viewport=SMALL_PHONE) as reader:
        page = reader.open("/g/catalog/")
        page.get_by_label("Sort by").select_option("replies")
        page.get_by_label("Size").select_option("large")
        page.get_by_label("Pictures only").check()
        page.get_by_label("Filter").fill("the")
        page.get_by_role("button", name="Apply").click()
        assert _query(page) == "sort=replies&size=large&text=off&filter=the"
        expect(page.locator(".wall_large.wall_bare .tile").nth(1)).to_be_visible()
        assert not reader.scrolls_sideways()
        page = reader.open(IMAGES)
        assert not reader.scrolls_sideways()
        link = page.locator(".tile_link").nth(1)
        target = link.get_attribute("href") or ""
        link.click()
        assert page.url == reader.base + target


def _counter(page: Page, at: int) -> None:
    total = page.locator("[data-lightbox] a[data-full]").count()
    expect(page.locator(".lightbox [role=status]")).to_have_text(f"{at % total or total} of {total}")


def _open_plain(page: Page) -> str:
    """Opens the first picture that is no spoiler, by the keyboard; gives its place from 1."""
    links = page.locator("[data-lightbox] a[data-full]")
    place = next(at for at in range(links.count()) if links.nth(at).locator("img").count())
    links.nth(place).focus()
    page.keyboard.press("Enter")
    expect(page.locator("dialog.lightbox")).to_be_visible()
    return str(place + 1)


def test_pictures_one_after_the_other_by_keyboard(reader: Visitor) -> None:
    page = reader.open(IMAGES)
    links = page.locator("[data-lightbox] a[data-full]")
    total = links.count()
    at = int(_open_plain(page))
    opened = links.nth(at - 1)
    box = page.locator("dialog.lightbox")
    _counter(page, at)
    expect(box.locator("img")).to_have_attribute("src", opened.get_attribute("data-full") or "")
    assert box.get_by_role("link", name="Go to post").get_attribute("href") == opened.evaluate("link => link.href")
    for key, place in (("ArrowRight", at + 1), ("ArrowLeft", at), ("End", total), ("ArrowRight", 1), ("Home", 1)):
        page.keyboard.press(key)
        _counter(page, place)
    before = page.evaluate("scrollY")
    page.mouse.wheel(0, 600)
    page.keyboard.press("Escape")
    expect(box).to_be_hidden()
    expect(opened).to_be_focused()
    assert page.evaluate("scrollY") == before


def test_pictures_by_mouse_fit_the_window_and_close_beside(browser: Browser, served: Served) -> None:
    with visiting(browser, served.base, viewport=SMALL_PHONE) as reader:
        page = reader.open(IMAGES)
        wide = page.evaluate("document.querySelector('#main').getBoundingClientRect().width")
        link = page.locator("a[data-full]:has(img)").first
        link.click()
        picture = page.locator(".lightbox_stage img")
        expect(picture).to_be_visible()
        picture.evaluate("image => image.decode()")
        place = picture.bounding_box()
        assert place and place["x"] >= 0 and place["x"] + place["width"] <= SMALL_PHONE["width"]
        assert place["y"] >= 0 and place["y"] + place["height"] <= SMALL_PHONE["height"]
        assert page.evaluate("document.querySelector('#main').getBoundingClientRect().width") == wide
        for button in page.locator(".lightbox button").all():
            size = button.bounding_box()
            assert size and size["width"] >= 24 and size["height"] >= 24
        assert not reader.scrolls_sideways()
        page.get_by_role("button", name="Next").click()
        page.locator(".lightbox_stage").click(position={"x": 5, "y": 5})
        expect(page.locator("dialog.lightbox")).to_be_hidden()
        expect(link).to_be_focused()


def test_a_swipe_turns_to_the_next(browser: Browser, served: Served) -> None:
    with visiting(browser, served.base, viewport=SMALL_PHONE, has_touch=True) as reader:
        page = reader.open(IMAGES)
        at = int(_open_plain(page))
        for start, end, place in ((250, 60, at + 1), (60, 250, at)):
            page.locator(".lightbox_stage").evaluate(
                """(stage, [from, to]) => {
                    const touch = (x) => new Touch({ identifier: 1, target: stage, clientX: x, clientY: 300 });
                    const send = (type, all, changed) => stage.dispatchEvent(new TouchEvent(type, {
                        touches: all, changedTouches: changed, bubbles: true }));
                    send("touchstart", [touch(from)], [touch(from)]);
                    send("touchend", [], [touch(to)]);
                }""",
                [start, end],
            )
            _counter(page, place)


def test_a_spoiler_is_shown_when_asked_for_and_a_video_has_its_controls(reader: Visitor) -> None:
    page = reader.open(IMAGES)
    box = page.locator("dialog.lightbox")
    page.locator("a[data-full][data-spoiler]").first.click()
    assert box.locator("img, video").count() == 0
    box.get_by_role("button", name="Show the spoiler").click()
    expect(box.locator("img")).to_be_visible()
    page.keyboard.press("Escape")
    page.locator("a[data-kind=video]:not([data-spoiler])").first.click()
    video = box.locator("video")
    expect(video).to_be_visible()
    assert video.evaluate("video => video.controls")
    video.evaluate(LOADED)
    page.keyboard.press("Escape")
    expect(video).to_have_count(0)


def test_nothing_moves_by_itself_for_those_who_want_no_motion(browser: Browser, served: Served) -> None:
    with visiting(browser, served.base, reduced_motion="reduce") as reader:
        page = reader.open(IMAGES)
        page.locator("a[data-kind=video]:not([data-spoiler])").first.click()
        video = page.locator(".lightbox video")
        video.evaluate(LOADED)
        assert video.evaluate("video => video.paused && !video.autoplay")


def test_the_pictures_of_veiled_boards_stay_veiled(reader: Visitor) -> None:
    page = reader.open("/3/gallery/?tab=images")
    page.locator("a[data-full]").first.click()
    box = page.locator("dialog.lightbox")
    assert box.locator("img, video").count() == 0
    box.get_by_role("button", name="Show pictures").click()
    expect(box.locator("img, video")).to_have_count(1)
    page.keyboard.press("Escape")
    assert page.locator(".unveil").is_checked()


def test_a_search_as_gallery_and_a_thread_open_theirs(reader: Visitor) -> None:
    page = reader.open("/g/search/?file=with&view=gallery")
    _open_plain(page)
    page.keyboard.press("Escape")
    reader.open("/g/catalog/?sort=images")
    thread = page.locator(".tile_link").first.get_attribute("href") or ""
    reader.open(thread)
    page.locator("button[data-lightbox]").first.click()
    box = page.locator("dialog.lightbox")
    expect(box).to_be_visible()
    expect(box.locator("[role=status]")).to_contain_text("1 of ")
    assert thread in (box.get_by_role("link", name="Go to post").get_attribute("href") or "")
    page.keyboard.press("Escape")
    expect(page.locator("button[data-lightbox]").first).to_be_focused()
