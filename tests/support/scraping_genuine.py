"""What scrapers get out of the pages of a genuine archive, compared with what our API tells of it."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import quote

from tests.support import dashchan, kuroba
from tests.support.reader import Reader, Walk, post_id
from tests.support.scraping import compare

_THREADS: Final = 12
_POSTS: Final = 20
"""About so many are looked at of a board, and of an archive; all would take long and tell nothing new."""


async def check_scrapers(reader: Reader, walked: Walk, truth: dict[str, Any]) -> None:
    """Threads and index pages of all boards, a search of each, and pages of posts that truth.json names."""
    boards = dashchan.read_boards(await reader.text("/"))
    assert boards == kuroba.read_boards(reader.said[-1])
    assert boards == [(name, board["title"] or name) for name, board in walked.boards.items()]
    for name, threads in walked.threads.items():
        for num, thread in list(threads.items())[:: max(1, len(threads) // _THREADS)]:
            seen = dashchan.read_posts(await _whole_page(reader, f"/{quote(name)}/thread/{num}/"))
            assert len(seen) == len(thread["posts"])
            for post, told in zip(seen, thread["posts"], strict=True):
                compare(post, told, ghost=".")
        html = await reader.text(f"/{quote(name)}/page/1")
        assert [thread.count for thread in dashchan.read_threads(html)] == [
            len(threads[num]["posts"]) for num in _on_page(html)
        ]
        for post, omitted in kuroba.read_catalog(html):
            thread = threads[int(post.id)]
            compare(post, thread["posts"][0], ghost="_")
            assert (omitted or 0) == max(0, len(thread["posts"]) - 6)
    for true in truth["posts"][:: max(1, len(truth["posts"]) // _POSTS)]:
        place = true["id"].replace(",", "_")
        html = await reader.text(f"/{quote(true['board'])}/post/{place}/")
        told = walked.posts(true["board"])[true["id"]]
        assert dashchan.read_redirect(html) == (None if told["op"] else str(told["thread_num"]))
    for name in walked.threads:
        await _check_search(reader, walked, name)


async def _whole_page(reader: Reader, address: str) -> str:
    html = await reader.text(address)
    assert 'rel="next"' not in html  # no genuine thread is so long that its page has a second part
    return html


def _on_page(html: str) -> list[int]:
    return [int(thread.posts[0].thread or 0) for thread in dashchan.read_threads(html)]


async def _check_search(reader: Reader, walked: Walk, board: str) -> None:
    posts, page = walked.posts(board), 1
    html = await reader.text(f"/{quote(board)}/search/filter/text/order/asc/page/{page}")
    seen, found = dashchan.read_search(html), kuroba.read_search(html, page)
    assert [post.id for post in seen if "." not in post.id] == [post.id for post in found.posts]
    by_id = {post_id(told).replace(",", "."): told for told in posts.values()}
    for post in seen:
        compare(post, by_id[post.id], ghost=".")
    for post in found.posts:
        assert post.thread == str(by_id[post.id]["thread_num"])
