"""Waiting for what others do on the loop, or on threads, and tell nobody."""

from __future__ import annotations

import asyncio
from collections.abc import Callable


async def until(condition: Callable[[], object], seconds: float | None = 5) -> None:
    """Let the loop turn until ``condition()`` holds; fail after some seconds, if any are given."""
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110  there is no event: it is somebody else's state
            await asyncio.sleep(0.0002)
