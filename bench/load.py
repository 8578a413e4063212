"""Many requests at once, by wrk."""

import re
import subprocess
from pathlib import Path
from typing import Final

from msgspec import Struct

from tests.support.daemon import find_program

AT_ONCE: Final = 8
"""Connections, each of which asks again as soon as it is answered."""

_RATE: Final = re.compile(r"Requests/sec:\s+([0-9.]+)")
_HALF: Final = re.compile(r"^\s+50%\s+([0-9.]+)(us|ms|s)$", re.MULTILINE)
_SECONDS: Final = {"us": 1e-6, "ms": 1e-3, "s": 1.0}
_FAULTS: Final = re.compile(r"Socket errors:.*|Non-2xx or 3xx responses:.*")


class Load(Struct, frozen=True):
    """What a server did under load."""

    rate: float
    """Requests a second."""
    half: float
    """Seconds within which half of them were answered."""


def program() -> Path:
    """Raises MissingServer where wrk is not installed."""
    return find_program("wrk", "install Debian's package wrk")


def load(address: str, seconds: float, at_once: int = AT_ONCE) -> Load:
    """Asks for one address for so many seconds. Raises RuntimeError where anything but the answer came."""
    options = ["--threads", "1", "--connections", str(at_once), "--latency", "--timeout", "60s"]
    done = subprocess.run(
        [program(), *options, "--duration", f"{max(1, round(seconds))}s", address],
        capture_output=True,
        text=True,
        check=True,
    )
    if fault := _FAULTS.search(done.stdout):
        raise RuntimeError(f"{address}: {fault[0]}")
    rate, half = _RATE.search(done.stdout), _HALF.search(done.stdout)
    assert rate is not None and half is not None
    return Load(float(rate[1]), float(half[1]) * _SECONDS[half[2]])
