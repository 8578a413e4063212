"""The API tells of every writer's archive, on every database, exactly what was invented."""

import json
from typing import Any

import pytest
from msgspec import Struct

from app.demo.model import SECRET_COMMENT, SECRET_DELPASS, SECRET_IP, DemoPost
from app.demo.writers import WRITERS
from tests.support.expected import Expected, in_repeated_hour
from tests.support.reader import folded
from tests.support.shelf import KINDS, Loaded, shelf_of

HOSTILE_HTML = "Hostile markup "
"""Comments of the HTML board whose markup is an attack, not the text beside it."""


class Told(Struct, frozen=True):
    """An archive and what must be told of each of its boards."""

    loaded: Loaded
    boards: dict[str, Expected]

    def json(self, address: str) -> Any:
        return json.loads(self.loaded.answers[address])

    def threads(self, board: Expected) -> dict[int, Any]:
        base = _base(board.board.name)
        return {num: self.json(f"{base}/threads/{num}?rendered=1") for num in board.threads()}

    def listed(self, board: Expected, order: str) -> list[Any]:
        address = f"{_base(board.board.name)}/threads?order={order}&limit=7&replies=3&rendered=1"
        answer = self.json(address)
        found: list[Any] = answer["threads"]
        while answer["older"] is not None:
            answer = self.json(f"{address}&before={answer['older']}")
            found += answer["threads"]
        return found


