"""What an index holds of a post. It keeps nothing that is shown: hits are read from the archive."""

from __future__ import annotations

from hashlib import blake2b
from pathlib import Path
from types import MappingProxyType
from typing import Final

import tantivy

from app.engines.tantivy.analysis import TOKENIZER
from app.model import LARGEST_NUMBER, PostId

FORMAT: Final = 1
"""Another one with every change of what is indexed: indexes of another format are made anew."""

WORDS: Final = MappingProxyType(
    {"comment": "text", "title": "subject", "name": "name", "email": "email", "media_filename": "filename"}
)
"""Columns of which the words are indexed, with the field for each."""

FACTS: Final = "facts"
"""Field of what is either so or not, with spaces between: `op capcode=M trip=!Ep8pui8Vw2`. What is usual has none."""
NUMBERS: Final = ("wall", "time", "length", "subject_length", "width", "height", "size", "digest")
"""Fields of numbers that are only compared."""

KEPT: Final = "kept"
"""Field of the one document that is no post: how far the index goes. It is written together with the posts."""
KEPT_FACT: Final = "kept"

SUBNUMS: Final = LARGEST_NUMBER + 1
"""By so much the field `place` rises from one number to the next."""
_LONGEST_FACT: Final = 40
SMALL_BITS: Final = 12
LARGE_BITS: Final = 16
"""Numbers of a cell, as powers of two."""
DAY: Final = 86_400


def schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    for field in WORDS.values():
        builder.add_text_field(field, tokenizer_name=TOKENIZER, index_option="position")
    builder.add_text_field(FACTS, tokenizer_name=TOKENIZER, index_option="basic")
    builder.add_text_field(KEPT, stored=True, tokenizer_name="raw", index_option="basic")
    for field in ("place", "thread"):
        builder.add_unsigned_field(field, indexed=True, fast=True)
    for field in NUMBERS:
        builder.add_unsigned_field(field, fast=True)
    return builder.build()


def create(folder: Path) -> tantivy.Index:
    """A new, empty index in an empty folder."""
    return tantivy.Index(schema(), str(folder), reuse=False)


def place_number(post_id: PostId) -> int:
    """Number and ghost number as one number of the field `place`, in the order of posts."""
    return post_id.num * SUBNUMS + post_id.subnum


def place_of(number: int) -> PostId:
    return PostId(*divmod(number, SUBNUMS))


def fact(key: str, value: str) -> str:
    """The fact of a whole value, letter case included; of one that is long or has spaces a digest stands for it."""
    if len(value) <= _LONGEST_FACT and " " not in value and value.isprintable():
        return f"{key}={value}"
    return f"{key}#{blake2b(value.encode('utf-8', 'replace'), digest_size=12).hexdigest()}"


def cells(num: int) -> str:
    """The facts of a post about its number (see `app.engines.tantivy.windows`): 4,096 of them, and 65,536, in a row."""
    return f"{small_cell(num)} {large_cell(num)}"


def day(wall: int) -> str:
    """The fact for the day, by the board's clock, to which a time belongs."""
    return f"3{wall // DAY:05x}"


def small_cell(num: int) -> str:
    """The fact for 4,096 numbers of posts in a row."""
    return f"2{num >> SMALL_BITS:05x}"


def large_cell(num: int) -> str:
    """The fact for 65,536 numbers of posts in a row: sixteen small cells, whose digits begin with its own."""
    return f"1{num >> LARGE_BITS:04x}"
