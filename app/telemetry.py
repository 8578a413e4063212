"""Logging: one handler for everything Koiwai says, on standard error."""

from __future__ import annotations

import logging
import sys
from typing import Final

_FORMAT: Final = "%(asctime)s %(levelname)s %(name)s: %(message)s"


def set_up_logging() -> None:
    """Makes the loggers named koiwai and koiwai.* speak, once, unless the embedding program has taken them over."""
    logger = logging.getLogger("koiwai")
    if logger.handlers:
        return
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter(_FORMAT))
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