@pytest.fixture(params=[f"{writer}-on-{kind}" for writer in WRITERS for kind in KINDS])
def told(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Told:
    shelf = shelf_of(request, tmp_path_factory)
    writer, _, kind = request.param.rpartition("-on-")
    loaded = shelf.get(request, writer, kind)
    boards = {board.name: Expected(loaded.writer, board, shelf.pictures) for board in loaded.boards}
    return Told(loaded, boards)


def test_boards(told: Told) -> None:
    seen = {board["name"]: board for board in told.json("/api/v1/boards")["boards"]}
    assert list(seen) == list(told.boards)
    for name, board in told.boards.items():
        assert told.json(_base(name)) == seen[name]
        newest = max(board.kept.values(), key=lambda post: (post.num, post.subnum))
        assert seen[name] == {
            "name": name,
            "title": name,
            "description": None,
            "nsfw": False,
            "available": True,
            "posts": len(board.kept),
            "threads": len(board.listed()),
            "newest": newest.utc,
        }


def test_posts(told: Told) -> None:
    repeated = 0
    for board in told.boards.values():
        for num, thread in told.threads(board).items():
            posts = board.threads()[num]
            assert [_id(seen) for seen in thread["posts"]] == [board.id(post) for post in posts]
            for post, seen in zip(posts, thread["posts"], strict=True):
                expected = board.post(post)
                assert {key: seen[key] for key in expected} == expected, board.id(post)
                repeated += in_repeated_hour(post.utc)
    assert told.loaded.writer.html or repeated >= 7


def test_files(told: Told) -> None:
    for board in told.boards.values():
        for num, thread in told.threads(board).items():
            for post, seen in zip(board.threads()[num], thread["posts"], strict=True):
                assert _bare(board, seen["media"]) == board.media(post), board.id(post)


def test_comments(told: Told) -> None:
    for board in told.boards.values():
        for num, thread in told.threads(board).items():
            for post, seen in zip(board.threads()[num], thread["posts"], strict=True):
                if not told.loaded.writer.html:
                    assert seen["comment"] == (post.comment or None), board.id(post)
                elif not (post.comment or "").startswith(HOSTILE_HTML):
                    said = (post.comment or "").replace("A heading", "[b]A heading[/b]")
                    assert folded(seen["comment"] or "") == folded(said), board.id(post)


def test_quotes_and_backlinks(told: Told) -> None:
    states = set()
    for board in told.boards.values():
        for num, thread in told.threads(board).items():
            for post, seen in zip(board.threads()[num], thread["posts"], strict=True):
                found = [(quote["board"], quote["num"], quote["subnum"]) for quote in seen["rendered"]["quotes"]]
                assert found == board.quotes(post), board.id(post)
                for quote in seen["rendered"]["quotes"]:
                    assert (quote["state"], quote["thread_num"]) == _target(told, board, post, quote), post
                    states.add(quote["state"])
                assert seen["rendered"]["backlinks"] == board.backlinks(post), board.id(post)
    if told.loaded.writer.html:
        assert states == {"here", "thread", "elsewhere"}
    else:
        assert states == {"here", "thread", "board", "dead", "elsewhere"}


def test_threads(told: Told) -> None:
    for board in told.boards.values():
        for num, thread in told.threads(board).items():
            posts = board.threads()[num]
            op = next((post for post in posts if post.op), None)
            assert thread["posts_count"] == len(posts)
            assert thread["images_count"] == sum(post.picture is not None for post in posts)
            assert thread["sticky"] == (op is not None and op.sticky)
            assert thread["locked"] == (op is not None and board.post(op)["locked"])
            assert thread["next"] is None
            assert thread["modified"] == max(max(p["time"], p["expired"] or 0) for p in thread["posts"])
        assert any(thread["posts"][0]["op"] is False for thread in told.threads(board).values()) == (
            board.board.name == "g"
        )


@pytest.mark.parametrize("order", ["bump", "creation", "ghost"])
def test_lists(told: Told, order: str) -> None:
    for board in told.boards.values():
        bumps = {num: board.ghost_bump(num) if order == "ghost" else board.bump(num) for num in board.listed()}
        keys = {
            num: num if order == "creation" else board.stored(bump) for num, bump in bumps.items() if bump is not None
        }
        seen = told.listed(board, order)
        assert [thread["num"] for thread in seen] == sorted(keys, key=lambda num: (keys[num], num), reverse=True)
        for thread in seen:
            posts, bump = board.threads()[thread["num"]], bumps[thread["num"]]
            assert bump is not None
            # Of an hour that came twice, a list without its posts can only tell the first.
            assert thread["bumped"] == bump.utc or (
                in_repeated_hour(bump.utc) and abs(thread["bumped"] - bump.utc) == 3600
            ), thread["num"]
            images = [post for post in posts if post.picture is not None]
            assert (thread["posts"], thread["images"]) == (len(posts), len(images))
            assert _id(thread["op"]) == board.id(posts[0])
            assert [_id(post) for post in thread["replies"]] == [board.id(post) for post in posts[1:][-3:]]
            assert thread["omitted"] == max(0, len(posts) - 4)
            shown = [posts[0], *posts[1:][-3:]]
            assert thread["omitted_images"] == len([post for post in images if post not in shown])
            assert thread["sticky"] == (posts[0].op and posts[0].sticky)
            for post in [thread["op"], *thread["replies"]]:
                assert post["time"] == board.kept[_id(post)].utc


def test_catalog_is_the_list_without_replies(told: Told) -> None:
    for board in told.boards.values():
        address = f"{_base(board.board.name)}/catalog?limit=20&rendered=1"
        answer = told.json(address)
        threads = answer["threads"]
        while answer["older"] is not None:
            answer = told.json(f"{address}&before={answer['older']}")
            threads += answer["threads"]
        listed = told.listed(board, "bump")
        assert [thread["num"] for thread in threads] == [thread["num"] for thread in listed]
        for in_catalog, in_list in zip(threads, listed, strict=True):
            assert in_catalog["replies"] == []
            assert in_catalog["omitted"] == in_catalog["posts"] - 1
            for key in ("bumped", "posts", "images", "sticky", "locked", "cursor"):
                assert in_catalog[key] == in_list[key]
            assert {**in_catalog["op"], "rendered": 0} == {**in_list["op"], "rendered": 0}


def test_single_posts_are_those_of_their_threads(told: Told) -> None:
    asked = 0
    for board in told.boards.values():
        base = _base(board.board.name)
        threads = told.threads(board)
        for post_id, post in board.kept.items():
            if f"{base}/posts/{post_id}?rendered=1" in told.loaded.answers:
                alone = told.json(f"{base}/posts/{post_id}?rendered=1")
                (beside,) = [seen for seen in threads[post.thread_num]["posts"] if _id(seen) == post_id]
                assert {**alone, "rendered": 0} == {**beside, "rendered": 0}
                asked += 1
    assert asked > 4


def test_posts_with_the_same_file(told: Told) -> None:
    asked = 0
    for board in told.boards.values():
        uses: dict[str, list[DemoPost]] = {}
        for post in board.kept.values():
            if (media := board.media(post)) is not None:
                uses.setdefault(media["hash"], []).append(post)
        for media_hash, posts in uses.items():
            if len(posts) > 1:
                escaped = media_hash.replace("/", "%2F").replace("+", "%2B").replace("=", "%3D")
                address = f"{_base(board.board.name)}/media/{escaped}?limit=2"
                answer = told.json(address)
                found = answer["posts"]
                while answer["older"] is not None:
                    answer = told.json(f"{address}&before={answer['older']}")
                    found += answer["posts"]
                assert [_id(post) for post in found] == [board.id(post) for post in reversed(posts)]
                asked += 1
    assert asked > 5 or told.loaded.writer.html


def test_secrets_are_told_nowhere(told: Told) -> None:
    assert any(post.subnum for board in told.boards.values() for post in board.kept.values()) == (
        told.loaded.writer.ghosts and not told.loaded.writer.html
    )
    for address, body in told.loaded.answers.items():
        for secret in (str(SECRET_IP), SECRET_DELPASS, SECRET_COMMENT, "202.254.", "poster_ip", "delpass"):
            assert secret.encode() not in body, address


@pytest.mark.parametrize("writer", WRITERS)
def test_answers_are_the_same_on_every_database(
    writer: str, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> None:
    shelf = shelf_of(request, tmp_path_factory)
    first, *others = [shelf.get(request, writer, kind).answers for kind in KINDS]
    for other in others:
        assert list(other) == list(first)
        assert [address for address, body in first.items() if other[address] != body] == []


def _base(board: str) -> str:
    return f"/api/v1/boards/{'%CE%BB' if board == 'λ' else board}"


def _id(seen: dict[str, Any]) -> str:
    return f"{seen['num']}_{seen['subnum']}" if seen["subnum"] else str(seen["num"])


def _bare(board: Expected, media: dict[str, Any] | None) -> dict[str, Any] | None:
    """The file with names in place of addresses, whose folders are checked."""
    if media is None:
        return None
    found = dict(media)
    for kind in ("image", "thumb"):
        if found[kind] is not None:
            root, first, second, name = found[kind].rsplit("/", 3)
            assert root == f"/{_base(board.board.name).rpartition('/')[2]}/{kind}"
            assert (first, second) == (name[:4], name[4:6])
            found[kind] = name
    return found


def _target(told: Told, board: Expected, post: DemoPost, quote: dict[str, Any]) -> tuple[str, int | None]:
    name = quote["board"] or board.board.name
    if name not in told.boards:
        return "elsewhere", None
    found = told.boards[name].kept.get(_id(quote))
    if found is None:
        return "dead", None
    if name != board.board.name:
        return "board", found.thread_num
    return ("here" if found.thread_num == post.thread_num else "thread"), found.thread_num
