"""The lookups of truth.json as searches, through the API."""

from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from tests.support.reader import Reader, post_id

_KEYS = {"md5": "image", "trip": "tripcode", "text": "text"}


def asked(lookup: dict[str, Any], clock: str) -> dict[str, str]:
    """What a reader would search for, dates by the board's clock."""
    field, value = lookup["field"], lookup["value"]
    if field == "name":
        return {"username": f"={value}"}
    if field == "deleted":
        return {"deleted": "deleted" if value else "not-deleted"}
    if field == "utc":
        first, last = (datetime.fromtimestamp(moment, ZoneInfo(clock)) for moment in (value[0], value[1] - 1))
        return {"start": f"{first:%Y-%m-%dT%H:%M:%S}", "end": f"{last:%Y-%m-%dT%H:%M:%S}"}
    return {_KEYS[field]: value}


async def search(reader: Reader, board: str, **asked: str) -> list[Any]:
    """All posts that a search finds, from its first page to its last."""
    found: list[Any] = []
    cursor = ""
    while True:
        pairs = {**asked, "boards": board, "limit": "250", **({"cursor": cursor} if cursor else {})}
        answer = await reader.json(f"/api/v1/search?{urlencode(pairs)}")
        found += [hit["post"] for hit in answer["hits"]]
        if answer["cursor"] is None:
            assert answer["exact"], asked
            assert answer["total"] == len(found), asked
            return found
        cursor = answer["cursor"]


async def check_lookups(reader: Reader, truth: dict[str, Any]) -> None:
    for lookup in truth["lookups"]:
        found = await search(reader, lookup["board"], **asked(lookup, truth["clock"]))
        if "count" in lookup:
            # truth.json counts the recorded posts, not the hostile thread that was added to them.
            recorded = [post for post in found if post["thread_num"] != truth.get("hostile_thread")]
            assert len(recorded) == lookup["count"], lookup
        else:
            assert sorted(map(post_id, found), key=int) == lookup["posts"], lookup
        assert [(post["num"], post["subnum"]) for post in found] == sorted(
            ((post["num"], post["subnum"]) for post in found), reverse=True
        ), lookup
    said = list(reader.said)
    for forbidden in truth.get("never_show", ()):
        assert not [body for body in said if forbidden["text"] in body], forbidden
        # The answer names what was searched for; that it was found nowhere is all it may say.
        assert await search(reader, ".".join(truth["boards"]), text=f'"{forbidden["text"]}"') == [], forbidden
