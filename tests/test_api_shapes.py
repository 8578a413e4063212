"""The JSON interface: the shape of each answer, and what the archive is asked for."""

from __future__ import annotations

import re
from typing import Any

import msgspec
import pytest
from quart import Quart

from app.api import shapes
from app.api.encode import encode
from app.conversation import QuoteTarget
from app.markup import Quote
from app.model import PostId
from app.quotelinks import quote_link
from app.urls import Links
from tests.support.asgi import ask
from tests.support.fake_archive import HASH, OP, REPLY, V1, FakeArchive, build_app


@pytest.fixture
def archive() -> FakeArchive:
    return FakeArchive()


@pytest.fixture
def app(archive: FakeArchive) -> Quart:
    return build_app(archive)


async def test_boards(app: Quart) -> None:
    answer = await ask(app, V1)
    assert answer.status == 200
    assert [board["name"] for board in answer.json["boards"]] == ["g", "λ", "new"]
    assert answer.json["boards"][0] == {
        **{"name": "g", "title": "Technology", "description": None, "nsfw": False, "available": True},
        **{"posts": 3, "threads": 1, "newest": 1_366_825_929},
    }
    one = await ask(app, f"{V1}/%CE%BB/")
    assert one.json == answer.json["boards"][1]
    assert (await ask(app, f"{V1}/new")).json["available"] is False


async def test_a_post_in_full(app: Quart) -> None:
    answer = await ask(app, f"{V1}/g/posts/100")
    assert answer.json == {
        **{"board": "g", "num": 100, "subnum": 0, "thread_num": 100, "op": True, "time": 1_366_825_928},
        **{
            "expired": None,
            "name": "A\0\x1f",
            "trip": None,
            "subject": "<b>",
            "email": None,
            "capcode": None,
        },
        **{
            "poster_hash": None,
            "country": None,
            "comment": "first\nsecond",
            "deleted": False,
            "sticky": False,
        },
        **{"locked": False, "ghost": False, "unique_ips": 7, "since4pass": None, "flag": None},
        "media": {
            **{"hash": HASH, "filename": "cat & mouse.png", "original": "1366825828123.png"},
            **{"image": "/g/image/1366/82/1366825828123.png", "thumb": "/g/thumb/1366/82/1366825828123s.jpg"},
            **{"width": 800, "height": 600, "size": 12345, "thumb_width": 250, "thumb_height": 187},
            **{"spoiler": False, "banned": False},
        },
    }
    assert b'"name":"A\\u0000\\u001f"' in answer.body
    fields = [name for name in shapes.PostShape.__struct_fields__ if name != "rendered"]
    assert list(answer.json) == fields


@pytest.mark.parametrize("number", ["101_1", "101,1"])
async def test_ghost_posts_and_flags(app: Quart, number: str) -> None:
    found = (await ask(app, f"{V1}/g/posts/{number}")).json
    assert (found["num"], found["subnum"], found["ghost"]) == (101, 1, True)
    assert (found["since4pass"], found["flag"]) == (2016, {"code": "JH", "name": "J"})


async def test_where_files_are_found() -> None:
    async def media(archive: FakeArchive, num: int = 100, root_path: str = "") -> Any:
        answer = await ask(build_app(archive), f"{V1}/g/posts/{num}", root_path=root_path)
        return answer.json["media"]["image"], answer.json["media"]["thumb"]

    image, thumb = "/g/image/1366/82/1366825828123.png", "/g/thumb/1366/82/1366825828123s.jpg"
    base = "https://a.example/x"
    assert await media(FakeArchive(url=base)) == (base + image, base + thumb)
    assert await media(FakeArchive(), root_path="/sub λ") == (
        "/sub%20%CE%BB" + image,
        "/sub%20%CE%BB" + thumb,
    )
    assert await media(FakeArchive(media=False)) == (None, None)
    assert await media(FakeArchive(), 101) == (None, None)


async def test_html_of_a_site_is_never_handed_out(app: Quart) -> None:
    found = (await ask(app, f"{V1}/λ/posts/5?rendered=1")).json
    assert found["comment"].startswith("a [b]b[/b]")
    assert "<" not in found["comment"]
    assert "script" not in found["rendered"]["html"]
    assert "onclick" not in found["rendered"]["html"]


