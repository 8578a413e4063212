"""What a reader must show of the invented archive, worked out from the invention and the writer's conventions.

Nothing here asks the code that reads archives; stored rows are looked at only to see which of several posts
with the same picture arrived first.
"""

import html
import re
from typing import Any

from app.demo.model import DemoBoard, DemoPost
from app.demo.rows import Pictures, new_york, post_rows
from app.demo.writers import Writer

_SERVER_NAME = re.compile(r"[0-9]{13,16}s?\.[a-z]{3,4}")
_QUOTE = re.compile(r">>(?:>/(\w+)/)?([0-9]+)(?:,([0-9]+))?(?![0-9])")
_CODE = re.compile(r"\[code\].*?(\[/code\]|$)", re.DOTALL | re.IGNORECASE)
_LARGEST = 2**31 - 1

REPEATED_HOURS = ((1636261200, 1636268400), (1667710800, 1667718000), (1699160400, 1699167600))
"""UTC: each two hours of an autumn night for which New York's clocks show the same hour (2021, 2022, 2023)."""

COUNTRY_NAMES = {"DE": "Germany", "BR": "Brazil", "US": "United States", "JP": "Japan", "FI": "Finland",
                 "NZ": "New Zealand", "XX": "Unknown"}  # fmt: skip


class Expected:
    """One board as it must be shown when `writer` has stored it."""

    def __init__(self, writer: Writer, board: DemoBoard, pictures: Pictures) -> None:
        self.writer = writer
        self.board = board
        self.kept = {self.id(post): post for post in writer.posts(board)}
        self._pictures = pictures
        self._first_image: dict[str, str] = {}
        self._first_thumb: dict[tuple[str, bool], str] = {}
        rows, _ = post_rows(writer, board, pictures)
        for row in sorted(rows, key=lambda row: int(row["doc_id"])):
            post = self.kept[_id(row["num"], row["subnum"])]
            if post.picture is not None:
                self._first_image.setdefault(post.picture.key, post.picture.server_name)
                self._first_thumb.setdefault((post.picture.key, post.op), post.picture.thumb_name)

    @staticmethod
    def id(post: DemoPost) -> str:
        return _id(post.num, post.subnum)

    def threads(self) -> dict[int, list[DemoPost]]:
        found: dict[int, list[DemoPost]] = {}
        for post in self.kept.values():
            found.setdefault(post.thread_num, []).append(post)
        return found

    def listed(self) -> set[int]:
        """Threads that the lists hold: without a table of threads, all there are."""
        return set(self.threads()) - (self.board.unlisted if "_threads" in self.writer.suffixes else set())

    def post(self, post: DemoPost) -> dict[str, Any]:
        """The post's values in the API, `time` included, without comment and file."""
        nameless, ghost = self.writer.html, post.subnum > 0
        return {
            "board": self.board.name,
            "num": post.num,
            "subnum": post.subnum,
            "thread_num": post.thread_num,
            "op": post.op,
            "time": post.utc,
            "expired": (post.expired_utc or None) if self.writer.notes_expiry else None,
            "name": None if nameless else post.name or None,
            "trip": post.trip or None,
            "subject": None if nameless else post.subject or None,
            "email": (post.email or None) if ghost or self.writer.emails else None,
            "capcode": None if post.capcode == "N" else post.capcode,
            "poster_hash": post.poster_hash or None,
            "country": self._country(post.country),
            "deleted": post.deleted,
            "sticky": post.sticky,
            "locked": post.locked and self.writer.locked_column,
            "ghost": ghost,
        }

    def _country(self, code: str | None) -> str | None:
        if self.writer.country_names:
            return COUNTRY_NAMES.get(code or "", code)
        return None if code == "XX" and not self.writer.unknown_country else code

    def media(self, post: DemoPost) -> dict[str, Any] | None:
        """The post's file in the API; addresses as bare file names."""
        picture = post.picture
        if picture is None:
            return None
        drawn = self._pictures[picture.key]
        banned = picture.banned and "_images" in self.writer.suffixes
        image, thumb = picture.server_name, picture.thumb_name
        if self.writer.dedup:
            image = self._first_image[picture.key]
            thumb = self._first_thumb[picture.key, post.op]
        return {
            "hash": picture.stored_hash or drawn.md5,
            "filename": None if self.writer.html else self._filename(picture.filename),
            "image": None if banned else _usable(image),
            "thumb": None if banned else _usable(thumb),
            "original": _usable(picture.server_name),
            "width": picture.width,
            "height": picture.height,
            "size": len(drawn.data),
            "thumb_width": picture.thumb_width,
            "thumb_height": picture.thumb_height,
            "spoiler": post.spoiler,
            "banned": banned,
        }

    def _filename(self, name: str) -> str:
        """Nothing tells which writers escaped, so a name that held an entity itself loses it where they did not."""
        return name if self.writer.escaped_filename else html.unescape(name)

    def quotes(self, post: DemoPost) -> list[tuple[str | None, int, int]]:
        """(board or None, num, subnum) of what the comment quotes, each once, in order."""
        found: dict[tuple[str | None, int, int], None] = {}
        for board, num, subnum in _QUOTE.findall(_CODE.sub("", post.comment or "")):
            if 1 <= int(num) <= _LARGEST:
                found[board or None, int(num), int(subnum or 0)] = None
        return list(found)

    def backlinks(self, post: DemoPost) -> list[str]:
        """Posts of the same thread, in order, whose comments quote this one."""
        return [
            self.id(other)
            for other in self.threads()[post.thread_num]
            if other is not post and (None, post.num, post.subnum) in self.quotes(other)
        ]

    def bump(self, num: int) -> DemoPost:
        """The post that decides a thread's place in the list, by what the writer knows of sage."""
        live = [post for post in self.threads()[num] if not post.subnum]
        bumping = [post for post in live if not (self.writer.emails and post.email == "sage")]
        return max(bumping or live, key=lambda post: (self.stored(post), post.num))

    def ghost_bump(self, num: int) -> DemoPost | None:
        ghosts = [post for post in self.threads()[num] if post.subnum]
        # Without a table of threads nobody has noted which ghost posts bumped.
        bumping = [p for p in ghosts if p.email != "sage" or "_threads" not in self.writer.suffixes]
        return max(bumping, key=lambda post: post.utc, default=None)

    def stored(self, post: DemoPost) -> int:
        """The time as the writer has stored it, which is what lists are sorted by."""
        switch = self.writer.switch_num(self.board)
        if post.subnum:
            return new_york(post.utc)
        utc = self.writer.clock == "utc" or (switch is not None and post.num < switch)
        return post.utc if utc else new_york(post.utc)


def in_repeated_hour(utc: int) -> bool:
    return any(start <= utc < end for start, end in REPEATED_HOURS)


def _id(num: int, subnum: int) -> str:
    return f"{num}_{subnum}" if subnum else str(num)


def _usable(name: str) -> str | None:
    return name if _SERVER_NAME.fullmatch(name) else None
