"""The writers of Asagi archives whose conventions the demo data can take.

A `Writer` only names its conventions; `rows.py` applies them. Sources are given per field by their section in
the Asagi schema notes.
"""

from collections.abc import Mapping
from typing import Final, Literal

import msgspec

from app.demo.model import DemoBoard, DemoPost

ALL_TABLES: Final = ("", "_threads", "_images", "_deleted", "_users", "_daily")


class Writer(msgspec.Struct, frozen=True, kw_only=True):
    """How one program stores posts."""

    name: str
    suffixes: tuple[str, ...] = ALL_TABLES
    """Tables it creates; some stay empty (section 1.8)."""
    clock: Literal["new_york", "utc", "switched"]
    """`switched`: UTC before `switch_num`, New York from it on (section 3.1)."""
    dedup: bool
    """Pictures are kept once per hash, under the first name seen; `media_id` leads to `_images` (5.2)."""
    escaped_filename: bool
    """`media_filename` is HTML-escaped (4.6)."""
    counts_op: bool
    """`nreplies` and `nimages` include the opening post (2.1)."""
    exif: Literal["asagi", "neofuuka", "ritual"] = "asagi"
    """Which keys the exif column uses (6.1)."""
    emails: bool = False
    """Emails are written, so that sage keeps a thread from being bumped (2.1, 6.3)."""
    ghosts: bool = True
    """FoolFuuka stood on top of the archive and wrote ghost posts (7)."""
    moderation: bool = False
    """Moderated posts are moved to `_deleted` (1.7)."""
    totals: bool = False
    """`_users` and `_daily` are filled (2.1)."""
    thread_flags: bool = False
    """`_threads` has sticky and locked as the site said (2.1)."""
    keeps_deleted_counted: bool = True
    """`nreplies` and `nimages` count vanished posts too (2.1)."""
    unknown_country: bool = True
    """The code XX is kept; False: NULL stands for it (6.3)."""
    country_names: bool = False
    """Countries are stored by English name, not by code (6.3)."""
    notes_expiry: bool = True
    """`timestamp_expired` is set when a post vanishes (3.4)."""
    expiry_modifies: bool = False
    """`time_last_modified` knows of expiries (2.1)."""
    empty_comment: str | None = None
    """What stands for "no comment" (4.1)."""
    html: bool = False
    """Comments are the site's HTML; name, title and media_filename are NULL (4.4)."""
    locked_column: bool = True
    """False: tables older than the column `locked` (1.8)."""
    loose: bool = False
    """No NOT NULL, one unique key, one index; some missing media texts are ''; file names cut short."""
    images_charset: str = "charset=utf8mb3"
    """Character set clause of `_images` on MySQL (1.3)."""

    def takes(self, board: DemoBoard) -> bool:
        """Whether this writer can store the board: HTML boards need an HTML writer and the reverse."""
        return board.html == self.html

    def posts(self, board: DemoBoard) -> tuple[DemoPost, ...]:
        """The posts of `board` that this writer's post table holds."""
        return board.posts if self.ghosts else tuple(post for post in board.posts if post.subnum == 0)

    def switch_num(self, board: DemoBoard) -> int | None:
        """The first number stored by the New York clock, for the clock `switched`; None for the others."""
        return board.posts[len(board.posts) // 2].num if self.clock == "switched" else None


_ASAGI: Final = Writer(
    name="asagi",
    clock="new_york",
    dedup=True,
    escaped_filename=True,
    counts_op=True,
    emails=True,
    moderation=True,
    totals=True,
    expiry_modifies=True,
    unknown_country=False,
)
_NEOFUUKA: Final = Writer(
    name="neofuuka",
    suffixes=("", "_threads", "_images", "_deleted"),
    clock="new_york",
    dedup=True,
    escaped_filename=True,
    counts_op=True,
    exif="neofuuka",
)
_RITUAL: Final = Writer(
    name="ritual",
    clock="utc",
    dedup=False,
    escaped_filename=False,
    counts_op=False,
    exif="ritual",
    ghosts=False,
    thread_flags=True,
    keeps_deleted_counted=False,
    notes_expiry=False,
    country_names=True,
    images_charset="charset=ascii collate=ascii_bin",
)
_VICHAN: Final = msgspec.structs.replace(_RITUAL, name="vichan", html=True)
_OLDASAGI: Final = Writer(
    name="oldasagi",
    suffixes=("", "_threads"),
    clock="new_york",
    dedup=False,
    escaped_filename=True,
    counts_op=True,
    emails=True,
    unknown_country=False,
    locked_column=False,
    loose=True,
)
_HAYDEN: Final = Writer(
    name="hayden",
    clock="switched",
    dedup=True,
    escaped_filename=True,
    counts_op=True,
    moderation=True,
    empty_comment="",
    images_charset="charset=utf8mb4 collate=utf8mb4_general_ci",
)
_BARE: Final = Writer(
    name="bare",
    suffixes=("",),
    clock="utc",
    dedup=False,
    escaped_filename=False,
    counts_op=False,
    exif="ritual",
)

WRITERS: Final[Mapping[str, Writer]] = {
    writer.name: writer for writer in (_ASAGI, _NEOFUUKA, _RITUAL, _VICHAN, _OLDASAGI, _HAYDEN, _BARE)
}
"""All writers by name."""
