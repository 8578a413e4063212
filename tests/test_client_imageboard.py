"""The package "imageboard", told of our server as of any site that speaks 4chan's interface, makes its models of it."""

from base64 import b64decode
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from msgspec import Struct

from tests.support.client_archives import Archive, pictures_of, serving_genuine
from tests.support.client_stage import BANNED, QUIET, SINGLE, STICKY, TALK, picture, serving_stage, thumbnail
from tests.support.clients import Driver, driver
from tests.support.stage import NOON

ON_GENUINE = ("vichan-sqlite", "asagi-postgresql", "neofuuka-mariadb")


class Read(Struct, frozen=True):
    """A genuine archive that is being served, and the package that reads it."""

    archive: Archive
    imageboard: Driver


@pytest.fixture(scope="module")
def staged(
    request: pytest.FixtureRequest, client: Callable[[str], list[str]], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Driver]:
    command = client("imageboard")
    folder = tmp_path_factory.mktemp("served")
    with serving_stage(request, "sqlite", folder) as served, driver(command, folder, served.base) as imageboard:
        yield imageboard


@pytest.fixture(scope="module", params=ON_GENUINE)
def read(
    request: pytest.FixtureRequest,
    client: Callable[[str], list[str]],
    genuine_archives: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Read]:
    command = client("imageboard")
    folder = tmp_path_factory.mktemp("served")
    with (
        serving_genuine(request, request.param, genuine_archives, folder) as archive,
        driver(command, folder, archive.base) as imageboard,
    ):
        yield Read(archive, imageboard)


def test_boards(staged: Driver) -> None:
    (board,) = staged.ask("boards")
    assert (board["id"], board["title"], board["explicitContent"]) == ("g", "Technology", False)
    assert board["features"] == {"bumpLimit": board["features"]["bumpLimit"], "archive": {}}
    # Whatever of this is no number was missing in our answer.
    limits = [board["features"]["bumpLimit"], *(board["post"][key] for key in board["post"] if "Interval" in key)]
    assert len(limits) == 4 and all(isinstance(limit, int) for limit in limits)


def test_a_catalog(staged: Driver) -> None:
    threads = {thread["id"]: thread for thread in staged.ask("catalog", "g")}
    assert set(threads) == {TALK, QUIET, STICKY, BANNED, *SINGLE}
    sticky = threads[STICKY]
    assert (sticky["pinned"], sticky["locked"]) == (True, True)
    assert (sticky["comments"][0]["authorRole"], sticky["comments"][0]["authorName"]) == ("moderator", "Keeper")
    assert threads[QUIET]["title"] == "Nothing to see & hear"
    (latest,) = (thread for thread in staged.ask("latest", "g") if thread["id"] == TALK)
    assert [comment["id"] for comment in latest["latestComments"]] == list(range(TALK + 4, TALK + 9))


def test_a_thread(staged: Driver) -> None:
    thread = staged.ask("thread", "g", TALK)
    assert (thread["commentsCount"], thread["attachmentsCount"]) == (9, 5)
    comments = {comment["id"]: comment for comment in thread["comments"]}
    assert list(comments) == list(range(TALK, TALK + 9))
    second, third = comments[TALK + 2], comments[TALK + 3]
    assert (second["authorName"], second["authorTripCode"]) == ("Ann", "!trip")
    assert second["inReplyToIds"] == [TALK]
    # A link to a post with a quote below it: so it understood both.
    ((link,),) = second["content"]
    assert (link["type"], link["meta"]) == ("post-link", {"boardId": "g", "threadId": TALK, "commentId": TALK})
    assert [(quote["type"], quote["content"]) for quote in link["content"]] == [("quote", str(TALK + 2))]
    assert _time(second) == NOON + TALK + 2
    (attachment,) = third["attachments"]
    shown = attachment["picture"]
    assert attachment["spoiler"] is True
    assert (shown["type"], shown["width"], shown["height"]) == ("image/png", 640, 480)
    assert _body(staged, shown["url"]) == picture(TALK + 3).contents
    assert _body(staged, shown["sizes"][0]["url"]) == thumbnail(TALK + 3)


def test_a_banned_file_is_none(staged: Driver) -> None:
    comments = staged.ask("thread", "g", BANNED)["comments"]
    assert [len(comment.get("attachments", [])) for comment in comments] == [1, 0, 1]


def test_no_such_thread(staged: Driver) -> None:
    assert staged.ask("missing", "g", 999) == 404
    assert staged.ask("missing", "g", TALK + 1) == 404
    assert staged.ask("missing", "nowhere", TALK) == 404


def test_genuine_boards(read: Read) -> None:
    assert [board["id"] for board in read.imageboard.ask("boards")] == list(read.archive.posts)


def test_genuine_catalogs(read: Read) -> None:
    for board, true in read.archive.true["boards"].items():
        threads = {thread["id"]: thread for thread in read.imageboard.ask("catalog", board)}
        assert len(threads) == true["threads"]
        for known in true["newest_by_bump"]:
            thread = threads[known["thread_num"]]
            posts = [post for post in read.archive.thread(board, thread["id"]) if not post.subnum]
            assert (thread["commentsCount"], thread["attachmentsCount"]) == (len(posts), known["images"])
            assert bool(thread.get("pinned")) == known["sticky"]
            assert len(thread["comments"][0].get("attachments", [])) == len(pictures_of(posts[:1]))


def test_genuine_threads(read: Read) -> None:
    """Every post that truth.json knows: time, name, subject, quotes; each picture is where the package looks for it."""
    for board in read.archive.posts:
        known = [post for post in read.archive.true["posts"] if post["board"] == board and not post["subnum"]]
        for num in sorted({post["thread_num"] for post in known})[:8]:
            _check_thread(read, board, num, {post["num"]: post for post in known if post["thread_num"] == num})


def _check_thread(read: Read, board: str, num: int, known: dict[int, dict[str, Any]]) -> None:
    thread = read.imageboard.ask("thread", board, num)
    comments = {comment["id"]: comment for comment in thread["comments"]}
    posts = {post.num: post for post in read.archive.thread(board, num) if not post.subnum}
    assert list(comments) == list(posts)
    for number, true in known.items():
        comment = comments[number]
        assert _time(comment) in (true.get("utc_readings") or [true["utc"]])
        assert comment.get("title") == (true["subject"] or None)
        assert comment.get("authorName") == (None if true["name"] in (None, "Anonymous") else true["name"])
        assert comment.get("authorTripCode") == true["trip"]
        shown = posts[number].picture
        attachments = comment.get("attachments", [])
        assert len(attachments) == (shown is not None)
        if shown is not None:
            file = attachments[0].get("picture") or attachments[0].get("video")
            assert (file["width"], file["height"], file["size"]) == (true["width"], true["height"], true["size"])
            assert _body(read.imageboard, file["url"]) == shown.contents


def _time(comment: dict[str, Any]) -> float:
    return datetime.fromisoformat(comment["createdAt"].replace("Z", "+00:00")).timestamp()


def _body(imageboard: Driver, address: str) -> bytes:
    answer = imageboard.ask("fetched", address)
    assert answer["status"] == 200, address
    return b64decode(answer["body"])
