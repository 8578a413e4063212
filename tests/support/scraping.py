"""What programs that take pages apart have in common: what they make of a post, and what stops them."""

from __future__ import annotations

import re
from datetime import datetime
from html import escape
from typing import Any

import lxml.html
from lxml.html import HtmlElement
from msgspec import Struct


class Broken(Exception):
    """The program would have stopped here: something it takes for granted is missing."""


class Scraped(Struct):
    """A post as a program got it out of a page."""

    id: str
    """As the program has it, that of a ghost post too."""
    thread: str | None = None
    board: str | None = None
    name: str | None = None
    trip: str | None = None
    poster: str | None = None
    subject: str | None = None
    time: int | None = None
    comment: str = ""
    image: str | None = None
    thumb: str | None = None
    file_name: str | None = None
    size: int | None = None
    """Bytes, as far as the page rounds them."""
    width: int | None = None
    height: int | None = None


def parsed(html: str) -> HtmlElement:
    return lxml.html.document_fromstring(html)


def inner(element: HtmlElement) -> str:
    """The HTML inside an element."""
    parts = [escape(element.text or ""), *(lxml.html.tostring(child, encoding="unicode") for child in element)]
    return "".join(parts)


def without(html: str, path: str) -> str:
    """The page without the elements or attributes that an XPath finds, of which there must be some."""
    root = parsed(html)
    holder, _, attribute = path.partition("/@")
    found = root.xpath(holder)
    assert found, path
    for element in found:
        if attribute:
            del element.attrib[attribute]
        else:
            element.drop_tree()
    return f"<html>{inner(root)}</html>"


def words(element: HtmlElement) -> str:
    """The text inside an element, white space as single spaces."""
    return re.sub(r"\s+", " ", element.text_content()).strip()


def moment(element: HtmlElement) -> int:
    """The time of a `time` element, which must have one."""
    written = element.get("datetime")
    if written is None:
        raise Broken("a time without datetime")
    return int(datetime.fromisoformat(written).timestamp())


_NOTE = re.compile(r' ?<span class="quote-note">[^<]*</span>|(?s:<semantics>.*?(?=<annotation ))')
"""What pages show beside the words of a post: notes after quotes, and formulas drawn as well as written."""

_UNITS = {"B": 1, "KiB": 1024, "MiB": 1024**2, "GiB": 1024**3}
_FILE = re.compile(r"(?:(.*), )?([0-9]+)([A-Za-z]+), ([0-9]+)x([0-9]+)(?:, (.*))?")


def read_file_line(post: Scraped, line: str) -> None:
    """`NAME, 123KiB, 640x480`, or the name at the end."""
    match = _FILE.search(line)
    if match is not None:
        before, size, unit, width, height, behind = match.groups()
        post.size, post.width, post.height = int(size) * _UNITS[unit], int(width), int(height)
        post.file_name = before or behind


def compare(seen: Scraped, told: dict[str, Any], *, ghost: str) -> None:
    """A scraped post is the one that our API tells of; `ghost` stands between the two numbers of a ghost post."""
    where = f"{told['board']} {told['num']},{told['subnum']}"
    assert seen.id == (f"{told['num']}{ghost}{told['subnum']}" if told["subnum"] else str(told["num"])), where
    assert seen.thread in (str(told["thread_num"]), None), where
    assert _plain(seen.name) == _plain(told["name"] or "Anonymous"), where
    assert _plain(seen.trip) == _plain(told["trip"]), where
    assert _plain(seen.subject) == _plain(told["subject"]), where
    assert seen.time == told["time"], where
    comment = parsed(f"<div>{_NOTE.sub('', seen.comment)}</div>")
    assert _plain(comment.text_content()) == _plain(told["rendered"]["text"]), where
    compare_file(seen, told["media"], where)


def compare_file(seen: Scraped, media: dict[str, Any] | None, where: str) -> None:
    if media is None or media["image"] is None:
        assert seen.image is None, where
        return
    assert (seen.image or "").endswith(media["image"]), where
    if media["spoiler"] or media["thumb"] is None:
        assert seen.thumb is None, where
    else:
        assert (seen.thumb or "").endswith(media["thumb"]), where
    if media["width"] > 0 and media["height"] > 0 and media["size"] > 0:
        assert (seen.width, seen.height) == (media["width"], media["height"]), where
        assert abs((seen.size or 0) - media["size"]) <= media["size"] / 2, where


def _plain(text: str | None) -> str:
    """Text without what pages leave out: characters that HTML cannot hold, and turns of direction that stay open."""
    return re.sub(r"[\s\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufffd\ufffe\uffff\ud800-\udfff]+", "", text or "")
