"""Pages for those who see, hear or point differently: what axe-core finds, in every kind of page and every theme."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from app.web.themes import THEMES
from tests.support.browser import DESKTOP, PHONE, visiting
from tests.support.page_kinds import KINDS, PageKind, each_kind
from tests.support.served import Served, served

__all__ = ["served"]

CORE = {"home", "thread"}
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

RUN = """async (tags) => {
    const { violations } = await axe.run(document, {
        runOnly: { type: "tag", values: tags },
        rules: { "target-size": { enabled: true } },
        resultTypes: ["violations"],
    });
    return violations.flatMap(({ id, nodes }) =>
        nodes.map((node) => `${id}: ${node.html.slice(0, 200)}: ${node.failureSummary.replace(/\\s+/g, " ")}`));
}"""


@pytest.fixture(scope="module")
def axe(judge: Callable[[str], Path]) -> Callable[[Page], list[str]]:
    """What axe-core finds wrong with an open page, one line for each element."""
    program = (judge("axe-core") / "axe.min.js").read_text("utf-8")

    def look(page: Page) -> list[str]:
        # What is not laid out, far from the window, has no size.
        page.evaluate(
            "document.querySelectorAll('.post').forEach((post) => (post.style.contentVisibility = 'visible'))"
        )
        page.evaluate(program)
        found: list[str] = page.evaluate(RUN, TAGS)
        return found

    return look


def themed(address: str, theme: str) -> str:
    return f"{address}{'&' if '?' in address else '?'}theme={theme}"


@pytest.mark.parametrize("theme", ["light", "dark"])
@each_kind(core=CORE)
def test_nothing_is_in_anybodys_way(
    browser: Browser, served: Served, axe: Callable[[Page], list[str]], kind: PageKind, theme: str
) -> None:
    with visiting(browser, served.base, viewport=DESKTOP if theme == "light" else PHONE) as reader:
        page = reader.open(themed(kind.address, theme))
        assert page.locator("html").get_attribute("data-theme") == theme
        assert axe(page) == []


@pytest.mark.full
@pytest.mark.parametrize("window", [PHONE, DESKTOP], ids=["phone", "desktop"])
@pytest.mark.parametrize("theme", THEMES)
def test_a_thread_can_be_read_in_every_theme(
    browser: Browser, served: Served, axe: Callable[[Page], list[str]], theme: str, window: dict[str, int]
) -> None:
    for name in ("thread-of-people", "thread-of-markup", "thread-of-exif", "thread-with-ghosts", "deleted"):
        with visiting(browser, served.base, viewport=window) as reader:
            assert axe(reader.open(themed(KINDS[name].address, theme))) == [], name


def test_what_is_in_the_way_is_found(browser: Browser, served: Served, axe: Callable[[Page], list[str]]) -> None:
    with visiting(browser, served.base) as reader:
        page = reader.open("/")
        page.evaluate("""() => {
            const button = document.createElement("button");
            document.getElementById("main").append(button, document.createElement("img"));
        }""")
        assert {line.split(":")[0] for line in axe(page)} == {"button-name", "image-alt"}
