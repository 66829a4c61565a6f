"""What tests of a program's own functions and aggregates share."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from eventflux import EventFluxManager

_TURNS = 100_000


@pytest.fixture
def manager() -> EventFluxManager:
    return EventFluxManager(plugins=False)


async def until(condition: Callable[[], object]) -> None:
    """Let the loop turn until ``condition()`` holds."""
    for _ in range(_TURNS):
        if condition():
            return
        await asyncio.sleep(0)
    raise AssertionError("it never came to hold")
