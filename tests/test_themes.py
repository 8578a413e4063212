"""The themes: every text can be read on every ground, and pages have the one that was chosen."""

from __future__ import annotations

import pytest
from quart import Quart

from app.assets import assets
from app.web.themes import DARK, THEMES, colours_of
from tests.support.asgi import ask
from tests.support.contrast import contrast, palettes
from tests.support.pages import FakeArchive, app_of, document, one, text

TEXTS = ("text", "quiet", "green", "link", "link-hover", "author", "subject", "alert")
GROUNDS = ("page", "panel", "chrome", "target", "found", "code")
PALETTES = palettes(assets()["koiwai.css"].body.decode())


@pytest.fixture
def app() -> Quart:
    return app_of(FakeArchive())


@pytest.mark.parametrize("theme", THEMES)
def test_every_text_can_be_read_on_every_ground(theme: str) -> None:
    colours = PALETTES[theme]
    pairs = [(name, ground) for name in TEXTS for ground in GROUNDS]
    pairs += [("text", "field"), ("quiet", "field"), ("example", "field")]
    assert [pair for pair in pairs if contrast(*(colours[name] for name in pair)) < 4.5] == []
    # What has the focus, and the edges of fields, need less.
    for ground in ("page", "panel", "chrome"):
        assert contrast(colours["focus"], colours[ground]) >= 3, ground


def test_each_theme_has_all_colours_and_the_dark_ones_are_dark() -> None:
    assert PALETTES.keys() == THEMES.keys()
    for theme, colours in PALETTES.items():
        assert colours.keys() == PALETTES["light"].keys()
        assert (contrast(colours["page"], "#000") < contrast(colours["page"], "#fff")) == (theme in DARK | {"auto"})
    assert PALETTES["auto"] == PALETTES["dark"]


@pytest.mark.parametrize("theme", THEMES)
async def test_browsers_are_told_the_colour_at_the_top(app: Quart, theme: str) -> None:
    root = document(await ask(app, f"/g/?theme={theme}"))
    told = {meta.get("media"): meta.get("content") for meta in root.iter("meta") if meta.get("name") == "theme-color"}
    dark, light = (PALETTES[name]["chrome"] for name in ("dark", "light"))
    if theme == "auto":
        assert told == {"(prefers-color-scheme: dark)": dark, "(prefers-color-scheme: light)": light}
    else:
        assert told == {None: PALETTES[theme]["chrome"]}
    assert len(colours_of(theme)) == len(told)


@pytest.mark.parametrize("theme", THEMES)
async def test_the_address_may_name_a_theme(app: Quart, theme: str) -> None:
    for address in ("/", "/g/", "/_/search/", "/nowhere/"):
        root = document(await ask(app, f"{address}?theme={theme}"))
        assert root.get("data-theme") == theme
        assert (root.get("data-themes") or "").split() == list(THEMES)
        chosen = [option.get("value") for option in root.iter("option") if "selected" in option.attrib]
        assert chosen == [theme]
    assert document(await ask(app, "/?theme=none")).get("data-theme") == "auto"


async def test_the_choice_keeps_the_rest_of_the_address_and_needs_no_script(app: Quart) -> None:
    answer = await ask(app, "/g/?order=creation&theme=dark&theme=light&a=1&a=%3Cb%3E%22&empty=")
    form = one(document(answer), "theme_choice")
    assert (form.get("method"), form.get("action")) == ("get", None)  # which means the address of the page
    kept = [(field.get("name"), field.get("value")) for field in form.iter("input")]
    assert kept == [("order", "creation"), ("a", "1"), ("a", '<b>"'), ("empty", "")]
    (label,) = form.iter("label")
    (select,) = form.iter("select")
    assert (text(label), label.get("for"), select.get("name")) == ("Theme", select.get("id"), "theme")
    assert [option.get("value") for option in select] == list(THEMES)
    assert "hidden" not in next(form.iter("button")).attrib


async def test_what_somebody_else_put_into_the_address_stays_short_and_text(app: Quart) -> None:
    many = "&".join(f"k{number}=v" for number in range(500))
    form = one(document(await ask(app, f"/?{many}")), "theme_choice")
    assert len(list(form.iter("input"))) == 32
    form = one(document(await ask(app, f"/?long={'x' * 5000}&{'y' * 5000}=1&short=1")), "theme_choice")
    assert [field.get("name") for field in form.iter("input")] == ["short"]
    root = document(await ask(app, "/?%3Cscript%3E=%22%3E%3Cscript%3Ealert(1)%3C/script%3E%00%ff"))
    assert len(list(root.iter("script"))) == 2
