"""The site's script: a file's MD5 in a real engine, what a search page does with it, and what pages let it do."""

from __future__ import annotations

import base64
import hashlib
import json
import random
from typing import Any

import pytest
import quickjs
from quart import Quart

from app.resources import resource
from app.static import static_blueprint
from tests.support.asgi import ask
from tests.support.documents import ROOT
from tests.support.pages import FakeArchive, app_of, document, having, is_own_script

SLICE = 2 * 1024 * 1024
BOUNDARIES = (0, 1, 55, 56, 57, 63, 64, 65, 119, 120, 127, 128, 129, 1000)


class Page:
    """A search page in the engine, after its script has run."""

    def __init__(self, action: str = "/g/search/", **values: list[str]) -> None:
        self.engine = quickjs.Context()
        fake = (ROOT / "tests" / "support" / "fake_page.js").read_text("utf-8")
        self.engine.eval("\n".join((fake, *(script(name) for name in ("60-md5.js", "61-search-image.js")))))
        self.engine.eval(f"openPage({json.dumps(action)}, {json.dumps(values)})")

    def run(self, code: str) -> Any:
        """The value of the code, with all done that it set going."""
        value = self.engine.eval(f"JSON.stringify({code})")
        while self.engine.execute_pending_job():
            pass
        return json.loads(value)

    def choose(self, *files: str) -> None:
        """Chooses files one after another, before the first is read."""
        self.run(f"[{','.join(files)}].forEach((file) => {{ input.files = [file]; input.fire('change'); }}) || 0")

    @property
    def went(self) -> list[str]:
        return self.run("went")  # type: ignore[no-any-return]

    @property
    def said(self) -> list[str]:
        return self.run("zone.children[0].said")  # type: ignore[no-any-return]


def script(name: str) -> str:
    return (resource("static") / "js" / name).read_text("utf-8")


def file(data: bytes, name: str = "a.png", readable: bool = True) -> str:
    """A file, as code."""
    return f"new Blob({json.dumps(name)}, '{base64.b64encode(data).decode()}', {json.dumps(readable)})"


def sum_of(data: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.md5(data).digest()).decode().rstrip("=")


def noise(length: int) -> bytes:
    return random.Random(length).randbytes(length)


@pytest.mark.parametrize("size", [64, 128, SLICE])
def test_the_sum_is_that_of_the_bytes_in_slices_of_any_size(size: int) -> None:
    page = Page()
    for length in (*BOUNDARIES, *range(185, 200)):
        page.run(f"void fileMd5({file(noise(length))}, () => 0, {size}).then((sum) => went.push(sum)) || 0")
    assert page.went == [sum_of(noise(length)) for length in (*BOUNDARIES, *range(185, 200))]
    assert any("-" in address for address in page.went)
    assert any("_" in address for address in page.went)


@pytest.mark.parametrize("length", [1024 * 1024, SLICE + 1])
def test_large_files_tell_how_far_they_are(length: int) -> None:
    page = Page()
    page.choose(file(noise(length), "clip.webm"))
    assert page.went == [f"/g/search/?image={sum_of(noise(length))}"]
    reading = ["Reading clip.webm: 0 %", "Reading clip.webm: 99 %"][: 1 + length // SLICE]
    assert page.said == [*reading, "Searching for clip.webm …"]


def test_the_zone_is_shown_with_a_place_for_words_that_are_read_out() -> None:
    page = Page()
    assert page.run("[zone.hidden, input.hidden, zone.children[0].roles]") == [False, False, {"role": "status"}]
    assert not page.run("details.open")
    page.choose(file(b"x"))
    assert page.run("[details.open, input.value]") == [True, ""]


def test_an_old_browser_shows_nothing() -> None:
    page = Page()
    page.run("(delete Blob.prototype.arrayBuffer, input.hidden = zone.hidden = true, searchImage(input), 0)")
    assert page.run("[zone.hidden, zone.children.length]") == [True, 1]


@pytest.mark.parametrize(
    ("boards", "wanted"),
    [([], ""), ([""], ""), (["g"], "boards=g&"), (["g", "λ"], "boards=g.%CE%BB&")],
)
def test_the_chosen_boards_are_searched(boards: list[str], wanted: str) -> None:
    page = Page("/_/search/", boards=boards, text=["not this"])
    page.choose(file(b"abc"))
    assert page.went == [f"/_/search/?{wanted}image=kAFQmDzST7DWlj99KOF_cg"]


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (file(b"", "a b.png"), "a b.png is empty."),
        (file(b"x", "folder", readable=False), "folder could not be read. Is it a folder?"),
    ],
)
def test_what_cannot_be_searched_for_is_said_in_words(given: str, told: str) -> None:
    page = Page()
    page.choose(given)
    assert (page.went, page.said[-1]) == ([], told)


