"""Files and spoilers of posts in a real browser: pictures in full, videos, what is hidden, names to copy."""

import pytest
from playwright.sync_api import Browser, Locator, Page, Route, expect

from tests.support.browser import SMALL_PHONE, Visitor, visiting
from tests.support.page_kinds import KINDS, THREAD
from tests.support.served import Served, served

__all__ = ["served"]

MARKUP = KINDS["thread-of-markup"].address
PICTURE = "article.post a.thread_image_link:has(img[alt='lantern.png'])"
VIDEO = "a.thread_image_link[data-kind='video']:has(img)"
UNTIL_IT_PLAYS = """video => new Promise((done) =>
    video.addEventListener("timeupdate", () => video.currentTime > 0 && done(true)))"""
TURN_DOWN = """video => new Promise((done) => {
    video.addEventListener("volumechange", () => done(localStorage.getItem("koiwai.volume")));
    video.volume = 0.25;
})"""
HIDDEN = "a.thread_image_link[data-thumb]"


def top_of(place: Locator) -> float:
    return float(place.evaluate("element => element.getBoundingClientRect().top"))


def opens_elsewhere(reader: Visitor, link: Locator) -> bool:
    """Whether a click on the link opens its address in another tab."""
    with reader.context.expect_page() as opened:
        link.click()
    there = opened.value.url == link.evaluate("link => link.href")
    opened.value.close()
    return bool(there)


@pytest.mark.parametrize("address", [THREAD, KINDS["index-page-2"].address])
def test_a_click_or_enter_shows_the_whole_picture_and_the_thumbnail_again(
    browser: Browser, served: Served, address: str
) -> None:
    with visiting(browser, served.base, viewport=SMALL_PHONE) as reader:
        page = reader.open(address)
        link = page.locator("a.thread_image_link:not([data-kind]):has(img)").first
        full = link.locator(".full_picture")
        link.click()
        expect(link).to_have_attribute("aria-expanded", "true")
        expect(link).not_to_have_attribute("aria-busy", "true")
        assert full.evaluate("picture => picture.naturalWidth") == int(str(link.get_attribute("data-w")))
        assert not reader.scrolls_sideways()
        link.focus()
        page.keyboard.press("Enter")
        expect(full).to_have_count(0)
        page.keyboard.press("Enter")
        expect(full).to_be_visible()
        page.keyboard.press("Escape")
        expect(full).to_have_count(0)
        expect(link.locator("img")).to_be_visible()
        assert page.url.endswith(address)


def test_a_picture_has_its_room_before_it_is_there(browser: Browser, served: Served) -> None:
    with visiting(browser, served.base) as reader:
        page = reader.open(THREAD)
        link = page.locator(PICTURE)
        waiting: list[Route] = []
        page.route(f"**{link.get_attribute('href')}", lambda route: waiting.append(route))
        with page.expect_request(f"**{link.get_attribute('href')}"):
            link.click()
        expect(link).to_have_attribute("aria-busy", "true")
        room = link.bounding_box()
        assert room is not None
        assert room["height"] == pytest.approx(int(str(link.get_attribute("data-h"))), abs=2)
        waiting.pop().continue_()
        expect(link).not_to_have_attribute("aria-busy", "true")
        assert link.bounding_box() == room


def test_who_has_read_on_stays_at_the_picture_that_is_made_small(browser: Browser, served: Served) -> None:
    with visiting(browser, served.base, viewport=SMALL_PHONE) as reader:
        page = reader.open(THREAD)
        page.evaluate("document.documentElement.style.overflowAnchor = 'none'")  # not every browser helps
        link = page.locator("article.post a.thread_image_link:not([data-kind]):has(img)").nth(2)
        link.click()
        expect(link).not_to_have_attribute("aria-busy", "true")
        link.evaluate("link => scrollTo(0, scrollY + link.getBoundingClientRect().top + 100)")
        assert top_of(link) < -90
        link.evaluate("link => link.click()")  # a click of Playwright's may scroll by itself
        assert 0 <= top_of(link) < 20


def test_with_a_key_held_a_thumbnail_is_a_link_as_any(browser: Browser, served: Served) -> None:
    with visiting(browser, served.base) as reader:
        page = reader.open(THREAD)
        link = page.locator(PICTURE)
        with reader.context.expect_page():
            link.click(modifiers=["Control"])
        assert link.get_attribute("aria-expanded") is None


