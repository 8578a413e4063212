"""What a board's tables lack, and what each lack costs its readers."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final, Literal

from msgspec import Struct

from app.check.report import Level, Notes
from app.db.schema import BoardTables, Table

LARGE: Final = 50_000
"""Posts of a board from which on reading through it is not offered to readers."""

Part = Literal["posts", "threads", "images"]


class Index(Struct, frozen=True):
    """An index that Koiwai's statements need."""

    code: str
    part: Part
    starts: tuple[str, ...]
    """Any index that begins with these columns will do."""
    columns: tuple[str, ...]
    """What an index made for it should hold."""
    level: Level
    """On a large board; on a small one no missing index is more than a note."""
    cost: str
    help: str
    """What the index helps, for the comment above its CREATE INDEX."""


def _index(code: str, part: Part, columns: str, level: Level, cost: str, help: str, starts: int = 1) -> Index:
    names = tuple(columns.split())
    return Index(code, part, names[:starts], names, level, cost, help)


INDEXES: Final = (
    _index(
        "index-num",
        "posts",
        "num subnum",
        "warning",
        "No index on num: each post asked for by its number, each quote and the start read the whole table.",
        "posts by number, quotes, start",
    ),
    _index(
        "index-thread",
        "posts",
        "thread_num num subnum",
        "warning",
        "No index on thread_num: each thread page and each list of threads reads the whole table.",
        "thread pages, lists of threads",
    ),
    _index(
        "index-thread-order",
        "posts",
        "thread_num num subnum",
        "note",
        "No index on (thread_num, num): a thread is sorted anew for each page. Threads of thousands of posts feel it.",
        "very long threads",
        starts=2,
    ),
    _index(
        "index-doc-id",
        "posts",
        "doc_id",
        "warning",
        "No index on doc_id: each look for new posts reads the whole table.",
        "counts of threads, new posts",
    ),
    _index(
        "index-media-hash",
        "posts",
        "media_hash",
        "warning",
        'No index on media_hash: "View same" is off for this board once it has 50,000 posts, and reads the whole '
        "table before.",
        '"View same", names of banned files',
    ),
    _index(
        "index-media-orig",
        "posts",
        "media_orig",
        "note",
        "No index on media_orig: once the board has 50,000 posts, files asked for by the live site's name are found "
        "only where they are stored under it.",
        "files by the live site's name (/full_image/, 4chan's addresses)",
    ),
    _index(
        "index-subnum",
        "posts",
        "subnum",
        "note",
        "No index on subnum: searches for ghost posts walk through all posts, and searches by date miss ghost posts "
        "under posts of another time.",
        "searches for ghost posts",
    ),
    _index(
        "index-timestamp",
        "posts",
        "timestamp",
        "note",
        "No index on timestamp: each search by date takes some sixty small looks to find where it begins and ends.",
        "searches by date",
    ),
    *(
        _index(
            f"index-{column}",
            "posts",
            column,
            "note",
            f"No index on {column}: searches for {what} walk through all posts, and stop when their time is up.",
            f"searches for {what}",
        )
        for column, what in (
            ("name", "a rare name, whole"),
            ("trip", "a tripcode"),
            ("email", "a rare e-mail field, whole"),
        )
    ),
    _index(
        "index-threads-num",
        "threads",
        "thread_num",
        "warning",
        "No index on thread_num of the table of threads: each thread page reads all of that table.",
        "thread pages, threads by creation",
    ),
    _index(
        "index-threads-bump",
        "threads",
        "time_bump",
        "warning",
        "No index on time_bump: the front page of the board sorts all its threads each time.",
        "the board's front page",
    ),
    _index(
        "index-threads-ghost",
        "threads",
        "time_ghost_bump",
        "note",
        "No index on time_ghost_bump: the list of threads with ghost posts sorts all threads each time.",
        "threads with ghost posts",
    ),
    _index(
        "index-threads-sticky",
        "threads",
        "sticky",
        "note",
        "No index on sticky: once a minute all threads are read to see which are sticky.",
        "the look for sticky threads each minute",
    ),
    _index(
        "index-images-id",
        "images",
        "media_id",
        "warning",
        "No index on media_id of the table of pictures: each page with pictures reads all of that table.",
        "every page with pictures",
    ),
    _index(
        "index-images-hash",
        "images",
        "media_hash",
        "note",
        "No index on media_hash of the table of pictures: it is read through whenever a picture is newly banned.",
        "look-ups of banned pictures",
    ),
    _index(
        "index-images-banned",
        "images",
        "banned",
        "note",
        "No index on banned: once a minute the table of pictures is read through to see which are banned.",
        "the look for banned pictures each minute",
    ),
)

