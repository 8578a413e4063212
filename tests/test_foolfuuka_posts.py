"""A post in FoolFuuka's interface: every key, for every kind of post."""

from __future__ import annotations

import json
from typing import Any

import pytest
from msgspec.structs import replace

from app.api.foolfuuka.posts import exif_text, row_of
from app.times import shown, site_date
from tests.support.fake_archive import GHOST
from tests.support.foolfuuka import address, check_post
from tests.support.stage import NOON, Running, Stage, stage

__all__ = ["stage"]

BASE = "http://archive.example"


async def posted(running: Running, num: object, board: str = "g") -> Any:
    post = (await running.ask(address("post", board=board, num=num))).json
    check_post(post)
    return post


async def test_a_plain_post_and_a_ghost_post(stage: Stage) -> None:
    stage.board("g", title="Technology & more")
    stage.posts(
        {"num": 4, "thread_num": 4, "name": None, "comment": None, "timestamp_expired": NOON + 9},
        {"num": 5, "thread_num": 4, "name": "Ann <é>", "comment": "a & b\n'c'", "timestamp_expired": 0},
    )
    stage.posts(
        {
            "num": 5,
            "thread_num": 4,
            "subnum": 2,
            "trip": "!abc&",
            "title": "<i>",
            "email": 'a"b',
            "poster_hash": "Ab<+/12",
            "capcode": "M",
            "deleted": 1,
            "sticky": 1,
            "locked": 0,
            "timestamp": NOON - 4 * 3600,  # FoolFuuka stores New York's time
        }
    )
    async with stage.running() as running:
        assert await posted(running, 5) == {
            "doc_id": "2",
            "num": "5",
            "subnum": "0",
            "thread_num": "4",
            "op": "0",
            "timestamp": NOON + 5,
            "timestamp_expired": "0",
            "capcode": "N",
            "email": None,
            "name": "Ann <é>",
            "trip": None,
            "title": None,
            "comment": "a & b\n'c'",
            "poster_hash": None,
            "poster_country": None,
            "sticky": "0",
            "locked": "0",
            "deleted": "0",
            "nreplies": None,
            "nimages": None,
            "fourchan_date": "7/12/22(Tue)8:00",
            "comment_sanitized": "a & b\n'c'",
            "comment_processed": "a &amp; b<br />\n'c'",
            "formatted": False,
            "title_processed": None,
            "name_processed": "Ann &lt;&eacute;&gt;",
            "email_processed": None,
            "trip_processed": None,
            "poster_hash_processed": None,
            "poster_country_name": False,
            "poster_country_name_processed": "",
            "extra_data": [],
            "exif": None,
            "media": None,
            "board": {"name": "Technology & more", "shortname": "g"},
        }
        op = await posted(running, 4)
        assert (op["op"], op["timestamp_expired"]) == ("1", str(NOON + 9))
        assert (op["name"], op["name_processed"]) == ("Anonymous", "Anonymous")
        assert (op["comment"], op["comment_sanitized"], op["comment_processed"]) == (None, "", "")
        for form in ("5_2", "5,2", "5%2C2", "05_2"):
            ghost = await posted(running, form)
            assert (ghost["num"], ghost["subnum"], ghost["op"], ghost["timestamp"]) == ("5", "2", "0", NOON)
        assert ghost["capcode"] == "M"
        assert [ghost[key] for key in ("deleted", "sticky", "locked")] == ["1", "1", "0"]
        for key, html in {
            "trip": "!abc&amp;",
            "title": "&lt;i&gt;",
            "email": "a&quot;b",
            "poster_hash": "Ab&lt;+/12",
        }.items():
            assert ghost[f"{key}_processed"] == html


async def test_countries_facts_and_the_html_of_pages(stage: Stage) -> None:
    stage.board("g")
    facts = {
        "tim": 1657627200123456,
        "uniqueIps": "7",
        "since4pass": 2016,
        "troll_country_code": "NZ",
        "troll_country_name": "Nazi",
        "comment": "<b onclick=x>raw</b>",
    }
    stage.posts(
        {"num": 1, "thread_num": 1, "poster_country": "nz", "exif": json.dumps(facts)},
        {"num": 2, "thread_num": 1, "poster_country": "France", "exif": '{"uniqueIps" : 3}'},
        {"num": 3, "thread_num": 1, "poster_country": "<X", "exif": "[1]"},
    )
    async with stage.running() as running:
        first, second, third = [await posted(running, num) for num in (1, 2, 3)]
        country = ("poster_country", "poster_country_name", "poster_country_name_processed")
        assert [first[key] for key in country] == ["NZ", "New Zealand", "New Zealand"]
        assert [second[key] for key in country] == ["FR", "France", "France"]
        assert [third[key] for key in country] == ["<X", "<X", "&lt;X"]
        assert list(first)[-4:] == ["unique_ips", "since4pass", "troll_country_code", "troll_country_name"]
        assert list(first.values())[-4:] == ["7", "2016", "NZ", "Nazi"]
        assert json.loads(first["exif"]) == {key: fact for key, fact in facts.items() if key != "comment"}
        assert (second["exif"], second["unique_ips"], list(second)[-1]) == ('{"uniqueIps" : 3}', "3", "unique_ips")
        assert (third["exif"], list(third)[-1]) == (None, "board")
        themed = (await running.ask(address("post", board="g", num=2, theme="foolz/foolfuuka-theme-foolfuuka"))).json
        check_post(themed)
        assert 'class="post doc_id_' in themed["formatted"] and f'href="{BASE}/g/thread/1/' in themed["formatted"]
        assert {**themed, "formatted": False} == second


