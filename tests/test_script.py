"""The site's style sheet and script as they are served, and what the policy of pages lets them do."""

import re

import pytest
from quart import Quart

from app.assets import assets
from app.resources import resource
from app.static import static_blueprint
from app.web.themes import SNIPPET_HASH
from tests.support.asgi import ask
from tests.support.pages import FakeArchive, app_of

PARTS = sorted((resource("static") / "js").iterdir())


@pytest.fixture
def app() -> Quart:
    app = app_of(FakeArchive())
    app.register_blueprint(static_blueprint())
    return app


async def test_pages_run_scripts_of_this_server_alone_which_can_send_nothing_elsewhere(app: Quart) -> None:
    for address in ("/", "/g/search/", "/nowhere/"):
        policy = (await ask(app, address)).headers["content-security-policy"].split("; ")
        assert policy[0] == "default-src 'none'"
        told = [part for part in policy if part.startswith(("script-", "connect-", "worker-"))]
        assert told == [f"script-src 'self' {SNIPPET_HASH}", "connect-src 'self'"]


def test_templates_hold_no_script_but_the_one_that_the_policy_knows() -> None:
    own = r"<script(?! type=\"module\" src=\"{{ script_href }}\"></script>|>{{ snippet }}</script>)"
    for template in resource("templates").iterdir():
        text = template.read_text("utf-8")
        assert re.findall(own, text) == [], template.name
        assert not re.search(r"\son[a-z]+=|javascript:|\sstyle=", text), template.name


async def test_script_and_sheet_are_kept_for_ever_by_their_version_and_asked_for_without(app: Quart) -> None:
    page = (await ask(app, "/")).body.decode()
    for name in ("koiwai.css", "koiwai.js"):
        asset = assets()[name]
        assert f'"/static/{name}?v={asset.version}"' in page
        kept = await ask(app, f"/static/{name}?v={asset.version}")
        assert (kept.status, kept.body) == (200, asset.body)
        assert kept.headers["cache-control"] == "public, max-age=31536000, immutable"
        for other in ("", "?v=0"):
            answer = await ask(app, f"/static/{name}{other}")
            assert (answer.body, answer.headers["cache-control"]) == (asset.body, "no-cache")


def test_the_script_knows_no_other_server_and_writes_no_html() -> None:
    text = assets()["koiwai.js"].body.decode()
    assert [part.read_text("utf-8") in text for part in PARTS] == [True] * len(PARTS)
    assert not re.search(r"[a-z]+://|[\"'`]//|XMLHttpRequest|sendBeacon|WebSocket|EventSource", text)
    assert not re.search(
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|new Function|\bimport\b", text
    )


def test_each_feature_finds_something_in_the_templates() -> None:
    templates = " ".join(template.read_text("utf-8") for template in resource("templates").iterdir())
    selectors = re.findall(r'^feature\("([^"]+)"', assets()["koiwai.js"].body.decode(), re.MULTILINE)
    assert "[data-search-image]" in selectors
    for selector in selectors:
        for word in re.findall(r"[\w-]+", selector):
            assert word in templates, selector


def test_script_and_sheet_stay_small() -> None:
    assert all(part.stat().st_size < 12_000 for part in PARTS)
    assert len(assets()["koiwai.css"].body) < 40_000
