"""The searches that are measured: what people search for, and what costs a database most."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Final

from msgspec import Struct

from bench.filling import SEED
from bench.words import ABSENT_WORD, ANONYMOUS, RARE_NAME, RARE_WORD, language

BOARD: Final = "g"
"""The largest; searches go through it unless they say otherwise."""


class Case(Struct, frozen=True):
    """A search of a page of 25 posts."""

    name: str
    pairs: tuple[tuple[str, str], ...]
    """As in its address."""
    everywhere: bool = False
    """Through all boards."""
    second_page: bool = False
    """Whether it is the page after the first that is measured, found by its cursor."""


def cases(file: Path) -> list[Case]:
    """Searches in the archive that an SQLite file holds a copy of."""
    words, names = language(SEED).words, language(SEED).names
    common, other, uncommon = words[20], words[30], words[2_000]
    with closing(sqlite3.connect(file)) as connection:
        often, some, once = (_nearest(connection, "media_hash", f"{BOARD}_images", "total", n) for n in (9**9, 300, 1))
        trip, rare_trip = (_nearest(connection, "trip", _TRIPS, "n", n) for n in (9**9, 10))

    def case(name: str, everywhere: bool = False, second_page: bool = False, **fields: str) -> Case:
        return Case(name, tuple(fields.items()), everywhere, second_page)

    return [
        case("common word", text=common),
        case("common word, second page", text=common, second_page=True),
        case("common word, oldest first", text=common, order="asc"),
        case("word of 1 in 1,000 posts", text=uncommon),
        case("word of 1 in 50,000 posts", text=RARE_WORD),
        case("absent word", text=ABSENT_WORD),
        case("two common words", text=f"{common} {other}"),
        case("phrase of two common words", text=f'"{common} {other}"'),
        case("common word, none of another", text=f"{common} -{other}"),
        case("begin of a word", text=f"{uncommon[:4]}*"),
        case("rare word in subjects", subject=uncommon),
        case("=Anonymous", username=f"={ANONYMOUS}"),
        case("=common name", username=f"={names[0]}"),
        case("=rare name", username=f"={RARE_NAME}"),
        case("word of a rare name", username=RARE_NAME.split()[1]),
        case("common tripcode", tripcode=trip),
        case("rare tripcode", tripcode=rare_trip),
        case("file posted most often", image=often),
        case("file posted 300 times", image=some),
        case("file posted once", image=once),
        case("one week in the middle", start=_MONDAY, end=_SUNDAY),
        case("one week and a common word", text=common, start=_MONDAY, end=_SUNDAY),
        case("one week and an absent word", text=ABSENT_WORD, start=_MONDAY, end=_SUNDAY),
        case("a year in the middle and a rare word", text=RARE_WORD, start="2018", end="2018"),
        case("threads about a common word", op=common),
        case("threads about a rare word", op=uncommon),
        case("threads about a rare word, common word", op=uncommon, text=common),
        case("threads about an absent word", op=ABSENT_WORD),
        case("results by thread, common word", text=common, results="thread"),
        case("results by thread, rare word", text=RARE_WORD, results="thread"),
        case("results by thread, page 2", text=common, results="thread", second_page=True),
        case("opening posts with a common word", type="op", text=common),
        case("opening posts with an absent word", type="op", text=ABSENT_WORD),
        case("only ghost posts", ghost="only"),
        case("only ghost posts, common word", ghost="only", text=common),
        case("deleted", deleted="deleted"),
        case("deleted, rare word", deleted="deleted", text=RARE_WORD),
        case("long comments", length=">=1500"),
        case("all boards, common word", everywhere=True, text=common),
        case("all boards, common word, page 2", everywhere=True, text=common, second_page=True),
        case("all boards, rare word", everywhere=True, text=RARE_WORD),
        case("all boards, absent word", everywhere=True, text=ABSENT_WORD),
        case("all boards, one week in the middle", everywhere=True, start=_MONDAY, end=_SUNDAY),
        case("all boards, rare name", everywhere=True, username=f"={RARE_NAME}"),
        case("all boards, file posted 300 times", everywhere=True, image=some),
    ]


def indexed_cases(file: Path) -> list[Case]:
    """Searches in an index: what readers ask most, and what costs it most."""
    words = language(SEED).words
    commonest, common, other, uncommon = words[0], words[20], words[30], words[2_000]
    with closing(sqlite3.connect(file)) as connection:
        some = _nearest(connection, "media_hash", f"{BOARD}_images", "total", 300)

    def case(name: str, **fields: str) -> Case:
        return Case(name, tuple(fields.items()))

    return [
        case("the commonest word", text=commonest),
        case("rare word", text=RARE_WORD),
        case("two words", text=f"{common} {other}"),
        case("phrase of the two commonest words", text=f'"{commonest} {words[1]}"'),
        case("phrase of two common words", text=f'"{common} {other}"'),
        case("phrase of three common words", text=f'"{common} {other} {words[40]}"'),
        case("prefix", text=f"{uncommon[:4]}*"),
        case("prefix of one letter", text=f"{uncommon[0]}*"),
        case("word + image + date", text=commonest, image=some, start="2016", end="2019"),
        case("word + one week", text=commonest, start=_MONDAY, end=_SUNDAY),
        case("OP facet, common word", op=common),
        case("OP facet, uncommon word", op=uncommon),
        case("exact total: word of 1 in 1,000 posts", text=uncommon),
        case("exact total: word of deleted posts", text=common, deleted="deleted"),
        case("=Anonymous", username=f"={ANONYMOUS}"),
        case("none of a word", text=f"-{commonest}"),
        case("by thread, commonest word", text=commonest, results="thread"),
        case("oldest first, commonest word", text=commonest, order="asc"),
        case("absent word", text=ABSENT_WORD),
    ]


_MONDAY: Final = "2018-01-01"
_SUNDAY: Final = "2018-01-07"
_TRIPS: Final = f'(SELECT trip, COUNT(*) AS n FROM "{BOARD}" WHERE trip IS NOT NULL GROUP BY trip)'


def _nearest(connection: sqlite3.Connection, wanted: str, table: str, column: str, number: int) -> str:
    """The value whose count comes nearest to a number."""
    ((found,),) = connection.execute(
        f"SELECT {wanted} FROM {table} ORDER BY ABS({column} - ?), {wanted} LIMIT 1", (number,)
    )
    return str(found)
