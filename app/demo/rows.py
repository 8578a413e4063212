"""Rows of the post table, as each writer would have written them, and the collection of all tables."""

import html
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

import msgspec

from app.demo.media import RenderedPicture
from app.demo.model import SECRET_DELPASS, SECRET_IP, DemoBoard, DemoPicture, DemoPost
from app.demo.side_rows import daily_rows, image_rows, thread_rows, user_rows
from app.demo.tables import columns
from app.demo.writers import Writer

_ROUND: Final = 25
_SHORT_NAME: Final = 20
_MEDIA_TEXTS: Final = ("preview_orig", "media_filename", "media_hash", "media_orig")
_COUNTRY_NAMES: Final = {
    "BR": "Brazil",
    "DE": "Germany",
    "FI": "Finland",
    "JP": "Japan",
    "NZ": "New Zealand",
    "US": "United States",
    "XX": "Unknown",
}

Row = dict[str, Any]
Pictures = Mapping[str, RenderedPicture]


def rows(writer: Writer, board: DemoBoard, pictures: Pictures) -> dict[str, list[tuple[Any, ...]]]:
    """Return the rows of every table of `board`, by table suffix, in the column order of `tables.columns`.

    `pictures` is the answer of `media.render_all` for the archive. Flags are 0 or 1, addresses integers, "no
    picture" is media_id 0; `tables.bind` turns them into a database's own forms. Raises ValueError for a
    board that the writer cannot store.
    """
    if not writer.takes(board):
        raise ValueError(f"The writer {writer.name} does not store the board {board.name}.")
    kept, removed = post_rows(writer, board, pictures)
    tables: dict[str, list[Row]] = {
        "": kept,
        "_threads": thread_rows(writer, board, kept),
        "_images": image_rows(writer, board, kept),
        "_deleted": removed if writer.moderation else [],
        "_users": user_rows(kept) if writer.totals else [],
        "_daily": daily_rows(kept) if writer.totals else [],
    }
    found = {}
    for suffix in writer.suffixes:
        names = columns(writer, suffix)
        found[suffix] = [tuple(row[name] for name in names) for row in tables[suffix]]
    return found


def post_rows(writer: Writer, board: DemoBoard, pictures: Pictures) -> tuple[list[Row], list[Row]]:
    """Rows of the post table and of `_deleted`, in the order of arrival, as dicts by column name."""
    kept: list[Row] = []
    removed: list[Row] = []
    media_ids: dict[str, int] = {}
    burnt = 0
    gone = frozenset(board.moderated)
    for doc_id, post in enumerate(_arrival((*writer.posts(board), *board.moderated)), 1):
        row = _post_row(writer, board, post, pictures)
        row["doc_id"] = doc_id
        row["media_id"] = 0
        if post.picture is not None and (writer.dedup or writer.loose):
            # Every try to insert a hash takes a number, so repeated pictures leave gaps.
            burnt += 1
            row["media_id"] = media_ids.setdefault(row["media_hash"], burnt)
        (removed if post in gone else kept).append(row)
    return kept, removed


def new_york(utc: int) -> int:
    """The wall clock of New York at `utc`, read as if it were UTC (Asagi schema notes, section 3.1)."""
    offset = datetime.fromtimestamp(utc, ZoneInfo("America/New_York")).utcoffset()
    return utc + int(offset.total_seconds()) if offset is not None else utc