COLUMNS: Final = MappingProxyType(
    {
        "doc_id": "new posts are told by their number; one that arrives late with a low number is counted late",
        "subnum": "there are no ghost posts, or they cannot be told from others",
        "timestamp": "no post has a time, and dates lead nowhere",
        "timestamp_expired": "it is not shown when a post vanished",
        "name": "all posters are anonymous",
        "trip": "tripcodes are not shown",
        "title": "subjects are not shown",
        "email": "sage and mail addresses are not shown",
        "capcode": "staff of the live site is shown like everybody else",
        "poster_hash": "posters' IDs are not shown",
        "poster_country": "flags are not shown",
        "comment": "no post has a text",
        "deleted": "deleted posts are shown like others",
        "sticky": "sticky threads are not marked in their first post",
        "locked": "closed threads are not marked in their first post",
        "exif": "EXIF data and the number of posters are not shown",
        "media_id": "pictures are found by the post's own names, and bans of single pictures by hash alone",
        "media_hash": '"View same" does not work, and banned pictures are not recognised',
        "media_orig": "full files are found only through the table of pictures",
        "media_filename": "uploaders' names of files are not shown",
        "preview_orig": "thumbnails are found only through the table of pictures",
        "media_w": "sizes of pictures are not shown",
        "media_h": "sizes of pictures are not shown",
        "media_size": "sizes of files are not shown",
        "preview_w": "thumbnails take their place on a page only when they have been loaded",
        "preview_h": "thumbnails take their place on a page only when they have been loaded",
        "spoiler": "spoilered pictures are shown openly",
    }
)
"""Columns of the table of posts that may be missing, each with what that means to readers."""

_SERIOUS: Final = frozenset({"timestamp", "comment"})

THREAD_COLUMNS: Final = MappingProxyType(
    {
        "time_ghost_bump": "the list of threads with ghost posts is empty",
        "sticky": "sticky threads are not kept on top",
        "locked": "closed threads are not marked in lists",
    }
)
IMAGE_COLUMNS: Final = MappingProxyType(
    {
        "media": "full files are found by the post's own names",
        "preview_op": "thumbnails are found by other names",
        "preview_reply": "thumbnails are found by other names",
        "banned": "the archive's bans of pictures are not known",
    }
)


def look_at_tables(tables: BoardTables, posts: int | None, notes: Notes) -> None:
    """Findings about what is missing. `posts`: about how many the board has, None where nobody knows."""
    if not tables.posts.is_table:
        notes.warning(
            "board-view", "This board is a view, not a table: each page may read all of it, and no index helps."
        )
    _columns("column", "", tables.posts, COLUMNS, notes)
    if tables.threads is None:
        notes.warning(
            "table-threads",
            "No table of threads that can be used: the list of threads is put together from all posts at each start, "
            "and kept in memory.",
        )
    else:
        _columns("column-threads", " in the table of threads", tables.threads, THREAD_COLUMNS, notes)
    if tables.images is None:
        notes.note(
            "table-images",
            "No table of pictures that can be used: files are found by the posts' own names, and there are no bans.",
        )
    else:
        _columns("column-images", " in the table of pictures", tables.images, IMAGE_COLUMNS, notes)
    if tables.deleted is None:
        notes.note("table-deleted", "No table of posts that moderators removed: nothing is hidden on their account.")
    elif not tables.deleted.is_table:
        notes.note(
            "table-deleted-view",
            "The table of removed posts is a view, as Ena makes it: the live site deleted these posts. They are shown.",
        )
    for index in missing_indexes(tables):
        small = posts is not None and posts < LARGE
        notes.add("note" if small else index.level, index.code, index.cost)


def _columns(code: str, where: str, table: Table, costs: MappingProxyType[str, str], notes: Notes) -> None:
    for column, cost in costs.items():
        if column not in table.columns:
            add = notes.warning if column in _SERIOUS else notes.note
            add(f"{code}-{column.replace('_', '-')}", f"No column {column} that we may read{where}: {cost}.")


def missing_indexes(tables: BoardTables) -> list[Index]:
    """The indexes that would help. A view can have none, and none is wanted on a column that is not there."""
    found: list[Index] = []
    for index in INDEXES:
        table = part_of(tables, index.part)
        if table is None or not table.is_table or not table.columns.issuperset(index.starts):
            continue
        if table.has_index(*index.starts) or any((index.part, index.columns) == (f.part, f.columns) for f in found):
            continue
        found.append(index)
    return found


def part_of(tables: BoardTables, part: Part) -> Table | None:
    return {"posts": tables.posts, "threads": tables.threads, "images": tables.images}[part]
