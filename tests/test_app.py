"""The app as a whole: which form an error takes, and what every answer carries."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from quart import typing

from app import create_app
from app.demo.make import make_demo
from app.settings.file import load_settings


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_demo(tmp_path_factory.mktemp("demo"), lambda line: None).config


@pytest.fixture
async def client(demo: Path) -> AsyncIterator[typing.TestClientProtocol]:
    async with create_app(load_settings({"KOIWAI_CONFIG": str(demo)}, demo.parent)).test_app() as running:
        yield running.test_client()


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "FOO", "TRACE"])
@pytest.mark.parametrize("path", ["/api/v1/boards", "/api/v1/nowhere", "/api/", "/api", "/healthz", "/readyz"])
async def test_programs_get_json_whatever_they_do(client: typing.TestClientProtocol, method: str, path: str) -> None:
    response = await client.open(path, method=method)
    assert response.status_code == 405
    assert (await response.get_json())["error"]["status"] == 405
    assert response.headers["Allow"] == "GET, HEAD, OPTIONS"
    assert response.headers["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize("method", ["POST", "FOO"])
@pytest.mark.parametrize("path", ["/", "/g/", "/g/thread/1/"])
async def test_readers_get_pages(client: typing.TestClientProtocol, method: str, path: str) -> None:
    response = await client.open(path, method=method)
    assert response.status_code == 405
    assert response.headers["Content-Type"].startswith("text/html")
    assert "GET" in response.headers["Allow"]


async def test_a_style_sheet_is_asked_for_anew_and_mostly_not_sent(client: typing.TestClientProtocol) -> None:
    first = await client.get("/static/koiwai.css")
    assert first.status_code == 200
    assert first.headers["Cache-Control"] == "no-cache"
    assert first.headers["Content-Type"] == "text/css; charset=utf-8"
    assert first.headers["X-Content-Type-Options"] == "nosniff"
    again = await client.get("/static/koiwai.css", headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304


@pytest.fixture
def astray(demo: Path) -> Path:
    config = demo.with_name("elsewhere.toml")
    config.write_text(demo.read_text().replace('root = "media"', 'root = "nowhere"'))
    return config


async def test_a_missing_media_folder_is_said_at_the_start(astray: Path, caplog: pytest.LogCaptureFixture) -> None:
    async with create_app(load_settings({"KOIWAI_CONFIG": str(astray)}, astray.parent)).test_app():
        pass
    (said,) = [record.getMessage() for record in caplog.records]
    assert f"there is no folder {astray.parent / 'nowhere'}" in said