def _arrival(posts: tuple[DemoPost, ...]) -> list[DemoPost]:
    """Posts as a scraper meets them: round by round, within a round thread by thread."""
    by_time = sorted(posts, key=lambda post: (post.utc, post.num, post.subnum))
    rounds = {id(post): place // _ROUND for place, post in enumerate(by_time)}
    return sorted(by_time, key=lambda post: (rounds[id(post)], post.thread_num, post.num, post.subnum))


def _post_row(writer: Writer, board: DemoBoard, post: DemoPost, pictures: Pictures) -> Row:
    ghost = post.subnum > 0
    expired = post.expired_utc if writer.notes_expiry else 0
    row: Row = {
        "poster_ip": SECRET_IP if ghost else 0,
        "num": post.num,
        "subnum": post.subnum,
        "thread_num": post.thread_num,
        "op": int(post.op),
        "timestamp": _stamp(writer, board, post),
        # Hayden writes expiries by the New York clock at all times.
        "timestamp_expired": new_york(expired) if expired and writer.clock != "utc" else expired,
        "spoiler": int(post.spoiler),
        "deleted": int(post.deleted),
        "capcode": post.capcode,
        # FoolFuuka wrote the ghost posts, whatever the scraper leaves out.
        "email": post.email if writer.emails or ghost else None,
        "name": None if writer.html else post.name,
        "trip": post.trip,
        "title": None if writer.html else post.subject,
        "comment": _comment(writer, post),
        "delpass": SECRET_DELPASS if ghost else None,
        "sticky": int(post.sticky),
        "locked": int(post.locked),
        "poster_hash": post.poster_hash,
        "poster_country": _country(writer, post.country),
        "exif": _exif(writer, post.exif),
    }
    return row | _media_columns(writer, post, pictures)


def _stamp(writer: Writer, board: DemoBoard, post: DemoPost) -> int:
    if post.subnum:
        return new_york(post.utc)  # FoolFuuka's, whatever the scraper's clock (Asagi schema notes, section 3.1)
    switch = writer.switch_num(board)
    by_utc = writer.clock == "utc" or (switch is not None and post.num < switch)
    return post.utc if by_utc else new_york(post.utc)


def _comment(writer: Writer, post: DemoPost) -> str | None:
    text = post.comment_html if writer.html else post.comment
    if text or writer.loose:
        return text
    return writer.empty_comment


def _media_columns(writer: Writer, post: DemoPost, pictures: Pictures) -> Row:
    picture = post.picture
    if picture is None:
        # Imported tables hold '' for some missing texts (Asagi schema notes, section 5.4).
        nothing = "" if writer.loose and post.num % 3 == 0 else None
        sizes = dict.fromkeys(("preview_w", "preview_h", "media_w", "media_h", "media_size"), 0)
        return {**dict.fromkeys(_MEDIA_TEXTS, nothing), **sizes}
    rendered = pictures[picture.key]
    limit = _SHORT_NAME if writer.loose else None
    return {
        "preview_orig": picture.thumb_name[:limit],
        "preview_w": picture.thumb_width,
        "preview_h": picture.thumb_height,
        "media_filename": _filename(writer, picture),
        "media_w": picture.width,
        "media_h": picture.height,
        "media_size": rendered.size,
        "media_hash": rendered.md5 if picture.stored_hash is None else picture.stored_hash,
        "media_orig": picture.server_name[:limit],
    }


def _filename(writer: Writer, picture: DemoPicture) -> str | None:
    if writer.html:
        return None
    if not writer.escaped_filename:
        return picture.filename
    # neofuuka escapes again what it decoded, but not quotes; the others keep what the site sent.
    return html.escape(picture.filename, quote=writer.exif != "neofuuka").replace("&#x27;", "&#039;")


def _country(writer: Writer, code: str | None) -> str | None:
    if code is not None and writer.country_names:
        return _COUNTRY_NAMES.get(code, code)
    return None if code == "XX" and not writer.unknown_country else code


def _exif(writer: Writer, raw: str | None) -> str | None:
    """Use the keys of the writer (Asagi schema notes, section 6.1); text that is no object stays."""
    if raw is None or writer.exif == "asagi":
        return raw
    try:
        found = msgspec.json.decode(raw)
    except msgspec.DecodeError:
        return raw
    if not isinstance(found, dict):
        return raw
    if writer.exif == "ritual":
        found = {"uniqueIps": int(found["uniqueIps"])} if "uniqueIps" in found else {}
    else:
        if "uniqueIps" in found:
            found["uniqueIps"] = str(found["uniqueIps"])
        if "trollCountry" in found:
            name = str(found.pop("trollCountry"))
            found |= {"troll_country_code": name[:2].upper(), "troll_country_name": name}
    return msgspec.json.encode(found).decode() if found else None
