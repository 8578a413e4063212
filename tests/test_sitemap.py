"""Maps for search engines: every thread once, in parts that stay what they are, as sitemaps.org asks."""

from __future__ import annotations

import lxml.etree
import pytest

from app import thread_maps
from app.settings import BoardSettings, Settings, SiteSettings
from app.web import sitemap as sitemap_module
from tests.support.asgi import Answer, ask
from tests.support.pages import FakeArchive, app_of
from tests.support.recorder import Recorder
from tests.support.stage import Stage, stage

__all__ = ["stage"]

SPACE = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
HOST = "http://archive.example"
NUMS = [10, 20, 30, 1_000, 1_001, 1_002, 1_003, 5_000, 400_000_000]


@pytest.fixture(autouse=True)
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(thread_maps, "PART", 4)


def addresses(answer: Answer, root: str, entry: str) -> list[str]:
    """The addresses of a map, which must be as the protocol wants it."""
    assert answer.status == 200, answer.body[:300]
    assert answer.headers["content-type"] == "application/xml; charset=utf-8"
    assert len(answer.body) <= 50 * 1024 * 1024
    assert answer.body.isascii()  # addresses are percent-encoded
    tree = lxml.etree.fromstring(answer.body)
    assert tree.tag == SPACE + root and 1 <= len(tree) <= 50_000
    assert [child.tag for child in tree] == [SPACE + entry] * len(tree)
    assert [grandchild.tag for child in tree for grandchild in child] == [f"{SPACE}loc"] * len(tree)
    found = [child.findtext(f"{SPACE}loc") or "" for child in tree]
    assert len(set(found)) == len(found)
    assert all(address.startswith(f"{HOST}/") and len(address) < 2_048 for address in found)
    return found


def _fill(stage: Stage, nums: list[int], writer: str = "asagi", board: str = "g") -> None:
    stage.posts(*({"num": num, "thread_num": num} for num in nums), board=board)
    if writer == "asagi":
        stage.threads(*({"thread_num": num} for num in nums), board=board)


@pytest.mark.parametrize("writer", ["asagi", "bare"])
async def test_every_thread_stands_in_one_map_which_stays(
    stage: Stage, writer: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.threads._LOOK_AGAIN_AFTER", 0.0)
    stage.board("λ", writer)
    _fill(stage, NUMS, writer, "λ")
    async with stage.running() as app:

        async def maps() -> dict[str, list[str]]:
            index = addresses(await app.ask("/sitemap.xml"), "sitemapindex", "sitemap")
            parts = [await app.ask(part.removeprefix(HOST)) for part in index]
            return {part: addresses(answer, "urlset", "url") for part, answer in zip(index, parts, strict=True)}

        before = await maps()
        assert list(before) == [f"{HOST}/_/sitemap/%CE%BB/{start}.xml" for start in (1, 1_001, 400_000_000)]
        pages = [page for part in before.values() for page in part]
        assert pages == [f"{HOST}/%CE%BB/", *(f"{HOST}/%CE%BB/thread/{num}/" for num in NUMS)]
        assert max(map(len, before.values())) == 5
        for page in pages:
            await app.ask(page.removeprefix(HOST))
        _fill(stage, [400_000_001 + place for place in range(5)], writer, "λ")
        after = await maps()
        assert list(after)[:3] == list(before) and len(after) == 4
        assert [after[part] for part in list(before)[:2]] == list(before.values())[:2]


async def test_what_is_known_is_not_looked_up_again(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    stage.board()
    _fill(stage, NUMS)
    async with stage.running() as app:
        first = await app.ask("/sitemap.xml")
        recorder = Recorder(monkeypatch)
        assert (await app.ask("/sitemap.xml")).body == first.body
        (asked,) = recorder.statements
        assert asked.args == (400_000_000, 4)  # it goes on where the last part begins, and skips no more than that
        again = await ask(app.app, "/sitemap.xml", headers={"If-None-Match": first.headers["etag"]})
        assert again.status == 304


async def test_boards_that_are_hidden_away_or_moderated(stage: Stage) -> None:
    stage.board()
    _fill(stage, [10, 20])
    stage.add("g_deleted", {"num": 20, "subnum": 0, "thread_num": 20, "op": 1, "timestamp": 1, "timestamp_expired": 0})
    stage.board("secret", hidden=True)
    _fill(stage, [30], board="secret")
    stage.boards["late"] = BoardSettings()  # its table may come later
    async with stage.running(validate_boards_db=False) as app:
        index = addresses(await app.ask("/sitemap.xml"), "sitemapindex", "sitemap")
        assert index == [f"{HOST}/_/sitemap/g/1.xml"]
        pages = addresses(await app.ask("/_/sitemap/g/1.xml"), "urlset", "url")
        assert pages == [f"{HOST}/g/", f"{HOST}/g/thread/10/"]
        for missing in ("secret/1", "nope/1", "g/0", "g/x", "g/2147483648", "g/-1", "g/21"):
            await app.ask(f"/_/sitemap/{missing}.xml", 404)
        await app.ask("/_/sitemap/late/1.xml", 503)


async def test_an_index_has_no_more_maps_than_it_may(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    assert (sitemap_module.LARGEST_INDEX, thread_maps.PART) == (50_000, 4)
    monkeypatch.setattr(sitemap_module, "LARGEST_INDEX", 2)
    stage.board()
    _fill(stage, NUMS)
    async with stage.running() as app:
        assert len(addresses(await app.ask("/sitemap.xml"), "sitemapindex", "sitemap")) == 2


async def test_parts_are_cut_anew_one_day(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """Older threads may be filled in later, and a part holds only so many."""
    stage.board()
    _fill(stage, NUMS)
    async with stage.running() as app:
        assert await app.board().maps.starts() == (1, 1_001, 400_000_000)
        _fill(stage, [11, 12, 13, 14])
        assert await app.board().maps.starts() == (1, 1_001, 400_000_000)
        monkeypatch.setattr(thread_maps, "_KEPT_FOR", -1.0)
        assert await app.board().maps.starts() == (1, 14, 1_001, 400_000_000)


async def test_there_is_no_map_where_search_engines_are_kept_away() -> None:
    archive = FakeArchive()
    archive.settings = Settings(site=SiteSettings(robots="deny"))
    for address in ("/sitemap.xml", "/_/sitemap/g/1.xml"):
        answer = await ask(app_of(archive), address)
        assert (answer.status, b"keeps search engines away" in answer.body) == (404, True)
