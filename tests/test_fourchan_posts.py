"""Posts in 4chan's interface: every key with its type, flags that are 1 or absent, files, quotes and escaping."""

from __future__ import annotations

from typing import Any

import pytest

from app import create_app
from app.api.fourchan.slugs import LONGEST, slug
from app.settings import ArchiveSettings, Settings, SiteSettings
from app.times import site_now
from tests.support.asgi import ask
from tests.support.stage import NOON, Running, Stage, stage

__all__ = ["stage"]

on_sqlite = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
"""For what no database does another way."""

HASH = "ABCDEFGHIJKLMNOPQRSTUV=="
BANNED = "BBCDEFGHIJKLMNOPQRSTUV=="
FILE: dict[str, Any] = {
    "media_hash": HASH,
    "media_orig": "1657627203123.jpg",
    "media_filename": "a &amp; &lt;b&gt; it&#039;s.tar.jpeg",
    "media_w": 640,
    "media_h": 480,
    "media_size": 1000,
    "preview_w": 250,
    "preview_h": 188,
}


async def posts(running: Running, num: int = 100) -> list[Any]:
    found: list[Any] = (await running.ask(f"/g/thread/{num}.json")).json["posts"]
    return found


async def test_every_key(stage: Stage) -> None:
    stage.board("g")
    stage.add("g_images", {"media_id": 7, "media_hash": BANNED, "media": "1100000000001.png", "banned": 1})
    rows: tuple[dict[str, Any], ...] = (
        {
            "num": 100,
            "thread_num": 100,
            "name": "<b>Bob</b> & 'co'",
            "trip": '!abc"d',
            "poster_hash": "x<y",
            "capcode": "M",
            "poster_country": "DE",
            "title": 'It\'s <i>new</i> & "good"',
            "comment": ">green\n[spoiler]hidden[/spoiler] <b>",
            "sticky": 1,
            "locked": 1,
            "exif": '{"uniqueIps":"12","since4pass":2014,"Tag":"<Loop>"}',
            **FILE,
            "spoiler": 1,
        },
        {"num": 101, "thread_num": 100, "comment": None, "deleted": 1},
        {
            "num": 102,
            "thread_num": 100,
            "poster_country": "<i",
            "exif": '{"troll_country_code":"A<","troll_country_name":"A & C"}',
            "media_id": 7,
            **FILE,
            "media_hash": BANNED,
        },
        {"num": 103, "thread_num": 100, "name": "Eve", "poster_country": "Xanadu", **FILE},
        {"num": 103, "thread_num": 100, "subnum": 1, "comment": "A ghost."},
    )
    for row in rows:
        stage.posts(row)
    async with stage.running() as running:
        opening, deleted, banned, plain = await posts(running)
    file = {"filename": "a &amp; &lt;b&gt; it&#039;s.tar", "ext": ".jpg", "w": 640, "h": 480, "tn_w": 250, "tn_h": 188}
    expected = {
        "no": 100,
        "sticky": 1,
        "closed": 1,
        "now": "07/12/22(Tue)08:01:40",
        "name": "&lt;b&gt;Bob&lt;/b&gt; &amp; &#039;co&#039;",
        "trip": "!abc&quot;d",
        "id": "x&lt;y",
        "capcode": "mod",
        "country": "DE",
        "country_name": "Germany",
        "sub": "It&#039;s &lt;i&gt;new&lt;/i&gt; &amp; &quot;good&quot;",
        "com": '<span class="quote">&gt;green</span><br><s>hidden</s> &lt;b&gt;',
        **file,
        "tim": 1657627203123,
        "time": NOON + 100,
        "md5": HASH,
        "fsize": 1000,
        "resto": 0,
        "spoiler": 1,
        "since4pass": 2014,
        "tag": "&lt;Loop&gt;",
        "semantic_url": "its-i-new-i-good",
        "replies": 3,
        "images": 2,
        "unique_ips": 12,
    }
    assert opening == expected
    assert list(opening) == list(expected)
    assert deleted == {
        "no": 101,
        "now": "07/12/22(Tue)08:01:41",
        "name": "Anonymous",
        "time": NOON + 101,
        "resto": 100,
    }
    assert banned == {
        "no": 102,
        "now": "07/12/22(Tue)08:01:42",
        "name": "Anonymous",
        "country": "XX",
        "country_name": "&lt;i",
        "board_flag": "A&lt;",
        "flag_name": "A &amp; C",
        "com": "Post 102.",
        "time": NOON + 102,
        "resto": 100,
        "filedeleted": 1,
    }
    assert plain == {
        "no": 103,
        "now": "07/12/22(Tue)08:01:43",
        "name": "Eve",
        "country": "XX",
        "country_name": "Xanadu",
        "com": "Post 103.",
        **file,
        "tim": 1657627203123,
        "time": NOON + 103,
        "md5": HASH,
        "fsize": 1000,
        "resto": 100,
    }


