"""The elements of FoolFuuka's pages that scrapers look for, each of them (FoolFuuka notes, section 1)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any
from xml.etree.ElementTree import Element

import pytest

from tests.support.pages import document, having, one, text
from tests.support.stage import NOON, Running, Stage, stage

__all__ = ["stage"]

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)

HASH = "ABCDEFGHIJKLMNOPQRSTU+=="
OTHER = "BBCDEFGHIJKLMNOPQRSTUV=="
LONG = "some name of a file that is longer than thirty-eight letters.png"


def file_of(num: int, **others: Any) -> dict[str, Any]:
    return {
        "media_hash": HASH,
        "media_orig": f"16576272{num:05}.png",
        "preview_orig": f"16576272{num:05}s.jpg",
        "media_filename": "cat.png",
        "media_w": 640,
        "media_h": 480,
        "media_size": 126_300,
        "preview_w": 125,
        "preview_h": 94,
        "spoiler": 0,
        **others,
    }


@pytest.fixture
async def running(stage: Stage) -> AsyncIterator[Running]:
    stage.board("g")
    stage.post(100, title="About <cats>", name="Ann", trip="!abc", poster_hash="Ab12", capcode="M", **file_of(100))
    stage.post(101, 100, comment=">>100 >>100", poster_country="US", **file_of(101, media_filename=LONG))
    stage.post(101, 100, subnum=1, comment=">>101")
    stage.post(102, 100, **file_of(102, media_hash=OTHER, spoiler=1, media_size=2_500_000_000))
    stage.posts(*({"num": num, "thread_num": 100} for num in range(103, 110)))
    stage.posts(*({"num": num, "thread_num": num} for num in range(200, 215)))
    stage.threads({"thread_num": 100, "time_bump": NOON + 9000})
    stage.threads(*({"thread_num": num, "time_bump": NOON} for num in range(200, 215)))
    async with stage.running() as running:
        yield running


async def shown(running: Running, address: str) -> Element:
    return document(await running.ask(address))


async def articles(running: Running) -> dict[str, Element]:
    root = await shown(running, "/g/thread/100/")
    return {str(article.get("id")): article for article in root.iter("article")}


async def test_the_skeleton(running: Running) -> None:
    for address in ("/", "/g/", "/g/thread/100/", "/g/search/text/Post/", "/_/search/"):
        (main,) = one(await shown(running, address), "container-fluid")
        assert (main.tag, main.get("id"), main.get("role")) == ("div", "main", "main")


async def test_articles(running: Running) -> None:
    found = await articles(running)
    op, reply, ghost = found["100"], found["101"], found["101_1"]
    assert op.get("class") == "clearfix thread doc_id_1 post_is_op has_image"
    assert reply.get("class") == "post doc_id_2 has_image"
    assert ghost.get("class") == "post doc_id_3 post_ghost"
    for article, row in ((op, "1"), (reply, "2"), (ghost, "3")):
        wanted = {"data-board": "g", "data-doc-id": row, "data-thread-num": "100"}
        assert {name: article.get(name) for name in wanted} == wanted
    assert one(op, "posts").tag == "aside"
    assert reply[0].get("class") == "post_wrapper"
    for article in found.values():
        assert having(article, "text")[0].get("class") == "text"


async def test_headers(running: Running) -> None:
    found = await articles(running)
    op, reply, ghost = found["100"], found["101"], found["101_1"]
    data = having(op, "post_data")[0]
    assert (one(data, "post_title").tag, text(one(data, "post_title"))) == ("h2", "About <cats>")
    poster = one(data, "post_poster_data")
    told = {name: text(one(poster, name)) for name in ("post_author", "post_tripcode", "poster_hash")}
    assert told == {"post_author": "Ann", "post_tripcode": "!abc", "poster_hash": "ID:Ab12"}
    assert text(one(poster, "post_level post_level_moderator")) == "## Mod"
    (time,) = one(reply, "time_wrap")
    assert time.get("datetime") == "2022-07-12T12:01:41+00:00"
    assert (time.get("title"), text(time)) == ("4chan Time: 7/12/22(Tue)8:01", "Tue 12 Jul 2022 12:01:41")
    (flag,) = one(reply, "post_type")
    assert {"flag", "flag-us"} <= set(str(flag.get("class")).split())
    assert flag.get("title") == "United States"
    for article, anchor, number in ((reply, "101", "101"), (ghost, "101_1", "101,1")):
        links = [link for link in one(article, "post_data").iter("a") if link.get("data-function")]
        assert [(link.get("href"), link.get("data-post"), text(link)) for link in links] == [
            (f"/g/thread/100/#{anchor}", number, "No."),
            (f"/g/thread/100/#q{anchor}", number, number),
        ]
        assert [link.get("data-function") for link in links] == ["highlight", "quote"]


async def test_files(running: Running) -> None:
    found = await articles(running)
    op, reply, hidden = found["100"], found["101"], found["102"]
    box, line = having(op, "thread_image_box")[0], having(op, "post_file")[0]
    assert line in list(box.iter()) and text(line) == "123KiB, 640x480, cat.png"
    assert text(one(line, "post_file_filename")) == "cat.png"
    for article, kind in ((op, "thread_image"), (reply, "post_image")):
        link = having(article, "thread_image_link")[0]
        assert str(link.get("href")).startswith("/g/image/1657/62/")
        assert (link.get("target"), link.get("rel")) == ("_blank", "noreferrer")
        assert link[0].tag == "img" and str(link[0].get("src")).startswith("/g/thumb/1657/62/")
        assert (link[0].get("class"), link[0].get("data-md5")) == (kind, HASH)
        assert link[0].get("width") and link[0].get("height")
    line = one(reply, "post_file")
    said = str(one(line, "post_file_controls").tail) + "".join(map(_said, line[1:]))
    assert said.strip() == f"{LONG[:32]} (...).png, 123KiB, 640x480"
    assert one(line, "post_file_filename").get("title") == LONG
    assert text(one(hidden, "post_file")).endswith("cat.png, 2GiB, 640x480")
    assert one(hidden, "spoiler_box").tag == "div" and not list(hidden.iter("img"))


async def test_backlinks(running: Running) -> None:
    found = await articles(running)
    (listed,) = having(found["101"], "backlink_list")
    assert text(listed) == "Quoted By: >>101,1"
    (link,) = one(listed, "post_backlink")
    assert one(listed, "post_backlink").get("data-post") == "101"
    assert link.attrib == {
        "href": "/g/thread/100/#101_1",
        "class": "backlink",
        "data-function": "highlight",
        "data-backlink": "true",
        "data-board": "g",
        "data-post": "101_1",
    }


async def test_an_index(running: Running) -> None:
    root = await shown(running, "/g/page/1/")
    thread = next(root.iter("article"))
    assert (text(one(thread, "omitted_posts")), text(one(thread, "omitted_images"))) == ("5", "2")
    (paginate,) = having(root, "paginate")
    assert [(item.get("class"), item[0].get("href")) for item in paginate.iter("li")][:2] == [
        ("active", "/g/"),
        (None, "/g/page/2/"),
    ]
    assert [item.get("class") for item in paginate.iter("li")][-1] == "next"


async def test_a_search(running: Running) -> None:
    root = await shown(running, "/g/search/text/Post/type/op/")
    (heading,) = root.iter("h3")
    assert heading.get("class") == "section_title" and text(heading).endswith("16 results found.")
    outer = next(root.iter("article"))
    assert (outer.get("class"), outer.get("id")) == ("clearfix thread", None)
    (listed,) = having(outer, "posts")
    found = [child for child in listed if child.tag == "article"]
    assert [child.get("id") for child in found] == [str(num) for num in (*range(214, 199, -1), 100)]
    for child in found:
        assert str(child.get("class")).startswith("post doc_id_") and "post_is_op" in str(child.get("class"))
        assert text(one(child, "post_show_board")) == "/g/"


def _said(element: Element) -> str:
    return f"{text(element)}{element.tail or ''}"
