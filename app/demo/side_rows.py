"""Rows of the tables beside the posts: threads, images, users and days (Asagi schema notes, section 2.1)."""

import zlib
from typing import Any, Final

from app.demo.media import MediaFile
from app.demo.model import DemoBoard
from app.demo.writers import Writer

_DAY: Final = 86_400

Row = dict[str, Any]


def thread_rows(writer: Writer, board: DemoBoard, posts: list[Row]) -> list[Row]:
    """Rows of `{board}_threads` for the stored `posts`; unlisted threads get none."""
    threads: dict[int, list[Row]] = {}
    for row in posts:
        if row["thread_num"] not in board.unlisted:
            threads.setdefault(row["thread_num"], []).append(row)
    return [_thread_row(writer, num, members) for num, members in threads.items()]


def image_rows(writer: Writer, board: DemoBoard, posts: list[Row]) -> list[Row]:
    """Rows of `{board}_images` for the stored `posts`, in the order their pictures were first seen."""
    keys = {(p.num, p.subnum): p.picture for p in board.posts if p.picture is not None}
    found: dict[str, Row] = {}
    for row in posts:
        picture = keys.get((row["num"], row["subnum"]))
        if picture is None:
            continue
        # Ritual has rows for the files it saved, about half of them, and for what was banned.
        if not writer.dedup and not picture.banned and zlib.crc32(picture.key.encode()) % 2:
            continue
        image = found.setdefault(
            row["media_hash"],
            {
                "media_id": row["media_id"] if writer.dedup else len(found) + 1,
                "media_hash": row["media_hash"],
                "media": row["media_orig"],
                "preview_op": None,
                "preview_reply": None,
                "total": 0,
                "banned": 0,
            },
        )
        image["total"] += 1
        image["banned"] |= int(picture.banned)
        side = "preview_op" if row["op"] else "preview_reply"
        if writer.dedup and image[side] is None:
            image[side] = row["preview_orig"]
    return list(found.values())


def media_files(writer: Writer, board: DemoBoard, posts: list[Row]) -> list[MediaFile]:
    """The files that the writer would have saved for the stored `posts` of `board`.

    A deduplicating writer saves a picture once per hash, and a thumbnail per kind of post; the others save
    every post's own. Pictures marked as missing are left out, banned ones are not.
    """
    keys = {(p.num, p.subnum): p.picture for p in board.posts if p.picture is not None}
    images = {image["media_hash"]: image for image in image_rows(writer, board, posts)} if writer.dedup else {}
    files: dict[tuple[str, str], MediaFile] = {}
    for row in posts:
        picture = keys.get((row["num"], row["subnum"]))
        if picture is None or picture.missing:
            continue
        op = bool(row["op"])
        name, thumb = picture.server_name, picture.thumb_name
        if writer.dedup:
            image = images[row["media_hash"]]
            name, thumb = image["media"], image["preview_op" if op else "preview_reply"]
        for file in (
            MediaFile(board.name, "image", name, picture.key),
            MediaFile(board.name, "thumb", thumb, picture.key, op),
        ):
            files.setdefault((file.kind, file.name), file)
    return list(files.values())


def user_rows(posts: list[Row]) -> list[Row]:
    """Rows of `{board}_users`: by tripcode where there is one, else by name; the last name used stays."""
    found: dict[tuple[str, str], Row] = {}
    for row in posts:
        name, trip = row["name"] or "", row["trip"] or ""
        user = found.setdefault(
            ("", trip) if trip else (name, ""),
            {"user_id": len(found) + 1, "trip": trip, "firstseen": row["timestamp"], "postcount": 0},
        )
        user["name"] = name
        user["firstseen"] = min(user["firstseen"], row["timestamp"])
        user["postcount"] += 1
    return list(found.values())


def daily_rows(posts: list[Row]) -> list[Row]:
    """Rows of `{board}_daily`, one per day of the board's clock."""
    found: dict[int, Row] = {}
    for row in sorted(posts, key=lambda row: int(row["timestamp"])):
        day = row["timestamp"] // _DAY * _DAY
        counts = found.setdefault(
            day, {"day": day, "posts": 0, "images": 0, "sage": 0, "anons": 0, "trips": 0, "names": 0}
        )
        counts["posts"] += 1
        counts["images"] += row["media_hash"] is not None
        counts["sage"] += row["email"] == "sage"
        if row["trip"]:
            counts["trips"] += 1
        elif row["name"] in (None, "", "Anonymous"):
            counts["anons"] += 1
        else:
            counts["names"] += 1
    return list(found.values())


def _thread_row(writer: Writer, thread_num: int, posts: list[Row]) -> Row:
    op = next((row for row in posts if row["op"]), None)
    live = [row for row in posts if row["subnum"] == 0]
    ghosts = [row for row in posts if row["subnum"] > 0]
    counted = [row for row in posts if writer.keeps_deleted_counted or not row["deleted"]]
    if not writer.counts_op:
        counted = [row for row in counted if not row["op"]]
    last = max(row["timestamp"] for row in live)
    bumps = [row["timestamp"] for row in live if row["email"] != "sage"]
    changes = [row["timestamp"] for row in posts]
    if writer.expiry_modifies:
        changes += [row["timestamp_expired"] for row in posts]
    flags = op if op is not None and writer.thread_flags else {"sticky": 0, "locked": 0}
    return {
        "thread_num": thread_num,
        # Who never saw the opening post writes 0.
        "time_op": op["timestamp"] if op is not None else 0,
        "time_last": last,
        "time_bump": max(bumps, default=last),
        "time_ghost": max((row["timestamp"] for row in ghosts), default=None),
        "time_ghost_bump": max((row["timestamp"] for row in ghosts if row["email"] != "sage"), default=None),
        "time_last_modified": max(changes),
        "nreplies": len(counted),
        "nimages": sum(1 for row in counted if row["media_hash"]),
        "sticky": flags["sticky"],
        "locked": flags["locked"],
    }