async def test_quotes_lead_into_the_thread_where_it_is_in_the_answer(stage: Stage) -> None:
    stage.board("g")
    stage.board("b")
    quotes = ">>1\n>>2\n>>2,1\n>>1,5\n>>9\n>>7\n>>>/b/3\n>>>/g/2\n>>>/b/\n>>>/zz/5\n>>>/zz/"
    stage.posts(
        {"num": 1, "thread_num": 1},
        {"num": 2, "thread_num": 1},
        {"num": 7, "thread_num": 7},
        {"num": 8, "thread_num": 1, "comment": quotes},
    )
    stage.posts({"num": 2, "thread_num": 1, "subnum": 1}, {"num": 1, "thread_num": 1, "subnum": 5})
    stage.threads({"thread_num": 1}, {"thread_num": 7})
    data = 'data-function="highlight" data-backlink="true"'
    away = {
        1: f'<a href="{BASE}/g/post/1/" class="backlink" {data} data-board="g" data-post="1">&gt;&gt;1</a>',
        2: f'<a href="{BASE}/g/post/2_1/" class="backlink" {data} data-board="g" data-post="2_1">&gt;&gt;2,1</a>',
        3: f'<a href="{BASE}/g/post/1_5/" class="backlink" {data} data-board="g" data-post="1_5">&gt;&gt;1,5</a>',
        4: f'<a href="{BASE}/g/post/9/" class="backlink" {data} data-board="g" data-post="9">&gt;&gt;9</a>',
        5: f'<a href="{BASE}/g/post/7/" class="backlink" {data} data-board="g" data-post="7">&gt;&gt;7</a>',
        6: f'<a href="{BASE}/b/post/3/" class="backlink" {data} data-board="b" data-post="3">&gt;&gt;&gt;/b/3</a>',
        7: f'<a href="{BASE}/g/post/2/" class="backlink" {data} data-board="g" data-post="2">&gt;&gt;&gt;/g/2</a>',
        8: f'<a href="{BASE}/b/">&gt;&gt;&gt;/b/</a>',
        9: '<a href="//boards.4chan.org/zz/thread/5">&gt;&gt;&gt;/zz/5</a>',
        10: '<a href="//boards.4chan.org/zz/">&gt;&gt;&gt;/zz/</a>',
    }
    here = {
        1: f'<a href="{BASE}/g/thread/1/#1" class="backlink op" {data} data-board="g" data-post="1">&gt;&gt;1</a>',
        2: f'<a href="{BASE}/g/thread/1/#2_1" class="backlink" {data} data-board="g" data-post="2_1">&gt;&gt;2,1</a>',
        3: f'<a href="{BASE}/g/thread/1/#1_5" class="backlink" {data} data-board="g" data-post="1_5">&gt;&gt;1,5</a>',
    }
    async with stage.running() as running:
        alone = await posted(running, 8)
        thread = (await running.ask(address("thread", board="g", num=1))).json["1"]["posts"]["8"]
        index = (await running.ask(address("index", board="g", page=1))).json["1"]["posts"][-1]
    for post, links in ((alone, away), (thread, away | here), (index, away | here)):
        lines = post["comment_processed"].split("<br />\n")
        assert [line for line in lines if ">&gt;&gt;2<" not in line] == [
            f'<span class="greentext">{link}</span>' for link in links.values()
        ]


async def test_a_board_of_ready_made_html(stage: Stage) -> None:
    stage.board("g", comments="html")
    stage.post(1, comment='<p>a <strong>b</strong></p><script>alert(1)</script><a href="javascript:x">c</a>')
    async with stage.running() as running:
        post = await posted(running, 1)
        assert post["comment"] == post["comment_sanitized"] == "a [b]b[/b]\nc"
        assert "script" not in post["comment_processed"] and "<strong>b</strong>" in post["comment_processed"]


def test_the_row_is_the_number_where_the_writer_numbers_no_rows() -> None:
    assert [row_of(replace(GHOST, doc_id=doc_id)) for doc_id in (7, 0)] == [7, 101]


@pytest.mark.parametrize(
    ("time", "date"),
    [
        (1366825828, "4/24/13(Wed)13:50"),
        (1546294897, "12/31/18(Mon)17:21"),
        (1790503322, "9/27/26(Sun)6:02"),
        (1478408858, "11/6/16(Sun)1:07"),
        (1104555600, "1/1/05(Sat)0:00"),
        (0, "12/31/69(Wed)19:00"),
    ],
)
def test_dates_are_those_of_new_york(time: int, date: str) -> None:
    assert site_date(time) == shown(time).new_york == date


@pytest.mark.parametrize(
    ("stored", "shown"),
    [
        (None, None),
        ("", None),
        ("{", None),
        ("null", None),
        ('"text"', None),
        ("[" * 100_000, None),
        ('{"a":' * 100_000, None),
        ("{}", "{}"),
        ('{ "tim":1,"Tag":"\\u003cb"}', '{ "tim":1,"Tag":"\\u003cb"}'),
        ('{"Comment":"<b>","com\\u006dent":"<i>","é":[1.50]}', '{"é":[1.5]}'),
        ('{"comment":""}', "{}"),
    ],
)
def test_facts_are_told_as_stored_but_for_the_raw_comment(stored: str | None, shown: str | None) -> None:
    assert exif_text(stored) == shown