async def test_rendered_comments(app: Quart) -> None:
    answer = await ask(app, f"{V1}/g/threads/100?rendered=1")
    op, reply, ghost = (found["rendered"] for found in answer.json["posts"])
    assert op["html"] == "first<br>second"
    assert op["text"] == "first\nsecond"
    assert op["backlinks"] == ["101"]
    assert reply["backlinks"] == ["101_1"]
    assert ghost["backlinks"] == []
    assert [tuple(quote.values()) for quote in reply["quotes"]] == [
        (None, 100, 0, "here", 100),
        (None, 555, 0, "dead", None),
        (None, 200, 0, "thread", 150),
        ("λ", 5, 0, "board", 5),
        ("zz", 9, 0, "elsewhere", None),
    ]
    assert list(reply["quotes"][0]) == ["board", "num", "subnum", "state", "thread_num"]
    hrefs = ["/g/thread/100/#100", "/g/thread/150/#200", "/%CE%BB/thread/5/#5"]
    assert re.findall('href="([^"]*)"', reply["html"]) == hrefs
    assert reply["text"].startswith(">>100 yes\n")
    for plain in (await ask(app, f"{V1}/g/threads/100"), await ask(app, f"{V1}/g/threads/100?rendered=0")):
        assert all("rendered" not in found for found in plain.json["posts"])


def test_quote_links() -> None:
    def link(quote_board: str | None, num: int, *facts: Any) -> tuple[str | None, str, str]:
        board = quote_board or "g"
        kind, thread_num, op = facts
        target = QuoteTarget(kind, board, PostId(num), thread_num, op)
        made = quote_link(Links("/s"), REPLY, Quote(quote_board, num, 0, "text"), target)
        assert (made.board, made.post) == (board, str(num))
        return made.href, made.classes, made.note

    assert link(None, 100, "here", 100, True) == ("/s/g/thread/100/#100", "backlink op", "(OP)")
    assert link(None, 101, "here", 100, False) == ("/s/g/thread/100/#101", "backlink", "")
    assert link(None, 99, "thread", 100, False) == ("/s/g/thread/100/#99", "backlink", "")
    assert link(None, 7, "thread", 7, True) == ("/s/g/thread/7/#7", "backlink cross-thread", "→")
    assert link("g", 7, "thread", 6, False) == ("/s/g/thread/6/#7", "backlink cross-thread", "")
    assert link("a", 7, "board", 6, False) == ("/s/a/thread/6/#7", "backlink cross-board", "")
    assert link("a", 7, "unknown", None, False) == ("/s/a/post/7/", "backlink cross-board", "")
    assert link("a", 7, "elsewhere", None, False) == (None, "elsewhere", "")
    assert link(None, 7, "unknown", None, False) == ("/s/g/post/7/", "backlink", "")
    assert link(None, 7, "dead", None, False) == (None, "deadlink", "")


async def test_a_thread(app: Quart, archive: FakeArchive) -> None:
    answer = await ask(app, f"{V1}/g/threads/100?after=100_2")
    assert archive.asked == {"num": 100, "after": PostId(100, 2)}
    assert list(answer.json) == list(shapes.ThreadShape.__struct_fields__)
    assert [(found["num"], found["subnum"]) for found in answer.json["posts"]] == [
        (100, 0),
        (101, 0),
        (101, 1),
    ]
    assert (answer.json["posts_count"], answer.json["images_count"], answer.json["next"]) == (3, 2, "101_1")
    assert (answer.json["sticky"], answer.json["locked"]) == (False, True)
    assert answer.headers["last-modified"] == "Wed, 24 Apr 2013 17:52:09 GMT"


