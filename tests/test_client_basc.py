"""BASC-py4chan, led from 4chan's hosts to ours, reads boards, pages, threads and files, and follows a thread."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from msgspec import Struct

from tests.support.client_stage import (
    BANNED,
    PICTURED,
    QUIET,
    SINGLE,
    STICKY,
    TALK,
    Staged,
    md5,
    picture,
    serving_stage,
    thumbnail,
)
from tests.support.clients import Driver, driver
from tests.support.stage import NOON


class Read(Struct, frozen=True):
    """A board that is being served, and the library that reads it."""

    staged: Staged
    basc: Driver


@pytest.fixture(scope="module", params=["sqlite", "mysql", "postgresql"])
def read(
    request: pytest.FixtureRequest, client: Callable[[str], list[str]], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Read]:
    command = client("BASC-py4chan")
    folder = tmp_path_factory.mktemp("served")
    with serving_stage(request, request.param, folder) as staged, driver(command, folder, staged.base) as basc:
        yield Read(staged, basc)


@pytest.fixture
def basc(read: Read) -> Driver:
    read.basc.ask("requests_made")  # those of the test before
    return read.basc


# Sticky first, then by the last post that is no ghost.
ORDER = [STICKY, BANNED, QUIET, *sorted(SINGLE, reverse=True), TALK]


def test_boards(basc: Driver) -> None:
    (board,) = basc.ask("all_boards")
    assert board == {"name": "g", "title": "Technology", "is_worksafe": True, "page_count": 2, "threads_per_page": 10}


def test_lists_of_threads(basc: Driver) -> None:
    assert basc.ask("thread_ids", "g") == ORDER
    for ids, listed in ((ORDER[:10], basc.ask("page", "g", 1)), (ORDER[10:], basc.ask("page", "g", 2))):
        assert [thread["id"] for thread in listed] == ids
    listed = {thread["id"]: thread for thread in basc.ask("catalog", "g")}
    assert list(listed) == ORDER
    talk = listed[TALK]
    assert (talk["num_replies"], talk["num_images"]) == (8, 4)
    assert (talk["omitted_posts"], talk["omitted_images"]) == (3, 2)
    assert [post["post_number"] for post in talk["posts"]] == [TALK, *range(TALK + 4, TALK + 9)]
    assert (listed[STICKY]["sticky"], listed[STICKY]["closed"]) == (True, True)
    assert basc.ask("expanded", "g", TALK) == list(range(TALK, TALK + 9))


def test_a_thread(basc: Driver) -> None:
    thread = basc.ask("thread", "g", TALK)
    assert (thread["num_replies"], thread["num_images"], thread["last_reply_id"]) == (8, 4, TALK + 8)
    op, first, second, third, *_ = thread["posts"]
    assert (op["is_op"], op["subject"], op["text_comment"]) == (True, "Talk", "First.")
    assert [post["time"] for post in thread["posts"]] == [NOON + num for num in range(TALK, TALK + 9)]
    assert (second["name"], second["tripcode"], second["has_file"]) == ("Ann", "!trip", False)
    assert second["text_comment"] == f">>{TALK}\n>{TALK + 2}"
    assert 'class="quotelink"' in second["html_comment"] and '<span class="quote">' in second["html_comment"]
    assert (first["name"], first["tripcode"], first["is_op"]) == ("Anonymous", None, False)
    shown = picture(TALK + 3)
    assert third["file"] == {
        "file_md5_hex": md5(shown.contents).hex(),
        "filename": shown.original,
        "filename_original": f"picture {TALK + 3} &amp; more.png",
        "file_url": f"http://i.4cdn.org/g/{shown.original}",
        "file_extension": ".png",
        "file_size": len(shown.contents),
        "file_width": 640,
        "file_height": 480,
        "file_deleted": False,
        "thumbnail_width": 125,
        "thumbnail_height": 94,
        "thumbnail_url": f"http://i.4cdn.org/g/{shown.original.replace('.png', 's.jpg')}",
    }


@pytest.mark.parametrize("num", [TALK, SINGLE[0], BANNED, QUIET])
def test_files_are_what_was_told_of_them(basc: Driver, num: int) -> None:
    """A banned file is not told of at all."""
    pictured = {TALK: PICTURED, BANNED: [BANNED, BANNED + 2], QUIET: []}.get(num, [num])
    found = basc.ask("files", "g", num)
    assert len(found) == len(pictured)
    for (told, file, thumb), place in zip(found, pictured, strict=True):
        contents = picture(place).contents
        assert told == md5(contents).hex()
        assert file == {"status": 200, "size": len(contents), "md5": told}
        assert thumb == {
            "status": 200, "size": len(thumbnail(place)), "md5": md5(thumbnail(place)).hex()
        }  # fmt: skip


def test_whether_a_thread_is_there(basc: Driver) -> None:
    asked = {TALK: True, TALK + 1: False, 999: False}
    assert {num: basc.ask("thread_exists", "g", num) for num in asked} == asked
    made: list[Any] = basc.ask("requests_made")
    assert made == [["HEAD", f"/g/thread/{num}.json", 200 if there else 404] for num, there in asked.items()]
    assert basc.ask("thread", "g", 999) is None


def test_a_thread_is_followed(read: Read, basc: Driver) -> None:
    """Nothing new is not sent again, and what is new is found."""
    num = SINGLE[0]
    basc.ask("follow", "g", num)
    basc.ask("requests_made")
    assert basc.ask("update", "g", num) == 0
    read.staged.reply(700, num)
    assert basc.ask("update", "g", num) == 1
    assert basc.ask("update", "g", num) == 0
    assert [status for _, _, status in basc.ask("requests_made")] == [304, 200, 304]
    assert basc.ask("followed_posts", "g", num) == [num, 700]
