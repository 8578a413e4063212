"""Invented posts by the hundred thousand, as rows of the tables that Asagi makes.

What matters for searches is as in real archives: sizes of comments and threads, threads that grow side by side, few
names, files that are posted again, hours of New York. What they say does not matter and is nonsense.
"""

import base64
import random
from collections.abc import Iterable, Iterator
from datetime import datetime
from functools import lru_cache
from typing import Any, Final
from zoneinfo import ZoneInfo

import msgspec

from bench.words import ANONYMOUS, RARE_NAME, RARE_WORD, Voice, language

START: Final = 1_420_088_400  # 2015-01-01 00:00 in New York
SECONDS: Final = 6 * 365 * 86_400

_ONCE_IN: Final = 50_000
_LIVE_THREADS: Final = 150
_ZONE: Final = ZoneInfo("America/New_York")


class Share(msgspec.Struct, frozen=True):
    """A board and what part of the posts it has."""

    board: str
    part: float
    first: int
    """The number of its first post."""


SHARES: Final = (Share("g", 0.80, 40_000_000), Share("ck", 0.15, 6_000_000), Share("po", 0.05, 400_000))

Row = dict[str, Any]


class _Thread:
    """One that still grows."""

    def __init__(self, num: int, room: int) -> None:
        self.num = num
        self.room = room
        """Replies it takes yet."""


class BoardRows:
    """The posts of one board, oldest first, and afterwards its side tables."""

    def __init__(self, share: Share, count: int, seed: int) -> None:
        self.board = share.board
        self._count = count
        self._num = share.first
        self._random = random.Random(f"{seed} {share.board}")
        self._voice = Voice(language(seed), self._random)
        self._threads: dict[int, Row] = {}
        self._images: list[Row] = []
        self._live: list[_Thread] = []
        self._ghosts: dict[int, int] = {}

    def posts(self) -> Iterator[Row]:
        for place in range(self._count):
            time = START + (SECONDS * place + self._random.randrange(SECONDS)) // self._count
            yield self._post(place + 1, time)

    @property
    def threads(self) -> Iterable[Row]:
        """Filled while `posts` are taken."""
        return self._threads.values()

    @property
    def images(self) -> Iterable[Row]:
        """Filled while `posts` are taken."""
        return self._images

    def _post(self, doc_id: int, time: int) -> Row:
        chance = self._random.random
        stored = _new_york(time)
        ghost = bool(self._live) and chance() < 0.003
        subnum = 0
        if ghost:
            thread = self._random.choice(self._live)
            num = thread.num
            subnum = self._ghosts[num] = self._ghosts.get(num, 0) + 1
        else:
            num = self._num = self._num + (1 if chance() < 0.98 else self._random.randrange(2, 20))
            thread = self._thread(num)
        op = not ghost and thread.num == num
        deleted = chance() < 0.01
        row: Row = {
            "doc_id": doc_id,
            "media_id": 0,
            "poster_ip": 0,
            "num": num,
            "subnum": subnum,
            "thread_num": thread.num,
            "op": int(op),
            "timestamp": stored,
            "timestamp_expired": stored + 600 if deleted else 0,
            "deleted": int(deleted),
            "capcode": "N",
            "email": "sage" if chance() < 0.02 else None,
            "name": self._name(),
            "trip": self._voice.trip() if chance() < 0.03 else None,
            "title": " ".join(self._voice.words(self._random.randrange(1, 8))) if op and chance() < 0.8 else None,
            "comment": self._comment(thread.num, op=op),
            "exif": None,
        }
        if not ghost and (op or chance() < 0.32):
            row |= self._file(time)
        self._count_in(thread.num, row)
        return row

    def _thread(self, num: int) -> _Thread:
        """The thread that a post goes into: a new one, or one of those that were bumped of late."""
        live = self._live
        if not live or self._random.random() < 1 / 60:
            room = min(2_500, int(10 * self._random.paretovariate(1.0)))
            live.append(_Thread(num, room))
            if len(live) > _LIVE_THREADS:
                del live[0]
            return live[-1]
        place = len(live) - 1 - int(len(live) * self._random.random() ** 2)
        thread = live.pop(place)
        thread.room -= 1
        if thread.room > 0 or not live:
            live.append(thread)
        return thread

    def _name(self) -> str:
        if self._random.random() < 0.9:
            return ANONYMOUS
        return RARE_NAME if self._random.random() < 10 / _ONCE_IN else self._voice.name()

    def _comment(self, thread: int, *, op: bool) -> str:
        words = self._voice.words(min(330, max(1, int(self._random.lognormvariate(2.3, 0.95)))))
        if self._random.random() < 1 / _ONCE_IN:
            words.insert(self._random.randrange(len(words)), RARE_WORD)
        if len(words) > 20:
            words[len(words) // 2] += ".\n"
        quote = f">>{self._random.randrange(thread, self._num + 1)}\n" if not op and self._random.random() < 0.5 else ""
        return quote + " ".join(words)

    def _file(self, time: int) -> Row:
        """A new file, or one that was posted before, the older ones oftener."""
        name = f"{time}{self._random.randrange(1000):03}"
        if self._images and self._random.random() < 0.35:
            image = self._images[int(len(self._images) * self._random.random() ** 6)]
            image["total"] += 1
        else:
            image = {
                "media_id": len(self._images) + 1,
                "media_hash": base64.b64encode(self._random.randbytes(16)).decode(),
                "media": f"{name}.jpg",
                "preview_op": None,
                "preview_reply": f"{name}s.jpg",
                "total": 1,
                "banned": 0,
            }
            self._images.append(image)
        return {
            "media_id": image["media_id"],
            "preview_orig": f"{name}s.jpg",
            "preview_w": 125,
            "preview_h": 94,
            "media_filename": f"{'_'.join(self._voice.words(2))}.jpg",
            "media_w": self._random.randrange(200, 3000),
            "media_h": self._random.randrange(200, 3000),
            "media_size": self._random.randrange(10_000, 3_000_000),
            "media_hash": image["media_hash"],
            "media_orig": f"{name}.jpg",
        }

    def _count_in(self, thread: int, row: Row) -> None:
        time = row["timestamp"]
        counts = self._threads.get(thread)
        if counts is None:
            counts = dict.fromkeys(("nreplies", "nimages", "sticky", "locked"), 0) | {
                "thread_num": thread,
                "time_op": time,
                "time_ghost": None,
                "time_ghost_bump": None,
            }
            self._threads[thread] = counts
        counts["nreplies"] += 1
        counts["nimages"] += "media_hash" in row
        last = ("time_ghost", "time_ghost_bump") if row["subnum"] else ("time_last", "time_bump")
        counts |= dict.fromkeys((*last, "time_last_modified"), time)


@lru_cache(maxsize=8)
def _offset(hour: int) -> int:
    offset = datetime.fromtimestamp(hour * 3600, _ZONE).utcoffset()
    assert offset is not None
    return int(offset.total_seconds())


def _new_york(time: int) -> int:
    """The wall clock of New York as Asagi stores it."""
    return time + _offset(time // 3600)