def test_the_last_file_counts() -> None:
    page = Page()
    page.choose(file(noise(300)), file(b"", "none.png"), file(b"abc", "last.png"))
    assert page.went == [f"/g/search/?image={sum_of(b'abc')}"]
    assert page.said[-1] == "Searching for last.png …"


def test_nothing_is_searched_for_once_the_page_is_left() -> None:
    page = Page()
    page.run(f"(input.files = [{file(b'abc')}], input.fire('change'), window.fire('pagehide'), 0)")
    assert (page.went, page.said[-1]) == ([], "")


def test_files_are_dropped_anywhere_and_other_things_left_alone() -> None:
    page = Page()
    words, files = '{types: ["text/plain"], files: []}', f'{{types: ["Files"], files: [{file(b"abc")}]}}'
    for kind in ("dragover", "dragleave", "drop"):
        assert not page.run(f"document.fire('{kind}', {{dataTransfer: {words}}})")
    assert page.run(f"document.fire('dragover', {{dataTransfer: {files}}})")
    assert page.run("[...zone.classes]") == ["drop_zone_over"]
    page.run(f"document.fire('dragleave', {{dataTransfer: {files}, relatedTarget: null}})")
    assert page.run("[...zone.classes]") == []
    assert page.went == []
    assert page.run(f"document.fire('drop', {{dataTransfer: {files}}})")
    assert page.went == [f"/g/search/?image={sum_of(b'abc')}"]
    page.run('document.fire("drop", {dataTransfer: {types: ["Files"], files: []}})')
    assert page.said[-1] == "That was no file."


def test_files_are_pasted_and_words_left_alone() -> None:
    page = Page()
    given = file(b"abc")
    for types, files in ((["text/plain"], ""), (["text/plain", "Files"], given)):
        assert not page.run(f"document.fire('paste', {{clipboardData: {{types: {types}, files: [{files}]}}}})")
    assert page.went == []
    assert page.run(f"document.fire('paste', {{clipboardData: {{types: ['Files'], files: [{given}]}}}})")
    assert page.went == [f"/g/search/?image={sum_of(b'abc')}"]


@pytest.fixture
def app() -> Quart:
    app = app_of(FakeArchive())
    app.register_blueprint(static_blueprint())
    return app


@pytest.mark.parametrize("address", ["/_/search/", "/g/search/", "/g/search/?num=x"])
async def test_search_pages_have_what_the_script_looks_for(app: Quart, address: str) -> None:
    answer = await ask(app, address)
    root = document(answer)
    assert [is_own_script(element) for element in root.iter("script")] == [True, True]
    (zone,) = having(root, "drop_zone")
    (field,) = (element for element in zone.iter("input") if "data-search-image" in element.attrib)
    assert (field.get("type"), field.get("name")) == ("file", None)  # without a name it is never sent
    assert "hidden" in zone.attrib
    assert "hidden" in field.attrib
    (form,) = (form for form in root.iter("form") if field in form.iter())
    assert form.get("action") == address.split("?")[0]
    assert any(form in parent.iter() for parent in root.iter("details"))
    labels = {label.get("for") for label in zone.iter("label")}
    assert labels == {field.get("id")}
    hints = {element.get("id"): "".join(element.itertext()) for element in zone.iter() if element.get("id")}
    assert "not uploaded" in hints[field.get("aria-describedby")]
