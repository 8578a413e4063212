"""From rows of a board to the documents of its index. Written for speed: an archive has a hundred million rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final
from zlib import crc32

import msgspec
from msgspec import Struct
from tantivy import Document

from app.engines.tantivy.analysis import spaced
from app.engines.tantivy.schema import FACTS, KEPT, KEPT_FACT, SUBNUMS, cells, day, fact
from app.exif import read_exif
from app.model import PostId
from app.reading import number, text, unescape_once
from app.search.candidate import searchable_comment
from app.search.folding import fold
from app.search.kinds import file_extension

if TYPE_CHECKING:
    from app.board import Board
    from app.clock import Clock

NUMBERS: Final = (
    "num", "subnum", "thread_num", "timestamp", "media_w", "media_h", "media_size", "spoiler", "sticky", "deleted",
)  # fmt: skip
TEXTS: Final = (
    "comment", "title", "name", "email", "media_filename", "media_hash", "media_orig", "trip", "poster_hash",
    "poster_country", "capcode", "exif",
)  # fmt: skip
"""What is read of a row, in this order, behind its place: numbers and flags, then texts."""

_COMMENT, _TITLE, _NAME, _EMAIL, _FILENAME = (
    len(NUMBERS) + TEXTS.index(column) for column in ("comment", "title", "name", "email", "media_filename")
)
_LOWER_HALF: Final = 2**32
_HOUR: Final = 3_600
_LATEST: Final = 2**32 - 1
_LARGEST: Final = 2**32 - 1
"""Larger numbers than columns of Asagi can hold count as this one, as negative ones do as 0: SQLite checks nothing."""
_packed = msgspec.msgpack.Encoder(decimal_format="string").encode
_json = msgspec.json.Encoder().encode


class Prepared(Struct, frozen=True, array_like=True, gc=False):
    """A post on its way into an index."""

    place: int
    """Number and ghost number, as the field `place` has them."""
    document: str
    """All fields of the post's document, as JSON: tantivy takes that in half the time that a call for each field takes,
    and another process can make it."""


class _Fields(Struct, frozen=True, omit_defaults=True, gc=False):
    """The fields of a document (`app.engines.tantivy.schema`), under their names; those left out are not indexed."""

    facts: str
    place: int
    thread: int
    wall: int
    time: int
    digest: int
    text: str = ""
    subject: str = ""
    name: str = ""
    email: str = ""
    filename: str = ""
    length: int = 0
    subject_length: int = 0
    width: int | None = None
    height: int | None = None
    size: int | None = None


def place_in(row: Sequence[Any]) -> PostId:
    num, subnum = row[1:3]
    if num.__class__ is int and subnum.__class__ is int and 0 <= num <= _LARGEST and 0 <= subnum <= _LARGEST:
        return PostId(num, subnum)
    return PostId(_bounded(num), _bounded(subnum))


def prepared(board: Board, rows: Sequence[Sequence[Any]]) -> list[Prepared]:
    """The document of each row, in order."""
    if not rows:
        return []
    columns = _normal(rows)
    visible = _visible(board, columns)
    words = zip(spaced(visible[0]), *map(_spaced_once, visible[1:]), strict=True)
    digests = _digests(rows, visible[0])
    times = _Times(board.clock)
    return [
        _prepared(times, *each)
        for each in zip(zip(*columns, strict=True), zip(*visible, strict=True), words, digests, strict=True)
    ]


def digests_of(board: Board, rows: Sequence[Sequence[Any]]) -> list[int]:
    """What the documents of rows have in the field `digest`: another number for every other content."""
    if not rows:
        return []
    return _digests(rows, _visible(board, _normal(rows))[0])


def digests_with(comment: str) -> tuple[int, int]:
    """The lowest and the highest digest of rows with this visible comment."""
    lowest = crc32(comment.encode("utf-8", "replace")) * _LOWER_HALF
    return lowest, lowest + _LOWER_HALF - 1


def kept_document(kept: str) -> Document:
    """The one document that is no post."""
    document = Document()
    document.add_text(KEPT, kept)
    document.add_text(FACTS, KEPT_FACT)
    return document


def _normal(rows: Sequence[Sequence[Any]]) -> list[list[Any]]:
    """The values by column, as numbers, none of them negative or too large, and texts.

    Nearly all of them are that already; a call for each would take as long as all the rest.
    """
    _, *columns = zip(*rows, strict=True)
    return [
        *(
            [value if value.__class__ is int and 0 <= value <= _LARGEST else _bounded(value) for value in values]
            for values in columns[: len(NUMBERS)]
        ),
        *(
            [value if value.__class__ is str else "" if value is None else text(value) or "" for value in values]
            for values in columns[len(NUMBERS) :]
        ),
    ]


def _bounded(value: Any) -> int:
    return min(max(0, number(value)), _LARGEST)


def _visible(board: Board, columns: Sequence[Sequence[str]]) -> list[list[str]]:
    """Comments, subjects, names, e-mails and file names as readers see them."""
    comments = board.settings.comments
    return [
        [searchable_comment(comment, comments) if comment else "" for comment in columns[_COMMENT]],
        list(columns[_TITLE]),
        list(columns[_NAME]),
        list(columns[_EMAIL]),
        [unescape_once(filename) if filename else "" for filename in columns[_FILENAME]],
    ]


def _spaced_once(texts: Sequence[str]) -> list[str]:
    """The words of each text. Names are the same again and again, as are subjects where there are none."""
    each = list(dict.fromkeys(texts))
    known = dict(zip(each, spaced(each), strict=True))
    return [known[text] for text in texts]


def _digests(rows: Sequence[Sequence[Any]], comments: Sequence[str]) -> list[int]:
    return [
        crc32(comment.encode("utf-8", "replace")) * _LOWER_HALF + crc32(_packed(row))
        for row, comment in zip(rows, comments, strict=True)
    ]


class _Times:
    """What stored times mean. Clocks change on full hours, so that what is true of a second is true of its hour."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._switched = clock.switch_num is not None
        self._shifts: dict[int, tuple[int, int]] = {}

    def of(self, stored: int, num: int, ghost: bool) -> tuple[int, int]:
        """The time on the board's wall, and the true time; neither of them negative."""
        key = (stored // _HOUR * 2 + ghost) * 2 + (self._switched and self._clock.is_new_york(num))
        shifts = self._shifts.get(key)
        if shifts is None:
            clock = self._clock
            wall = clock.to_wall(stored, num, ghost=ghost)
            time = clock.ghost_to_utc(stored) if ghost else clock.to_utc(stored, num)
            if stored > _LATEST:  # no time at all
                return max(0, wall), max(0, time)
            shifts = self._shifts[key] = (wall - stored, time - stored)
        return max(0, stored + shifts[0]), max(0, stored + shifts[1])


def _prepared(times: _Times, row: Sequence[Any], visible: Sequence[str], words: Sequence[str], digest: int) -> Prepared:
    (
        num, subnum, thread_num, stored, media_w, media_h, media_size, spoiler, sticky, deleted,
        comment, title, name, email, _, media_hash, media_orig, trip, poster_hash, country, capcode, exif,
    ) = row  # fmt: skip
    filename, ghost = visible[4], subnum > 0
    wall, time = times.of(stored, num, ghost)
    facts = [cells(num), day(wall)]
    width = height = size = None
    if title:
        facts.append(fact("subject", title))
    if name:
        facts.append(fact("username", name))
    if email:
        facts.append(fact("email", email))
    if num == thread_num and not ghost:
        facts.append("op")
    if media_hash or media_orig or filename:
        facts.append("file")
        width, height, size = media_w, media_h, media_size
        if media_hash:
            facts.append(fact("image", media_hash))
        if filename:
            facts.append(fact("filename", filename))
        if extension := file_extension(media_orig or filename):
            facts.append(fact("extension", extension))
        if spoiler:
            facts.append("spoiler")
    if trip:
        facts.append(fact("tripcode", trip))
    if poster_hash:
        facts.append(fact("uid", poster_hash))
    if country:
        facts.append(fact("country", fold(country.strip())))
    if capcode != "N" and (letter := capcode.strip() or "N") != "N":
        facts += ("capcode", fact("capcode", letter))
    if exif and "since4pass" in exif and (year := read_exif(exif).since4pass):
        facts.append(fact("since4pass", str(year)))
    if ghost:
        facts.append("ghost")
    if sticky:
        facts.append("sticky")
    if deleted:
        facts.append("deleted")
    place = num * SUBNUMS + subnum
    text_, subject, name_, email_, filename_ = words
    fields = _Fields(
        " ".join(facts), place, thread_num, wall, time, digest, text_, subject, name_, email_, filename_,
        len(comment), len(title), width, height, size,
    )  # fmt: skip
    return Prepared(place, _json(fields).decode())