async def test_quotes(stage: Stage) -> None:
    stage.board("g")
    stage.board("λ")
    stage.post(1)
    stage.post(2, 1, comment=">>1 >>3 >>4,1 >>50 >>51 >>4000 >>>/g/1 >>>/λ/71 >>>/λ/1 >>>/λ/9 >>>/b/8 >>>/λ/ >>>/b/")
    stage.post(3, 1)
    stage.post(4, 1)
    stage.post(4, 1, subnum=1)
    stage.post(50)
    stage.post(51, 50)
    stage.threads({"thread_num": 1})
    stage.post(1, board="λ")  # the number of the quoting thread, of another board
    stage.post(70, board="λ")
    stage.post(71, 70, board="λ")
    async with stage.running() as running:
        _, quoting, *_ = await posts(running, 1)
        (listed,) = [each for each in (await running.ask("/g/catalog.json")).json[0]["threads"] if each["no"] == 1]
        below = await ask(running.app, "/g/thread/1.json", root_path="/sub")
    assert quoting in listed["last_replies"]

    def link(href: str, text: str) -> str:
        return f'<a href="{href}" class="quotelink">&gt;&gt;{text}</a>'

    assert quoting["com"].split(" ") == " ".join(
        (
            link("#p1", "1"),
            link("#p3", "3"),
            '<span class="deadlink">&gt;&gt;4,1</span>',
            link("/g/thread/50#p50", "50"),
            link("/g/thread/50#p51", "51"),
            '<span class="deadlink">&gt;&gt;4000</span>',
            link("#p1", "&gt;/g/1"),
            link("/%CE%BB/thread/70#p71", "&gt;/λ/71"),
            link("/%CE%BB/thread/1#p1", "&gt;/λ/1"),
            '<span class="deadlink">&gt;&gt;&gt;/λ/9</span>',
            link("//boards.4chan.org/b/thread/8#p8", "&gt;/b/8"),
            link("/%CE%BB/", "&gt;/λ/"),
            link("//boards.4chan.org/b/", "&gt;/b/"),
        )
    ).split(" ")
    assert 'href="/sub/g/thread/50#p51"' in below.json["posts"][1]["com"]


@on_sqlite
async def test_capcodes(stage: Stage) -> None:
    stage.board("g")
    stage.posts(*({"num": num, "thread_num": 1, "capcode": letter} for num, letter in enumerate("MADVFGN?", 1)))
    async with stage.running() as running:
        told = [post.get("capcode") for post in await posts(running, 1)]
    assert told == ["mod", "admin", "developer", "verified", "founder", "manager", None, None]


@on_sqlite
async def test_threads_that_were_archived(stage: Stage) -> None:
    stage.board("g")
    stage.post(10, timestamp_expired=NOON + 900, exif='{"uniqueIps":3}')
    stage.post(11, exif='{"uniqueIps":3,"archivedOn":1660000000}')
    stage.post(12, timestamp_expired=NOON + 900, deleted=1)
    stage.post(13, exif='{"uniqueIps":3}')
    stage.threads(*({"thread_num": num, "time_bump": NOON + 800} for num in (10, 13)))
    keys = ("archived", "archived_on", "unique_ips")
    async with stage.running() as running:
        firsts = [(await posts(running, num))[0] for num in (10, 11, 12, 13)]
        listed = (await running.ask("/g/threads.json")).json[0]["threads"]
    # The later of the last bump and of what is told of a post.
    assert {each["no"]: each["last_modified"] - NOON for each in listed} == {10: 900, 13: 800}
    told = [[first.get(key) for key in keys] for first in firsts]
    assert told == [[1, NOON + 900, None], [1, 1660000000, None], [None, None, None], [None, None, 3]]


@on_sqlite
async def test_a_thread_always_has_something_to_call_it_by(stage: Stage) -> None:
    """Programs take the comment for the title where there is no subject."""
    stage.board("g")
    stage.posts({"num": 1, "thread_num": 1, "comment": None}, {"num": 2, "thread_num": 1, "comment": None})
    stage.post(3, title="A title", comment=None, poster_country="CI")
    async with stage.running() as running:
        opening, reply = await posts(running, 1)
        (titled,) = await posts(running, 3)
    assert opening["com"] == ""
    assert "com" not in reply and "com" not in titled
    assert titled["country_name"] == "Cote D&#039;Ivoire"


@on_sqlite
async def test_the_site_has_its_say(stage: Stage) -> None:
    stage.board("g", media=False)
    stage.post(1, comment=">>>/b/8", **FILE)
    app = create_app(
        Settings(
            db=stage.place.settings(),
            boards=stage.boards,
            site=SiteSettings(anonymous_name="Nobody & Co"),
            archive=ArchiveSettings(host="live.example"),
        )
    )
    async with app.test_app():
        (post,) = (await ask(app, "/g/thread/1.json")).json["posts"]
    assert post["name"] == "Nobody &amp; Co"
    assert 'href="//live.example/b/thread/8#p8"' in post["com"]
    assert post["tim"] == 1657627203123  # what the file was is a fact, whether it is shown or not


@pytest.mark.parametrize(
    ("time", "now"),
    [
        (0, "12/31/69(Wed)19:00:00"),
        (1667710800 + 3599, "11/06/22(Sun)01:59:59"),
        (1667710800 + 3600, "11/06/22(Sun)01:00:00"),
        (1704085199, "12/31/23(Sun)23:59:59"),
        (1704085200, "01/01/24(Mon)00:00:00"),
    ],
)
def test_the_clock_of_new_york(time: int, now: str) -> None:
    assert site_now(time) == now


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Let's Fold  Together!", "lets-fold-together"),
        ("Don\u2019t: 2 <b>", "dont-2-b"),
        ("日本語", ""),
        ("x" * 80, "x" * LONGEST),
        ("one " + "y" * 60, "one"),
        ("", ""),
        (">>123\n>green", "123-green"),
    ],
)
def test_words_of_an_address(text: str, words: str) -> None:
    assert slug(text) == words
