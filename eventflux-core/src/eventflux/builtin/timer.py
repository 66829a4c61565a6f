"""The ``timer`` source: a row now, and one again after each interval."""

from __future__ import annotations

import asyncio

from eventflux.builtin.options import TimerOptions
from eventflux.spi import (
    Positions,
    ReceiveLimits,
    Source,
    SourceBatch,
)


class TimerSource(Source):
    """Keeps to the grid of its start: a row that is taken late does not shift the next one,
    and intervals that nobody waited for give no rows."""

    def __init__(self, options: TimerOptions) -> None:
        self._interval = options.interval / 1000
        self._due = 0.0

    async def open(self, positions: Positions | None) -> None:
        self._due = asyncio.get_running_loop().time()

    async def receive(self, limits: ReceiveLimits) -> SourceBatch:
        loop = asyncio.get_running_loop()
        await asyncio.sleep(self._due - loop.time())
        missed = max(0, int((loop.time() - self._due) / self._interval))
        self._due += (missed + 1) * self._interval
        return SourceBatch([("tick",)])

    async def close(self) -> None:
        """Nothing is open."""
