"""The table of what can be searched for. Forms, addresses, the API, the engines and the docs all follow it.

A new field is one row here. Its kind says how it is read and compared.
"""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import Final

from msgspec import Struct

from app.search.candidate import FILE_COLUMNS, Candidate
from app.search.choices import CAPCODE, DELETED, FILE, GHOST, SPOILER, STICKY, TYPE
from app.search.dates import WALL, DateKind
from app.search.kinds import (
    Bound,
    ChoiceKind,
    CountryKind,
    ExactKind,
    ExtensionKind,
    HashKind,
    Kind,
    NumberKind,
    TextKind,
    YearKind,
)
from app.search.words import Words


class Field(Struct, frozen=True):
    """One thing that can be asked of a post."""

    key: str
    """Its name in addresses."""
    label: str
    """Its name in forms."""
    kind: Kind
    columns: tuple[str, ...]
    """Of the board's table: what the kind compares."""
    sentence: str
    """How a search with it goes on, in words; `{}` stands for the value."""
    group: str
    """Under which heading a form has it."""
    hint: str = ""
    example: str = ""

    def matches(self, value: object, post: Candidate) -> bool:
        """Whether a post is as `value` asks. For `op` the post is the one that opened the thread."""
        return self.kind.matches(value, post, self.columns)

    def says(self, value: object) -> str:
        """The value in words, as part of a sentence."""
        if isinstance(self.kind, ChoiceKind):
            return self.kind.says(str(value))
        said = self.sentence.format(_spoken(self, value))
        return _ONE.sub(r"1 \1", said) if isinstance(value, Bound) else said


FIELDS: Final = (
    Field(
        "text",
        "Comment",
        TextKind(),
        ("comment",),
        "with {} in the comment",
        "Words",
        'all words; "words in a row", -not, one | other, begin*',
        "router",
    ),
    Field(
        "subject",
        "Subject",
        TextKind(),
        ("title",),
        "with {} in the subject",
        "Words",
        "words, as for comments",
        "general",
    ),
    Field(
        "op",
        "Thread about",
        TextKind(whole=False),
        ("title", "comment"),
        "in threads that were opened with {}",
        "Words",
        "replies in threads whose opening post has these words in its subject or comment",
        "keyboard",
    ),
    Field(
        "username",
        "Name",
        TextKind(),
        ("name",),
        "by {}",
        "Poster",
        "words of it, or =the whole name",
        "Anonymous",
    ),
    Field(
        "tripcode",
        "Tripcode",
        ExactKind(),
        ("trip",),
        "with the tripcode {}",
        "Poster",
        "exactly, with its !",
        "!Ep8pui8Vw2",
    ),
    Field(
        "email",
        "E-mail",
        TextKind(),
        ("email",),
        "with {} in the e-mail field",
        "Poster",
        "words of it, or =the whole",
        "sage",
    ),
    Field("uid", "Poster ID", ExactKind(), ("poster_hash",), "with the ID {}", "Poster", "exactly", "3bq+7xKd"),
    Field("country", "Country", CountryKind(), ("poster_country",), "from the country {}", "Poster", "its code", "NL"),
    Field("capcode", "Posted as", CAPCODE, ("capcode",), "", "Poster"),
    Field(
        "since4pass",
        "Pass since",
        YearKind(),
        ("exif",),
        "by a user with a pass since {}",
        "Poster",
        "a year",
        "2016",
    ),
    Field("file", "File", FILE, FILE_COLUMNS, "", "File"),
    Field("spoiler", "Spoiler", SPOILER, ("spoiler", *FILE_COLUMNS), "", "File"),
    Field(
        "filename",
        "File name",
        TextKind(),
        ("media_filename",),
        "with {} in the file name",
        "File",
        "words of the uploader's name for it",
        "wallpaper",
    ),
    Field(
        "extension",
        "Kind of file",
        ExtensionKind(),
        ("media_orig", "media_filename"),
        "with a {} file",
        "File",
        "the ending of its name",
        "webm",
    ),
    Field(
        "image",
        "Hash of the file",
        HashKind(),
        ("media_hash",),
        "with the file {}",
        "File",
        "MD5 in base64",
        "CdsWDPNH2-bTYx8Uhpv0Sg",
    ),
    Field(
        "width",
        "Width",
        NumberKind(of_file=True),
        ("media_w", *FILE_COLUMNS),
        "with a file {} pixels wide",
        "File",
        "pixels; >= and <= too",
        ">=1920",
    ),
    Field(
        "height",
        "Height",
        NumberKind(of_file=True),
        ("media_h", *FILE_COLUMNS),
        "with a file {} pixels high",
        "File",
        "pixels; >= and <= too",
        "<=600",
    ),
    Field(
        "size",
        "Size of the file",
        NumberKind(of_file=True, units=True),
        ("media_size", *FILE_COLUMNS),
        "with a file of {} bytes",
        "File",
        "bytes; >=, <=, K and M too",
        ">=2M",
    ),
    Field("type", "Kind of post", TYPE, ("num", "thread_num", "subnum"), "", "Post"),
    Field("sticky", "Sticky", STICKY, ("sticky",), "", "Post"),
    Field("deleted", "Deleted", DELETED, ("deleted",), "", "Post"),
    Field("ghost", "Ghost posts", GHOST, ("subnum",), "", "Post"),
    Field(
        "start",
        "From",
        DateKind("start"),
        (WALL,),
        "from {} on",
        "Post",
        "this day included, by the board's clock",
        "2021-03-04",
    ),
    Field("end", "To", DateKind("end"), (WALL,), "until {}", "Post", "this day, month or year included", "2021-04"),
    Field(
        "length",
        "Length of the comment",
        NumberKind(length=True),
        ("comment",),
        "with {} characters in the comment",
        "Post",
        "characters as stored; >= and <= too",
        ">=1000",
    ),
    Field(
        "subject_length",
        "Length of the subject",
        NumberKind(length=True),
        ("title",),
        "with {} characters in the subject",
        "Post",
        "characters; >= and <= too",
        ">=20",
    ),
    Field("num", "Post number", NumberKind(lowest=1), ("num",), "numbered {}", "Post", ">= and <= too", ">=5000000"),
    Field(
        "tnum",
        "Thread number",
        NumberKind(lowest=1, only_equal=True),
        ("thread_num",),
        "in thread {}",
        "Post",
        "only posts of this thread",
        "123",
    ),
)

_ONE: Final = re.compile(r"\b1 (pixel|byte|character)s\b")
_COUNTRY_CODE: Final = 2

BY_KEY: Final = MappingProxyType({field.key: field for field in FIELDS})


def _spoken(field: Field, value: object) -> str:
    if isinstance(value, Words):
        text = str(value)
        if value.whole is not None:
            return f"exactly “{value.whole}”"
        return text if text.startswith('"') and text.endswith('"') else f"“{text}”"
    text = field.kind.write(value)
    if isinstance(field.kind, CountryKind) and len(text) == _COUNTRY_CODE:
        text = text.upper()
    for sign, words in ((">=", "at least "), ("<=", "at most ")):
        text = text.replace(sign, words)
    return text if isinstance(field.kind, NumberKind | DateKind | YearKind | ExtensionKind) else f"“{text}”"
