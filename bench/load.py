"""Many requests at once, by wrk."""

import re
import subprocess
from collections.abc import Mapping
from typing import Final

from msgspec import Struct

from tests.support.daemon import find_program

AT_ONCE: Final = 8
"""Connections, each of which asks again as soon as it is answered."""

_ADVICE: Final = "install Debian's package wrk"
_RATE: Final = re.compile(r"Requests/sec:\s+([0-9.]+)")
_QUANTILE: Final = re.compile(r"^\s+(50|99)%\s+([0-9.]+)(us|ms|s)$", re.MULTILINE)
_SECONDS: Final = {"us": 1e-6, "ms": 1e-3, "s": 1.0}
_FAULTS: Final = re.compile(r"Socket errors:.*|Non-2xx or 3xx responses:.*")


class Load(Struct, frozen=True):
    """What a server did under load."""

    rate: float
    """Requests a second."""
    half: float
    """Seconds within which half of them were answered."""
    most: float
    """Seconds within which 99 of 100 were."""


def load(address: str, seconds: float, headers: Mapping[str, str] | None = None, at_once: int = AT_ONCE) -> Load:
    """Asks for one address for so many seconds. Raises RuntimeError where anything but the answer came."""
    told = [part for name, value in (headers or {}).items() for part in ("--header", f"{name}: {value}")]
    program = find_program("wrk", _ADVICE)
    command = [program, "--threads", "1", "--connections", str(at_once), "--latency", "--timeout", "60s"]
    done = subprocess.run(
        [*map(str, command), "--duration", f"{max(1, round(seconds))}s", *told, address],
        capture_output=True,
        text=True,
        check=True,
    )
    if fault := _FAULTS.search(done.stdout):
        raise RuntimeError(f"{address}: {fault[0]}")
    quantiles = {percent: float(value) * _SECONDS[unit] for percent, value, unit in _QUANTILE.findall(done.stdout)}
    rate = _RATE.search(done.stdout)
    assert rate is not None
    return Load(float(rate[1]), quantiles["50"], quantiles["99"])
