"""Lets BASC-py4chan read the archive whose address is the argument: a question per line, an answer per line.

The library knows 4chan's hosts only. They are led to the archive; any other host is refused. It runs in
.venv-clients, so it may import nothing of ours.
"""

import hashlib
import json
import sys
import traceback
from typing import Any
from urllib.parse import urlsplit

import requests

BASE = sys.argv[1]
HOSTS = {"a.4cdn.org", "i.4cdn.org"}
requested: list[tuple[str, str, int]] = []  # method, path and status of every request


class Led(requests.adapters.HTTPAdapter):
    def send(self, request: Any, **options: Any) -> Any:
        parts = urlsplit(request.url)
        if parts.hostname in HOSTS:
            request.url = BASE + request.path_url
        elif not request.url.startswith(BASE):
            raise ValueError(f"{request.url}: no host of the archive")
        answer = super().send(request, **{**options, "proxies": {}})  # chosen for the host that was asked
        requested.append((request.method, request.path_url, answer.status_code))
        return answer


# Before the library is there: it opens sessions of its own.
requests.sessions.HTTPAdapter = Led
import basc_py4chan  # noqa: E402

# Threads by board and number, as a program keeps them that looks for new posts.
followed: dict[tuple[str, int], Any] = {}


def told_post(post: Any) -> dict[str, Any]:
    told = {
        key: getattr(post, key)
        for key in ("post_number", "poster_id", "name", "tripcode", "subject", "html_comment", "text_comment")
    }
    told |= {"is_op": post.is_op, "time": post.timestamp, "slug": post.semantic_slug, "has_file": post.has_file}
    if post.has_file:
        file = post.file
        told["file"] = {
            key: getattr(file, key)
            for key in (
                "file_md5_hex", "filename", "filename_original", "file_url", "file_extension", "file_size",
                "file_width", "file_height", "file_deleted", "thumbnail_width", "thumbnail_height", "thumbnail_url",
            )
        }  # fmt: skip
    return told


def told_thread(thread: Any) -> dict[str, Any]:
    return {
        **{key: getattr(thread, key) for key in ("id", "closed", "sticky", "archived", "num_replies", "num_images")},
        **{key: getattr(thread, key) for key in ("omitted_posts", "omitted_images", "last_reply_id")},
        "posts": [told_post(post) for post in thread.posts],
    }


def fetched(answer: Any) -> dict[str, Any]:
    return {"status": answer.status_code, "size": len(answer.content), "md5": hashlib.md5(answer.content).hexdigest()}


def all_boards() -> list[dict[str, Any]]:
    return [
        {key: getattr(board, key) for key in ("name", "title", "is_worksafe", "page_count", "threads_per_page")}
        for board in basc_py4chan.get_all_boards()
    ]


def page(name: str, number: int) -> list[dict[str, Any]]:
    return [told_thread(thread) for thread in basc_py4chan.Board(name).get_threads(number)]


def catalog(name: str) -> list[dict[str, Any]]:
    return [told_thread(thread) for thread in basc_py4chan.Board(name).get_all_threads()]


def thread_ids(name: str) -> list[int]:
    return basc_py4chan.Board(name).get_all_thread_ids()


def thread(name: str, number: int) -> dict[str, Any] | None:
    found = basc_py4chan.Board(name).get_thread(number)
    return found and told_thread(found)


def thread_exists(name: str, number: int) -> bool:
    return basc_py4chan.Board(name).thread_exists(number)


def follow(name: str, number: int) -> None:
    followed[name, number] = basc_py4chan.Board(name).get_thread(number)


def update(name: str, number: int) -> int:
    return followed[name, number].update()


def followed_posts(name: str, number: int) -> list[int]:
    return [post.post_number for post in followed[name, number].posts]


def expanded(name: str, number: int) -> list[int]:
    """A thread of a list, with the posts that the list left out."""
    found = next(found for found in basc_py4chan.Board(name).get_all_threads() if found.id == number)
    return [post.post_number for post in found.all_posts]


def files(name: str, number: int) -> list[Any]:
    """What is at the address of each file and thumbnail of a thread."""
    found = basc_py4chan.Board(name).get_thread(number)
    return [
        (file.file_md5_hex, fetched(file.file_request()), fetched(file.thumbnail_request()))
        for file in found.file_objects()
    ]


def requests_made() -> list[tuple[str, str, int]]:
    made = list(requested)
    requested.clear()
    return made


QUESTIONS = {
    do.__name__: do
    for do in (
        all_boards, page, catalog, thread_ids, thread, thread_exists, follow, update, followed_posts, expanded, files,
        requests_made,
    )
}  # fmt: skip
for line in sys.stdin:
    name, *arguments = json.loads(line)
    try:
        told = {"answer": QUESTIONS[name](*arguments)}
    except Exception:
        told = {"failed": traceback.format_exc()}
    sys.stdout.write(json.dumps(told) + "\n")
    sys.stdout.flush()