def test_a_picture_that_does_not_come_is_told_and_its_link_works(browser: Browser, served: Served) -> None:
    with visiting(browser, served.base) as reader:
        page = reader.open(THREAD)
        link = page.locator(PICTURE)
        page.route(f"**{link.get_attribute('href')}", lambda route: route.abort())
        link.click()
        expect(page.locator(".media_words")).to_contain_text("could not be loaded")
        expect(link.locator("img")).to_be_visible()
        page.unroute_all()
        assert opens_elsewhere(reader, link)


def test_a_key_shows_all_pictures_as_the_reader_comes_to_them(browser: Browser, served: Served) -> None:
    with visiting(browser, served.base) as reader:
        page = reader.open(THREAD)
        full = page.locator(".full_picture")
        links = page.locator("a.thread_image_link:not([data-kind]):has(img:not([alt^='lost']))")
        page.keyboard.press("e")
        expect(links.first.locator(".full_picture")).to_be_visible()
        expect(links.last.locator(".full_picture")).to_have_count(0)
        for place in range(links.count()):
            links.nth(place).scroll_into_view_if_needed()
            expect(links.nth(place).locator(".full_picture")).to_be_visible()
        page.keyboard.press("e")
        expect(full).to_have_count(0)


def test_a_video_plays_in_its_place_until_escape(browser: Browser, served: Served) -> None:
    with visiting(browser, served.base) as reader:
        page = reader.open(THREAD)
        link = page.locator(VIDEO).first
        video = page.locator("video")
        link.focus()
        page.keyboard.press("Enter")
        expect(video).to_be_focused()
        assert video.evaluate(UNTIL_IT_PLAYS) is True
        for kind in ("controls", "loop", "playsInline"):
            assert video.evaluate(f"video => video.{kind}") is True
        assert video.evaluate(TURN_DOWN) == "0.25"
        page.keyboard.press("Escape")
        expect(video).to_have_count(0)
        expect(link).to_be_focused()
        link.click()
        assert video.evaluate("video => video.volume") == 0.25
        page.get_by_role("button", name="Close").click()
        expect(video).to_have_count(0)
        expect(link).to_be_focused()


def test_a_video_that_cannot_be_played_is_told_and_its_link_works(browser: Browser, served: Served) -> None:
    with visiting(browser, served.base) as reader:
        page = reader.open(THREAD)
        link = page.locator(VIDEO).first
        page.route("**/*.webm", lambda route: route.fulfill(body="no video", content_type="video/webm"))
        link.click()
        expect(page.locator(".media_words")).to_contain_text("cannot be played")
        expect(page.locator("video")).to_have_count(0)
        expect(link).to_be_focused()
        page.unroute_all()
        with reader.context.expect_page():
            link.click()


def test_what_hides_a_picture_goes_first(browser: Browser, served: Served) -> None:
    with visiting(browser, served.base) as reader:
        page = reader.open(THREAD)
        link = page.locator(f"{HIDDEN}:not([data-kind])").first
        link.focus()
        page.keyboard.press("Enter")
        expect(link.locator("img")).to_be_visible()
        expect(link.locator(".spoiler_box, .full_picture")).to_have_count(0)
        page.keyboard.press("Enter")
        expect(link.locator(".full_picture")).to_be_visible()


def colour(spoiler: Locator) -> str:
    return str(spoiler.evaluate("spoiler => getComputedStyle(spoiler).color"))


def away(page: Page) -> None:
    page.mouse.move(2, 2)
    page.evaluate("document.activeElement.blur()")


def test_spoilers_stay_shown_by_click_and_by_key(browser: Browser, served: Served) -> None:
    with visiting(browser, served.base) as reader:
        page = reader.open(MARKUP)
        spoiler = page.locator("article.post .spoiler").first
        hidden = colour(spoiler)
        expect(spoiler).to_have_role("button")
        for key in ("", "Enter", " "):
            shown = spoiler.get_attribute("aria-expanded") == "true"
            if key:
                spoiler.press(key)
            else:
                spoiler.click()
            away(page)
            expect(spoiler).to_have_attribute("aria-expanded", str(not shown).lower())
            assert (colour(spoiler) == hidden) is shown
        assert page.locator(".spoiler[role] :is(a, [tabindex])").count() == 0


