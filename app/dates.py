"""When a date is enough to say "unchanged": clients of FoolFuuka and 4chan know no ETag, only Last-Modified.

The newest time in a thread is a poor date: a post can be marked as deleted, or its comment rewritten, without it.
So the server remembers, all its processes together, what it last answered at an address. Where the answer has changed
and its date has not, the date becomes that of the moment when the change was noticed.

Some clients send the time of their own clock instead, of when they last asked. A post is stored a while after it was
made, so such a time says nothing unless it is later than the moment when the answer was first seen.
"""

from __future__ import annotations

import time
from hashlib import blake2b
from struct import Struct
from typing import Final

from app.shared_table import SharedTable

EXTENSION: Final = "koiwai.dates"
"""The key of the app's Dates in its `extensions`."""

ENTRIES: Final = 40_000
"""Room for addresses that were asked for lately: 2.6 MB, once for all processes."""

_KEY_BYTES, _BODY_BYTES = 12, 16
_ANSWERED: Final = Struct(f"<{_BODY_BYTES}sqq")  # what was answered, under which date, and when that was first seen
_ADDED_BY_CLIENTS: Final = 1
"""Seconds that some clients add to the date before they send it back."""
_MOST_AHEAD: Final = 60
"""Seconds that the date of a change may be ahead of the clock, where several came at once."""


class Dates:
    """The last answer at each address that was asked for lately. Processes share it that are forked from its maker."""

    def __init__(self) -> None:
        self._answered = SharedTable(ENTRIES, _KEY_BYTES, _ANSWERED.size)

    def settle(self, address: str, etag: str, modified: int, since: int | None) -> tuple[int, bool]:
        """The date to give an answer, and whether a client that asks for what is newer than `since` has this answer.

        `modified` is what the content says (all in Unix seconds). The first answer at an address is never known: what
        an earlier server said under the same date may have been another one.
        """
        key = blake2b(address.encode("utf-8", "replace"), digest_size=_KEY_BYTES).digest()
        body = blake2b(etag.encode(), digest_size=_BODY_BYTES).digest()
        now = int(time.time())
        stored = self._answered.get(key)
        before = None if stored is None else _ANSWERED.unpack(stored)
        has = False
        if before is not None and before[0] == body:
            _, date, seen = before
            if since is not None:
                has = date <= since <= date + _ADDED_BY_CLIENTS or since > max(date, seen)
        else:
            date, seen = modified, now
            if before is not None and modified <= before[1] + _ADDED_BY_CLIENTS:
                date = max(now, before[1] + _ADDED_BY_CLIENTS + 1)
                if date > now + _MOST_AHEAD:
                    # Processes that know different things for a while answer by turns. No date tells these apart.
                    self._answered.put(key, _ANSWERED.pack(b"", before[1], seen))
                    return now, False
        self._answered.put(key, _ANSWERED.pack(body, date, seen))
        return date, has
