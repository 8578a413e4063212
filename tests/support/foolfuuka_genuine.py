"""What truth.json says of genuine archives, asked through FoolFuuka's interface."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote

from app.media_layout import standard_hash
from tests.support.foolfuuka import address, check_post, check_safe, check_thread, element, posts_of
from tests.support.reader import Reader, folded

_ORIGIN = "http://localhost"
_FLAG = {True: "1", False: "0"}
_THEME = "foolz/foolfuuka-theme-foolfuuka"


async def check_truth(reader: Reader, truth: dict[str, Any]) -> None:
    """Every post that truth.json lists: in its thread, alone, hostile ones also as the HTML of our pages."""
    raw, links = (truth.get(key, {}).get("strings", ()) for key in ("never_raw_in_html", "never_in_links"))
    threads: dict[tuple[str, int], dict[str, Any]] = {}
    for board in truth["boards"]:
        for post in await reader.json(address("gallery", board=board, page=1)):
            check_post(post, listed=True)
        index = await reader.json(address("index", board=board, page=1, order="by_post"))
        for post in [post for thread in index.values() for post in posts_of(thread)]:
            check_post(post)
    for true in truth["posts"]:
        key = (true["board"], true["thread_num"])
        place = true["id"].replace(",", "_")
        if key not in threads:
            theme = {"theme": _THEME} if key[1] == truth.get("hostile_thread") else {}
            thread = check_thread(await reader.json(address("thread", board=key[0], num=key[1], **theme)))
            assert [post["num"] for post in posts_of(thread)][:1] == [str(key[1])] or thread["op"]["op"] == "0"
            threads[key] = {_place(post): post for post in posts_of(thread)}
            assert len(threads[key]) == true["thread_posts"]
        post = threads[key][place]
        _check(post, true)
        alone = await reader.json(address("post", board=key[0], num=place))
        check_post(alone)
        same = {"comment_processed": post["comment_processed"], "formatted": post["formatted"]}
        assert {**alone, **same} == post
        for shown in threads[key].values() if key[1] == truth.get("hostile_thread") else [post]:
            check_safe(shown, raw, links)
    for forbidden in truth.get("never_show", ()):
        assert not [body for body in reader.said if forbidden["text"] in body], forbidden


def _place(post: dict[str, Any]) -> str:
    return post["num"] if post["subnum"] == "0" else f"{post['num']}_{post['subnum']}"


def _check(post: dict[str, Any], true: dict[str, Any]) -> None:
    times = true["utc_readings"] if true.get("utc_ambiguous") and true["image"] is None else [true["utc"]]
    assert post["timestamp"] in times, true["id"]
    shown = {
        "thread_num": str(true["thread_num"]),
        "op": _FLAG[true["op"]],
        "name": true["name"] or "Anonymous",
        "trip": true["trip"],
        "title": true["subject"],
        "capcode": true["capcode"] or "N",
        "sticky": _FLAG[true["sticky"]],
        "locked": _FLAG[true["locked"]],
        "deleted": _FLAG[true["deleted"]],
    }
    assert shown == {key: post[key] for key in shown}, true["id"]
    if "expired_utc_between" in true:
        earliest, latest = true["expired_utc_between"]
        assert earliest <= int(post["timestamp_expired"]) <= latest
    if "text" in true:
        comment = element(post["comment_processed"])
        for br in comment.iter("br"):
            br.tail = "\n" + (br.tail or "")
        assert folded(comment.text_content()) == folded(true["text"]), true["id"]
    media = post["media"]
    if media is None:
        assert (true["filename"], true["md5"], true["image"]) == (None, None, None), true["id"]
        return
    shown = {
        "media_filename": true["filename"] or media["media_orig"],
        "media_hash": standard_hash(true["md5"] or "") or "",
        "spoiler": _FLAG[true["spoiler"]],
        "media_link": true["image"] and _ORIGIN + true["image"],
        "thumb_link": true["thumb"] and _ORIGIN + true["thumb"],
        "media_w": str(true["width"]),
        "media_h": str(true["height"]),
        "media_size": str(true["size"]),
    }
    links = {key: media[key] and unquote(media[key]) for key in ("media_link", "thumb_link")}
    assert shown == {key: media[key] for key in shown} | links, true["id"]