def test_a_finger_shows_what_is_hidden_before_it_follows_a_link(browser: Browser, served: Served) -> None:
    with visiting(browser, served.base, viewport=SMALL_PHONE, has_touch=True) as reader:
        page = reader.open(KINDS["thread-of-quotes"].address)
        quote = page.locator("article.post .spoiler a.backlink").first
        quote.tap()
        expect(page.locator(".spoiler.is_shown").first).to_be_visible()
        expect(page.locator(".preview")).to_have_count(0)
        quote.tap()
        expect(page.locator(".preview")).to_be_visible()


def test_the_name_of_a_file_is_copied_whole(browser: Browser, served: Served) -> None:
    with visiting(browser, served.base) as reader:
        reader.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=served.base)
        page = reader.open(THREAD)
        button = page.get_by_role("button", name="Copy name")
        expect(button).to_have_count(0)
        file = page.locator(".post_file:has([title*='goes on and on'])")
        file.hover()
        button.click()
        expect(page.locator("#announced")).to_have_text("The file's name is copied.")
        name = page.evaluate("navigator.clipboard.readText()")
        assert name == "a very long file name that goes on and on until nobody reads it.jpg"
        page.locator(".post_file_filename").first.focus()
        page.keyboard.press("Tab")
        expect(button).to_be_focused()
        page.keyboard.press("Enter")
        expect(page.get_by_role("button", name="Copied")).to_be_visible()
        assert page.evaluate("navigator.clipboard.readText()") == "harbour at dusk.jpg"


def test_who_has_chosen_so_sees_full_pictures_under_the_pointer(browser: Browser, served: Served) -> None:
    with visiting(browser, served.base) as reader:
        page = reader.open(THREAD)
        over = page.locator(".hover_picture img")
        page.locator(PICTURE).hover()
        expect(over).to_have_count(0)
        reader.open("/_/help/")
        choice = page.get_by_label("Show full pictures when the pointer is over a thumbnail")
        expect(choice).not_to_be_checked()
        choice.check()
        reader.open(THREAD)
        page.locator(PICTURE).hover()
        expect(over).to_be_visible()
        expect(over).to_be_in_viewport(ratio=1)
        page.mouse.move(2, 2)
        expect(over).to_have_count(0)
        reader.open("/_/help/")
        expect(choice).to_be_checked()
        choice.uncheck()
        assert page.evaluate("localStorage.getItem('koiwai.hover')") is None


def test_without_scripts_a_thumbnail_leads_to_its_file(browser: Browser, served: Served) -> None:
    with visiting(browser, served.base, java_script_enabled=False) as reader:
        page = reader.open(THREAD)
        for kind in (PICTURE, HIDDEN):
            link = page.locator(kind).first
            with reader.context.expect_page() as opened:
                link.click()
            assert opened.value.url == f"{served.base}{link.get_attribute('href')}"


def test_a_video_takes_the_place_of_its_thumbnail(browser: Browser, served: Served) -> None:
    with visiting(browser, served.base) as reader:
        link = reader.open(THREAD).locator(VIDEO).first
        link.click()
        expect(reader.page.locator(".video_box")).to_be_visible()
        expect(link).to_be_hidden()
        reader.page.keyboard.press("Escape")
        expect(link).to_be_visible()


def blurred(picture: Locator) -> bool:
    return bool(picture.evaluate("picture => getComputedStyle(picture).filter !== 'none'"))


def test_a_click_on_a_veiled_picture_shows_that_one_alone(browser: Browser, served: Served) -> None:
    with visiting(browser, served.base) as reader:
        links = reader.open("/3/").locator("a.thread_image_link:not([data-kind]):has(img)")
        links.first.click()
        assert not blurred(links.first.locator(".full_picture"))
        assert blurred(links.nth(1).locator("img"))
        links.first.click()
        assert blurred(links.first.locator("img"))


def test_that_pictures_are_shown_is_remembered(browser: Browser, served: Served) -> None:
    with visiting(browser, served.base) as reader:
        reader.open("/3/").locator(".unveil").check()
        box = reader.open("/3/catalog/").locator(".unveil")
        expect(box).to_be_checked()
        assert not blurred(reader.page.locator(".tile_image").first)
        box.uncheck()
        expect(reader.open("/3/").locator(".unveil")).not_to_be_checked()
