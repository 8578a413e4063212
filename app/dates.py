"""When a date is enough to say "unchanged": clients of FoolFuuka and 4chan know no ETag, only Last-Modified.

The newest time in a thread is a poor date: a post can be marked as deleted, or its comment rewritten, without it.
So this process remembers what it last answered at an address. Where the answer has changed and its date has not, the
date becomes that of the moment when the change was noticed.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from hashlib import blake2b
from typing import Final

EXTENSION: Final = "koiwai.dates"
"""The key of the app's Dates in its `extensions`."""

MOST: Final = 20_000
"""Addresses remembered at once, about 5 MB of them."""

_KEY_BYTES: Final = 12
_ADDED_BY_CLIENTS: Final = 1
"""Seconds that some clients add to the date before they send it back."""


class Dates:
    """The last answer at each address that was asked for lately."""

    def __init__(self) -> None:
        self._answered: OrderedDict[bytes, tuple[str, int]] = OrderedDict()

    def settle(self, address: str, etag: str, modified: int) -> tuple[int, bool]:
        """The date to give an answer, and whether a client that has this date, or a later one, has this answer.

        `modified` is what the content says (Unix seconds). The first answer at an address is never known: what an
        earlier process said under the same date may have been another one.
        """
        key = blake2b(address.encode("utf-8", "replace"), digest_size=_KEY_BYTES).digest()
        before = self._answered.get(key)
        known = before is not None and before[0] == etag
        if before is None:
            date = modified
        elif known:
            date = before[1]
        elif modified > before[1] + _ADDED_BY_CLIENTS:
            date = modified
        else:
            date = max(int(time.time()), before[1] + _ADDED_BY_CLIENTS + 1)
        self._answered[key] = (etag, date)
        self._answered.move_to_end(key)
        if len(self._answered) > MOST:
            self._answered.popitem(last=False)
        return date, known
