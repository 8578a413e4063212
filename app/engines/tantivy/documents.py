"""From rows of a board to the documents of its index. Written for speed: an archive has a hundred million rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final
from zlib import crc32

import msgspec
from tantivy import Document

from app.engines.tantivy.analysis import spaced
from app.engines.tantivy.schema import FACTS, KEPT, KEPT_FACT, WORDS, fact, large_cell, place_number, small_cell
from app.exif import read_exif
from app.model import PostId
from app.reading import flag, number, text, unescape_once
from app.search.candidate import searchable_comment
from app.search.folding import fold
from app.search.kinds import file_extension

if TYPE_CHECKING:
    from app.board import Board

COLUMNS: Final = (
    "num", "subnum", "thread_num", "timestamp", "comment", "title", "name", "email", "media_filename", "media_hash",
    "media_orig", "media_w", "media_h", "media_size", "spoiler", "trip", "poster_hash", "poster_country", "capcode",
    "exif", "sticky", "deleted",
)  # fmt: skip
"""What is read of a row, in this order, behind its place."""

_LOWER_HALF: Final = 2**32
_packed = msgspec.msgpack.Encoder(decimal_format="string").encode


def place_in(row: Sequence[Any]) -> PostId:
    return PostId(number(row[1]), number(row[2]))


def documents(board: Board, rows: Sequence[Sequence[Any]]) -> list[Document]:
    """A document for each row, in order."""
    if not rows:
        return []
    visible = [_texts(board, row) for row in rows]
    words = zip(*map(spaced, zip(*visible, strict=True)), strict=True)
    return [_document(board, *each) for each in zip(rows, visible, words, strict=True)]


def digest(board: Board, row: Sequence[Any]) -> int:
    """What the document of a row has in the field `digest`: another number for every other content."""
    return _digest(row, _texts(board, row)[0])


def digests_with(comment: str) -> tuple[int, int]:
    """The lowest and the highest digest of rows with this visible comment."""
    lowest = _crc(comment) * _LOWER_HALF
    return lowest, lowest + _LOWER_HALF - 1


def kept_document(kept: str) -> Document:
    """The one document that is no post."""
    document = Document()
    document.add_text(KEPT, kept)
    document.add_text(FACTS, KEPT_FACT)
    return document


def _texts(board: Board, row: Sequence[Any]) -> tuple[str, str, str, str, str]:
    """Comment, subject, name, e-mail and file name as readers see them."""
    _, _, _, _, _, comment, title, name, email, filename, *_ = row
    visible = text(comment) or ""
    return (
        searchable_comment(visible, board.settings.comments) if visible else "",
        text(title) or "",
        text(name) or "",
        text(email) or "",
        unescape_once(text(filename) or ""),
    )


def _digest(row: Sequence[Any], comment: str) -> int:
    return _crc(comment) * _LOWER_HALF + crc32(_packed(row))


def _crc(comment: str) -> int:
    return crc32(comment.encode("utf-8", "replace"))


def _document(board: Board, row: Sequence[Any], visible: Sequence[str], words: Sequence[str]) -> Document:
    (
        _, num, subnum, thread_num, stored, comment, title, _, _, _, media_hash, media_orig, media_w, media_h,
        media_size, spoiler, trip, poster_hash, country, capcode, exif, sticky, deleted,
    ) = row  # fmt: skip
    num, subnum, thread_num, stored = number(num), number(subnum), number(thread_num), number(stored)
    media_hash, media_orig, filename = text(media_hash), text(media_orig), visible[4]
    ghost, clock = subnum > 0, board.clock
    document = Document()
    add_text, add_number = document.add_text, document.add_unsigned
    for field, some in zip(WORDS.values(), words, strict=True):
        if some:
            add_text(field, some)

    add_number("place", place_number(PostId(num, subnum)))
    add_number("thread", max(0, thread_num))
    add_number("wall", max(0, clock.to_wall(stored, num, ghost=ghost)))
    add_number("time", max(0, clock.ghost_to_utc(stored) if ghost else clock.to_utc(stored, num)))
    add_number("digest", _digest(row, visible[0]))
    if comment:
        add_number("length", len(text(comment) or ""))
    if title:
        add_number("subject_length", len(text(title) or ""))

    facts = [small_cell(num), large_cell(num)]
    if visible[2]:
        facts.append(fact("username", visible[2]))
    if num == thread_num and not ghost:
        facts.append("op")
    if media_hash or media_orig or filename:
        facts.append("file")
        add_number("width", max(0, number(media_w)))
        add_number("height", max(0, number(media_h)))
        add_number("size", max(0, number(media_size)))
        if flag(spoiler):
            facts.append("spoiler")
        if media_hash:
            facts.append(fact("image", media_hash))
        if filename:
            facts.append(fact("filename", filename))
        if extension := file_extension(media_orig or filename):
            facts.append(fact("extension", extension))
    facts += _rare_facts(visible, text(trip), text(poster_hash), text(country), text(capcode), text(exif))
    if ghost:
        facts.append("ghost")
    if flag(sticky):
        facts.append("sticky")
    if flag(deleted):
        facts.append("deleted")
    for each in facts:
        add_text(FACTS, each)
    return document


def _rare_facts(
    visible: Sequence[str],
    trip: str | None,
    poster_hash: str | None,
    country: str | None,
    capcode: str | None,
    exif: str | None,
) -> list[str]:
    """What few posts have."""
    found = []
    for key, value in (("subject", visible[1]), ("email", visible[3]), ("tripcode", trip), ("uid", poster_hash)):
        if value:
            found.append(fact(key, value))
    if country:
        found.append(fact("country", fold(country.strip())))
    if capcode and (letter := capcode.strip() or "N") != "N":
        found += ["capcode", fact("capcode", letter)]
    if exif and "since4pass" in exif and (year := read_exif(exif).since4pass):
        found.append(fact("since4pass", str(year)))
    return found
