"""FoolFuuka's interface as its clients see it: addresses, and what each answer of it must look like."""

from __future__ import annotations

import re
from collections.abc import Sequence
from types import NoneType
from typing import Any, Final
from urllib.parse import quote, unquote

import lxml.html

API: Final = "/_/api/chan"

TEXT, MAYBE, NUMBER, FLAG = "text", "text or null", "number as text", '"0" or "1"'

POST: Final = {
    "doc_id": NUMBER,
    "num": NUMBER,
    "subnum": NUMBER,
    "thread_num": NUMBER,
    "op": FLAG,
    "timestamp": int,
    "timestamp_expired": NUMBER,
    "capcode": TEXT,
    "email": MAYBE,
    "name": TEXT,
    "trip": MAYBE,
    "title": MAYBE,
    "comment": MAYBE,
    "poster_hash": MAYBE,
    "poster_country": MAYBE,
    "sticky": FLAG,
    "locked": FLAG,
    "deleted": FLAG,
    "nreplies": MAYBE,
    "nimages": MAYBE,
    "fourchan_date": TEXT,
    "comment_sanitized": TEXT,
    "comment_processed": TEXT,
    "formatted": (bool, str),
    "title_processed": MAYBE,
    "name_processed": TEXT,
    "email_processed": MAYBE,
    "trip_processed": MAYBE,
    "poster_hash_processed": MAYBE,
    "poster_country_name": (bool, str),
    "poster_country_name_processed": TEXT,
    "extra_data": list,
    "exif": MAYBE,
    "media": (NoneType, dict),
    "board": dict,
}
"""Keys of a post in their order, and what their values are."""

FACTS: Final = ("unique_ips", "since4pass", "troll_country_code", "troll_country_name")
"""Keys that stand behind those where the archive knows them."""

MEDIA: Final = {
    "media_id": NUMBER,
    "spoiler": FLAG,
    "preview_orig": MAYBE,
    "media": TEXT,
    "preview_op": MAYBE,
    "preview_reply": MAYBE,
    "preview_w": NUMBER,
    "preview_h": NUMBER,
    "media_filename": TEXT,
    "media_w": NUMBER,
    "media_h": NUMBER,
    "media_size": NUMBER,
    "media_hash": TEXT,
    "media_orig": TEXT,
    "exif": MAYBE,
    "total": NUMBER,
    "banned": FLAG,
    "media_status": TEXT,
    "safe_media_hash": TEXT,
    "remote_media_link": str,
    "media_link": MAYBE,
    "thumb_link": MAYBE,
    "media_filename_processed": TEXT,
}
"""The same of a file."""

STATUSES: Final = ("normal", "banned", "forbidden", "not-available")

_CONTROLS = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f]")
_DATE = re.compile(r"[0-9]{1,2}/[0-9]{1,2}/[0-9]{2}\((?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)\)[0-9]{1,2}:[0-9]{2}")


def address(method: str, **parameters: object) -> str:
    """A request; each value is encoded once."""
    query = "&".join(f"{name}={quote(str(value), safe='')}" for name, value in parameters.items())
    return f"{API}/{method}/?{query}"


def check_post(post: Any, *, listed: bool = False) -> None:
    """Keys, order and types. `listed`: in a gallery, where a thread's size is told."""
    behind = [key for key in FACTS if key in post]
    assert list(post) == [*POST, *behind]
    _check(post, POST)
    for key in behind:
        assert isinstance(post[key], str), key
    for key in ("nreplies", "nimages"):
        assert isinstance(post[key], str if listed else NoneType), key
    assert post["formatted"] is not True and post["poster_country_name"] is not True
    assert _DATE.fullmatch(post["fourchan_date"])
    assert list(post["board"]) == ["name", "shortname"]
    assert post["extra_data"] == []
    if post["media"] is not None:
        media = post["media"]
        assert list(media) == list(MEDIA)
        _check(media, MEDIA)
        assert media["exif"] == post["exif"]
        assert media["media_status"] in STATUSES
        assert (media["media_status"] == "normal") == (media["media_link"] is not None)
        for key in ("media_link", "thumb_link"):
            assert media[key] is None or media[key].startswith(("http://", "https://")), key
        place = post["num"] if post["subnum"] == "0" else f"{post['num']}_{post['subnum']}"
        own = media["media_link"] or f"/{quote(post['board']['shortname'])}/post/{place}/"
        assert media["remote_media_link"].endswith(own)


def posts_of(thread: Any) -> list[Any]:
    """The posts of one thread of an answer, its opening post first."""
    replies = thread.get("posts", [])
    return [*([thread["op"]] if "op" in thread else []), *(replies.values() if isinstance(replies, dict) else replies)]


def check_thread(answer: Any) -> Any:
    """The one thread of an answer of `thread` or `deleted`, after a look at all of it."""
    ((number, thread),) = answer.items()
    assert list(thread) in (["op", "posts"], ["posts"])
    assert isinstance(thread["posts"], dict)
    for place, post in thread["posts"].items():
        assert place == (post["num"] if post["subnum"] == "0" else f"{post['num']}_{post['subnum']}")
    for post in posts_of(thread):
        check_post(post)
        assert post["thread_num"] == number
    return thread


def check_safe(post: Any, never_raw: Sequence[str] = (), never_in_links: Sequence[str] = ()) -> None:
    """Nothing in what clients put into their pages as it comes runs, or leads to what does."""
    pieces = [value for key, value in post.items() if key.endswith("_processed") or key == "formatted"]
    media = post["media"] or dict.fromkeys(("media_filename_processed", "media_link", "thumb_link"))
    for piece in filter(None, [*pieces, media["media_filename_processed"]]):
        assert not [string for string in never_raw if string in piece], piece
        html = element(piece)
        assert not html.xpath("//@*[starts-with(name(), 'on')]"), piece
        assert not html.xpath("//script[not(starts-with(@type, 'math/tex'))]"), piece
        links = [str(link).lower() for link in html.xpath("//@href | //@src | //@download")]
        for string in ("javascript:", *never_in_links):
            assert not [link for link in links if string in link], piece
    for link in (media["media_link"], media["thumb_link"]):
        assert link is None or not {"..", "."} & set(unquote(link).split("/")), link


def element(html: str) -> lxml.html.HtmlElement:
    """A piece of HTML in an element of its own."""
    return lxml.html.fromstring(f"<div>{_CONTROLS.sub('', html)}</div>")


def _check(values: Any, wanted: dict[str, Any]) -> None:
    for key, want in wanted.items():
        value = values[key]
        if isinstance(want, str):
            assert isinstance(value, (str, NoneType) if want == MAYBE else str), key
            assert want != FLAG or value in ("0", "1"), key
            assert want != NUMBER or re.fullmatch("[0-9]+", value), key
        else:
            assert isinstance(value, want) and not (want is int and isinstance(value, bool)), key
