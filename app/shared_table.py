"""A table in memory that processes share which were forked from the one that made it.

It has a fixed size, and what was not used for longest gives way. Nobody waits for anybody: two processes that write
the same entry at once may spoil it, and a spoilt entry, whose checksum is wrong, is none.
"""

from __future__ import annotations

import mmap
import time
from collections.abc import Iterator
from struct import Struct
from typing import Final
from zlib import crc32

WAYS: Final = 8
"""Entries that a key may stand in."""

_HEAD: Final = Struct("<IQ")  # checksum of all that follows, and when the entry was last used


class SharedTable:
    """Values by key: bytes, keys of one length, values of one length. Keys must be digests."""

    def __init__(self, entries: int, key_size: int, value_size: int) -> None:
        """Room for so many `entries`. As each key has few places, hardly any gives way until half of them are used."""
        self._groups = -(-entries // WAYS)
        self._key_size = key_size
        self._size = _HEAD.size + key_size + value_size
        self._memory = mmap.mmap(-1, self._groups * WAYS * self._size)

    def get(self, key: bytes) -> bytes | None:
        """The value, None where there is none (any more)."""
        for _, _, found, value in self._group(key):
            if found == key:
                return value
        return None

    def put(self, key: bytes, value: bytes) -> None:
        """Replaces the key's own entry, else a free one, else that of the group which was not used for longest."""
        place = min(self._group(key), key=lambda entry: (entry[2] != key, entry[1]))[0]
        body = time.monotonic_ns().to_bytes(8, "little") + key + value
        self._memory[place : place + self._size] = crc32(body).to_bytes(4, "little") + body

    def _group(self, key: bytes) -> Iterator[tuple[int, int, bytes, bytes]]:
        """Of each entry that may be the key's: its place, when it was used (0: it is free), its key, its value."""
        start = int.from_bytes(key[:4], "little") % self._groups * WAYS * self._size
        for place in range(start, start + WAYS * self._size, self._size):
            entry = self._memory[place : place + self._size]
            checksum, used = _HEAD.unpack_from(entry)
            if used and checksum == crc32(entry[4:]):
                middle = _HEAD.size + self._key_size
                yield place, used, entry[_HEAD.size : middle], entry[middle:]
            else:
                yield place, 0, b"", b""
