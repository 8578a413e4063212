"""Atom feeds of boards and of threads: what is newest, valid for strict readers, sent once."""

from __future__ import annotations

import pytest

from app.settings import AppSettings, Settings
from tests.support.asgi import ask
from tests.support.feeds import ATOM, HOST, ids, links, parsed
from tests.support.pages import EVIL, OP, REPLY, FakeArchive, app_of, document
from tests.support.stage import NOON, Stage, stage

__all__ = ["stage"]


@pytest.mark.parametrize("writer", ["asagi", "bare"])
async def test_a_board_s_feed_has_its_newest_threads(stage: Stage, writer: str) -> None:
    stage.board(name="λ", writer=writer)
    nums = range(101, 131)
    stage.posts(*({"num": num, "thread_num": num} for num in nums), board="λ")
    stage.post(200, 101, board="λ", timestamp=NOON + 9_000)
    if writer == "asagi":
        # Old threads that were bumped last stay behind.
        stage.threads(*({"thread_num": num, "time_bump": NOON - num} for num in nums), board="λ")
    async with stage.running() as app:
        answer = await app.ask("/%CE%BB/feed.atom")
        root = parsed(answer)
        assert ids(root) == [f"{HOST}/%CE%BB/post/{num}/" for num in range(130, 105, -1)]
        assert links(root) == {
            "self": f"{HOST}/%CE%BB/feed.atom",
            "alternate": f"{HOST}/%CE%BB/?order=creation",
        }
        assert answer.headers["last-modified"] == "Tue, 12 Jul 2022 12:02:10 GMT"
        tag, date = answer.headers["etag"], answer.headers["last-modified"]
        for asked in ({"If-None-Match": tag}, {"If-Modified-Since": date}):
            again = await ask(app.app, "/%CE%BB/feed.atom", headers=asked)
            assert (again.status, again.body) == (304, b"")


@pytest.mark.parametrize("writer", ["asagi", "bare"])
async def test_a_thread_s_feed_has_its_newest_posts(stage: Stage, writer: str) -> None:
    stage.board(writer=writer)
    stage.posts(*({"num": num, "thread_num": 101} for num in range(101, 131)))
    stage.post(130, 101, subnum=1)
    stage.posts(*({"num": num, "thread_num": 300} for num in (300, 301)))
    if writer == "asagi":
        stage.threads({"thread_num": 101}, {"thread_num": 300})
    async with stage.running() as app:
        root = parsed(await app.ask("/g/thread/101/feed.atom"))
        expected = ["130_1", *map(str, range(130, 106, -1))]
        assert ids(root) == [f"{HOST}/g/post/{num}/" for num in expected]
        assert root.findtext(f"{ATOM}title") == "/g/ - Post 101. - No. 101 - Koiwai"
        assert links(root)["alternate"] == f"{HOST}/g/thread/101/"
        short = parsed(await app.ask("/g/thread/300/feed.atom"))
        assert ids(short) == [f"{HOST}/g/post/{num}/" for num in (301, 300)]
        for missing in ("/g/thread/5/feed.atom", "/g/thread/102/feed.atom", "/g/thread/x/feed.atom", "/x/feed.atom"):
            await app.ask(missing, 404)


async def test_an_empty_board_has_an_empty_feed(stage: Stage) -> None:
    stage.board()
    async with stage.running() as app:
        root = parsed(await app.ask("/g/feed.atom"))
        assert (ids(root), root.findtext(f"{ATOM}updated")) == ([], "1970-01-01T00:00:00+00:00")


async def test_feeds_hold_anything_at_all_and_are_absolute() -> None:
    archive = FakeArchive()
    archive.settings = Settings(app=AppSettings(url="https://a.example/sub"))
    for address, expected in (("/g/feed.atom", ["100"]), ("/g/thread/100/feed.atom", ["101_1", "101", "100"])):
        root = parsed(await ask(app_of(archive), address))
        assert ids(root) == [f"https://a.example/sub/g/post/{num}/" for num in expected]
        assert links(root)["self"] == f"https://a.example/sub{address}"
    assert OP.subject == EVIL and REPLY.media is not None  # what the archive had to offer


@pytest.mark.parametrize(
    ("page", "feed"),
    [
        ("/g/", "/g/feed.atom"),
        ("/g/?order=creation", "/g/feed.atom"),
        ("/g/ghost/", "/g/feed.atom"),
        ("/g/thread/100/", "/g/thread/100/feed.atom"),
    ],
)
async def test_pages_name_their_feed(page: str, feed: str) -> None:
    app = app_of(FakeArchive())
    root = document(await ask(app, page))
    (link,) = (link for link in root.iter("link") if link.get("type") == "application/atom+xml")
    assert (link.get("rel"), link.get("href")) == ("alternate", feed)
    assert link.get("title")
    parsed(await ask(app, feed))


async def test_feeds_are_labelled_like_their_board(stage: Stage) -> None:
    stage.board(nsfw=True, hidden=True)
    stage.post(100)
    stage.threads({"thread_num": 100})
    async with stage.running() as app:
        for address in ("/g/feed.atom", "/g/thread/100/feed.atom"):
            headers = (await app.ask(address)).headers
            assert headers["rating"].startswith("RTA-") and headers["x-robots-tag"] == "noindex"
