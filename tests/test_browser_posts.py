"""Quotes in a real browser: previews, posts shown in place, and the post that an address names."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, Route, expect

from tests.support.browser import SMALL_PHONE, Visitor, visiting
from tests.support.page_kinds import KINDS, LONG_THREAD
from tests.support.served import Served, served

__all__ = ["served"]

QUOTES = KINDS["thread-of-quotes"].address
QUOTE = "article[id] .text a.backlink"
DOUBLED = """() => {
    const every = [...document.querySelectorAll("[id]")].map((element) => element.id);
    return every.filter((id, place) => every.indexOf(id) !== place);
}"""


@contextmanager
def reading(browser: Browser, served: Served, address: str, **options: Any) -> Iterator[Visitor]:
    """A reader at an address. Whatever they do there, no id may be on the page twice."""
    with visiting(browser, served.base, **options) as reader:
        reader.open(address)
        yield reader
        assert reader.page.evaluate(DOUBLED) == []


def preview(page: Page) -> Locator:
    return page.locator(".preview")


def shown_post(page: Page, quote: Locator) -> Locator:
    """The preview of the post that a quote leads to."""
    return page.locator(f'.preview [data-copy-of="{quote.get_attribute("data-post")}"]')


def leave(page: Page) -> None:
    page.mouse.move(2, 2)


def last_quote(page: Page) -> Locator:
    """Of a post that is far above."""
    quote = page.locator(QUOTE).last
    quote.scroll_into_view_if_needed()
    return quote


def within_the_window(page: Page) -> bool:
    return bool(
        page.evaluate(
            """() => [...document.querySelectorAll(".preview")].every((preview) => {
                const { left, top, right, bottom } = preview.getBoundingClientRect();
                const { clientWidth, clientHeight } = document.documentElement;
                return left >= 0 && top >= 0 && right <= clientWidth && bottom <= clientHeight && bottom - top > 100;
            })"""
        )
    )


def test_a_quote_under_the_pointer_shows_its_post_until_the_pointer_leaves(browser: Browser, served: Served) -> None:
    with reading(browser, served, LONG_THREAD) as reader:
        page = reader.page
        quote = last_quote(page)
        quote.hover()
        expect(shown_post(page, quote)).to_be_visible()
        writer = quote.evaluate("quote => quote.closest('article').id")
        expect(page.locator(".preview .quote_led_here").first).to_have_attribute("data-post", writer)
        assert within_the_window(page)
        shown_post(page, quote).hover()  # what can be reached stays
        expect(preview(page)).to_be_visible()
        leave(page)
        expect(preview(page)).to_have_count(0)


def test_quotes_in_a_preview_have_previews(browser: Browser, served: Served) -> None:
    with reading(browser, served, LONG_THREAD) as reader:
        page = reader.page
        last_quote(page).hover()
        inner = page.locator(".preview .text a.backlink").first
        inner.hover()
        expect(preview(page)).to_have_count(2)
        expect(shown_post(page, inner)).to_be_visible()
        page.keyboard.press("Escape")
        expect(preview(page)).to_have_count(1)
        page.keyboard.press("Escape")
        expect(preview(page)).to_have_count(0)


def test_a_post_that_the_reader_sees_is_set_apart_instead(browser: Browser, served: Served) -> None:
    with reading(browser, served, QUOTES) as reader:
        page = reader.page
        quote = page.locator(QUOTE).first
        quote.hover()
        expect(page.locator(".post_hovered")).to_have_attribute("id", str(quote.get_attribute("data-post")))
        expect(preview(page)).to_have_count(0)
        leave(page)
        expect(page.locator(".post_hovered")).to_have_count(0)


@pytest.mark.parametrize("kind", [".cross-thread", ".cross-board", "[data-post$='_1']"])
def test_posts_of_other_threads_and_boards_are_fetched(browser: Browser, served: Served, kind: str) -> None:
    with reading(browser, served, QUOTES) as reader:
        page = reader.page
        quote = page.locator(f"{QUOTE}{kind}").first
        quote.hover()
        expect(shown_post(page, quote).locator(".text")).to_be_visible()
        links = page.locator(".preview [data-copy-of] [href]")
        addresses = links.evaluate_all("links => links.map((link) => link.getAttribute('href'))")
        assert [address for address in addresses if address.startswith(served.base)] == []


def test_the_focus_shows_a_post_and_says_it_and_escape_closes_it(browser: Browser, served: Served) -> None:
    with reading(browser, served, QUOTES) as reader:
        page = reader.page
        quote = page.locator(f"{QUOTE}.cross-thread").first
        quote.evaluate("quote => quote.closest('article').querySelector('[data-function=quote]').focus()")
        page.keyboard.press("Tab")
        expect(quote).to_be_focused()
        words = shown_post(page, quote).locator(".text")
        expect(words).to_be_visible()
        said = page.locator("#announced")
        expect(said).to_contain_text(f"No. {quote.get_attribute('data-post')}: {words.inner_text()[:20]}")
        page.keyboard.press("Escape")
        expect(preview(page)).to_have_count(0)
        expect(quote).to_be_focused()
        page.keyboard.press("Tab")
        expect(shown_post(page, page.locator(f"{QUOTE}.cross-thread").nth(1))).to_be_visible()
        page.keyboard.press("Tab")
        expect(preview(page)).to_have_count(0)


def test_a_tap_shows_a_post_within_a_small_window_and_the_next_follows(browser: Browser, served: Served) -> None:
    window = {"width": 320, "height": 360}
    with reading(browser, served, LONG_THREAD, viewport=window, has_touch=True) as reader:
        page = reader.page
        quote = last_quote(page)
        quote.tap()
        expect(shown_post(page, quote)).to_be_visible()
        assert within_the_window(page)
        assert not reader.scrolls_sideways()
        page.locator(".site_footer").dispatch_event("pointerdown", {"pointerType": "touch", "bubbles": True})
        expect(preview(page)).to_have_count(0)
        place = quote.get_attribute("data-post")
        quote.tap()
        quote.tap()
        assert page.url.endswith(f"#{place}")
        expect(page.locator(f'[id="{place}"]')).to_be_in_viewport()
        expect(preview(page)).to_have_count(0)


def test_a_preview_has_ways_on(browser: Browser, served: Served) -> None:
    with reading(browser, served, QUOTES, has_touch=True, viewport=SMALL_PHONE) as reader:
        page = reader.page
        quote = page.locator(f"{QUOTE}.cross-board").first
        quote.tap()
        page.get_by_role("button", name="Show here").tap()
        expect(preview(page)).to_have_count(0)
        expect(quote).to_have_attribute("aria-expanded", "true")
        expect(page.locator(".inlined .text")).to_be_visible()
        assert not reader.scrolls_sideways()
        quote.tap()
        page.get_by_role("button", name="Hide here").tap()
        expect(page.locator(".inlined")).to_have_count(0)
        quote.tap()
        page.get_by_role("link", name="Go to post").tap()
        page.wait_for_url("**/ck/thread/**")


def test_a_post_that_cannot_be_had_is_told_in_words(browser: Browser, served: Served) -> None:
    with visiting(browser, served.base) as reader:
        page = reader.open(QUOTES)
        quote = page.locator(f"{QUOTE}.cross-thread").first
        quote.evaluate("quote => (quote.dataset.post = '4')")
        quote.hover()
        expect(preview(page)).to_contain_text("This post is not in the archive.")
        leave(page)
        expect(preview(page)).to_have_count(0)
        waiting: list[Route] = []
        page.route("**/_/api/chan/post/**", lambda route: waiting.append(route))
        other = page.locator(f"{QUOTE}.cross-board").first
        with page.expect_request("**/_/api/chan/post/**"):
            other.hover()
        expect(preview(page)).to_contain_text("Loading")
        waiting.pop().fulfill(status=503)
        expect(preview(page)).to_contain_text("The post could not be loaded.")
        leave(page)
        expect(preview(page)).to_have_count(0)
        page.unroute("**/_/api/chan/post/**")
        other.hover()  # it is asked for again
        expect(shown_post(page, other)).to_be_visible()
        assert reader.missing.pop().startswith("503")


def test_shift_shows_posts_below_their_quotes_and_takes_them_away(browser: Browser, served: Served) -> None:
    with reading(browser, served, QUOTES) as reader:
        page = reader.page
        quote = page.locator(QUOTE).nth(1)
        quote.click(modifiers=["Shift"])
        inlined = page.locator(".inlined")
        expect(inlined).to_have_count(1)
        inner = inlined.locator(".text a.backlink").first
        inner.focus()
        page.keyboard.press("Shift+Enter")
        expect(inlined).to_have_count(2)
        expect(inner).to_have_attribute("aria-expanded", "true")
        assert page.evaluate(DOUBLED) == []
        page.keyboard.press("Shift+Enter")
        expect(inlined).to_have_count(1)
        quote.click(modifiers=["Shift"])
        expect(inlined).to_have_count(0)
        assert quote.get_attribute("aria-expanded") is None
        assert page.url.endswith(QUOTES)


@pytest.mark.parametrize("form", ["#{}", "#p{}", "#q{}"])
def test_the_post_that_an_address_names_is_set_apart(browser: Browser, served: Served, form: str) -> None:
    with reading(browser, served, QUOTES) as reader:
        page = reader.page
        places = page.locator("article.post").evaluate_all("posts => posts.map((post) => post.id)")
        for place in (places[-1], places[0]):
            page.evaluate("hash => (location.hash = hash)", form.format(place))
            expect(page.locator(".post_pointed")).to_have_attribute("id", place)
            expect(page.locator(f'[id="{place}"]')).to_be_in_viewport()
        page.reload()
        expect(page.locator(".post_pointed")).to_have_attribute("id", places[0])
        page.evaluate("location.hash = 'main'")
        expect(page.locator(".post_pointed")).to_have_count(0)


def test_a_ghost_post_is_found_by_either_form_of_its_number(browser: Browser, served: Served) -> None:
    with reading(browser, served, KINDS["thread-with-ghosts"].address) as reader:
        ghost = str(reader.page.locator("article.post_ghost").first.get_attribute("id"))
        for place in (f"p{ghost}", ghost.replace("_", ",")):
            reader.page.evaluate("hash => (location.hash = hash)", place)
            expect(reader.page.locator(".post_pointed")).to_have_attribute("id", ghost)


def test_on_an_index_a_quote_leads_to_the_post_that_is_there(browser: Browser, served: Served) -> None:
    with reading(browser, served, "/g/") as reader:
        page = reader.page
        quotes = page.locator(QUOTE)
        here = quotes.evaluate_all("quotes => quotes.findIndex((quote) => document.getElementById(quote.dataset.post))")
        place = quotes.nth(here).get_attribute("data-post")
        quotes.nth(here).click()
        assert page.url == f"{served.base}/g/#{place}"
        expect(page.locator(".post_pointed")).to_have_attribute("id", str(place))
        elsewhere = quotes.evaluate_all(
            "quotes => quotes.findIndex((quote) => !document.getElementById(quote.dataset.post))"
        )
        quotes.nth(elsewhere).hover()
        expect(shown_post(page, quotes.nth(elsewhere))).to_be_visible()
        quotes.nth(elsewhere).click()
        page.wait_for_url("**/thread/**")


def test_posts_that_come_later_are_named_below_those_they_quote(browser: Browser, served: Served) -> None:
    opening = f'article.thread[id="{QUOTES.split("/")[-2]}"]'
    told = f"""() => [...document.querySelectorAll('{opening} > .backlink_list a')].map((link) =>
        [link.getAttribute("href"), link.textContent, link.className, {{...link.dataset}}])"""
    with reading(browser, served, KINDS["index-page-2"].address) as reader:
        page = reader.page
        before = page.evaluate(told)
        page.locator(opening).get_by_role("button", name="Expand").click()
        expect(page.locator(f"{opening} article.post")).to_have_count(11)
        now = page.evaluate(told)
        assert len(now) > len(before)
        reader.open(QUOTES)
        assert now == page.evaluate(told)


def test_without_scripts_quotes_lead_to_their_posts(browser: Browser, served: Served) -> None:
    with visiting(browser, served.base, java_script_enabled=False) as reader:
        page = reader.open(QUOTES)
        quote = page.locator(f"{QUOTE}.cross-board").first
        place = quote.get_attribute("data-post")
        quote.click()
        page.wait_for_url(f"**/ck/thread/*/#{place}")
        expect(page.locator(f'[id="{place}"]')).to_be_in_viewport()


def test_pictures_of_veiled_boards_are_veiled_in_previews_too(browser: Browser, served: Served) -> None:
    with reading(browser, served, "/3/gallery/?tab=images") as reader:
        page = reader.page
        there = str(page.locator(".tile_link").first.get_attribute("href"))
        reader.open(QUOTES)
        quote = page.locator(QUOTE).first
        quote.evaluate(
            "(quote, post) => Object.assign(quote.dataset, { board: '3', post })",
            there.partition("#")[2] or there.split("/")[-2],
        )
        quote.hover()
        picture = preview(page).locator("img.post_image, img.thread_image").first
        expect(picture).to_have_css("filter", "blur(20px)")
        picture.click()
        expect(preview(page).locator(".full_picture")).to_have_css("filter", "none")


def test_what_is_said_of_a_preview_leaves_spoilers_out(browser: Browser, served: Served) -> None:
    with reading(browser, served, QUOTES) as reader:
        page = reader.page
        page.locator("article.thread > .text").first.evaluate(
            """text => text.append(Object.assign(document.createElement("span"),
                { className: "spoiler", textContent: "butler" }))"""
        )
        opening = page.locator("article.thread").first.get_attribute("id")
        quote = page.locator(f"{QUOTE}[data-post='{opening}']").last
        page.keyboard.press("Tab")
        quote.focus()
        expect(page.locator("#announced")).to_contain_text("spoiler")
        expect(page.locator("#announced")).not_to_contain_text("butler")
