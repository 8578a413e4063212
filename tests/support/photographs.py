"""Pictures of the demo for docs/tour.md, small enough to keep: `scripts/screenshots`."""

import io
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from PIL import Image
from playwright.sync_api import Page

from tests.support.browser import DESKTOP, PHONE, Visitor, opened_browser
from tests.support.page_kinds import KINDS
from tests.support.served import serving

MOST = 120_000
"""Bytes of one picture."""


def _as_it_is(page: Page) -> None:
    """Nothing more is done on the page."""


def _first_picture(page: Page) -> None:
    """Opens the first picture of a wall."""
    page.locator("a.tile_link").first.click()
    page.locator("dialog[open]").wait_for()


class Photograph(NamedTuple):
    name: str
    kind: str
    """A page of tests/support/page_kinds.py."""
    theme: str = "light"
    window: dict[str, int] = DESKTOP
    act: Callable[[Page], None] = _as_it_is


PHOTOGRAPHS = (
    Photograph("home", "home"),
    Photograph("index", "index"),
    Photograph("catalog", "catalog"),
    Photograph("thread", "thread-of-quotes"),
    Photograph("pictures", "thread"),
    Photograph("gallery", "gallery-images"),
    Photograph("lightbox", "gallery-images", act=_first_picture),
    Photograph("search", "search"),
    Photograph("statistics", "statistics"),
    Photograph("thread-yotsuba", "thread-of-quotes", theme="yotsuba"),
    Photograph("thread-dark", "thread-of-quotes", theme="dark"),
    Photograph("index-phone", "index", window=PHONE),
    Photograph("thread-phone", "thread", window=PHONE),
    Photograph("catalog-phone-dark", "catalog", theme="dark", window=PHONE),
)


def small_png(picture: bytes) -> bytes:
    """The same in a palette of as many colours as fit into `MOST` bytes."""
    with Image.open(io.BytesIO(picture)) as image:
        for colours in (256, 128, 64, 32, 16):
            out = io.BytesIO()
            image.convert("RGB").quantize(colours, dither=Image.Dither.NONE).save(out, "PNG", optimize=True)
            if out.tell() <= MOST:
                return out.getvalue()
    raise SystemExit(f"a picture is larger than {MOST} bytes in 16 colours")


def take(reader: Visitor, photograph: Photograph) -> bytes:
    """What is in the window, everything loaded and nothing moving."""
    address = KINDS[photograph.kind].address
    page = reader.open(f"{address}{'&' if '?' in address else '?'}theme={photograph.theme}")
    photograph.act(page)
    reader.load_everything()
    return page.screenshot(animations="disabled", caret="hide")


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as place,
        serving(Path(place)) as served,
        opened_browser() as browser,
    ):
        for photograph in PHOTOGRAPHS:
            options: dict[str, Any] = {"viewport": photograph.window, "reduced_motion": "reduce", "locale": "en-GB"}
            reader = Visitor(browser, served.base, timezone_id="UTC", **options)
            try:
                picture = small_png(take(reader, photograph))
            finally:
                reader.close()
            path = folder / f"{photograph.name}.png"
            path.write_bytes(picture)
            print(f"{path}: {len(picture)} bytes")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
