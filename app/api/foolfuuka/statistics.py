"""Statistics as FoolFuuka's plugin answers them (FoolFuuka notes, section 9): there are none yet."""

from __future__ import annotations

from quart import Response

from app.api.answering import answer
from app.api.foolfuuka.asking import given
from app.api.foolfuuka.errors import Unacceptable
from app.api.foolfuuka.shapes import FoolStatistics


async def statistics() -> Response:
    """Which there are; raises Unacceptable for one that is asked for by name."""
    if given("stat") is not None:
        raise Unacceptable("Statistic currently not available.")
    return answer(FoolStatistics([]))
