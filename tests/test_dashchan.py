"""Pages hold for Dashchan, which reads nothing else: all posts of every writer, and what is missed when it is gone."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

import pytest

from app import create_app
from app.demo.writers import WRITERS
from tests.support import dashchan
from tests.support.asgi import ask
from tests.support.scraping import Broken, Scraped, compare, parsed, without
from tests.support.shelf import Loaded, shelf_of


@pytest.fixture(params=WRITERS)
def loaded(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Loaded:
    """One writer's archive; its pages on other databases are the same bytes (see test_writers)."""
    return shelf_of(request, tmp_path_factory).get(request, request.param, "sqlite")


@pytest.fixture
def demo(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Loaded:
    return shelf_of(request, tmp_path_factory).get(request, "asagi", "sqlite")


def told(loaded: Loaded, address: str) -> Any:
    return json.loads(loaded.answers[f"/api/v1/{address}"])


def threads(loaded: Loaded) -> list[tuple[str, list[dict[str, Any]]]]:
    """(page, what the API tells of its posts) for each thread."""
    found = []
    for board in loaded.boards:
        name = quote(board.name)
        for num, posts in board.threads().items():
            if not all(post.subnum for post in posts):
                answer = told(loaded, f"boards/{name}/threads/{num}?rendered=1")
                found.append((loaded.answers[f"/{name}/thread/{num}/"].decode(), answer["posts"]))
    return found


def test_every_thread(loaded: Loaded) -> None:
    for html, posts in threads(loaded):
        seen = dashchan.read_posts(html)
        assert len(seen) == len(posts)
        for post, true in zip(seen, posts, strict=True):
            compare(post, true, ghost=".")


def test_index_pages_and_their_counts(loaded: Loaded) -> None:
    for board in loaded.boards:
        name = quote(board.name)
        listed = told(loaded, f"boards/{name}/threads?order=bump&limit=7&replies=3&rendered=1")["threads"]
        by_number = {str(thread["num"]): thread for thread in listed}
        pages = [dashchan.read_threads(loaded.answers[f"/{name}{page}"].decode()) for page in ("/", "/page/1/")]
        assert pages[0] == pages[1] != []
        for thread in pages[0]:
            true = by_number.get(thread.posts[0].id)
            if true is not None and true["op"] is not None:
                compare(thread.posts[0], true["op"], ghost=".")
                assert thread.count == true["posts"]
                assert thread.images == true["images"]


def test_the_front_page_names_every_board(loaded: Loaded) -> None:
    boards = dashchan.read_boards(loaded.answers["/"].decode())
    summaries = told(loaded, "boards")["boards"]
    assert boards == [(board["name"], board["title"] or board["name"]) for board in summaries]


def test_a_reply_s_number_leads_to_its_thread(loaded: Loaded) -> None:
    led = 0
    for address, body in loaded.answers.items():
        if "/post/" in address and not address.startswith("/api/"):
            board, _, number = address.strip("/").split("/")
            post = told(loaded, f"boards/{board}/posts/{number}?rendered=1")
            thread = dashchan.read_redirect(body.decode())
            assert thread == (None if post["op"] else str(post["thread_num"]))
            led += thread is not None
    assert led > 3


def test_files_are_where_the_program_expects_them(demo: Loaded) -> None:
    images = [post.image for html, _ in threads(demo) for post in dashchan.read_posts(html) if post.image]
    numbered = [image for image in images if image.rpartition("/")[2].partition(".")[0].isdigit()]
    assert len(numbered) > 10
    assert all(map(dashchan.is_attachment, numbered))


async def test_searches_errors_and_missing_threads(demo: Loaded) -> None:
    running = create_app(demo.settings)
    async with running.test_app():
        seen: list[Scraped] = []
        hits = (await ask(running, "/api/v1/search?boards=g&text=the&limit=50&rendered=1")).json["hits"]
        for page in (1, 2):
            answer = await ask(running, f"/g/search/text/the/page/{page}/")
            found = dashchan.read_search(answer.body.decode())
            for post, hit in zip(found, hits[25 * (page - 1) : 25 * page], strict=True):
                compare(post, hit["post"], ghost=".")
                assert post.thread == str(hit["post"]["thread_num"])
            seen += found
        assert len({post.id for post in seen}) == 50
        nothing = await ask(running, "/g/search/text/zzqxzz/page/1/")
        assert (nothing.status, dashchan.read_search(nothing.body.decode())) == (200, [])
        for missing in ("/g/thread/1/", "/g/post/1/", "/nothing/", "/g/page/99999/"):
            answer = await ask(running, missing)
            html = answer.body.decode()
            assert answer.status == 404
            assert dashchan.read_search(html) == dashchan.read_threads(html) == []
            assert parsed(html).xpath("//*[@class='alert']/*[@class='alert-heading']")


def a_thread(demo: Loaded) -> tuple[str, list[dict[str, Any]]]:
    """A thread with files, a subject, a tripcode and an ID, or the one that has most of it."""

    def rich(thread: tuple[str, list[dict[str, Any]]]) -> int:
        keys = ("media", "subject", "trip", "poster_hash", "subnum")
        return sum(any(post[key] for post in thread[1]) for key in keys)

    return max(threads(demo), key=rich)


NEEDED = [
    "//article[contains(@class, 'thread')]/@id",
    "//article[contains(@class, 'post doc_id')]/@id",
    "//span[@class='post_author']",
    "//span[@class='post_tripcode']",
    "//h2[@class='post_title']",
    "//time",
    "//time/@datetime",
    "//a[@class='thread_image_link']",
    "//div[@class='post_file']",
    "//img[contains(@class, '_image')]",
    "//div[@class='text']",
    "//div[@class='text']/@class",
]


@pytest.mark.parametrize("path", NEEDED)
def test_nothing_it_reads_can_be_taken_away(demo: Loaded, path: str) -> None:
    html, posts = a_thread(demo)
    damaged = without(html, path)
    with pytest.raises((Broken, AssertionError)):
        for post, true in zip(dashchan.read_posts(damaged), posts, strict=True):
            compare(post, true, ghost=".")


def test_what_would_stop_it_is_nowhere() -> None:
    """The reader is as easily stopped as the program."""
    for html in (
        "<time datetime='2013-04-24T17:50:28+00:00'>now</time>",
        "<h2 class='post_title'>x</h2>",
        "<div class='text'>x</div>",
        "<article class='post' id='1'><img class='post_image' src='/x'></article>",
        "<span class='omitted_posts'>1</span>",
    ):
        with pytest.raises(Broken):
            dashchan.read_threads(html)
