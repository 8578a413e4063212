"""A board in numbers, wherever the numbers come from."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct


class Day(Struct, frozen=True, gc=False):
    """What was posted on one day. Ghost posts and posts that moderators removed are not counted."""

    day: int
    """Days since 1970-01-01; the day is one of the board's own clock (New York's, or UTC), as in `{board}_daily`."""
    posts: int
    images: int
    """Posts with a file."""
    sage: int
    """Posts that asked not to bump their thread."""
    names: int
    """Posts with a name, other than the board's name for the nameless, and without a tripcode."""
    trips: int
    """Posts with a tripcode."""
    anonymous: int
    """Posts with neither."""


class LargeThread(Struct, frozen=True, gc=False):
    """One of the longest threads."""

    num: int
    posts: int
    images: int
    created: int
    """True time (Unix seconds)."""
    subject: str
    """Its subject, else the beginning of its first comment, in plain words; "" where neither says anything."""


class RepostedImage(Struct, frozen=True, gc=False):
    """One of the files that were posted most often; banned ones are left out."""

    media_hash: str
    """Standard base64 MD5."""
    total: int
    num: int
    """A post that has the file, whose number leads to it; 0 where none is known."""
    subnum: int = 0


class Poster(Struct, frozen=True, gc=False):
    """Somebody who posts under a name or tripcode of their own. Who has a tripcode is known by that alone."""

    name: str
    trip: str
    posts: int
    first: int
    """True time of the first post (Unix seconds), 0 where it is not known."""
    last: int
    """True time of the last one; 0 where it is not known, as in `{board}_users`."""


class BoardStatistics(Struct, frozen=True):
    """Everything the statistics page, the front page and FoolFuuka's `statistics` say of a board.

    Lists have the largest first and are cut at a few hundred; they are empty where the source does not tell.
    """

    board: str
    source: Literal["computed", "tables", "sample"]
    """computed: by `koiwai stats`, of all posts; tables: from `{board}_daily` and `{board}_users`; sample: of the
    newest posts only."""
    made: int
    """When (Unix seconds)."""
    posts: int
    """How many posts the days are about."""
    since: int
    """True time of the earliest of them; 0 where there are none."""
    until: int
    """True time of the latest of them."""
    days: tuple[Day, ...] = ()
    """Oldest first. Days without posts may be left out."""
    countries: tuple[tuple[str, int], ...] = ()
    """Country as stored, and posts."""
    threads: tuple[LargeThread, ...] = ()
    images: tuple[RepostedImage, ...] = ()
    posters: tuple[Poster, ...] = ()
    sampled: tuple[Literal["countries", "threads", "images", "posters"], ...] = ()
    """The lists that are about the newest posts only."""


class Moment(Struct, frozen=True, gc=False):
    """What was posted within five minutes, ghost posts or others."""

    time: int
    """Its beginning (true Unix time)."""
    posts: int
    images: int
    sage: int


class Recent(Struct, frozen=True):
    """What was posted in the last 24 hours, as far as the newest few thousand posts tell; oldest first."""

    posts: tuple[Moment, ...]
    ghosts: tuple[Moment, ...]
    last_hour: int
    """Posts of the last 60 minutes."""
    last_hour_ghosts: int
