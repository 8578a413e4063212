"""FoolFuuka's JSON: names, order and types of its keys as its clients know them (FoolFuuka notes, section 2).

Numbers are strings, flags "0" or "1"; only times are numbers. Streaming clients rely on the order of the keys.
"""

from __future__ import annotations

from msgspec import UNSET, Struct, UnsetType, field


class FoolMedia(Struct, frozen=True):
    """A file. Clients take `media`, `media_filename`, `media_hash` and `media_orig` for text, never null."""

    media_id: str
    spoiler: str
    preview_orig: str | None
    media: str
    preview_op: str | None
    preview_reply: str | None
    preview_w: str
    preview_h: str
    media_filename: str
    media_w: str
    media_h: str
    media_size: str
    media_hash: str
    media_orig: str
    exif: str | None
    total: str
    banned: str
    media_status: str
    safe_media_hash: str
    remote_media_link: str | None
    media_link: str | None
    thumb_link: str | None
    media_filename_processed: str


class FoolBoard(Struct, frozen=True):
    name: str
    shortname: str


class FoolPost(Struct, frozen=True):
    """A post. The last four keys, which 4plebs added, are there only where the archive knows them."""

    doc_id: str
    num: str
    subnum: str
    thread_num: str
    op: str
    timestamp: int
    timestamp_expired: str
    capcode: str
    email: str | None
    name: str
    trip: str | None
    title: str | None
    comment: str | None
    poster_hash: str | None
    poster_country: str | None
    sticky: str
    locked: str
    deleted: str
    nreplies: str | None
    nimages: str | None
    fourchan_date: str
    comment_sanitized: str
    comment_processed: str
    formatted: str | bool
    title_processed: str | None
    name_processed: str
    email_processed: str | None
    trip_processed: str | None
    poster_hash_processed: str | None
    poster_country_name: str | bool | None
    poster_country_name_processed: str | None
    extra_data: list[str]
    exif: str | None
    media: FoolMedia | None
    board: FoolBoard
    unique_ips: str | UnsetType = UNSET
    since4pass: str | UnsetType = UNSET
    troll_country_code: str | UnsetType = UNSET
    troll_country_name: str | UnsetType = UNSET


class FoolThread(Struct, frozen=True):
    """A thread in `thread/` and `deleted/`, by its number. `op` comes first."""

    op: FoolPost | UnsetType
    posts: dict[str, FoolPost]


class FoolThreadPreview(Struct, frozen=True):
    """A thread in `index/`."""

    omitted: int
    images_omitted: int
    op: FoolPost
    posts: list[FoolPost] | UnsetType


class FoolFound(Struct, frozen=True):
    posts: list[FoolPost]


class FoolSearchMeta(Struct, frozen=True):
    total_found: int
    max_results: str
    """Text, as archives that set it answer: Chance takes nothing else."""
    search_title: str


class FoolSearch(Struct, frozen=True):
    found: FoolFound = field(name="0")
    meta: FoolSearchMeta


class FoolSite(Struct, frozen=True):
    url: str
    name: str
    title: str
    media_http: list[str]
    media_https: list[str]
    global_search_enabled: bool
    assets: list[str] | UnsetType = UNSET


class FoolArchive(Struct, frozen=True):
    """A board in `archives/`, `boards/` and `site/`."""

    name: str
    shortname: str
    board_url: str
    threads_per_page: str
    original_board_url: str
    thumbs_url: str
    images_url: str
    anonymous_default_name: str
    max_comment_characters_allowed: str
    max_comment_lines_allowed: str
    cooldown_new_comment: str
    transparent_spoiler: bool
    enable_flags: bool
    display_exif: bool
    enable_poster_hash: bool
    disable_ghost: bool
    is_nsfw: bool
    hide_thumbnails: bool
    search_enabled: bool
    board_hidden: bool
    archive_full_images: bool


class FoolBoards(Struct, frozen=True):
    """`archives/`, `boards/` and `site/`: boards by their numbers; a key is absent where there are none."""

    site: FoolSite
    archives: dict[str, FoolArchive] | UnsetType = UNSET
    boards: dict[str, FoolArchive] | UnsetType = UNSET


class FoolStatistics(Struct, frozen=True):
    enabled_statistics: list[dict[str, str]]


class FoolStatisticName(Struct, frozen=True):
    """`timestamp`: when it was made, absent where it is made for each request."""

    name: str
    timestamp: str | UnsetType = UNSET


class FoolStatistic(Struct, frozen=True):
    """One of `statistics/`. `data` is made of the shapes below."""

    statistic: FoolStatisticName
    data: object


class FoolMoment(Struct, frozen=True):
    """What was posted in five minutes, or on a day."""

    time: str
    posts: str
    images: str
    sage: str


class FoolActivity(Struct, frozen=True):
    board: list[FoolMoment]
    ghost: list[FoolMoment]
    karma: list[FoolMoment]
    """The last 365 days."""
    total: list[FoolMoment]


class FoolNames(Struct, frozen=True):
    """Who posted on a day."""

    time: str
    trips: str
    names: str
    anons: str


class FoolPopulation(Struct, frozen=True):
    year: list[FoolNames]
    total: list[FoolNames]


class FoolCountry(Struct, frozen=True):
    poster_country: str
    countries: str


class FoolRepost(Struct, frozen=True):
    media_id: str
    media_hash: str
    media: str | None
    preview_op: str | None
    preview_reply: str | None
    total: str
    banned: str


class FoolLargeThread(Struct, frozen=True):
    thread_num: str
    time_op: str
    nreplies: str
    nimages: str
    sticky: str
    locked: str
    title: str | None
    comment: str | None


class FoolPostCount(Struct, frozen=True):
    name: str
    trip: str
    postcount: str


class FoolNewUser(Struct, frozen=True):
    name: str
    trip: str
    firstseen: str
    postcount: str


class FoolRate(Struct, frozen=True):
    last_hour: str
    per_minute: str


class FoolPostRate(Struct, frozen=True):
    board: list[FoolRate]
    ghost: list[FoolRate]


class ListedArchive(Struct, frozen=True, kw_only=True):
    """An entry in a list of archives, as 4chan-X reads it: what is where, and by what scheme."""

    uid: int
    name: str
    domain: str
    http: bool
    https: bool
    software: str = "foolfuuka"
    boards: list[str]
    files: list[str]
    search: list[str]
    reports: bool = False
