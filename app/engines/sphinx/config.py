"""A configuration of Sphinx for a fresh index of an archive: on one host, or distributed over several.

Each board has the three indexes that FoolFuuka's boards have. `ancient` holds all rows up to one that stays the same,
`main` those behind it, `delta` the newest of these once more. Where they end is reckoned from the table alone, so that
nothing has to be written into the archive. A post that stands in two of them is found once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from msgspec import Struct

from app.db.sphinx_source import SESSION, SphinxSource
from app.engines.sphinx.charset import charset_table, ngram_chars
from app.engines.sphinx.naming import SHORTEST_PREFIX, WORDS, safe_name

PARTS: Final = ("ancient", "main", "delta")
_UINTS: Final = ("board", "num", "subnum", "tnum", "mid", "cap")
_BOOLS: Final = ("has_image", "is_internal", "is_spoiler", "is_deleted", "is_sticky", "is_op")
_STEP: Final = 10_000  # rows


class BoardPlan(Struct, frozen=True):
    """What is indexed of a board."""

    name: str
    source: SphinxSource
    ancient: int
    """The last key of `ancient`."""
    delta: int
    """Keys that `delta` goes back."""


class Place(Struct, frozen=True):
    """Where a server of the configuration is."""

    folder: str
    """An absolute path, for indexes, log and the number of the process."""
    listen: tuple[str, ...]
    """What searchd listens on, in its own words."""


def whole(
    kind: str, connection: Mapping[str, str], boards: Sequence[BoardPlan], place: Place, share: tuple[int, int] | None
) -> str:
    """For a host that holds all posts, or its share of them: the how manieth of how many, from 0.

    `kind` is the database's name in the settings, `connection` how Sphinx's indexer reaches it."""
    blocks = [
        _block(
            "source koiwai",
            [
                ("type", "mysql" if kind == "mysql" else "pgsql"),
                *connection.items(),
                *(("sql_query_pre", statement) for statement in SESSION[kind]),
                ("sql_range_step", str(_STEP)),
                *(("sql_attr_uint", name) for name in _UINTS),
                *(("sql_attr_bool", name) for name in _BOOLS),
                ("sql_attr_timestamp", "timestamp"),
            ],
        ),
        _words(),
    ]
    for board in boards:
        name, source, last = safe_name(board.name), board.source, board.ancient
        ranges = (source.ancient(last), source.after(last), source.newest_rows(last, board.delta))
        blocks.append(f"# /{board.name}/")
        for part, rows in zip(PARTS, ranges, strict=True):
            entries = [("sql_query", source.rows(share)), ("sql_query_range", rows)]
            blocks.append(_block(f"source {name}_{part} : koiwai", entries))
            path = f"{place.folder}/{name}_{part}"
            entries = [("type", "plain"), ("source", f"{name}_{part}"), ("path", path)]
            blocks.append(_block(f"index {name}_{part} : {WORDS}", entries))
    blocks.append(_block("indexer", [("mem_limit", "256M")]))
    return "\n\n".join([*blocks, _searchd(place)]) + "\n"


def front(boards: Iterable[str], place: Place, hosts: Sequence[str]) -> str:
    """For the host that is asked, and asks the others."""
    blocks = [_words()]
    for board in boards:
        for part in PARTS:
            name = f"{safe_name(board)}_{part}"
            agents = [("agent", f"{host}:{name}") for host in hosts]
            times = [("agent_connect_timeout", "1000"), ("agent_query_timeout", "10000")]
            blocks.append(_block(f"index {name}", [("type", "distributed"), *agents, *times]))
    return "\n\n".join([*blocks, _searchd(place)]) + "\n"


def value(text: str) -> str:
    """Text as a value of the file. ValueError for what cannot stand there."""
    if text != text.strip() or any(ord(c) < 0x20 for c in text) or text.endswith("\\") or "\\#" in text:
        raise ValueError("cannot stand in a configuration of Sphinx")
    return text.replace("#", r"\#")


def _words() -> str:
    return _block(
        f"index {WORDS}",
        [
            ("type", "template"),
            ("dict", "keywords"),
            ("min_word_len", "1"),
            ("min_prefix_len", str(SHORTEST_PREFIX)),
            ("ngram_len", "1"),
            ("ngram_chars", ngram_chars()),
            ("charset_table", charset_table()),
        ],
    )


def _searchd(place: Place) -> str:
    return _block(
        "searchd",
        [
            *(("listen", address) for address in place.listen),
            ("log", f"{place.folder}/searchd.log"),
            ("pid_file", f"{place.folder}/searchd.pid"),
            ("workers", "threads"),
            ("thread_stack", "1M"),
            ("max_packet_size", "32M"),
            ("seamless_rotate", "1"),
            # Only indexes that are written to need a log of what was written.
            ("binlog_path", ""),
        ],
    )


def _block(head: str, entries: Iterable[tuple[str, str]]) -> str:
    lines = (f"    {key} = {text}".rstrip() for key, text in entries)
    return "\n".join([head, "{", *lines, "}"])
