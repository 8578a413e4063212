"""The site's own files: only those of its folder, and only of known kinds."""

from pathlib import Path

import pytest
from quart import Quart

import app.static
from app.errors import NotFound
from tests.support.asgi import ask


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Quart:
    folder = tmp_path / "static"
    (folder / "folder.css").mkdir(parents=True)
    for name in ("a.css", "λ.svg", "notes.toml", "css"):
        (folder / name).write_text("some words")
    (tmp_path / "outside.css").write_text("outside")
    monkeypatch.setattr(app.static, "resource", lambda name: tmp_path / name)
    site = Quart(__name__, static_folder=None)
    site.register_blueprint(app.static.static_blueprint())
    site.register_error_handler(NotFound, lambda error: ("nothing", 404))
    return site


@pytest.mark.parametrize(("name", "kind"), [("a.css", "text/css; charset=utf-8"), ("%CE%BB.svg", "image/svg+xml")])
async def test_files_have_their_type(site: Quart, name: str, kind: str) -> None:
    answer = await ask(site, f"/static/{name}")
    assert (answer.status, answer.body, answer.headers["content-type"]) == (200, b"some words", kind)
    assert answer.headers["cache-control"] == "no-cache"


@pytest.mark.parametrize(
    "name",
    [
        *("notes.toml", "css", "b.css", "folder.css", "A.CSS"),
        *("..", "../outside.css", "%2e%2e/outside.css", "%00.css"),
    ],
)
async def test_all_else_is_not_there(site: Quart, name: str) -> None:
    assert (await ask(site, f"/static/{name}")).status == 404
