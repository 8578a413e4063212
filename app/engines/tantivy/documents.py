"""From rows of a board to the documents of its index. Written for speed: an archive has a hundred million rows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final
from zlib import crc32

import msgspec
from msgspec import Struct
from tantivy import Document

from app.engines.tantivy.analysis import spaced
from app.engines.tantivy.schema import DAY, FACTS, KEPT, KEPT_FACT, SMALL_BITS, SUBNUMS, cells, day, fact
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
    words = (_words(visible[0]), *map(_words_once, visible[1:]))
    nums, subnums, stored = (columns[NUMBERS.index(name)] for name in ("num", "subnum", "timestamp"))
    walls, times = _Times(board.clock).of_all(nums, subnums, stored)
    digests = _digests(rows, visible[0])
    return list(map(_prepared, *columns, visible[-1], *words, walls, times, _where(nums, walls), digests))


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


def _normal(rows: Sequence[Sequence[Any]]) -> list[Sequence[Any]]:
    """The values by column, as numbers, none of them negative or too large, and texts.

    Nearly all of them are that already; a look at each would take as long as all the rest.
    """
    _, *columns = zip(*rows, strict=True)
    return [*map(_numbers, columns[: len(NUMBERS)]), *map(_texts, columns[len(NUMBERS) :])]


def _numbers(values: Sequence[Any]) -> Sequence[int]:
    if set(map(type, values)) == {int} and min(values) >= 0 and max(values) <= _LARGEST:
        return values
    return [value if value.__class__ is int and 0 <= value <= _LARGEST else _bounded(value) for value in values]


def _texts(values: Sequence[Any]) -> Sequence[str]:
    types = set(map(type, values))
    if types == {str}:
        return values
    if types <= {str, type(None)}:
        return [value or "" for value in values]
    return [value if value.__class__ is str else "" if value is None else text(value) or "" for value in values]


def _bounded(value: Any) -> int:
    return min(max(0, number(value)), _LARGEST)


def _visible(board: Board, columns: Sequence[Sequence[str]]) -> list[Sequence[str]]:
    """Comments, subjects, names, e-mails and file names as readers see them."""
    comments = board.settings.comments
    return [
        [searchable_comment(comment, comments) if comment else "" for comment in columns[_COMMENT]],
        columns[_TITLE],
        columns[_NAME],
        columns[_EMAIL],
        [unescape_once(filename) if filename else "" for filename in columns[_FILENAME]],
    ]


def _words(texts: Sequence[str]) -> list[str]:
    """The words of each text, as they stand in JSON."""
    return [_quoted(words) if '"' in words or "\\" in words else words for words in spaced(texts)]


def _words_once(texts: Sequence[str]) -> list[str]:
    """The same. Names are the same again and again, as are subjects where there are none."""
    each = list(dict.fromkeys(texts))
    known = dict(zip(each, _words(each), strict=True))
    return [known[text] for text in texts]


def _quoted(text: str) -> str:
    return _json(text).decode()[1:-1]


def _digests(rows: Sequence[Sequence[Any]], comments: Sequence[str]) -> list[int]:
    try:
        return [
            crc32(comment.encode("utf-8", "replace")) * _LOWER_HALF + crc32(_packed(row))
            for row, comment in zip(rows, comments, strict=True)
        ]
    except OverflowError:  # a column of a type of its own holds a number of more than 64 bits
        return _digests([tuple(map(_packable, row)) for row in rows], comments)


def _packable(value: Any) -> Any:
    return str(value) if value.__class__ is int and not -(2**63) <= value < 2**64 else value


def _where(nums: Sequence[int], walls: Sequence[int]) -> list[str]:
    """The facts about number and day of each post. Those that follow one another mostly have the same."""
    each = list(zip((num >> SMALL_BITS for num in nums), (wall // DAY for wall in walls), strict=True))
    known = {(cell, number): f"{cells(cell << SMALL_BITS)} {day(number * DAY)}" for cell, number in set(each)}
    return [known[one] for one in each]


class _Times:
    """What stored times mean. Clocks change on full hours, so that what is true of a second is true of its hour."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._switched = clock.switch_num is not None
        self._known: dict[tuple[int, bool, bool], tuple[int, int]] = {}

    def of_all(self, nums: Sequence[int], subnums: Sequence[int], stored: Sequence[int]) -> tuple[list[int], list[int]]:
        """The times on the board's wall, and the true times, of posts; none of them negative."""
        shift = self._shift_of_all(nums, stored)
        if shift is None:
            walls, times = [0] * len(stored), [0] * len(stored)
            odd: Iterable[int] = range(len(stored))
        else:
            walls, times = [moment + shift[0] for moment in stored], [moment + shift[1] for moment in stored]
            odd = (place for place, subnum in enumerate(subnums) if subnum)
        for place in odd:
            to_wall, to_true = self._shifts(nums[place], stored[place], ghost=subnums[place] > 0)
            walls[place] = max(0, stored[place] + to_wall)
            times[place] = max(0, stored[place] + to_true)
        return walls, times

    def _shift_of_all(self, nums: Sequence[int], stored: Sequence[int]) -> tuple[int, int] | None:
        """What is the same for all that are no ghost posts, mostly; None where it is not, as when clocks change."""
        if self._clock.is_new_york(min(nums)) != self._clock.is_new_york(max(nums)):
            return None
        hours = {moment // _HOUR for moment in stored}
        shifts = {self._shifts(nums[0], hour * _HOUR, ghost=False) for hour in hours}
        shift = shifts.pop()
        return None if shifts or min(stored) + min(shift) < 0 else shift

    def _shifts(self, num: int, stored: int, *, ghost: bool) -> tuple[int, int]:
        key = (stored // _HOUR, ghost, self._switched and self._clock.is_new_york(num))
        shifts = self._known.get(key)
        if shifts is None:
            shifts = self._known[key] = self._shifts_of(num, stored, ghost=ghost)
        return shifts

    def _shifts_of(self, num: int, stored: int, *, ghost: bool) -> tuple[int, int]:
        clock = self._clock
        time = clock.ghost_to_utc(stored) if ghost else clock.to_utc(stored, num)
        return clock.to_wall(stored, num, ghost=ghost) - stored, time - stored


def _prepared(
    num: int, subnum: int, thread_num: int, stored: int, media_w: int, media_h: int, media_size: int,
    spoiler: int, sticky: int, deleted: int,
    comment: str, title: str, name: str, email: str, stored_filename: str, media_hash: str, media_orig: str, trip: str,
    poster_hash: str, country: str, capcode: str, exif: str,
    filename: str, comment_: str, title_: str, name_: str, email_: str, filename_: str,
    wall: int, time: int, where: str, digest: int,
) -> Prepared:  # fmt: skip
    """Of `NUMBERS`, `TEXTS`, the file name as readers see it, the words of texts and what all rows have in common.

    The names are those of the schema; what says nothing is left out. Words and facts have no control characters, and
    signs that mean something in JSON are quoted, so that nothing else needs to be.
    """
    facts, more = where, ""
    if comment_:
        more = f',"text":"{comment_}"'
    if comment:
        more += f',"length":{len(comment)}'
    if title:
        facts += f" {fact('subject', title)}"
        more += f',"subject":"{title_}","subject_length":{len(title)}'
    if name:
        facts += _fact_of_many("username", name)
        more += f',"name":"{name_}"'
    if email:
        facts += _fact_of_many("email", email)
        more += f',"email":"{email_}"'
    if num == thread_num and not subnum:
        facts += " op"
    if media_hash or media_orig or filename:
        facts += " file"
        more += f',"width":{media_w},"height":{media_h},"size":{media_size}'
        if media_hash:
            facts += f" {fact('image', media_hash)}"
        if filename:
            facts += f" {fact('filename', filename)}"
            more += f',"filename":"{filename_}"'
        if extension := file_extension(media_orig or filename):
            facts += _fact_of_many("extension", extension)
        if spoiler:
            facts += " spoiler"
    if trip:
        facts += f" {fact('tripcode', trip)}"
    if poster_hash:
        facts += f" {fact('uid', poster_hash)}"
    if country:
        facts += _fact_of_many("country", fold(country.strip()))
    if capcode != "N" and (letter := capcode.strip() or "N") != "N":
        facts += f" capcode {fact('capcode', letter)}"
    if exif and "since4pass" in exif and (year := read_exif(exif).since4pass):
        facts += f" {fact('since4pass', str(year))}"
    if subnum:
        facts += " ghost"
    if sticky:
        facts += " sticky"
    if deleted:
        facts += " deleted"
    if '"' in facts or "\\" in facts:
        facts = _quoted(facts)
    place = num * SUBNUMS + subnum
    return Prepared(
        place,
        f'{{"facts":"{facts}","place":{place},"thread":{thread_num},"wall":{wall},"time":{time},"digest":{digest}{more}}}',
    )


@lru_cache(maxsize=10_000)
def _fact_of_many(key: str, value: str) -> str:
    """With the space before it, so that all of it is made once."""
    return f" {fact(key, value)}"
