"""4chan's JSON: names, order and types of its keys as its clients know them (FoolFuuka notes, section 8).

Flags are 1 or absent, and so is whatever else a post has not. Texts are HTML, escaped as 4chan does.
"""

from __future__ import annotations

from typing import TypedDict

from msgspec import UNSET, Struct, UnsetType


class FileKeys(TypedDict, total=False):
    """What a post tells of its file; all but `md5` and `spoiler`, or `filedeleted` alone."""

    filename: str
    ext: str
    w: int
    h: int
    tn_w: int
    tn_h: int
    tim: int | str
    md5: str
    fsize: int
    spoiler: int
    filedeleted: int


class FourchanPost(Struct, frozen=True, kw_only=True):
    """A post. Those keys that only the first of a thread has stand at the end, but for the first two."""

    no: int
    sticky: int | UnsetType = UNSET
    closed: int | UnsetType = UNSET
    now: str
    name: str
    trip: str | UnsetType = UNSET
    id: str | UnsetType = UNSET
    capcode: str | UnsetType = UNSET
    country: str | UnsetType = UNSET
    country_name: str | UnsetType = UNSET
    board_flag: str | UnsetType = UNSET
    flag_name: str | UnsetType = UNSET
    sub: str | UnsetType = UNSET
    com: str | UnsetType = UNSET
    filename: str | UnsetType = UNSET
    ext: str | UnsetType = UNSET
    w: int | UnsetType = UNSET
    h: int | UnsetType = UNSET
    tn_w: int | UnsetType = UNSET
    tn_h: int | UnsetType = UNSET
    tim: int | str | UnsetType = UNSET
    time: int
    md5: str | UnsetType = UNSET
    fsize: int | UnsetType = UNSET
    resto: int
    filedeleted: int | UnsetType = UNSET
    spoiler: int | UnsetType = UNSET
    since4pass: int | UnsetType = UNSET
    tag: str | UnsetType = UNSET
    semantic_url: str | UnsetType = UNSET
    replies: int | UnsetType = UNSET
    images: int | UnsetType = UNSET
    unique_ips: int | UnsetType = UNSET
    archived: int | UnsetType = UNSET
    archived_on: int | UnsetType = UNSET
    omitted_posts: int | UnsetType = UNSET
    omitted_images: int | UnsetType = UNSET
    last_replies: list[FourchanPost] | UnsetType = UNSET
    last_modified: int | UnsetType = UNSET


class FourchanThread(Struct, frozen=True):
    """A thread, whole or in an index page."""

    posts: list[FourchanPost]


class FourchanPage(Struct, frozen=True):
    """An index page."""

    threads: list[FourchanThread]


class FourchanCatalogPage(Struct, frozen=True):
    """The first posts of the threads on a page, with `last_replies`."""

    page: int
    threads: list[FourchanPost]


class FourchanListed(Struct, frozen=True):
    """A thread in `threads.json`."""

    no: int
    last_modified: int
    replies: int


class FourchanListedPage(Struct, frozen=True):
    page: int
    threads: list[FourchanListed]


class FourchanCooldowns(Struct, frozen=True):
    """Seconds between posts."""

    threads: int
    replies: int
    images: int


class FourchanBoard(Struct, frozen=True):
    """A board. What an archive cannot know of the live board is what is usual there."""

    board: str
    title: str
    ws_board: int
    pages: int
    meta_description: str
    per_page: int
    max_filesize: int = 4 * 1024 * 1024
    max_webm_filesize: int = 4 * 1024 * 1024
    max_comment_chars: int = 2000
    max_webm_duration: int = 120
    bump_limit: int = 310
    image_limit: int = 150
    cooldowns: FourchanCooldowns = FourchanCooldowns(600, 60, 60)
    is_archived: int = 1


class FourchanBoards(Struct, frozen=True):
    boards: list[FourchanBoard]
