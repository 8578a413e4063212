"""What goes wrong again and again, told now and then."""

from __future__ import annotations

import logging
import time
from typing import Final

_TOLD_FOR: Final = 3600.0  # seconds
_MOST_TOLD: Final = 1000


class Complaints:
    """The log gets each complaint once an hour."""

    def __init__(self, log: logging.Logger) -> None:
        self._log = log
        self._told: dict[str, float] = {}

    def tell(self, complaint: str) -> None:
        now = time.monotonic()
        if now - self._told.get(complaint, -_TOLD_FOR) >= _TOLD_FOR:
            if len(self._told) >= _MOST_TOLD:
                self._told.clear()
            self._told[complaint] = now
            self._log.warning("%s", complaint)