async def test_lists_of_threads(app: Quart, archive: FakeArchive) -> None:
    answer = await ask(app, f"{V1}/g/threads")
    assert archive.asked == {
        **{"order": "bump", "before": None, "after": None, "page": None, "limit": 10, "replies": 5}
    }
    assert list(answer.json) == ["board", "order", "page", "pages", "threads", "older", "newer"]
    assert (answer.json["older"], answer.json["newer"], answer.json["pages"]) == ("older-cursor", None, 3)
    (thread,) = answer.json["threads"]
    assert list(thread) == list(shapes.ThreadPreviewShape.__struct_fields__)
    assert {key: value for key, value in thread.items() if key not in {"op", "replies"}} == {
        **{"num": 100, "bumped": 7, "sticky": True, "locked": False, "posts": 9, "images": 4},
        **{"omitted": 6, "omitted_images": 2, "cursor": "c1"},
    }
    assert thread["op"]["num"] == 100
    assert [(reply["num"], reply["subnum"]) for reply in thread["replies"]] == [(101, 0), (101, 1)]
    await ask(app, f"{V1}/g/threads/?order=ghost&before=x%2F1&limit=50&replies=0")
    assert archive.asked == {
        **{"order": "ghost", "before": "x/1", "after": None, "page": None, "limit": 50, "replies": 0}
    }
    await ask(app, f"{V1}/g/threads?page=2")
    assert archive.asked["page"] == 2
    rendered = (await ask(app, f"{V1}/g/threads?rendered=1")).json["threads"][0]
    assert rendered["op"]["rendered"]["backlinks"] == ["101"]


async def test_lists_link_to_what_comes_next(app: Quart) -> None:
    async def link(target: str) -> str | None:
        return (await ask(app, f"{V1}/g/{target}")).headers.get("link")

    assert await link("threads") == '<?before=older-cursor>; rel="next"'
    kept = "order=creation&limit=3&replies=0&fields=num%2Ctime&rendered=0"
    assert await link(f"threads?{kept}&page=2") == f'<?{kept}&before=older-cursor>; rel="next"'
    assert await link("catalog?before=c&limit=3") == '<?before=older-cursor&limit=3>; rel="next"'
    assert await link("threads/100?rendered=1") == '<?rendered=1&after=101_1>; rel="next"'
    assert await link(f"media/{HASH}?before=500") == '<?before=100>; rel="next"'
    assert await link("posts/100") is None


async def test_lists_link_to_what_came_before(app: Quart, archive: FakeArchive) -> None:
    archive.newer = "newer&cursor"
    answer = await ask(app, f"{V1}/g/threads?before=c&limit=3")
    assert answer.headers["link"] == (
        '<?before=older-cursor&limit=3>; rel="next", <?limit=3&after=newer%26cursor>; rel="prev"'
    )


async def test_catalog(app: Quart, archive: FakeArchive) -> None:
    assert (await ask(app, f"{V1}/g/catalog?order=creation&after=y&limit=7")).status == 200
    assert archive.asked == {"order": "creation", "before": None, "after": "y", "limit": 7}
    await ask(app, f"{V1}/g/catalog")
    assert archive.asked["limit"] == 150


@pytest.mark.parametrize(
    "written",
    [
        *("/+aB09cdEFghIJklMNopQg==", "%2F+aB09cdEFghIJklMNopQg==", "%2F%2BaB09cdEFghIJklMNopQg%3D%3D"),
        *("_-aB09cdEFghIJklMNopQg", "a/b/c", "//b"),
    ],
)
@pytest.mark.parametrize("end", ["", "/"])
async def test_posts_with_the_same_file(app: Quart, archive: FakeArchive, written: str, end: str) -> None:
    answer = await ask(app, f"{V1}/g/media/{written}{end}?before=101_1&limit=100")
    assert answer.status == 200
    sent = written.replace("%2F", "/").replace("%2B", "+").replace("%3D", "=")
    assert archive.asked == {"hash": sent, "before": PostId(101, 1), "limit": 100}
    assert list(answer.json) == ["board", "posts", "older"]
    assert [found["num"] for found in answer.json["posts"]] == [101, 100]
    assert answer.json["older"] == "100"


async def test_lone_surrogates_do_not_break_the_answer(app: Quart, archive: FakeArchive) -> None:
    archive.posts = (msgspec.structs.replace(OP, subject="a\ud800b", name="é"),)
    found = (await ask(app, f"{V1}/g/posts/100")).json
    assert (found["subject"], found["name"]) == ("a\ufffdb", "é")
    assert list(found) == [name for name in shapes.PostShape.__struct_fields__ if name != "rendered"]
    assert encode({"\udfff": ("\ud800",)}) == '{"\ufffd":["\ufffd"]}'.encode()
