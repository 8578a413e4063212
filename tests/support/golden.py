"""Recorded answers of a FoolFuuka archive: their posts as rows of a database, and how an answer of ours differs."""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timezone
from fnmatch import fnmatchcase
from html import escape
from pathlib import Path
from typing import Any

from msgspec import Struct

from tests.support.search_model import NEW_YORK
from tests.support.stage import Stage

WRITER = "neofuuka"


class Difference(Struct, frozen=True):
    """Something that we answer otherwise than the recording has it, on purpose."""

    where: str
    """The answer and the way to the value in it, `*` for any key."""
    named: str
    """What docs/compatibility.md calls it."""
    theirs: Any
    """What the recording has; ABSENT for nothing."""
    ours: Any
    """What we answer instead; a type stands for any value of it."""


class Found(Struct, frozen=True):
    """A place where two answers differ."""

    where: str
    theirs: Any
    ours: Any

    def meant_by(self, difference: Difference) -> bool:
        return (
            fnmatchcase(self.where, difference.where)
            and _same(self.theirs, difference.theirs)
            and _same(self.ours, difference.ours)
        )


class Absent:
    """The value of a key that is not there."""

    def __repr__(self) -> str:
        return "absent"


ABSENT = Absent()


def differences(where: str, theirs: Any, ours: Any) -> Iterator[Found]:
    """All places where two JSON values differ in keys, their order, types or values. `1` is neither `1.0` nor true."""
    if isinstance(theirs, dict) and isinstance(ours, dict):
        shared = [key for key in theirs if key in ours]
        if (order := [key for key in ours if key in theirs]) != shared:
            yield Found(f"{where} (order)", shared, order)
        for key in (*theirs, *(key for key in ours if key not in theirs)):
            yield from differences(f"{where}.{key}", theirs.get(key, ABSENT), ours.get(key, ABSENT))
    elif isinstance(theirs, list) and isinstance(ours, list):
        if len(theirs) != len(ours):
            yield Found(f"{where} (length)", len(theirs), len(ours))
        for place, (one, other) in enumerate(zip(theirs, ours, strict=False)):
            yield from differences(f"{where}.{place}", one, other)
    elif type(theirs) is not type(ours) or theirs != ours:
        yield Found(where, theirs, ours)


def read(folder: Path, name: str) -> Any:
    return json.loads((folder / f"foolfuuka_{name}.json").read_text())


def every_post(answer: Any) -> Iterator[dict[str, Any]]:
    """The posts of an answer, however deep they stand in it."""
    if isinstance(answer, dict) and "doc_id" in answer:
        yield answer
    elif isinstance(answer, (dict, list)):
        for inner in answer.values() if isinstance(answer, dict) else answer:
            yield from every_post(inner)


def fill(stage: Stage, board: str, answers: Sequence[Any]) -> None:
    """A board with all posts of some answers, as a scraper that follows Asagi's conventions stores them.

    Threads whose first post is not among them are known by these posts alone, as after a scraper's late start.
    """
    posts = {post["doc_id"]: post for answer in answers for post in every_post(answer)}
    media = {post["media"]["media_id"]: post["media"] for post in posts.values() if post["media"] is not None}
    stage.board(board, WRITER, clock="auto", title=next(iter(posts.values()))["board"]["name"])
    stage.add(f"{board}_images", *map(_image_row, media.values()))
    # Rows with a picture and rows without: PostgreSQL wants no picture to be NULL.
    for with_media in (True, False):
        stage.add(board, *(_post_row(post) for post in posts.values() if (post["media"] is not None) is with_media))
    opened = [post for post in posts.values() if post["op"] == "1"]
    stage.add(f"{board}_threads", *(_thread_row(op, list(posts.values())) for op in opened))


def _image_row(media: Mapping[str, Any]) -> dict[str, Any]:
    return {
        key: media[key] for key in ("media_id", "media_hash", "media", "preview_op", "preview_reply", "total", "banned")
    }


def _post_row(post: Mapping[str, Any]) -> dict[str, Any]:
    same = (
        "doc_id num subnum thread_num op capcode email name trip title comment poster_hash "
        "poster_country sticky locked deleted exif"
    )
    expired = int(post["timestamp_expired"])
    row = {
        **{key: post[key] for key in same.split()},
        "timestamp": _wall_clock(post["timestamp"]),
        "timestamp_expired": expired and _wall_clock(expired),
    }
    if (media := post["media"]) is not None:
        kept = "media_id spoiler preview_orig preview_w preview_h media_w media_h media_size media_hash media_orig"
        row |= {key: media[key] for key in kept.split()}
        row["media_filename"] = escape(media["media_filename"])
    return row


def _thread_row(op: Mapping[str, Any], posts: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    own = [post for post in posts if post["thread_num"] == op["num"]]
    last = max(_wall_clock(post["timestamp"]) for post in own)
    return {
        "thread_num": op["num"],
        "time_op": _wall_clock(op["timestamp"]),
        "time_last": last,
        "time_bump": last,
        "time_last_modified": last,
        "nreplies": len(own),
        "nimages": sum(post["media"] is not None for post in own),
    }


def _wall_clock(utc: int) -> int:
    """A true time as Asagi stores it: what the clock on a wall in New York shows, taken for UTC."""
    return int(datetime.fromtimestamp(utc, NEW_YORK).replace(tzinfo=timezone.utc).timestamp())


def _same(value: Any, told: Any) -> bool:
    return isinstance(value, told) if isinstance(told, type) else type(value) is type(told) and bool(value == told)
