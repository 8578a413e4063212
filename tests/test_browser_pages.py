"""Pages in a real browser: whole, quiet, alone with their own host, as wide as the window, and read without scripts."""

from pathlib import Path

from playwright.sync_api import Browser

from tests.support.browser import DESKTOP, PHONE, SMALL_PHONE, visiting
from tests.support.page_kinds import KINDS, PageKind, each_kind
from tests.support.served import Served, served

__all__ = ["served"]

TARGETS = (Path(__file__).parent / "browser" / "targets.js").read_text("utf-8")

SENT = """() => {
    const main = document.getElementById("main").cloneNode(true);
    main.querySelectorAll("[hidden]").forEach((element) => element.remove());
    return main.textContent;
}"""

RECEIVED = """async () => {
    // Not every browser without a window asks for the icons by itself.
    const icons = [...document.querySelectorAll("link[rel~=icon]")].map((link) => link.href);
    await Promise.all(icons.map((icon) => fetch(icon, { cache: "reload" }).then((answer) => answer.blob())));
    const entries = [...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")];
    // What came a second time, from what the browser keeps, weighs next to nothing.
    entries.sort((one, other) => one.transferSize - other.transferSize);
    return Object.fromEntries(entries.map((entry) => [entry.name, entry.transferSize]));
}"""

CORE = {"home", "index", "catalog", "thread", "search", "no-thread"}


@each_kind(core=CORE)
def test_a_page_is_whole(browser: Browser, served: Served, kind: PageKind) -> None:
    """Nothing fails, warns or asks another host; no window is too small for it, and no finger too large."""
    with visiting(browser, served.base, viewport=PHONE, has_touch=True) as reader:
        reader.open(kind.address)
        assert reader.status == kind.status
        reader.load_everything()
        assert reader.page.evaluate(TARGETS) == []
        for window in (SMALL_PHONE, PHONE, DESKTOP):
            reader.page.set_viewport_size({"width": window["width"], "height": window["height"]})
            assert not reader.scrolls_sideways(), window


@each_kind(core=CORE)
def test_a_page_is_read_without_scripts(browser: Browser, served: Served, kind: PageKind) -> None:
    """Of what the server has sent, a script shows nothing that is hidden without it, but for what needs a script."""
    with (
        visiting(browser, served.base) as reader,
        visiting(browser, served.base, java_script_enabled=False) as other,
    ):
        answer = reader.context.request.get(served.base + kind.address, max_redirects=0)
        if answer.ok:  # both read the same bytes: how far a search has counted may differ from time to time
            for each in (reader, other):
                each.page.route(served.base + kind.address, lambda route: route.fulfill(response=answer))
        reader.open(kind.address)
        other.open(kind.address)
        without = other.reads()
        sent: str = other.page.evaluate(SENT)
        assert len(without.split()) > 10
        assert (set(reader.reads().split()) & set(sent.split())) - set(without.split()) == set()


def test_the_address_of_a_post_leads_to_it(browser: Browser, served: Served) -> None:
    with visiting(browser, served.base) as reader:
        page = reader.open(KINDS["post"].address)
        number = KINDS["post"].address.split("/")[3]
        page.wait_for_url(f"**/thread/*/#{number}")
        assert page.locator(f"article[id='{number}']").is_visible()


def test_a_first_visit_to_a_board_is_light(browser: Browser, served: Served) -> None:
    """In bytes over the wire, everything that a new reader's browser loads, but for the pictures of posts."""
    with visiting(browser, served.base, viewport=PHONE) as reader:
        sizes: dict[str, int] = reader.open("/g/").evaluate(RECEIVED)
    weights = {address: size for address, size in sizes.items() if "/thumb/" not in address}
    kinds = {address.rpartition("/")[2].partition("?")[0] for address in weights}
    assert {"", "koiwai.css", "koiwai.js", "favicon.ico"} <= kinds
    assert all(size >= 300 for size in weights.values()), weights
    assert sum(weights.values()) <= 60_000, weights


def test_what_goes_wrong_is_noticed(browser: Browser, served: Served) -> None:
    with visiting(browser, served.base, viewport=PHONE) as reader:
        page = reader.open("/")
        page.evaluate("""() => {
            document.getElementById("main").innerHTML = `<p>An <a href="/">inline</a> link.</p>
                <a href="/">x</a> <a href="/">y</a><p class="wide">`;
            document.querySelector("p.wide").style.cssText = "width: 1300px; height: 1px";
        }""")
        small = page.evaluate(TARGETS)
        assert len(small) == 2 and all(">x</a>" in line and ">y</a>" in line for line in small)
        assert reader.scrolls_sideways()
        page.evaluate("""() => Promise.all([
            fetch("/nowhere/1/").then((answer) => answer.text()),
            fetch("http://elsewhere.invalid/").catch(() => console.warn("Nobody there.")),
        ])""")
        assert [line.split("/")[-3:] for line in reader.missing] == [["nowhere", "1", ""]]
        assert any("Nobody there." in line for line in reader.faults)
        reader.faults.clear()
        reader.missing.clear()
