"""Work in threads, for what must not be left half done."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, TypeVar

T = TypeVar("T")


async def apart(work: Callable[..., T], *arguments: Any, hurry: Callable[[], object] = lambda: None) -> T:
    """Work in a thread of its own. Who is to end meanwhile waits for its end: only one thread may use a writer.

    `hurry` is called then, to make it end sooner.
    """
    working = asyncio.ensure_future(asyncio.to_thread(work, *arguments))
    try:
        return await asyncio.shield(working)
    except asyncio.CancelledError:
        hurry()
        await asyncio.wait({working})
        working.exception()  # nobody is left to be told of it
        raise
